"""tests/sandbox itself: what the command sees, its status, its end by signals, and that nothing is
left, neither processes nor files."""

import os
import pathlib
import signal
import subprocess

import pytest

from stack_pg import ROOT, wait_for

SANDBOX = ROOT / "tests/sandbox"
pytestmark = pytest.mark.slow


def sandbox(build, *words, **how):
    return subprocess.run([SANDBOX, "--build", build, *words], capture_output=True, text=True,
                          check=False, timeout=120, **how)


def processes_of(folder):
    """Processes that have the folder in their command line."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(folder) in (entry / "cmdline").read_text():
                found.append(entry.name)
        except OSError:
            pass    # gone while we looked
    return found


def nothing_left(folder):
    assert not pathlib.Path(folder).exists()
    wait_for(lambda: not processes_of(folder), 10, "all processes to be gone")


def test_what_the_command_sees(build):
    script = """set -e
        echo "$SUARA_SANDBOX"
        test -d "$SUARA_HOME" && test -d "$SUARA_CA" && kill -0 "$(cat "$SUARA_SANDBOX/suarad.pid")"
        for p in BBPOM-SMG admin supervisor auditor; do suara --profile $p status >/dev/null; done
        psql -XAtd "$SUARA_DB" -c 'SELECT current_user, code, zone FROM suara.office'
        psql -XAtd "$SUARA_DB" -c 'SELECT code FROM suara.service'
        test "$(stat -c %a "$SUARA_SANDBOX/ca/private/ca.key")" = 600
        echo "$SUARA_SERVER" | grep -q '^127.0.0.1:[0-9]*$'
        suarad --version && suara-migrate -d "$SUARA_DB" --status | tail -n 1 && suara-ca list | wc -l"""
    done = sandbox(build, "--", "sh", "-c", script)
    assert done.returncode == 0, done
    folder, office, service, version, schema, entries = done.stdout.splitlines()
    assert office == "suara_owner|BBPOM-SMG|WIB" and service == "UMUM"
    assert version.startswith("suarad ") and "schema is at version" in schema
    assert entries == "6"    # a header, the server and four profiles
    nothing_left(folder)


def test_several_offices_and_a_tree(build):
    script = """echo "$SUARA_SANDBOX"
        suara --profile supervisor admin office list --format csv
        suara --profile B admin office list --format csv"""
    done = sandbox(build, "--office", "A", "--office", "B=WIT:Kantor B", "--tree", "--", "sh", "-c",
                   script)
    assert done.returncode == 0, done
    lines = [line.strip("\ufeff\r") for line in done.stdout.splitlines()]
    assert lines[2:4] == ["A,A,,WIB", "B,Kantor B,A,WIT"] and lines[5:] == ["B,Kantor B,A,WIT"]


@pytest.mark.parametrize("command, status", [(["sh", "-c", "exit 65"], 65),
                                             (["sh", "-c", "kill -9 $$"], 137), (["nowhere"], 127)])
def test_its_status_is_that_of_the_command(build, command, status):
    done = sandbox(build, "--", *command)
    assert done.returncode == status, done
    place = pathlib.Path(done.stderr.rsplit("logs are in ", 1)[1].strip())
    assert (place / "suarad.log").exists() and (place / "postgres.log").exists()
    assert not list(pathlib.Path(build).glob(place.name))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_its_end_by_a_signal(build, tmp_path, signum):
    """The command is told, too, and all is ended and removed."""
    script = f"trap 'echo told >{tmp_path}/told; exit 0' TERM; echo $SUARA_SANDBOX; " \
             "while :; do read -r line <$SUARA_SANDBOX/fifo; done"
    with subprocess.Popen([SANDBOX, "--build", build, "--", "sh", "-c",
                           f"mkfifo $SUARA_SANDBOX/fifo; {script}"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, start_new_session=True) as process:
        folder = process.stdout.readline().strip()
        if signum == signal.SIGINT:    # as a terminal does: to the whole group
            os.killpg(process.pid, signum)
        else:
            process.send_signal(signum)
        assert process.wait(60) == 128 + signum
    assert (tmp_path / "told").exists() == (signum == signal.SIGTERM)
    nothing_left(folder)


def test_nothing_is_left_when_it_is_killed(build):
    """The folder can't be removed then; the processes end all the same."""
    with subprocess.Popen([SANDBOX, "--build", build, "--", "sh", "-c",
                           "echo $SUARA_SANDBOX; exec cat"], stdout=subprocess.PIPE,
                          stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        folder = process.stdout.readline().strip()
        process.kill()
        process.wait()
    wait_for(lambda: not processes_of(folder), 30, "all processes to be gone")
    subprocess.run(["rm", "-rf", folder], check=True)


def test_sandbox_ctl(build):
    script = """set -e
        pid() { cat "$SUARA_SANDBOX/suarad.pid"; }
        probe() { python3 -c 'import sys, urllib.request as u, urllib.error as e
try: print(u.urlopen("http://" + sys.argv[1] + "/readyz").status)
except e.HTTPError as error: print(error.code)
except OSError: print("gone")' "$SUARA_HTTP"; }
        first=$(pid); probe
        sandbox-ctl daemon stop; probe; ! kill -0 "$first" 2>/dev/null
        sandbox-ctl daemon start; probe
        sandbox-ctl daemon kill; probe; sandbox-ctl daemon kill
        sandbox-ctl daemon restart; probe; sandbox-ctl daemon start
        test "$first" != "$(pid)"
        sandbox-ctl db stop; probe
        sandbox-ctl daemon restart; probe
        sandbox-ctl db start; probe
        sandbox-ctl db kill; probe
        sandbox-ctl db restart; probe
        kill -9 "$(pid)"; sandbox-ctl daemon start; probe
        ! sandbox-ctl daemon dance 2>/dev/null"""
    done = sandbox(build, "--", "sh", "-c", script.replace("python3", "/usr/bin/python3"))
    assert done.returncode == 0, done
    assert done.stdout.split() == ["200", "gone", "200", "gone", "200", "503", "503", "200", "503",
                                   "200", "200"]


def test_sandbox_ctl_outside(build):
    assert build
    done = subprocess.run([ROOT / "tests/sandbox-ctl", "db", "stop"], capture_output=True, text=True,
                          check=False, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 1 and "SUARA_SANDBOX" in done.stderr


def test_two_at_once(build):
    """They share nothing but the templates."""
    script = "suara --profile BBPOM-SMG status >/dev/null && echo $SUARA_SERVER $SUARA_HTTP && " \
             "psql -XAtqd \"$SUARA_DB\" -c 'SELECT count(*) FROM suara.office'"
    both = [subprocess.Popen([SANDBOX, "--build", build, "--", "sh", "-c", script], text=True,
                             stdout=subprocess.PIPE) for _ in range(2)]
    texts = [process.communicate(timeout=120)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len({port for text in texts for port in text[:2]}) == 4
    assert [text[2] for text in texts] == ["1", "1"]


def test_as_somebody_who_is_not_root(build, tmp_path):
    """Same as root: PostgreSQL and all are then of that user."""
    if os.geteuid() != 0:
        pytest.skip("runs as somebody who is not root already")
    where = tmp_path / "build"
    where.mkdir()
    for program in ("suara", "suarad"):
        subprocess.run(["cp", build / program, where], check=True)
    if subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "test", "-r",
                       SANDBOX], check=False).returncode:
        pytest.skip("the user nobody can't read the source tree")
    for folder in (where, *where.parents):    # pytest's own are private
        if folder.stat().st_uid == 0 and "pytest" in str(folder):
            folder.chmod(0o755)
    os.chown(where, 65534, 65534)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", SANDBOX,
                           "--build", where, "--", "sh", "-c", "suara --profile BBPOM-SMG status && id -u"],
                          capture_output=True, text=True, check=False, cwd="/",
                          env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "65534", done
