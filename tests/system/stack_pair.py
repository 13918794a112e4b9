"""Two PostgreSQL clusters for a stack: the primary it began with, and a synchronous standby.

    pair = Pair(stack)            # the stack's database was made, and is up
    pair.conninfo("suara_ingest") # both, as for suarad.conf
    pair.kill_primary(); pair.promote()

Both are copies of one cluster, so the primary is stopped for a moment while the standby is made.
"""

import os
import pathlib
import signal

from stack_pg import Postgres, wait_for

NAME = "second"


class Pair:
    def __init__(self, stack):
        self.stack = stack
        self.first = self.primary = stack.db
        self.second = Postgres(self._folder(), stack.account)
        self._make_standby()

    def _folder(self):
        folder = self.stack.folder / NAME
        folder.mkdir()
        return folder

    def _make_standby(self):
        self.first.stop()
        self.second._copy(self.first.data, self.second.data)
        self._add(self.second, f"primary_conninfo = 'host={self.first.socket} user=postgres"
                               f" application_name={NAME}'\n")
        signal_file = self.second.data / "standby.signal"
        signal_file.touch()
        self.stack.account.own(signal_file)
        self._add(self.first, f"synchronous_standby_names = '{NAME}'\n")
        self.first.start()
        self.second.start()
        wait_for(self.in_step, 30, "the standby to be synchronous")

    @staticmethod
    def _add(db, text):
        with open(db.data / "postgresql.auto.conf", "a", encoding="ascii") as file:
            file.write(text)

    def conninfo(self, user, *order):
        hosts = ",".join(str(db.socket) for db in order or (self.first, self.second))
        return f"host={hosts} dbname=suara user={user}"

    def in_step(self):
        return self.sql("SELECT pid FROM pg_stat_replication WHERE sync_state = 'sync'")

    def sql(self, text, db=None):
        connection = (db or self.primary).connect("postgres")
        try:
            cursor = connection.cursor()
            cursor.execute(text)
            return cursor.fetchall()
        finally:
            connection.close()

    def run_with_standby(self, db, name=NAME):
        self._execute(db, f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        wait_for(lambda: self.sql("SHOW synchronous_standby_names", db) == [(name,)], 20, "the reload")

    def run_alone(self, db):
        self.run_with_standby(db, "")

    def _execute(self, db, text):
        connection = db.connect("postgres")
        cursor = connection.cursor()
        cursor.execute(text)
        cursor.execute("SELECT pg_reload_conf()")
        connection.close()

    def stop_walsender(self):
        """It sends no more, and nobody notices: commits wait. Returns its pid."""
        (pid,), = self.in_step()
        os.kill(pid, signal.SIGSTOP)
        return pid

    def waiting(self):
        """How many commits of the daemon wait for the standby."""
        return self.sql("SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                        " AND usename = 'suara_ingest'")[0][0]

    def kill_primary(self, walsender=None):
        """kill -9 of the postmaster; a stopped walsender, which can't notice, goes with it."""
        self.first.server.kill()
        self.first.server.wait()
        if walsender and pathlib.Path(f"/proc/{walsender}").exists():
            os.kill(walsender, signal.SIGKILL)

    def promote(self):
        """The standby becomes the primary, and the stack's database."""
        self.sql("SELECT pg_promote(true, 60)", self.second)
        self.primary = self.stack.db = self.second

    def end(self):
        for db in (self.first, self.second):
            db.kill()
