"""A second cluster beside that of the stack, for failovers: one of the two is the primary (stack.db),
the other folder waits to be made its standby. The daemon's connection strings name both."""

import os
import pathlib
import shutil
import signal

import psycopg2

from stack_pg import Postgres, StackError, wait_for

NAME = "spare"


class Spare:
    def __init__(self, stack):
        """Before the stack is built."""
        self.stack, folder = stack, stack.folder / NAME
        folder.mkdir(mode=0o755)
        stack.account.own(folder)
        self.db = Postgres(folder, stack.account)
        hosts = f"host={stack.db.socket},{self.db.socket} dbname=suara user="
        for pool in ("ingest", "report"):
            stack.settings[f"database.{pool}"] = f"{hosts}suara_{pool}"
        self.following = False

    def _run(self, db, *statements):
        connection = db.connect("postgres")
        try:
            cursor = connection.cursor()
            for text in statements:
                cursor.execute(text)
            return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def follow(self):
        """Makes a standby of the primary, which from now on waits for it; the walsender's process id.
        StackError or psycopg2.Error where the primary is in other trouble."""
        primary = self.stack.db
        shutil.rmtree(self.db.data, ignore_errors=True)
        where = f"host={primary.socket} user=postgres application_name={NAME}"
        self.db._run(self.stack.account.command([self.db.bin / "pg_basebackup", "-D", self.db.data,
                                                 "-R", "-c", "fast", "--no-sync", "-d", where]))
        self.following = True
        self.db.start()
        self._run(primary, f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'",
                  "SELECT pg_reload_conf()")
        wait_for(lambda: self._in_step(primary), 20, "the standby to be synchronous")
        (end,), = self._run(primary, "SELECT pg_current_wal_flush_lsn()")
        # What was committed before anybody waited for the standby is on its way there.
        wait_for(lambda: self._in_step(primary, f"AND flush_lsn >= '{end}'"), 20, "it to have it all")
        return self._in_step(primary)[0][0]

    def _in_step(self, primary, more=""):
        return self._run(primary, f"SELECT pid FROM pg_stat_replication WHERE sync_state = 'sync' {more}")

    def take_over(self, walsender):
        """kill -9 of the primary and of its walsender, which may be stopped; the standby is promoted."""
        old = self.stack.db
        old.server.kill()
        old.server.wait()
        if pathlib.Path(f"/proc/{walsender}").exists():
            os.kill(walsender, signal.SIGKILL)
        self._run(self.db, "SELECT pg_promote(true, 60)")
        self.stack.db, self.db = self.db, old
        self.following = False

    def forget(self):
        """After a follow() that was not followed by take_over(): the primary waits for nobody."""
        if not self.following:
            return
        self.db.kill()
        self.stack.db.start()
        self._run(self.stack.db, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        self.following = False

    def end(self):
        self.db.kill()


TROUBLE = (psycopg2.Error, StackError)    # of a database that another fault has in its hands
