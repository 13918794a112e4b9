"""Files as offices have them, through the real client to the database: nobody is counted twice,
nobody is lost, and nothing that a person is working on is overwritten."""

import csv
import os
import pathlib
import signal
import subprocess

import pytest

from surveys import COLUMNS, index, outbox, stored, submit, write_csv

DONE, WRONG_USE, REJECTED = 0, 64, 65
GOOD = [4, 3, 4, 3, 4, 3, 4, 3, 4]


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=("BBPOM-SMG", "LAIN"))


def check_asks(done, count, of):
    assert done.returncode == WRONG_USE and f"{count} of {of}" in done.stderr, done
    assert "Saved" not in done.stdout and "--cumulative" in done.stderr, done


def test_a_file_with_ids_is_not_counted_twice_under_another_time(stack, tmp_path):
    before = stored(stack)
    path = write_csv(tmp_path / "kobo.csv", [[*GOOD, f"k-{k}"] for k in range(5)], (*COLUMNS, "id"))
    assert submit(stack, path, "--collected-at", "2023-06-30").returncode == DONE
    check_asks(submit(stack, path, "--collected-at", "2023-07-01"), 5, 5)
    assert submit(stack, path, "--collected-at", "2023-06-30").returncode == DONE
    # A longer export, at a later date: the five are known by their ids alone.
    more = write_csv(tmp_path / "more.csv", [[*GOOD, f"k-{k}"] for k in range(7)], (*COLUMNS, "id"))
    check_asks(submit(stack, more, "--collected-at", "2023-07-31"), 5, 7)
    done = submit(stack, more, "--collected-at", "2023-07-31", "--cumulative")
    assert done.returncode == DONE and "2 stored" in done.stdout, done
    assert stored(stack) == before + 7


def test_people_who_answer_alike_are_told_apart_by_their_ids(stack, tmp_path):
    before = stored(stack)
    for month in range(3):
        path = write_csv(tmp_path / f"{month}.csv", [[*[3] * 9, f"m{month}-{k}"] for k in range(4)],
                         (*COLUMNS, "id"))
        assert submit(stack, path, "--collected-at", f"2022-0{month + 1}-01").returncode == DONE
    assert stored(stack) == before + 12


def test_an_id_column_that_was_forgotten_once(stack, tmp_path):
    before = stored(stack)
    rows = [[*GOOD, f"2023-05-0{k} 08:00", f"u-{k}"] for k in range(1, 5)]
    path = write_csv(tmp_path / "form.csv", rows[:3], (*COLUMNS, "collected_at", "kode"))
    leave = tmp_path / "peta.ini"
    leave.write_text("[columns]\nkode = -\n")
    assert submit(stack, path, "--map", leave).returncode == DONE
    check_asks(submit(stack, path, "--id-column", "kode"), 3, 3)
    path = write_csv(tmp_path / "form2.csv", rows, (*COLUMNS, "collected_at", "kode"))
    check_asks(submit(stack, path, "--id-column", "kode"), 3, 4)
    assert submit(stack, path, "--id-column", "kode", "--cumulative").returncode == DONE
    assert stored(stack) == before + 4


def test_rows_of_a_second_go_are_remembered(stack, tmp_path):
    """A service is added after the first go, the same file taken again, and the next export asks."""
    before = stored(stack)
    columns = (*COLUMNS, "collected_at", "service")
    rows = [[*GOOD, f"2023-02-0{k} 08:00", service] for k, service in ((1, "UMUM"), (2, "BARU"))]
    path = write_csv(tmp_path / "feb.csv", rows, columns)
    assert submit(stack, path).returncode == REJECTED
    assert len(outbox(stack)["rejected"]) == 1
    assert stack.run("suara", "--profile", "admin", "admin", "service", "add", "BBPOM-SMG", "BARU",
                     "Baru").returncode == DONE
    done = submit(stack, path)
    assert done.returncode == DONE and "1 stored, 1 duplicate" in done.stdout, done
    assert outbox(stack)["rejected"] == []
    more = write_csv(tmp_path / "march.csv", [*rows, [*GOOD, "2023-03-01 08:00", ""]], columns)
    check_asks(submit(stack, more), 2, 3)
    assert submit(stack, more, "--cumulative").returncode == DONE
    assert stored(stack) == before + 3


def test_corrected_rows_count_as_the_options_said(stack, tmp_path):
    """A provider's own view stays one after its row was corrected without the options."""
    path = write_csv(tmp_path / "own.csv", [[*GOOD], [9, *GOOD[1:]]], COLUMNS)
    done = submit(stack, path, "--perspective", "provider", "--channel", "forum", "--collected-at",
                  "2020-03-01", profile="LAIN")
    assert done.returncode == REJECTED, done
    mended = pathlib.Path(f"{path}.rejected.csv")
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace(",9,3,4", ",1,3,4"),
                      encoding="utf-8")
    assert submit(stack, mended, profile="LAIN").returncode == DONE
    found = {row["perspective"]: row["n"] for row in
             index(stack, "--period", "2020", "--office", "LAIN", "--perspective", "all", "--by",
                   "perspective")}
    assert found.get("provider") == 2 and not found.get("recipient"), found


def test_a_corrected_row_leaves_the_rejected_ones(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", [[*GOOD, "2023-10-01 08:00", "TAK-ADA"]],
                     (*COLUMNS, "collected_at", "service"))
    assert submit(stack, path).returncode == REJECTED
    assert len(outbox(stack)["rejected"]) == 1
    mended = pathlib.Path(f"{path}.rejected.csv")
    with open(mended, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    rows[0].update(service="UMUM", collected_at="2023-10-01 09:00")
    write_csv(mended, [row.values() for row in rows], rows[0].keys())
    assert submit(stack, mended).returncode == DONE
    assert outbox(stack)["rejected"] == []


MONTHS = "u1,u2,u3,u4,u5,u6,u7,u8,u9,Timestamp\n" + "".join(
    f"4,4,4,4,4,4,4,4,4,{day} 10:00:00\n" for day in ("6/7/2021", "6/12/2021", "6/13/2021"))
SWALLOWED = ('u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at,comment\n4,4,4,4,4,4,4,4,4,2021-06-01,"bagus\n' +
             "4,4,4,4,4,4,4,4,4,2021-06-02,\n" * 3 + '4,4,4,4,4,4,4,4,4,2021-06-02,"baik"\n')
WRONG_FILES = {
    "month first": (MONTHS.encode(), ["line 4", "6/13/2021", "month first"]),
    "missing quote": (SWALLOWED.encode(), ["line 2", "comment", "quote"]),
    "UTF-16": (MONTHS.encode("utf-16"), ["UTF-16", "CSV UTF-8"]),
    "workbook": (b"PK\3\4" + bytes(60), ["Excel", "CSV UTF-8"]),
    "empty": (b"", ["empty"]),
    "title above": (b"Survei Juni\n" + MONTHS.encode(), ["line 1", "delete"]),
    "pipes": (b"u1|u2|u3\n1|2|3\n", ["separated by comma, semicolon or tab"]),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_nothing_is_taken_of_a_file_that_would_be_misread(stack, tmp_path, name):
    content, words = WRONG_FILES[name]
    before = stored(stack)
    path = tmp_path / "salah.csv"
    path.write_bytes(content)
    done = submit(stack, path)
    assert done.returncode == WRONG_USE and done.stdout == "", done
    assert all(word in done.stderr for word in ["salah.csv", *words]), done.stderr
    assert stored(stack) == before and os.listdir(tmp_path) == ["salah.csv"]


def test_a_check_writes_nothing_and_says_why(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", [[*GOOD, "2021-01-01", "kios"]] + [[9, *GOOD[1:], "x", ""]] * 29,
                     (*COLUMNS, "collected_at", "channel"))
    done = stack.run("suara", "--profile", "BBPOM-SMG", "check", path)
    assert done.returncode == REJECTED and os.listdir(tmp_path) == ["in.csv"], done
    text = done.stdout + done.stderr
    assert "line 2: channel is not known: kios; the nearest is kiosk" in text
    assert 'line 3: collected_at "x" is not a date and time' in text
    assert "line 21:" in text and "line 22:" not in text and "10 more" in text


def test_a_rejected_file_that_is_there_stays(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", [[9, *GOOD[1:], "2021-01-01"]])
    mine = pathlib.Path(f"{path}.rejected.csv")
    mine.write_text("half corrected")
    done = submit(stack, path)
    assert done.returncode == REJECTED and "in.csv.rejected-2.csv" in done.stdout, done
    assert mine.read_text() == "half corrected"


def keeps_rows(pid):
    """Has it the file open in which rejected rows wait for their name?"""
    try:
        return any("(deleted)" in os.readlink(fd) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except OSError:    # it ended, or closed one, while it was looked at
        return False


def test_ctrl_c_leaves_nothing_in_the_folder(stack, tmp_path):
    path = write_csv(tmp_path / "in.csv", [[9, *GOOD[1:], "2021-01-01"]] * 300000)
    process = subprocess.Popen(["suara", "--profile", "BBPOM-SMG", "submit", str(path), "--no-send"],
                               env=stack.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.wait(lambda: process.poll() is not None or keeps_rows(process.pid), 30, "a rejected row")
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    if process.returncode != REJECTED:    # it may have been done just before
        assert os.listdir(tmp_path) == ["in.csv"]


def test_a_pipe_and_a_folder_are_no_files(stack, tmp_path):
    os.mkfifo(tmp_path / "pipa")
    done = submit(stack, tmp_path / "pipa", timeout=30)
    assert done.returncode == WRONG_USE and "pipe" in done.stderr, done
    done = submit(stack, tmp_path)
    assert done.returncode == WRONG_USE and "is a folder; name the CSV file" in done.stderr, done
