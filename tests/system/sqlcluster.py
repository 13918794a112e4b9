"""A private PostgreSQL cluster for tests: on a Unix socket in a folder of its own, gone afterwards.

The server is a child of the test with a parent-death signal, so nothing stays behind even when the
test run is killed. PostgreSQL refuses root; as root everything runs as the user postgres.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
MIGRATE = ROOT / "sql" / "suara-migrate"


def postgres_bin():
    """The newest installed PostgreSQL (Debian keeps the servers out of PATH)."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda path: int(path.parts[4]))
    if not found:
        raise RuntimeError("no PostgreSQL server below /usr/lib/postgresql: install postgresql")
    return found[-1].parent


class Cluster:
    """with Cluster() as c: c.connect(..), c.migrate(..). fsync is off: it tests no crashes."""

    def __init__(self):
        self.bin = postgres_bin()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="suara-pg-", dir="/tmp"))
        self.server, self.migrated = None, False
        self.user = []
        if os.geteuid() == 0:
            shutil.chown(self.dir, "postgres", "postgres")
            self.user = ["--reuid=postgres", "--regid=postgres", "--init-groups"]

    def __enter__(self):
        try:
            self._as_user([self.bin / "initdb", "-D", self.dir / "data", "-A", "trust", "--no-sync",
                           "-U", "postgres", "-E", "UTF8", "--locale=C"],
                          check=True, stdout=subprocess.DEVNULL)
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(30)
        shutil.rmtree(self.dir, ignore_errors=True)

    def _argv(self, argv, *options):
        return ["setpriv", *self.user, *options, "--", *map(str, argv)]

    def _as_user(self, argv, **how):
        return subprocess.run(self._argv(argv), cwd=self.dir, **how)

    def _start(self):
        with open(self.dir / "log", "wb") as log:
            self.server = subprocess.Popen(
                self._argv([self.bin / "postgres", "-D", self.dir / "data", "-k", self.dir,
                            "-c", "listen_addresses=", "-c", "fsync=off",
                            "-c", "max_connections=50", "-c", "timezone=America/New_York"],
                           "--pdeathsig", "INT"),
                cwd=self.dir, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg2.OperationalError:
                if self._ended_within(0.02) or time.monotonic() > deadline:
                    raise RuntimeError((self.dir / "log").read_text()) from None

    def _ended_within(self, seconds):
        try:
            self.server.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def conninfo(self, database="suara", user="postgres"):
        return f"host={self.dir} dbname={database} user={user}"

    def connect(self, database="suara", user="postgres"):
        """A connection in autocommit."""
        connection = psycopg2.connect(self.conninfo(database, user))
        connection.autocommit = True
        return connection

    def create(self, database, like="template1"):
        with_server = self.connect("postgres")
        with_server.cursor().execute(f'CREATE DATABASE "{database}" TEMPLATE "{like}"'
                                     " STRATEGY file_copy")
        with_server.close()

    def create_migrated(self, database):
        """A copy of one that was migrated once, for this cluster."""
        if not self.migrated:
            self.create("migrated")
            done = self.migrate(database="migrated")
            assert done.returncode == 0, done.stderr
            self.migrated = True
        self.create(database, like="migrated")

    def migrate(self, *arguments, database="suara", user="postgres", **environment):
        """Runs suara-migrate; returns the finished process with its output as text."""
        return subprocess.run([MIGRATE, "-d", self.conninfo(database, user), *arguments],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, **environment})
