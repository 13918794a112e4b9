"""The commands of docs/operations.md that no other test runs: a backup, and coming back from it; an
upgrade. Failover, full disk and certificates have tests of their own."""

import pathlib
import re
import subprocess

import pytest

from suara_wire import Line, code_of, pb
from surveys import good_rows, index, stored, submit, write_csv

pytestmark = pytest.mark.slow    # nothing of ours to sanitize

DOC = pathlib.Path(__file__).resolve().parents[2] / "docs/operations.md"


def commands(section):
    """The lines that are to be typed in a section, as the reader sees them."""
    text = re.search(rf"^## {section}$(.*?)(?=^## |\\Z)", DOC.read_text(), re.M | re.S).group(1)
    return [line for block in re.findall(r"```\n(.*?)```", text, re.S) for line in block.splitlines()]


def typed(stack, line, folder):
    """A command of the page on this stack: its database, its folder, and no service manager."""
    if line.startswith("systemctl "):
        {"stop": stack.stop_daemon, "start": stack.start_daemon, "daemon-reload": int}[line.split()[1]]()
        return ""
    line = line.replace("runuser -u postgres -- ", "").replace("/var/backups", str(folder))
    line = line.replace("suara-migrate -d dbname=suara", f"suara-migrate -d '{stack.db.conninfo('postgres')}'")
    env = {**stack.env, "PGHOST": str(stack.db.socket), "PGUSER": "postgres",
           "PATH": f"{stack.db.bin}:{stack.env['PATH']}"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], env=env, capture_output=True, text=True)
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout


def databases_of_every_cluster(stack):
    """The stack's cluster is made without them."""
    stack.stop_daemon()
    stack.db.connect("postgres").cursor().execute("CREATE DATABASE postgres TEMPLATE suara")
    cursor = stack.db.connect("postgres", "postgres").cursor()
    cursor.execute("DROP SCHEMA suara CASCADE")
    cursor.execute("CREATE DATABASE template0 TEMPLATE postgres")
    cursor.connection.close()
    stack.start_daemon()


def test_a_backup_and_the_way_back(make_stack, tmp_path):
    """What the database had at the backup is as it was; what came later comes again from the offices."""
    stack = make_stack()
    databases_of_every_cluster(stack)
    before = write_csv(tmp_path / "before.csv", good_rows(40))
    after = write_csv(tmp_path / "after.csv", good_rows(30, "2023-06-04", rating=2))
    assert submit(stack, before).returncode == 0
    figures = index(stack, "--from", "2023-01-01", "--to", "2023-12-31")
    for line in commands("Backup"):
        typed(stack, line, tmp_path)
    assert submit(stack, after).returncode == 0 and stored(stack) == 70
    for line in commands("Restore"):
        typed(stack, line, tmp_path)
    assert stored(stack) == 40
    assert index(stack, "--from", "2023-01-01", "--to", "2023-12-31") == figures
    for words in (("verify",), ("audit", "verify")):
        done = stack.run("suara", "--profile", "admin", "admin", *words)
        assert done.returncode == 0, done
    done = submit(stack, after)
    assert done.returncode == 0 and stored(stack) == 70, done
    done = submit(stack, before)
    assert done.returncode == 0 and "40" in done.stdout and stored(stack) == 70, done


def test_an_upgrade(make_stack, tmp_path):
    """Nothing to migrate is the least that an upgrade can be; the order of the commands is the page's."""
    stack = make_stack(profiles=False)
    lines = [line for line in commands("Upgrade") if not line.startswith("make ")]
    assert any("suara-migrate" in line for line in lines)
    told = "".join(typed(stack, line, tmp_path) for line in lines)
    assert "0001" in told
    with Line(stack, stack.bundle("office", "BBPOM-SMG")) as line:
        assert code_of(line.ask(list=pb.List(what=b"office"))) == ""
