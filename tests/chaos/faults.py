"""The table of faults. A fault is a class with

    name      as FAULTS= has it
    rows      the rows of the fault matrix in docs/faults.md that it covers
    holds     (least, most) seconds between begin and heal
    begin(world, rng)    does the harm; may end by itself
    heal(world)          makes whole what does not heal by itself; the daemon may be on its way up

in a module faults_*.py, whose list FAULTS names its classes. Several may be at work at once, so
none takes for granted that the daemon or the database is there.
"""

import importlib
import pathlib


class Fault:
    name, rows, holds = "", (), (0.0, 0.5)

    def begin(self, world, rng):
        raise NotImplementedError

    def heal(self, world):
        pass


def load():
    """name -> class, in the order of files and lists."""
    table = {}
    for path in sorted(pathlib.Path(__file__).parent.glob("faults_*.py")):
        for fault in importlib.import_module(path.stem).FAULTS:
            assert fault.name not in table and fault.rows, fault
            table[fault.name] = fault
    return table
