"""The satisfaction index through the whole stack: the vectors of docs/index.md, and random data
against a count by fractions."""

import datetime
import random
from fractions import Fraction

import pytest

from suara_wire import Batch, Line, code_of, pb
from surveys import index

ZONES = {"BARAT": 7, "TENGAH": 8, "TIMUR": 9}
METHODS = {"exact": Fraction(1, 9), "0.11": Fraction(11, 100), "0.111": Fraction(111, 1000),
           "0.1111": Fraction(1111, 10000)}
BOUNDS = [(8831, "A", "Sangat Baik"), (7661, "B", "Baik"), (6500, "C", "Kurang Baik"),
          (0, "D", "Tidak Baik")]
# n, T, and the index and grade: exact, then by 0.11 and 0.111.
VECTORS = [(19, 604, "88.30", "B", "87.42", "88.22"), (43, 1367, "88.31", "A", "87.42", "88.22"),
           (52, 1653, "88.30", "B", "87.42", "88.21"), (19, 524, "76.61", "B", "75.84", "76.53"),
           (26, 717, "76.60", "C", "75.84", "76.53"), (45, 1241, "76.60", "C", "75.84", "76.53"),
           (58, 1357, "64.99", "D", "64.34", "64.93"), (1, 36, "100.00", "A", "99.00", "99.90"),
           (3, 27, "25.00", "D", "24.75", "24.98")]
PUBLISHED = [105, 101, 100, 116, 102, 105, 106, 105, 115]    # n = 29: 90.56, made with 0.11


@pytest.fixture(scope="module")
def stack(module_stack):
    made = module_stack(offices=("BARAT", "TENGAH=WITA", "TIMUR=WIT", "VEKTOR"))
    with Line(made, made.bundle("admin", "admin")) as admin:
        for office in ZONES:
            reply = admin.ask(add=pb.Add(what=b"service", code=b"UJI", name=b"Pengujian",
                                         office=office.encode()))
            assert code_of(reply) == ""
    return made


def ms(day, hours=0, zone=7):
    """The moment of a day and hour on the clock of a zone."""
    days = (day - datetime.date(1970, 1, 1)).days
    return (days * 24 + hours - zone) * 3_600_000


def spread(total, cells):
    """cells ratings 1..4 whose sum is total."""
    ratings = [1] * cells
    for k in range(total - cells):
        ratings[k % cells] += 1
    assert sum(ratings) == total and max(ratings) <= 4
    return ratings


def submit(stack, office, batch):
    with Line(stack, stack.bundle("office", office)) as line:
        receipt = line.submit(batch).receipt
        assert receipt.stored == len(batch.message.response)


def test_the_vectors_of_the_domain(stack):
    """A month for each vector, through submission, roll-up, report and the real client."""
    batch, months = Batch(), []
    for month, (n, total, *_) in enumerate(VECTORS, 1):
        ratings = spread(total, 9 * n)
        months.append(f"2020-{month:02}")
        for k in range(n):
            batch.add(ms(datetime.date(2020, month, 1 + k % 28)) + k, ratings[k::n])
    submit(stack, "VEKTOR", batch)
    for method, column in (("exact", 2), ("0.11", 4), ("0.111", 5)):
        rows = index(stack, "--period", "2020", "--by", "month", "--office", "VEKTOR", "--method", method)
        assert [row["period"] for row in rows] == months
        assert [row["index"] for row in rows] == [vector[column] for vector in VECTORS]
        assert [row["n"] for row in rows] == [vector[0] for vector in VECTORS]
        assert {row["method"] for row in rows} == {method}
    rows = index(stack, "--period", "2020", "--by", "month", "--office", "VEKTOR")
    assert [row["grade"] for row in rows] == [vector[3] for vector in VECTORS]


def test_the_published_example(stack):
    batch = Batch()
    columns = [spread(total, 29) for total in PUBLISHED]
    for k in range(29):
        batch.add(ms(datetime.date(2021, 3, 1 + k)), [column[k] for column in columns])
    submit(stack, "VEKTOR", batch)
    found = {method: index(stack, "--period", "2021-Q1", "--office", "VEKTOR", "--method", method)[0]
             for method in METHODS}
    assert [found[method]["index"] for method in ("exact", "0.11", "0.111")] == ["91.48", "90.56", "91.38"]
    assert [e["sum"] for e in found["exact"]["elements"]] == PUBLISHED
    assert found["0.11"]["method"] == "0.11" and found["exact"]["n"] == 29


# ---- random data against a recount ---------------------------------------------------------------

def hundredths(n, total, method):
    exact = Fraction(25 * total * 100, n) * METHODS[method]
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)    # half up


def grade(value):
    return next((letter, words) for low, letter, words in BOUNDS if value >= low)


class Model:
    """What was submitted, and the reports it should give."""

    def __init__(self, rng):
        self.rng, self.rows = rng, []

    def add(self, office, batch):
        rng = self.rng
        day = datetime.date(2022, 11, 1) + datetime.timedelta(days=rng.randrange(150))
        if rng.random() < 0.5:    # near the ends of months, where zones matter
            day = day.replace(day=1) - datetime.timedelta(days=rng.randrange(2))
        moment = ms(day, rng.choice((0, 23)), ZONES[office]) + rng.randrange(3_600_000)
        words = {"service": rng.choice(("", "UMUM", "UJI")),
                 "channel": rng.choice(("", "web", "kiosk")),
                 "stakeholder": rng.choice(("", "public", "business")),
                 "perspective": rng.choice(("", "recipient", "recipient", "provider"))}
        ratings = [rng.randint(1, 4) for _ in range(9)]
        batch.add(moment, ratings, **words)
        self.rows.append({**words, "office": office, "day": day, "ratings": ratings,
                          "service": words["service"] or "UMUM",
                          "perspective": words["perspective"] or "recipient"})

    def report(self, by, first, last, offices, perspective, method):
        """{(office, key): (n, sums, index, grade, quality, offices)}"""
        cells = {}
        for row in self.rows:
            if not first <= row["day"] <= last or row["office"] not in offices:
                continue
            if perspective not in ("all", row["perspective"]):
                continue
            cells.setdefault(key_of(row, by, offices), []).append(row)
        found = {}
        for key, rows in cells.items():
            sums = [sum(column) for column in zip(*(row["ratings"] for row in rows))]
            value = hundredths(len(rows), sum(sums), method)
            found[key] = (len(rows), sums, value, *grade(value), len({row["office"] for row in rows}))
        return found


def key_of(row, by, offices):
    sole = next(iter(offices)) if len(offices) == 1 else ""
    if by in ("office", "service"):
        return row["office"], row[by]
    keys = {"": "", "month": f"{row['day']:%Y-%m}", "year": f"{row['day']:%Y}"}
    return sole, keys[by] if by in keys else row[by]


@pytest.fixture(scope="module")
def model(stack):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    made = Model(random.Random(seed))
    for office in ZONES:
        batch = Batch()
        for _ in range(250):
            made.add(office, batch)
        submit(stack, office, batch)
    return made


BYS = ("", "office", "service", "channel", "stakeholder", "month", "year", "perspective")


def ask(line, by, first, last, offices, perspective, method):
    reply = line.ask(report=pb.Report(
        by=by.encode(), office=[office.encode() for office in offices], method=method.encode(),
        perspective=perspective.encode(), to=int(f"{last:%Y%m%d}"), **{"from": int(f"{first:%Y%m%d}")}))
    assert code_of(reply) == "", reply
    return {(row.office.decode(), row.key.decode()):
            (row.n, list(row.sum), row.index, row.grade.decode(), row.quality.decode(), row.offices)
            for row in reply.rows.row if row.n}


@pytest.mark.parametrize("by", BYS)
def test_reports_equal_a_count_by_fractions(stack, model, by):
    rng = model.rng
    with Line(stack, stack.bundle("auditor", "auditor")) as line:
        for round_ in range(12):
            first = datetime.date(2022, 10, 15) + datetime.timedelta(days=rng.randrange(120))
            last = first + datetime.timedelta(days=rng.choice((0, 1, 20, 31, 60, 170)))
            offices = rng.sample(sorted(ZONES), rng.randint(1, 3))
            perspective = "all" if by == "perspective" else rng.choice(("recipient", "provider"))
            method = rng.choice(sorted(METHODS))
            asked = (by, first, last, offices, perspective, method)
            assert ask(line, *asked) == model.report(*asked), (round_, asked)


def test_a_report_is_fresh_after_each_receipt(stack, model):
    """No report ever lacks what was acknowledged before it was asked for."""
    first, last = datetime.date(2022, 1, 1), datetime.date(2023, 12, 31)
    asked = ("office", first, last, sorted(ZONES), "recipient", "exact")
    with Line(stack, stack.bundle("admin", "admin")) as admin:
        for office in sorted(ZONES) * 3:
            batch = Batch()
            for _ in range(3):
                model.add(office, batch)
            submit(stack, office, batch)
            assert ask(admin, *asked) == model.report(*asked)


def test_the_client_prints_the_same(stack, model):
    """JSON of the real client beside the count: pooled over offices, and by each."""
    asked = ("office", datetime.date(2023, 1, 1), datetime.date(2023, 6, 30), sorted(ZONES), "recipient",
             "exact")
    wanted = model.report(*asked)
    for row in index(stack, "--period", "2023-S1", "--by", "office"):
        if row["office"] not in ZONES:
            assert (row["n"], row["index"], row["grade"]) == (0, None, None)
            continue
        n, sums, value, letter, quality, _ = wanted[row["office"], row["office"]]
        assert (row["n"], row["index"], row["grade"], row["quality"]) == \
            (n, f"{value // 100}.{value % 100:02}", letter, quality)
        assert [(e["n"], e["sum"]) for e in row["elements"]] == [(n, total) for total in sums]
    pooled = index(stack, "--period", "2023-S1")
    total = sum(sum(entry[1]) for entry in wanted.values())
    n = sum(entry[0] for entry in wanted.values())
    value = hundredths(n, total, "exact")
    assert [(row["office"], row["n"], row["index"]) for row in pooled] == \
        [(None, n, f"{value // 100}.{value % 100:02}")]
    assert pooled[0]["offices"] == 3


@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_methods_stand_beside_their_figures(stack, model, style):
    for method in METHODS:
        done = stack.run("suara", "--profile", "admin", "report", "index", "--period", "2023", "--by",
                         "office", "--method", method, "--format", style)
        assert done.returncode == 0 and method in done.stdout
