"""strace as a maker of faults: a program that is killed, or told of an error, at the n-th call of a
kind; and what its log says of the order of writes and fsyncs."""

import collections
import pathlib
import re
import subprocess

import pytest

# What changes a file or its name, or waits for the disk.
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "linkat", "ftruncate")
LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
KILLED = -9


def can_trace(sanitized):
    """Skips where strace is of no use."""
    if sanitized:
        pytest.skip("LeakSanitizer does not work under strace")
    done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        pytest.skip(f"strace does not work here: {done.stderr.strip()}")


def traced(run, log, *words, **how):
    """Runs words undisturbed; its calls, in order: (name, arguments, result)."""
    done = run("strace", "-f", "-y", "-qq", "-s", "256", "-o", log, "-e",
               f"trace=openat,{','.join(CALLS)}", *words, **how)
    calls = []
    for line in pathlib.Path(log).read_text(errors="replace").splitlines():
        found = LINE.match(line)
        if found:
            calls.append((found[1], found[2], int(found[3])))
    return done, calls


def points(calls):
    """(call, n) for each call that a fault can be put at, in the order in which they are made."""
    counts = collections.Counter()
    for name, _, _ in calls:
        if name in CALLS:
            counts[name] += 1
            yield name, counts[name]


def disturbed(run, call, n, fault, *words, more="", **how):
    """Runs words with a fault (signal=KILL, error=EIO) in the n-th call; more "+": and from then on."""
    return run("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
               f"--inject={call}:{fault}:when={n}{more}", *words, **how)


# ---- what a power cut would leave ------------------------------------------------------------------

def _path(text):
    """The path of a descriptor, as -y shows it: 3</a/b>. Of a file without a name, that by which it
    can get one."""
    found = re.match(r"(\d+)<(/.*?)>(\(deleted\))?", text)
    if not found:
        return None
    return f"/proc/self/fd/{found[1]}" if found[3] else found[2]


def _quoted(text):
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text)


class Disk:
    """Which files below a folder, and which names in it, would not outlast a power cut. -shm is
    rebuilt after one and need not."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.there = {str(path) for path in pathlib.Path(folder).rglob("*")}
        self.unsynced = set()

    def _ours(self, path):
        return path is not None and path.startswith(self.folder) and not path.endswith("-shm")

    def left(self):
        return sorted(filter(self._ours, self.unsynced))

    def _rename(self, names):
        """Makes, moves or removes names: their folders are to be synced."""
        for name in names:
            self.unsynced.add(str(pathlib.Path(name).parent))

    def take(self, name, arguments, result):
        if result < 0:
            return
        if name in ("write", "pwrite64", "ftruncate"):
            self.unsynced.add(_path(arguments))
        elif name in ("fsync", "fdatasync"):
            self.unsynced.discard(_path(arguments))
        elif name == "openat" and "O_CREAT" in arguments:
            path, = _quoted(arguments)[:1]
            if path not in self.there and self._ours(path):
                self.there.add(path)
                self._rename([path])
        elif name in ("unlink", "rename", "linkat"):
            names = _quoted(arguments)
            self._rename(names)
            if name != "unlink" and names[0] in self.unsynced:
                self.unsynced.add(names[1])
            self.unsynced.discard(names[0])


def unsynced_at(calls, folder, before, disk=None):
    """What is not on disk when the first text with `before` in it is written to standard output; and
    how many files were synced till then."""
    disk = disk or Disk(folder)
    synced = set()
    for name, arguments, result in calls:
        if name == "write" and arguments.startswith("1<") and before in arguments:
            return disk.left(), synced
        disk.take(name, arguments, result)
        if name in ("fsync", "fdatasync"):
            synced.add(_path(arguments))
    raise AssertionError(f"it never said {before}")
