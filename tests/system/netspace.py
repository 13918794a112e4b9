"""Two network namespaces of a test, joined by a pair of interfaces: ours, in which the test, its stack
and all that they start live, and a far one for clients, whose packets nftables can drop or refuse.

    with Namespaces() as net:
        with Stack(..) as stack: ...          # in ours
        net.rules("tcp dport 7827 drop")      # at the far end, on the way out
        net.far("suara", ..)                  # a command there

The namespace is that of the calling thread, and of what it starts; nothing of the machine's own
network is touched. The kernel of a machine may have no netem, so loss is made by nftables' numgen.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import subprocess
import time

CLONE_NEWNET = 0x40000000
OURS, FAR = "10.99.0.1", "10.99.0.2"
libc = ctypes.CDLL(None, use_errno=True)


class NoNamespaces(RuntimeError):
    """Why not."""


def _call(function, *arguments):
    if function(*arguments):
        raise NoNamespaces(f"{function.__name__}: {os.strerror(ctypes.get_errno())}")


class Namespaces:
    def __init__(self):
        for program in ("ip", "nft", "nsenter", "unshare", "setpriv"):
            if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
                raise NoNamespaces(f"there is no {program}: install iproute2 and nftables")
        self.home = self.holder = None

    def __enter__(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _call(libc.unshare, CLONE_NEWNET)
            self._join()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.holder:
            self.holder.kill()
            self.holder.wait()
        _call(libc.setns, self.home, CLONE_NEWNET)
        os.close(self.home)

    def _join(self):
        self.holder = subprocess.Popen(["unshare", "--net", "setpriv", "--pdeathsig", "KILL", "sleep",
                                        "infinity"], stdin=subprocess.DEVNULL)
        there = pathlib.Path(f"/proc/{self.holder.pid}/ns/net")
        deadline = time.monotonic() + 10
        while os.readlink(there) == os.readlink("/proc/thread-self/ns/net"):
            if self.holder.poll() is not None or time.monotonic() > deadline:
                raise NoNamespaces("unshare --net does not work here")
            time.sleep(0.005)
        self.path = f"/proc/{self.holder.pid}/ns/net"
        for words in ("link set lo up", f"link add near type veth peer name away netns {self.holder.pid}",
                      f"addr add {OURS}/24 dev near", "link set near up"):
            self._run(["ip", *words.split()])
        for words in ("link set lo up", f"addr add {FAR}/24 dev away", "link set away up"):
            self._run(["nsenter", f"--net={self.path}", "ip", *words.split()])

    @staticmethod
    def _run(argv, **how):
        env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env, **how)
        if done.returncode:
            raise NoNamespaces(f"{' '.join(argv)}: {done.stderr.strip()}")
        return done.stdout

    def far(self, *words):
        """The words of a command that runs at the far end."""
        return ["nsenter", f"--net={self.path}", "--", *map(str, words)]

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes meanwhile are at the far end, and stay there."""
        ours = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        far = os.open(self.path, os.O_RDONLY)
        try:
            _call(libc.setns, far, CLONE_NEWNET)
            yield
        finally:
            _call(libc.setns, ours, CLONE_NEWNET)
            os.close(ours)
            os.close(far)

    def _nft(self, text):
        return self._run(["nsenter", f"--net={self.path}", "nft", "-f", "-"], input=text)

    def rules(self, out="", into="", count=""):
        """What happens to packets at the far end, on their way out and in; instead of what was.
        count: packets on the way out that are counted, before anything happens to them."""
        self._nft("table inet t\nflush table inet t\ndelete table inet t\ntable inet t {\n"
                  f" chain o {{ type filter hook output priority 0;\n {count and count + ' counter'}\n"
                  f" {out}\n }}\n chain i {{ type filter hook input priority 0;\n {into}\n }}\n}}\n")

    def heal(self, **how):
        self.rules(**how)

    def counted(self):
        """Packets since rules(count=..)."""
        text = self._run(["nsenter", f"--net={self.path}", "nft", "list", "table", "inet", "t"])
        return int(text.split("counter packets")[1].split()[0])
