"""Processes that are killed or stopped: daemon, clients, database."""

import contextlib
import os
import signal

import psycopg2

from faults import Fault, pause


class DaemonKilled(Fault):
    """kill -9 of the daemon, and perhaps again when it is just back."""
    name, rows, holds = "daemon-kill", (1,), (0.0, 0.1)

    def begin(self, world, rng):
        world.daemon.send(signal.SIGKILL)
        if rng.random() < 0.3:
            pause(rng.uniform(0.5, 0.7))
            world.daemon.send(signal.SIGKILL)


class DaemonHangs(Fault):
    """The daemon is stopped for a while, and goes on."""
    name, rows, holds = "daemon-hang", (22,), (0.1, 1.0)

    def begin(self, world, rng):
        world.daemon.send(signal.SIGSTOP)

    def heal(self, world):
        world.daemon.send(signal.SIGCONT)


class DaemonHangsForEver(DaemonHangs):
    """The daemon is stopped, and killed, as the watchdog does it."""
    name, rows = "daemon-watchdog", (1, 22)

    def heal(self, world):
        world.daemon.send(signal.SIGKILL)


class ClientKilled(Fault):
    """kill -9 of several clients, one after the other."""
    name, rows, holds = "client-kill", (2,), (0.0, 0.1)

    def begin(self, world, rng):
        for _ in range(rng.randrange(1, 6)):
            pause(rng.uniform(0.0, 0.06))
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


class BackendKilled(Fault):
    """Backends of ingest are ended, or one gets kill -9, and the server starts all anew."""
    name, rows, holds = "backend-kill", (3,), (0.0, 0.2)

    def begin(self, world, rng):
        hard, times = rng.random() < 0.3, rng.randrange(1, 4)
        with contextlib.suppress(psycopg2.Error):
            for _ in range(1 if hard else times):
                pids = [pid for pid, in world.sql("SELECT pid FROM pg_stat_activity WHERE usename ="
                                                  " 'suara_ingest' ORDER BY pid")]
                if pids and hard:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pids[0], signal.SIGKILL)
                elif pids:
                    world.sql("SELECT pg_terminate_backend(%s)", rng.choice(pids))
                pause(rng.uniform(0.0, 0.1))


class DatabaseBlocked(Fault):
    """A lock on a table that every submission writes to."""
    name, rows, holds = "db-locked", (22,), (0.1, 1.0)

    def begin(self, world, rng):
        table = rng.choice(("response", "batch", "stale"))
        self.lock = None
        with contextlib.suppress(psycopg2.Error):
            self.lock = world.stack.db.connect()
            self.lock.autocommit = False
            self.lock.cursor().execute(f"SET lock_timeout = '5s'; LOCK TABLE suara.{table}"
                                       " IN SHARE MODE")

    def heal(self, world):
        with contextlib.suppress(psycopg2.Error):
            if self.lock:
                self.lock.close()


FAULTS = [DaemonKilled, DaemonHangs, DaemonHangsForEver, ClientKilled, DatabaseKilled, BackendKilled,
          DatabaseBlocked]
