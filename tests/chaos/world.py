"""The world of a round: a stack, offices at work, daemons under supervision, a proxy between them, and
faults. One world serves many rounds.

A round's draw depends on its seed only: the faults, when each begins (after which share of the
clients' calls, and how long then) and how long it stays, what the offices do. What the machine does
with it differs from run to run.
"""

import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from daemons import Daemon, Supervisor  # noqa: E402
from disks import Disks  # noqa: E402
from ledger import Ledger  # noqa: E402
from office import Office, draw_files  # noqa: E402
from proxy import Proxy  # noqa: E402
from spare import Spare  # noqa: E402
from stack import Port, Stack  # noqa: E402
from stack_pg import wait_for  # noqa: E402

OFFICES = ("SATU", "DUA", "TIGA", "EMPAT")
STANDSTILL = 1.0    # seconds without a finished call, after which a fault begins anyway
AGAIN = 0.2         # seconds between two tries to heal a fault
SETTLES = 60        # seconds after healing, in which all must be settled


class Failed(AssertionError):
    """A round that did not end as it must."""


class World:
    def __init__(self, build=None):
        self.stack = Stack(build=build, offices=OFFICES,
                           settings={"ingest.refresh_after": "100ms"})
        self.client_env = {"submit": {}, "sync": {}}    # what a fault adds for a command
        self.clients, self.killed = {}, set()    # running, by pid; killed by a fault
        self.calls, self.last_call, self.given_up = 0, 0.0, False
        self.counting = threading.Condition()
        self.disks, self.spare = Disks(), Spare(self.stack)
        self.supervisor, self.proxy = Supervisor(), None
        self.sanitized = "__asan_init" in subprocess.run(
            ["nm", "-D", self.stack.build / "suarad"], capture_output=True, text=True, check=True).stdout

    def __enter__(self):
        stack = self.stack.__enter__()
        try:
            stack.kill_daemon()    # from here on it is the supervisor's
            self.folder = stack.folder / "chaos"
            self.folder.mkdir()
            self.ledger = Ledger(stack, self.folder, random.Random(0))
            self.port = Port()
            self.proxy = Proxy(self.port, stack.port.number)
            for path in (stack.ca / "servers", *(stack.home / code / "settings.ini" for code in OFFICES)):
                path.write_text(path.read_text().replace(    # bundles that are renewed, too
                    stack.env["SUARA_SERVER"], f"127.0.0.1:{self.proxy.port}"))
            self.disks.mount([stack.home / code for code in OFFICES])
            self.daemon = Daemon(stack, "suarad", stack.conf, stack.log)
            self.supervisor.add(self.daemon)
            self.ready()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *rest):
        self.supervisor.end()
        if self.proxy:
            self.proxy.end()
        self.spare.end()
        self.disks.end()
        self.stack.__exit__(kind, *rest)

    # ---- for faults ----------------------------------------------------------------------------------

    def ready(self):
        wait_for(lambda: self.stack.http("/readyz")[0] == 200, 30, "the daemon to be ready", 0.01)

    def sql(self, text, *values):
        """psycopg2.Error where the database is away."""
        connection = self.stack.db.connect("postgres")
        try:
            cursor = connection.cursor()
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def kill_client(self, rng):
        """One of those that run now; False when none does."""
        running = sorted(pid for pid, call in list(self.clients.items()) if call.poll() is None)
        if not running:
            return False
        pid = rng.choice(running)
        self.killed.add(pid)
        self.clients[pid].kill()
        return True

    def count_call(self):
        with self.counting:
            self.calls += 1
            self.last_call = time.monotonic()
            self.counting.notify_all()

    # ---- a round -------------------------------------------------------------------------------------

    def play(self, draw):
        """Plays a round; sets responses and recovery of draw. Failed, or what the ledger says."""
        self.calls, self.last_call, self.given_up = 0, time.monotonic(), False
        self.killed.clear()
        self.ledger.begin_round()
        self.ledger.rng = random.Random(f"{draw.seed} answers")
        offices = []
        for code, files in draw.files.items():
            for number, file in enumerate(files):
                file.path = self.ledger.make(code, f"{code}-{draw.seed}-{number}.csv", file.rows)
            offices.append(Office(self, code, files))
        draw.responses, draw.offices = len(self.ledger.made), offices
        for office in offices:
            office.start()
        try:
            self._run_faults(draw)
            healed = time.monotonic()
            for office in offices:
                office.join(max(0.1, healed + SETTLES - time.monotonic()))
            draw.recovery = time.monotonic() - healed
        finally:
            self.given_up = True
            stuck = [office.code for office in offices if office.is_alive()]
            for call in list(self.clients.values()):
                if stuck:
                    call.kill()
            for office in offices:
                office.join(10)
        if stuck:
            raise Failed(f"not settled {SETTLES} s after healing: {', '.join(stuck)}")
        for office in offices:
            if office.error:
                raise office.error
        self.ready()
        self.ledger.check_healed()
        if self.supervisor.crashes():
            raise Failed("; ".join(self.supervisor.crashes()))

    def _run_faults(self, draw):
        total = sum(len(files) + sum(file.send for file in files) for files in draw.files.values())
        waiting, active = sorted(draw.events, key=lambda event: event.share), []
        try:
            while waiting or active:
                now = time.monotonic()
                due = min(active, key=lambda event: event.until, default=None)
                if due and due.until <= now:
                    active.remove(due)
                    if due.fault.name not in draw.left_out and due.fault.heal(self) is False:
                        due.until = now + AGAIN    # another fault is in its way
                        active.append(due)
                elif waiting and (self.calls >= waiting[0].share * total
                                  or now - self.last_call > STANDSTILL):
                    event = waiting.pop(0)
                    threading.Event().wait(event.delay)
                    active.append(event)
                    if not event.fault.possible(self):
                        draw.left_out.append(event.fault.name)
                        continue
                    event.fault.begin(self, random.Random(f"{draw.seed} {event.fault.name}"))
                    event.until = time.monotonic() + event.hold
                else:
                    with self.counting:
                        self.counting.wait(min(0.05, due.until - now) if due else 0.05)
        except BaseException:
            for event in active:    # as well as can be: the round has failed already
                try:
                    event.fault.heal(self)
                except Exception as error:
                    print(f"chaos: {event.fault.name} could not be healed: {error}")
            raise


# ---- the draw ------------------------------------------------------------------------------------

class Event:
    def __init__(self, fault, rng):
        self.fault = fault
        self.share, self.delay = rng.uniform(0, 0.8), rng.uniform(0, 0.1)
        self.hold, self.until = rng.uniform(*fault.holds), 0.0


class Draw:
    """All that is random in a round. items: names that may be drawn, or a+b for those together."""

    def __init__(self, seed, table, items=()):
        rng = random.Random(seed)
        items = list(items) or list(table)
        names = rng.sample(items, min(len(items), rng.choice((1, 1, 2, 2, 3))))
        if "+" in "".join(names):
            names = names[0].split("+")
        self.seed, self.names = seed, names
        self.events = [Event(table[name](), rng) for name in names]
        self.files = {code: draw_files(rng) for code in OFFICES}
        self.responses, self.recovery, self.offices, self.left_out = 0, 0.0, [], []
