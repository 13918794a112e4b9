"""The audit: what was done and refused is in it exactly when it happened, no text ever is, and whatever
is done to it afterwards is found and named."""

import hashlib
import json

import pytest

from suara_wire import Batch, Line, code_of, pb

NOW = 1_690_000_000_000    # July 2023
WORDS = "Pelayanan lambat sekali"


@pytest.fixture(scope="module")
def stack(module_stack):
    """PUSAT is above CABANG; LUAR is of another tree."""
    return module_stack(offices=("PUSAT", "CABANG", "LUAR"), tree={"CABANG": "PUSAT"})


def line_of(stack, role, name=None):
    return Line(stack, stack.bundle(role, name or role))


def query(stack, statement, *arguments, user="suara_owner"):
    with stack.db.connect(user) as connection, connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        found = cursor.fetchall() if cursor.description else cursor.rowcount
    connection.close()
    return found


def entries(stack, **wanted):
    """(office, outcome, detail) of the entries with these columns, in the order they were written."""
    where = "".join(f" AND {column} = %s" for column in wanted)
    return query(stack, "SELECT coalesce(o.code, ''), a.outcome, a.detail FROM suara.audit a LEFT JOIN"
                        f" suara.office o USING (office_id) WHERE true{where} ORDER BY a.at",
                 *wanted.values())


def audit(stack, *words, profile="auditor"):
    return stack.run("suara", "--profile", profile, "admin", "audit", *words)


def verify(stack, *options):
    done = audit(stack, "verify", "--format", "json", *options)
    return done.returncode, json.loads(done.stdout)


def serial_of(stack, role, name):
    """As the daemon's log has it."""
    with line_of(stack, role, name):
        pass
    lines = [line for line in stack.log_text().splitlines()
             if "session.open" in line and f"role={role}" in line and f"name={name}" in line]
    return lines[-1].split("serial=")[1].split()[0]


# ---- acts --------------------------------------------------------------------------------------

def test_each_addition_is_one_entry(stack):
    with line_of(stack, "admin") as line:
        for add in (dict(what=b"office", code=b"KIOS", name=b"Kios Satu", office=b"PUSAT"),
                    dict(what=b"service", code=b"UJI", name=b"Pengujian", office=b"KIOS"),
                    dict(what=b"principal", role=b"supervisor", code=b"KEPALA", office=b"KIOS"),
                    dict(what=b"principal", role=b"auditor", code=b"KAMPUS"),
                    dict(what=b"population", code=b"UJI", office=b"KIOS", people=70, to=20231231,
                         **{"from": 20230101})):
            assert code_of(line.ask(add=pb.Add(**add))) == "", add
        before = entries(stack, principal="admin:admin", verb="add")
        for add in (dict(what=b"office", code=b"KIOS", name=b"x", zone=b"WIB"),
                    dict(what=b"service", code=b"UJI", name=b"x", office=b"KIOS"),
                    dict(what=b"principal", role=b"admin", code=b"ME")):
            assert code_of(line.ask(add=pb.Add(**add))) == "INVALID", add
    assert before == [("KIOS", "done", "what=office code=KIOS parent=PUSAT zone="),
                      ("KIOS", "done", "what=service code=UJI"),
                      ("KIOS", "done", "what=principal role=supervisor name=KEPALA"),
                      ("", "done", "what=principal role=auditor name=KAMPUS"),
                      ("KIOS", "done", "what=population service=UJI from=2023-01-01 to=2023-12-31"
                                       " people=70")]
    assert entries(stack, principal="admin:admin", verb="add") == before    # a refused one has none
    assert {row[0] for row in query(stack, "SELECT serial FROM suara.audit WHERE principal ="
                                           " 'admin:admin'")} == {serial_of(stack, "admin", "admin")}


def test_a_rebuild_is_one_entry_for_each_office(stack):
    with line_of(stack, "admin") as line:
        wanted = line.send(rebuild=pb.Rebuild(office=[b"PUSAT"], subtree=True))
        while not line.receive().last:
            pass
        assert wanted
    found = entries(stack, verb="rebuild")
    assert {office for office, *_ in found} >= {"PUSAT", "CABANG"}
    assert {(outcome, detail) for _, outcome, detail in found} == {("done", "months=0")}


def test_an_entry_exists_exactly_when_the_act_does(stack):
    """The entry can't be written: neither is the office. Nor is it when the daemon dies between."""
    query(stack, "REVOKE EXECUTE ON FUNCTION suara.audit_append FROM suara_ingest")
    with line_of(stack, "admin") as line:
        reply = line.ask(add=pb.Add(what=b"office", code=b"GHOST", name=b"x", zone=b"WIB"))
        assert code_of(reply) not in ("", "INVALID"), reply
    query(stack, "GRANT EXECUTE ON FUNCTION suara.audit_append TO suara_ingest")
    assert query(stack, "SELECT count(*) FROM suara.office WHERE code = 'GHOST'") == [(0,)]
    blocker = stack.db.connect()
    blocker.autocommit = False
    blocker.cursor().execute("SELECT suara.audit_append(0, 'admin:x', '', 'add', 'done', '')")
    with line_of(stack, "admin") as line:    # it is done, and waits for the chain of no office
        line.send(add=pb.Add(what=b"principal", role=b"auditor", code=b"GHOST"))
        stack.wait(lambda: query(stack, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
                                        " 'Lock' AND query LIKE '%%audit_append%%'", user="postgres") == [(1,)], 20,
                   "the entry to wait")
        stack.kill_daemon()
    blocker.rollback()
    blocker.close()
    stack.wait(lambda: query(stack, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'suara_ingest'",
                             user="postgres") == [(0,)], 20, "its transaction to end")
    assert query(stack, "SELECT count(*) FROM suara.principal WHERE name = 'GHOST'")[0][0] == \
        len([e for e in entries(stack, verb="add") if "name=GHOST" in e[2]])
    stack.start_daemon()
    assert verify(stack)[1]["faults"] == 0


# ---- refusals ----------------------------------------------------------------------------------

def wait_for_entries(stack, count, **wanted):
    stack.wait(lambda: len(entries(stack, **wanted)) >= count, 10, f"{count} entries of {wanted}")
    return entries(stack, **wanted)


def test_refusals_are_in_it_once_a_minute(stack):
    with line_of(stack, "office", "CABANG") as line:
        for _ in range(20):
            assert code_of(line.ask(rebuild=pb.Rebuild())) == "PERMISSION_DENIED"
            assert code_of(line.ask(report=pb.Report(**{"from": 20230101, "to": 20231231},
                                                     office=[b"CABANG", b"LUAR"]))) == "PERMISSION_DENIED"
        assert code_of(line.ask(list=pb.List(what=b"principal"))) == "PERMISSION_DENIED"
    denied = dict(principal="office:CABANG", outcome="permission_denied")
    assert wait_for_entries(stack, 1, verb="rebuild", **denied) == [("CABANG", "permission_denied", "")]
    assert wait_for_entries(stack, 1, verb="report", **denied) == \
        [("LUAR", "permission_denied", "office=LUAR")]
    assert len(wait_for_entries(stack, 1, verb="list_people", **denied)) == 1
    left_out = [line for line in stack.http("/metrics")[1].splitlines()
                if line.startswith("suarad_audit_left_out_total ")]
    assert left_out == ["suarad_audit_left_out_total 38"]


def test_another_office_in_the_payload(stack):
    with line_of(stack, "office", "PUSAT") as line:
        batch = Batch()
        batch.add(NOW, [1] * 9, office="PUSAT")
        for _ in range(3):
            batch.add(NOW, [1] * 9, office="LUAR", comment=WORDS.encode(), kind=3)
        assert line.submit(batch).receipt.stored == 1
    assert wait_for_entries(stack, 1, verb="submit") == [("PUSAT", "permission_denied", "responses=3")]


def test_strangers(stack):
    with Line(stack, stack.issue("office", "NOBODY"), hello=False) as line:
        assert code_of(line.ask(hello=pb.Hello())) == "UNAUTHENTICATED"
    assert wait_for_entries(stack, 1, principal="office:NOBODY") == \
        [("", "unauthenticated", "why=unknown")]
    with line_of(stack, "office", "LUAR") as line:
        query(stack, "UPDATE suara.principal SET active = false WHERE name = 'LUAR';"
                     " NOTIFY suara_directory")
        stack.wait(lambda: code_of(line.ask(list=pb.List(what=b"office"))) == "UNAUTHENTICATED", 10,
                   "the daemon to know")
    assert wait_for_entries(stack, 1, principal="office:LUAR") == \
        [("LUAR", "unauthenticated", "why=inactive")]


def test_refusals_wait_for_the_database(stack):
    """They are answered at once, and their entries come when it is back."""
    with line_of(stack, "auditor") as line:
        stack.kill_db()
        assert code_of(line.ask(rebuild=pb.Rebuild())) == "PERMISSION_DENIED"
        assert code_of(line.ask(add=pb.Add(what=b"office"))) == "PERMISSION_DENIED"
        stack.start_db()
    for verb in ("rebuild", "add"):
        assert wait_for_entries(stack, 1, principal="auditor:auditor", verb=verb)[0][1] == \
            "permission_denied"


# ---- the ledger of submissions -------------------------------------------------------------------

def test_which_responses_came_under_a_certificate(stack):
    with line_of(stack, "office", "PUSAT") as line:
        batch = Batch()
        batch.add(NOW + 5, [4] * 9, comment=WORDS.encode(), kind=3)
        assert line.submit(batch).receipt.stored == 1
    found = query(stack, "SELECT DISTINCT r.id::text FROM suara.batch b JOIN suara.response r"
                         " USING (office_id, received) WHERE b.serial = %s AND b.principal = %s",
                  serial_of(stack, "office", "PUSAT"), "office:PUSAT")
    assert {key.hex() for key in batch.content} <= {row[0].replace("-", "") for row in found}


def test_no_text_gets_in(stack):
    everything = json.dumps(query(stack, "SELECT a::text FROM suara.audit a"))
    assert WORDS not in everything and "Kios Satu" not in everything and "Pengujian" not in everything
    for column, bad in (("detail", "k=a b"), ("detail", "k=a\nb=c"), ("detail", "Lambat!"),
                        ("principal", "office:a b"), ("verb", "add\x1b[31m"), ("serial", "xyz"),
                        ("outcome", "not done")):
        values = dict(principal="office:A", serial="0A", verb="add", outcome="done", detail="")
        values[column] = bad
        with pytest.raises(Exception, match="audit_codes_only"):
            query(stack, "SELECT suara.audit_append(0, %s, %s, %s, %s, %s)", *values.values())


# ---- list ----------------------------------------------------------------------------------------

def test_list(stack):
    rows = json.loads(audit(stack, "list", "--format", "json").stdout)
    assert list(rows[0]) == ["at", "office", "seq", "principal", "serial", "verb", "outcome", "detail"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert len(rows) == query(stack, "SELECT count(*) FROM suara.audit")[0][0]
    done = audit(stack, "list", "--office", "KIOS", "--limit", "2", "--format", "csv")
    assert len(done.stdout.splitlines()) == 3 and "there are more" in done.stderr
    assert done.returncode == 0
    done = audit(stack, "list", "--office", "PUSAT", "--subtree", "--format", "json")
    assert {row["office"] for row in json.loads(done.stdout)} == {"PUSAT", "CABANG", "KIOS"}
    assert json.loads(audit(stack, "list", "--to", "2020-01-01", "--format", "json").stdout) == []
    assert len(json.loads(audit(stack, "list", "--from", "2020-01-01", "--format", "json").stdout)) == \
        len(rows)
    assert audit(stack, "list", "--from", "yesterday").returncode == 64
    assert audit(stack, "list", "--limit", "10001").returncode == 64
    denied = audit(stack, "list", profile="CABANG")
    assert denied.returncode == 77


# ---- tampering -----------------------------------------------------------------------------------

AT = "office_id = (SELECT office_id FROM suara.office WHERE code = 'UJUNG')"
TAMPERINGS = [    # what the owner of the tables does; (seq, fault) of what is named, in UJUNG
    *[(f"UPDATE suara.audit SET {change} WHERE {AT} AND seq = 2", [("2", "changed")])
      for change in ("principal = 'admin:other'", "serial = 'FFFF'", "verb = 'rebuild'",
                     "outcome = 'INVALID'", "detail = 'what=service code=LAIN'", "hash = '\\x00'",
                     "at = at + interval '1 microsecond'", "at = 'infinity'",
                     "principal = 'admin:admi', serial = 'A' || serial")],
    (f"UPDATE suara.audit SET detail = '' WHERE {AT} AND seq = 4", [("4", "changed")]),
    (f"DELETE FROM suara.audit WHERE {AT} AND seq = 1", [("1", "missing")]),
    (f"DELETE FROM suara.audit WHERE {AT} AND seq IN (2, 3)", [("2-3", "missing")]),
    (f"DELETE FROM suara.audit WHERE {AT} AND seq = 4", [("4", "lost")]),
    (f"DELETE FROM suara.audit WHERE {AT}", [("1-4", "lost")]),
    (f"UPDATE suara.audit SET seq = CASE seq WHEN 2 THEN 103 ELSE 102 END WHERE {AT} AND seq IN (2, 3);"
     f" UPDATE suara.audit SET seq = seq - 100 WHERE {AT} AND seq > 100",
     [("2", "changed"), ("3", "changed"), ("4", "changed")]),
    (f"UPDATE suara.audit SET seq = seq + 100 WHERE {AT} AND seq > 2; UPDATE suara.audit SET seq = seq - 99"
     f" WHERE {AT} AND seq > 100; INSERT INTO suara.audit SELECT office_id, 3, at, principal, serial, verb,"
     f" outcome, detail, hash FROM suara.audit WHERE {AT} AND seq = 2",
     [("3", "changed"), ("4", "changed"), ("5", "added")]),
    (f"INSERT INTO suara.audit SELECT office_id, 5, at, principal, serial, verb, outcome, detail, hash FROM"
     f" suara.audit WHERE {AT} AND seq = 4", [("5", "added")]),
    (f"INSERT INTO suara.audit SELECT office_id, 0, at, principal, serial, verb, outcome, detail, hash FROM"
     f" suara.audit WHERE {AT} AND seq = 4", [("0", "added")]),
    (f"UPDATE suara.audit_head SET seq = seq + 2 WHERE {AT}", [("5-6", "lost")]),
    (f"UPDATE suara.audit_head SET seq = seq - 1 WHERE {AT}", [("4", "added")]),
    (f"UPDATE suara.audit_head SET hash = '\\x00' WHERE {AT}", [("4", "end")]),
    (f"DELETE FROM suara.audit_head WHERE {AT}", [("4", "end")]),
]


def test_every_tampering_is_found_and_named(stack):
    query(stack, "SELECT suara.office_add('UJUNG', 'Ujung', NULL, 'WIB')")
    for k in range(4):
        query(stack, f"SELECT suara.audit_append(o.office_id, 'admin:admin', '0A', 'add', 'done', 'k={k}')"
                     " FROM suara.office o WHERE o.code = 'UJUNG'")
    status, good = verify(stack)
    assert (status, good["faults"], good["named"]) == (0, 0, [])
    assert good["entries"] == query(stack, "SELECT count(*) FROM suara.audit")[0][0]
    query(stack, "CREATE TABLE suara.kept AS SELECT * FROM suara.audit; CREATE TABLE suara.kept_head AS"
                 " SELECT * FROM suara.audit_head")
    for statement, named in TAMPERINGS:
        query(stack, statement)
        found = query(stack, "SELECT office, which, fault FROM suara.audit_verify(NULL, NULL, NULL)"
                             " WHERE fault IS NOT NULL")
        assert found == [("UJUNG", *what) for what in named], statement
        if named[0][0] in ("2-3", "5-6"):    # through everything, too
            status, told = verify(stack)
            assert status == 65 and told["faults"] == len(named) and told["digest"]
            assert [(row["office"], row["seq"], row["fault"]) for row in told["named"]] == found
            table = audit(stack, "verify", "--office", "UJUNG")
            assert table.returncode == 65 and "1 fault" in table.stdout and named[0][0] in table.stdout
            assert verify(stack, "--office", "PUSAT")[0] == 0
        query(stack, "DELETE FROM suara.audit; INSERT INTO suara.audit SELECT * FROM suara.kept;"
                     " DELETE FROM suara.audit_head; INSERT INTO suara.audit_head SELECT * FROM"
                     " suara.kept_head")
    assert verify(stack) == (0, good)
    query(stack, "DROP TABLE suara.kept, suara.kept_head")


def test_the_digest_is_over_the_ends(stack):
    """As suara-protocol(7) has it; that of a day that is over stays, and a chain cut off and mended by
    somebody who knows how has another."""
    ends = query(stack, "SELECT office_id, seq, encode(hash, 'hex') FROM suara.audit_head ORDER BY 1")
    digest = b""
    for end in ends:
        digest = hashlib.sha256(digest + "{}:{}:{}".format(*end).encode()).digest()
    assert verify(stack)[1]["digest"] == digest.hex()
    assert verify(stack, "--to", "2020-01-01")[1]["digest"] is None
    assert verify(stack, "--to", "2999-12-31")[1]["digest"] == digest.hex()
    query(stack, f"DELETE FROM suara.audit WHERE {AT} AND seq = 4")
    query(stack, f"UPDATE suara.audit_head SET seq = 3, hash = (SELECT hash FROM suara.audit WHERE {AT}"
                 f" AND seq = 3) WHERE {AT}")
    status, found = verify(stack)
    assert (status, found["faults"]) == (0, 0) and found["digest"] != digest.hex()
