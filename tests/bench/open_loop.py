"""c. Open loop: single responses that come when they come, 500 a second, and how long each waits for
its receipt from the moment it was due; beside the same INSERTs by pgbench -R."""

from figure import Figure
from meter import tell
from reference import TABLE, Pgbench
from singles import values
from stage import Stage

TITLE = "open loop"
RATE, CLIENTS = 500, 16
LONGER = 2.5    # times the seconds of the other loads: there are few to take a percentile of
GOAL = {"p99": 1.5}
NAMES = {"p50": "p50", "p99": "p99", "p999": "p99.9"}


def measure(options, _so_far):
    seconds = options.seconds * LONGER
    runs = {"ours": [], "reference": []}
    with Stage() as stage:
        pgbench = Pgbench(stage)
        pgbench.empty()
        ways = {"ours": lambda: stage.load(CLIENTS, seconds, RATE),
                "reference": lambda: pgbench.run(CLIENTS, seconds, RATE)}
        for turn in range(options.rounds):
            stage.empty(f", {TABLE}")
            for name in list(ways)[::-1 if turn % 2 else 1]:
                runs[name].append(ways[name]())
            tell(f"c. round {turn + 1}: p99 " + " / ".join(f"{of[-1]['p99'] / 1000:.2f} ms" for of in runs.values()))
        about = stage.about()
    figures = [Figure(f"   {NAMES[key]}", "ms",
                      *(values(runs[way], key, 1e-3) for way in ("ours", "reference")),
                      goal=GOAL.get(key), most=True) for key in NAMES]
    return {"figures": figures, "runs": runs, "rate": RATE, "clients": CLIENTS, "about": about}
