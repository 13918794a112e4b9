"""The table of faults. A fault is a class with

    name      as FAULTS= has it
    rows      the rows of the fault matrix in docs/faults.md that it covers
    holds     (least, most) seconds between begin and heal
    begin(world, rng)    does the harm; may end by itself
    heal(world)          makes whole what does not heal by itself; the daemon may be on its way up

    possible(world)      not everywhere: a fault that is drawn and not possible is named as left out

in a module faults_*.py, whose list FAULTS names its classes. Several may be at work at once, so
none takes for granted that the daemon or the database is there.
"""

import importlib
import pathlib
import threading


class Fault:
    name, rows, holds = "", (), (0.0, 0.5)

    def possible(self, _world):
        return True

    def begin(self, world, rng):
        raise NotImplementedError

    def heal(self, world):
        """False: not yet; it is asked again."""


def pause(seconds):
    """A moment whose length is drawn: part of the fault."""
    threading.Event().wait(seconds)


class Beside(threading.Thread):
    """What goes on beside the load until it is ended; an error of it is raised there. What a peer
    meets while the daemon comes and goes is none."""

    def __init__(self, work, harmless=()):
        super().__init__(daemon=True)
        self.work, self.harmless, self.over, self.error = work, harmless, threading.Event(), None
        self.start()

    def run(self):
        try:
            self.work(self.over)
        except self.harmless:
            pass
        except Exception as error:
            self.error = error

    def end(self, seconds=30):
        self.over.set()
        self.join(seconds)
        assert not self.is_alive(), f"{self.work} did not end"
        if self.error:
            raise self.error


def load():
    """name -> class, in the order of files and lists."""
    table = {}
    for path in sorted(pathlib.Path(__file__).parent.glob("faults_*.py")):
        for fault in importlib.import_module(path.stem).FAULTS:
            assert fault.name not in table and fault.rows, fault
            table[fault.name] = fault
    return table
