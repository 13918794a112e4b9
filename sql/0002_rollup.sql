-- The roll-up: one definition (refresh_statement), one way to bring it up to date (refresh), and
-- an independent recount to prove it (rollup_check).

-- The statement that makes one office-month again. Parameters: $1 office, $2 month, $3 and $4 the
-- first id of the month and of the next. One statement is one snapshot: the marks it deletes and
-- the responses it counts are seen at the same moment, so a mark that it does not see stays, and
-- with it the reason to count again.
--
-- It is built from the instruments, because sum(get_byte(ratings, k)) per element is several times
-- faster than taking ratings apart into rows. All dimensions come from one scan; how many gave
-- each rating is wanted for "all" only, and would be paid for every dimension in that scan, so it
-- has its own.
CREATE FUNCTION suara.refresh_statement() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
WITH shape AS (
    SELECT i.instrument_id, i.scale, count(*)::int AS elements
    FROM suara.instrument i JOIN suara.element e USING (instrument_id)
    GROUP BY i.instrument_id
), part AS (
    SELECT s.instrument_id,
           (SELECT string_agg(format('sum(get_byte(ratings, %s))', k), ', ' ORDER BY k)
            FROM generate_series(0, s.elements - 1) k) AS sums,
           (SELECT string_agg(format('count(*) FILTER (WHERE get_byte(ratings, %s) = %s)', k, v),
                              ', ' ORDER BY k, v)
            FROM generate_series(0, s.elements - 1) k, generate_series(1, s.scale) v) AS dist
    FROM shape s
), branch AS (
    SELECT p.instrument_id, format($sql$
    SELECT %1$s::smallint AS instrument_id, d.perspective, d.dim, d.value, d.n, d.sums,
           CASE d.dim WHEN 0 THEN a.dist END AS dist
    FROM (SELECT perspective,
                 (CASE grouping(service_id, channel, stakeholder, sex, age, education, occupation)
                  WHEN 63 THEN 1 WHEN 95 THEN 2 WHEN 111 THEN 3 WHEN 119 THEN 5 WHEN 123 THEN 6
                  WHEN 125 THEN 7 WHEN 126 THEN 8 ELSE 0 END)::smallint AS dim,
                 coalesce(service_id, channel, stakeholder, sex, age, education, occupation, 0)
                     AS value,
                 count(*)::int AS n, ARRAY[%2$s] AS sums
          FROM suara.response
          WHERE office_id = $1 AND id >= $3 AND id < $4 AND instrument_id = %1$s
          GROUP BY perspective, GROUPING SETS ((), (service_id), (channel), (stakeholder), (sex),
                                               (age), (education), (occupation))) d
    LEFT JOIN (SELECT perspective, ARRAY[%3$s]::int[] AS dist
               FROM suara.response
               WHERE office_id = $1 AND id >= $3 AND id < $4 AND instrument_id = %1$s
               GROUP BY perspective) a ON a.perspective = d.perspective
    $sql$, p.instrument_id, p.sums, p.dist) AS text
    FROM part p
)
SELECT format($sql$
WITH gone AS (
    DELETE FROM suara.stale WHERE office_id = $1 AND month = $2
), fresh AS MATERIALIZED (%s
), kept AS (
    INSERT INTO suara.rollup AS r
           (office_id, month, instrument_id, perspective, dim, value, n, sums, dist)
    SELECT $1, $2, instrument_id, perspective, dim, value, n, sums, dist FROM fresh
    ON CONFLICT (office_id, month, instrument_id, perspective, dim, value)
    DO UPDATE SET n = excluded.n, sums = excluded.sums, dist = excluded.dist
    WHERE (r.n, r.sums, r.dist) IS DISTINCT FROM (excluded.n, excluded.sums, excluded.dist)
)
DELETE FROM suara.rollup r
WHERE r.office_id = $1 AND r.month = $2
  AND NOT EXISTS (SELECT FROM fresh f
                  WHERE f.instrument_id = r.instrument_id AND f.perspective = r.perspective
                    AND f.dim = r.dim AND f.value = r.value)
$sql$, string_agg(b.text, ' UNION ALL ' ORDER BY b.instrument_id)) FROM branch b
$body$;

-- How many office-months in scope carry a mark. NULL for an argument: no limit on that side.
CREATE FUNCTION suara.stale_count(offices int[], date_from date, date_to date) RETURNS int
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT count(*)::int FROM (
    SELECT DISTINCT s.office_id, s.month FROM suara.stale s JOIN suara.office USING (office_id)
    WHERE (offices IS NULL OR s.office_id = ANY (offices))
      AND (date_from IS NULL OR s.month >= date_trunc('month', date_from::timestamp)::date)
      AND (date_to IS NULL OR s.month <= date_to)) x
$body$;

-- Makes again up to `most` (NULL: all) of the stale office-months of these offices whose month
-- touches date_from..date_to, for two seconds or one office-month, whichever is longer. Returns how many in scope are stale afterwards: 0 means that rollup
-- is at least as new as the start of this call.
--
-- Two calls at once: the lock is held to the end of the transaction, and PostgreSQL makes a commit
-- visible before it lets go of the locks. So whoever gets the lock next takes its snapshot after
-- the earlier result is there, and writes a newer one. That needs a snapshot per statement, hence
-- the check of the isolation level. Locks are taken in one order: two calls cannot deadlock.
CREATE FUNCTION suara.refresh(offices int[], date_from date, date_to date, most int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
AS $body$
DECLARE
    statement text := suara.refresh_statement();
    todo record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'refresh() needs the isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    FOR todo IN
        SELECT DISTINCT s.office_id, s.month, o.zone
        FROM suara.stale s JOIN suara.office o USING (office_id)
        WHERE (offices IS NULL OR s.office_id = ANY (offices))
          AND (date_from IS NULL OR s.month >= date_trunc('month', date_from::timestamp)::date)
          AND (date_to IS NULL OR s.month <= date_to)
        ORDER BY s.office_id, s.month
        LIMIT most
    LOOP
        PERFORM pg_advisory_xact_lock(todo.office_id, to_char(todo.month, 'YYYYMM')::int);
        -- While we waited, another call may have done this one.
        CONTINUE WHEN NOT EXISTS (SELECT FROM suara.stale s
                                  WHERE s.office_id = todo.office_id AND s.month = todo.month);
        EXECUTE statement
            USING todo.office_id, todo.month, suara.day_floor(todo.month, todo.zone),
                  suara.day_floor((todo.month + interval '1 month')::date, todo.zone);
        -- One call stays far from any statement_timeout, and what it has done is kept.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '2 seconds';
    END LOOP;
    RETURN suara.stale_count(offices, date_from, date_to);
END
$body$;

-- Rows of rollup that differ from a recount of the office's responses: none when all is well and
-- nothing is stale. Counts by another road than refresh (every rating as a row, the month from
-- each id), so that a mistake there shows here.
CREATE FUNCTION suara.rollup_check(office int)
RETURNS TABLE (month date, instrument_id smallint, perspective smallint, dim smallint, value int,
               n int, sums bigint[], dist int[], true_n int, true_sums bigint[], true_dist int[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
SET work_mem = '64MB'
AS $body$
WITH placed AS MATERIALIZED (    -- the month once for each response, not for each rating
    SELECT suara.uuid_month(r.id, o.zone) AS month, r.*
    FROM suara.response r JOIN suara.office o USING (office_id)
    WHERE r.office_id = office
), rating AS (
    SELECT r.month, r.instrument_id, r.perspective, r.service_id, r.channel, r.stakeholder, r.sex,
           r.age, r.education, r.occupation, e.position,
           get_byte(r.ratings, e.position - 1) AS rating
    FROM placed r JOIN suara.element e USING (instrument_id)
), cell AS (
    SELECT month, instrument_id, perspective, position,
           grouping(service_id) AS g1, grouping(channel) AS g2, grouping(stakeholder) AS g3,
           grouping(sex) AS g5, grouping(age) AS g6, grouping(education) AS g7,
           grouping(occupation) AS g8,
           service_id, channel, stakeholder, sex, age, education, occupation,
           count(*) AS n, sum(rating) AS sum
    FROM rating
    GROUP BY month, instrument_id, perspective, position,
             GROUPING SETS ((), (service_id), (channel), (stakeholder), (sex), (age), (education),
                            (occupation))
), line AS (
    SELECT month, instrument_id, perspective, position, d.dim, d.value, n, sum
    FROM cell, LATERAL (
        SELECT 1 AS dim, service_id AS value WHERE g1 = 0
        UNION ALL SELECT 2, channel WHERE g2 = 0
        UNION ALL SELECT 3, stakeholder WHERE g3 = 0
        UNION ALL SELECT 5, sex WHERE g5 = 0
        UNION ALL SELECT 6, age WHERE g6 = 0
        UNION ALL SELECT 7, education WHERE g7 = 0
        UNION ALL SELECT 8, occupation WHERE g8 = 0
        UNION ALL SELECT 0, 0 WHERE g1 + g2 + g3 + g5 + g6 + g7 + g8 = 7) d
), true_count AS (
    SELECT month, instrument_id, perspective, position, rating, count(*) AS n
    FROM rating GROUP BY month, instrument_id, perspective, position, rating
), true_dist AS (
    SELECT k.month, k.instrument_id, k.perspective,
           array_agg(coalesce(c.n, 0)::int ORDER BY e.position, v.rating) AS dist
    FROM (SELECT DISTINCT month, instrument_id, perspective FROM true_count) k
    JOIN suara.instrument i USING (instrument_id)
    JOIN suara.element e USING (instrument_id)
    CROSS JOIN LATERAL generate_series(1, i.scale) v(rating)
    LEFT JOIN true_count c USING (month, instrument_id, perspective, position, rating)
    GROUP BY k.month, k.instrument_id, k.perspective
), truth AS (
    SELECT l.month, l.instrument_id, l.perspective, l.dim::smallint AS dim, l.value,
           max(l.n)::int AS n, array_agg(l.sum ORDER BY l.position) AS sums,
           CASE l.dim WHEN 0 THEN td.dist END AS dist
    FROM line l JOIN true_dist td USING (month, instrument_id, perspective)
    GROUP BY l.month, l.instrument_id, l.perspective, l.dim, l.value, td.dist
)
SELECT month, instrument_id, perspective, dim, value, r.n, r.sums, r.dist, t.n, t.sums, t.dist
FROM (SELECT * FROM suara.rollup WHERE office_id = office) r
FULL JOIN truth t USING (month, instrument_id, perspective, dim, value)
WHERE (r.n, r.sums, r.dist) IS DISTINCT FROM (t.n, t.sums, t.dist)
ORDER BY 1, 2, 3, 4, 5
$body$;
