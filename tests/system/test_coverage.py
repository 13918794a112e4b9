"""Who sent, whether the sample is large enough, who is late: through the whole stack, against a count
in Python."""

import datetime
import json
import random
import time

import pytest

from suara_wire import Batch, Line, code_of, pb

ZONES = {"PUSAT": 7, "CABANG": 8}
SERVICES = ("UMUM", "UJI", "LAMA")
EPOCH = datetime.date(1970, 1, 1)
DAY = 86_400_000
KREJCIE = {10: 10, 50: 44, 100: 80, 200: 132, 500: 217, 1000: 278, 5000: 357, 1000000: 384}


@pytest.fixture(scope="module")
def stack(module_stack):
    made = module_stack(offices=("PUSAT", "CABANG=WITA", "DIAM"))
    with Line(made, made.bundle("admin", "admin")) as admin:
        for office in ZONES:
            for code in SERVICES[1:]:
                reply = admin.ask(add=pb.Add(what=b"service", code=code.encode(), name=b"x",
                                             office=office.encode()))
                assert code_of(reply) == ""
    return made


@pytest.fixture(scope="module")
def sent(stack):
    """[(office, service, day, collected ms, perspective)] as submitted; LAMA was given up in May."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    rng, rows = random.Random(seed), []
    for office, hours in ZONES.items():
        batch = Batch()
        for _ in range(200):
            service = rng.choice(SERVICES)
            day = datetime.date(2023, 1, 1) + datetime.timedelta(
                days=rng.randrange(120 if service == "LAMA" else 360))
            moment = (day - EPOCH).days * DAY + rng.choice((0, DAY - 1, rng.randrange(DAY)))
            who = rng.choice(("recipient", "recipient", "provider"))
            batch.add(moment - hours * 3_600_000, [3] * 9, service=service, perspective=who)
            rows.append((office, service, day, moment - hours * 3_600_000, who))
        with Line(stack, stack.bundle("office", office)) as line:
            assert line.submit(batch).receipt.stored == 200
    return rows


def number(day):
    return day.year * 10_000 + day.month * 100 + day.day


def ask(line, first, last, **more):
    reply = line.ask(coverage=pb.Coverage(**{"from": number(first), "to": number(last)}, **more))
    assert code_of(reply) == "", reply.error.text
    return {(row.office.decode(), row.service.decode()): row for row in reply.coverage.row}


def note(line, office, first, last, people, service=""):
    return line.ask(add=pb.Add(**{"from": first, "to": last}, what=b"population", people=people,
                               office=office.encode(), code=service.encode()))


def test_counts_and_times(stack, sent):
    rng = random.Random(3)
    with Line(stack, stack.bundle("admin", "admin")) as line:
        for _ in range(25):
            first = datetime.date(2023, 1, 1) + datetime.timedelta(days=rng.randrange(330))
            last = first + datetime.timedelta(days=rng.randrange(200))
            found = ask(line, first, last)
            assert len(found) == 2 * 4 + 2 and list(found) == sorted(found)
            for office in ZONES:
                for service in ("", *SERVICES):
                    times = [ms for of, about, day, ms, who in sent
                             if of == office and service in ("", about) and who == "recipient"
                             and first <= day <= last]
                    row = found[office, service]
                    assert (row.n, row.last_collected) == (len(times), max(times, default=0))
                    assert abs(row.last_receipt - time.time() * 1000) < 600_000
                    assert not row.population_known and row.need == 0
            assert (found["DIAM", ""].n, found["DIAM", ""].last_receipt) == (0, 0)


def test_population(stack, sent):
    first, last = datetime.date(2023, 1, 1), datetime.date(2023, 6, 30)
    with Line(stack, stack.bundle("admin", "admin")) as line:
        for people, need in KREJCIE.items():
            assert code_of(note(line, "PUSAT", 20230101, 20230630, people)) == ""
            row = ask(line, first, last)["PUSAT", ""]
            assert (row.population_known, row.population, row.need) == (True, people, need)
        # Of a year nothing is known, nor of the first quarter; of CABANG it is in two parts.
        assert not ask(line, first, datetime.date(2023, 12, 31))["PUSAT", ""].population_known
        assert code_of(note(line, "CABANG", 20230101, 20230331, 60)) == ""
        assert not ask(line, first, last)["CABANG", ""].population_known
        assert code_of(note(line, "CABANG", 20230401, 20230630, 40)) == ""
        assert code_of(note(line, "CABANG", 20230101, 20230630, 50, "UJI")) == ""
        found = ask(line, first, last)
        assert (found["CABANG", ""].population, found["CABANG", ""].need) == (100, 80)
        assert (found["CABANG", "UJI"].population, found["CABANG", "UJI"].need) == (50, 44)
        assert not found["CABANG", "UMUM"].population_known


def test_population_refused(stack):
    with Line(stack, stack.bundle("admin", "admin")) as line:
        for field, reply in (("office", note(line, "PUSET", 20230101, 20230630, 1)),
                             ("from", note(line, "PUSAT", 20230230, 20230630, 1)),
                             ("to", note(line, "PUSAT", 20230101, 20221231, 1)),
                             ("people", note(line, "PUSAT", 20230101, 20230630, 1 << 63)),
                             ("code", note(line, "PUSAT", 20230101, 20230630, 1, "UJO"))):
            assert (code_of(reply), reply.error.field.decode()) == ("INVALID", field)
    with Line(stack, stack.bundle("office", "PUSAT")) as line:
        assert code_of(note(line, "PUSAT", 20230101, 20230630, 1)) == "PERMISSION_DENIED"
        table = line.ask(list=pb.List(what=b"population")).table
        assert {row.cell[0] for row in table.row} <= {b"PUSAT"}
        reply = line.ask(coverage=pb.Coverage(**{"from": 20230101, "to": 20230630},
                                              office=[b"CABANG"]))
        assert code_of(reply) == "PERMISSION_DENIED"


def coverage(stack, *options):
    done = stack.run("suara", "--profile", "admin", "report", "coverage", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_late(stack, sent):
    """Against now, and against the end of a period that is over."""
    received = datetime.datetime(2023, 9, 1, 12, tzinfo=datetime.timezone.utc)
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE suara.batch SET received = %s FROM suara.office o"
                       " WHERE o.office_id = batch.office_id AND o.code = 'CABANG'", (received,))
    connection.close()

    def sending(*options):
        rows = json.loads(coverage(stack, "--format", "json", *options))
        return {row["office"]: row["sending"] for row in rows if not row["service"]}

    assert sending("--period", "2023-S1") == {"DIAM": "never", "PUSAT": "in time",
                                              "CABANG": "in time"}
    assert list(sending("--period", "2023")) == ["DIAM", "CABANG", "PUSAT"]
    assert sending("--period", "2023")["CABANG"] == "late"
    assert sending("--to", "2023-10-01")["CABANG"] == "in time"
    assert sending("--to", "2023-10-01", "--late", "30")["CABANG"] == "late"
    assert sending("--period", "2023", "--late", "122")["CABANG"] == "in time"
    text = coverage(stack, "--period", "2023")
    assert "DIAM" in text.splitlines()[2] and "2 of 3 offices sent responses" in text
    assert "Never sent anything: DIAM." in text
    assert "Late, nothing received for over 31 days: CABANG." in text
    bad = stack.run("suara", "--profile", "admin", "report", "coverage", "--late", "0")
    assert bad.returncode == 64 and "number of days" in bad.stderr


def test_a_person_notes_it(stack):
    def admin(*words):
        return stack.run("suara", "--profile", "admin", "admin", "population", *words)

    done = admin("add", "DIAM", "2024-Q1", "250", "--service", "UMUM")
    assert done.stdout == "DIAM (service UMUM) served 250 people from 2024-01-01 to 2024-03-31\n"
    assert admin("add", "DIAM", "2024-01-15..2024-02", "9").returncode == 0
    rows = json.loads(admin("list", "--format", "json").stdout)
    assert [row for row in rows if row["office"] == "DIAM"] == [
        {"office": "DIAM", "service": None, "from": "2024-01-15", "to": "2024-02-29", "people": 9},
        {"office": "DIAM", "service": "UMUM", "from": "2024-01-01", "to": "2024-03-31",
         "people": 250}]
    for words, status in ((("2024-Q5", "1"), 64), (("2024-02..2024-01", "1"), 64),
                          (("2024", "many"), 64), (("2024", "1000000000001"), 64)):
        assert admin("add", "DIAM", *words).returncode == status
