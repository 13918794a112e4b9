"""What processes cost: CPU time and peak memory, from proc(5), and programs run side by side."""

import dataclasses
import os
import pathlib
import selectors
import subprocess
import sys
import time

MIB = 1024 * 1024
TICK = 1 / os.sysconf("SC_CLK_TCK")
LOOK = 0.02    # seconds between two looks at the peak of a running program


class BenchError(Exception):
    """A measurement that can't be had or would say nothing; the text says why."""


def tell(text):
    print(text, file=sys.stderr, flush=True)


def percentile(values, share):
    """Of sorted values; 0 where there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0


def peak(pid):
    """The most memory the process ever held (VmHWM), in bytes; 0 once it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line.split() for line in text.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0][1]) * 1024 if lines else 0


def _stat(pid):
    """Fields of proc(5) stat from the third on, after the name, which may hold anything."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu(pid):
    """Seconds of CPU that a process has used, with its children, those that ended included."""
    spent = sum(map(int, _stat(pid)[11:15]))
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = _stat(entry.name)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid:
                spent += sum(map(int, fields[11:13]))
    return spent * TICK


@dataclasses.dataclass
class Cost:
    """Of a crowd: wall time from the first start to the last end, CPU in all, highest peak of one;
    and what the servers spent on it, where somebody looked."""
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    daemon_cpu: float = 0.0
    db_cpu: float = 0.0


class Crowd:
    """Runs many commands, `most` at a time. All must end with 0."""

    def __init__(self, most, env, log):
        self.most, self.env, self.log = most, env, log
        self.selector = selectors.DefaultSelector()
        self.cost = Cost()

    def run(self, commands):
        waiting = list(commands)[::-1]
        began = time.monotonic()
        with open(self.log, "w", encoding="utf-8") as log, self.selector:
            try:
                while waiting or self.selector.get_map():
                    while waiting and len(self.selector.get_map()) < self.most:
                        self._start(waiting.pop(), log)
                    self._look()
            finally:
                for key in list(self.selector.get_map().values()):
                    key.data.terminate()
                    key.data.wait()
        self.cost.seconds = time.monotonic() - began
        return self.cost

    def _start(self, command, log):
        process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL)
        self.selector.register(os.pidfd_open(process.pid), selectors.EVENT_READ, process)

    def _look(self):
        """Peaks of those that run (it never falls, so a late look is a good one), then the ended."""
        ended = self.selector.select(LOOK)
        for key in self.selector.get_map().values():
            self.cost.peak = max(self.cost.peak, peak(key.data.pid))
        for key, _ in ended:
            self.selector.unregister(key.fileobj)
            os.close(key.fileobj)
            self._reap(key.data)

    def _reap(self, process):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cost.cpu += usage.ru_utime + usage.ru_stime
        if process.returncode:
            text = pathlib.Path(self.log).read_text(errors="replace")[-2000:]
            raise BenchError(f"{' '.join(process.args)} ended with {process.returncode}:\n{text}")
