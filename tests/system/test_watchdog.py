"""The watchdog without a service manager: the daemon tells it from its event loop, and a loop that is
blocked does not. Row 22 of docs/faults.md; with systemd, which then starts it anew, in
test_systemd.py."""

import os
import socket

INTERVAL = 0.2    # seconds between two words, at half of what is asked for


class Manager:
    """A service manager's end of sd_notify(3)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(20)

    def hear(self):
        return self.socket.recv(4096).decode().splitlines()[0]

    def silence(self, seconds):
        """Nothing comes for that long, once what is on its way has come."""
        self.socket.settimeout(0)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            self.socket.settimeout(seconds)
        try:
            return not self.socket.recv(4096)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(20)


def test_a_blocked_loop_does_not_feed_the_watchdog(make_stack, tmp_path):
    stack = make_stack(profiles=False)
    stack.stop_daemon()
    manager = Manager(tmp_path / "notify")
    stack.env.update(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC=str(int(2e6 * INTERVAL)))
    stack.start_daemon()
    heard = [manager.hear() for _ in range(6)]
    assert heard.count("READY=1") == 1 and heard.count("WATCHDOG=1") == 5, heard

    # A reload that waits for a file which nobody writes: as a hanging disk would block the loop.
    crl = stack.ca / "crl.pem"
    good = crl.read_text()
    crl.unlink()
    os.mkfifo(crl)
    stack.daemon.send_signal(1)
    while manager.hear() != "RELOADING=1":
        pass
    assert manager.silence(5 * INTERVAL)
    crl.write_text(good)    # into the pipe: the daemon goes on
    while manager.hear() != "READY=1":
        pass
    assert manager.hear() == manager.hear() == "WATCHDOG=1"
    assert stack.http("/readyz")[0] == 200
