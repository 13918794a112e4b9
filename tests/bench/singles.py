"""b. Singles: clients that each submit one response and wait for its receipt, beside pgbench."""

from figure import Figure
from meter import tell
from reference import TABLE, Pgbench
from stage import Stage

TITLE = "singles"
CLIENTS = (1, 16, 64, 512)
PGBENCH_MOST = 64    # sessions; a database is not given more
RATE_GOAL, RATE_CLIENTS = 5.0, 64
P50_GOAL, P50_CLIENTS = 1.3, 1


def turns(options, stage, pgbench, clients):
    """{"ours": [..], "reference": [..]} for each number of clients."""
    got = {count: {"ours": [], "reference": []} for count in clients}
    for turn in range(options.rounds):
        pgbench.empty()
        stage.empty(f", {TABLE}")
        for count in clients:
            ways = {"ours": lambda count=count: stage.load(count, options.seconds),
                    "reference": lambda count=count: pgbench.run(min(count, PGBENCH_MOST), options.seconds)}
            for name in list(ways)[::-1 if turn % 2 else 1]:
                got[count][name].append(ways[name]())
        tell(f"b. round {turn + 1}: " + ", ".join(
            f"{count}: {of['ours'][-1]['rate']:.0f} / {of['reference'][-1]['rate']:.0f}" for count, of in got.items()))
    return got


def figures_of(got):
    """How long one of more clients waits than the reference has can't be compared with it."""
    for count, of in got.items():
        alike = count <= PGBENCH_MOST

        def pair(key, scale=1.0, of=of):
            return [[run[key] * scale for run in of[way]] for way in ("ours", "reference")]

        def waits(key, alike=alike, pair=pair):
            return pair(key, 1e-3)[:2 if alike else 1]
        yield Figure(f"b. {count} clients{'' if alike else f' (pgbench {PGBENCH_MOST})'}: receipts", "/s",
                     *pair("rate"), goal=RATE_GOAL if count == RATE_CLIENTS else None)
        yield Figure("   p50", "ms", *waits("p50"), goal=P50_GOAL if count == P50_CLIENTS else None, most=True)
        yield Figure("   p99", "ms", *waits("p99"))


def cpu_us(runs):
    """By part, microseconds for a response, of each round."""
    return {part: [run[name] / run["receipts"] * 1e6 for run in runs]
            for part, name in (("client", "cpu"), ("daemon", "daemon_cpu"), ("db", "db_cpu"))}


def measure(options, _so_far):
    with Stage() as stage:
        got = turns(options, stage, Pgbench(stage), CLIENTS)
        return {"figures": list(figures_of(got)), "runs": got, "cpu_us": cpu_us(got[RATE_CLIENTS]["ours"]),
                "about": stage.about()}
