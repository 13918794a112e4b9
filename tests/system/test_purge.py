"""Comments go when an administrator says so, or with time; ratings and figures stay."""

import pytest

from erasing import DAY, GOOD, NOW, OFFICES, audit, differing, held, line_of, sql, suara
from suara_wire import Batch, code_of, pb


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=OFFICES, tree=True)


@pytest.fixture
def comments(stack):
    """Three in each office, on the 1st and the 2nd of March 2022 by their own calendars, and later."""
    sql(stack, "DELETE FROM suara.comment")
    midnight = 1_646_179_200_000    # of 2 March 2022, UTC
    for office, hours in (("PUSAT", 7), ("CABANG", 8), ("RANTING", 9)):
        batch = Batch()
        for moment in (midnight - hours * 3_600_000 - 1, midnight - hours * 3_600_000, NOW):
            batch.add(moment, GOOD, comment=b"lama", kind=2)
        with line_of(stack, office) as line:
            assert line.submit(batch).receipt.stored == 3
    return sql(stack, "SELECT count(*) FROM suara.response")


def purge(stack, *options):
    return suara(stack, "admin", "purge", "--comments", *options)


def test_suara_admin_purge(stack, comments):
    before = len(audit(stack, "purge"))
    done = purge(stack, "--before", "2022-03-02")
    assert done.returncode == 0 and done.stdout.splitlines() == [
        "3 comments of 3 offices would go: those from before 2022-03-02.",
        "Nothing was removed. To remove them for ever, add --yes."], done
    assert held(stack) == {"PUSAT": 3, "CABANG": 3, "RANTING": 3}
    done = purge(stack, "--before", "2022-03-02", "--office", "CABANG", "--yes")
    assert done.stdout == "Removed 1 comment of 1 office: those from before 2022-03-02.\n"
    assert held(stack) == {"PUSAT": 3, "CABANG": 2, "RANTING": 3}
    done = purge(stack, "--before", "2022-04", "--office", "PUSAT", "--subtree", "--yes")
    assert done.stdout == "Removed 5 comments of 3 offices: those from before 2022-04-01.\n"
    assert held(stack) == {"PUSAT": 1, "CABANG": 1, "RANTING": 1}
    assert purge(stack, "--before", "2022-04", "--yes").stdout == \
        "There are no comments from before 2022-04-01.\n"
    assert [entry for entry in audit(stack, "purge")[before:]] == [
        ("CABANG", "admin:admin", "done", "comments=1 before=2022-03-02"),
        ("PUSAT", "admin:admin", "done", "comments=2 before=2022-04-01"),
        ("CABANG", "admin:admin", "done", "comments=1 before=2022-04-01"),
        ("RANTING", "admin:admin", "done", "comments=2 before=2022-04-01")]
    assert sql(stack, "SELECT count(*) FROM suara.response") == comments
    assert differing(stack) == []


def test_a_purge_in_steps(stack, comments):
    """More than one transaction holds, of an office with a comment on each side."""
    sql(stack, "INSERT INTO suara.comment SELECT 2, suara.uuid_floor(1500000000000 + k), 1, 'banyak'"
               " FROM generate_series(1, 25000) k")
    done = purge(stack, "--before", "2018", "--yes")
    assert done.stdout == "Removed 25000 comments of 1 office: those from before 2018-01-01.\n", done
    assert [entry[3] for entry in audit(stack, "purge")[-3:]] == [
        f"comments={n} before=2018-01-01" for n in (10000, 10000, 5000)]
    assert held(stack) == {"PUSAT": 3, "CABANG": 3, "RANTING": 3}


@pytest.mark.parametrize("says, words", [
    ("--comments", ("--before", "2022")), ("--before", ("--comments",)),
    ("is no day", ("--comments", "--before", "long ago")),
    ("in the future", ("--comments", "--before", "2922-01-01", "--yes")),
    ("PUSAT", ("--comments", "--before", "2022", "--office", "PUSAK", "--yes"))])
def test_a_wrong_purge_is_told_what(stack, comments, says, words):
    wrong = suara(stack, "admin", "purge", *words)
    assert wrong.returncode == 64 and says in wrong.stderr, wrong
    assert held(stack) == {"PUSAT": 3, "CABANG": 3, "RANTING": 3}


def test_a_purge_needs_a_day(stack):
    with line_of(stack) as admin:
        for day in (0, 20220231, 99999999):
            reply = admin.ask(purge=pb.Purge(before=day))
            assert (code_of(reply), reply.error.field) == ("INVALID", b"before")


# ---- retention -----------------------------------------------------------------------------------

def test_the_daemon_removes_what_is_too_old(make_stack):
    """At a reload that sets it, when idle; what is younger stays, and nothing goes before its day."""
    stack = make_stack(offices=("PUSAT",), profiles=False)
    now, = sql(stack, "SELECT (extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC')) * 1000)::bigint")[0]
    edge = now - 30 * DAY - 7 * 3_600_000    # the first moment of that day in WIB
    batch = Batch()
    for moment in (edge - 1, edge, edge + 29 * DAY):
        batch.add(moment, GOOD, comment=b"lama", kind=1)
    with line_of(stack, "PUSAT") as line:
        assert line.submit(batch).receipt.stored == 3
        assert held(stack) == {"PUSAT": 3}
        stack.write_conf(retention__comments="30")
        stack.daemon.send_signal(1)    # SIGHUP
        stack.wait(lambda: held(stack) == {"PUSAT": 2}, 20, "the oldest comment to go")
        stack.wait(lambda: "retention.end comments=1" in stack.log_text(), 20, "the round to end")
    assert held(stack) == {"PUSAT": 2}
    assert sql(stack, "SELECT count(*) FROM suara.response") == [(3,)]
    (office, principal, outcome, detail), = audit(stack, "purge")
    assert (office, principal, outcome) == ("PUSAT", "suarad:retention", "done")
    assert detail.startswith("comments=1 before=")
