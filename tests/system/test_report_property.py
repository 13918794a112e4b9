"""Random responses through the whole stack, then random questions: what is answered must equal a
recount by fractions (recount.py). A failure is replayed with SUARA_SEED."""

import datetime
import json
import os
import random

import pytest

import recount
from recount import TERMS, TREE, UNITS, VALUES, ZONES, Instrument, Question, Recount, Response, Row
from suara_wire import Batch, Line, code_of, pb

# Office: zone and the one above. Two roots, four levels; UJI is a service of three of them.
OFFICES = {"PUSAT": ("WIB", ""), "JATENG": ("WIB", "PUSAT"), "TIMUR": ("WIT", "PUSAT"),
           "SEMARANG": ("WIB", "JATENG"), "KUDUS": ("WITA", "JATENG"), "JAYAPURA": ("WIT", "TIMUR"),
           "KIOS": ("WIB", "SEMARANG"), "LAIN": ("WITA", "")}
SERVICES = {"SEMARANG": ("UJI",), "JAYAPURA": ("UJI", "IZIN"), "KIOS": ("UJI",)}
TIGA = Instrument("tiga", 3, 10, {"0.3": recount.Fraction(3, 10)},
                  [(7500, "T", "Tinggi"), (4000, "S", "Sedang"), (1000, "R", "Rendah")])
DOCUMENT = """[instrument]
code = tiga
version = 1
name = Tiga pertanyaan
scale = 10

[method]
exact = 1/3
0.3 = 3/10

[element M1]
name = Mutu

[element M2]
name = Waktu

[element M3]
name = Biaya

[grade T]
quality = Tinggi
from = 75.00
to = 100.00

[grade S]
quality = Sedang
from = 40.00
to = 74.99

[grade R]
quality = Rendah
from = 10.00
to = 39.99
"""
FIRST, LAST = datetime.date(2021, 10, 20), datetime.date(2023, 3, 31)
AXES = (*TREE[:5], *VALUES, "perspective", *UNITS)
PAIRS = recount.pairs_of_axes(AXES)


@pytest.fixture(scope="module")
def rng():
    seed = int(os.environ.get("SUARA_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"replay with SUARA_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def stack(module_stack):
    stack = module_stack(offices=[f"{code}={zone}" for code, (zone, _) in OFFICES.items()],
                         tree={code: above for code, (_, above) in OFFICES.items() if above},
                         settings={"report.small_cell": "0"})
    with Line(stack, stack.bundle("admin", "admin")) as admin:
        assert code_of(admin.ask(add=pb.Add(what=b"instrument", document=DOCUMENT.encode()))) == ""
        for office, codes in SERVICES.items():
            for code in codes:
                assert code_of(admin.ask(add=pb.Add(what=b"service", code=code.encode(), name=b"x",
                                                    office=office.encode()))) == ""
    return stack


def random_response(rng, office, instrument):
    """(moment, words, Response); often near the ends of months, where zones matter."""
    day = FIRST + datetime.timedelta(rng.randrange((LAST - FIRST).days + 1))
    if rng.random() < 0.5:
        day = max(day.replace(day=1) - datetime.timedelta(rng.randrange(2)), FIRST)
    hours = (day - datetime.date(1970, 1, 1)).days * 24 + rng.choice((0, 23)) - ZONES[OFFICES[office][0]]
    words = {dim: rng.choice(terms) for dim, terms in TERMS.items()}
    words["service"] = rng.choice(("", "UMUM", *SERVICES.get(office, ())))
    words["perspective"] = rng.choice(("", "recipient", "recipient", "provider"))
    best = rng.choice((0, instrument.scale // 2))
    ratings = tuple(rng.randint(max(1, best), instrument.scale) for _ in range(instrument.elements))
    known = {**words, "service": words["service"] or "UMUM", "perspective": words["perspective"] or "recipient"}
    return hours * 3_600_000 + rng.randrange(3_600_000), words, \
        Response(office=office, day=day, instrument=instrument.code, ratings=ratings, **known)


@pytest.fixture(scope="module")
def model(stack, rng):
    """Many of some offices, few of others, none of PUSAT."""
    made = Recount(OFFICES, {code: {"UMUM", *SERVICES.get(code, ())} for code in OFFICES},
                   (recount.SKM, TIGA))
    for office, count in zip(OFFICES, (0, 4, 60, 250, 60, 250, 120, 250)):
        with Line(stack, stack.bundle("office", office)) as line:
            for instrument, share in ((recount.SKM, count), (TIGA, count // 3)):
                batch = Batch(instrument=instrument.code.encode())
                for _ in range(share):
                    moment, words, response = random_response(rng, office, instrument)
                    batch.add(moment, response.ratings, **words)
                    made.responses.append(response)
                assert line.submit(batch).receipt.stored == share
    return made


def request(question):
    """The message of a Question."""
    number = "{:%Y%m%d}".format
    return pb.Report(
        to=int(number(question.last)), by=question.by.encode(), by2=question.by2.encode(),
        office=[office.encode() for office in question.offices], subtree=question.subtree,
        perspective=question.perspective.encode(), instrument=question.instrument.encode(),
        method=question.method.encode(), mean_of_offices=question.mean, spread=question.spread,
        filter=[pb.Filter(dimension=dim.encode(), value=[value.encode() for value in values])
                for dim, values in question.filters.items()], **{"from": int(number(question.first))})


def answer(reply):
    """{(office, key, key2): Row} of a reply."""
    assert code_of(reply) == "", reply
    rows = {(row.office.decode(), row.key.decode(), row.key2.decode()): Row(
        row.n, row.index, row.grade.decode(), row.quality.decode(), tuple(row.sum), row.square, row.low,
        row.high, tuple(row.spread), row.offices) for row in reply.rows.row}
    assert len(rows) == len(reply.rows.row) and not any(row.hidden for row in reply.rows.row)
    return rows


def random_question(rng, pair, instrument):
    filters = {}
    while rng.random() < 0.4:
        dim = rng.choice(VALUES)
        terms = TERMS.get(dim, ("UMUM", "UJI"))
        filters[dim] = rng.sample(terms, rng.randint(1, max(1, len(terms) // 2)))
    first, last = recount.random_days(rng, FIRST - datetime.timedelta(40), LAST + datetime.timedelta(40))
    offices = rng.sample(sorted(OFFICES), rng.choice((0, 0, 1, 1, 2, 4)))
    subtree = bool(offices) and rng.random() < 0.5
    if "service" in filters and "UJI" in filters["service"] and offices:
        offices.append("SEMARANG")    # in which it is known
    return Question(*pair, first, last, tuple(sorted(set(offices))), subtree,
                    rng.choice(("", "recipient", "provider")), instrument.code,
                    rng.choice(sorted(instrument.methods)), filters, rng.random() < 0.25, rng.random() < 0.25)


@pytest.mark.parametrize("instrument", [recount.SKM, TIGA], ids=["skm-2017", "tiga"])
def test_every_report_equals_the_recount(stack, model, rng, instrument):
    """Every axis and every two of them, each with its own filters, offices, days and method."""
    filled = 0
    with Line(stack, stack.bundle("auditor", "auditor")) as line:
        for pair in PAIRS if instrument is recount.SKM else rng.sample(PAIRS, 60):
            question = random_question(rng, pair, instrument)
            wanted = model.report(question)
            assert answer(line.ask(report=request(question))) == wanted, question
            filled += any(row.n for row in wanted.values())
    assert filled > len(PAIRS) // 10


# ---- the client ------------------------------------------------------------------------------------

def said(stack, what, question, *more):
    """The JSON of a report of the client."""
    words = ["--from", str(question.first), "--to", str(question.last), "--instrument", question.instrument]
    words += ["--subtree"] if question.subtree else []
    for name in ("method", "perspective"):
        words += [f"--{name}", getattr(question, name)] if getattr(question, name) else []
    words += [word for axis in (question.by, question.by2) if axis for word in ("--by", axis)]
    words += [word for office in question.offices for word in ("--office", office)]
    words += [f"--{dim}={value}" for dim, values in question.filters.items() for value in values]
    done = stack.run("suara", "--profile", "auditor", "report", what, *words, *more, "--format", "json")
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def figure(value):
    return recount.decimals(value, 2) if value else None


def client_question(rng, by="", instrument=recount.SKM):
    return random_question(rng, (by, ""), instrument)._replace(mean=False, spread=False)


def test_the_client_prints_the_index(stack, model, rng):
    for pair in rng.sample(PAIRS, 5):
        question = client_question(rng, "", rng.choice((recount.SKM, TIGA)))._replace(by=pair[0], by2=pair[1])
        wanted = model.report(question)
        rows = said(stack, "index", question)
        for row in rows:
            keys = [row["office"] if axis == "office" else row[axis] if axis not in UNITS else row["period"]
                    for axis in (question.by, question.by2) if axis]
            key = (row["office"] or "", *(text or "" for text in (*keys, None, None)[:2]))
            one = wanted.pop(key)
            assert (row["n"], row["index"], row["grade"], row["quality"], row["offices"]) == (
                one.n, figure(one.index), one.grade or None, one.quality or None, one.offices), question
            assert row["interval"] == (one.high and {"low": figure(one.low), "high": figure(one.high)}
                                       or None), question
            assert [(e["n"], e["sum"]) for e in row["elements"]] == [(one.n, total) for total in one.sums]
        assert not wanted, question


@pytest.mark.parametrize("unit", UNITS)
def test_the_client_prints_the_trend(stack, model, rng, unit):
    question = client_question(rng, unit, rng.choice((recount.SKM, TIGA)))
    scope, samples = model.scope(question), {}
    for key in recount.periods(question):
        samples[key] = recount.totals([r for r in model.counted(question, scope)
                                       if recount.period(r.day, unit) == key])
    hundredths = model.instruments[question.instrument].unit(question.method)
    first = next((key for key, sample in samples.items() if sample.n), None)
    rows = said(stack, "trend", question)
    assert [(row["period"], row["n"]) for row in rows] == [(key, s.n) for key, s in samples.items()], question
    before = recount.Sample([])
    for row, (key, sample) in zip(rows, samples.items()):
        assert row["index"] == (figure(recount.half_up(sample.mean * hundredths)) if sample.n else None)
        assert row["change"] == recount.said_change(before, sample, hundredths, 2), (question, key)
        assert row["since_first"] == (None if key == first or not first else recount.said_change(
            samples[first], sample, hundredths, 2)), (question, key)
        before = sample


def test_the_client_prints_the_elements(stack, model, rng):
    for unit in ("", "quarter"):
        question = client_question(rng, unit)
        counted, before = model.counted(question, model.scope(question)), []
        rows = said(stack, "elements", question)
        keys = recount.periods(question) if unit else [""]
        assert len(rows) == len(keys), question
        for row, key in zip(rows, keys):
            part = [r.ratings for r in counted if not unit or recount.period(r.day, unit) == key]
            sums = [sum(column) for column in zip(*part)] or [0] * 9
            for place, element in enumerate(row["elements"]):
                column, total = [ratings[place] for ratings in part], sums[place]
                counts = [column.count(k) for k in range(1, 5)]
                assert (element["code"], element["n"], element["sum"]) == (f"U{place + 1}", len(part), total)
                assert element["counts"] in ([counts] if part else [counts, None]), question
                weighted = recount.Fraction(total * 1000, max(1, len(part)))
                assert element["mean"] == (recount.decimals(recount.half_up(weighted), 3) if part else None)
                weighted *= recount.SKM.methods[question.method]
                assert element["weighted"] == (recount.decimals(recount.half_up(weighted), 3) if part else None)
                above, below = sum(one > total for one in sums), sum(one < total for one in sums)
                assert (element["rank"], element["strongest"], element["weakest"]) == (
                    above + 1 if part else None, not above and below > 0, not below and above > 0)
                assert element["change"] == recount.said_change(
                    recount.Sample([ratings[place] for ratings in before]), recount.Sample(column),
                    recount.Fraction(1000), 3), question
            before = part


@pytest.mark.parametrize("between", ["perspective", "stakeholder"])
def test_the_client_prints_the_gaps(stack, model, rng, between):
    question = client_question(rng)._replace(method="exact", perspective="")
    question.filters.pop("stakeholder", None)
    scope, wanted = model.scope(question), []
    asked = question._replace(perspective="all" if between == "perspective" else "recipient")
    groups = {}
    for r in model.counted(asked, scope):
        groups.setdefault(getattr(r, between), []).append(r.ratings)
    for place in range(9):
        def column(names):
            return recount.Sample([ratings[place] for name in names for ratings in groups.get(name, ())])
        for name in ["provider"] if between == "perspective" else [n for n in groups if n and len(groups) > 1]:
            others = ["recipient"] if between == "perspective" else [n for n in groups if n != name]
            wanted.append((None if between == "perspective" else name, f"U{place + 1}",
                           *recount.gap(column([name]), column(others))))
    names = ("provider", "recipient") if between == "perspective" else ("group", "others")
    rows = [(row["stakeholder"], row["element"], row[names[0]], row[names[1]], row["gap"]) for row in said(
        stack, "gap", question._replace(method=""), "--between", between)]
    sizes = [abs(float(row[4]["value"])) if row[4] else 0 for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert sorted(rows, key=repr) == sorted(wanted, key=repr), question
