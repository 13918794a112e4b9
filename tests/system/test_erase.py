"""Personal data: what was erased on request is gone from tables, roll-ups and logs, and never comes
back, whatever was on its way; comments go with time; and the figures stay true."""

import threading
import uuid

import psycopg2
import pytest

from erasing import (DAY, NOW, OFFICES, SECRET, audit, batch_of, counts, differing, erase, fresh, ids_of, in_logs,
                     line_of, sql, statuses, suara, text_of, where_found)
from suara_wire import code_of, pb
from surveys import index, outbox, submit, write_csv


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=OFFICES, tree=True)


# ---- nothing is left -----------------------------------------------------------------------------

def test_nothing_of_an_erased_response_is_left(stack):
    """Sent in a large batch, sent twice (COPY meets a key that is held), in a report; then erased."""
    with line_of(stack, "PUSAT") as line, line_of(stack) as admin:
        batch = batch_of(200, comment=SECRET.encode(), kind=3)
        assert line.submit(batch).receipt.stored == 200
        key = ids_of(batch)[0]
        again = batch_of(200, ids=ids_of(batch), comment=SECRET.encode(), kind=3)
        assert set(statuses(line.submit(again).receipt).values()) == {"DUPLICATE"}
        assert stack.db.log.read_text().count("duplicate key value") == 1    # it did meet one
        assert index(stack, "--period", "2023")[0]["n"] == 200
        assert where_found(stack, key, [SECRET]) == {"response", "comment"}

        assert counts(erase(admin, key)) == (1, 1, 0, 0)
        assert sql(stack, "SELECT count(*) FROM suara.stale WHERE month = '2023-07-01'") != [(0,)]
        assert where_found(stack, key, []) == {"erased"}
        assert counts(erase(admin, *ids_of(batch))) == (199, 199, 1, 0)
        assert where_found(stack, key, [SECRET]) == {"erased"}
        assert differing(stack) == []
        assert sql(stack, "SELECT count(*) FROM suara.rollup") == [(0,)]
        assert sum(row["n"] for row in index(stack, "--period", "2023")) == 0

        # It never comes back: in its own batch, in another, alone, among many.
        for once_more in (batch, again, batch_of(1, ids=[key]),
                          batch_of(150, ids=[key] + ids_of(batch)[1:150])):
            receipt = line.submit(once_more).receipt
            assert receipt.stored == 0 and set(statuses(receipt).values()) == {"ERASED"}
        assert where_found(stack, key, [SECRET]) == {"erased"}
        assert in_logs(stack, key, [SECRET]) == []
    assert [entry[1:] for entry in audit(stack, "erase")] == [
        ("admin:admin", "done", "responses=1 comments=1 already=0 unknown=0"),
        ("admin:admin", "done", "responses=199 comments=199 already=1 unknown=0")]


def test_what_was_never_held_is_not_taken_later(stack):
    batch = batch_of(3)
    with line_of(stack, "CABANG") as line, line_of(stack) as admin:
        ids = ids_of(batch)
        assert counts(erase(admin, ids[1], ids[1], office=b"CABANG")) == (0, 0, 0, 1)
        assert counts(erase(admin, ids[1], office=b"CABANG")) == (0, 0, 1, 0)
        receipt = line.submit(batch).receipt
        assert receipt.stored == 2 and statuses(receipt) == {1: "ERASED"}
        # An id is its office's own.
        assert counts(erase(admin, ids[0], office=b"RANTING")) == (0, 0, 0, 1)
        assert sql(stack, "SELECT count(*) FROM suara.response WHERE id = %s::uuid", text_of(ids[0])) == [(1,)]


@pytest.mark.parametrize("code, field, asked", [
    ("INVALID", "ids", dict(office=b"PUSAT")),
    ("INVALID", "ids", dict(office=b"PUSAT", ids=b"0123456789abcdefg")),
    ("TOO_LARGE", "ids", dict(office=b"PUSAT", ids=b"0123456789abcdef" * 1001)),
    ("INVALID", "office", dict(ids=b"0123456789abcdef")),
    ("INVALID", "office", dict(office=b"PUSAK", ids=b"0123456789abcdef"))])
def test_a_wrong_erasure_is_told_what(stack, code, field, asked):
    with line_of(stack) as admin:
        reply = admin.ask(erase=pb.Erase(**asked))
        assert (code_of(reply), reply.error.field.decode()) == (code, field)
        assert reply.error.text


# ---- the race ------------------------------------------------------------------------------------

def waiting(stack, what):
    """Does a backend wait for a lock in a statement with this in it?"""
    return sql(stack, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ %s"
                      " AND pid <> pg_backend_pid()", what)


def holder_of(stack, statement, *values):
    """An open transaction of somebody else, which holds what the statement locks."""
    connection = stack.db.connect()
    connection.autocommit = False
    connection.cursor().execute(statement, values)
    return connection


def is_gone(stack, key):
    assert sql(stack, "SELECT count(*) FROM suara.response WHERE id = %s::uuid", text_of(key)) == [(0,)]
    assert differing(stack) == []
    assert where_found(stack, key, []) == {"erased"}


@pytest.mark.parametrize("count", [1, 300])    # by INSERT, by COPY
def test_an_erasure_under_way_when_a_response_comes(stack, count):
    """Who stores waits for the erasure before it looks, and so sees it."""
    batch = batch_of(count, fresh())
    key = ids_of(batch)[count // 2]
    with line_of(stack, "PUSAT") as line:
        eraser = holder_of(stack, "SELECT suara.erase(office_id, ARRAY[%s::uuid], 'admin:x', '')"
                                  " FROM suara.office WHERE code = 'PUSAT'", text_of(key))
        line.send(submit=batch.message)
        stack.wait(lambda: waiting(stack, "."), 20, "the response to wait")
        eraser.commit()
        eraser.close()
        receipt = line.receive().receipt
    assert statuses(receipt) == {count // 2: "ERASED"} and receipt.stored == count - 1
    is_gone(stack, key)


@pytest.mark.parametrize("stage, count, held", [
    ("where it looks", 300, "LOCK TABLE suara.erased IN ACCESS EXCLUSIVE MODE"),
    ("at its rows", 1, None),
    ("at its rows", 300, None),
    ("before its commit", 300, "LOCK TABLE suara.batch IN SHARE MODE")])
def test_an_erasure_while_a_response_is_stored(stack, stage, count, held):
    """The erasure waits for it or gives up and says so; done again, nothing of the response is left."""
    batch = batch_of(count, fresh())
    key = ids_of(batch)[0]
    row = ("INSERT INTO suara.response SELECT office_id, 1, now(), 7, %s, 1, 0, 0, 1, 0, 0, 0, 0,"
           " '\\x010203040102030401' FROM suara.office WHERE code = 'PUSAT'")
    with line_of(stack, "PUSAT") as line, line_of(stack) as admin:
        holder = holder_of(stack, held) if held else holder_of(stack, row, text_of(key))
        line.send(submit=batch.message)
        stack.wait(lambda: waiting(stack, "."), 20, f"it to be held {stage}")
        reply = erase(admin, key)
        assert (code_of(reply), reply.error.retry_after_ms) == ("UNAVAILABLE", 200), reply
        holder.rollback()
        holder.close()
        assert line.receive().receipt.stored == count
        assert counts(erase(admin, key)) == (1, 0, 0, 0)
    is_gone(stack, key)


def test_an_erasure_goes_on_when_the_response_is_stored(stack):
    """It waits for less than its time limit: done at once then, in the same request."""
    batch = batch_of(300, fresh())
    key = ids_of(batch)[7]
    with line_of(stack, "PUSAT") as line, line_of(stack) as admin:
        holder = holder_of(stack, "LOCK TABLE suara.batch IN SHARE MODE")
        line.send(submit=batch.message)
        stack.wait(lambda: waiting(stack, "suara.batch"), 20, "the response to wait")
        wanted = admin.send(erase=pb.Erase(office=b"PUSAT", ids=key))
        stack.wait(lambda: waiting(stack, "suara.erase"), 20, "the erasure to wait")
        holder.rollback()
        holder.close()
        assert line.receive().receipt.stored == 300
        reply = admin.receive()
        assert reply.id == wanted and counts(reply) == (1, 0, 0, 0)
    is_gone(stack, key)


def test_a_daemon_that_stands_still_between_its_look_and_its_rows(make_stack):
    """Held by SIGSTOP where it knows of no tombstone and has not stored yet."""
    stack = make_stack(offices=OFFICES[:1], profiles=False)
    batch = batch_of(300, fresh())
    key = ids_of(batch)[3]
    call = ("SELECT responses, unknown FROM suara.office o, suara.erase(o.office_id, ARRAY[%s::uuid],"
            " 'admin:x', '') WHERE code = 'PUSAT'")
    with line_of(stack, "PUSAT") as line:
        holder = holder_of(stack, "LOCK TABLE suara.erased IN ACCESS EXCLUSIVE MODE")
        line.send(submit=batch.message)
        stack.wait(lambda: waiting(stack, "suara.erased"), 20, "it to look")
        stack.daemon.send_signal(19)    # SIGSTOP
        try:
            holder.rollback()
            holder.close()
            stack.wait(lambda: sql(stack, "SELECT 1 FROM pg_stat_activity WHERE query ~ 'suara.erased' AND"
                                          " state = 'idle in transaction'"), 20, "it to have looked")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                sql(stack, call, text_of(key), user="suara_owner")
        finally:
            stack.daemon.send_signal(18)    # SIGCONT
        assert line.receive().receipt.stored == 300
    assert sql(stack, call, text_of(key), user="suara_owner") == [(1, 0)]
    is_gone(stack, key)


def test_erasures_and_responses_all_at_once(stack):
    """Two lines send the same ids over and over while they are erased: in the end nothing is left."""
    batches = [batch_of(150, NOW + 120 * DAY + k * 1000) for k in range(6)]
    errors = []

    def send(backwards):
        try:
            with line_of(stack, "RANTING") as line:
                for batch in batches[::-1] if backwards else batches:
                    line.submit(batch_of(150, batch.message.response[0].collected, ids_of(batch)))
        except BaseException as error:    # handed to the test
            errors.append(error)
    threads = [threading.Thread(target=send, args=(k,)) for k in (False, True)]
    for thread in threads:
        thread.start()
    with line_of(stack) as admin:
        for batch in batches:
            reply = erase(admin, *ids_of(batch)[::3], office=b"RANTING")
            assert code_of(reply) in ("", "UNAVAILABLE"), reply
            if code_of(reply):
                counts(erase(admin, *ids_of(batch)[::3], office=b"RANTING"))
    for thread in threads:
        thread.join(60)
    assert not errors
    assert sql(stack, "SELECT count(*) FROM suara.response JOIN suara.erased USING (office_id, id)") == [(0,)]
    assert sql(stack, "SELECT count(*) FROM suara.response WHERE id >= suara.uuid_floor(%s) AND"
                      " office_id = 3", NOW + 120 * DAY) == [(600,)]
    assert differing(stack) == []


# ---- the commands --------------------------------------------------------------------------------

def test_suara_admin_erase(stack, tmp_path):
    batch = batch_of(5, NOW + 200 * DAY, comment=b"hapus", kind=1)
    ids = [text_of(key) for key in ids_of(batch)]
    with line_of(stack, "PUSAT") as line:
        assert line.submit(batch).receipt.stored == 5
    asks = suara(stack, "admin", "erase", "PUSAT", ids[0])
    assert (asks.returncode, asks.stdout) == (64, "") and "--yes" in asks.stderr
    done = suara(stack, "admin", "erase", "PUSAT", ids[0].upper(), "--yes")
    assert (done.returncode, done.stdout) == (0, "Erased 1 response of PUSAT, with 1 comment.\n")
    listed = tmp_path / "ids"
    listed.write_text(f"# asked for by letter\n\n{ids[0]}\n  {ids[1]}\r\n{ids[1]}\n{uuid.uuid4()}\n")
    done = suara(stack, "admin", "erase", "PUSAT", ids[2], "--file", listed, "--yes")
    assert done.stdout.splitlines() == [
        "Erased 2 responses of PUSAT, with 2 comments.", "1 was erased before.",
        "1 is not held by the server, and will not be taken if it comes."], done
    listed.write_text(f"{ids[3]}\n{ids[4][:-1]}\n")
    wrong = suara(stack, "admin", "erase", "PUSAT", "--file", listed, "--yes")
    assert wrong.returncode == 64 and f"line 2: '{ids[4][:-1]}'" in wrong.stderr
    for words, says in (((), "their ids"), (("x",), "'x' is no id"), (("--file", "/nowhere"), "/nowhere")):
        wrong = suara(stack, "admin", "erase", "PUSAT", *words, "--yes")
        assert wrong.returncode == 64 and says in wrong.stderr, wrong.stderr
    assert suara(stack, "admin", "erase", "PUSAK", ids[3], "--yes").returncode == 64
    denied = suara(stack, "admin", "erase", "PUSAT", ids[3], "--yes", profile="auditor")
    assert denied.returncode == 77
    assert sql(stack, "SELECT count(*) FROM suara.response WHERE id = ANY (%s::uuid[])", ids) == [(2,)]


def test_more_than_one_request_holds(stack, tmp_path):
    listed = tmp_path / "ids"
    listed.write_text("".join(f"{uuid.uuid4()}\n" for _ in range(2500)))
    done = suara(stack, "admin", "erase", "RANTING", "--file", listed, "--yes")
    assert "2500 are not held by the server" in done.stdout, done
    assert len([entry for entry in audit(stack, "erase") if "unknown=500" in entry[3]]) == 1


def test_the_outbox_keeps_nothing_of_what_was_erased(stack, tmp_path):
    """Sent again by its office it is an end, not something to correct."""
    survey = write_csv(tmp_path / "a.csv", [[*[4] * 9, f"2024-05-0{k} 10:00", k, f"{SECRET} {k}"]
                                           for k in (1, 2, 3)],
                       ("u1 u2 u3 u4 u5 u6 u7 u8 u9 collected_at id comment".split()))
    done = submit(stack, survey, "--id-column", "id", profile="PUSAT")
    assert done.returncode == 0, done.stderr
    (key,), = sql(stack, "SELECT id::text FROM suara.comment WHERE text = %s", f"{SECRET} 2")
    assert suara(stack, "admin", "erase", "PUSAT", key, "--yes").returncode == 0
    done = submit(stack, survey, "--id-column", "id", "--all", profile="PUSAT")
    assert done.returncode == 0, done
    assert "Sent: 0 stored, 2 duplicates, 0 rejected." in done.stdout
    assert "1 response was erased from the server on request and is not taken again" in done.stdout
    held = outbox(stack, "PUSAT")
    assert held["waiting"] == [] and held["rejected"] == []
    assert [item["refused"] for item in held["sent"]] == [0, 1]
    assert list(tmp_path.glob("*.rejected.csv")) == []
    for file in (stack.home / "PUSAT").rglob("outbox*"):
        assert f"{SECRET} 2".encode() not in file.read_bytes() or file.name.endswith("-wal")
    sql(stack, "DELETE FROM suara.comment WHERE text LIKE %s", f"{SECRET}%")
