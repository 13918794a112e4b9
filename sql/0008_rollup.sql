-- The roll-up for reports with an interval and by the day: the sum of squares, how many gave each
-- rating by stakeholder too, the days of large months; made again many at a time, one instrument
-- apart from the other.

-- Marks --------------------------------------------------------------------------------------

-- What a mark stands for is one instrument's figures of an office-month. A mark from before says
-- that of all of them; and all that the roll-up holds lacks the new columns.
DROP VIEW suara.stale_months;
ALTER TABLE suara.stale ADD COLUMN instrument_id smallint;
INSERT INTO suara.stale (office_id, month, instrument_id)
SELECT office_id, month, i.instrument_id FROM suara.stale CROSS JOIN suara.instrument i
UNION
SELECT office_id, month, instrument_id FROM suara.rollup;
DELETE FROM suara.stale WHERE instrument_id IS NULL;
ALTER TABLE suara.stale ALTER COLUMN instrument_id SET NOT NULL, DROP CONSTRAINT stale_pkey,
    ADD PRIMARY KEY (office_id, month, instrument_id, mark);

-- Which office-months a report would read in an older state.
CREATE VIEW suara.stale_months AS
SELECT office_id, month, count(*) AS marks FROM suara.stale GROUP BY office_id, month;

-- The roll-up --------------------------------------------------------------------------------

-- square: the sum over the responses of (the sum of its ratings) squared. dim as before, and 9 the
-- day of the month: only for office-months (of an instrument and perspective) with day_rows_from()
-- responses or more, where the days at the edge of a range are dear to count. dist: for the dims
-- 0, 3 and 9. The months of one dimension lie side by side: that is how they are read.
ALTER TABLE suara.rollup ADD COLUMN square bigint NOT NULL DEFAULT 0;
ALTER TABLE suara.rollup ALTER COLUMN square DROP DEFAULT, ALTER COLUMN sums SET STORAGE PLAIN,
    DROP CONSTRAINT rollup_pkey,
    ADD PRIMARY KEY (office_id, instrument_id, perspective, dim, month, value);

CREATE FUNCTION suara.day_rows_from() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1000;

-- sum() of bigints without its detour through numeric; an overflow is an error.
CREATE AGGREGATE suara.total(bigint) (
    SFUNC = int8pl, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE
);

-- Making it again ----------------------------------------------------------------------------

DROP FUNCTION suara.refresh(int[], date, date, int);
DROP FUNCTION suara.refresh_statement();
DROP FUNCTION suara.stale_count(int[], date, date);
DROP FUNCTION suara.rollup_check(int);

-- How the ratings of many responses are counted, as lists of expressions. Over responses r: `total`
-- one response's ratings added up, `sums` each element's sum, `words` how many gave the ratings
-- from 3 up, two of them in one bigint (31 bits each: n is an int). Over the result x, with n, sums
-- and words: `dist`, how many gave each rating, element after element; those of 1 and 2 follow from
-- the sum. So an element costs one or two aggregates, where a count for each rating costs four, and
-- get_byte() is several times faster than taking ratings apart into rows.
CREATE FUNCTION suara.counting(elements int, scale int,
                               OUT total text, OUT sums text, OUT words text, OUT dist text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    bytes text[] := ARRAY(SELECT format('get_byte(r.ratings, %s)', k)
                          FROM generate_series(0, elements - 1) k ORDER BY k);
    weights text[] := ARRAY(SELECT array_agg(CASE v WHEN 3 + 2 * w THEN 1
                                                    WHEN 4 + 2 * w THEN 2147483648 ELSE 0 END
                                             ORDER BY v)::text
                            FROM generate_series(0, (scale - 1) / 2 - 1) w,
                                 generate_series(1, scale) v
                            GROUP BY w ORDER BY w);
    words_of text[] := '{}';
    dist_of text[] := '{}';
    one text;
    two text;
    high text[];
BEGIN
    FOR k IN 0 .. elements - 1 LOOP
        one := format('2 * x.n - x.sums[%s]', k + 1);
        two := format('x.sums[%s] - x.n', k + 1);
        high := '{}';
        FOR w IN 1 .. cardinality(weights) LOOP
            words_of := words_of || format('suara.total((%L::bigint[])[%s])', weights[w],
                                           bytes[k + 1]);
        END LOOP;
        FOR v IN 3 .. scale LOOP
            high := high || format('(x.words[%s] >> %s & 2147483647)',
                                   k * cardinality(weights) + (v - 1) / 2, (v - 3) % 2 * 31);
            one := one || format(' + %s * %s', v - 2, high[v - 2]);
            two := two || format(' - %s * %s', v - 1, high[v - 2]);
        END LOOP;
        dist_of := dist_of || one || two || high;
    END LOOP;
    total := array_to_string(bytes, ' + ');
    sums := 'sum(' || array_to_string(bytes, '), sum(') || ')';
    words := array_to_string(words_of, ', ');
    dist := array_to_string(dist_of, ', ');
END
$body$;

-- The statement that makes office-months of one instrument again: those of $1 (offices) and $2
-- (months), pair by pair, that carry a mark. One statement is one snapshot: the marks it deletes
-- and the responses it counts are seen at the same moment, so a mark that it does not see stays,
-- and with it the reason to count again.
--
-- All dimensions come from one scan. The bounds of the days are made once for each month and zone.
-- Rows go in by dimension, so that those read together lie together.
CREATE FUNCTION suara.refresh_statement(of_instrument smallint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT format($sql$
WITH gone AS (
    DELETE FROM suara.stale s USING unnest($1, $2) AS asked(office_id, month)
    WHERE s.office_id = asked.office_id AND s.month = asked.month AND s.instrument_id = %1$s
    RETURNING s.office_id, s.month
), unit AS MATERIALIZED (
    SELECT o.office_id, g.month, o.zone
    FROM (SELECT DISTINCT office_id, month FROM gone) g JOIN suara.office o USING (office_id)
), span AS MATERIALIZED (
    SELECT month, zone,
           ARRAY(SELECT suara.day_floor(d::date, zone)
                 FROM generate_series(month::timestamp, month + interval '1 month', '1 day') d
                 ORDER BY d) AS floors
    FROM (SELECT DISTINCT month, zone FROM unit) x
), fresh AS MATERIALIZED (
    SELECT u.office_id, u.month, d.*
    FROM unit u JOIN span s USING (month, zone) CROSS JOIN LATERAL (
        SELECT x.perspective, x.dim, x.value, x.n, x.square, x.sums,
               CASE WHEN x.dim IN (0, 3, 9) THEN ARRAY[%5$s]::int[] END AS dist
        FROM (SELECT r.perspective,
                     (CASE grouping(service_id, channel, stakeholder, sex, age, education,
                                    occupation, day)
                      WHEN 127 THEN 1 WHEN 191 THEN 2 WHEN 223 THEN 3 WHEN 239 THEN 5
                      WHEN 247 THEN 6 WHEN 251 THEN 7 WHEN 253 THEN 8 WHEN 254 THEN 9 ELSE 0 END
                     )::smallint AS dim,
                     coalesce(service_id, channel, stakeholder, sex, age, education, occupation,
                              day, 0) AS value,
                     count(*)::int AS n, suara.total(r.total::bigint * r.total) AS square,
                     ARRAY[%3$s] AS sums, ARRAY[%4$s]::bigint[] AS words,
                     sum(count(*)) OVER () / 9 AS of_month
              FROM (SELECT r.perspective, r.service_id, r.channel, r.stakeholder, r.sex, r.age,
                           r.education, r.occupation, r.ratings, %2$s AS total,
                           width_bucket(r.id, s.floors) AS day
                    FROM suara.response r
                    WHERE r.office_id = u.office_id AND r.id >= s.floors[1]
                      AND r.id < s.floors[cardinality(s.floors)] AND r.instrument_id = %1$s
                    OFFSET 0) r
              GROUP BY r.perspective, GROUPING SETS ((), (service_id), (channel), (stakeholder),
                                                     (sex), (age), (education), (occupation),
                                                     (day))) x
        WHERE x.dim < 9 OR x.of_month >= suara.day_rows_from()) d
), kept AS (
    INSERT INTO suara.rollup AS r
           (office_id, month, instrument_id, perspective, dim, value, n, sums, dist, square)
    SELECT office_id, month, %1$s, perspective, dim, value, n, sums, dist, square FROM fresh
    ORDER BY perspective, dim, office_id, month, value
    ON CONFLICT (office_id, instrument_id, perspective, dim, month, value)
    DO UPDATE SET n = excluded.n, sums = excluded.sums, dist = excluded.dist,
                  square = excluded.square
    WHERE (r.n, r.square, r.sums, r.dist)
          IS DISTINCT FROM (excluded.n, excluded.square, excluded.sums, excluded.dist)
), held AS MATERIALIZED (    -- keys of the roll-up, as its index has them
    SELECT u.office_id, u.month, p.perspective, d.dim
    FROM unit u CROSS JOIN unnest('{1, 2}'::smallint[]) AS p(perspective)
         CROSS JOIN unnest('{0, 1, 2, 3, 5, 6, 7, 8, 9}'::smallint[]) AS d(dim)
)
DELETE FROM suara.rollup r USING held h
WHERE r.office_id = h.office_id AND r.instrument_id = %1$s AND r.perspective = h.perspective
  AND r.dim = h.dim AND r.month = h.month
  AND (r.office_id, r.month, r.perspective, r.dim, r.value)
      NOT IN (SELECT office_id, month, perspective, dim, value FROM fresh)
$sql$, i.instrument_id, c.total, c.sums, c.words, c.dist)
FROM (SELECT i.instrument_id, i.scale, count(*)::int AS elements
      FROM suara.instrument i JOIN suara.element e USING (instrument_id)
      WHERE i.instrument_id = of_instrument GROUP BY i.instrument_id) i,
     suara.counting(i.elements, i.scale) c
$body$;

-- How many marked office-months, told apart by instrument, are in scope. NULL for an argument: no
-- limit on that side.
CREATE FUNCTION suara.stale_count(offices int[], date_from date, date_to date) RETURNS int
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT count(*)::int FROM (
    SELECT DISTINCT s.office_id, s.month, s.instrument_id
    FROM suara.stale s JOIN suara.office USING (office_id) JOIN suara.instrument USING (instrument_id)
    WHERE (offices IS NULL OR s.office_id = ANY (offices))
      AND (date_from IS NULL OR s.month >= date_trunc('month', date_from::timestamp)::date)
      AND (date_to IS NULL OR s.month <= date_to)) x
$body$;

-- Makes again up to `most` (NULL, and never more than: 1000) of the stale office-months of these
-- offices, each instrument's for itself, whose month touches date_from..date_to; for two seconds
-- or one statement, whichever is longer. A statement makes more of them than the one before it as
-- long as that was quick. Returns how many in scope are stale afterwards: 0 means that rollup is
-- at least as new as the start of this call.
--
-- Two calls at once: the lock is held to the end of the transaction, and PostgreSQL makes a commit
-- visible before it lets go of the locks. So whoever gets the lock next takes its snapshot after
-- the earlier result is there, and writes a newer one. That needs a snapshot per statement, hence
-- the check of the isolation level. Locks are taken in one order: two calls cannot deadlock.
CREATE FUNCTION suara.refresh(offices int[], date_from date, date_to date, most int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
SET enable_sort = off    -- all dimensions by hashing, in one go
SET work_mem = '32MB'
AS $body$
DECLARE
    todo_office int[];
    todo_month date[];
    todo_instrument smallint[];
    at int := 1;
    size int := 4;
    began timestamptz;
    part record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'refresh() needs the isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT array_agg(x.office_id), array_agg(x.month), array_agg(x.instrument_id)
    INTO todo_office, todo_month, todo_instrument
    FROM (SELECT DISTINCT s.office_id, s.month, s.instrument_id
          FROM suara.stale s
          JOIN suara.office USING (office_id) JOIN suara.instrument USING (instrument_id)
          WHERE (offices IS NULL OR s.office_id = ANY (offices))
            AND (date_from IS NULL OR s.month >= date_trunc('month', date_from::timestamp)::date)
            AND (date_to IS NULL OR s.month <= date_to)
          ORDER BY s.office_id, s.month, s.instrument_id
          LIMIT least(most, 1000)) x;
    WHILE at <= cardinality(todo_office) LOOP
        began := clock_timestamp();
        FOR k IN at .. least(at + size, cardinality(todo_office) + 1) - 1 LOOP
            PERFORM pg_advisory_xact_lock(todo_office[k],
                                          to_char(todo_month[k], 'YYYYMM')::int);
        END LOOP;
        -- While we waited, another call may have done some.
        FOR part IN
            SELECT t.instrument_id, array_agg(t.office_id) AS offices, array_agg(t.month) AS months
            FROM unnest(todo_office[at : at + size - 1], todo_month[at : at + size - 1],
                        todo_instrument[at : at + size - 1])
                 AS t(office_id, month, instrument_id)
            WHERE EXISTS (SELECT FROM suara.stale s
                          WHERE s.office_id = t.office_id AND s.month = t.month
                            AND s.instrument_id = t.instrument_id)
            GROUP BY t.instrument_id
        LOOP
            EXECUTE suara.refresh_statement(part.instrument_id) USING part.offices, part.months;
        END LOOP;
        -- One call stays far from any statement_timeout, and what it has done is kept.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '2 seconds';
        at := at + size;
        IF clock_timestamp() < began + interval '200 milliseconds' THEN
            size := least(size * 4, 256);
        END IF;
    END LOOP;
    RETURN suara.stale_count(offices, date_from, date_to);
END
$body$;

-- Rows of rollup that differ from a recount of the office's responses: none when all is well and
-- nothing is stale. Counts by another road than refresh (every rating as a row, month and day from
-- each id, sums and numbers from how many gave each rating), so that a mistake there shows here.
CREATE FUNCTION suara.rollup_check(office int)
RETURNS TABLE (month date, instrument_id smallint, perspective smallint, dim smallint, value int,
               n int, square bigint, sums bigint[], dist int[],
               true_n int, true_square bigint, true_sums bigint[], true_dist int[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
SET work_mem = '64MB'
AS $body$
WITH placed AS MATERIALIZED (    -- once for each response, not for each rating
    SELECT suara.uuid_month(r.id, o.zone) AS month,
           extract(day FROM (suara.uuid_time(r.id) AT TIME ZONE 'UTC')
                            + suara.zone_offset(o.zone))::int AS day,
           (SELECT sum(get_byte(r.ratings, k))
            FROM generate_series(0, octet_length(r.ratings) - 1) k) ^ 2 AS square, r.*
    FROM suara.response r JOIN suara.office o USING (office_id)
    WHERE r.office_id = office
), many AS (
    SELECT month, instrument_id FROM placed GROUP BY 1, 2 HAVING count(*) >= suara.day_rows_from()
), cell AS MATERIALIZED (
    SELECT r.month, r.instrument_id, r.perspective, d.dim, d.value, e.position,
           get_byte(r.ratings, e.position - 1) AS rating, count(*) AS n, sum(r.square) AS square
    FROM placed r JOIN suara.element e USING (instrument_id) CROSS JOIN LATERAL (VALUES
        (0, 0), (1, service_id), (2, channel), (3, stakeholder), (5, sex), (6, age),
        (7, education), (8, occupation), (9, day)) AS d(dim, value)
    WHERE d.dim < 9 OR EXISTS (SELECT FROM many m
                               WHERE m.month = r.month AND m.instrument_id = r.instrument_id)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), part AS (
    SELECT month, instrument_id, perspective, dim, value, position, sum(n) AS n,
           sum(square) AS square, sum(rating * n)::bigint AS sum,
           jsonb_object_agg(rating, n) AS gave
    FROM cell GROUP BY 1, 2, 3, 4, 5, 6
), truth AS (
    SELECT p.month, p.instrument_id, p.perspective, p.dim::smallint AS dim, p.value,
           max(p.n)::int AS n, max(p.square)::bigint AS square,
           array_agg(p.sum ORDER BY p.position) AS sums,
           CASE WHEN p.dim IN (0, 3, 9) THEN
               (SELECT array_agg(coalesce((g.gave -> v::text)::int, 0) ORDER BY g.place, v)
                FROM unnest(array_agg(p.gave ORDER BY p.position)) WITH ORDINALITY AS g(gave, place)
                CROSS JOIN generate_series(1, i.scale) v) END AS dist
    FROM part p JOIN suara.instrument i USING (instrument_id)
    GROUP BY p.month, p.instrument_id, p.perspective, p.dim, p.value, i.scale
)
SELECT month, instrument_id, perspective, dim, value, r.n, r.square, r.sums, r.dist,
       t.n, t.square, t.sums, t.dist
FROM (SELECT * FROM suara.rollup WHERE office_id = office) r
FULL JOIN truth t USING (month, instrument_id, perspective, dim, value)
WHERE (r.n, r.square, r.sums, r.dist) IS DISTINCT FROM (t.n, t.square, t.sums, t.dist)
ORDER BY 1, 2, 3, 4, 5
$body$;
