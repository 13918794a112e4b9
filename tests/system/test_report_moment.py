"""Reports while responses come in: each equals a recount at one moment between question and answer.

Offices send batches whose content is known, one after the other, so what is stored of an office is
at any moment one of the states after 0, 1, 2 .. batches. A report must show, for each office in it,
one of the states from the last that was acknowledged before the question to the last that was sent
before the answer - and the same one in all its rows: a batch is never there in part.
"""

import collections
import datetime
import itertools
import random
import threading
import time

import pytest

from suara_wire import Batch, Line, code_of, pb
from test_report import ms

ZONES = {"BARAT": 7, "TENGAH": 8, "TIMUR": 9}
FIRST = datetime.date(2023, 1, 1)
BATCHES = 60    # of each office
DAYS = 120      # of one batch: several months are brought up to date, each by itself
RANGES = [(20230101, 20231231), (20230201, 20230331), (20230117, 20230409), (20230305, 20230325)]
BYS = [("", ""), ("office", ""), ("month", ""), ("channel", ""), ("office", "month"), ("channel", "office")]


class Office:
    """One office's batches, and how far it is. Written by its sender alone."""

    def __init__(self, code, rng):
        self.code, self.batches, self.responses = code, [], []    # responses: of each batch
        self.sent = self.acknowledged = 0
        for _ in range(BATCHES):
            batch, rows = Batch(), []
            for _ in range(rng.randrange(1, 30)):
                day = FIRST + datetime.timedelta(days=rng.randrange(DAYS))
                ratings = [rng.randint(1, 4) for _ in range(9)]
                channel = rng.choice(("", "web", "kiosk"))
                batch.add(ms(day, 12, ZONES[code]) + rng.randrange(3_600_000), ratings, channel=channel)
                rows.append((int(f"{day:%Y%m%d}"), channel, ratings))
            self.batches.append(batch)
            self.responses.append(rows)

    def send(self, line, gate):
        for batch in self.batches:
            gate()
            self.sent += 1
            receipt = line.submit(batch).receipt
            assert receipt.stored == len(batch.message.response)
            self.acknowledged += 1

    def states(self, low, high, bys, first, last):
        """What a report could show of it: {keys: [n, sums..]} after low .. high batches."""
        cells, found = collections.defaultdict(lambda: [0] * 10), []
        for count in range(high + 1):
            if count:
                for day, channel, ratings in self.responses[count - 1]:
                    if first <= day <= last:
                        keys = {"": "", "office": self.code, "channel": channel,
                                "month": f"{day // 10000}-{day // 100 % 100:02}"}
                        at = tuple(keys[by] for by in bys)
                        cells[at] = [a + b for a, b in zip(cells[at], [1, *ratings])]
            if count >= low:
                found.append(dict(cells))
        return found


def together(states):
    """The sum of one state of each office."""
    cells = {}
    for state in states:
        for key, cell in state.items():
            cells[key] = [a + b for a, b in zip(cells.get(key, [0] * 10), cell)]
    return cells


class Asker:
    """Asks until all is sent; every answer is held against the states it may show."""

    def __init__(self, offices, rng):
        self.offices, self.rng, self.answers, self.windows = offices, rng, 0, 0

    def ask(self, line):
        rng = self.rng
        bys, (first, last) = rng.choice(BYS), rng.choice(RANGES)
        asked = rng.sample(self.offices, rng.randint(1, len(self.offices)))
        low = [office.acknowledged for office in asked]
        reply = line.ask(report=pb.Report(by=bys[0].encode(), by2=bys[1].encode(), to=last,
                                          **{"from": first}, office=[office.code.encode() for office in asked]))
        high = [office.sent for office in asked]
        assert code_of(reply) == "", reply
        got = {(row.key.decode(), row.key2.decode()): [row.n, *row.sum] for row in reply.rows.row if row.n}
        windows = [office.states(a, b, bys, first, last) for office, a, b in zip(asked, low, high)]
        assert any(together(states) == got for states in itertools.product(*windows)), \
            (bys, first, last, [office.code for office in asked], low, high, got)
        self.answers += 1
        self.windows += low != high


def run_all(jobs):
    """Runs functions in threads; the first error, if there was one, is raised here."""
    errors = []

    def guarded(job):
        try:
            job()
        except BaseException as error:    # handed to the test
            errors.append(error)
    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.fixture(scope="module")
def stack(module_stack):
    """The daemon refreshes whenever it has a moment, in the middle of everything."""
    return module_stack(offices=("BARAT", "TENGAH=WITA", "TIMUR=WIT", "TETAP"), profiles=False,
                        settings={"ingest.refresh_after": "10ms"})


def test_every_report_is_of_one_moment(stack):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    offices = [Office(code, rng) for code in ZONES]
    askers = [Asker(offices, random.Random(seed + k)) for k in range(3)]
    turns = threading.Condition()

    def gate():
        """Nobody runs ahead: a batch of each office for each answer, or so."""
        with turns:
            turns.wait_for(lambda: sum(a.answers for a in askers) + 2 >= min(o.sent for o in offices)
                           or failed, 60)
    failed = []

    def sender(office):
        with Line(stack, stack.bundle("office", office.code)) as line:
            office.send(line, gate)

    def asker(one):
        try:
            with Line(stack, stack.bundle("auditor", "auditor")) as line:
                while any(office.acknowledged < BATCHES for office in offices) and not failed:
                    one.ask(line)
                    with turns:
                        turns.notify_all()
                one.ask(line)
        except BaseException:
            failed.append(True)
            with turns:
                turns.notify_all()
            raise
    run_all([lambda o=o: sender(o) for o in offices] + [lambda a=a: asker(a) for a in askers])
    assert sum(a.answers for a in askers) > BATCHES
    assert sum(a.windows for a in askers) > 0    # some were asked while a batch was on its way


def test_a_receipt_waits_for_no_refresh_and_no_report(stack):
    """Whatever the roll-up is locked for, responses are taken; then the report has them all."""
    batch = Batch()
    batch.add(ms(FIRST), [1] * 9)
    year = {"from": 20230101, "to": 20231231}
    with Line(stack, stack.bundle("office", "TETAP")) as line, stack.db.connect("postgres") as holder, \
            Line(stack, stack.bundle("admin", "admin")) as admin:
        holder.autocommit = False
        cursor = holder.cursor()
        cursor.execute("LOCK TABLE suara.rollup IN ACCESS EXCLUSIVE MODE")
        assert line.submit(batch).receipt.stored == 1
        admin.send(report=pb.Report(office=[b"TETAP"], **year))

        def stuck():
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'suara_report'"
                           " AND wait_event_type = 'Lock'")
            return cursor.fetchone()[0] == 2    # the daemon's own refresh, and the report
        stack.wait(stuck, 10, "refresh and report to be at the lock")
        for k in range(1, 6):
            more = Batch()
            more.add(ms(FIRST) + k, [4] * 9)
            assert line.submit(more).receipt.stored == 1
        assert stuck()
        holder.rollback()
        assert [row.n for row in admin.receive().rows.row] == [6]
