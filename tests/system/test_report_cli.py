"""The reports by the real client: what it derives from the rows, against a count by fractions, and
how it looks on a terminal."""

import csv
import datetime
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import termios
from fractions import Fraction

import pytest

from suara_wire import Batch, Line

DAY_MS = 86_400_000
#        month, perspective, stakeholder, sex, how many, rating of U3, rating of the others
GROUPS = [(1, "", "public", "L", 30, 2, 3), (1, "", "business", "P", 12, 4, 3),
          (2, "", "public", "P", 20, 2, 3), (2, "", "business", "L", 9, 3, 3),
          (4, "", "public", "L", 25, 4, 4), (4, "", "business", "P", 6, 4, 3),
          (1, "provider", "", "", 8, 4, 3), (4, "provider", "", "", 7, 4, 4)]


def ratings_of(group, k):
    """U1 differs from person to person, so that there is chance in it."""
    return [1 + (k + group[0]) % 4, group[6], group[5], *[group[6]] * 6]


@pytest.fixture(scope="module")
def stack(module_stack):
    made = module_stack(offices=("BBPOM-SMG", "LAIN"))
    batch, k = Batch(), 0
    for group in GROUPS:
        start = (datetime.date(2023, group[0], 3) - datetime.date(1970, 1, 1)).days * DAY_MS
        for _ in range(group[4]):
            k += 1
            batch.add(start + k * 1000, ratings_of(group, k), perspective=group[1],
                      stakeholder=group[2], sex=group[3])
    with Line(made, made.bundle("office", "BBPOM-SMG")) as line:
        assert line.submit(batch).receipt.stored == k
    return made


def people(perspective="", month=None, stakeholder=None):
    """Their ratings, as they were sent."""
    found, k = [], 0
    for group in GROUPS:
        for _ in range(group[4]):
            k += 1
            if (group[1] == perspective and month in (None, group[0])
                    and stakeholder in (None, group[2])):
                found.append(ratings_of(group, k))
    return found


def rounded(value, places):
    """Half away from 0, as text."""
    size = abs(value) * 10 ** places
    whole = (2 * size.numerator + size.denominator) // (2 * size.denominator)
    sign = "-" if value < 0 and whole else ""
    return f"{sign}{whole // 10 ** places}.{whole % 10 ** places:0{places}}"


def mean(rows, element):
    return Fraction(sum(row[element] for row in rows), len(rows))


def index_of(rows):
    return Fraction(25 * sum(map(sum, rows)), 9 * len(rows))


def report(stack, *words, profile="admin", status=0, style="json"):
    done = stack.run("suara", "--profile", profile, "report", *words, "--format", style)
    assert done.returncode == status, done
    if status or style == "table":
        return done.stdout + done.stderr
    return json.loads(done.stdout) if style == "json" else list(csv.DictReader(io.StringIO(done.stdout)))


def test_elements_of_a_period(stack):
    rows = people()
    (period,) = report(stack, "elements", "--period", "2023", "--office", "BBPOM-SMG")
    assert (period["n"], period["index"]) == (len(rows), rounded(index_of(rows), 2))
    for k, element in enumerate(period["elements"]):
        assert element["counts"] == [sum(row[k] == r for row in rows) for r in (1, 2, 3, 4)]
        assert element["sum"] == sum(row[k] for row in rows)
        assert element["mean"] == rounded(mean(rows, k), 3)
        assert element["weighted"] == rounded(mean(rows, k) / 9, 3)
        assert element["rank"] == 1 + sum(mean(rows, i) > mean(rows, k) for i in range(9))
        assert element["change"] is None
    assert [e["code"] for e in period["elements"] if e["weakest"]] == ["U1"]
    assert {e["code"] for e in period["elements"] if e["strongest"]} == {"U2", *[f"U{k}" for k in range(4, 10)]}
    lines = report(stack, "elements", "--period", "2023", "--office", "BBPOM-SMG", style="csv")
    assert [line["mean"] for line in lines] == [e["mean"] for e in period["elements"]]
    assert lines[2]["name"] == "Waktu Penyelesaian"
    (weighted,) = report(stack, "elements", "--period", "2023", "--office", "BBPOM-SMG", "--method", "0.11")
    assert weighted["elements"][2]["weighted"] == rounded(mean(rows, 2) * 11 / 100, 3)


def test_elements_against_the_period_before(stack):
    found = report(stack, "elements", "--from", "2023-01", "--to", "2023-06", "--by", "quarter",
                   "--office", "BBPOM-SMG")
    first, second = people(month=1) + people(month=2), people(month=4)
    assert [(p["period"], p["n"]) for p in found] == [("2023-Q1", len(first)), ("2023-Q2", len(second))]
    for k, element in enumerate(found[1]["elements"]):
        change = element["change"]
        assert change["value"] == rounded(mean(second, k) - mean(first, k), 3)
        assert Fraction(change["low"]) <= Fraction(change["value"]) <= Fraction(change["high"])
        assert change["beyond_chance"] == (k != 0), element
    assert all(element["change"] is None for element in found[0]["elements"])
    table = report(stack, "elements", "--from", "2023-01", "--to", "2023-04", "--by", "month",
                   style="table")
    assert "No responses in: 2023-03\n" in table and "2023-03" not in table.split("\n")[1]


def test_trend_shows_the_month_without_responses(stack):
    found = report(stack, "trend", "--from", "2023-01", "--to", "2023-05", "--office", "BBPOM-SMG")
    months = {month: people(month=month) for month in range(1, 6)}
    assert [p["period"] for p in found] == [f"2023-0{month}" for month in range(1, 6)]
    assert [p["index"] for p in found] == \
        [rounded(index_of(rows), 2) if rows else None for rows in months.values()]
    assert found[1]["change"]["value"] == rounded(index_of(months[2]) - index_of(months[1]), 2)
    assert found[1]["change"]["beyond_chance"] is False
    assert found[2]["change"] is None and found[3]["change"] is None
    assert found[3]["since_first"]["value"] == rounded(index_of(months[4]) - index_of(months[1]), 2)
    assert found[3]["since_first"]["beyond_chance"] is True
    table = report(stack, "trend", "--from", "2023-01", "--to", "2023-05", "--office", "BBPOM-SMG",
                   style="table")
    assert "2023-03   0  no responses\n" in table
    assert re.search(r"^▁.·█· lowest ", table, re.M), table
    rise = rounded(index_of(months[4]) - index_of(months[1]), 2)
    assert f"From 2023-01 to 2023-04 the index rose by {rise}: more than chance explains" in table


def test_trend_chooses_its_unit(stack):
    for first, last, count in (("2022-11", "2023-05", 7), ("2021", "2023", 12), ("2019", "2023", 10),
                               ("2012", "2023", 12)):
        found = report(stack, "trend", "--from", first, "--to", last)
        assert len(found) == count and sum(p["n"] for p in found) == len(people())


def test_gap_between_office_and_public(stack):
    found = report(stack, "gap", "--period", "2023", "--office", "BBPOM-SMG")
    own, others = people("provider"), people()
    wanted = {f"U{k + 1}": mean(own, k) - mean(others, k) for k in range(9)}
    assert {gap["element"]: gap["gap"]["value"] for gap in found} == \
        {code: rounded(value, 3) for code, value in wanted.items()}
    sizes = [abs(Fraction(gap["gap"]["value"])) for gap in found]
    assert sizes == sorted(sizes, reverse=True) and found[0]["element"] == "U3"
    assert (found[0]["provider"]["n"], found[0]["recipient"]["n"]) == (len(own), len(others))
    assert found[0]["gap"]["beyond_chance"] is True
    table = report(stack, "gap", "--period", "2023", "--office", "BBPOM-SMG", style="table")
    size = rounded(wanted["U3"], 3).rstrip("0")
    assert f"The office rates U3 Waktu Penyelesaian {size} higher than the public does." in table
    assert f"n = {len(own)} providers, {len(others)} recipients" in table


def test_gap_between_stakeholders(stack):
    found = report(stack, "gap", "--period", "2023", "--between", "stakeholder")
    business, public = people(stakeholder="business"), people(stakeholder="public")
    assert len(found) == 18
    for gap in found:
        k = int(gap["element"][1]) - 1
        sign = 1 if gap["stakeholder"] == "business" else -1
        assert gap["gap"]["value"] == rounded(sign * (mean(business, k) - mean(public, k)), 3)


def test_nothing_is_never_an_empty_table(stack):
    """No responses are said; a failure is a sentence and a status."""
    for words in (("index",), ("elements",), ("elements", "--by", "month"), ("trend",), ("gap",),
                  ("gap", "--between", "stakeholder")):
        assert "no responses" in report(stack, *words, "--period", "2020", style="table"), words
    (period,) = report(stack, "elements", "--period", "2020")
    assert period["index"] is None and {e["mean"] for e in period["elements"]} == {None}
    found = report(stack, "gap", "--period", "2023", "--office", "LAIN")
    assert len(found) == 9 and {gap["gap"] for gap in found} == {None}
    assert "did you mean 'quarter'" in report(stack, "trend", "--by", "quater", status=64)
    assert "kiosk" in report(stack, "index", "--channel", "kisok", status=64)
    assert "LAIN" in report(stack, "index", "--office", "LAINN", profile="admin", status=64)
    said = report(stack, "trend", "--office", "LAIN", profile="BBPOM-SMG", status=77)
    assert said.startswith("suara: ") and "\n" not in said.strip()


def test_elements_of_a_sex_without_counts(stack):
    """How many gave each rating is for the office alone; the others get the figures without."""
    rows, k = [], 0
    for group in GROUPS:
        for _ in range(group[4]):
            k += 1
            if group[3] == "L":
                rows.append(ratings_of(group, k))
    for profile, counted in (("admin", False), ("BBPOM-SMG", True)):
        period = report(stack, "elements", "--period", "2023", "--office", "BBPOM-SMG", "--sex", "L",
                        profile=profile)[0]
        assert period["n"] == len(rows)
        assert [e["mean"] for e in period["elements"]] == [rounded(mean(rows, i), 3) for i in range(9)]
        assert all((e["counts"] is not None) == counted for e in period["elements"]), profile
    assert "sex" in report(stack, "gap", "--period", "2023", "--sex", "L", status=77)


def on_terminal(stack, width, *words):
    """What a terminal of this width gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    with subprocess.Popen([str(stack.build / "suara"), "--profile", "admin", "report", *words],
                          env=stack.env, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode().replace("\r\n", "\n")


def test_a_terminal_is_kept_to(stack):
    for width in (64, 80, 120):
        for words in (("index", "--by", "month"), ("elements",), ("elements", "--by", "month"),
                      ("trend",), ("gap",)):
            text = on_terminal(stack, width, *words, "--period", "2023-S1")
            plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
            assert "\x1b" not in plain and (plain != text or words[-1] == "month"), (width, words)
            assert max(map(len, plain.split("\n"))) <= width, (width, words, plain)
