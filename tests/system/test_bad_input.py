"""Bad input, and what it gets: rows that are wrong, files that are wrong, and the wrong profile,
certificate or server. Through the real client: exit status, text, and what is stored."""

import csv
import pathlib
import shutil

import pytest

from surveys import COLUMNS, index, outbox, stored, submit, sync, write_csv

DONE, WRONG_USE, REJECTED, AWAY, NOT_ALLOWED = 0, 64, 65, 69, 77
GOOD = [4, 3, 4, 3, 4, 3, 4, 3, 4]
WIDE = (*COLUMNS, "collected_at", "service", "channel", "comment", "comment_kind")


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=("BBPOM-SMG", "LAIN"))


def row(ratings=GOOD, at="2023-03-01 08:00", service="", channel="", comment="", kind=""):
    return [*ratings, at, service, channel, comment, kind]


def rejected(path):
    """Rows of FILE.rejected.csv, by line of FILE."""
    with open(f"{path}.rejected.csv", newline="", encoding="utf-8-sig", errors="replace") as file:
        return {int(entry["line"]): entry for entry in csv.DictReader(file)}


BAD_ROWS = {
    "above the scale": (row([4, 5, *GOOD[2:]]), "u2"),
    "below the scale": (row([0, *GOOD[1:]]), "u1"),
    "a word": (row(["baik", *GOOD[1:]]), "u1"),
    "a fraction": (row(["3.5", *GOOD[1:]]), "u1"),
    "missing element": (row([*GOOD[:8], ""]), "u9"),
    "future": (row(at="2099-01-01"), "collected_at"),
    "long ago": (row(at="1969-12-31"), "collected_at"),
    "no day": (row(at="2023-02-30"), "collected_at"),
    "no time": (row(at=""), "collected_at"),
    "over-long comment": (row(comment="x" * 4001, kind="complaint"), "comment"),
    "comment of unknown kind": (row(comment="x", kind="rant"), "comment_kind"),
    "terminal escapes": (row(comment="\x1b[2Jx", kind="praise"), "comment"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_named_and_the_others_are_stored(stack, tmp_path, name):
    bad, field = BAD_ROWS[name]
    before = stored(stack)
    day = f"2023-04-{list(BAD_ROWS).index(name) + 1:02}"
    path = write_csv(tmp_path / "in.csv", [row(at=f"{day} 08:00"), bad, row(at=f"{day} 09:00")], WIDE)
    done = submit(stack, path)
    assert done.returncode == REJECTED and "Saved 2 responses" in done.stdout, done
    assert "2 stored" in done.stdout and "line 3" in done.stdout + done.stderr
    lines = rejected(path)
    assert list(lines) == [3] and lines[3]["field"] == field and lines[3]["reason"]
    assert stored(stack) == before + 2


@pytest.mark.parametrize("name, text", [("latin-1", b"caf\xe9"), ("cut", b"\xf0\x9f\x98"),
                                        ("overlong", b"\xc0\xaf"), ("surrogate", b"\xed\xa0\x80")])
def test_bad_utf_8_is_named(stack, tmp_path, name, text):
    path = tmp_path / f"{name}.csv"
    line = b"4,4,4,4,4,4,4,4,4,2023-03-03 10:0%d,"
    path.write_bytes(b"u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at,comment,comment_kind\n" +
                     line % 1 + b"baik,praise\n" + line % 2 + text + b",praise\n" + line % 3 + b",\n")
    done = submit(stack, path, "--all")
    assert done.returncode == REJECTED and "Saved 2 responses" in done.stdout, done
    assert rejected(path)[3]["field"] == "comment" and "UTF-8" in rejected(path)[3]["reason"]


def test_what_only_the_server_knows_is_rejected_by_it(stack, tmp_path):
    """An unknown service: the others are stored, the rejected file says why, and once the service is
    there the same response is taken."""
    before = stored(stack)
    path = write_csv(tmp_path / "in.csv", [row(at=f"2023-05-01 08:0{k}", service=service)
                                           for k, service in enumerate(("UMUM", "UJI-LAB", ""))], WIDE)
    done = submit(stack, path)
    assert done.returncode == REJECTED and "2 stored, 0 duplicates, 1 rejected" in done.stdout, done
    assert rejected(path)[3]["field"] == "service" and "UJI-LAB" in rejected(path)[3]["reason"]
    assert "(first: line 3, service is not known: UJI-LAB)" in done.stdout
    assert f"Correct it in {path}.rejected.csv" in done.stdout
    items = outbox(stack)["rejected"]
    assert [(item["status"], item["field"], item["line"]) for item in items] == [("INVALID", "service", 3)]
    assert stored(stack) == before + 2
    assert stack.run("suara", "--profile", "admin", "admin", "service", "add", "BBPOM-SMG", "UJI-LAB",
                     "Pengujian").returncode == DONE
    assert stack.run("suara", "--profile", "BBPOM-SMG", "outbox", "retry", "--all").returncode == DONE
    assert sync(stack).returncode == DONE and stored(stack) == before + 3
    assert outbox(stack)["rejected"] == []


def test_a_corrected_rejected_file_is_taken(stack, tmp_path):
    before = stored(stack)
    path = write_csv(tmp_path / "in.csv", [row(at="2023-06-01 08:00"), row([9, *GOOD[1:]], "2023-06-01"
                                                                           " 09:00")], WIDE)
    assert submit(stack, path).returncode == REJECTED
    mended = pathlib.Path(f"{path}.rejected.csv")
    text = mended.read_text(encoding="utf-8-sig")
    assert ",9,3,4" in text
    mended.write_text(text.replace(",9,3,4", ",1,3,4"), encoding="utf-8")
    done = submit(stack, mended)
    assert done.returncode == DONE and "1 stored" in done.stdout, done
    assert stored(stack) == before + 2


BAD_FILES = {
    "missing column": ("u1,u2,u3,u4,u5,u6,u7,u8\n4,4,4,4,4,4,4,4\n", ["u9"]),
    "unknown column": ("u1,u2,u3,u4,u5,u6,u7,u8,u9,servise\n4,4,4,4,4,4,4,4,4,x\n",
                       ["servise", "service"]),
    "element that is not": ("u1,u2,u3,u4,u5,u6,u7,u8,u9,u10\n4,4,4,4,4,4,4,4,4,4\n", ["u10", "u1"]),
    "column twice": ("u1,u2,u3,u4,u5,u6,u7,u8,u9,u9\n4,4,4,4,4,4,4,4,4,4\n", ["u9"]),
    "no header": ("4,4,4,4,4,4,4,4,4\n4,4,4,4,4,4,4,4,4\n", ["column 1"]),
    "empty": ("", ["empty"]),
    "quote that never ends": ('u1,u2,u3,u4,u5,u6,u7,u8,u9\n4,4,4,4,4,4,4,4,4\n"4,4,4,4,4,4,4,4,4\n',
                              ["quote"]),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_wrong_as_a_whole_saves_nothing(stack, tmp_path, name):
    text, words = BAD_FILES[name]
    before = stored(stack)
    path = tmp_path / "in.csv"
    path.write_text(text)
    done = submit(stack, path, "--collected-at", "2023-01-01")
    assert done.returncode in (WRONG_USE, REJECTED) and "Saved" not in done.stdout, done
    assert all(word in done.stderr for word in ["in.csv", *words]), done.stderr
    assert stored(stack) == before and not outbox(stack)["waiting"]
    assert not pathlib.Path(f"{path}.rejected.csv").exists()


def test_a_file_without_times_asks_for_them(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", [GOOD], COLUMNS)
    done = submit(stack, path)
    assert done.returncode == WRONG_USE and "--collected-at" in done.stderr, done


def test_a_file_that_is_not_there_does_not_hold_up_the_next(stack, tmp_path):
    good = write_csv(tmp_path / "good.csv", [row(at="2023-07-01 08:00")], WIDE)
    before = stored(stack)
    done = submit(stack, tmp_path / "gone.csv", good)
    assert done.returncode == WRONG_USE and "gone.csv" in done.stderr, done
    assert stored(stack) == before + 1


def test_repeated_rows_of_a_growing_export_are_asked_about(stack, tmp_path):
    """Never guessed: nothing is saved until --cumulative or --all says what they are."""
    rows = [row(at=f"2023-08-{k:02} 08:00") for k in range(1, 9)]
    assert submit(stack, write_csv(tmp_path / "may.csv", rows[:5], WIDE)).returncode == DONE
    before = stored(stack)
    june = write_csv(tmp_path / "june.csv", rows, WIDE)
    done = submit(stack, june)
    assert done.returncode == WRONG_USE and "5 of 8" in done.stderr, done
    assert "--cumulative" in done.stderr and "--all" in done.stderr and stored(stack) == before
    done = submit(stack, june, "--cumulative")
    assert done.returncode == DONE and "3 stored" in done.stdout, done
    assert stored(stack) == before + 3
    done = submit(stack, write_csv(tmp_path / "july.csv", rows[:2], WIDE), "--all")
    assert done.returncode == DONE and stored(stack) == before + 5, done


# ---- wrong profile, certificate, server ----------------------------------------------------------

def test_a_profile_that_is_not_there(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", [row()], WIDE)
    done = submit(stack, path, profile="BBPOM-SMX")
    assert done.returncode == WRONG_USE, done
    assert "BBPOM-SMX" in done.stderr and "BBPOM-SMG" in done.stderr and "enroll" in done.stderr


@pytest.mark.parametrize("profile", ["admin", "supervisor", "auditor"])
def test_a_profile_that_may_not_submit(stack, tmp_path, profile):
    path = write_csv(tmp_path / "in.csv", [row()], WIDE)
    done = submit(stack, path, profile=profile)
    assert done.returncode in (WRONG_USE, NOT_ALLOWED) and profile in done.stderr, done
    assert "office" in done.stderr and "Saved" not in done.stdout


def test_an_office_may_not_see_another(stack):
    done = stack.run("suara", "--profile", "LAIN", "report", "index", "--period", "2023", "--office",
                     "BBPOM-SMG")
    assert done.returncode == NOT_ALLOWED and "BBPOM-SMG" in done.stderr and done.stdout == "", done


@pytest.mark.parametrize("words", [("office", "add", "BARU", "Baru"),
                                   ("service", "add", "LAIN", "X", "Y"),
                                   ("principal", "add", "admin", "saya"), ("principal", "list")])
def test_only_an_admin_administers(stack, words):
    done = stack.run("suara", "--profile", "LAIN", "admin", *words)
    assert done.returncode == NOT_ALLOWED and done.stderr and done.stdout == "", done


def copied(stack, tmp_path, name):
    """The environment of a copy of all profiles, for damage; and the settings of one."""
    home = tmp_path / "home"
    shutil.copytree(stack.home, home)
    return {**stack.env, "SUARA_HOME": str(home)}, home / name


def test_a_certificate_that_was_revoked(stack, tmp_path):
    env, _ = copied(stack, tmp_path, "BARU")
    bundle = stack.issue("office", "DICABUT")
    assert stack.run("suara", "--profile", "admin", "admin", "office", "add", "DICABUT",
                     "Dicabut").returncode == DONE
    assert stack.run("suara", "--profile", "D", "enroll", bundle, env=env).returncode == DONE
    assert stack.run("suara-ca", "revoke", "office", "DICABUT").returncode == DONE
    stack.daemon.send_signal(1)
    path = write_csv(tmp_path / "in.csv", [row()], WIDE)
    stack.wait(lambda: "reload.done" in stack.log_text(), 10, "the reload")
    done = submit(stack, path, profile="D", env=env)
    assert done.returncode == NOT_ALLOWED and "Saved 1 response" in done.stdout, done
    assert "certificate" in done.stderr and "administrator" in done.stderr
    assert "waits and can be sent when the new bundle is enrolled" in done.stdout
    assert stored(stack, "DICABUT") == 0


def test_a_server_that_is_not_the_one_enrolled_with(stack, make_stack, tmp_path):
    """Another CA, with the right address: nothing is sent there."""
    other = make_stack(offices=("BBPOM-SMG", "ASING"), profiles=False, own_ca=True)
    assert (other.ca / "ca.crt").read_text() != (stack.ca / "ca.crt").read_text()
    env, profile = copied(stack, tmp_path, "BBPOM-SMG")
    settings = profile / "settings.ini"
    settings.write_text(settings.read_text().replace(stack.env["SUARA_SERVER"],
                                                     other.env["SUARA_SERVER"]))
    path = write_csv(tmp_path / "in.csv", [row(at="2023-09-09")], WIDE)
    done = submit(stack, path, env=env)
    assert done.returncode in (AWAY, NOT_ALLOWED) and "Saved 1 response" in done.stdout, done
    assert "certificate" in done.stderr and stored(other) == 0


@pytest.mark.parametrize("damage", ["key", "certificate", "ca"])
def test_a_profile_with_a_damaged_file(stack, tmp_path, damage):
    env, profile = copied(stack, tmp_path, "BBPOM-SMG")
    path = next(file for file in profile.iterdir() if damage in file.name or
                file.suffix == {"key": ".key", "certificate": ".crt", "ca": ".ca"}[damage])
    path.write_text("-----BEGIN NOTHING-----\n")
    done = submit(stack, write_csv(tmp_path / "in.csv", [row(at="2023-09-10")], WIDE), env=env)
    assert done.returncode not in (DONE, REJECTED) and str(path) in done.stderr, done


def test_a_bundle_that_is_none(stack, tmp_path):
    bundle = tmp_path / "x.bundle"
    text = stack.bundle("office", "LAIN").read_text()
    for content in ("", "hello\n", text[:len(text) // 2], text.replace("name = LAIN", "name = OTHER")):
        bundle.write_text(content)
        done = stack.run("suara", "--profile", "X", "enroll", bundle)
        assert done.returncode in (WRONG_USE, REJECTED) and "x.bundle" in done.stderr, (content, done)
        assert not (stack.home / "X").exists()


def test_options_that_are_wrong_name_the_nearest(stack):
    for words, wanted in ((["report", "index", "--perid", "2023"], "--period"),
                          (["reprot", "index"], "report"), (["report", "index", "--by", "offic"],
                                                            "office"),
                          (["report", "index", "--method", "0.112"], "0.11")):
        done = stack.run("suara", "--profile", "admin", *words)
        assert done.returncode == WRONG_USE and wanted in done.stderr and not done.stdout, done


def test_the_figures_are_of_the_good_rows_alone(stack, tmp_path):
    """Rejected rows of an office of its own count nowhere."""
    rows = [row([4] * 9, "2021-01-01"), row([5] * 9, "2021-01-02"), row([1] * 9, "2021-01-03")]
    assert submit(stack, write_csv(tmp_path / "in.csv", rows, WIDE), profile="LAIN").returncode == 65
    found = index(stack, "--period", "2021", "--office", "LAIN")[0]
    assert (found["n"], found["index"]) == (2, "62.50")
