"""Daemons as the service manager keeps them: one that dies is back after RestartSec= of the unit."""

import signal
import subprocess
import threading
import time

RESTART = 0.5     # seconds: RestartSec= of systemd/suarad.service
# Ends that no fault brings about: memory errors, failed assertions. (A sanitizer's report is found by
# the stack.)
CRASHES = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE)


class Daemon:
    """One suarad of the stack. prefix and env: what a fault puts before its next start."""

    def __init__(self, stack, name, conf, log):
        self.stack, self.name, self.conf, self.log = stack, name, conf, log
        self.prefix, self.env = [], {}
        self.process, self.wanted = None, False
        self.crashes, self.starts = [], 0

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.prefix, "suarad", "-c", str(self.conf)],
                env={**self.stack.env, **self.env}, cwd="/", stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
        self.starts += 1
        self.wanted = True

    def send(self, signum):
        """Nothing when it is not there: somebody else was first."""
        if self.running():
            self.process.send_signal(signum)

    def end(self, signum=signal.SIGKILL, seconds=40):
        """For good, or until start()."""
        self.wanted = False
        if self.running():
            self.send(signal.SIGCONT)
            self.send(signum)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Supervisor:
    def __init__(self):
        self.daemons, self.stopping = [], threading.Event()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def add(self, daemon):
        with self.lock:
            daemon.start()
            self.daemons.append(daemon)

    def remove(self, daemon, signum=signal.SIGTERM):
        with self.lock:
            self.daemons.remove(daemon)
            daemon.end(signum)

    def _run(self):
        gone = {}    # daemon -> when it may start again
        while not self.stopping.wait(0.01):
            with self.lock:
                for daemon in self.daemons:
                    if daemon.running() or not daemon.wanted:
                        continue
                    if daemon not in gone:
                        gone[daemon] = time.monotonic() + RESTART
                        self._note(daemon)
                    elif time.monotonic() >= gone[daemon]:
                        del gone[daemon]
                        daemon.start()

    @staticmethod
    def _note(daemon):
        status = daemon.process.returncode
        if status in CRASHES:
            daemon.crashes.append(f"{daemon.name} (process {daemon.pid}) ended with {status}")

    def crashes(self):
        return [crash for daemon in self.daemons for crash in daemon.crashes]

    def end(self):
        self.stopping.set()
        self.thread.join(10)
        for daemon in list(self.daemons):
            daemon.end(signal.SIGTERM)
