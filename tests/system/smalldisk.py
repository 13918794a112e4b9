"""A folder on a small disk of its own: a tmpfs in a mount namespace, gone with its process.

    with SmallDisk(folder, "1m") as disk:        # what is in the folder moves onto it
        subprocess.run(disk.there("suara", ..))  # only such commands see it
        disk.fill(); disk.free(); disk.read_only()

Whoever looks from outside sees the folder as it was.
"""

import pathlib
import subprocess

SCRIPT = """
mount -t tmpfs -o "size=$2,mode=$(stat -c %a "$1"),uid=$(stat -c %u "$1"),gid=$(stat -c %g "$1")" none "$3" &&
cp -a "$1/." "$3/" && mount --bind "$3" "$1" && echo ready && exec setpriv --pdeathsig KILL sleep infinity
"""


class NoMounts(RuntimeError):
    """Why not."""


class SmallDisk:
    def __init__(self, folder, size):
        self.folder, self.size = pathlib.Path(folder), size
        self.side = self.folder.with_name(f"{self.folder.name}.small")    # where it is mounted first
        self.ballast = self.folder / "ballast"
        self.holder = None

    def __enter__(self):
        self.side.mkdir(exist_ok=True)
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", self.folder, self.size, self.side],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            _, why = self.holder.communicate(timeout=30)
            raise NoMounts(why.strip())
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.communicate()

    def there(self, *words):
        """The words of a command that sees the disk."""
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", "--", *map(str, words)]

    def sh(self, script):
        """Runs a script there, $1 the folder and $2 the ballast; its output."""
        done = subprocess.run(self.there("sh", "-c", script, "sh", self.folder, self.ballast),
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return done.stdout

    def fill(self, leave=0):
        """To the last block, or to so many bytes before it."""
        self.sh(f'dd if=/dev/zero of="$2" bs=4096 status=none 2>/dev/null; '
                f'truncate -s "$(($(stat -c %s "$2") - {leave}))" "$2"')

    def free(self):
        self.sh('rm -f "$2"')

    def read_only(self, yes=True):
        self.sh(f'mount -o remount,bind,{"ro" if yes else "rw"} "$1"')


