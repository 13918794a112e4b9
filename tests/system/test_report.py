"""The satisfaction index through the whole stack: the vectors of docs/index.md. Random data are in
test_report_property.py."""

import datetime

import pytest

from suara_wire import Batch, Line, code_of, pb
from surveys import index

ZONES = {"BARAT": 7, "TENGAH": 8, "TIMUR": 9}
METHODS = ("exact", "0.11", "0.111", "0.1111")
# n, T, and for each method the index and its grade.
VECTORS = [(19, 604, "88.30 B", "87.42 B", "88.22 B", "88.30 B"),
           (43, 1367, "88.31 A", "87.42 B", "88.22 B", "88.30 B"),
           (52, 1653, "88.30 B", "87.42 B", "88.21 B", "88.29 B"),
           (19, 524, "76.61 B", "75.84 C", "76.53 C", "76.60 C"),
           (26, 717, "76.60 C", "75.84 C", "76.53 C", "76.59 C"),
           (45, 1241, "76.60 C", "75.84 C", "76.53 C", "76.60 C"),
           (58, 1357, "64.99 D", "64.34 D", "64.93 D", "64.98 D"),
           (1, 36, "100.00 A", "99.00 A", "99.90 A", "99.99 A"),
           (3, 27, "25.00 D", "24.75 D", "24.98 D", "25.00 D")]
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
    for method, column in zip(METHODS, range(2, 6)):
        rows = index(stack, "--period", "2020", "--by", "month", "--office", "VEKTOR", "--method", method)
        assert [row["period"] for row in rows] == months
        assert [f"{row['index']} {row['grade']}" for row in rows] == [vector[column] for vector in VECTORS]
        assert [row["n"] for row in rows] == [vector[0] for vector in VECTORS]
        assert {row["method"] for row in rows} == {method}


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


# ---- what was acknowledged is in the next report --------------------------------------------------

def test_a_report_is_fresh_after_each_receipt(stack):
    """No report ever lacks what was acknowledged before it was asked for."""
    wanted = {}
    with Line(stack, stack.bundle("admin", "admin")) as admin:
        for turn, office in enumerate(sorted(ZONES) * 3):
            batch = Batch()
            for k in range(3):
                ratings = [1 + (turn + k + e) % 4 for e in range(9)]
                batch.add(ms(datetime.date(2022, 1 + turn, 28), k, ZONES[office]), ratings, service="UJI")
                n, total = wanted.get(office, (0, 0))
                wanted[office] = n + 1, total + sum(ratings)
            submit(stack, office, batch)
            rows = admin.ask(report=pb.Report(by=b"office", to=20221231, **{"from": 20220101})).rows.row
            assert {row.office.decode(): (row.n, sum(row.sum)) for row in rows if row.n} == wanted


@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_methods_stand_beside_their_figures(stack, style):
    for method in METHODS:
        done = stack.run("suara", "--profile", "admin", "report", "index", "--period", "2020", "--by",
                         "office", "--method", method, "--format", style)
        assert done.returncode == 0 and method in done.stdout
