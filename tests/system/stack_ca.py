"""The CA of a sandbox, made by suara-ca: init and a bundle for each profile.

A second's work, so it is kept in the shelf as a template, by offices and day; a copy differs only in
the address of the server. The certificates name 127.0.0.1, whatever the port.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from stack_pg import ROOT, StackError

ROLES = ("supervisor", "admin", "auditor")    # a profile each, named like the role
ADDRESS = "127.0.0.1:1"    # what a template has in the place of the server's address


def suara_ca(folder, *words):
    """Runs suara-ca on the CA in folder; its output."""
    done = subprocess.run([ROOT / "client/suara-ca", *words, "--dir", folder], text=True,
                          capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise StackError(f"suara-ca {' '.join(words)} ended with {done.returncode}:\n"
                         f"{done.stdout}{done.stderr}")
    return done.stdout


def make_ca(shelf, folder, offices, address):
    """A CA in folder with bundles of the offices and of ROLES, from the templates of the shelf."""
    shutil.copytree(_template(shelf / "template-ca", offices), folder)
    for path in [folder / "servers", *(folder / "bundles").iterdir()]:
        path.write_text(path.read_text().replace(f"{ADDRESS}\n", f"{address}\n"))


def _template(shelf, offices):
    """That of no office is what all others start with."""
    content = hashlib.sha256(repr((offices, ROLES, os.geteuid(), time.strftime("%F"))).encode())
    for file in (ROOT / "client/suara-ca", ROOT / "client/suara-ca-root", pathlib.Path(__file__)):
        content.update(file.read_bytes())
    template = shelf / content.hexdigest()[:16]
    if template.exists():
        return template
    shelf.mkdir(mode=0o700, exist_ok=True)
    made = pathlib.Path(tempfile.mkdtemp(prefix="making.", dir=shelf))
    if offices:
        shutil.copytree(_template(shelf, []), made / "ca")
        suara_ca(made / "ca", "issue", "office", *offices)
    else:
        suara_ca(made / "ca", "init", "--server", ADDRESS)
        for role in ROLES:
            suara_ca(made / "ca", "issue", role, role)
    try:
        os.rename(made / "ca", template)
    except OSError:
        pass    # another sandbox was first
    shutil.rmtree(made, ignore_errors=True)
    for old in shelf.iterdir():
        if time.time() - old.stat().st_mtime > 86400:
            shutil.rmtree(old, ignore_errors=True)
    return template
