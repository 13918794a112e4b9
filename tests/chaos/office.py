"""An office at work: it saves its files and sends them, through real clients, until all is sent.

It believes what it is told, as a person does: what `suara` called saved is never handed over again, so
when that was not true, the ledger finds it missing.
"""

import dataclasses
import signal
import sqlite3
import subprocess
import threading
import time

DONE, AWAY, NOT_SAVED, NOT_ALLOWED = 0, 69, 74, 77
KILLED = -signal.SIGKILL
MOST_ROWS = 120    # of a file
TRIES = 0.02    # seconds between tries that failed at once


@dataclasses.dataclass
class File:
    """What will be done with a file: all of it drawn before the round starts."""
    rows: int
    again: bool      # handed over a second time
    both: bool       # by two processes at once
    send: bool       # sent before the next file is saved
    path: object = None


def draw_files(rng):
    files = []
    for _ in range(rng.randrange(2, 5)):
        files.append(File(rng.randrange(1, MOST_ROWS), rng.random() < 0.2, rng.random() < 0.2,
                          rng.random() < 0.6))
    return files


class Office(threading.Thread):
    def __init__(self, world, code, files):
        super().__init__(daemon=True)
        self.world, self.code, self.files = world, code, files
        self.error, self.answers = None, []

    def run(self):
        try:
            for file in self.files:
                self._save(file)
                if file.send:
                    self._send()
            self._send(to_the_end=True)
        except BaseException as error:    # told by the round, which knows the seed
            self.error = error

    def _save(self, file):
        options = ("submit", str(file.path), "--no-send")
        saved = False
        while not saved and not self.world.given_up:
            calls = [self._start(*options) for _ in range(2 if file.both else 1)]
            for call in calls:    # each is waited for
                saved = self._finish(call, (DONE, NOT_SAVED, KILLED)) == DONE or saved
            if not saved:
                time.sleep(TRIES)
        if file.again and saved:
            self._finish(self._start(*options), (DONE, NOT_SAVED, KILLED))

    def _send(self, to_the_end=False):
        """Sends; returns when all was sent, or else after the first try that did not do it."""
        while not self.world.given_up:
            try:
                self.world.ledger.note_outbox(self.code)
            except sqlite3.OperationalError:    # a disk that is full or read-only: nothing is sent now
                time.sleep(TRIES)
                continue
            status = self._finish(self._start("sync", "--wait", "500ms"),
                                  (DONE, AWAY, NOT_SAVED, NOT_ALLOWED, KILLED))
            if status == DONE or not to_the_end:
                return
            time.sleep(TRIES)

    def _start(self, *words):
        world = self.world
        call = subprocess.Popen(
            ["suara", "--profile", self.code, *words],
            env={**world.stack.env, **world.client_env[words[0]]}, cwd=world.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        world.clients[call.pid] = call
        return call

    def _finish(self, call, allowed):
        text, _ = call.communicate(timeout=120)
        self.world.clients.pop(call.pid, None)
        self.answers.append(f"{call.args} -> {call.returncode}\n{text}")
        assert call.returncode in allowed, f"{self.code}: {call.args} -> {call.returncode}\n{text}"
        if call.returncode == KILLED:
            assert call.pid in self.world.killed, f"{self.code}: somebody else killed {call.args}"
            self._look()
        self.world.count_call()
        return call.returncode

    def _look(self):
        """After a kill the outbox opens, and has no half record."""
        done = self.world.stack.run("suara", "--profile", self.code, "outbox", "list")
        assert done.returncode in (DONE, NOT_SAVED), f"{self.code}: outbox list: {done}"
