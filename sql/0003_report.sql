-- What reports read.

-- The column of response behind a dimension (numbers as in suara.term; 0, all, has none).
CREATE FUNCTION suara.dim_column(dim smallint) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE dim WHEN 1 THEN 'service_id' WHEN 2 THEN 'channel' WHEN 3 THEN 'stakeholder'
                WHEN 4 THEN 'perspective' WHEN 5 THEN 'sex' WHEN 6 THEN 'age'
                WHEN 7 THEN 'education' WHEN 8 THEN 'occupation' END;

-- The query of index_rows, of the parts that the range needs. A range that is made of whole months
-- gets no part that names response: it cannot become slow by a plan that went wrong. Parameters:
-- $1 offices, $2 first whole month, $3 month after the last, $4 instrument, $5 perspectives,
-- $6 dim, $7 and $8 first day and day after the last of each edge (an edge lies in one month).
CREATE FUNCTION suara.index_statement(elements int, dim smallint, by_month bool, whole bool,
                                      edges bool) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    totals text;
    sums text;
    parts text[] := '{}';
BEGIN
    SELECT string_agg(format('sum(x.sums[%s])::bigint', k), ', ' ORDER BY k),
           string_agg(format('sum(get_byte(r.ratings, %s))', k - 1), ', ' ORDER BY k)
    INTO totals, sums FROM generate_series(1, elements) k;
    IF whole THEN
        parts := parts || format($sql$
            SELECT r.office_id, r.month, r.perspective, %s AS value, r.n::bigint AS n, r.sums
            FROM suara.rollup r
            WHERE r.office_id = ANY ($1) AND r.month >= $2 AND r.month < $3
              AND r.instrument_id = $4 AND r.perspective = ANY ($5) AND r.dim = $6$sql$,
            CASE dim WHEN 4 THEN 'r.perspective::int' ELSE 'r.value' END);
    END IF;
    IF edges THEN
        parts := parts || format($sql$
            SELECT o.office_id, date_trunc('month', e.lo::timestamp)::date AS month, d.perspective,
                   d.value, d.n, d.sums
            FROM suara.office o CROSS JOIN unnest($7, $8) AS e(lo, hi) CROSS JOIN LATERAL (
                SELECT r.perspective, %1$s AS value, count(*) AS n, ARRAY[%2$s] AS sums
                FROM suara.response r
                WHERE r.office_id = o.office_id
                  AND r.id >= suara.day_floor(e.lo, o.zone)
                  AND r.id < suara.day_floor(e.hi, o.zone)
                  AND r.instrument_id = $4 AND r.perspective = ANY ($5)
                GROUP BY 1, 2) d
            WHERE o.office_id = ANY ($1)$sql$,
            coalesce('r.' || suara.dim_column(dim), '0') || '::int', sums);
    END IF;
    RETURN format('SELECT x.office_id, %s, x.perspective, x.value, sum(x.n)::bigint, ARRAY[%s] '
                  'FROM (%s) x GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4',
                  CASE WHEN by_month THEN 'x.month' ELSE 'NULL::date' END, totals,
                  array_to_string(parts, ' UNION ALL '));
END
$body$;

-- n and the sum of each element (in the instrument's order) of the responses of these offices
-- (NULL: all) collected from date_from to date_to, both days included, each office by its own
-- calendar. NULL for a date: open on that side. of_perspective 0: all, each in its own row. of_dim
-- and value as in rollup, and 4 for the perspective. month is NULL unless by_month. No row for what
-- has no response.
--
-- Whole months are read from rollup (as fresh as refresh() left it), the days at the edges from
-- response by key range.
CREATE FUNCTION suara.index_rows(offices int[], date_from date, date_to date,
                                 of_instrument smallint, of_perspective smallint, of_dim smallint,
                                 by_month bool)
RETURNS TABLE (office_id int, month date, perspective smallint, value int, n bigint, sums bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
AS $body$
DECLARE
    -- Nothing older is accepted (and nothing newer fits into an id's time by much).
    first_day date := greatest(coalesce(date_from, '-infinity'), date '2000-01-01');
    end_day date := least(coalesce(date_to, 'infinity'), date '9999-12-31') + 1;
    whole_from date;
    whole_end date;
    lows date[];
    highs date[];
    elements int;
BEGIN
    IF date_from > date_to THEN
        RAISE EXCEPTION 'the range ends (%) before it starts (%)', date_to, date_from
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF of_dim IS NULL OR of_dim NOT BETWEEN 0 AND 8 THEN
        RAISE EXCEPTION 'there is no dimension %', of_dim USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF of_perspective IS NULL OR of_perspective NOT BETWEEN 0 AND 2 THEN
        RAISE EXCEPTION 'there is no perspective %', of_perspective
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT count(*) INTO elements FROM suara.element e WHERE e.instrument_id = of_instrument;
    IF elements = 0 THEN
        RAISE EXCEPTION 'there is no instrument %', of_instrument
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF end_day <= first_day THEN
        RETURN;    -- ends before anything can have been collected
    END IF;

    whole_from := date_trunc('month', first_day::timestamp + interval '1 month - 1 day');
    whole_end := date_trunc('month', end_day::timestamp);
    IF whole_from > whole_end THEN    -- inside one month
        lows := ARRAY[first_day];
        highs := ARRAY[end_day];
    ELSE
        lows := array_remove(ARRAY[CASE WHEN first_day < whole_from THEN first_day END,
                                   CASE WHEN whole_end < end_day THEN whole_end END], NULL);
        highs := array_remove(ARRAY[CASE WHEN first_day < whole_from THEN whole_from END,
                                    CASE WHEN whole_end < end_day THEN end_day END], NULL);
    END IF;
    IF offices IS NULL THEN
        offices := ARRAY(SELECT o.office_id FROM suara.office o);
    END IF;
    RETURN QUERY EXECUTE suara.index_statement(elements, of_dim, by_month, whole_from < whole_end,
                                               cardinality(lows) > 0)
        USING offices, whole_from, whole_end, of_instrument,
              ARRAY(SELECT t.term_id FROM suara.term t
                    WHERE t.dim = 4 AND of_perspective IN (0, t.term_id)),
              CASE of_dim WHEN 4 THEN 0 ELSE of_dim END, lows, highs;
END
$body$;

-- Which of these ids the office has a response of: positions in ids, from 0, ascending.
CREATE FUNCTION suara.held(office int, ids uuid[]) RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT ARRAY(SELECT (x.place - 1)::int
             FROM unnest(ids) WITH ORDINALITY AS x(id, place)
             WHERE EXISTS (SELECT FROM suara.response r WHERE r.office_id = office AND r.id = x.id)
             ORDER BY x.place)
$body$;

-- Which office-months a report would read in an older state.
CREATE VIEW suara.stale_months AS
SELECT office_id, month, count(*) AS marks FROM suara.stale GROUP BY office_id, month;

-- Responses for people: codes for numbers, the collected time from the id. For the owner.
CREATE VIEW suara.response_view AS
SELECT o.code AS office, r.id, suara.uuid_time(r.id) AS collected, r.received,
       i.code AS instrument, s.code AS service, t2.code AS channel, t3.code AS stakeholder,
       t4.code AS perspective, t5.code AS sex, t6.code AS age, t7.code AS education,
       t8.code AS occupation,
       ARRAY(SELECT get_byte(r.ratings, k) FROM generate_series(0, octet_length(r.ratings) - 1) k
             ORDER BY k) AS ratings
FROM suara.response r
JOIN suara.office o USING (office_id)
LEFT JOIN suara.service s ON s.office_id = r.office_id AND s.service_id = r.service_id
LEFT JOIN suara.instrument i ON i.instrument_id = r.instrument_id
LEFT JOIN suara.term t2 ON t2.dim = 2 AND t2.term_id = r.channel
LEFT JOIN suara.term t3 ON t3.dim = 3 AND t3.term_id = r.stakeholder
LEFT JOIN suara.term t4 ON t4.dim = 4 AND t4.term_id = r.perspective
LEFT JOIN suara.term t5 ON t5.dim = 5 AND t5.term_id = r.sex
LEFT JOIN suara.term t6 ON t6.dim = 6 AND t6.term_id = r.age
LEFT JOIN suara.term t7 ON t7.dim = 7 AND t7.term_id = r.education
LEFT JOIN suara.term t8 ON t8.dim = 8 AND t8.term_id = r.occupation;
