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
    "coverage": (0, 1, 2, 3),
    "quality": (0, 1, 2, 3),
    "verify": (ADMIN, AUDITOR),
    "rebuild": (ADMIN,),
    "erase": (ADMIN,),
    "purge": (ADMIN,),
    "audit": (ADMIN, AUDITOR),
    "list office": (0, 1, 2, 3),
    "list service": (0, 1, 2, 3),
    "list instrument": (0, 1, 2, 3),
    "list population": (0, 1, 2, 3),
    "list principal": (ADMIN,),
    "document": (0, 1, 2, 3),
    "add office": (ADMIN,),
    "add service": (ADMIN,),
    "add principal": (ADMIN,),
    "add instrument": (ADMIN,),
    "add population": (ADMIN,),
}
QUESTIONNAIRE = b"""[instrument]
code = BARU
version = 1
name = Baru
scale = 4
[method]
exact = 1/1
[element U1]
name = Mutu
[grade A]
quality = Baik
from = 25.00
to = 100.00
"""
# Who asks, and the offices that they may see.
ASKERS = {"office CABANG": {"CABANG"}, "office PUSAT": {"PUSAT", "CABANG", "RANTING"},
          "supervisor": {"PUSAT", "CABANG", "RANTING"}, "admin": {"PUSAT", "CABANG", "RANTING", "LUAR"},
          "auditor": {"PUSAT", "CABANG", "RANTING", "LUAR"}}


@pytest.fixture(scope="module")
def tree(module_stack):
    """PUSAT is above CABANG and RANTING, and LUAR is of another tree; the supervisor is PUSAT's."""
    stack = module_stack(offices=("PUSAT", "CABANG", "RANTING", "LUAR"), profiles=False,
                         tree={"CABANG": "PUSAT", "RANTING": "PUSAT"})
    for office, rating in (("PUSAT", 2), ("CABANG", 3), ("RANTING", 4), ("LUAR", 1)):
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
        if table == "instrument":
            return {"add": pb.Add(what=b"instrument", document=QUESTIONNAIRE)}
        if table == "population":
            return {"add": pb.Add(what=b"population", office=b"CABANG", people=70, to=20231231,
                                  **{"from": 20230101})}
        return {"add": pb.Add(what=table.encode(), code=b"BARU", name=b"Baru",
                              zone=b"WIB" if table == "office" else b"", **rest[table])}
    return {"held": {"held": pb.Held(ids=b"0123456789abcdef")},
            "report": {"report": pb.Report(**YEAR)}, "coverage": {"coverage": pb.Coverage(**YEAR)},
            "quality": {"quality": pb.Quality(**YEAR)}, "verify": {"verify": pb.Verify()},
            "rebuild": {"rebuild": pb.Rebuild()},
            "erase": {"erase": pb.Erase(office=b"CABANG", ids=b"0123456789abcdef")},
            "audit": {"audit": pb.Audit(verify=True)},
            "purge": {"purge": pb.Purge(before=20000101)},
            "document": {"list": pb.List(what=b"instrument", code=b"skm-2017")},
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
            assert (b"70" if what == "add population" else b"BARU") in reply.added.text
        assert code_of(reply) == ("" if allowed else "PERMISSION_DENIED")
        if not allowed:
            assert role.encode() in reply.error.text and not reply.error.retry_after_ms
            assert code_of(line.ask(list=pb.List(what=b"office"))) == ""    # the line is still good


def asker(stack, who):
    role, _, name = who.partition(" ")
    return line_of(stack, role, name or None)


def offices_seen(line, **report):
    reply = line.ask(report=pb.Report(**YEAR, by=b"office", **report))
    assert code_of(reply) == "", reply
    return {row.office.decode(): row.n for row in reply.rows.row if row.n}


def rows_of(line, kind, **scope):
    """The error code, or the offices that the answer tells of."""
    if kind == "report":
        reply = line.ask(report=pb.Report(**YEAR, by=b"office", **scope))
        rows = reply.rows.row
    else:
        message = {"coverage": pb.Coverage, "quality": pb.Quality}[kind](**YEAR, **scope)
        reply = line.ask(**{kind: message})
        rows = getattr(reply, kind).row
    if code_of(reply):
        assert reply.error.field == b"office" and not rows, reply
        return code_of(reply)
    return {row.office.decode() for row in rows} - {"BARU"}


@pytest.mark.parametrize("kind", ["report", "coverage", "quality"])
@pytest.mark.parametrize("who", ASKERS)
def test_a_report_is_of_what_the_asker_may_see(tree, who, kind):
    """All that they may, each office of it, with those below it; and nothing of another one, however
    it is asked for."""
    seen = ASKERS[who]
    below = {"PUSAT": {"PUSAT", "CABANG", "RANTING"}}
    with asker(tree, who) as line:
        assert rows_of(line, kind) == seen
        for office in ("PUSAT", "CABANG", "RANTING", "LUAR"):
            one, denied = [office.encode()], "PERMISSION_DENIED"
            assert rows_of(line, kind, office=one) == ({office} if office in seen else denied)
            assert rows_of(line, kind, office=one, subtree=True) == (
                below.get(office, {office}) if office in seen else denied)
            own = [next(iter(sorted(seen))).encode()]
            assert rows_of(line, kind, office=own + one) == (
                {own[0].decode(), office} if office in seen else denied)
        assert rows_of(line, kind, office=[b"NOWHERE"]) == "INVALID"


@pytest.mark.parametrize("by, by2", [("", ""), ("level1", ""), ("service", ""), ("office", "month"),
                                     ("month", "service"), ("perspective", ""), ("sex", "")])
@pytest.mark.parametrize("who", ASKERS)
def test_no_cut_tells_of_an_unseen_office(tree, who, by, by2):
    """The responses of what they see, all of them and no others, whatever they are counted by."""
    seen = ASKERS[who]
    counts = {"PUSAT": 2, "CABANG": 3, "RANTING": 4, "LUAR": 1}
    with asker(tree, who) as line:
        wanted = sum(offices_seen(line).values())
        reply = line.ask(report=pb.Report(**YEAR, by=by.encode(), by2=by2.encode()))
        assert code_of(reply) == "" and sum(row.n for row in reply.rows.row) == wanted
        assert {row.office.decode() for row in reply.rows.row if row.n} <= {*seen, ""}
        assert wanted >= sum(counts[office] for office in seen)


@pytest.mark.parametrize("who", ASKERS)
def test_a_list_is_of_what_the_asker_may_see(tree, who):
    with line_of(tree, "admin") as admin:
        for office in ("PUSAT", "CABANG", "RANTING", "LUAR"):
            assert code_of(admin.ask(add=pb.Add(what=b"population", office=office.encode(), people=9,
                                                to=20220131, **{"from": 20220101}))) == ""
    with asker(tree, who) as line:
        for what in (b"office", b"service", b"population"):
            listed = {row.cell[0].decode() for row in line.ask(list=pb.List(what=what)).table.row}
            assert listed - {"BARU"} == ASKERS[who], what


@pytest.mark.parametrize("who", ["admin", "auditor"])
def test_a_verification_is_of_the_offices_named(tree, who):
    counts = {"PUSAT": 2, "CABANG": 3, "RANTING": 4, "LUAR": 1}
    with asker(tree, who) as line:
        for office in ("RANTING", "LUAR"):
            reply = line.ask(verify=pb.Verify(office=[office.encode()]))
            assert reply.verified.responses >= counts[office] and reply.verified.differing == 0, reply
        assert code_of(line.ask(verify=pb.Verify(office=[b"NOWHERE"]))) == "INVALID"


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
