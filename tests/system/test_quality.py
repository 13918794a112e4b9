"""Signs that answers were not given by the public: random responses through the whole stack against
a count in Python, and the parts of a period against the whole."""

import datetime
import random
import statistics
from fractions import Fraction

import pytest

from suara_wire import Batch, Line, code_of, pb

ZONES = {"SATU": 7, "DUA": 8, "TIGA": 9, "EMPAT": 7, "LIMA": 7, "ENAM": 8}
SIGNS = ("alike", "highest", "even", "burst", "same", "hours", "day")
DAY = 86_400_000
COUNTER = ("kiosk", "paper", "forum")
FIRST = datetime.date(2023, 1, 20)
EPOCH = datetime.date(1970, 1, 1)
RESPONSES = 260    # of each office
SOMETIMES = (0, 1, 59_999, 60_000, 27_000_000 - 1, 27_000_000, 59_400_000 - 1, 59_400_000, DAY - 1)


def days(day):
    return (day - EPOCH).days


class Office:
    """Responses of an office as they were sent: (id, local ms, ratings, channel, perspective)."""

    def __init__(self, code, rng):
        self.shift = ZONES[code] * 3_600_000
        self.batch, self.rows, self.rng = Batch(), [], rng
        clock = 0
        for _ in range(RESPONSES):
            if clock == 0 or rng.random() < 0.5:
                clock = (days(FIRST) + rng.randrange(60)) * DAY
                clock += rng.choice(SOMETIMES) if rng.random() < 0.4 else rng.randrange(DAY)
            else:
                clock += rng.choice((0, 1, 11_000, 15_000, 20_000, 60_000))
            self.add(clock, self.ratings(code))

    def ratings(self, code):
        rng = self.rng
        if code == "ENAM":    # five of one and four of the other, in every order
            made = [3, 4, 3, 4, 3, 4, 3, 4, 3]
            rng.shuffle(made)
            return made
        if rng.random() < 0.25:
            return [rng.randint(1, 4)] * 9
        return list(rng.choice(([3, 3, 4, 3, 3, 3, 3, 4, 3], [2, 3, 3, 3, 3, 3, 2, 3, 3],
                                [rng.randint(1, 4) for _ in range(9)])))

    def add(self, clock, ratings):
        channel = self.rng.choice(("", "web", "phone", *COUNTER))
        perspective = self.rng.choice(("", "recipient", "provider"))
        made = self.batch.add(clock - self.shift, ratings, channel=channel, perspective=perspective)
        self.rows.append((made, clock, tuple(ratings), channel, perspective or "recipient"))

    def counts(self, first, last, perspective="recipient"):
        """{sign: (count, of)} of the days first..last."""
        rows = sorted(row for row in self.rows if row[4] == perspective
                      and days(first) <= row[1] // DAY <= days(last))
        timed = [row for row in rows if row[1] % DAY]
        times = [row[1] for row in timed]
        burst = {k for at in range(len(times) - 4) if times[at + 4] - times[at] <= 60_000
                 for k in range(at, at + 5)}
        counter = [row for row in timed if row[3] in COUNTER]
        shut = [row for row in counter if (row[1] // DAY + 3) % 7 > 4
                or not 27_000_000 <= row[1] % DAY < 59_400_000]
        alike = [row for row in rows if len(set(row[2])) == 1]
        same = [b for a, b in zip(timed, timed[1:]) if a[2] == b[2] and len(set(b[2])) > 1]
        n, t = len(rows), len(timed)
        return {"alike": (len(alike), n), "highest": (sum(row[2][0] == 4 for row in alike), n),
                "even": even(rows), "burst": (len(burst), t), "same": (len(same), t),
                "hours": (len(shut), len(counter)), "day": (n - t, n)}


def even(rows):
    months, count, of = {}, 0, 0
    for row in rows:
        day = EPOCH + datetime.timedelta(days=row[1] // DAY)
        months.setdefault((day.year, day.month), []).append(row[2])
    for ratings in months.values():
        if len(ratings) < 30:
            continue
        of += len(ratings)
        single = [statistics.variance(map(Fraction, column)) for column in zip(*ratings)]
        total = statistics.variance(Fraction(sum(vector)) for vector in ratings)
        chance = 2 * (sum(single) ** 2 - sum(v * v for v in single)) / (len(ratings) - 1)
        if total < sum(single) and (sum(single) - total) ** 2 > 9 * chance:
            count += len(ratings)
    return count, of


def share(count, of):
    return (count * 20_000 + of) // (2 * of) if of else 0


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=("SATU", "DUA=WITA", "TIGA=WIT", "EMPAT", "LIMA", "ENAM=WITA",
                                 "KOSONG"))


@pytest.fixture(scope="module")
def offices(stack):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    made = {code: Office(code, rng) for code in ZONES}
    for code, office in made.items():
        with Line(stack, stack.bundle("office", code)) as line:
            assert line.submit(office.batch).receipt.stored == RESPONSES
    return made


def number(day):
    return day.year * 10_000 + day.month * 100 + day.day


def ask(line, first, last, **more):
    reply = line.ask(quality=pb.Quality(**{"from": number(first), "to": number(last)}, **more))
    assert code_of(reply) == "", reply.error.text
    return reply.quality.row


def test_counts_shares_and_the_usual(stack, offices):
    """Periods that cut through months, both perspectives, all zones."""
    rng = random.Random(7)
    seen = dict.fromkeys(SIGNS, 0)
    with Line(stack, stack.bundle("admin", "admin")) as line:
        for turn in range(12):
            first = FIRST + datetime.timedelta(days=rng.randrange(30) if turn else 0)
            last = first + datetime.timedelta(days=rng.randrange(40) if turn else 70)
            who = rng.choice(("recipient", "provider")) if turn else "recipient"
            expected = {code: office.counts(first, last, who) for code, office in offices.items()}
            rows = ask(line, first, last, perspective=who.encode())
            found = {(row.office.decode(), row.sign.decode()): row for row in rows}
            assert len(found) == len(rows)
            assert list(found) == sorted(found, key=lambda key: key[0])
            for sign in SIGNS:
                shares = sorted(share(*counts[sign]) for counts in expected.values() if counts[sign][1])
                usual = statistics.median(shares) if len(shares) >= 5 else 0
                for code, counts in expected.items():
                    if counts["alike"][1] == 0:
                        assert found[code, ""].of == 0
                        continue
                    row = found[code, sign]
                    assert (row.count, row.of) == counts[sign], (code, sign, first, last, who)
                    assert row.share == share(*counts[sign])
                    assert row.compared == (len(shares) if len(shares) >= 5 else 0)
                    assert row.usual == int(usual + Fraction(1, 2))
                    seen[sign] += row.count
            assert found["KOSONG", ""].of == 0
    assert all(seen.values()), seen    # every sign was there to be counted


def test_parts_add_up(stack, offices):
    """Wherever a period is cut, each response is counted once and with its neighbours in sight."""
    rng = random.Random(8)
    last = FIRST + datetime.timedelta(days=69)
    with stack.db.connect("suara_report") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT code, office_id FROM suara.office")
        ids = dict(cursor.fetchall())
        for code, office in offices.items():
            cuts = sorted(rng.sample(range(1, 70), 12))
            total = [0] * 9
            for a, b in zip([0, *cuts], [*cuts, 70]):
                cursor.execute(
                    "SELECT n, alike, highest, day_only, timed, burst, same, counter, outside FROM"
                    " suara.quality(ARRAY[%s], %s, %s, %s, %s, 1::smallint, 1::smallint, 60000, 450,"
                    " 990, 5)", (ids[code], FIRST, last, FIRST + datetime.timedelta(days=a),
                                 FIRST + datetime.timedelta(days=b - 1)))
                total = [x + y for x, y in zip(total, cursor.fetchone())]
            counts = office.counts(FIRST, last)
            assert total == [counts["alike"][1], counts["alike"][0], counts["highest"][0],
                             counts["day"][0], counts["burst"][1], counts["burst"][0],
                             counts["same"][0], counts["hours"][1], counts["hours"][0]], code


def test_who_is_told_what(stack, offices):
    """An office has its own rows; what is usual among six others is no secret of one."""
    last = FIRST + datetime.timedelta(days=69)
    with Line(stack, stack.bundle("office", "SATU")) as line:
        rows = ask(line, FIRST, last)
        assert {row.office for row in rows} == {b"SATU"} and len(rows) == len(SIGNS)
        assert {row.compared for row in rows if row.sign == b"alike"} == {6}
        reply = line.ask(quality=pb.Quality(**{"from": 20230101, "to": 20231231}, office=[b"DUA"]))
        assert code_of(reply) == "PERMISSION_DENIED" and reply.error.field == b"office"
        for field, value in (("office", [b"SATV"]), ("instrument", b"skm-2018"),
                             ("perspective", b"all"), ("to", 20220101)):
            asked = {"from": 20230101, "to": 20231231, field: value}
            reply = line.ask(quality=pb.Quality(**asked))
            assert (code_of(reply), reply.error.field.decode()) == ("INVALID", field)


def test_a_person_reads_it(stack, offices):
    done = stack.run("suara", "--profile", "admin", "report", "quality", "--from", "2023-01-20",
                     "--to", "2023-03-30")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Signs that answers were not given by the public, 20 Jan 2023 - ")
    assert "KOSONG  no responses" in done.stdout
    assert "ENAM: " in done.stdout and "ratings more even than chance" in done.stdout
    assert "A sign is no proof." in done.stdout
    empty = stack.run("suara", "--profile", "KOSONG", "report", "quality", "--period", "2023",
                      "--format", "csv")
    assert empty.stdout.splitlines()[1:] == ["KOSONG,,0,0,,,"]
