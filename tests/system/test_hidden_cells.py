"""Small cells: an auditor asks all that can be asked, and works out all that follows from it. What is
answered must be what docs/index.md says is told; and nothing of fewer than k respondents may follow,
for somebody who knows the rule and all totals. A failure is replayed with SUARA_SEED."""

import datetime
import itertools
import os
import random
import signal

import pytest

import recount
from recount import PROFILE, TERMS, UNITS, Question, Recount, Response
from suara_wire import Batch, Line, code_of, pb
from test_report_property import answer, request

K = 5
OFFICES = {"INDUK": ("WIB", ""), "ANAK": ("WIB", "INDUK"), "LAIN": ("WIT", "")}
YEARS = (2021, 2022)
OUTSIDERS = ("admin", "auditor", "supervisor", "office")    # the office asks of the one below, too
PRIME = (1 << 61) - 1


@pytest.fixture(scope="module")
def rng():
    seed = int(os.environ.get("SUARA_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"replay with SUARA_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=[f"{code}={zone}" for code, (zone, _) in OFFICES.items()],
                        tree={"ANAK": "INDUK"}, profiles=False)


def random_year(rng, year):
    """(day, sex, age) of the respondents of an office and year: many or few, all alike or not."""
    months = rng.sample(range(1, 13), rng.choice((2, 6, 12, 12)))
    most, alike, rare = rng.choice((1, 3, 8, 16)), rng.random() < 0.2, rng.choice((0.02, 0.1, 0.5))
    sex, age = rng.choice("LP"), rng.choice(TERMS["age"][1:4])
    for month in months:
        for _ in range(rng.randint(0, most)):
            day = datetime.date(year, month, rng.randint(1, 28))
            if not alike and rng.random() < rare:
                yield day, rng.choice(TERMS["sex"]), rng.choice(TERMS["age"])
            else:
                yield day, sex, age if rng.random() < 0.7 or alike else TERMS["age"][1]


@pytest.fixture(scope="module")
def model(stack, rng):
    made = Recount(OFFICES, {code: {"UMUM"} for code in OFFICES})
    for office, (zone, _) in OFFICES.items():
        batch = Batch()
        for day, sex, age in itertools.chain(*(random_year(rng, year) for year in YEARS)):
            ratings = tuple(rng.randint(1, 4) for _ in range(9))
            words = {"perspective": "recipient" if rng.random() < 0.9 else "provider", "sex": sex, "age": age,
                     "education": rng.choice(("SMA", "S2")), "occupation": "TNI", "stakeholder": "public"}
            hours = (day - datetime.date(1970, 1, 1)).days * 24 + 12 - recount.ZONES[zone]
            batch.add(hours * 3_600_000 + rng.randrange(3_600_000), ratings, **words)
            made.responses.append(Response(office=office, day=day, instrument="skm-2017", ratings=ratings,
                                           service="UMUM", channel="", **words))
        with Line(stack, stack.bundle("office", office)) as line:
            assert not len(batch.content) or line.submit(batch).receipt.stored == len(batch.content)
    return made


def line_of(stack, role):
    return Line(stack, stack.bundle(role, "INDUK" if role == "office" else role))


def told(reply):
    """{(office, key, key2, hidden): Row}"""
    assert code_of(reply) == "", reply
    hidden = [row for row in reply.rows.row if row.hidden]
    for row in hidden:
        assert row.n and not (row.index or row.grade or row.sum or row.square or row.high or row.offices)
    shown = pb.Reply(rows=pb.Rows(row=[row for row in reply.rows.row if not row.hidden]))
    found = {(*key, False): row for key, row in answer(shown).items()}
    found.update({(row.office.decode(), row.key.decode(), row.key2.decode(), True):
                  recount.NOTHING._replace(n=row.n) for row in hidden})
    assert len(found) == len(reply.rows.row)
    return found


# ---- what follows ----------------------------------------------------------------------------------

class Known:
    """Sums of unknown cells that are known: the space that they span, by elimination modulo a prime.
    A cell is a respondent count, never below zero: where a sum is 0, all its cells are."""

    def __init__(self):
        self.pivots, self.seen, self.zeros = {}, set(), set()

    def learn(self, cells, total):
        cells = frozenset(cells) - self.zeros
        if total == 0:
            self.zeros |= cells
            for cell in cells:
                self._add({cell: 1})
        elif cells not in self.seen:
            self.seen.add(cells)
            self._add(dict.fromkeys(cells, 1))

    def _reduce(self, row):
        left = {}
        while row:
            top = max(row)
            pivot = self.pivots.get(top)
            if pivot is None:
                left[top] = row.pop(top)
                continue
            factor = row[top]
            for cell, value in pivot.items():
                value = (row.get(cell, 0) - factor * value) % PRIME
                if value:
                    row[cell] = value
                else:
                    row.pop(cell, None)
        return left

    def _add(self, row):
        row = self._reduce(row)
        if row:
            top = max(row)
            inverse = pow(row[top], -1, PRIME)
            self.pivots[top] = {cell: value * inverse % PRIME for cell, value in row.items()}

    def follows(self, cells):
        return not self._reduce(dict.fromkeys(cells, 1))


def test_what_follows_is_found():
    """The auditor's own arithmetic: a total less its other parts, also in two steps."""
    known = Known()
    known.learn("abc", 9)
    known.learn("bd", 5)
    known.learn("cd", 4)
    assert not known.follows("a") and known.follows("abc")
    known.learn("d", 1)
    assert known.follows("a") and known.follows("b") and not known.follows("e")
    known.learn("ef", 0)
    assert known.follows("e")


def determined(vectors, k, observed):
    """Small cells that are the same in all years of one value's counts which look alike."""
    alike, found = {}, []
    for vector in vectors:
        counts = {value: [n] + [0] * 11 for value, n in enumerate(vector) if n}
        alike.setdefault((sum(vector), observed(counts)), []).append(vector)
    for same in alike.values():
        for column in list(zip(*same))[1:]:    # "not given" may be known
            if len(set(column)) == 1 and 0 < column[0] < k:
                found.append((column[0], same))
    return found


@pytest.mark.parametrize("values, most, k", [(3, 16, 3), (3, 16, 5), (4, 13, 3), (4, 14, 4)])
def test_nothing_follows_for_who_knows_the_rule(values, most, k):
    """All years with so many respondents: whatever is told, no small cell is the same in all years of
    which the same is told. That small ones alone are left out is seen through."""
    vectors = [v for v in itertools.product(range(most + 1), repeat=values) if sum(v) <= most]

    def by_rule(counts):
        shown, unit = recount.tell(counts, k)
        return tuple((value, sum(counts[value])) for value in sorted(shown) if unit)

    def naively(counts):
        return tuple((value, sum(months)) for value, months in counts.items() if sum(months) >= k)
    assert not determined(vectors, k, by_rule)
    assert determined(vectors, k, naively)


def questions(rng, trait):
    """All offices and cuts of the years, then any days, offices, axes and filters."""
    every = [("", *pair) for pair in itertools.product((trait,), ("", "office", "level1", *UNITS))]
    months = [datetime.date(year, month, 1) for year in YEARS for month in range(1, 13)]
    scopes = [(), ("INDUK",), ("ANAK",), ("LAIN",), ("ANAK", "LAIN")]
    for by2, scope in itertools.product(("office", *UNITS), scopes):
        yield Question(trait, by2, months[0], recount.span(months[-1], 1)[1], scope)
    for first, last in itertools.combinations_with_replacement(months, 2):
        yield Question(trait, "office", first, recount.span(last, 1)[1])
    for _ in range(120):
        first, last = recount.random_days(rng, months[0] - datetime.timedelta(40), datetime.date(2023, 1, 20))
        axes = rng.choice([(trait, by2) for _, _, by2 in every] + [(by2, trait) for _, _, by2 in every[1:]])
        filters = {}
        if rng.random() < 0.3:
            filters = {trait: rng.sample(TERMS[trait], rng.randint(1, len(TERMS[trait]) - 1))}
            axes = rng.choice([axes, ("month", ""), ("office", "year"), ("", "")])
        yield Question(*axes, first, last, rng.choice(scopes), rng.random() < 0.3, filters=filters,
                       perspective=rng.choice(("", "", "provider", "all" if "perspective" in axes else "")))


def learn(known, model, question, rows, trait, rule):
    """The cells that each row is the sum of, by the rule, and what it said."""
    scope = model.scope(question)
    cells = {}
    for office, year, month in itertools.product(scope, range(2020, 2024), range(1, 13)):
        day = datetime.date(year, month, 1)
        values, unit = rule.get((office, question.perspective or "recipient", year), ((), 0))
        if not unit or not recount.inside(question, day, unit):
            continue
        for value in values:
            if all(value in wanted for wanted in question.filters.values()):
                one = dict.fromkeys(recount.VALUES, "")
                one[trait] = value
                there = Response(office=office, day=day, instrument="", perspective="", ratings=(), **one)
                key = (model.owner(question, scope, there), model.place(question.by, there),
                       model.place(question.by2, there), False)
                cells.setdefault(key, set()).add((office, year, month, value))
    assert {key for key, row in rows.items() if row.n and not key[3]} <= set(cells)
    for key, parts in cells.items():
        known.learn(parts, rows[key].n if key in rows else 0)


@pytest.mark.parametrize("trait", ["sex", "age"])
def test_no_small_cell_follows_from_all_that_is_told(stack, model, rng, trait):
    rule = model.told(trait, "skm-2017", K)
    known = {perspective: Known() for perspective in ("recipient", "provider")}
    counts = {perspective: {} for perspective in known}
    for r in model.responses:
        cell = (r.office, r.day.year, r.day.month, getattr(r, trait))
        counts[r.perspective][cell] = counts[r.perspective].get(cell, 0) + 1
    periods = [(office, year, month) for office in OFFICES for year in YEARS for month in range(1, 13)]
    with line_of(stack, "auditor") as line:
        for perspective, one in known.items():    # the totals, which everybody is told
            question = Question("office", "month", datetime.date(2021, 1, 1), datetime.date(2022, 12, 31),
                                perspective=perspective)
            rows = answer(line.ask(report=request(question)))
            for office, year, month in periods:
                row = rows.get((office, office, f"{year}-{month:02}"))
                one.learn({(office, year, month, value) for value in TERMS[trait]}, row.n if row else 0)
        asked = 0
        for question in questions(rng, trait):
            rows = told(line.ask(report=request(question)))
            assert rows == model.public_report(question, K), question
            asked += 1
            learn(known[question.perspective or "recipient"], model, question, rows, trait, rule)
    assert asked > 400
    small = 0
    for perspective, one in known.items():
        for (office, year, month), value in itertools.product(periods, TERMS[trait]):
            for unit in UNITS.values():
                if (month - 1) % unit:
                    continue
                cells = {(office, year, month + k, value) for k in range(unit)}
                count = sum(counts[perspective].get(cell, 0) for cell in cells)
                if 0 < count < K and value:    # that nobody said anything tells of nobody
                    small += 1
                    assert not one.follows(cells), (perspective, cells, count)
    assert small


# ---- who is told what ------------------------------------------------------------------------------

LONG = {"first": datetime.date(2021, 1, 1), "last": datetime.date(2022, 12, 31)}


@pytest.mark.parametrize("role", OUTSIDERS)
def test_outsiders_are_told_in_blocks(stack, model, role):
    """An office is one of them for the office below it, and for itself together with that one."""
    seen = {"office": {"INDUK", "ANAK"}, "supervisor": {"INDUK", "ANAK"}}.get(role, set(OFFICES))
    with line_of(stack, role) as line:
        for trait, scope, subtree in itertools.product(PROFILE, ((), ("ANAK",), ("INDUK",)), (False, True)):
            if role == "office" and scope == ("INDUK",) and not subtree:
                continue    # itself
            question = Question(trait, "quarter", offices=scope, subtree=subtree, **LONG)
            reply = line.ask(report=request(question))
            assert told(reply) == model.public_report(question, K, seen), question
            assert reply.rows.small_cell == K


def test_an_office_sees_all_of_itself(stack, model):
    """Also two traits, and a trait by service; published, it is told as to everybody."""
    with line_of(stack, "office") as line:
        for by, by2 in (("sex", ""), ("age", "month"), ("sex", "age"), ("service", "sex"), ("sex", "channel")):
            question = Question(by, by2, offices=("INDUK",), **LONG)
            reply = line.ask(report=request(question))
            assert answer(reply) == model.report(question) and reply.rows.small_cell == 0
            question = question._replace(spread=True)
            assert answer(line.ask(report=request(question))) == model.report(question)
        question = Question("age", "month", offices=("INDUK",), **LONG)
        message = request(question)
        message.public = True
        assert told(line.ask(report=message)) == model.public_report(question, K)
        message = request(Question("sex", "age", offices=("INDUK",), **LONG))
        message.public = True
        assert code_of(line.ask(report=message)) == "PERMISSION_DENIED"


@pytest.mark.parametrize("role", OUTSIDERS)
def test_a_trait_is_told_alone(stack, model, role):
    """Neither by nor filtered by another dimension, nor with how many gave each rating."""
    others = {"service": "UMUM", "channel": "web", "stakeholder": "public", "education": "SMA"}
    with line_of(stack, role) as line:
        for other, value in others.items():
            for question in (Question("sex", other, **LONG), Question(other, "sex", **LONG),
                             Question("sex", filters={other: [value]}, **LONG),
                             Question(other, filters={"sex": ["L"]}, **LONG),
                             Question("month", filters={"sex": ["L"], other: [value]}, **LONG)):
                reply = line.ask(report=request(question))
                assert code_of(reply) == "PERMISSION_DENIED", question
                assert b"single respondents" in reply.error.text and reply.error.field
        for question in (Question("sex", spread=True, **LONG),
                         Question("", spread=True, filters={"age": [""]}, **LONG)):
            assert code_of(line.ask(report=request(question))) == "PERMISSION_DENIED"
        assert code_of(line.ask(report=request(Question("sex", mean=True, **LONG)))) == "INVALID"


def test_without_a_limit_all_is_told(stack, model):
    """small_cell = 0, by a reload; and back again."""
    question = Question("age", "month", **LONG)
    crossed = Question("age", "sex", **LONG)

    def reload(k):
        stack.write_conf(report__small_cell=str(k))
        stack.daemon.send_signal(signal.SIGHUP)
    with line_of(stack, "auditor") as line:
        try:
            reload(0)
            stack.wait(lambda: code_of(line.ask(report=request(crossed))) == "", 15, "the reload")
            assert answer(line.ask(report=request(question))) == model.report(question)
            assert answer(line.ask(report=request(crossed))) == model.report(crossed)
        finally:
            reload(K)
            stack.wait(lambda: code_of(line.ask(report=request(crossed))) != "", 15, "the reload")
        assert told(line.ask(report=request(question))) == model.public_report(question, K)
