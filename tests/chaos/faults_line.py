"""The line between clients and daemon, harmed by the proxy that stands in it."""

import asyncio

from faults import Fault, pause
from proxy import Cut


class CutAfter:
    """Each connection ends after a number of bytes that is drawn for it, in one of the directions."""

    def __init__(self, rng):
        self.rng, self.most = rng, rng.choice((300, 3000, 12000))
        self.reset = rng.random() < 0.5

    async def passes(self, way, data, line):
        if not hasattr(line, "cut_at"):
            line.cut_way = self.rng.choice(("up", "down"))
            line.cut_at = line.passed[line.cut_way] + self.rng.randrange(self.most)
        room = line.cut_at - line.passed[way] if way == line.cut_way else len(data)
        yield data[:max(0, room)]
        if room < len(data):
            raise Cut(self.reset)


class LineCut(Fault):
    """Connections are cut after some bytes, closed or reset."""
    name, rows, holds = "line-cut", (8, 7), (0.2, 0.8)

    def begin(self, world, rng):
        self.rule = CutAfter(rng)
        world.proxy.add_rule(self.rule)

    def heal(self, world):
        world.proxy.remove_rule(self.rule)


class Slow:
    def __init__(self, rate, piece):
        self.rate, self.piece, self.over = rate, piece, False

    async def passes(self, _way, data, _line):
        start = 0
        while start < len(data):    # what came while it was slow goes at once when it is no more
            part = data[start:] if self.over else data[start:start + self.piece]
            await asyncio.sleep(0 if self.over else len(part) / self.rate)
            yield part
            start += len(part)


class LineSlow(Fault):
    """Some thousand bytes a second, in small pieces."""
    name, rows, holds = "line-slow", (8,), (0.3, 1.0)

    def begin(self, world, rng):
        self.rule = Slow(rng.choice((10_000, 50_000, 200_000)), rng.choice((7, 100, 1400)))
        world.proxy.add_rule(self.rule)

    def heal(self, world):
        self.rule.over = True
        world.proxy.remove_rule(self.rule)


class Stall:
    """Nothing goes this way, or neither way, and nobody is told."""

    def __init__(self, ways):
        self.ways, self.over = ways, False

    async def passes(self, way, data, _line):
        while way in self.ways and not self.over:
            await asyncio.sleep(0.02)
        yield data


class LineStalls(Fault):
    """One way or both are silent; then it goes on, or the connections turn out to be gone."""
    name, rows, holds = "line-stall", (7,), (0.2, 1.0)

    def begin(self, world, rng):
        self.rule = Stall(rng.choice((("up",), ("down",), ("up", "down"))))
        self.gone = rng.random() < 0.5
        world.proxy.add_rule(self.rule)

    def heal(self, world):
        if self.gone:
            world.proxy.reset()
        self.rule.over = True
        world.proxy.remove_rule(self.rule)


class LineReset(Fault):
    """All connections are reset, several times; perhaps nobody is let in for a while."""
    name, rows, holds = "line-reset", (7,), (0.0, 0.6)

    def begin(self, world, rng):
        self.shut = rng.random() < 0.4
        if self.shut:
            self.targets = list(world.proxy.targets)
            world.proxy.set_targets()
        for _ in range(rng.randrange(1, 8)):
            world.proxy.reset()
            pause(rng.uniform(0.0, 0.08))

    def heal(self, world):
        if self.shut:
            world.proxy.set_targets(world.stack.port.number)


FAULTS = [LineCut, LineSlow, LineStalls, LineReset]
