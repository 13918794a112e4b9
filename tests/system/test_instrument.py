"""Questionnaires as data: added, listed, shown and refused; a large and a small one through the whole
stack; what an office keeps of them; and that one in use never changes."""

import csv
import json
import random

import pytest

from stack_pg import ROOT
from suara_wire import Batch, Line, pb, verdicts
from surveys import index, outbox, stored, submit, sync, write_csv

OFFICE = "BBPOM-SMG"
NOON = 1683176400000    # 4 May 2023 in WIB
LABELS = ("Buruk", "Cukup", "Baik")


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=(OFFICE, "DINKES-MKS=WITA"))


def document(code, elements=5, scale=4, version="1", method="", grades=None, labels=False):
    text = [f"[instrument]\ncode = {code}\nversion = {version}\nname = Survei {code}\nscale = {scale}\n"]
    if method:
        text.append(f"[method]\n{method}\n")
    for k in range(1, elements + 1):
        text.append(f"[element U{k}]\nname = Unsur {k}\nname_en = Element {k}")
        text += [f"{r} = {label}" for r, label in enumerate(LABELS, 1)] if labels else []
    for grade, low, high in grades or (("B", "0", "80"), ("A", "80.01", "100")):
        text.append(f"[grade {grade}]\nquality = Mutu {grade}\nfrom = {low}\nto = {high}")
    return "\n".join(text) + "\n"


def admin(stack, *command, profile="admin"):
    return stack.run("suara", "--profile", profile, "admin", "instrument", *command)


def add(stack, tmp_path, text, profile="admin"):
    path = tmp_path / "x.ini"
    path.write_text(text)
    return admin(stack, "add", path, profile=profile)


def added(stack, tmp_path, code, **how):
    done = add(stack, tmp_path, document(code, **how))
    assert (done.returncode, done.stdout) == (0, f"instrument {code} was added\n"), done.stderr


def listed(stack, code):
    rows = json.loads(admin(stack, "list", "--format", "json").stdout)
    return next((row for row in rows if row["code"] == code), None)


def copy_of(stack, code, profile=OFFICE):
    return stack.home / profile / "instruments" / f"{code}.ini"


def survey(path, ratings, columns):
    return write_csv(path, [[*row, f"2023-05-04 08:{k // 60:02}:{k % 60:02}"]
                            for k, row in enumerate(ratings)], (*columns, "collected_at"))


def hundredths(total, n, elements, scale):
    above, below = 10000 * total, n * elements * scale
    return (2 * above + below) // (2 * below)


def test_those_that_come_along(stack):
    have = {row["code"]: row for row in json.loads(admin(stack, "list", "--format", "json").stdout)}
    assert [(have[c]["scale"], have[c]["elements"]) for c in ("skm-2017", "kep25-2004", "ipkp", "ipak")] \
        == [("4", "9"), ("4", "14"), ("4", "8"), ("4", "5")]
    kep = admin(stack, "show", "kep25-2004", "--format", "ini").stdout
    assert "exact = 1/14\n0.071 = 71/1000\n" in kep and "[element U14]\nname = Keamanan" in kep
    for bounds in (("81.26", "100.00"), ("62.51", "81.25"), ("43.76", "62.50"), ("25.00", "43.75")):
        assert "from = %s\nto = %s\n" % bounds in kep
    shown = json.loads(admin(stack, "show", "ipak", "--format", "json").stdout)
    assert [e["name"] for e in shown["elements"]] == [
        "Tidak ada percaloan", "Tidak ada pungutan liar", "Tidak ada gratifikasi",
        "Tidak ada diskriminasi", "Tidak ada suap"]
    table = admin(stack, "show", "skm-2017").stdout
    assert "Penanganan Pengaduan" in table and "Sangat Baik 88.31 - 100.00" in table


def test_what_is_shown_can_be_added(stack, tmp_path):
    text = admin(stack, "show", "ipkp", "--format", "ini").stdout
    done = add(stack, tmp_path, text)
    assert (done.returncode, done.stdout) == (0, "instrument ipkp is there already, the same\n")
    done = add(stack, tmp_path, text.replace("code = ipkp", "code = ipkp-6"))
    assert done.stdout == "instrument ipkp-6 was added\n"
    again = admin(stack, "show", "ipkp-6", "--format", "ini").stdout
    assert again == text.replace("code = ipkp", "code = ipkp-6")


def test_refused_with_the_line(stack, tmp_path):
    for text, says in ((document("x", scale=1), "x.ini:5: 'scale = 1': must be a whole number, 2 to 100"),
                       (document("x", elements=65), "over 64 elements"),
                       (document("x", method="0.2 = 0,2"), "x.ini:8: '0.2 = 0,2': the weight of one"),
                       (document("x", grades=(("B", "0", "80"), ("A", "81", "100"))),
                        "no grade holds 80.01 to 80.99: let grade B go up to 80.99"),
                       ("hello\n", "x.ini:1: this is neither [section] nor name = value")):
        done = add(stack, tmp_path, text)
        assert done.returncode == 64 and says in done.stderr, done.stderr
    done = admin(stack, "show", "skm-2071")
    assert done.returncode == 64 and "did you mean skm-2017?" in done.stderr
    assert listed(stack, "x") is None


def test_the_server_checks_for_itself(stack):
    """Whoever speaks the protocol may send anything as a document."""
    with Line(stack, stack.bundle("admin", "admin")) as line:
        for text, says in ((b"", b"no section [instrument]"), (b"\0", b"zero byte"),
                           (b"[instrument]\ncode = a b", b"line 2: 'a b' is no code"),
                           (b"x" * 65537, b"over 65536 bytes")):
            reply = line.ask(add=pb.Add(what=b"instrument", document=text))
            assert says in reply.error.text, reply
            assert reply.error.code in (pb.Error.INVALID, pb.Error.TOO_LARGE)


def test_only_an_administrator_adds(stack, tmp_path):
    for profile in (OFFICE, "supervisor", "auditor"):
        done = add(stack, tmp_path, document("theirs"), profile=profile)
        assert done.returncode == 77, done.stderr
        assert admin(stack, "show", "skm-2017", "--format", "ini", profile=profile).returncode == 0
    assert listed(stack, "theirs") is None


@pytest.mark.parametrize("code, elements, scale", [("besar", 64, 10), ("kecil", 5, 4), ("seratus", 2, 100)])
def test_through_the_whole_stack(stack, tmp_path, code, elements, scale):
    added(stack, tmp_path, code, elements=elements, scale=scale, labels=False)
    assert listed(stack, code)["used"] == "no"
    rnd = random.Random(code)
    ratings = [[rnd.randint(1, scale) for _ in range(elements)] for _ in range(50)]
    ratings[0][0] = scale
    columns = [f"u{k}" for k in range(elements, 0, -1)]    # known by code, never by position
    path = survey(tmp_path / f"{code}.csv", [row[::-1] for row in ratings], columns)
    before = stored(stack)
    done = submit(stack, path, "--instrument", code)
    assert done.returncode == 0 and "Sent: 50 stored, 0 duplicates, 0 rejected." in done.stdout, done.stderr
    assert stored(stack) == before + 50
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT ratings FROM suara.response JOIN suara.instrument USING (instrument_id)"
                       " WHERE code = %s ORDER BY id", (code,))
        assert sorted(list(bytes(row)) for (row,) in cursor) == sorted(ratings)
    rows = index(stack, "--instrument", code, "--period", "2023-05")
    wanted = hundredths(sum(map(sum, ratings)), 50, elements, scale)
    assert (rows[0]["n"], rows[0]["index"]) == (50, f"{wanted // 100}.{wanted % 100:02}")
    assert [e["sum"] for e in rows[0]["elements"]] == [sum(column) for column in zip(*ratings)]
    assert rows[0]["grade"] == ("A" if wanted > 8000 else "B")
    wait_used(stack, code)
    again = stack.run("suara", "--profile", "admin", "report", "elements", "--instrument", code,
                      "--period", "2023-05")
    assert f"Unsur {elements}" in again.stdout, again.stdout + again.stderr


def wait_used(stack, code):
    """The daemon hears of it by a notification."""
    stack.wait(lambda: listed(stack, code)["used"] == "yes", 20, f"use of {code}")


def test_ratings_outside_the_scale_are_rejected(stack, tmp_path):
    added(stack, tmp_path, "sepuluh", elements=3, scale=10)
    path = survey(tmp_path / "a.csv", [(10, 1, 5), (11, 1, 5), (0, 1, 5), (3, 3, 100)], ("u1", "u2", "u3"))
    done = submit(stack, path, "--instrument", "sepuluh", "--no-send")
    assert done.returncode == 64 and "leave out --no-send once" in done.stderr
    done = submit(stack, path, "--instrument", "sepuluh")
    assert done.returncode == 65 and "Sent: 1 stored" in done.stdout
    with open(tmp_path / "a.csv.rejected.csv", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["field"] for row in rows] == ["u1", "u1", "u3"]
    assert rows[0]["reason"] == '"11" is not 1, 2, 3, 4, 5, 6, 7, 8, 9 or 10'
    done = submit(stack, survey(tmp_path / "b.csv", [(1, 1)], ("u1", "u2")), "--instrument", "sepuluh")
    assert done.returncode == 64 and "sepuluh asks for u1 to u3" in done.stderr


def test_replaced_until_an_office_has_it(stack, tmp_path):
    added(stack, tmp_path, "berubah", elements=2)
    added(stack, tmp_path, "berubah", elements=3)
    assert listed(stack, "berubah")["elements"] == "3"
    path = survey(tmp_path / "a.csv", [(4, 4, 4)], ("u1", "u2", "u3"))
    checked = stack.run("suara", "--profile", OFFICE, "check", path, "--instrument", "berubah")
    assert checked.returncode == 0, checked.stderr
    assert copy_of(stack, "berubah").exists()
    done = add(stack, tmp_path, document("berubah", elements=4))
    assert done.returncode == 64
    assert "berubah is in use and can't change any more" in done.stderr
    assert "under another code" in done.stderr
    done = add(stack, tmp_path, document("berubah", elements=3))
    assert (done.returncode, done.stdout) == (0, "instrument berubah is there already, the same\n")


def test_immutable_once_a_response_is_stored(stack, tmp_path):
    """Also when a client of another make stores it that never asked for the questionnaire."""
    added(stack, tmp_path, "lain", elements=2)
    with Line(stack, stack.bundle("office", OFFICE)) as line:
        batch = Batch(instrument=b"lain")
        batch.add(NOON, ratings=b"\4\3")
        assert line.submit(batch).receipt.stored == 1
        wrong = Batch(instrument=b"lain")
        wrong.add(NOON, ratings=b"\4\5")
        assert verdicts(line.submit(wrong).receipt)[0][:2] == ("INVALID", "u2")
    done = add(stack, tmp_path, document("lain", elements=2, version="2"))
    assert done.returncode == 64 and "lain is in use" in done.stderr
    assert listed(stack, "lain")["version"] == "1"


def test_works_while_the_line_is_down(stack, tmp_path):
    added(stack, tmp_path, "luring", elements=2, scale=5)
    path = survey(tmp_path / "a.csv", [(5, 4), (1, 2), (9, 9)], ("u1", "u2"))
    columns = survey(tmp_path / "b.csv", [(5, 5)], ("u1", "u2"))
    stack.stop_daemon()
    try:
        done = submit(stack, columns, "--instrument", "luring")
        assert done.returncode == 69
        assert "the questionnaire luring is not on this computer yet and has to be asked for" in done.stderr
        stack.start_daemon()
        assert submit(stack, columns, "--instrument", "luring").returncode == 0
        stack.stop_daemon()
        done = submit(stack, path, "--instrument", "luring")
        assert done.returncode in (65, 69) and "Saved 2 responses" in done.stdout, done.stderr
        item = outbox(stack)["waiting"][0]
        shown = stack.run("suara", "--profile", OFFICE, "outbox", "show", str(item["seq"]), "--format", "json")
        assert [(r["u1"], r["u2"]) for r in json.loads(shown.stdout)["responses"]] == [(5, 4), (1, 2)]
        copy_of(stack, "luring").write_text("[instrument]\nbroken\n")
        done = submit(stack, columns, "--instrument", "luring", "--no-send")
        assert done.returncode == 64 and "luring.ini:2: this is neither" in done.stderr
    finally:
        if not stack.daemon_running():
            stack.start_daemon()
    assert "2 stored" in sync(stack).stdout
    done = submit(stack, columns, "--instrument", "luring")    # asked for anew
    assert done.returncode == 0, done.stderr
    assert "scale = 5" in copy_of(stack, "luring").read_text()


def test_the_example_of_the_manual(stack, tmp_path):
    page = (ROOT / "docs/suara-instrument.5").read_text()
    text = page[page.index("; three questions"):].split(".Ed")[0]
    (tmp_path / "loket.ini").write_text(text)
    (tmp_path / "wrong.ini").write_text(text.replace("from = 75.01", "from = 76"))
    for name in ("wrong.ini", "loket.ini"):
        command = f"admin instrument add {name}"
        done = stack.run("suara", "--profile", "admin", *command.split(), cwd=tmp_path)
        said = page[page.index(command):].split("\n")[1]
        assert said.removesuffix(" \\e") in done.stdout + done.stderr
    survey_text = page[page.index("collected_at,"):].split("$")[0]
    (tmp_path / "counter.csv").write_text(survey_text)
    done = submit(stack, tmp_path / "counter.csv", "--instrument", "loket-2023")
    assert "Saved 2 responses" in done.stdout and "Sent: 2 stored" in done.stdout, done.stderr
