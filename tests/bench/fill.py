"""Responses and roll-ups made inside the database: millions of them, the same on every run.

The responses of an office lie on a grid of times, evenly from 2021 to 2023; a smaller fill is every
k-th point of the largest one's, so that a larger one only adds. Everything but office, time and id
comes from a stock of STOCK responses.
"""

import concurrent.futures
import os
import time

FIRST, LAST = "2021-01-01", "2023-12-31"
FIRST_MS = 1609434000000    # 2021-01-01 in WIB
SPAN_MS = 1095 * 86400000
MONTHS = 36
STOCK = 4096
SESSIONS = max(2, len(os.sched_getaffinity(0)))

STOCK_SQL = f"""
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE bench.stock AS
SELECT k, 1 + k % 5 AS channel, CASE WHEN k % 4 = 0 THEN 0 ELSE 1 + k % 7 END AS stakeholder,
       CASE WHEN k % 20 = 7 THEN 2 ELSE 1 END AS perspective, k * 5 % 3 AS sex, k * 11 % 7 AS age,
       k * 13 % 8 AS education, k * 17 % 11 AS occupation,
       decode((SELECT string_agg('0' || (1 + (hashint4(k * 31 + e) & 1048575) % 4), '' ORDER BY e)
               FROM generate_series(1, 9) e), 'hex') AS ratings
FROM generate_series(0, {STOCK - 1}) k;
ANALYZE bench.stock;
"""

# Points of the grid of one office that are multiples of %(stride)s and not of %(had)s.
INSERT_SQL = f"""
INSERT INTO suara.response (office_id, service_id, received, hash, id, instrument_id, channel,
                            stakeholder, perspective, sex, age, education, occupation, ratings)
SELECT %(office)s, service, now(), place, id, 1, channel, stakeholder, perspective, sex, age,
       education, occupation, ratings
FROM (SELECT place, (%(services)s::int[])[1 + place / 7 %% cardinality(%(services)s::int[])] AS service,
             (lpad(to_hex((({FIRST_MS} + place * %(step)s) << 16) | 28672 | (place & 4095)), 16, '0')
              || '8' || lpad(to_hex(place), 15, '0'))::uuid AS id
      FROM generate_series(0, %(last)s::bigint, %(stride)s) place
      WHERE %(had)s = 0 OR place %% %(had)s <> 0) x
JOIN bench.stock ON k = (place * 2654435761 >> 7 & {STOCK - 1})
"""

MARK_SQL = f"""
INSERT INTO suara.stale (office_id, month, instrument_id)
SELECT o, m::date, 1 FROM unnest(%(offices)s) o,
       generate_series('{FIRST}'::timestamp, '{LAST}', '1 month') m
"""


class Filler:
    """Fills the database of a stack. offices: ids; largest: responses in all at the end."""

    def __init__(self, connect, offices, largest):
        self.connect, self.offices = connect, offices
        self.grid = largest // len(offices)
        self.stored = 0
        self._run(STOCK_SQL)

    def _run(self, statement, arguments=None):
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            cursor.execute(statement, arguments)
            value = cursor.fetchone() if cursor.description else None
        connection.close()
        return value

    def _all(self, function, arguments):
        """Several sessions at a time; seconds in all."""
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
            for _ in pool.map(function, arguments):
                pass
        return time.monotonic() - began

    def fill(self, total):
        """Up to so many responses in all; seconds."""
        each = total // len(self.offices)
        had = self.stored and self.grid // (self.stored // len(self.offices))
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT office_id, array_agg(service_id ORDER BY service_id)"
                           " FROM suara.service GROUP BY 1")
            services = dict(cursor.fetchall())
        connection.close()

        def one(office):
            self._run(INSERT_SQL, dict(
                office=office, services=services[office], step=SPAN_MS // self.grid,
                last=self.grid - 1, stride=self.grid // each, had=had))
        began = time.monotonic()
        self._run("ALTER TABLE suara.response DROP CONSTRAINT response_pkey")    # made in one go
        self._all(one, self.offices)
        self._run("ALTER TABLE suara.response ADD PRIMARY KEY (office_id, id)")
        self.stored = total
        return time.monotonic() - began

    def mark(self):
        self._run(MARK_SQL, {"offices": self.offices})

    def refresh(self):
        """By several sessions, an office each; seconds."""
        def one(office):
            while self._run("SELECT suara.refresh(ARRAY[%s], NULL, NULL, NULL)", [office])[0]:
                pass
        return self._all(one, self.offices)

    def settle(self):
        """What a database does by itself within minutes of such a load: statistics, hint bits."""
        for table in ("response", "rollup", "stale"):
            self._run(f"VACUUM (ANALYZE) suara.{table}")
        self._run("CHECKPOINT")


# ---- a nation: offices with their roll-ups, and no response behind them ---------------------------

NATION_SQL = """
WITH root AS (
    INSERT INTO suara.office (code, name, zone) VALUES ('NATION', 'Nation', 'WIB') RETURNING office_id
), province AS (
    INSERT INTO suara.office (code, name, zone, parent_id)
    SELECT 'P' || k, 'Province ' || k, 'WIB', office_id FROM root, generate_series(1, %(provinces)s) k
    RETURNING office_id
), numbered AS (
    SELECT office_id, row_number() OVER () AS place FROM province
)
INSERT INTO suara.office (code, name, zone, parent_id)
SELECT 'N' || k, 'Office ' || k, 'WIB', office_id
FROM generate_series(1, %(offices)s) k JOIN numbered ON place = 1 + k %% %(provinces)s
"""

# What a few responses a day leave: the whole, five channels, three sexes.
NATION_ROLLUP_SQL = f"""
INSERT INTO suara.rollup (office_id, month, instrument_id, perspective, dim, value, n, sums, dist, square)
SELECT o.office_id, m::date, 1, 1, d.dim, d.value, d.n, ARRAY(SELECT 3 * d.n::bigint FROM generate_series(1, 9)),
       CASE d.dim WHEN 0 THEN ARRAY(SELECT CASE k % 4 WHEN 3 THEN d.n ELSE 0 END
                                    FROM generate_series(1, 36) k) END, 729 * d.n
FROM (VALUES (0, 0, 60), (2, 1, 12), (2, 2, 12), (2, 3, 12), (2, 4, 12), (2, 5, 12), (5, 0, 20), (5, 1, 20),
             (5, 2, 20)) d(dim, value, n),
     suara.office o, generate_series('{FIRST}'::timestamp, '{LAST}', '1 month') m
WHERE o.code ~ '^N[0-9]'
ORDER BY d.dim, o.office_id, m, d.value
"""


def fill_nation(connect, offices, provinces):
    """So many offices below so many provinces, MONTHS months each."""
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(NATION_SQL, {"offices": offices, "provinces": provinces})
        cursor.execute(NATION_ROLLUP_SQL)
        cursor.execute("VACUUM (ANALYZE) suara.rollup")
        cursor.execute("NOTIFY suara_directory")
    connection.close()
