"""Bulk by what is stored already: the same load into a large database and into a small one, in turns.

Behind: the new responses are later than all that is stored, as day after day brings them. Among: they
lie evenly between the stored ones, so that nearly each goes to a page of the index of its own; a
history that is sent late does that.
"""

import dataclasses
import datetime

import fill
import rows
from figure import Figure
from meter import BenchError, tell
from stage import CLIENTS, Stage

GOAL = 0.8
ROUNDS = 3
LATER = datetime.datetime(2024, 1, 1), datetime.timedelta(days=300)    # behind fill.LAST
PLACES = {"behind": LATER, "among": (rows.FIRST, rows.SPAN)}


@dataclasses.dataclass
class Filled:
    """A stage with what is stored there; with remake the same amount is put there for each load."""
    stage: Stage
    filler: fill.Filler
    stored: int
    remake: bool

    def load(self):
        """Responses a second."""
        if self.remake:
            self.stage.empty()
            self.filler.stored = 0
            self.filler.fill(self.stored)
            self.filler.settle()
        self.stage.fresh_homes()
        self.stage.settle()
        before = self._stored()
        cost = self.stage.submit_all()
        return (self._stored() - before) / cost.seconds

    def _stored(self):
        """By the ledger: to count a hundred million takes its time, and this is the same transaction."""
        return self.stage.sql("SELECT coalesce(sum(stored), 0)::bigint FROM suara.batch")


def load_in_turns(small, full, total):
    """{place: {"small": rates, "full": rates}}."""
    got = {place: {"small": [], "full": []} for place in PLACES}
    number = 0
    for turn in range(ROUNDS):
        for place, (begin, span) in PLACES.items():
            full.stage.write_rows(total, number * total, begin, span)    # never the same ids again
            number += 1
            ways = {"small": small, "full": full}
            for name in list(ways)[::-1 if turn % 2 else 1]:
                rate = ways[name].load()
                if not rate:
                    raise BenchError("nothing was stored")
                got[place][name].append(rate)
            tell(f"bulk {place}, round {turn + 1}: " + ", ".join(
                f"{ways[name].stored:,} stored {rates[-1]:,.0f}/s" for name, rates in got[place].items()))
    return got


def measure(full, small, total):
    """Loads of `total` into two Filled."""
    small.stage.data = full.stage.data    # the same files
    got = load_in_turns(small, full, total)
    figures = [Figure(f"bulk {place} {full.stored:,}", "/s", rates["full"], rates["small"], goal=GOAL)
               for place, rates in got.items()]
    return {"figures": figures, "rates": got, "responses": total, "clients": CLIENTS,
            "stored": [small.stored, full.stored]}
