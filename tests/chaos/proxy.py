"""The line between clients and daemons: a TCP proxy that can be told to harm what passes.

A rule has `passes(way, data, line)`, which yields the bytes to hand on (an asynchronous generator),
or raises Cut. `way` is "up" to the daemon or "down" to the client. It holds for connections that are
open, too; of several rules the last one holds. Without a rule all passes. Several targets are taken
in turn, as a load balancer would; without any, nobody is let in.
"""

import asyncio
import contextlib
import socket
import struct
import threading

RESET = struct.pack("ii", 1, 0)    # SO_LINGER of no time: closing sends a reset


class Cut(Exception):
    """The connection ends here; with a reset, or as if it had been closed."""

    def __init__(self, reset=False):
        super().__init__(reset)
        self.reset = reset


class Line:
    """One connection of a client, with its other half to a daemon."""

    def __init__(self, near, far):
        self.near, self.far = near, far    # writers
        self.passed = {"up": 0, "down": 0}

    def close(self, reset=False):
        for writer in (self.near, self.far):
            if reset:
                plain = writer.get_extra_info("socket")
                with contextlib.suppress(OSError, AttributeError):
                    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()
            else:
                writer.close()


async def whole(data):
    yield data


class Proxy:
    def __init__(self, holder, *targets):
        """holder: the stack.Port it listens on. targets: ports of 127.0.0.1."""
        self.port, self.targets, self.rules = holder.number, list(targets), []
        self.lines, self.turn = set(), 0
        self.loop = asyncio.new_event_loop()
        self.up = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        if not self.up.wait(10):
            raise RuntimeError("the proxy did not start")

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(
            self._take, "127.0.0.1", self.port, backlog=512, reuse_port=True))
        self.up.set()
        self.loop.run_forever()

    async def _take(self, reader, writer):
        self.turn += 1
        try:
            target = self.targets[self.turn % len(self.targets)]
            far_reader, far = await asyncio.open_connection("127.0.0.1", target)
        except (OSError, ZeroDivisionError):
            writer.transport.abort()
            return
        line = Line(writer, far)
        self.lines.add(line)
        reset = False
        try:
            ways = [asyncio.ensure_future(self._carry(*half, line))
                    for half in ((reader, far, "up"), (far_reader, writer, "down"))]
            done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            for way in left:
                way.cancel()
            for way in done:
                reset = reset or getattr(way.exception(), "reset", False)
        finally:
            self.lines.discard(line)
            line.close(reset)

    async def _carry(self, reader, writer, way, line):
        while True:
            data = await reader.read(1 << 16)
            if not data:
                if writer.can_write_eof():
                    writer.write_eof()    # a half that is closed; the other may have more to say
                return
            pieces = self.rules[-1].passes(way, data, line) if self.rules else whole(data)
            async for piece in pieces:
                line.passed[way] += len(piece)
                writer.write(piece)
                await writer.drain()

    # ---- for faults, from their thread ---------------------------------------------------------------

    def add_rule(self, rule):
        self.loop.call_soon_threadsafe(self.rules.append, rule)

    def remove_rule(self, rule):
        self.loop.call_soon_threadsafe(lambda: rule in self.rules and self.rules.remove(rule))

    def reset(self):
        """All open connections."""
        self.loop.call_soon_threadsafe(lambda: [line.close(True) for line in list(self.lines)])

    def set_targets(self, *targets):
        self.loop.call_soon_threadsafe(lambda: self.targets.__setitem__(slice(None), targets))

    def end(self):
        async def close():
            self.server.close()
            for line in list(self.lines):
                line.close(reset=True)
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        asyncio.run_coroutine_threadsafe(close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
