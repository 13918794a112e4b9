"""What a clerk runs into: a line that garbles, a disk that is read-only, Ctrl-C, a zone that nobody
told, lists that are long; through the real client."""

import csv
import io
import json
import pathlib
import signal
import subprocess

import pytest

from suara_wire import frame, pb
from surveys import COLUMNS, good_rows, outbox, stored, submit, sync, write_csv
from test_promises_client import WELCOME, impostor, reply

DONE, WRONG_USE, REJECTED, AWAY, NOT_ALLOWED, STOPPED = 0, 64, 65, 69, 77, 130
OFFICE = "BBPOM-SMG"


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=(OFFICE, "KEDUA"))


def suara(stack, *words, profile=OFFICE, **how):
    return stack.run("suara", "--profile", profile, *words, **how)


def hear_ctrl_c():
    """Whoever runs the tests in the background may have told them to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(stack, *words):
    return subprocess.Popen(["suara", "--profile", OFFICE, *map(str, words)], env=stack.env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hear_ctrl_c)


def waiting(stack, profile=OFFICE):
    return sum(item["count"] for item in outbox(stack, profile)["waiting"])


# ---- answers that can't be read ------------------------------------------------------------------

@pytest.mark.parametrize("answer", [frame(b"\xff" * 30), b"\0\0\0\0", b"\x80\0\0\0"],
                         ids=["junk", "length 0", "length 2^31"])
def test_an_answer_that_cannot_be_read_rejects_nothing(stack, tmp_path, answer):
    path = write_csv(tmp_path / "in.csv", good_rows(8, "2021-02-03"))
    office = pb.Welcome()
    office.CopyFrom(WELCOME)
    office.role, office.name, office.office, office.zone = (b"office", b"BBPOM-SMG", b"BBPOM-SMG",
                                                            b"WIB")
    with impostor(stack, reply(1, welcome=office), answer) as serve:
        out, err = serve(start(stack, "submit", path, "--wait", "0", "--all"))
        assert "Sent" not in out and "can't be read" in err, (out, err)
        assert waiting(stack) == 8 and not outbox(stack)["rejected"]
    assert sync(stack).returncode == DONE and waiting(stack) == 0


# ---- Ctrl-C --------------------------------------------------------------------------------------

def bytes_read(process):
    with open(f"/proc/{process.pid}/io", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("rchar")).split()[1])


def test_ctrl_c_while_a_file_is_read_saves_nothing_of_it(stack, tmp_path):
    rows = "".join(f"1,2,3,4,1,2,3,4,1,2020-01-{1 + k % 28:02} 08:00\n" for k in range(400000))
    path = tmp_path / "big.csv"
    path.write_text(",".join(COLUMNS) + ",collected_at\n" + rows)
    process = start(stack, "submit", path, "--no-send")
    stack.wait(lambda: bytes_read(process) > 1.2 * path.stat().st_size, 60, "the second reading")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == STOPPED and "Saved" not in out, (out, err)
    assert f"Stopped; nothing of {path} was saved" in err
    assert waiting(stack) == 0 and list(tmp_path.iterdir()) == [path]


def test_ctrl_c_while_the_server_is_away(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", good_rows(8, "2021-02-04"))
    stack.stop_daemon()
    try:
        process = start(stack, "submit", path, "--wait", "10m")
        assert "Saved 8 responses" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == STOPPED and out == "", (out, err)
        assert "Stopped; 8 responses wait in the outbox" in err
    finally:
        stack.start_daemon()
    assert sync(stack).returncode == DONE


# ---- a zone that nobody told ---------------------------------------------------------------------

def test_an_office_enrolled_while_the_line_is_down(stack, tmp_path):
    assert suara(stack, "admin", "office", "add", "JAUH", "Jauh", "--zone", "WITA",
                 profile="admin").returncode == DONE
    bundle = stack.issue("office", "JAUH")
    path = write_csv(tmp_path / "in.csv", good_rows(3, "2021-02-05"))
    stack.stop_daemon()
    try:
        assert suara(stack, "enroll", bundle, profile="JAUH").returncode == AWAY
        done = submit(stack, path, profile="JAUH")
        assert done.returncode == WRONG_USE and "Saved" not in done.stdout, done
        assert "can't be reached" in done.stderr and "--zone" in done.stderr
        assert suara(stack, "enroll", bundle, "--replace", "--zone", "WITE",
                     profile="JAUH").returncode == WRONG_USE
        assert suara(stack, "enroll", bundle, "--replace", "--zone", "WITA",
                     profile="JAUH").returncode == AWAY
        done = submit(stack, path, profile="JAUH")
        assert done.returncode == AWAY and "Saved 3 responses" in done.stdout, done
    finally:
        stack.start_daemon()
    assert sync(stack, profile="JAUH").returncode == DONE and stored(stack, "JAUH") == 3


# ---- what is told --------------------------------------------------------------------------------

def test_words_that_are_in_no_list(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", good_rows(3, "2021-02-06"))
    for option, value, wanted in (("--channel", "kios", "kiosk"), ("--stakeholder", "goverment",
                                                                  "government"),
                                  ("--perspective", "giver", "provider"), ("--service", "", "empty"),
                                  ("--collected-at", "2099-01-01", "future")):
        for command in ("submit", "check"):
            done = suara(stack, command, path, option, value)
            assert done.returncode == WRONG_USE and wanted in done.stderr and not done.stdout, done
    assert waiting(stack) == 0


def test_status_has_all_keys_at_all_times(stack):
    def keys(profile):
        return list(json.loads(suara(stack, "status", "--format", "json", profile=profile).stdout))
    near = keys(OFFICE)
    stack.stop_daemon()
    try:
        assert keys(OFFICE) == near == keys("admin")
    finally:
        stack.start_daemon()


def test_the_same_file_again_says_so(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", good_rows(3, "2021-02-07"))
    assert "Saved 3 responses" in submit(stack, path).stdout
    done = submit(stack, path)
    assert done.returncode == DONE and "Saved" not in done.stdout, done
    assert "All 3 responses of" in done.stdout and "3 duplicates" in done.stdout


def test_files_with_nothing_good(stack, tmp_path):
    done = submit(stack, write_csv(tmp_path / "head.csv", []))
    assert done.returncode == DONE and "a header and no responses" in done.stdout, done
    done = submit(stack, write_csv(tmp_path / "bad.csv", [[9] * 9 + ["2021-01-01"]] * 2))
    assert done.returncode == REJECTED and "none of its 2 responses is good" in done.stdout, done


def test_keys_that_are_missing(stack):
    key = pathlib.Path(stack.home) / "KEDUA" / "key.pem"
    away = key.with_suffix(".away")
    key.rename(away)
    done = suara(stack, "status", profile="KEDUA")
    away.rename(key)
    assert done.returncode == WRONG_USE and str(key) in done.stdout and "--replace" in done.stdout, done


@pytest.mark.parametrize("profile", ["admin", "supervisor", "auditor"])
def test_those_who_have_no_outbox(stack, profile):
    for words in (("sync",), ("outbox", "retry", "--all"), ("outbox", "drop", "--all", "--yes")):
        done = suara(stack, *words, profile=profile)
        assert done.returncode == NOT_ALLOWED and "only offices" in done.stderr, done
    assert suara(stack, "outbox", "list", profile=profile).returncode == DONE
    assert suara(stack, "status", profile=profile).returncode == DONE
    assert not (pathlib.Path(stack.home) / profile / "outbox.db").exists()


def test_standard_output_that_is_closed(stack, tmp_path):
    """It must not be the outbox that gets its number, and the text."""
    path = write_csv(tmp_path / "in.csv", good_rows(5, "2021-02-08"))
    for close in (">&-", "<&- >&- 2>&-"):
        stack.run("sh", "-c", f'suara --profile {OFFICE} submit "$1" --no-send {close}', "sh", path)
    assert waiting(stack) == 10
    assert sync(stack).returncode == DONE


# ---- long lists ----------------------------------------------------------------------------------

def test_many_rejected_are_listed_and_sent_again_together(stack, tmp_path):
    rows = [[*row, "BELUM"] for row in good_rows(250, "2021-02-09")]
    path = write_csv(tmp_path / "in.csv", rows, (*COLUMNS, "collected_at", "service"))
    done = submit(stack, path)
    assert done.returncode == REJECTED and "The server refused 250 responses" in done.stdout, done
    assert f"Correct them in {path}.rejected.csv" in done.stdout
    table = suara(stack, "outbox", "list").stdout.splitlines()
    assert len(table) == 102 and table[-1].startswith("and 150 more"), table[-2:]
    assert len(suara(stack, "outbox", "list", "--all").stdout.splitlines()) == 251
    assert len(outbox(stack)["rejected"]) == 250
    listed = suara(stack, "outbox", "list", "--format", "csv").stdout
    assert [entry["line"] for entry in csv.DictReader(io.StringIO(listed))] == \
        [str(line) for line in range(2, 252)]
    assert suara(stack, "outbox", "retry", "--all").returncode == DONE
    assert [item["count"] for item in outbox(stack)["waiting"]] == [250]
    assert suara(stack, "admin", "service", "add", OFFICE, "BELUM", "Belum",
                 profile="admin").returncode == DONE
    assert "250 stored" in sync(stack).stdout and not outbox(stack)["rejected"]


def test_looking_works_on_a_disk_that_is_read_only(stack, tmp_path):
    assert submit(stack, write_csv(tmp_path / "in.csv", good_rows(4, "2021-02-10")),
                  "--no-send").returncode == DONE
    home = stack.home
    script = f"mount --bind {home} {home} && mount -o remount,bind,ro {home} || exit 99\n" \
        f"suara --profile {OFFICE} outbox list --format json && suara --profile {OFFICE} status &&" \
        f" suara --profile KEDUA status --format json >/dev/null\n" \
        f"suara --profile {OFFICE} sync\n"
    done = stack.run("unshare", "-m", "sh", "-c", script)
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip(f"no private mounts here: {done.stderr.strip()}")
    assert '"count": 4' in done.stdout and "Sent and stored" in done.stdout, done
    assert done.returncode == 74 and "read-only" in done.stderr, done
    assert waiting(stack) == 4 and sync(stack).returncode == DONE
