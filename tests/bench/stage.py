"""Where the bench plays: a private stack with enrolled offices, and what is done to it again and again."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import threading
import time

import rows
from meter import BenchError, Crowd, cpu
from stack import Stack
from stack_pg import SETTINGS as DB_SETTINGS

OFFICES, CLIENTS = 20, 8
# For both ways alike; and connections for 64 sessions of pgbench.
LARGER_DB = {"shared_buffers": "256MB", "max_wal_size": "4GB", "max_connections": "120"}
# The roll-up would be ready before it is timed, or be made in the turn of the other way; and a second
# may hold more requests of one office than a real one would ever send.
SETTINGS = {"ingest.refresh_after": "1h", "server.principal_requests": "0"}
TOLD = "suarad.conf: " + ", ".join(f"{name} = {value}" for name, value in SETTINGS.items())
GROWING = "suara.response, suara.comment, suara.batch, suara.stale, suara.rollup"
WARM = 0.5      # seconds of a load that do not count
SLACK = 120     # seconds that a load may take longer than it should


class Stage:
    """with Stage() as stage: .. A stack, its offices enrolled, and profiles to start from."""

    def __init__(self, settings=None, offices=OFFICES, db=None):
        DB_SETTINGS.update(db or LARGER_DB)
        codes = [f"BENCH-{number:03d}" for number in range(1, offices + 1)]
        self.stack = Stack(offices=codes, settings={**SETTINGS, **(settings or {})})
        self.offices = codes
        self.data = self.stack.folder / "data"
        self.homes = self.stack.folder / "homes"    # profiles as they are after enrolling

    def __enter__(self):
        self.stack.__enter__()
        self.data.mkdir()
        shutil.copytree(self.stack.home, self.homes)
        return self

    def __exit__(self, *what):
        self.stack.__exit__(*what)

    # ---- helpers ----------------------------------------------------------------------------------

    def sql(self, statement):
        """Runs one statement; its first value, if it gives any."""
        connection = self.stack.db.connect("postgres")
        with connection.cursor() as cursor:
            cursor.execute(statement)
            value = cursor.fetchone()[0] if cursor.description else None
        connection.close()
        return value

    def timed(self, *words):
        """Seconds that a command took."""
        began = time.monotonic()
        done = self.stack.run(*words, timeout=600)
        if done.returncode:
            raise BenchError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stderr}")
        return time.monotonic() - began

    def psql(self, command):
        return "psql", "-qX", "-v", "ON_ERROR_STOP=1", self.stack.env["SUARA_DB"], "-c", command

    def fresh_homes(self):
        """New outboxes."""
        shutil.rmtree(self.stack.home)
        shutil.copytree(self.homes, self.stack.home)

    def settle(self):
        """Nothing is left to be written that a run would pay for."""
        os.sync()
        self.sql("CHECKPOINT")

    def empty(self, more=""):
        """Every run starts from empty tables, new outboxes and nothing left to write."""
        self.sql(f"TRUNCATE {GROWING}{more}")
        self.fresh_homes()
        self.settle()

    def copied(self, name):
        """A table like suara.response, with the same indexes, for the reference."""
        self.sql(f"DROP TABLE IF EXISTS {name}")
        self.sql(f"CREATE TABLE {name} (LIKE suara.response INCLUDING ALL)")
        self.sql(f"ALTER TABLE {name} OWNER TO suara_owner")

    def write_rows(self, total, first=0, begin=rows.FIRST, span=rows.SPAN):
        """A file for each office, from `first` on, evenly over a span of time; rows in all."""
        each = total // len(self.offices)
        ends = list(rows.stock())
        for number, code in enumerate(self.offices):
            rows.write(self.data / f"{code}.csv", first + number * each, each, ends, begin, span)
        return each * len(self.offices)

    # ---- what costs -------------------------------------------------------------------------------

    def servers(self):
        """CPU seconds of daemon and database so far."""
        return cpu(self.stack.daemon.pid), cpu(self.stack.db.server.pid)

    def crowd(self, commands, most=CLIENTS):
        """What the commands cost, several at a time; with the CPU of daemon and database."""
        crowd = Crowd(most, self.stack.env, self.stack.folder / "crowd.log")
        before = self.servers()
        cost = crowd.run(commands)
        cost.daemon_cpu, cost.db_cpu = (now - was for now, was in zip(self.servers(), before))
        return cost

    def submit(self, files):
        """(office, file).. by real clients, through the daemon."""
        return self.crowd(["suara", "--profile", code, "submit", str(self.data / name)] for code, name in files)

    def submit_all(self):
        """The file of each office."""
        return self.submit((code, f"{code}.csv") for code in self.offices)

    def stored(self, wanted):
        """All of it is there, and marked for the roll-up."""
        got = self.sql("SELECT count(*) FROM suara.response")
        if got != wanted:
            raise BenchError(f"{got} responses are stored, not {wanted}")
        if not self.sql("SELECT count(*) FROM suara.stale"):
            raise BenchError("nothing is marked for the roll-up")

    def load(self, clients, seconds, rate=None, flood=False, offices=None, watch=None):
        """Many clients of single responses (load.c): its figures, and CPU of daemon and database while
        it counted; "ended": when that time was over. watch(word) is called at "ready", "begin" and "end"."""
        argv = [self.stack.build / "tests/bench/load", "-c", clients, "-t", seconds, "-w", WARM * 1000,
                *(["-r", rate] if rate else []), *(["-p"] if flood else []), *(offices or self.offices)]
        cpus, seen = {}, {}
        with subprocess.Popen([str(word) for word in argv], env=self.stack.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            timer = threading.Timer(seconds + SLACK, process.kill)
            timer.start()
            for line in process.stdout:
                seen[line.strip()] = time.monotonic()
                if line.startswith("{"):
                    got = json.loads(line)
                    continue
                if watch:
                    watch(line.strip())
                cpus[line.strip()] = self.servers()
            text = process.stderr.read()
            timer.cancel()
        if process.returncode:
            raise BenchError(f"load of {clients} ended with {process.returncode}: {text}")
        got["ended"] = seen["end"]
        got["daemon_cpu"], got["db_cpu"] = (
            end - begin for begin, end in zip(cpus["begin"], cpus["end"]))
        return got

    # ---- what is told of it ---------------------------------------------------------------------------

    def about(self):
        """What the figures rest on; an error where a reply would not be durable."""
        got = {"postgresql": self.sql("SHOW server_version"), "fsync": self.sql("SHOW fsync"),
               "synchronous_commit": self.sql("SHOW synchronous_commit"),
               "flush_ms": round(flush_ms(self.stack.folder), 3), "settings": TOLD}
        if (got["fsync"], got["synchronous_commit"]) != ("on", "on"):
            raise BenchError("fsync and synchronous_commit must be on")
        return got


def flush_ms(folder):
    """What one flush of a page to this disk takes, in milliseconds (median)."""
    taken = []
    path = pathlib.Path(folder) / "flush"
    with open(path, "wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(8192))
            began = time.monotonic()
            os.fdatasync(file.fileno())
            taken.append(time.monotonic() - began)
    path.unlink()
    return statistics.median(taken) * 1000
