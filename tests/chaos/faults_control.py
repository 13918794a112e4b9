"""What people do to a daemon at work: stops, reloads, bad configurations, new certificates."""

import signal
import subprocess

from faults import Fault, pause
from stack_ca import suara_ca


class Stopped(Fault):
    """SIGTERM under load, perhaps twice; it must end by itself, and well."""
    name, rows, holds = "daemon-stop", (20,), (0.0, 0.2)

    def begin(self, world, rng):
        process, again = world.daemon.process, rng.choice((None, rng.uniform(0.0, 0.1)))
        world.daemon.send(signal.SIGTERM)
        if again is not None:
            pause(again)
            if world.daemon.process is process:
                world.daemon.send(signal.SIGTERM)


class Reloads(Fault):
    """A storm of SIGHUP."""
    name, rows, holds = "reloads", (20,), (0.0, 0.1)

    def begin(self, world, rng):
        for _ in range(rng.randrange(10, 60)):
            world.daemon.send(signal.SIGHUP)
            pause(rng.uniform(0.0, 0.01))


class BadConfiguration(Fault):
    """A reload with a configuration that is wrong, or that is half a file: the old one stays."""
    name, rows, holds = "bad-conf", (20,), (0.0, 0.5)

    def begin(self, world, rng):
        good = world.stack.conf.read_text()
        if rng.random() < 0.5:
            world.stack.write_conf(ingest__batch_responsez="10")
        else:
            world.stack.conf.write_text(good[:rng.randrange(len(good))] + "\n[")
        world.daemon.send(signal.SIGHUP)

    def heal(self, world):
        world.stack.write_conf()
        world.daemon.send(signal.SIGHUP)


class Certificates(Fault):
    """The server's certificate is renewed, perhaps with a new key; or that of an office, which enrols
    with it while it is at work."""
    name, rows, holds = "certificates", (21,), (0.0, 0.2)

    def begin(self, world, rng):
        stack, self.calls = world.stack, {}
        for _ in range(rng.randrange(1, 3)):
            if rng.random() < 0.5:
                suara_ca(stack.ca, "renew", "server", *rng.choice(((), ("--new-key",))))
                world.daemon.send(signal.SIGHUP)
            else:
                office = rng.choice(sorted(world.ledger.next_ms))
                self._finish(office)
                suara_ca(stack.ca, "renew", "office", office)
                # Not waited for here: while another fault holds the daemon that would hold its end, too.
                self.calls[office] = subprocess.Popen(
                    ["suara", "enroll", stack.bundle("office", office), "--profile", office, "--replace"],
                    env=stack.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def _finish(self, office):
        call = self.calls.pop(office, None)
        if call:
            _, said = call.communicate(timeout=60)
            # 69: another fault keeps the daemon from confirming it; the profile is in place.
            assert call.returncode == 0 or (call.returncode == 69 and "is saved" in said), (office, said)

    def heal(self, world):
        for office in list(self.calls):
            self._finish(office)


FAULTS = [Stopped, Reloads, BadConfiguration, Certificates]
