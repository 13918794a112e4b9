-- The roll-up held against a recount of the responses, and made again from them. Both go office by
-- office and in steps, so that no statement is long and no memory grows with what is stored.

-- Months of an office after a day (NULL: all) that have responses, roll-up rows or marks: the first
-- `most`, ascending. Responses are not read but for one in each month, by the primary key.
CREATE FUNCTION suara.office_months(office int, after date, most int) RETURNS SETOF date
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
WITH RECURSIVE its AS (
    SELECT o.zone FROM suara.office o WHERE o.office_id = office
), held(month, place) AS (
    SELECT suara.uuid_month(r.id, its.zone), 1 FROM its CROSS JOIN LATERAL (
        SELECT r.id FROM suara.response r
        WHERE r.office_id = office
          AND (after IS NULL OR r.id >= suara.day_floor(after + 1, its.zone))
        ORDER BY r.id LIMIT 1) r
    UNION ALL
    SELECT suara.uuid_month(r.id, its.zone), held.place + 1
    FROM held CROSS JOIN its CROSS JOIN LATERAL (
        SELECT r.id FROM suara.response r
        WHERE r.office_id = office
          AND r.id >= suara.day_floor((held.month + interval '1 month')::date, its.zone)
        ORDER BY r.id LIMIT 1) r
    WHERE (most IS NULL OR held.place <= most)    -- one more: the first may be that of `after`
      AND suara.uuid_month(r.id, its.zone) > held.month
)
SELECT x.month FROM (
    SELECT held.month FROM held
    UNION SELECT r.month FROM suara.rollup r WHERE r.office_id = office
    UNION SELECT s.month FROM suara.stale s WHERE s.office_id = office) x
WHERE after IS NULL OR x.month > after
ORDER BY 1 LIMIT most
$body$;

-- Rows of rollup of an office and month that differ from a recount, each with the first figure that
-- does (n, sum and spread of which place, square; NULL where there is no such cell); and a row
-- without instrument that says how many cells were compared with how many responses. Counts by
-- another road than refresh(): every rating as a row, the month from each id, the figures of a cell
-- from how often each rating stands at each place.
CREATE FUNCTION suara.verify_month(office int, of_month date)
RETURNS TABLE (month date, instrument_id smallint, perspective smallint, dim smallint, value int,
               figure text, place int, stored bigint, recounted bigint, cells bigint,
               responses bigint, left_out bool)
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
SET work_mem = '32MB'
AS $body$
WITH placed AS MATERIALIZED (
    SELECT r.*, extract(day FROM suara.uuid_time(r.id) AT TIME ZONE 'UTC'
                                 + suara.zone_offset(o.zone))::int AS day,
           (SELECT sum(get_byte(r.ratings, k))
            FROM generate_series(0, octet_length(r.ratings) - 1) k) AS total
    FROM suara.office o JOIN suara.response r USING (office_id)
    WHERE r.office_id = office
      AND r.id >= suara.day_floor(of_month - 1, o.zone)
      AND r.id < suara.day_floor(of_month + 32, o.zone)
      AND suara.uuid_month(r.id, o.zone) = of_month
), large AS (
    SELECT p.instrument_id FROM placed p GROUP BY 1 HAVING count(*) >= suara.day_rows_from()
), rated AS (    -- how often a rating stands at a place
    SELECT p.instrument_id, p.perspective, e.position,
           get_byte(p.ratings, e.position - 1) AS rating, count(*) AS n,
           p.service_id, p.channel, p.stakeholder, p.sex, p.age, p.education, p.occupation, p.day
    FROM placed p JOIN suara.element e USING (instrument_id)
    GROUP BY p.instrument_id, p.perspective, e.position, rating,
             GROUPING SETS ((), (p.service_id), (p.channel), (p.stakeholder), (p.sex), (p.age),
                            (p.education), (p.occupation), (p.day))
), often AS (
    SELECT r.instrument_id, r.perspective, d.dim, d.value, r.position, r.rating, r.n
    FROM rated r CROSS JOIN LATERAL (
        SELECT x.dim, x.value FROM (VALUES
            (1, r.service_id), (2, r.channel), (3, r.stakeholder), (5, r.sex), (6, r.age),
            (7, r.education), (8, r.occupation), (9, r.day), (0, 0)) x(dim, value)
        WHERE x.value IS NOT NULL ORDER BY x.dim DESC LIMIT 1) d
    WHERE d.dim < 9 OR r.instrument_id IN (SELECT l.instrument_id FROM large l)
), summed AS (
    SELECT o.instrument_id, o.perspective, o.dim, o.value, o.position, sum(o.n)::bigint AS n,
           sum(o.n * o.rating)::bigint AS sum
    FROM often o GROUP BY 1, 2, 3, 4, 5
), squared AS (
    SELECT p.instrument_id, p.perspective, d.dim, d.value,
           sum(p.total * p.total)::bigint AS square
    FROM placed p CROSS JOIN LATERAL (VALUES
        (0, 0), (1, p.service_id), (2, p.channel), (3, p.stakeholder), (5, p.sex), (6, p.age),
        (7, p.education), (8, p.occupation), (9, p.day)) d(dim, value)
    GROUP BY 1, 2, 3, 4
), spread AS (
    SELECT c.instrument_id, c.perspective, c.dim, c.value,
           array_agg(coalesce(o.n, 0) ORDER BY e.position, v.rating) AS dist
    FROM (SELECT DISTINCT s.instrument_id, s.perspective, s.dim, s.value FROM summed s
          WHERE s.dim IN (0, 3, 9)) c
    JOIN suara.instrument i USING (instrument_id)
    JOIN suara.element e USING (instrument_id)
    CROSS JOIN LATERAL generate_series(1, i.scale) v(rating)
    LEFT JOIN often o USING (instrument_id, perspective, dim, value, position, rating)
    GROUP BY 1, 2, 3, 4
), truth AS (
    SELECT s.instrument_id, s.perspective, s.dim, s.value, max(s.n) AS n,
           array_agg(s.sum ORDER BY s.position) AS sums
    FROM summed s GROUP BY 1, 2, 3, 4
), compared AS MATERIALIZED (
    SELECT instrument_id, perspective, dim, value, r.n::bigint AS r_n, r.sums::bigint[] AS r_sums,
           r.square AS r_square, r.dist::bigint[] AS r_dist, t.n AS t_n, t.sums AS t_sums,
           q.square AS t_square, s.dist AS t_dist
    FROM (SELECT * FROM suara.rollup r WHERE r.office_id = office AND r.month = of_month) r
    FULL JOIN truth t USING (instrument_id, perspective, dim, value)
    LEFT JOIN squared q USING (instrument_id, perspective, dim, value)
    LEFT JOIN spread s USING (instrument_id, perspective, dim, value)
)
SELECT of_month, c.instrument_id, c.perspective, c.dim, c.value, coalesce(f.figure, 'shape'),
       f.place, f.stored, f.recounted, NULL::bigint, NULL::bigint, false
FROM compared c LEFT JOIN LATERAL (
    SELECT x.figure, x.place, x.stored, x.recounted FROM (
        SELECT 1 AS rank, 'n' AS figure, NULL::int AS place, c.r_n AS stored, c.t_n AS recounted
        UNION ALL SELECT 2, 'sum', k, c.r_sums[k], c.t_sums[k]
            FROM generate_series(1, greatest(cardinality(c.r_sums), cardinality(c.t_sums))) k
        UNION ALL SELECT 3, 'square', NULL, c.r_square, c.t_square
        UNION ALL SELECT 4, 'spread', k, c.r_dist[k], c.t_dist[k]
            FROM generate_series(1, greatest(cardinality(c.r_dist), cardinality(c.t_dist))) k) x
    WHERE x.stored IS DISTINCT FROM x.recounted ORDER BY x.rank, x.place LIMIT 1) f ON true
WHERE (c.r_n, c.r_sums, c.r_square, c.r_dist)
      IS DISTINCT FROM (c.t_n, c.t_sums, c.t_square, c.t_dist)
UNION ALL
SELECT of_month, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, (SELECT count(*) FROM compared),
       (SELECT count(*) FROM placed), false
$body$;

-- verify_month for the months of an office after a day and not after another (NULL: open), for one
-- second or one month, whichever is longer; no row when there are no more. All that one call says is of one
-- moment. A month with a mark is left out, and its row says so: its roll-up is known to be older,
-- which is no damage. Refresh it and ask again.
CREATE FUNCTION suara.verify(office int, after date, until date)
RETURNS TABLE (month date, instrument_id smallint, perspective smallint, dim smallint, value int,
               figure text, place int, stored bigint, recounted bigint, cells bigint,
               responses bigint, left_out bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    its_month date;
BEGIN
    FOR its_month IN SELECT m FROM suara.office_months(office, after, 120) m LOOP
        EXIT WHEN its_month > until;
        IF EXISTS (SELECT FROM suara.stale s
                   WHERE s.office_id = office AND s.month = its_month) THEN
            month := its_month;
            left_out := true;
            RETURN NEXT;
        ELSE
            RETURN QUERY SELECT * FROM suara.verify_month(office, its_month);
        END IF;
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
    END LOOP;
END
$body$;

-- Marks every month of the office for every instrument, so that refresh() makes its roll-up again,
-- and takes away at once what no response can stand behind and no mark can name. Returns how many
-- months there are. The marks are on the disk whatever the session says: see refresh().
CREATE FUNCTION suara.rebuild(office int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    months date[];
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    DELETE FROM suara.rollup r
    WHERE r.office_id = office
      AND (extract(day FROM r.month) <> 1 OR r.dim NOT IN (0, 1, 2, 3, 5, 6, 7, 8, 9)
           OR r.perspective NOT IN (SELECT t.term_id FROM suara.term t WHERE t.dim = 4)
           OR r.instrument_id NOT IN (SELECT i.instrument_id FROM suara.instrument i));
    months := ARRAY(SELECT suara.office_months(office, NULL, NULL));
    INSERT INTO suara.stale (office_id, month, instrument_id)
    SELECT office, m, i.instrument_id FROM unnest(months) m CROSS JOIN suara.instrument i;
    RETURN cardinality(months);
END
$body$;

-- The same for all months of an office, those with a mark included: for whoever looks into the
-- database, and for the tests. No row when all is well and nothing is stale.
DROP FUNCTION suara.rollup_check(int);
CREATE FUNCTION suara.rollup_check(office int)
RETURNS TABLE (month date, instrument_id smallint, perspective smallint, dim smallint, value int,
               figure text, place int, stored bigint, recounted bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT v.month, v.instrument_id, v.perspective, v.dim, v.value, v.figure, v.place, v.stored,
       v.recounted
FROM suara.office_months(office, NULL, NULL) m CROSS JOIN LATERAL suara.verify_month(office, m) v
WHERE v.instrument_id IS NOT NULL
ORDER BY 1, 2, 3, 4, 5
$body$;

GRANT EXECUTE ON FUNCTION suara.verify(int, date, date), suara.rebuild(int) TO suara_report;
