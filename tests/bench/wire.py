"""f. Bytes on the line for a response, both ways: what TCP carries between a client and the daemon,
without and with compression, of files without comments. What a connection costs by itself, with
handshake and greeting, is told apart by two files of different length."""

import os
import pathlib
import subprocess

import rows
from figure import Figure
from meter import BenchError, tell
from proxy import Proxy
from stack import Port
from stage import Stage

TITLE = "wire"
ROWS = 50000
GOAL = 40.0
OPTION = "server.compression"


class Count:
    """A rule of the proxy: all passes, and is counted."""

    def __init__(self):
        self.bytes = {"up": 0, "down": 0}

    async def passes(self, way, data, _line):
        self.bytes[way] += len(data)
        yield data


def knows_compression():
    program = pathlib.Path(os.environ["SUARA_BUILD"]).resolve() / "suarad"
    dump = subprocess.run([program, "--dump"], capture_output=True, text=True, check=True).stdout
    return f"option {OPTION}" in dump.splitlines()


class Relay:
    """Stands before the daemon of a stage; the client of the first office goes through it."""

    def __init__(self, stage):
        self.stage, self.port = stage, Port()
        self.proxy, self.count = Proxy(self.port, stage.stack.port.number), Count()
        self.proxy.add_rule(self.count)
        settings = stage.homes / stage.offices[0] / "settings.ini"
        text = settings.read_text()
        changed = text.replace(stage.stack.env["SUARA_SERVER"], f"127.0.0.1:{self.port.number}")
        if changed == text:
            raise BenchError(f"{settings} does not name the server")
        settings.write_text(changed)

    def submit(self, name, wanted):
        """Bytes up and down of a file that goes in as one connection."""
        self.stage.empty()
        before = dict(self.count.bytes)
        self.stage.submit([(self.stage.offices[0], name)])
        self.stage.stored(wanted)
        return {way: self.count.bytes[way] - before[way] for way in before}


def write(stage, name, count):
    rows.write(stage.data / name, 0, count, list(rows.stock(comments=False)))


def one_way(options, settings):
    """{"up", "down", "both", "connection"}: a list of values each."""
    got = {"up": [], "down": [], "both": [], "connection": []}
    count = min(ROWS, options.rows)
    with Stage(settings, offices=1) as stage:
        relay = Relay(stage)
        try:
            write(stage, "many.csv", count)
            write(stage, "one.csv", 1)
            for _ in range(options.rounds):
                one, many = relay.submit("one.csv", 1), relay.submit("many.csv", count)
                each = {way: (many[way] - one[way]) / (count - 1) for way in one}
                got["up"].append(each["up"])
                got["down"].append(each["down"])
                got["both"].append(sum(each.values()))
                got["connection"].append(sum(one.values()) - sum(each.values()))
        finally:
            relay.proxy.end()
        return got, stage.about()


def figures_of(name, got, goal=None):
    return [Figure(f"   {name}", "B", got["both"], goal=goal, most=True),
            Figure(f"      {name}: of that up to the daemon", "B", got["up"]),
            Figure(f"      {name}: a connection by itself", "B", got["connection"])]


def measure(options, _so_far):
    known, got = knows_compression(), {}
    got["plain"], about = one_way(options, {OPTION: "off"} if known else {})
    figures = figures_of("as is", got["plain"])
    if known:
        got["zstd"], _ = one_way(options, {OPTION: "on"})
        figures += figures_of("zstd", got["zstd"], GOAL)
    else:
        figures.append(Figure("   zstd", goal=GOAL, most=True,
                              missing="not in this build"))
    tell("f. " + ", ".join(f"{name} {of['both'][-1]:.1f} B" for name, of in got.items()))
    return {"figures": figures, "bytes": got, "rows": min(ROWS, options.rows), "about": about}
