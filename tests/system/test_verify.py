"""admin verify and admin rebuild: damage in the roll-up is found, named and healed; and nothing that is
only newer than the roll-up is ever taken for damage."""

import json
import random
import threading

import pytest

from suara_wire import Batch, Line, code_of, pb, verified

MARCH = 1_678_000_000_000    # 5 March 2023
DAY = 86_400_000
OFFICES = {"PUSAT": 7, "CABANG": 8, "RANTING": 9}


@pytest.fixture(scope="module")
def stack(module_stack):
    """PUSAT is above the others; each has some months, one of CABANG's is large."""
    made = module_stack(offices=("PUSAT", "CABANG=WITA", "RANTING=WIT"), tree=True)
    rng = random.Random(7)
    for code in OFFICES:
        batch = Batch()
        for k in range(1200 if code == "CABANG" else 90):
            moment = MARCH + (k % 20 * DAY if code == "CABANG" else k * DAY) + rng.randrange(DAY)
            batch.add(moment, [rng.randint(1, 4) for _ in range(9)],
                      channel=rng.choice(("web", "kiosk")), sex=rng.choice(("L", "P", "")),
                      stakeholder=rng.choice(("public", "business")))
        with Line(made, made.bundle("office", code)) as line:
            assert line.submit(batch).receipt.stored == len(batch.content)
    return made


def suara(stack, *words, profile="admin"):
    return stack.run("suara", "--profile", profile, "admin", *words)


def verify(stack, *options, profile="admin"):
    """The exit status, and what --format json says."""
    done = suara(stack, "verify", "--format", "json", *options, profile=profile)
    return done.returncode, json.loads(done.stdout)


def damage(stack, statement, *arguments):
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        assert cursor.rowcount > 0
    connection.close()


def test_all_is_well(stack):
    """What was never made fresh is made so first: no difference, and nothing left out."""
    status, found = verify(stack)
    assert (status, found["differing"], found["left_out"]) == (0, 0, 0)
    assert found["responses"] == 1380 and found["compared"] > 100
    assert found["differences"] == []
    done = suara(stack, "verify")
    assert done.returncode == 0 and "1380 responses: all are right." in done.stdout
    one = verify(stack, "--office", "RANTING")[1]
    assert one["responses"] == 90
    assert verify(stack, "--office", "PUSAT", "--subtree", profile="auditor")[1]["responses"] == 1380


WHERE = "office_id = (SELECT office_id FROM suara.office WHERE code = 'CABANG') AND month = '2023-03-01'"
DAMAGES = [    # change of one cell; dimension, value and first figure that differs
    (f"UPDATE suara.rollup SET n = n + 1 WHERE {WHERE} AND dim = 0", "all", None, "n"),
    (f"UPDATE suara.rollup SET sums[3] = sums[3] - 1 WHERE {WHERE} AND dim = 2 AND value = 1",
     "channel", "kiosk", "U3"),
    (f"UPDATE suara.rollup SET square = square + 5 WHERE {WHERE} AND dim = 5 AND value = 2",
     "sex", "P", "square"),
    (f"UPDATE suara.rollup SET dist[6] = dist[6] + 1 WHERE {WHERE} AND dim = 3 AND value = 1",
     "stakeholder", "public", "U2=2"),
    (f"DELETE FROM suara.rollup WHERE {WHERE} AND dim = 1", "service", "UMUM", "n"),
    (f"UPDATE suara.rollup SET value = 77 WHERE {WHERE} AND dim = 6", "age", "77", "n"),
    (f"UPDATE suara.rollup SET n = n - 1 WHERE {WHERE} AND dim = 9 AND value = 7", "day", "7", "n"),
    (f"INSERT INTO suara.rollup SELECT office_id, '2031-05-17', instrument_id, perspective, 8, 3, n, sums,"
     f" NULL, square FROM suara.rollup WHERE {WHERE} AND dim = 0", "occupation", "Polri", "n")]


def test_damage_is_named_and_healed(stack):
    for statement, *_ in DAMAGES:
        damage(stack, statement)
    status, found = verify(stack)
    rows = found["differences"]
    assert status == 65 and found["differing"] == len(rows) == len(DAMAGES) + 1
    named = [(row["dimension"], row["value"], row["figure"]) for row in rows]
    assert sorted(map(str, named)) == sorted(map(str, [(*what,) for _, *what in DAMAGES] +
                                                 [("age", None, "n")])), rows    # where 77 should be
    assert {(row["office"], row["instrument"], row["perspective"]) for row in rows} == \
        {("CABANG", "skm-2017", "recipient")}
    assert {row["month"] for row in rows} == {"2023-03", "2031-05-17"}
    gone, more = [next(row for row in rows if row["dimension"] == which) for which in ("service", "all")]
    assert (gone["rollup"], gone["recount"]) == (None, 1200)
    assert (more["rollup"], more["recount"]) == (1201, 1200)

    table = suara(stack, "verify", "--office", "CABANG")
    assert table.returncode == 65 and "suara admin rebuild" in table.stdout and "U2=2" in table.stdout
    rows = suara(stack, "verify", "--office", "CABANG", "--format", "csv").stdout.splitlines()
    assert rows[0] == "office,month,instrument,perspective,dimension,value,figure,rollup,recount"
    assert len(rows) == 1 + found["differing"]
    assert verify(stack, "--office", "RANTING")[0] == 0

    done = suara(stack, "rebuild", "--office", "CABANG")
    assert done.returncode == 0 and "1 office " in done.stdout, done.stderr
    assert verify(stack)[0] == 0


def test_a_rebuild_of_everything(stack):
    damage(stack, "DELETE FROM suara.rollup")
    status, found = verify(stack)
    assert status == 65 and found["differing"] == found["compared"]
    damage(stack, "INSERT INTO suara.rollup SELECT office_id, '2023-04-01', k, k, k, k, 1, '{1}', NULL, 1"
                  " FROM suara.office, generate_series(39, 40) k")    # of nothing there is
    done = suara(stack, "rebuild", "--office", "PUSAT", "--subtree")
    assert done.returncode == 0 and "3 offices" in done.stdout
    assert verify(stack)[0] == 0


def test_very_many_differences_are_counted_and_some_named(stack):
    """What is not named is counted, so that neither daemon nor client holds it all."""
    damage(stack, "INSERT INTO suara.rollup SELECT office_id, month, instrument_id, perspective, 1,"
                  " 100000 + k, n, sums, dist, square FROM suara.rollup, generate_series(1, 12000) k"
                  f" WHERE {WHERE} AND dim = 0")
    status, found = verify(stack, "--office", "CABANG")
    assert (status, found["differing"], len(found["differences"])) == (65, 12000, 10000)
    assert "and 2000 more" in suara(stack, "verify", "--office", "CABANG").stdout
    assert suara(stack, "rebuild", "--office", "CABANG").returncode == 0
    assert verify(stack, "--office", "CABANG")[0] == 0


def test_who_may(stack):
    for role, name, may in (("office", "CABANG", ""), ("supervisor", "supervisor", ""),
                            ("auditor", "auditor", "verify")):
        with Line(stack, stack.bundle(role, name)) as line:
            assert code_of(line.ask(rebuild=pb.Rebuild())) == "PERMISSION_DENIED"
            assert code_of(line.ask(verify=pb.Verify())) == ("" if may else "PERMISSION_DENIED")
    done = suara(stack, "rebuild", profile="auditor")
    assert done.returncode == 77 and "may not" in done.stderr
    wrong = suara(stack, "verify", "--office", "CABANK")
    assert wrong.returncode == 64 and "CABANG" in wrong.stderr


def test_a_month_that_cannot_be_made_fresh_is_left_out(stack):
    """A mark that comes in again at once (here: that of a refresh which waits) is no difference."""
    with stack.db.connect("postgres") as holder, Line(stack, stack.bundle("admin", "admin")) as line:
        holder.autocommit = False
        cursor = holder.cursor()
        cursor.execute("INSERT INTO suara.stale (office_id, month, instrument_id) SELECT office_id,"
                       " '2023-03-01', 1 FROM suara.office WHERE code = 'CABANG'")
        cursor.execute("CREATE FUNCTION suara.keep() RETURNS trigger LANGUAGE plpgsql AS"
                       " 'BEGIN RETURN NULL; END';"
                       "CREATE TRIGGER keep BEFORE DELETE ON suara.stale FOR EACH ROW"
                       " EXECUTE FUNCTION suara.keep()")
        holder.commit()
        cursor.execute(f"UPDATE suara.rollup SET n = n + 1 WHERE {WHERE} AND dim = 0")
        holder.commit()
        found, rows = verified(line, office=[b"CABANG"])
        assert (found.differing, found.left_out, rows) == (0, 1, [])
        assert found.compared == 0
        cursor.execute("DROP TRIGGER keep ON suara.stale")
        holder.commit()
        found, rows = verified(line, office=[b"CABANG"])
        assert (found.differing, found.left_out) == (0, 0)
        assert found.compared > 0


def test_no_false_alarm_while_responses_come_in(stack):
    """Offices submit and others ask for reports; verify over and over never finds a difference."""
    going, errors = threading.Event(), []
    going.set()

    def submit(code):
        rng = random.Random(code)
        with Line(stack, stack.bundle("office", code)) as line:
            for _ in range(200):    # far more than there is time for
                if not going.is_set():
                    break
                batch = Batch()
                for _ in range(5):
                    batch.add(MARCH + rng.randrange(60 * DAY), [rng.randint(1, 4) for _ in range(9)])
                assert line.submit(batch).receipt.stored == 5

    def guarded(code):
        try:
            submit(code)
        except BaseException as error:    # handed to the test
            errors.append(error)
            going.clear()
    threads = [threading.Thread(target=guarded, args=(code,)) for code in OFFICES]
    for thread in threads:
        thread.start()
    compared = 0
    try:
        with Line(stack, stack.bundle("auditor", "auditor")) as line:
            for _ in range(3):
                found, rows = verified(line)
                assert (found.differing, rows) == (0, [])
                compared += found.compared
    finally:
        going.clear()
        for thread in threads:
            thread.join()
    assert not errors and compared > 0
    status, found = verify(stack)
    assert (status, found["differing"], found["left_out"]) == (0, 0, 0)
