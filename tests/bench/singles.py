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


def values(runs, key, scale=1.0):
    return [run[key] * scale for run in runs]


def figures_of(got):
    """How long one of more clients waits than the reference has can't be compared with it."""
    for count, of in got.items():
        ours, reference = of["ours"], of["reference"]
        alike = count <= PGBENCH_MOST
        yield Figure(f"   {count} clients{'' if alike else f' (pgbench {PGBENCH_MOST})'}: receipts", "/s",
                     values(ours, "rate"), values(reference, "rate"), goal=RATE_GOAL if count == RATE_CLIENTS else None)
        for key in ("p50", "p99"):
            yield Figure(f"      {count} clients: {key}", "ms", values(ours, key, 1e-3),
                         values(reference, key, 1e-3) if alike else None, most=True,
                         goal=P50_GOAL if (key, count) == ("p50", P50_CLIENTS) else None)


def cpu_us(runs):
    """By part, microseconds for a response, of each round."""
    return {part: [run[name] / run["receipts"] * 1e6 for run in runs]
            for part, name in (("client", "cpu"), ("daemon", "daemon_cpu"), ("db", "db_cpu"))}


def measure(options, _so_far):
    with Stage() as stage:
        got = turns(options, stage, Pgbench(stage), CLIENTS)
        return {"figures": list(figures_of(got)), "runs": got, "cpu_us": cpu_us(got[RATE_CLIENTS]["ours"]),
                "about": stage.about()}
