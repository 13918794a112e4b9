"""suara-migrate, the shape of the schema, the rights of its roles, and the directory functions."""

import datetime
import shutil
import subprocess
import uuid

import psycopg2
import pytest

from sqlcluster import MIGRATE, ROOT, Cluster

FILES = sorted(path.name for path in (ROOT / "sql").glob("[0-9]*.sql"))
NEWEST = int(FILES[-1][:4])
GROWING = {"response", "comment", "batch", "erased", "stale", "rollup", "audit"}
SMALL = {"office", "service", "principal", "instrument", "instrument_method", "element",
         "grade_bound", "term", "schema_version", "population",
         "audit_head"}


@pytest.fixture(scope="module", name="cluster")
def fixture_cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module", name="db")
def fixture_db(cluster):
    """A cursor of the superuser in a migrated database."""
    cluster.create("suara")
    done = cluster.migrate()
    assert done.returncode == 0, done.stderr
    return cluster.connect().cursor()


def rows(cursor, query, *arguments):
    cursor.execute(query, arguments)
    return cursor.fetchall()


def value(cursor, query, *arguments):
    return rows(cursor, query, *arguments)[0][0]


# suara-migrate ------------------------------------------------------------------------------


def test_migrations_at_once(cluster):
    """Also on two databases, where the roles of the cluster are what they meet at."""
    for database in ("one", "two"):
        cluster.create(database)
    running = {database + str(k): subprocess.Popen(
                   [MIGRATE, "-d", cluster.conninfo(database)], text=True,
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for database in ("one", "two") for k in range(3)}
    out = {}
    for name, process in running.items():
        out[name], err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert out[name].endswith(f"schema is at version {NEWEST}\n")
    for database in ("one", "two"):
        lines = "".join(out[database + str(k)] for k in range(3)).splitlines()
        assert sorted(line for line in lines if "applied" in line) == [
            f"applied {f}" for f in FILES]


def test_migrate_again_changes_nothing(cluster, db):
    before = rows(db, "SELECT * FROM suara.schema_version ORDER BY version")
    for user in ("postgres", "suara_owner"):
        done = cluster.migrate(user=user)
        assert (done.returncode, done.stdout) == (0, f"schema is at version {NEWEST}\n")
    assert rows(db, "SELECT * FROM suara.schema_version ORDER BY version") == before
    assert [f"{version:04}_{name}.sql" for version, name, _ in before] == FILES


def test_first_run_by_the_owner_of_the_database(cluster, db):
    db.execute("CREATE ROLE dba LOGIN CREATEROLE")
    db.execute("CREATE DATABASE owned OWNER dba")
    assert cluster.migrate(database="owned", user="dba").returncode == 0
    owned = cluster.connect("owned").cursor()
    assert rows(owned, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'suara'") == [
        ("suara_owner",)]


def test_failed_migration_keeps_nothing(cluster, tmp_path):
    tmp_path.chmod(0o755)
    for name in FILES:
        shutil.copy(ROOT / "sql" / name, tmp_path)
    bad = tmp_path / f"{NEWEST + 1:04}_bad.sql"
    bad.write_text("CREATE TABLE suara.half (x int);\nSELECT 1 / 0;\n")
    cluster.create("failing")
    done = cluster.migrate(database="failing", SUARA_SQL=str(tmp_path))
    assert done.returncode == 70
    assert f"{bad.name}:2: ERROR:  division by zero" in done.stderr
    cursor = cluster.connect("failing").cursor()
    assert value(cursor, "SELECT max(version) FROM suara.schema_version") == NEWEST
    assert value(cursor, "SELECT to_regclass('suara.half')") is None

    bad.write_text("CREATE TABLE suara.whole (x int);\n")
    done = cluster.migrate(database="failing", SUARA_SQL=str(tmp_path))
    assert done.stdout == f"applied {bad.name}\nschema is at version {NEWEST + 1}\n"
    done = cluster.migrate(database="failing")
    assert done.returncode == 70 and f"newer than version {NEWEST}" in done.stderr


def test_status_version_and_wrong_use(cluster, db, tmp_path):
    cluster.create("empty")
    pending = cluster.migrate("--status", database="empty")
    assert pending.stdout.splitlines() == [f"{f} pending" for f in FILES] + [
        "schema is at version 0"]
    assert value(cluster.connect("empty").cursor(), "SELECT to_regnamespace('suara')") is None
    assert cluster.migrate("--status").stdout.count(" applied ") == len(FILES)
    assert cluster.migrate("--version").stdout == f"suara-migrate: schema {NEWEST}\n"
    assert cluster.migrate("--help").stdout.startswith("Usage: suara-migrate")
    assert cluster.migrate("--nonsense").returncode == 64
    assert cluster.migrate("--admin").returncode == 64
    assert cluster.migrate(SUARA_SQL=str(tmp_path)).returncode == 66
    away = cluster.migrate("-d", f"host={tmp_path} dbname=suara")
    assert away.returncode == 69
    assert str(tmp_path) in away.stderr and "can't be reached" in away.stderr


def test_first_administrator(cluster, db):
    assert "added the principal admin:first\n" in cluster.migrate("--admin", "first").stdout
    assert "admin:first is there already\n" in cluster.migrate("--admin", "first").stdout
    assert rows(db, "SELECT office_id, active FROM suara.principal"
                    " WHERE role = 'admin' AND name = 'first'") == [(None, True)]
    bad = cluster.migrate("--admin", "x'); DROP TABLE suara.principal; --")
    assert bad.returncode == 70 and "is no code" in bad.stderr


# Shape --------------------------------------------------------------------------------------


def test_growing_tables_can_be_distributed(db):
    tables = {name for (name,) in rows(
        db, "SELECT tablename FROM pg_tables WHERE schemaname = 'suara'")}
    assert tables == GROWING | SMALL
    first = dict(rows(db, """
        SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indisprimary AND c.relnamespace = 'suara'::regnamespace"""))
    assert {name for name in GROWING if first[name] == "office_id"} == GROWING
    assert value(db, "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                     " WHERE c.relnamespace = 'suara'::regnamespace AND NOT tgisinternal") == 0
    referring = rows(db, "SELECT conrelid::regclass::text, confrelid::regclass::text"
                         " FROM pg_constraint WHERE contype = 'f'")
    for names in referring:
        assert {name.removeprefix("suara.") for name in names} <= SMALL
    # One index: the key is the guard against duplicates and the time index at once.
    assert value(db, "SELECT count(*) FROM pg_index"
                     " WHERE indrelid = 'suara.response'::regclass") == 1


def test_functions_trust_nobody(db):
    loose = rows(db, """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'suara'::regnamespace
          AND ((prosecdef AND NOT coalesce(
                    proconfig::text LIKE '%%search_path=pg_catalog,%%pg_temp%%', false))
               OR has_function_privilege('public', oid, 'EXECUTE')
               OR pg_get_userbyid(proowner) <> 'suara_owner')""")
    assert loose == []
    definers = {name for (name,) in rows(
        db, "SELECT proname FROM pg_proc WHERE prosecdef"
            " AND pronamespace = 'suara'::regnamespace")}
    assert definers == {"refresh", "figures", "held", "office_add", "service_add",
                        "principal_add", "population_add", "coverage", "quality",
                        "verify", "rebuild", "instrument_add", "instrument_use",
                        "audit_append", "audit_list", "audit_verify", "erase", "comments_before",
                        "purge_comments"}


def test_instrument_skm_2017(db):
    elements = rows(db, "SELECT position, code, cardinality(labels_id), cardinality(labels_en)"
                        " FROM suara.element WHERE instrument_id = 1 ORDER BY position")
    assert elements == [(k, f"U{k}", 4, 4) for k in range(1, 10)]
    assert value(db, "SELECT name_id FROM suara.element WHERE instrument_id = 1"
                     " AND code = 'U8'").startswith("Penanganan")
    assert set(rows(db, "SELECT method, num, den FROM suara.instrument_method"
                        " WHERE instrument_id = 1")) == {
        ("exact", 1, 9), ("0.11", 11, 100), ("0.111", 111, 1000), ("0.1111", 1111, 10000)}
    bounds = rows(db, "SELECT grade, low, high FROM suara.grade_bound WHERE instrument_id = 1"
                      " ORDER BY low")
    assert bounds == [("D", 2500, 6499), ("C", 6500, 7660), ("B", 7661, 8830), ("A", 8831, 10000)]
    assert value(db, "SELECT count(*) FROM suara.term WHERE term_id = 0 AND code = ''") == 6
    assert [code for (code,) in rows(db, "SELECT code FROM suara.term WHERE dim = 3 AND term_id > 0"
                                         " ORDER BY term_id")] == (
        "public business academia government ombudsman community media".split())


# Rights -------------------------------------------------------------------------------------

RESPONSE = ("INSERT INTO suara.response VALUES (1, 1, now(), 7, gen_random_uuid(), 1, 0, 0, 1, 0,"
            " 0, 0, 0, '\\x010203040102030401')")
BATCH = ("INSERT INTO suara.batch VALUES (1, '00000000-0000-0000-0000-000000000001', now(), 'x', 1,"
         " 1, 0, 0, 0, 0, 0) ON CONFLICT (office_id, batch_id) DO UPDATE SET seen = batch.seen + 1"
         " RETURNING stored, seen")
MAY = {
    "suara_ingest": [
        RESPONSE + " ON CONFLICT (office_id, id) DO NOTHING RETURNING office_id, id",
        "INSERT INTO suara.comment VALUES (1, gen_random_uuid(), 1, 'x')"
        " ON CONFLICT (office_id, id) DO NOTHING",
        BATCH, BATCH,
        "INSERT INTO suara.stale (office_id, month, instrument_id)"
        " SELECT 1, suara.uuid_month('018f0000-0000-7000-8000-000000000000', 'WIT'), 1",
        "SELECT office_id, id, hash FROM suara.response",
        "SELECT id FROM suara.erased",
        "SELECT suara.audit_append(0, 'office:x', '0A', 'add', 'PERMISSION_DENIED', 'what=office')",
        "SELECT suara.principal_add('auditor', 'rights', '')",
        "SELECT suara.erase(1, '{}', 'admin:x', '')", "SELECT suara.comments_before(1, '2020-01-01')",
        "SELECT suara.purge_comments(1, '2020-01-01', NULL, 1, 'admin:x', '')",
        "SELECT max(version) FROM suara.schema_version",
    ],
    "suara_report": [
        "SELECT suara.refresh(NULL, NULL, NULL, NULL)",
        "SELECT * FROM suara.figures(NULL, '2020-01-01', '2020-01-05', 1::smallint, 0::smallint,"
        " '{1, 2}', '{3}', '{1}', 1, true)",
        "SELECT suara.held(1, ARRAY[gen_random_uuid()])",
        "SELECT * FROM suara.rollup", "SELECT * FROM suara.stale_months",
        "SELECT * FROM suara.principal, suara.term, suara.element", "LISTEN suara_directory",
    ],
}
MAY_NOT = {
    "suara_ingest": [
        "SELECT ratings FROM suara.response", "SELECT * FROM suara.response",
        "SELECT text FROM suara.comment", "SELECT count(*) FROM suara.response_view",
        "SELECT * FROM suara.audit", "SELECT * FROM suara.audit_head", "DELETE FROM suara.audit",
        "INSERT INTO suara.audit VALUES (0, 1, now(), 'office:x', '', 'add', 'done', '', '')",
        "UPDATE suara.audit SET detail = ''", "UPDATE suara.audit_head SET seq = 0",
        "TRUNCATE suara.audit", "SELECT * FROM suara.rollup", "SELECT * FROM suara.stale",
        "UPDATE suara.response SET hash = 0", "UPDATE suara.batch SET stored = 0",
        "UPDATE suara.comment SET text = ''", "UPDATE suara.principal SET active = true",
        "INSERT INTO suara.office (code, name, zone) VALUES ('x', 'x', 'WIB')",
        "INSERT INTO suara.rollup VALUES (1, '2020-01-01', 1, 1, 0, 0, 1, '{}', NULL, 1)",
        "INSERT INTO suara.erased VALUES (1, gen_random_uuid())",
        "SELECT suara.refresh(NULL, NULL, NULL, NULL)", "TRUNCATE suara.stale",
        "CREATE TABLE suara.mine (x int)", "DROP TABLE suara.response",
    ],
    "suara_report": [
        "SELECT id FROM suara.response", "SELECT office_id FROM suara.comment",
        "SELECT * FROM suara.response_view", "SELECT * FROM suara.batch", RESPONSE,
        "INSERT INTO suara.stale (office_id, month, instrument_id) VALUES (1, '2020-01-01', 1)",
        "UPDATE suara.rollup SET n = 1", "SELECT * FROM suara.rollup_check(1)",
        "SELECT suara.office_add('X', 'x', '', 'WIB')", "CREATE TABLE suara.mine (x int)",
        "SELECT suara.erase(1, '{}', 'admin:x', '')", "SELECT suara.comments_before(1, '2020-01-01')",
        "SELECT suara.purge_comments(1, '2020-01-01', NULL, 1, 'admin:x', '')",
    ],
}
for _role, _statements in MAY_NOT.items():
    _statements += [f"DELETE FROM suara.{table}" for table in sorted(GROWING | SMALL)]


@pytest.mark.parametrize("role", sorted(MAY))
def test_rights(cluster, db, role):
    cursor = cluster.connect(user=role).cursor()
    for statement in MAY[role]:
        cursor.execute(statement)
    for statement in MAY_NOT[role]:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
            pytest.fail(f"{role} may {statement}")


def test_a_stranger_sees_nothing(cluster, db):
    db.execute("CREATE ROLE stranger LOGIN")
    cursor = cluster.connect(user="stranger").cursor()
    for statement in ("SELECT * FROM suara.office", "SELECT suara.uuid_floor(1)"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)


# Times in ids -------------------------------------------------------------------------------


def test_ids_and_times(db):
    for ms in (0, 1, 946684800000, 1689181200123, 2**41, 2**48 - 1):
        floor = uuid.UUID(int=ms << 80)
        assert value(db, "SELECT suara.uuid_floor(%s)::text", ms) == str(floor)
        some = uuid.UUID(int=(ms << 80) | 0x7FFF_BFFF_FFFF_FFFF_FFFF)
        assert value(db, "SELECT suara.uuid_ms(%s::uuid)", str(some)) == ms
    seen = value(db, "SELECT suara.uuid_time(suara.uuid_floor(1689181200123))")
    assert seen == datetime.datetime(2023, 7, 12, 17, 0, 0, 123000, datetime.timezone.utc)


@pytest.mark.parametrize("zone, hours", [("WIB", 7), ("WITA", 8), ("WIT", 9)])
def test_days_and_months_of_a_zone(db, zone, hours):
    assert value(db, "SELECT suara.zone_offset(%s)", zone) == datetime.timedelta(hours=hours)
    for day in ("2000-01-01", "2024-02-29", "2024-03-01", "2038-01-19"):
        start = datetime.datetime.fromisoformat(day).replace(
            tzinfo=datetime.timezone(datetime.timedelta(hours=hours)))
        ms = int(start.timestamp() * 1000)
        assert value(db, "SELECT suara.uuid_ms(suara.day_floor(%s::date, %s))", day, zone) == ms
        month = "SELECT suara.uuid_month(suara.uuid_floor(%s), %s)"
        assert value(db, month, ms, zone) == start.date().replace(day=1)
        yesterday = start.date() - datetime.timedelta(days=1)
        assert value(db, month, ms - 1, zone) == yesterday.replace(day=1)


# Directory ----------------------------------------------------------------------------------


def test_directory(cluster, db):
    listener = cluster.connect(user="suara_report")
    listener.cursor().execute("LISTEN suara_directory")
    ingest = cluster.connect(user="suara_ingest").cursor()
    top = value(ingest, "SELECT suara.office_add('TOP', 'Top', NULL, 'WITA')")
    offices = [value(ingest, "SELECT suara.office_add(%s, 'x', 'TOP', %s)", code, zone)
               for code, zone in (("A", ""), ("B", "WIT"))]
    for code in ("A", "B"):
        assert value(ingest, "SELECT suara.service_add(%s, 'LAB', 'Lab')", code)
    ingest.execute("SELECT suara.principal_add('office', 'a', 'A')")
    assert rows(db, "SELECT parent_id, zone FROM suara.office WHERE code IN ('A', 'B')"
                    " ORDER BY code") == [(top, "WITA"), (top, "WIT")]
    services = rows(db, "SELECT office_id, code, service_id FROM suara.service"
                        " WHERE office_id = ANY (%s)", offices)
    assert {row[:2] for row in services} == {(o, c) for o in offices for c in ("UMUM", "LAB")}
    assert len({row[2] for row in services}) == 4
    listener.cursor().execute("SELECT 1")
    listener.poll()
    assert [n.payload for n in listener.notifies] == (
        3 * ["principal", "office"] + 2 * ["service"] + ["principal"])


REFUSED = [
    ("office_add", ("TOP-R", "x", "", "WIB"), "code", "already"),
    ("office_add", ("", "x", "", "WIB"), "code", "is no code"),
    ("office_add", ("-x", "x", "", "WIB"), "code", "is no code"),
    ("office_add", ("x" * 65, "x", "", "WIB"), "code", "is no code"),
    ("office_add", ("a\nb", "x", "", "WIB"), "code", "is no code"),
    ("office_add", ("N", " ", "", "WIB"), "name", "is empty"),
    ("office_add", ("N", "a\x1bb", "", "WIB"), "name", "control character"),
    ("office_add", ("N", "x", "NOWHERE", "WIB"), "parent", "there is no office 'NOWHERE'"),
    ("office_add", ("N", "x", "", ""), "zone", "needs a time zone"),
    ("office_add", ("N", "x", "", "CET"), "zone", "there is no time zone 'CET'"),
    ("service_add", ("TOP-R", "UMUM", "x"), "code", "already"),
    ("service_add", (None, "S", "x"), "office", "there is no office"),
    ("principal_add", ("king", "x", ""), "role", "there is no role 'king'"),
    ("principal_add", ("office", "x", ""), "office", "there is no office"),
    ("principal_add", ("admin", "x", "TOP-R"), "office", "has no office"),
    ("principal_add", ("office", "twice", "TOP-R"), "name", "already"),
    # Who has the daemon's role in the database does not make himself an administrator with it.
    ("principal_add", ("admin", "x", ""), "role", "suara-migrate --admin"),
]


def test_directory_refusals(cluster, db):
    cursor = cluster.connect(user="suara_ingest").cursor()
    cursor.execute("SELECT suara.office_add('TOP-R', 'x', '', 'WIB')")
    cursor.execute("SELECT suara.principal_add('office', 'twice', 'TOP-R')")
    for function, arguments, field, words in REFUSED:
        with pytest.raises(psycopg2.Error) as caught:
            cursor.execute(f"SELECT suara.{function}({', '.join(['%s'] * len(arguments))})",
                           arguments)
        said = caught.value.diag
        assert (said.sqlstate, said.column_name) == ("SU001", field), arguments
        assert words in said.message_primary


def test_response_view(db):
    office = value(db, "SELECT suara.office_add('VIEW', 'x', '', 'WIB')")
    service = value(db, "SELECT service_id FROM suara.service WHERE office_id = %s", office)
    db.execute("INSERT INTO suara.response VALUES (%s, %s, now(), 7,"
               " suara.uuid_floor(1689181200123), 1, 1, 2, 1, 2, 0, 5, 10,"
               " '\\x010203040102030401')", (office, service))
    assert rows(db, "SELECT office, extract(epoch FROM collected)::float8, instrument, service,"
                    " channel, stakeholder, perspective, sex, age, education, occupation, ratings"
                    " FROM suara.response_view WHERE office = 'VIEW'") == [
        ("VIEW", 1689181200.123, "skm-2017", "UMUM", "kiosk", "business", "recipient", "P", "",
         "D4/S1", "Lainnya", [1, 2, 3, 4, 1, 2, 3, 4, 1])]
    assert value(db, "SELECT suara.held(%s, ARRAY[suara.uuid_floor(1), suara.uuid_floor("
                     "1689181200123)])", office) == [1]
