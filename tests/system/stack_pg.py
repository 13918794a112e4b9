#!/usr/bin/python3
"""The database of a sandbox: a private PostgreSQL cluster on a Unix socket.

The migrated cluster is made once per content of sql/ and kept in the shelf as a template; each
sandbox gets a copy, which takes a tenth of a second instead of several. As a program it puts such a
copy into place for others: stack_pg.py BUILD FOLDER makes FOLDER/db. PostgreSQL refuses
root, so as root it runs as the user postgres (or nobody); parts of a path that this user can't pass
are why a folder below /tmp may be used instead of one below the build folder.
"""

import fcntl
import hashlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOCKET_ROOM = 107 - len("/socket/.s.PGSQL.5432")    # sun_path of unix(7), with its zero
SETTINGS = {"listen_addresses": "", "shared_buffers": "32MB", "max_connections": "60",
            "timezone": "UTC", "log_line_prefix": "%m [%p] ", "checkpoint_timeout": "30min",
            "max_wal_size": "512MB", "recovery_init_sync_method": "syncfs"}


class StackError(RuntimeError):
    """A part of the stack is missing, did not come up or ended badly; the text says what."""


def postgres_bin():
    """The newest installed PostgreSQL (Debian keeps the servers out of PATH)."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda path: int(path.parts[4]))
    if not found:
        raise StackError("no PostgreSQL server below /usr/lib/postgresql: install postgresql")
    return found[-1].parent


def wait_for(condition, seconds, what, step=0.005):
    """Looks at a condition until it is true, and returns its value; StackError when that takes too
    long. First after `step` seconds, then ever more rarely: looking often asks the database, by a
    connection of its own, and what is waited for would take longer."""
    start = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited = time.monotonic() - start
        if waited > seconds:
            raise StackError(f"waited {seconds} s in vain: {what}")
        time.sleep(max(step, min(0.05, waited / 10)))


class Account:
    """Who runs PostgreSQL, and what has to stand before a command so that it runs as that user."""

    def __init__(self):
        self.uid, self.gid, self.prefix = os.geteuid(), os.getegid(), []
        if self.uid == 0:
            entry = next(e for e in map(_user, ("postgres", "nobody")) if e)
            self.uid, self.gid = entry.pw_uid, entry.pw_gid
            self.prefix = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]

    def command(self, argv, *options):
        return ["setpriv", *self.prefix, *options, "--", *map(str, argv)]

    def can_pass(self, folder):
        """Can it reach what is in the folder?"""
        argv = self.command(["test", "-x", folder])
        return subprocess.run(argv, check=False, stderr=subprocess.DEVNULL).returncode == 0

    def own(self, path):
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def _user(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def shelf_of(build):
    """Where templates are kept: $SUARA_SHELF, or else the build folder."""
    return pathlib.Path(os.environ.get("SUARA_SHELF") or build).resolve()


def folder_for(build, account):
    """A new folder below the build folder, or below /tmp where PostgreSQL could not live there."""
    pathlib.Path(build).mkdir(parents=True, exist_ok=True)
    base = pathlib.Path(build).resolve()
    if len(str(base / "sandbox.XXXXXXXX")) > SOCKET_ROOM or not account.can_pass(base):
        base = pathlib.Path("/tmp")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sandbox.", dir=base))
    folder.chmod(0o711)
    return folder


class Postgres:
    """One cluster in folder/db; its log is folder/postgres.log, its socket is in the folder."""

    def __init__(self, folder, account):
        self.bin = postgres_bin()
        self.folder, self.account = pathlib.Path(folder), account
        self.data, self.log = self.folder / "db", self.folder / "postgres.log"
        self.socket = self.folder / "socket"
        self.server = None

    def conninfo(self, user="suara_owner", database="suara"):
        return f"host={self.socket} dbname={database} user={user}"

    def connect(self, user="suara_owner", database="suara"):
        """A connection in autocommit."""
        connection = psycopg2.connect(self.conninfo(user, database))
        connection.autocommit = True
        return connection

    def running(self):
        return self.server is not None and self.server.poll() is None

    def start(self):
        """Returns when connections are taken."""
        if self.running():
            return
        if not self.socket.exists():
            self.socket.mkdir(mode=0o700)    # everybody who reaches it is trusted
            self.account.own(self.socket)
        deadline = time.monotonic() + 60
        while not self._try_start():
            # After kill -9 of the postmaster its children need a moment to notice.
            if time.monotonic() > deadline or "shared memory block" not in self.tail():
                raise StackError(f"PostgreSQL did not start:\n{self.tail()}")
            time.sleep(0.02)

    def _try_start(self):
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        argv = [self.bin / "postgres", "-D", self.data, "-k", self.socket, *options]
        with open(self.log, "ab") as log:
            # Its own process group: an interrupt at the terminal is for the command, not for it.
            self.server = subprocess.Popen(self.account.command(argv, "--pdeathsig", "INT"),
                                           stdout=log, stderr=log, cwd="/",
                                           start_new_session=True)
        wait_for(lambda: self.server.poll() is not None or self._answers(), 60,
                 "PostgreSQL to take connections", 0.02)
        return self.running()

    def _answers(self):
        try:
            self.connect("postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def _end(self, signum, seconds):
        if not self.running():
            return
        self.server.send_signal(signum)
        try:
            self.server.wait(seconds)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()

    def stop(self):
        """Fast shutdown: sessions are cut, everything is flushed."""
        self._end(signal.SIGINT, 60)

    def kill(self):
        """Immediate shutdown, like a power cut for everything but the disk."""
        self._end(signal.SIGQUIT, 30)

    def tail(self, lines=40):
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def make(self, build):
        """Puts a migrated cluster into place, from the template or by making that first."""
        shelf = shelf_of(build)
        if not os.access(shelf, os.W_OK):
            self._make()
            return
        template = shelf / self._template()
        if not template.exists():
            with open(shelf / "template.lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)    # who comes second finds it made
                if not template.exists():
                    self._make()
                    self._keep(template)
                    return
        self._copy(template, self.data)

    def _template(self):
        content = hashlib.sha256(f"{self.bin} {self.account.uid}".encode())
        files = [*sorted((ROOT / "sql").iterdir()), pathlib.Path(__file__)]
        for file in files:
            content.update(file.name.encode() + b"\0" + file.read_bytes())
        return f"template.{content.hexdigest()[:16]}"

    def _run(self, argv, **how):
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", **how)
        if done.returncode:
            raise StackError(f"{argv[0]} failed:\n{done.stdout}{done.stderr}{self.tail()}")

    def _make(self):
        """Few and small files, and no database but suara, not even those that every cluster has: making
        a file costs more than what is in it, and each sandbox makes them all."""
        self.data.mkdir(mode=0o700)
        self.account.own(self.data)
        self._run(self.account.command([self.bin / "initdb", "-D", self.data, "-A", "trust",
                                        "--no-sync", "-U", "postgres", "-E", "UTF8", "--locale=C",
                                        "--wal-segsize=4"]))
        self._only_database("suara")
        self.start()
        self._run([str(ROOT / "sql" / "suara-migrate"), "-d", self.conninfo("postgres"),
                   "--admin", "admin"])
        self.stop()

    def _only_database(self, name):
        """postgres gets the name, by a server for one user; the templates are dropped."""
        single = [self.bin / "postgres", "--single", "-D", self.data]
        self._run(self.account.command([*single, "template1"]),
                  input=f"ALTER DATABASE postgres RENAME TO {name};\n")
        self._run(self.account.command([*single, name]),
                  input="".join(f"ALTER DATABASE {old} IS_TEMPLATE false;\nDROP DATABASE {old};\n"
                                for old in ("template0", "template1")))

    def _keep(self, template):
        made = pathlib.Path(tempfile.mkdtemp(prefix="template.", dir=template.parent))
        self._copy(self.data, made / "db")
        os.rename(made / "db", template)
        shutil.rmtree(made)
        for old in template.parent.glob("template.*"):
            if old.is_dir() and old != template:
                shutil.rmtree(old, ignore_errors=True)

    def _copy(self, source, target):
        self._run(["cp", "-a", "--reflink=auto", str(source), str(target)])


if __name__ == "__main__":
    Postgres(sys.argv[2], Account()).make(sys.argv[1])
