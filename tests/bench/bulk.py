"""a. Bulk: a million responses by real clients, beside psql \\copy of the same rows.

The rows that one load stored go by \\copy (binary), in one session and in two with half of the rows
each, into a table of the same definition with the same indexes in the same database. The better of
the two is the reference.
"""

import statistics

from figure import Figure
from meter import tell
from stage import CLIENTS, OFFICES, Stage

TITLE = "bulk"
COPIED = "suara.copied"
REPORT = ("suara", "--profile", "admin", "report", "index", "--from", "2021-01-01", "--to", "2023-07-31", "--by",
          "office")


class Bulk:
    def __init__(self, stage, options):
        self.stage, self.options = stage, options
        self.total = stage.write_rows(options.rows)
        self.seconds = {"load": [], "one": [], "two": [], "report": []}
        self.costs = []

    def load(self):
        self.stage.empty()
        cost = self.stage.submit_all()
        self.stage.stored(self.total)
        self.seconds["load"].append(cost.seconds)
        self.costs.append(cost)
        # The first one after a load brings the roll-up up to date.
        self.seconds["report"].append(self.stage.timed(*REPORT))

    def copy_out(self):
        """All rows, and halves by office, so that the two sessions do not meet on one page."""
        halves = {"one": [""], "two": ["WHERE office_id % 2 = 0", "WHERE office_id % 2 = 1"]}
        for name, wheres in halves.items():
            for part, where in enumerate(wheres):
                self.stage.timed(*self.stage.psql(f"\\copy (SELECT * FROM suara.response {where}) TO"
                                                  f" '{self.stage.data}/{name}{part}' (FORMAT binary)"))

    def copy_in(self, name):
        self.stage.copied(COPIED)
        self.stage.settle()
        parts = range(1 if name == "one" else 2)
        cost = self.stage.crowd(self.stage.psql(
            f"\\copy {COPIED} FROM '{self.stage.data}/{name}{part}' (FORMAT binary)") for part in parts)
        self.seconds[name].append(cost.seconds)
        self.stage.sql(f"DROP TABLE {COPIED}")

    def run(self):
        for turn in range(self.options.rounds):
            forth = turn % 2 == 0
            if forth:
                self.load()
            if turn == 0:
                self.copy_out()
            for name in ("one", "two") if forth else ("two", "one"):
                self.copy_in(name)
            if not forth:
                self.load()
            tell(f"a. round {turn + 1}: " + ", ".join(
                f"{name} {seconds[-1]:.2f} s" for name, seconds in self.seconds.items()))

    def result(self):
        rates = {name: [self.total / took for took in self.seconds[name]] for name in ("load", "one", "two")}
        best = max(("one", "two"), key=lambda name: statistics.median(rates[name]))
        title = {"one": "\\copy, one session", "two": "\\copy, two sessions"}
        figures = [
            Figure(f"   {self.total:,} responses", "/s", rates["load"], rates[best], goal=0.9),
            *(Figure(f"   {title[name]}" + (" (the reference)" if name == best else ""), "/s", rates[name])
              for name in ("one", "two")),
            Figure("   until the first report is fresh", "s", self.seconds["report"])]
        costs = {part: [getattr(cost, name) / self.total * 1e6 for cost in self.costs]
                 for part, name in (("client", "cpu"), ("daemon", "daemon_cpu"), ("db", "db_cpu"))}
        return {"figures": figures, "responses": self.total, "offices": OFFICES, "clients": CLIENTS,
                "seconds": self.seconds, "cpu_us": costs}


def measure(options, _so_far):
    with Stage() as stage:
        bulk = Bulk(stage, options)
        bulk.run()
        return {**bulk.result(), "about": stage.about()}
