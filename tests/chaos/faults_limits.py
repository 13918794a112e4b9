"""What the system gives the daemon runs out: memory, descriptors, and the true time."""

import os
import pathlib
import resource
import signal

from faults import Fault, pause

LIBRARY = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
YEAR = 365 * 86400
END_2038 = "@2038-01-19 03:14:05"    # two seconds before 32 bits are full


class Memory(Fault):
    """The address space of the daemon may not grow any more."""
    name, rows, holds = "memory", (18,), (0.2, 0.8)

    def possible(self, world):
        return not world.sanitized    # whose shadow is an address space of its own

    def begin(self, world, rng):
        self.pid, more = world.daemon.pid, rng.choice((0, 64 << 10, 1 << 20))
        try:
            with open(f"/proc/{self.pid}/statm", encoding="ascii") as statm:
                size = int(statm.read().split()[0]) * resource.getpagesize()
            resource.prlimit(self.pid, resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))
        except (OSError, IndexError):
            pass    # it has just died of something else

    def heal(self, world):
        lift(self.pid, resource.RLIMIT_AS)


class Descriptors(Fault):
    """Hardly a descriptor is left for the daemon."""
    name, rows, holds = "descriptors", (19,), (0.2, 0.8)

    def begin(self, world, rng):
        self.pid, more = world.daemon.pid, rng.randrange(4)
        try:
            used = max(int(name) for name in os.listdir(f"/proc/{self.pid}/fd")) + 1
            hard = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)[1]
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (used + more, hard))
        except (OSError, ValueError):
            pass

    def heal(self, world):
        lift(self.pid, resource.RLIMIT_NOFILE)


def lift(pid, what):
    try:
        hard = resource.prlimit(pid, what)[1]
        resource.prlimit(pid, what, (hard, hard))
    except OSError:
        pass


def at(when):
    """Environment of a process that sees another time; its monotonic clock stays the true one."""
    return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": when, "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Clock(Fault):
    holds = (1.0, 1.6)

    def possible(self, world):
        return LIBRARY is not None and not world.sanitized    # both want to be loaded first


class DaemonClock(Clock):
    """The daemon starts in another year, or minutes off; before its certificates, or after them, it
    lets nobody in."""
    name, rows = "daemon-clock", (13,)

    def begin(self, world, rng):
        world.daemon.env = at(rng.choice((f"-{10 * YEAR}", f"+{10 * YEAR}", END_2038, "-1200", "+1200")))
        world.daemon.send(signal.SIGKILL)

    def heal(self, world):
        world.daemon.env = {}
        world.daemon.send(signal.SIGKILL)


class DaemonClockSteps(Clock):
    """The daemon's clock is set back by an hour, or by years, and forward again, while it runs."""
    name, rows = "daemon-clock-step", (13,)

    def begin(self, world, rng):
        self.file = world.folder / "time"
        self.file.write_text("+0\n")
        env = at("+0")
        del env["FAKETIME"]
        world.daemon.env = {**env, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}
        world.daemon.send(signal.SIGTERM)
        pause(rng.uniform(0.6, 0.9))
        self.file.write_text(rng.choice(("-3600\n", f"-{10 * YEAR}\n", f"+{10 * YEAR}\n")))

    def heal(self, world):
        self.file.write_text("+0\n")
        world.daemon.env = {}
        world.daemon.send(signal.SIGTERM)


class ClientClock(Clock):
    """The clients live in another year, or minutes off."""
    name, rows, holds = "client-clock", (13,), (0.3, 1.0)

    def begin(self, world, rng):
        when = rng.choice((f"-{10 * YEAR}", f"+{10 * YEAR}", END_2038, "-1200", "+1200"))
        world.client_env["sync"] = at(when)
        if when[0] in "+@":    # before them, the responses would be of the future, and refused
            world.client_env["submit"] = at(when)

    def heal(self, world):
        world.client_env.update(sync={}, submit={})


FAULTS = [Memory, Descriptors, DaemonClock, DaemonClockSteps, ClientClock]
