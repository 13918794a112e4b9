"""Processes that are killed or stopped: daemon, clients, database."""

import os
import signal
import threading

from faults import Fault


class DaemonKilled(Fault):
    """At a moment that is drawn, and perhaps again when it is just back."""
    name, rows, holds = "daemon-kill", (1,), (0.0, 0.1)

    def begin(self, world, rng):
        world.daemon.send(signal.SIGKILL)
        if rng.random() < 0.3:
            threading.Event().wait(rng.uniform(0.5, 0.7))
            world.daemon.send(signal.SIGKILL)


class ClientKilled(Fault):
    """Several of them, one after the other."""
    name, rows, holds = "client-kill", (2,), (0.0, 0.1)

    def begin(self, world, rng):
        for _ in range(rng.randrange(1, 6)):
            threading.Event().wait(rng.uniform(0.0, 0.06))
            world.kill_client(rng)


class DatabaseKilled(Fault):
    """An immediate stop, kill -9 of the postmaster, or a fast restart."""
    name, rows, holds = "db-kill", (3,), (0.0, 0.4)

    def begin(self, world, rng):
        how = rng.choice((signal.SIGQUIT, signal.SIGKILL, signal.SIGINT))
        database = world.stack.db
        if database.running():
            os.kill(database.server.pid, how)
            database.server.wait(30)

    def heal(self, world):
        world.stack.db.start()


FAULTS = [DaemonKilled, ClientKilled, DatabaseKilled]
