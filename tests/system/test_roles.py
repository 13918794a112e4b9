"""Who may do what: every request of every role, what each may see, and who is not let in at all."""

import pytest

from suara_wire import Batch, Line, code_of, pb, verdicts

YEAR = {"from": 20230101, "to": 20231231}
NOW = 1_690_000_000_000    # July 2023
ROLES = ("office", "supervisor", "admin", "auditor")

# What design.md says of each role; "" = allowed.
OFFICE, SUPERVISOR, ADMIN, AUDITOR = range(4)
REQUESTS = {
    "hello": (0, 1, 2, 3),
    "submit": (OFFICE,),
    "held": (OFFICE,),
    "report": (0, 1, 2, 3),
    "list office": (0, 1, 2, 3),
    "list service": (0, 1, 2, 3),
    "list instrument": (0, 1, 2, 3),
    "list principal": (ADMIN,),
    "add office": (ADMIN,),
    "add service": (ADMIN,),
    "add principal": (ADMIN,),
}


@pytest.fixture(scope="module")
def tree(module_stack):
    """PUSAT is above CABANG and RANTING; the supervisor is PUSAT's."""
    stack = module_stack(offices=("PUSAT", "CABANG", "RANTING"), tree=True, profiles=False)
    for office, rating in (("PUSAT", 2), ("CABANG", 3), ("RANTING", 4)):
        with Line(stack, stack.bundle("office", office)) as line:
            batch = Batch()
            for k in range(rating):
                batch.add(NOW + k, [rating] * 9)
            assert line.submit(batch).receipt.stored == rating
    return stack


def line_of(stack, role, name=None):
    return Line(stack, stack.bundle(role, name or ("CABANG" if role == "office" else role)))


def request_of(what):
    """The body of a request, complete and right but for who asks."""
    verb, _, table = what.partition(" ")
    if verb == "submit":
        batch = Batch()
        batch.add(NOW, [4] * 9)
        return {"submit": batch.message}
    if verb == "add":
        rest = {"office": {}, "service": dict(office=b"CABANG"), "principal": dict(role=b"auditor")}
        return {"add": pb.Add(what=table.encode(), code=b"BARU", name=b"Baru",
                              zone=b"WIB" if table == "office" else b"", **rest[table])}
    return {"held": {"held": pb.Held(ids=b"0123456789abcdef")},
            "report": {"report": pb.Report(**YEAR)},
            "list": {"list": pb.List(what=table.encode())}}[verb]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("what", REQUESTS)
def test_every_request_of_every_role(tree, role, what):
    allowed = ROLES.index(role) in REQUESTS[what]
    with line_of(tree, role) as line:
        if what == "hello":
            assert line.welcome.role == role.encode()
            return
        reply = line.ask(**request_of(what))
        if what.startswith("add") and allowed:
            assert b"BARU" in reply.added.text
        assert code_of(reply) == ("" if allowed else "PERMISSION_DENIED")
        if not allowed:
            assert role.encode() in reply.error.text and not reply.error.retry_after_ms
            assert code_of(line.ask(list=pb.List(what=b"office"))) == ""    # the line is still good


def offices_seen(line, **report):
    reply = line.ask(report=pb.Report(**YEAR, by=b"office", **report))
    assert code_of(reply) == "", reply
    return {row.office.decode(): row.n for row in reply.rows.row if row.n}


@pytest.mark.parametrize("role, name, seen", [
    ("office", "CABANG", {"CABANG"}), ("office", "RANTING", {"RANTING"}),
    ("office", "PUSAT", {"PUSAT", "CABANG", "RANTING"}),
    ("supervisor", None, {"PUSAT", "CABANG", "RANTING"}),
    ("admin", None, {"PUSAT", "CABANG", "RANTING"}),
    ("auditor", None, {"PUSAT", "CABANG", "RANTING"})])
def test_a_report_is_of_what_the_asker_may_see(tree, role, name, seen):
    with line_of(tree, role, name) as line:
        assert set(offices_seen(line)) == seen
        listed = {row.cell[0].decode() for row in line.ask(list=pb.List(what=b"office")).table.row}
        assert listed - {"BARU"} == seen
        for office in ("PUSAT", "CABANG", "RANTING"):
            reply = line.ask(report=pb.Report(**YEAR, office=[office.encode()]))
            assert code_of(reply) == ("" if office in seen else "PERMISSION_DENIED")


def test_an_unseen_office_is_denied_beside_a_seen_one(tree):
    with line_of(tree, "office") as line:
        reply = line.ask(report=pb.Report(**YEAR, office=[b"CABANG", b"RANTING"]))
        assert (code_of(reply), reply.error.field) == ("PERMISSION_DENIED", b"office")


def test_another_office_in_the_payload_is_denied_and_not_stored(tree):
    """Also a parent does not submit for its child."""
    with line_of(tree, "office", "PUSAT") as line:
        batch = Batch()
        batch.add(NOW, [1] * 9, office="PUSAT")
        denied = [batch.add(NOW, [1] * 9, office=office) for office in ("CABANG", "NOWHERE", "pusat")]
        receipt = line.submit(batch).receipt
    assert receipt.stored == 1
    assert {k: v[0] for k, v in verdicts(receipt).items()} == dict.fromkeys((1, 2, 3),
                                                                          "PERMISSION_DENIED")
    with tree.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM suara.response WHERE id = ANY (%s::uuid[])",
                       ([key.hex() for key in denied],))
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("role", ROLES)
def test_a_good_certificate_of_nobody_known(tree, role):
    """Signed by the CA, but the directory has no such principal."""
    with Line(tree, tree.issue(role, f"UNKNOWN-{role}"), hello=False) as line:
        reply = line.ask(hello=pb.Hello())
        assert code_of(reply) == "UNAUTHENTICATED" and f"UNKNOWN-{role}" in reply.error.text.decode()


def test_a_role_is_not_lent_to_a_name(tree):
    """The supervisor's name with an admin's certificate is a principal that does not exist."""
    with Line(tree, tree.issue("admin", "supervisor"), hello=False) as line:
        assert code_of(line.ask(hello=pb.Hello())) == "UNAUTHENTICATED"


def test_a_principal_that_is_no_longer_active(tree):
    with line_of(tree, "office", "RANTING") as line, tree.db.connect() as connection:
        connection.cursor().execute("UPDATE suara.principal SET active = false WHERE name = 'RANTING';"
                                    " NOTIFY suara_directory")
        connection.commit()
        tree.wait(lambda: code_of(line.ask(list=pb.List(what=b"office"))) == "UNAUTHENTICATED", 10,
                  "the daemon to know")
        connection.cursor().execute("UPDATE suara.principal SET active = true WHERE name = 'RANTING';"
                                    " NOTIFY suara_directory")
        connection.commit()

    def welcome():
        with Line(tree, tree.bundle("office", "RANTING"), hello=False) as line:
            return line.ask(hello=pb.Hello()).HasField("welcome")
    tree.wait(welcome, 10, "the daemon to let it in again")


def test_what_was_added_can_be_used_at_once(tree):
    with line_of(tree, "admin") as admin:
        for add in (dict(what=b"office", code=b"KIOS", name=b"Kios", office=b"PUSAT"),
                    dict(what=b"service", code=b"UJI", name=b"Pengujian", office=b"KIOS"),
                    dict(what=b"principal", role=b"supervisor", code=b"KEPALA", office=b"KIOS")):
            assert code_of(admin.ask(add=pb.Add(**add))) == "", add
        with Line(tree, tree.issue("office", "KIOS")) as line:
            batch = Batch()
            batch.add(NOW, [4] * 9, service="UJI")
            batch.add(NOW, [4] * 9)
            assert line.submit(batch).receipt.stored == 2
            assert line.welcome.zone == b"WIB"    # that of the office above
        with Line(tree, tree.issue("supervisor", "KEPALA")) as line:
            assert offices_seen(line) == {"KIOS": 2}
        rows = {row.key: row.n for row in
                admin.ask(report=pb.Report(**YEAR, by=b"service", office=[b"KIOS"])).rows.row}
        assert {key: n for key, n in rows.items() if n} == {b"UJI": 1, b"UMUM": 1}


@pytest.mark.parametrize("field, add", [
    ("code", dict(what=b"office", code=b"PUSAT", name=b"x", zone=b"WIB")),
    ("code", dict(what=b"office", code=b"../etc", name=b"x", zone=b"WIB")),
    ("name", dict(what=b"office", code=b"N1", name=b"", zone=b"WIB")),
    ("name", dict(what=b"office", code=b"N1", name=b"a\nb", zone=b"WIB")),
    ("zone", dict(what=b"office", code=b"N1", name=b"x", zone=b"CET")),
    ("parent", dict(what=b"office", code=b"N1", name=b"x", office=b"NOWHERE")),
    ("office", dict(what=b"service", code=b"N1", name=b"x", office=b"NOWHERE")),
    ("code", dict(what=b"service", code=b"UMUM", name=b"x", office=b"PUSAT")),
    ("role", dict(what=b"principal", code=b"N1", role=b"king")),
    ("role", dict(what=b"principal", code=b"N1", role=b"admin")),    # only where the database is
    ("office", dict(what=b"principal", code=b"N1", role=b"office")),
    ("what", dict(what=b"planet", code=b"N1"))])
def test_a_wrong_addition_is_told_which_field(tree, field, add):
    with line_of(tree, "admin") as line:
        reply = line.ask(add=pb.Add(**add))
        assert code_of(reply) == "INVALID", reply
        assert reply.error.field.decode() == field and reply.error.text
