"""The reports that are measured, each with the same figure by plain SQL over response."""

import dataclasses
import datetime

from fill import FIRST, FIRST_MS, LAST

SUMS = ", ".join(f"sum(get_byte(ratings, {k}))" for k in range(9))
SPREAD = ", ".join(f"count(*) FILTER (WHERE get_byte(ratings, {k}) = {v})"
                   for k in range(9) for v in range(1, 5))
MONTH = ("date_trunc('month', to_timestamp((('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint)"
         " / 1000 + 25200) AT TIME ZONE 'UTC')")
QUARTER = MONTH.replace("'month'", "'quarter'")


@dataclasses.dataclass
class Ask:
    """title; a goal for p99 at the daemon in ms, None without one; what is asked; plain SQL: what to
    group by and to select, and which days; kind: the request, a report if not said."""
    title: str
    goal: float | None
    asked: dict
    group: str = ""
    select: str = SUMS
    perspective: bool = True
    days: tuple = (FIRST, LAST)
    kind: str = "report"

    def request(self, pb, offices):
        first, last = (int(day.replace("-", "")) for day in self.days)
        message = {"report": pb.Report, "coverage": pb.Coverage, "quality": pb.Quality}[self.kind]
        office = [code.encode() for code in offices]
        return {self.kind: message(office=office, to=last, **{"from": first}, **self.asked)}

    def plain(self):
        """The same by the responses themselves (all offices of this bench are in WIB)."""
        low, high = (floor(day, more) for day, more in zip(self.days, (0, 1)))
        where = f"id >= '{low}' AND id < '{high}' AND instrument_id = 1"
        if self.perspective:
            where += " AND perspective = 1"
        front = f"{self.group}, " if self.group else ""
        return (f"SELECT {front}count(*), {self.select} FROM suara.response WHERE {where}"
                + (f" GROUP BY {self.group}" if self.group else ""))


def floor(day, more):
    """The smallest id of a day, or so many days later."""
    days = (datetime.date.fromisoformat(day) - datetime.date.fromisoformat(FIRST)).days + more
    value = f"{FIRST_MS + days * 86_400_000:012x}"
    return f"{value[:8]}-{value[8:]}-0000-0000-000000000000"


ROLLUP = 10.0    # ms at the daemon: whole months of one dimension
RANGE = 50.0     # days at the edges, too
SOME_DAYS = ("2022-03-17", "2023-08-09")

ASKS = [
    Ask("index, all", ROLLUP, {}),
    Ask("by office", ROLLUP, {"by": b"office"}, "office_id"),
    Ask("by month", ROLLUP, {"by": b"month"}, MONTH),
    Ask("by sex", ROLLUP, {"by": b"sex"}, "sex"),
    Ask("service x month", ROLLUP, {"by": b"service", "by2": b"month"}, f"office_id, service_id, {MONTH}"),
    Ask("elements, spread", ROLLUP, {"spread": True}, select=f"{SUMS}, {SPREAD}"),
    Ask("trend by quarter", ROLLUP, {"by": b"quarter"}, QUARTER),
    Ask("gap", ROLLUP, {"by": b"perspective", "perspective": b"all", "spread": True}, "perspective",
        f"{SUMS}, {SPREAD}", False),
    Ask("a range of days", RANGE, {"by": b"office"}, "office_id", days=SOME_DAYS),
    Ask("sex x office", None, {"by": b"sex", "by2": b"office"}, "office_id, sex"),
    Ask("coverage", None, {}, "office_id, service_id", "max(id::text)", kind="coverage"),
    Ask("quality", None, {}, "office_id",
        "count(*) FILTER (WHERE ratings = decode(repeat('0' || get_byte(ratings, 0), 9), 'hex'))",
        kind="quality"),
]

NATION_ASKS = [
    Ask("nation: index, year", 150.0, {}, days=("2023-01-01", "2023-12-31")),
    Ask("nation: by province", 150.0, {"by": b"level2"}, days=("2023-01-01", "2023-12-31")),
    Ask("nation: by month, 3 years", None, {"by": b"month"}),
    Ask("nation: by channel", None, {"by": b"channel"}, days=("2023-01-01", "2023-12-31")),
    Ask("nation: by sex", None, {"by": b"sex"}, days=("2023-01-01", "2023-12-31")),
    Ask("nation: by office", None, {"by": b"office"}, days=("2023-01-01", "2023-12-31")),
]
