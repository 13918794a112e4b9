"""Two daemons on one database, and the same batches through both."""

import contextlib
import types

from faults import Beside, Fault, pause
from faults_peers import HARMLESS, submit, waiting
from daemons import Daemon
from stack import Port
from suara_wire import Line


class TwoDaemons(Fault):
    """A second daemon takes its share of the clients; and what waits in an outbox goes through both at
    once, in opposite order."""
    name, rows, holds = "two-daemons", (14,), (0.4, 1.0)

    def begin(self, world, rng):
        stack = world.stack
        self.ports = Port(), Port()
        address, http = (f"127.0.0.1:{port.number}" for port in self.ports)
        conf = world.folder / "second.conf"
        conf.write_text(stack.conf.read_text().replace(stack.env["SUARA_SERVER"], address)
                        .replace(stack.env["SUARA_HTTP"], http))
        self.second = Daemon(stack, "the second suarad", conf, stack.folder / "second.log")
        world.supervisor.add(self.second)
        world.proxy.set_targets(stack.port.number, self.ports[0].number)
        office = rng.choice(sorted(world.ledger.next_ms))
        ports = [stack.port, stack.port, self.ports[0], self.ports[0]]
        self.besides = [Beside(self._sender(world, office, port, order), HARMLESS)
                        for port, order in zip(ports, (1, -1, 1, -1))]

    @staticmethod
    def _sender(world, office, port, order):
        where = types.SimpleNamespace(port=port)

        def work(over):
            while not over.is_set():
                with contextlib.suppress(*HARMLESS), \
                        Line(where, world.stack.bundle("office", office), timeout=10) as line:
                    while not over.wait(0.02):
                        for batch in waiting(world, office)[::order]:
                            if order < 0:
                                responses = list(batch.response)[::-1]
                                del batch.response[:]
                                batch.response.extend(responses)
                            submit(line, batch)
                pause(0.05)
        return work

    def heal(self, world):
        world.proxy.set_targets(world.stack.port.number)
        for beside in self.besides:
            beside.end()
        world.supervisor.remove(self.second)


FAULTS = [TwoDaemons]
