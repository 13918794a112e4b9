"""Small disks for folders, in a mount namespace of this process: gone with it, and nobody else sees them.
There are none where that can't be done."""

import ctypes
import os
import subprocess

CLONE_NEWNS = 0x20000
SIZE = "48m"
BALLAST = "ballast"


class Disks:
    def __init__(self):
        """Before anything is started that must see them."""
        self.folders = []
        libc = ctypes.CDLL(None, use_errno=True)
        self.works = os.geteuid() == 0 and not libc.unshare(CLONE_NEWNS) \
            and self._run("mount", "--make-rprivate", "/")

    @staticmethod
    def _run(*words):
        return subprocess.run(list(map(str, words)), check=False, stderr=subprocess.DEVNULL).returncode == 0

    def mount(self, folders):
        """Each gets a disk, with what is in it."""
        for folder in folders if self.works else ():
            side = folder.with_name(f"{folder.name}.disk")
            side.mkdir()
            if not (self._run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "none", side)
                    and self._run("cp", "-a", f"{folder}/.", side)
                    and self._run("mount", "--move", side, folder)):
                raise RuntimeError(f"{folder} could not be put on a disk of its own")
            side.rmdir()
            self.folders.append(folder)

    @staticmethod
    def fill(folder, leave):
        """To so many bytes before its last block; not where it is read-only."""
        try:
            with open(folder / BALLAST, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                except OSError:
                    file.truncate(max(0, file.tell() - leave))
        except OSError:
            pass

    def free(self, folder):
        self.read_only(folder, False)
        (folder / BALLAST).unlink(missing_ok=True)

    def read_only(self, folder, yes):
        """Not while somebody has a file of it open to write."""
        self._run("mount", "-o", f"remount,bind,{'ro' if yes else 'rw'}", folder)

    def end(self):
        for folder in self.folders:
            self._run("umount", "-l", folder)
