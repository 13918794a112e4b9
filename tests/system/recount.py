"""What the reports must say, counted anew from the responses: pure Python, fractions until the last
step, and nothing of the C code in it. docs/index.md has the rules."""

import collections
import datetime
import functools
import itertools
import math
from fractions import Fraction

ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
PROFILE = ("sex", "age", "education", "occupation")
# In the order of their lists; "" = not given.
TERMS = {
    "channel": ("", "kiosk", "web", "paper", "phone", "forum"),
    "stakeholder": ("", "public", "business", "academia", "government", "ombudsman", "community", "media"),
    "sex": ("", "L", "P"),
    "age": ("", "<=20", "21-30", "31-40", "41-50", "51-60", ">60"),
    "education": ("", "SD", "SMP", "SMA", "D1-D3", "D4/S1", "S2", "S3"),
    "occupation": ("", "PNS/ASN", "TNI", "Polri", "Swasta", "Wirausaha", "Petani/Nelayan",
                   "Pelajar/Mahasiswa", "Ibu Rumah Tangga", "Pensiunan", "Lainnya"),
}
VALUES = ("service", *TERMS)
UNITS = {"month": 1, "quarter": 3, "semester": 6, "year": 12}
TREE = ("office", *(f"level{k}" for k in range(1, 10)))

Response = collections.namedtuple("Response", "office day instrument perspective ratings " + " ".join(VALUES))
# What is asked; offices: codes, none = all that the asker sees. filters: {dimension: values}.
Question = collections.namedtuple(
    "Question", "by by2 first last offices subtree perspective instrument method filters mean spread",
    defaults=("", "", None, None, (), False, "", "skm-2017", "exact", {}, False, False))
Row = collections.namedtuple("Row", "n index grade quality sums square low high spread offices")
NOTHING = Row(0, 0, "", "", (), 0, 0, 0, (), 0)


class Instrument:
    """bounds: (lowest hundredths, grade, quality), from the highest down."""

    def __init__(self, code, elements, scale, methods, bounds):
        self.code, self.elements, self.scale = code, elements, scale
        self.methods = {"exact": Fraction(1, elements), **methods}
        self.bounds = bounds

    def unit(self, method):
        """Hundredths of the index for one point in the sum of a response's ratings."""
        return Fraction(10000, self.scale) * self.methods[method]

    def grade(self, hundredths):
        return next((names for low, *names in self.bounds if low <= hundredths), self.bounds[-1][1:])


SKM = Instrument("skm-2017", 9, 4, {name: Fraction(name) for name in ("0.11", "0.111", "0.1111")},
                 [(8831, "A", "Sangat Baik"), (7661, "B", "Baik"), (6500, "C", "Kurang Baik"),
                  (2500, "D", "Tidak Baik")])


# ---- arithmetic ------------------------------------------------------------------------------------

def half_up(value):
    return math.floor(value + Fraction(1, 2))


def half_away(value):
    return half_up(value) if value >= 0 else -half_up(-value)


def root_half_up(square):
    """The root of a fraction, rounded half up."""
    return (math.isqrt(math.floor(4 * square)) + 1) // 2


@functools.lru_cache(maxsize=None)
def student(degrees):
    """The point that Student's t lies within with 95 %, to the nearest millionth: the distribution's
    finite sums (Abramowitz and Stegun, 26.7.3 and 26.7.4), inverted by halving."""
    def within(t):
        angle = math.atan(t / math.sqrt(degrees))
        cos2, odd = math.cos(angle) ** 2, degrees % 2
        term = math.cos(angle) if odd else 1.0
        total = term if degrees > 1 else 0.0
        for k in range(2 + odd, degrees, 2):
            term *= cos2 * (k - 1) / k
            total += term
        total *= math.sin(angle)
        return (angle + total) * 2 / math.pi if odd else total
    low, high = 0.0, 20.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < 0.95 else (low, middle)
    return Fraction(round(low * 10 ** 6), 10 ** 6)


class Sample:
    """Totals of some values, one for each response: their number, sum, and sum of squares."""

    def __init__(self, values):
        self.n, self.total = len(values), sum(values)
        self.square = sum(value * value for value in values)

    @property
    def mean(self):
        return Fraction(self.total, self.n)

    @property
    def variance(self):
        """Of the mean."""
        return Fraction(self.n * self.square - self.total ** 2, self.n ** 2 * (self.n - 1))


def welch(samples):
    """Degrees of freedom of a sum of means, rounded down."""
    below = sum(s.variance ** 2 / (s.n - 1) for s in samples)
    if not below:
        return sum(s.n - 1 for s in samples)
    return math.floor(sum(s.variance for s in samples) ** 2 / below)


def change(before, after, unit):
    """(difference, low, high, beyond chance) of the means in units; low None: not known."""
    value = half_away((after.mean - before.mean) * unit)
    if before.n < 2 or after.n < 2:
        return value, None, None, False
    half = root_half_up((unit * student(welch([before, after]))) ** 2 * (before.variance + after.variance))
    return value, value - half, value + half, not value - half <= 0 <= value + half


def decimals(value, places):
    """1234 -> "12.34"."""
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 10 ** places}.{abs(value) % 10 ** places:0{places}}"


# ---- reports ---------------------------------------------------------------------------------------

class Recount:
    """offices: {code: (zone, code of the one above or "")}. services: {code: codes}."""

    def __init__(self, offices, services, instruments=(SKM,)):
        self.offices, self.services = offices, services
        self.instruments = {instrument.code: instrument for instrument in instruments}
        self.responses = []

    def line(self, office):
        """From the root to the office."""
        above = self.offices[office][1]
        return [*(self.line(above) if above else ()), office]

    def below(self, office):
        return {code for code in self.offices if office in self.line(code)}

    def scope(self, question, seen=None):
        if not question.offices:
            return set(seen or self.offices)
        if question.subtree:
            return set().union(*(self.below(office) for office in question.offices))
        return set(question.offices)

    def counted(self, question, scope, filters=True):
        by = (question.by, question.by2)
        wanted = {question.perspective or "recipient"}
        if question.perspective == "all" or "perspective" in by and not question.perspective:
            wanted = {"recipient", "provider"}
        return [r for r in self.responses
                if r.office in scope and question.first <= r.day <= question.last
                and r.instrument == question.instrument and r.perspective in wanted
                and (not filters or all(getattr(r, dim) in values
                                        for dim, values in question.filters.items()))]

    def place(self, axis, response):
        """The key of a response on an axis."""
        if axis in TREE:
            line = self.line(response.office)
            return line[-1] if axis == "office" else line[min(int(axis[5:]), len(line)) - 1]
        if axis in UNITS:
            return period(response.day, axis)
        return getattr(response, axis) if axis else ""

    def owner(self, question, scope, response):
        """The office that a row is of, "" for several."""
        if {"office", "service"} & {question.by, question.by2}:
            return response.office
        return next(iter(scope)) if len(scope) == 1 else ""

    def row(self, question, responses):
        instrument = self.instruments[question.instrument]
        unit = instrument.unit(question.method)
        if not responses:
            return NOTHING._replace(sums=(0,) * instrument.elements,
                                    spread=(0,) * (instrument.elements * instrument.scale * question.spread))
        columns = list(zip(*(r.ratings for r in responses)))
        sample = Sample([sum(r.ratings) for r in responses])
        groups = collections.defaultdict(list)
        for r in responses:
            groups[r.office].append(sum(r.ratings))
        index = half_up(sample.mean * unit)
        if question.mean:
            means = [Sample(values) for values in groups.values()]
            index = half_up(sum(s.mean for s in means) * unit / len(means))
            half = mean_half(means, unit)
        else:
            half = None
            if sample.n > 1:
                half = root_half_up((unit * student(sample.n - 1)) ** 2 * sample.variance)
        ends = [half_up(unit * instrument.elements * rating) for rating in (1, instrument.scale)]
        low, high = (0, 0) if half is None else (max(index - half, ends[0]), min(index + half, ends[1]))
        spread = [column.count(k) for column in columns for k in range(1, instrument.scale + 1)]
        return Row(sample.n, index, *instrument.grade(index), tuple(map(sum, columns)), sample.square, low,
                   high, tuple(spread) if question.spread else (), len(groups))

    def report(self, question, seen=None):
        """{(office, key, key2): Row}"""
        scope = self.scope(question, seen)
        cells = collections.defaultdict(list)
        for office in scope:    # rows that are there whatever came
            axis = question.by
            if not question.by2 and (not axis or axis in TREE):
                line = self.line(office)
                key = "" if not axis else line[-1] if axis == "office" else \
                    line[min(int(axis[5:]), len(line)) - 1]
                cells[office if axis == "office" or len(scope) == 1 else "", key, ""] = []
        for r in self.counted(question, scope):
            cells[self.owner(question, scope, r), self.place(question.by, r),
                  self.place(question.by2, r)].append(r)
        return {key: self.row(question, responses) for key, responses in cells.items()}

    # ---- small cells -------------------------------------------------------------------------------

    def told(self, trait, instrument, k):
        """{(office, perspective, year): (values, months of a block)} of what outsiders are told."""
        years = collections.defaultdict(lambda: collections.defaultdict(lambda: [0] * 12))
        for r in self.responses:
            if r.instrument == instrument:
                years[r.office, r.perspective, r.day.year][getattr(r, trait)][r.day.month - 1] += 1
        return {key: tell(counts, k) for key, counts in years.items()}

    def public_report(self, question, k, seen=None):
        """For outsiders, of one trait: {(office, key, key2, hidden): Row}; of what is hidden n only."""
        trait, = {question.by, question.by2, *question.filters} & set(PROFILE)
        scope = self.scope(question, seen)
        told = self.told(trait, question.instrument, k)
        cells, hidden = collections.defaultdict(list), collections.Counter()
        for r in self.counted(question, scope, filters=False):
            values, unit = told[r.office, r.perspective, r.day.year]
            owner = self.owner(question, scope, r)
            if unit and getattr(r, trait) in values and inside(question, r.day, unit):
                if all(getattr(r, dim) in values for dim, values in question.filters.items()):
                    cells[owner, self.place(question.by, r), self.place(question.by2, r), False].append(r)
            else:
                keys = ["" if axis == trait else self.place(axis, r) for axis in (question.by, question.by2)]
                hidden[owner, *keys, True] += 1
        found = {key: self.row(question, responses) for key, responses in cells.items()}
        found.update({key: NOTHING._replace(n=n) for key, n in hidden.items()})
        shown = {key[:3] for key in found}
        for key, row in self.report(question._replace(filters={}), seen).items():
            if not question.by2 and (not question.by or question.by in TREE) and key not in shown:
                found[*key, False] = self.row(question, [])
        return found


# ---- what the client makes of reports --------------------------------------------------------------

def periods(question):
    """The periods that it has, in order, also where nobody answered."""
    keys, day = [], question.first
    while day <= question.last:
        keys.append(period(day, question.by))
        day = span(day, UNITS[question.by])[1] + datetime.timedelta(1)
    return keys


def totals(responses):
    return Sample([sum(r.ratings) for r in responses])


def said_change(before, after, unit, places):
    """As JSON has it; None where one of the two has no responses."""
    if not (before.n and after.n):
        return None
    value, low, high, beyond = change(before, after, unit)
    known = low is not None
    return {"value": decimals(value, places), "low": decimals(low, places) if known else None,
            "high": decimals(high, places) if known else None, "beyond_chance": beyond if known else None}


def gap(a, b):
    """Of two groups' ratings of one element: means and difference."""
    def part(sample):
        return {"n": sample.n, "mean": decimals(half_up(sample.mean * 1000), 3) if sample.n else None}
    return part(a), part(b), said_change(b, a, Fraction(1000), 3)


def mean_half(samples, unit):
    """Half of the interval of a mean of means; an office with one response has no variance."""
    if any(s.n < 2 for s in samples):
        return None
    variance = sum(s.variance for s in samples)
    if not variance:
        return 0
    return root_half_up((unit * student(welch(samples)) / len(samples)) ** 2 * variance)


def period(day, axis):
    month = day.month - 1
    return {"month": f"{day:%Y-%m}", "quarter": f"{day:%Y}-Q{month // 3 + 1}",
            "semester": f"{day:%Y}-S{month // 6 + 1}", "year": f"{day:%Y}"}[axis]


def span(day, months):
    """First and last day of the period of so many months that the day is in."""
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    after = first.month - 1 + months
    return first, first.replace(year=day.year + after // 12, month=after % 12 + 1) - datetime.timedelta(1)


def inside(question, day, unit):
    """Does its block lie in the question, and in one of its periods?"""
    first, last = span(day, unit)
    units = [UNITS[axis] for axis in (question.by, question.by2) if axis in UNITS]
    return question.first <= first and last <= question.last and all(unit <= months for months in units)


def tell(counts, k):
    """counts: {value: [of each month]}. The values that are told, and the months of a block."""
    sizes = {value: sum(months) for value, months in counts.items() if sum(months)}
    hidden = {value for value, n in sizes.items() if n < k}
    while hidden and len(hidden) < len(sizes):
        together = sum(sizes[value] for value in hidden)
        if together >= k and together != len(hidden) * (k - 1):
            break
        least = min(n for value, n in sizes.items() if value not in hidden)
        hidden |= {value for value, n in sizes.items() if n == least}
    rest = set(sizes) - hidden
    for unit in UNITS.values() if rest else ():
        if all(fits({value: months[start:start + unit] for value, months in counts.items()}, hidden, k)
               for start in range(0, 12, unit)):
            return rest, unit
    return set(), 0


def fits(block, hidden, k):
    shown = {value: months for value, months in block.items() if value not in hidden and sum(months)}
    kept = [sum(months) for value, months in block.items() if value in hidden and sum(months)]
    if any(sum(months) < k for months in shown.values()) or kept and (sum(kept) < k or len(kept) < 2):
        return False
    if len(shown) == 1 and not kept:    # then its months are the public totals
        (value, months), = shown.items()
        return value == "" or all(n == 0 or n >= k for n in months)
    return True


def random_days(rng, first, last):
    """Two days, in order: whole periods, ends of months, or any."""
    days = (last - first).days
    ends = [first + datetime.timedelta(rng.randrange(days + 1)) for _ in range(2)]
    begin, end = sorted(ends)
    if rng.random() < 0.4:
        begin = span(begin, rng.choice((1, 3, 6, 12)))[0]
    if rng.random() < 0.4:
        end = span(end, rng.choice((1, 3, 6, 12)))[1]
    return begin, end


def pairs_of_axes(axes):
    """Every axis alone, and every two of different kinds."""
    def kind(axis):
        return "tree" if axis in TREE else "time" if axis in UNITS else axis
    return [("", ""), *((axis, "") for axis in axes),
            *(pair for pair in itertools.permutations(axes, 2) if kind(pair[0]) != kind(pair[1]))]
