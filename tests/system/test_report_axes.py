"""Reports by two axes, with filters, against a recount of what was submitted: an office of all its
own figures, and an administrator of what is told of others."""

import collections
import datetime
import random

import pytest

from suara_wire import Batch, Line, code_of, pb

ZONES = {"BARAT": 7, "TIMUR": 9}
SEXES, AGES = ["L", "P", "P", ""], ["<=20", "21-30", "31-40", ""]
AXES = {
    "": lambda r: "",
    "office": lambda r: r["office"],
    "level1": lambda r: r["office"],
    "level2": lambda r: r["office"],
    "service": lambda r: "UMUM",
    "channel": lambda r: r["channel"],
    "stakeholder": lambda r: r["stakeholder"],
    "perspective": lambda r: r["perspective"],
    "sex": lambda r: r["sex"],
    "age": lambda r: r["age"],
    "month": lambda r: f"{r['day']:%Y-%m}",
    "quarter": lambda r: f"{r['day'].year}-Q{(r['day'].month + 2) // 3}",
    "semester": lambda r: f"{r['day'].year}-S{(r['day'].month + 5) // 6}",
    "year": lambda r: str(r["day"].year),
}
KINDS = {"level1": "office", "level2": "office", "quarter": "month", "semester": "month",
         "year": "month"}
TRAITS = ("sex", "age")
FILTERS = [None, ("channel", ["web", ""]), ("sex", ["P"]), ("service", ["UMUM"])]


def made_up(rng, office):
    day = datetime.date(2022, 6, 1) + datetime.timedelta(days=rng.randrange(420))
    return {"office": office, "day": day, "channel": rng.choice(["web", "kiosk", ""]),
            "stakeholder": rng.choice(["public", "media"]),
            "perspective": rng.choice(["recipient"] * 4 + ["provider"]), "sex": rng.choice(SEXES),
            "age": ">60" if rng.random() < .01 else rng.choice(AGES),
            "ratings": [rng.randint(1, 4) for _ in range(9)]}


@pytest.fixture(scope="module")
def world(module_stack):
    """The stack, and all that was submitted to it."""
    stack, rng, rows = module_stack(offices=("BARAT", "TIMUR=WIT")), random.Random(4), []
    for office, zone in ZONES.items():
        batch = Batch()
        for k in range(900):
            row = made_up(rng, office)
            days = (row["day"] - datetime.date(1970, 1, 1)).days
            batch.add((days * 24 + rng.randrange(24) - zone) * 3_600_000 + k, row["ratings"],
                      **{name: row[name] for name in ("channel", "stakeholder", "perspective",
                                                      *TRAITS)})
            rows.append(row)
        with Line(stack, stack.bundle("office", office)) as line:
            assert line.submit(batch).receipt.stored == 900
    return stack, rows


def number(day):
    return day.year * 10000 + day.month * 100 + day.day


def recount(rows, by, by2, first, last, chosen):
    """Responses by their places on both axes."""
    places = collections.defaultdict(list)
    for row in rows:
        if first <= number(row["day"]) <= last and (
                "perspective" in (by, by2) or row["perspective"] == "recipient") and (
                not chosen or chosen[0] == "service" or row[chosen[0]] in chosen[1]):
            office = row["office"] if "service" in (by, by2) else ""
            places[AXES[by](row), AXES[by2](row), office].append(row)
    return places


def request(by, by2, first, last, chosen=None, spread=False):
    asked = pb.Report(**{"from": first, "to": last}, by=by.encode(), by2=by2.encode(), spread=spread)
    if chosen:
        asked.filter.add(dimension=chosen[0].encode(), value=[v.encode() for v in chosen[1]])
    return asked


def check(rows, reply, by, by2, spread):
    """Each place has its row, with all exact figures."""
    got = {(row.key.decode(), row.key2.decode(),
            row.office.decode() if "service" in (by, by2) else ""): row
           for row in reply.rows.row if row.n}
    assert set(got) == set(rows)
    for place, responses in rows.items():
        row, ratings = got[place], [r["ratings"] for r in responses]
        assert row.n == len(responses) and not row.hidden
        assert list(row.sum) == [sum(r[e] for r in ratings) for e in range(9)]
        assert row.square == sum(sum(r) ** 2 for r in ratings)
        assert (row.high > 0) == (row.n > 1) and row.low <= row.index
        assert list(row.spread) == ([sum(r[e] == v for r in ratings) for e in range(9)
                                     for v in (1, 2, 3, 4)] if spread else [])


def test_any_two_axes_against_a_recount(world):
    stack, rows = world
    rng = random.Random(11)
    own_rows = [row for row in rows if row["office"] == "BARAT"]
    with Line(stack, stack.bundle("office", "BARAT")) as own, \
            Line(stack, stack.bundle("admin", "admin")) as admin:
        for _ in range(90):
            by, by2 = rng.choice(list(AXES)), rng.choice(list(AXES))
            chosen, spread = rng.choice(FILTERS), rng.random() < .4
            first, last = rng.choice([(20220101, 20231231), (20220715, 20230214),
                                      (20221003, 20221029), (20220601, 20230430)])
            told = {by, by2, chosen[0] if chosen else ""} & set(TRAITS)
            reply = (own if told else admin).ask(
                report=request(by, by2, first, last, chosen, spread))
            if by2 and (not by or KINDS.get(by, by) == KINDS.get(by2, by2)):
                assert code_of(reply) == "INVALID" and reply.error.field == b"by2"
                continue
            assert code_of(reply) == "", (by, by2, chosen, reply.error.text)
            check(recount(own_rows if told else rows, by, by2, first, last, chosen), reply, by, by2,
                  spread)


def test_outsiders_are_told_of_traits_in_blocks(world):
    """What is told is exact and no small cell; with what is hidden it is everybody."""
    stack, rows = world
    with Line(stack, stack.bundle("auditor", "auditor")) as line:
        for trait in TRAITS:
            for axis in ("", "office", "level1", "month", "quarter", "semester", "year"):
                reply = line.ask(report=request(axis, trait, 20220101, 20231231) if axis else
                                 request(trait, "", 20220101, 20231231))
                assert code_of(reply) == "" and reply.rows.small_cell == 5
                totals = collections.Counter()
                exact = recount(rows, axis, trait, 20220101, 20231231, None)
                for row in reply.rows.row:
                    place, value = (row.key, row.key2) if axis else (b"", row.key)
                    totals[place.decode()] += row.n
                    if row.hidden:
                        assert row.n and not row.index and not row.sum and not row.high
                        continue
                    assert 5 <= row.n <= len(exact[place.decode(), value.decode(), ""])
                whole = collections.Counter()
                for (place, _, _), responses in exact.items():
                    whole[place] += len(responses)
                assert totals == whole
        for wrong in (request("sex", "age", 20220101, 20231231),
                      request("sex", "channel", 20220101, 20231231),
                      request("sex", "", 20220101, 20231231, spread=True),
                      request("service", "", 20220101, 20231231, ("age", [">60"]))):
            assert code_of(line.ask(report=wrong)) == "PERMISSION_DENIED"
