"""e. Overload: ten times as many single responses a second are due as the daemon takes, from clients
that do not wait for their receipts; what it does not read waits there. Limits on requests are off.
How much memory the daemon ever held, and how long after the end of the flood, when its clients hang
up, a single submission takes until it is back to normal. And one real client that sends a file ten
times as long as those of a. through such floods."""

import threading
import time

from figure import Figure
from meter import MIB, BenchError, peak, percentile, tell
from stage import WARM, Stage, rows
from suara_wire import Batch, Line

TITLE = "overload"
TIMES = 10
CLIENTS = 64
NORMAL = 200    # submissions before
IN_A_ROW = 10   # of at most the longest of those: back to normal
PATIENCE = 60   # seconds
MEMORY_GOAL_MIB, RECOVERY_GOAL = 64, 2.0


class Probe:
    """A client that submits one response after the other on a line of its own."""

    def __init__(self, stage):
        self.line = Line(stage.stack, stage.stack.bundle("office", stage.offices[-1]), timeout=PATIENCE)

    def submit(self):
        """Seconds until the receipt."""
        batch = Batch()
        batch.add(int(time.time() * 1000), [4] * 9)
        began = time.monotonic()
        if self.line.submit(batch).receipt.stored != 1:
            raise BenchError("a response was not stored")
        return time.monotonic() - began

    def normal(self):
        """p50 and the longest of NORMAL."""
        took = sorted(self.submit() for _ in range(NORMAL))
        return percentile(took, 0.5), took[-1]

    def recovery(self, longest, began):
        """Seconds until the first of IN_A_ROW that are all back to normal was sent."""
        since, row = began, 0
        while row < IN_A_ROW:
            start = time.monotonic()
            if start > began + PATIENCE:
                raise BenchError(f"not back to normal after {PATIENCE} s")
            if self.submit() > longest:
                row = 0
                continue
            since = since if row else start
            row += 1
        return since - began


def flood(stage, rate, seconds):
    """What was offered and what was taken; the office of the probe stays out of it."""
    got = stage.load(CLIENTS, seconds, rate, flood=True, offices=stage.offices[:-1])
    return {"offered": rate, "taken": got["rate"], "sent": got["sent"] / (seconds + WARM), "refused": got["refused"],
            "ended": got["ended"]}


def capacity_of(stage, seconds):
    """Singles a second that the daemon takes when there are always more."""
    waiting = stage.load(CLIENTS, seconds)["rate"]
    return max(waiting, flood(stage, TIMES * waiting, seconds)["taken"])


def long_file(stage, options, rate):
    """Peak of a client in the flood."""
    ends = list(rows.stock())
    count = TIMES * options.rows // len(stage.offices)
    rows.write(stage.data / "long.csv", 0, count, ends)
    stage.empty()
    cost, raised = [], []

    def send():
        try:
            cost.append(stage.submit([(stage.offices[-1], "long.csv")]))
        except BenchError as error:
            raised.append(error)
    thread = threading.Thread(target=send)
    thread.start()
    floods = []
    while thread.is_alive() and len(floods) < 10:
        floods.append(flood(stage, rate, options.seconds))
    thread.join()
    if raised:
        raise raised[0]
    return {"rows": count, "peak": cost[0].peak, "seconds": cost[0].seconds, "floods": floods}


def measure(options, _so_far):
    floods, recoveries, normals, missing = [], [], [], ""
    with Stage() as stage:
        capacity = capacity_of(stage, options.seconds)
        rate = TIMES * capacity
        for turn in range(options.rounds):
            stage.empty()
            probe = Probe(stage)
            normals.append(probe.normal())
            floods.append(flood(stage, rate, options.seconds))
            try:
                recoveries.append(probe.recovery(normals[-1][1], floods[-1]["ended"]))
            except (BenchError, TimeoutError) as error:
                missing = str(error)
            probe.line.close()
            tell(f"e. round {turn + 1}: offered {rate:.0f}/s, taken {floods[-1]['taken']:.0f}/s, "
                 + (missing or f"normal again after {recoveries[-1]:.3f} s"))
        daemon = peak(stage.stack.daemon.pid)
        client = long_file(stage, options, rate)
        daemon_after = peak(stage.stack.daemon.pid)
        about = stage.about()
    figures = [
        Figure(f"   taken of {rate:,.0f}/s", "/s", [run["taken"] for run in floods]),
        Figure("      of which sent, or queued on a line", "/s", [run["sent"] for run in floods]),
        Figure("   most memory of the daemon", "MiB", [max(daemon, daemon_after) / MIB], goal=MEMORY_GOAL_MIB,
               most=True),
        Figure(f"   most memory of a client, {client['rows']:,} rows", "MiB", [client["peak"] / MIB],
               goal=MEMORY_GOAL_MIB, most=True),
        Figure("   a single submission before, p50", "ms", [p50 * 1000 for p50, _ in normals]),
        Figure("   until it is back to normal", "s", recoveries, goal=RECOVERY_GOAL, most=True, missing=missing)]
    return {"figures": figures, "capacity": capacity, "offered": rate, "floods": floods, "client": client,
            "peak": {"daemon": daemon, "daemon_with_client": daemon_after}, "normal": normals,
            "recovery": recoveries, "about": about}
