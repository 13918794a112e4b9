"""A database with responses at the edges of months in all three zones, each of them known here too,
so that what the schema counts can be counted once more."""

import collections
import contextlib
import datetime
import random
import uuid

import psycopg2
import psycopg2.extras

ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
SHAPES = {1: (9, 4), 2: (3, 10), 3: (1, 3), 4: (64, 5), 5: (2, 2)}    # instrument: elements, scale
MANY = 12    # responses from which an office-month has its days in the roll-up, here
COLUMN = {0: None, 1: "service", 2: "channel", 3: "stakeholder", 4: "perspective", 5: "sex", 6: "age",
          7: "education", 8: "occupation"}    # of the dimensions: attribute of Response
PROFILE = {"channel": 5, "stakeholder": 7, "sex": 2, "age": 6, "education": 7, "occupation": 10}
HOUR = 3600_000
psycopg2.extras.register_uuid()

Response = collections.namedtuple(
    "Response", "office service id instrument channel stakeholder perspective sex age education"
    " occupation ratings day month")


class World:
    """A database with offices in all zones, and every response in it as Python sees it."""

    def __init__(self, cluster, seed, database="suara"):
        self.random = random.Random(seed)
        self.cluster = cluster
        self.cursor = cluster.connect(database).cursor()
        self.offices = {}    # id -> (hours, service ids)
        self.held = {}    # (office, id) -> Response
        for k, zone in enumerate(2 * list(ZONES)):
            office = self.value("SELECT suara.office_add(%s, 'x', '', %s)", f"O{k}", zone)
            self.value("SELECT suara.service_add(%s, 'LAB', 'x')", f"O{k}")
            services = self.rows("SELECT service_id FROM suara.service WHERE office_id = %s",
                                 office)
            self.offices[office] = (ZONES[zone], [service for (service,) in services])
        for instrument, (elements, scale) in SHAPES.items():
            if instrument > 1:
                self.cursor.execute("INSERT INTO suara.instrument"
                                    " VALUES (%s, %s, '1', 'x', 'x', %s, '1/3')",
                                    (instrument, f"i{instrument}", scale))
                self.cursor.execute("INSERT INTO suara.element SELECT %s, k, 'E' || k, 'x', 'x',"
                                    " '{}', '{}' FROM generate_series(1, %s) k",
                                    (instrument, elements))

    def days_of_small_months(self):
        self.cursor.execute("CREATE OR REPLACE FUNCTION suara.day_rows_from() RETURNS int LANGUAGE sql"
                            f" IMMUTABLE PARALLEL SAFE RETURN {MANY}")

    def rows(self, query, *arguments):
        self.cursor.execute(query, arguments)
        return self.cursor.fetchall()

    def value(self, query, *arguments):
        return self.rows(query, *arguments)[0][0]

    def response(self, office=None, ms=None, instrument=None):
        """One at random: half of them within three minutes of a month's first or last midnight in
        some zone, which is not always the office's."""
        rnd = self.random
        office = office or rnd.choice(list(self.offices))
        hours, services = self.offices[office]
        if ms is None:
            start = datetime.datetime(2023, rnd.randint(1, 6), 1, tzinfo=datetime.timezone.utc)
            ms = int(start.timestamp()) * 1000
            if rnd.random() < 0.5:
                ms += rnd.randint(-180_000, 180_000) - rnd.choice([7, 8, 9]) * HOUR
            else:
                ms += rnd.randrange(28 * 24 * HOUR)
        instrument = instrument or rnd.choice([1, 1, 1, *SHAPES])
        elements, scale = SHAPES[instrument]
        local = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms, hours=hours)
        day = local.date()
        return Response(
            office, rnd.choice(services),
            uuid.UUID(int=(ms << 80) | (7 << 76) | rnd.getrandbits(76)), instrument,
            perspective=rnd.choice([1, 1, 2]),
            **{name: rnd.randint(0, top) for name, top in PROFILE.items()},
            ratings=bytes(rnd.randint(1, scale) for _ in range(elements)),
            day=day, month=day.replace(day=1))

    def store(self, responses):
        responses = list(responses)
        many = psycopg2.extras.execute_values
        many(self.cursor, "INSERT INTO suara.response VALUES %s",
             [row_of(r) for r in responses],
             "(%s, %s, now(), 0, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")
        self._mark(responses)
        self.held |= {(r.office, r.id): r for r in responses}

    def _mark(self, responses):
        psycopg2.extras.execute_values(
            self.cursor, "INSERT INTO suara.stale (office_id, month, instrument_id) VALUES %s",
            [(r.office, r.month, r.instrument) for r in responses])

    def erase(self, responses):
        psycopg2.extras.execute_values(
            self.cursor, "DELETE FROM suara.response WHERE (office_id, id) IN (VALUES %s)",
            [(r.office, r.id) for r in responses], page_size=len(responses))
        assert self.cursor.rowcount == len(responses)
        self._mark(responses)
        for r in responses:
            del self.held[r.office, r.id]

    def refresh(self, *scope):
        """One call; without a scope as many as it takes."""
        left = 0
        while True:
            before = left
            left = self.value("SELECT suara.refresh(%s, %s, %s, %s)", *(scope or [None] * 4))
            if scope or left == 0 or left == before:
                return left

    def differences(self):
        """Those of the first office that has any."""
        found = (self.rows("SELECT * FROM suara.rollup_check(%s)", office) for office in self.offices)
        return next(filter(None, found), [])

    def expected_rollup(self):
        cells = collections.defaultdict(list)
        months = collections.Counter((r.office, r.month, r.instrument) for r in self.held.values())
        for r in self.held.values():
            for dim in (0, 1, 2, 3, 5, 6, 7, 8, 9):
                value = r.day.day if dim == 9 else value_of(r, dim)
                if dim < 9 or months[r.office, r.month, r.instrument] >= MANY:
                    cells[r.office, r.month, r.instrument, r.perspective, dim, value].append(r)
        return {key: counted(cell, key[4] in (0, 3, 9)) for key, cell in cells.items()}

    def rollup(self):
        return {row[:6]: row[6:] for row in self.rows(
            "SELECT office_id, month, instrument_id, perspective, dim, value, n, square, sums, dist"
            " FROM suara.rollup")}


def value_of(r, dim):
    return getattr(r, COLUMN[dim]) if COLUMN[dim] else 0


def counted(responses, spread):
    """n, square, sums and dist of responses to one instrument."""
    columns = list(zip(*(r.ratings for r in responses)))
    scale = SHAPES[responses[0].instrument][1]
    return (len(responses), sum(sum(r.ratings) ** 2 for r in responses),
            [sum(column) for column in columns],
            [column.count(v) for column in columns for v in range(1, scale + 1)] if spread else None)


@contextlib.contextmanager
def fresh_world(cluster, seed):
    cluster.create_migrated("suara")
    world = World(cluster, seed)
    world.days_of_small_months()
    yield world
    world.cursor.connection.close()
    cluster.connect("postgres").cursor().execute("DROP DATABASE suara WITH (FORCE)")


def row_of(r):
    return r[:11] + (psycopg2.Binary(r.ratings),)


def insert(cursor, r):
    cursor.execute("INSERT INTO suara.response VALUES (%s, %s, now(), 0, %s, %s, %s, %s, %s, %s,"
                   " %s, %s, %s, %s)", row_of(r))


def remove(cursor, r):
    cursor.execute("DELETE FROM suara.response WHERE office_id = %s AND id = %s", (r.office, r.id))


def mark(cursor, r):
    cursor.execute("INSERT INTO suara.stale (office_id, month, instrument_id) VALUES (%s, %s, %s)",
                   (r.office, r.month, r.instrument))
