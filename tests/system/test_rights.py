"""Who may do what to whom: verb x role x office, each cell asked for over the protocol, and the wall
behind it, what each database role may do with each table."""

import subprocess

import psycopg2
import pytest

from suara_wire import Batch, Line, code_of, pb, verdicts

NOW = 1_690_000_000_000
YEAR = {"from": 20230101, "to": 20231231}
ROLES = ("office", "supervisor", "admin", "auditor")
# How far each right goes, as the design has it: its own office, those below it too, all, none.
RIGHTS = {
    "hello": "own below all all", "submit": "own none none none", "held": "own none none none",
    "report": "below below all all", "coverage": "below below all all",
    "quality": "below below all all", "list": "below below all all",
    "list_people": "none none all none", "add": "none none all none", "verify": "none none all all",
    "rebuild": "none none all none", "erase": "none none all none", "purge": "none none all none",
    "audit": "none none all all",
}
# The office of office and supervisor, one below it, and one of another tree.
OWN, BELOW, OTHER = TARGETS = ("PUSAT", "CABANG", "LUAR")
REACHED = {"none": (), "own": (OWN,), "below": (OWN, BELOW), "all": TARGETS}
KEYS = {}    # office -> id of a response that it has


@pytest.fixture(scope="module")
def stack(module_stack):
    stack = module_stack(offices=TARGETS, profiles=False, tree={BELOW: OWN})
    for office in TARGETS:
        with Line(stack, stack.bundle("office", office)) as line:
            batch = Batch()
            KEYS[office] = batch.add(NOW, [4] * 9)
            assert line.submit(batch).receipt.stored == 1
    with Line(stack, stack.bundle("admin", "admin")) as admin:
        assert code_of(admin.ask(add=pb.Add(what=b"principal", role=b"supervisor", code=b"KEPALA",
                                            office=OWN.encode()))) == ""
    return stack


@pytest.fixture(scope="module")
def lines(stack):
    """A line of each role, and what its supervisor and office are of: OWN."""
    names = {"office": OWN, "supervisor": "KEPALA", "admin": "admin", "auditor": "auditor"}
    opened = {role: Line(stack, stack.bundle(role, name) if name != "KEPALA" else stack.issue(role, name),
                         timeout=60) for role, name in names.items()}
    yield opened
    for line in opened.values():
        line.close()


def asked(message, office, **rest):
    return lambda line: code_of(line.ask(**{message.DESCRIPTOR.name.lower(): message(office=office, **rest)}))


def submit(office):
    def ask(line):
        batch = Batch()
        batch.add(NOW + 1, [4] * 9, office=office)
        reply = line.ask(submit=batch.message)
        return code_of(reply) or verdicts(reply.receipt).get(0, ("",))[0].replace("DUPLICATE", "")
    return ask


def held(office):
    def ask(line):
        reply = line.ask(held=pb.Held(ids=KEYS[office]))
        return code_of(reply) or ("" if list(reply.held.index) == [0] else "PERMISSION_DENIED")
    return ask


def listed(office, what):
    def ask(line):
        reply = line.ask(list=pb.List(what=what))
        seen = any(office.encode() in row.cell for row in reply.table.row)
        return code_of(reply) or ("" if seen else "PERMISSION_DENIED")
    return ask


def added(office):
    added.count += 1
    return lambda line: code_of(line.ask(add=pb.Add(what=b"service", code=f"S{added.count}".encode(),
                                                    name=b"Uji", office=office.encode())))


added.count = 0
ASK = {
    "submit": submit, "held": held, "add": added,
    "list": lambda office: listed(office, b"office"),
    "list_people": lambda office: listed(office, b"principal"),
    "report": lambda office: asked(pb.Report, [office.encode()], **YEAR),
    "coverage": lambda office: asked(pb.Coverage, [office.encode()], **YEAR),
    "quality": lambda office: asked(pb.Quality, [office.encode()], **YEAR),
    "verify": lambda office: asked(pb.Verify, [office.encode()]),
    "rebuild": lambda office: asked(pb.Rebuild, [office.encode()]),
    "erase": lambda office: asked(pb.Erase, office.encode(), ids=b"\x01" * 16),
    "purge": lambda office: asked(pb.Purge, [office.encode()], before=20200101, dry_run=True),
    "audit": lambda office: asked(pb.Audit, [office.encode()]),
}


def test_the_daemon_has_this_table(build):
    dump = subprocess.run([build / "suarad", "--dump"], capture_output=True, text=True, check=True).stdout
    cells = {tuple(line.split()[1:]) for line in dump.splitlines() if line.startswith("right ")}
    assert cells == {(verb, role, reach) for verb, row in RIGHTS.items()
                     for role, reach in zip(ROLES, row.split())}
    assert set(ASK) == set(RIGHTS) - {"hello"}


@pytest.mark.parametrize("office", TARGETS)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", sorted(ASK))
def test_each_cell(lines, verb, role, office):
    reach = dict(zip(ROLES, RIGHTS[verb].split()))[role]
    assert ASK[verb](office)(lines[role]) == ("" if office in REACHED[reach] else "PERMISSION_DENIED")


# ---- the second wall -----------------------------------------------------------------------------

# What the database lets each role do, whatever the daemon would ask of it: S(elect), i(nsert),
# u(pdate), d(elete), t(runcate) of whole tables. What is not here is nothing.
TABLES = {
    "suara_ingest": {
        **dict.fromkeys(("schema_version", "office", "service", "principal", "instrument",
                         "instrument_method", "element", "grade_bound", "term", "erased"), "s"),
        **dict.fromkeys(("response", "comment", "stale"), "i"), "batch": "si"},
    "suara_report": dict.fromkeys(
        ("schema_version", "office", "service", "principal", "instrument", "instrument_method", "element",
         "grade_bound", "term", "rollup", "stale_months", "population"), "s"),
}
VERBS = {"s": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE", "t": "TRUNCATE"}


def test_the_database_roles_may_no_more(stack):
    connection = stack.db.connect()
    cursor = connection.cursor()
    cursor.execute("""
        SELECT role, relname, privilege FROM pg_class c, unnest(%s) AS role, unnest(%s) AS privilege
        WHERE relnamespace = 'suara'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')
          AND has_table_privilege(role, c.oid, privilege)""",
                   (list(TABLES) + ["public"], list(VERBS.values())))
    got = set(cursor.fetchall())
    connection.close()
    assert got == {(role, table, VERBS[verb]) for role, tables in TABLES.items()
                   for table, verbs in tables.items() for verb in verbs}


@pytest.mark.parametrize("role", sorted(TABLES))
def test_the_database_refuses_what_the_daemon_would_never_ask(stack, role):
    """As the role itself, not by what the catalog says of it."""
    connection = stack.db.connect(user=role)
    cursor = connection.cursor()
    for statement in ("DELETE FROM suara.response", "UPDATE suara.response SET hash = 0",
                      "SELECT text FROM suara.comment", "UPDATE suara.principal SET role = 'admin'",
                      "DELETE FROM suara.erased", "DELETE FROM suara.audit", "UPDATE suara.audit SET verb = ''",
                      "DROP TABLE suara.batch", "TRUNCATE suara.rollup"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
        connection.rollback()
    connection.close()
