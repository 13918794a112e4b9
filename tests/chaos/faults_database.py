"""The primary gives way to its standby; the database takes no more."""

import os
import signal
import threading
import time

import psycopg2

from faults import Fault
from spare import TROUBLE


class Failover(Fault):
    """A synchronous standby is made, its walsender stops, the primary is killed, the standby promoted."""
    name, rows, holds = "failover", (4,), (0.0, 0.2)

    def begin(self, world, rng):
        waits = rng.uniform(0.0, 0.4)
        try:
            walsender = world.spare.follow()
            os.kill(walsender, signal.SIGSTOP)
        except (*TROUBLE, ProcessLookupError):
            return    # another fault has the database in its hands
        threading.Event().wait(waits)    # commits wait for the standby
        world.spare.take_over(walsender)

    def heal(self, world):
        world.spare.forget()


PATIENCE = 30    # seconds
FULL = """SET lock_timeout = '500ms';
CREATE OR REPLACE FUNCTION suara.is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device (made up)' USING ERRCODE = '53100';
END $$;
GRANT EXECUTE ON FUNCTION suara.is_full() TO suara_ingest;
CREATE TRIGGER is_full BEFORE INSERT ON suara.%s EXECUTE FUNCTION suara.is_full()"""


class DatabaseFull(Fault):
    """Its tables say what they say on a full disk; test_full_disk.py fills a real one."""
    name, rows, holds = "db-full", (5,), (0.1, 1.0)

    def begin(self, world, rng):
        self.until = None    # when the database must have room again
        try:
            world.sql(FULL % rng.choice(("response", "batch", "stale")))
        except psycopg2.Error:
            pass    # another fault has the database in its hands

    def heal(self, world):
        """Not yet, while another fault holds locks."""
        self.until = self.until or time.monotonic() + PATIENCE
        world.stack.db.start()
        try:
            world.sql("SET lock_timeout = '500ms'; DROP FUNCTION IF EXISTS suara.is_full() CASCADE")
        except psycopg2.Error:
            if time.monotonic() > self.until:
                raise
            return False
        return True


FAULTS = [Failover, DatabaseFull]
