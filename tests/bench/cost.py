"""d. What a response costs: CPU of the daemon in the loads of a and b, its share of the whole, and what
the daemon allocates for it, counted by counter.c in loads of their own."""

import pathlib
import struct

from figure import Figure
from meter import BenchError, tell
from singles import RATE_CLIENTS
from stage import Stage

TITLE = "cost"
CPU_GOAL_US = 1.5


class Counts:
    """What the daemon has allocated since its start, as counter.c writes it."""

    def __init__(self, stage):
        self.path = stage.stack.folder / "counts"
        stack, library = stage.stack, stage.stack.build / "tests/bench/counter.so"
        stack.stop_daemon()
        stack.env.update(LD_PRELOAD=str(library), COUNTER=str(self.path))
        stack.start_daemon()
        del stack.env["LD_PRELOAD"], stack.env["COUNTER"]
        if library.name not in pathlib.Path(f"/proc/{stack.daemon.pid}/maps").read_text():
            raise BenchError(f"the daemon did not load {library}")

    def read(self):
        """Calls in all, those by the daemon's own code, bytes."""
        return struct.unpack("QQQ", self.path.read_bytes())


def less(now, was):
    return [a - b for a, b in zip(now, was)]


def in_bulk(stage, counts, total):
    """Of a response in a file; what connections and the first batches cost goes out by difference."""
    spent = []
    for rows in (total // 2, total):
        stored = stage.write_rows(rows)
        stage.empty()
        before = counts.read()
        stage.submit_all()
        spent.append(less(counts.read(), before))
        stage.stored(stored)
    return [(more - some) / (total - total // 2) for some, more in zip(*spent)]


def in_singles(stage, counts, seconds):
    seen = {}
    stage.empty()
    got = stage.load(RATE_CLIENTS, seconds, watch=lambda word: seen.__setitem__(word, counts.read()))
    return [part / got["receipts"] for part in less(seen["end"], seen["begin"])]


def shares(cpu_us):
    """The daemon's share of the whole, in percent, round by round."""
    return [daemon / (client + daemon + db) * 100
            for client, daemon, db in zip(cpu_us["client"], cpu_us["daemon"], cpu_us["db"])]


def measure(options, so_far):
    names = {"bulk": "in bulk", "singles": f"single, {RATE_CLIENTS} clients"}
    figures = []
    for part, name in names.items():
        cpu_us = so_far[part]["cpu_us"]
        figures += [
            Figure(f"   daemon CPU each, {name}", "us", cpu_us["daemon"],
                   goal=CPU_GOAL_US if part == "bulk" else None, most=True),
            Figure(f"      its share of the whole, {name}", "%", shares(cpu_us)),
            Figure(f"      clients, {name}", "us", cpu_us["client"]), Figure(f"      database, {name}", "us", cpu_us["db"])]
    got = {name: [] for name in names}
    with Stage() as stage:
        counts = Counts(stage)
        for turn in range(min(options.rounds, 2)):    # a count, no time: two say whether it wavers
            got["bulk"].append(in_bulk(stage, counts, options.rows // 4))
            got["singles"].append(in_singles(stage, counts, options.seconds))
            tell(f"d. round {turn + 1}: {got['bulk'][-1][0]:.3f} and {got['singles'][-1][0]:.1f} allocations each")
        about = stage.about()
    for part, name in names.items():
        calls, own, size = ([run[place] for run in got[part]] for place in range(3))
        figures += [Figure(f"   daemon allocations each, {name}", "", calls,
                           goal=0 if part == "bulk" else None, most=True),
                    Figure(f"      by its own code, {name}", "", own), Figure(f"      bytes asked for, {name}", "B", size)]
    return {"figures": figures, "allocations": got, "about": about}
