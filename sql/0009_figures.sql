-- What reports read: figures by up to two dimensions, with filters, in buckets of months.

DROP FUNCTION suara.index_rows(int[], date, date, smallint, smallint, smallint, bool);
DROP FUNCTION suara.index_statement(int, smallint, bool, bool, bool);

-- The bucket of so many months (0: none) that a month lies in, counted from January.
CREATE FUNCTION suara.bucket(month date, unit int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE unit WHEN 0 THEN NULL WHEN 1 THEN month
       ELSE (month - (extract(month FROM month)::int - 1) % unit * interval '1 month')::date END;

-- The conditions of the filters, as " AND column = ANY (..)": column_of NULL: that of response.
CREATE FUNCTION suara.filter_conditions(filter_dims smallint[], filter_values int[],
                                        column_of text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT coalesce(string_agg(condition, '' ORDER BY dim), '')
FROM (SELECT dim, format(' AND r.%I = ANY (%L)', coalesce(column_of, suara.dim_column(dim)),
                         array_agg(value)) AS condition
      FROM unnest(filter_dims, filter_values) AS f(dim, value) GROUP BY dim) x
$body$;

-- The query of figures, of the parts that it needs: whole months from rollup (their dim: whole;
-- NULL: none), ranges of days from response (ranges), or, of large months, from their day rows
-- (by_day). What rollup can answer gets no part that names response: it cannot become slow by a
-- plan that went wrong. Parameters: $1 offices, $2 first whole month, $3 month after the last, $4
-- instrument, $5 perspectives, $6 and $7 first day and day after the last of each range, $8 its
-- bucket; a range of by_day lies in one month. stale: some office-months ($9 and $10, pair by pair)
-- are newer than their roll-up, and come from response, too.
CREATE FUNCTION suara.figures_statement(elements int, scale int, dims smallint[],
                                        filter_dims smallint[], filter_values int[], unit int,
                                        spread bool, whole smallint, ranges bool, by_day bool,
                                        stale bool)
RETURNS text LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    sums text;
    sums_of_sums text;
    total text;
    dist text := 'NULL::bigint[]';
    sums_of_dist text := 'NULL::bigint[]';
    parts text[] := '{}';
    fresh text := CASE WHEN stale THEN ' AND r.month <> ALL (o.stale)' ELSE '' END;
    bucket text := CASE unit WHEN 0 THEN 'NULL::date' WHEN 1 THEN 'r.month'
                             ELSE format('suara.bucket(r.month, %s)', unit) END;
    -- The cells of rollup, one by one: nothing to add up.
    as_stored bool := unit = 1 AND whole = coalesce(dims[1], 0) AND NOT ranges AND NOT stale;
    stored text := CASE WHEN spread THEN 'r.dist || ''{}''' ELSE 'NULL::int[]' END;
BEGIN
    SELECT string_agg(format('sum(get_byte(r.ratings, %s))', k - 1), ', ' ORDER BY k),
           string_agg(format('suara.total(x.sums[%s])', k), ', ' ORDER BY k),
           string_agg(format('get_byte(r.ratings, %s)', k - 1), ' + ' ORDER BY k)
    INTO sums, sums_of_sums, total FROM generate_series(1, elements) k;
    IF spread THEN
        SELECT format('ARRAY[%s]', string_agg(
                   format('count(*) FILTER (WHERE get_byte(r.ratings, %s) = %s)', k, v), ', '
                   ORDER BY k, v)),
               format('ARRAY[%s]', string_agg(
                   format('suara.total(x.dist[%s])', k * scale + v), ', ' ORDER BY k, v))
        INTO dist, sums_of_dist FROM generate_series(0, elements - 1) k, generate_series(1, scale) v;
    END IF;
    IF whole IS NOT NULL THEN
        parts := parts || format($sql$
            (SELECT %s AS month, r.perspective, %s AS value1, 0 AS value2, r.n, r.square, r.sums,
                    %s AS dist
             FROM suara.rollup r
             WHERE r.office_id = o.office_id AND r.instrument_id = $4 AND r.perspective = ANY ($5)
               AND r.dim = %s AND r.month >= $2 AND r.month < $3%s%s OFFSET 0)$sql$,
            bucket, CASE cardinality(dims) WHEN 0 THEN '0' ELSE 'r.value' END, stored, whole,
            suara.filter_conditions(filter_dims, filter_values, 'value'), fresh);
    END IF;
    IF by_day THEN
        parts := parts || format($sql$
            (SELECT e.bucket AS month, r.perspective, 0 AS value1, 0 AS value2, r.n, r.square,
                    r.sums, %s AS dist
             FROM unnest($6, $7, $8) AS e(lo, hi, bucket), suara.rollup r
             WHERE r.office_id = o.office_id AND r.instrument_id = $4 AND r.perspective = ANY ($5)
               AND r.dim = 9 AND r.month = date_trunc('month', e.lo::timestamp)::date
               AND r.value BETWEEN extract(day FROM e.lo)::int AND extract(day FROM e.hi - 1)::int%s
             OFFSET 0)$sql$, stored, fresh);
    END IF;
    IF ranges OR stale THEN
        parts := parts || format($sql$
            (SELECT e.bucket AS month, d.*
             FROM (SELECT * FROM unnest($6, $7, $8) AS e(lo, hi, bucket)%s%s OFFSET 0) e
             CROSS JOIN LATERAL (
                SELECT r.perspective, %s AS value1, %s AS value2, count(*) AS n,
                       suara.total(r.total::bigint * r.total) AS square, ARRAY[%s] AS sums,
                       %s AS dist
                FROM (SELECT r.*, %s AS total
                      FROM suara.response r
                      WHERE r.office_id = o.office_id AND r.id >= suara.day_floor(e.lo, o.zone)
                        AND r.id < suara.day_floor(e.hi, o.zone) AND r.instrument_id = $4
                        AND r.perspective = ANY ($5)%s OFFSET 0) r
                GROUP BY 1, 2, 3) d)$sql$,
            CASE WHEN by_day THEN $sql$
                   WHERE $sql$ || CASE WHEN stale THEN $sql$
                         date_trunc('month', e.lo::timestamp)::date = ANY (o.stale) OR $sql$
                         ELSE '' END || $sql$
                         NOT EXISTS (SELECT FROM suara.rollup r
                                     WHERE r.office_id = o.office_id AND r.instrument_id = $4
                                       AND r.perspective = ANY ('{1, 2}') AND r.dim = 9
                                       AND r.month = date_trunc('month', e.lo::timestamp)::date)$sql$
                 END,
            CASE WHEN stale AND whole IS NOT NULL THEN format($sql$
                   UNION ALL
                   SELECT r.month, (r.month + interval '1 month')::date, %s
                   FROM unnest(o.stale) AS r(month) WHERE r.month >= $2 AND r.month < $3$sql$, bucket)
                 END,
            coalesce('r.' || suara.dim_column(dims[1]), '0') || '::int',
            coalesce('r.' || suara.dim_column(dims[2]), '0') || '::int', sums, dist, total,
            suara.filter_conditions(filter_dims, filter_values, NULL));
    END IF;
    RETURN format($sql$
        SELECT o.office_id, d.*
        FROM (SELECT o.office_id, o.zone%s WHERE o.office_id = ANY ($1)
              ORDER BY 1) o
        CROSS JOIN LATERAL (
            SELECT x.month, x.perspective, x.value1, x.value2, %s
            FROM (%s) x%s ORDER BY 1, 2, 3, 4) d$sql$,
        CASE WHEN stale THEN $sql$, coalesce(s.months, '{}') AS stale
              FROM suara.office o LEFT JOIN (
                  SELECT s.office_id, array_agg(s.month) AS months
                  FROM unnest($9, $10) AS s(office_id, month) GROUP BY 1) s USING (office_id)$sql$
             ELSE ' FROM suara.office o' END,
        CASE WHEN as_stored THEN 'x.n::bigint, x.square, x.sums, x.dist::bigint[]'
             ELSE format('suara.total(x.n), suara.total(x.square), ARRAY[%s], %s', sums_of_sums,
                         sums_of_dist) END,
        array_to_string(parts, ' UNION ALL '),
        CASE WHEN as_stored THEN '' ELSE ' GROUP BY 1, 2, 3, 4' END);
END
$body$;

-- n, the sum of squares (of each response's sum of ratings) and the sum of each element (in the
-- instrument's order) of the responses of these offices (NULL: all) collected from date_from to
-- date_to, both days included, each office by its own calendar. NULL for a date: open on that
-- side. of_perspective 0: all, each in its own row. dims: up to two of 1, 2, 3, 5, 6, 7, 8 (as in
-- rollup); value1 and value2 are theirs, 0 without. filter_dims and filter_values go in pairs:
-- values of one dimension are alternatives, different dimensions must all hold. unit: months of a
-- bucket, 1, 3, 6 or 12, and month is its first day; 0: no buckets, month is NULL. spread: dist
-- says how many gave each rating, element after element. No row for what has no response.
-- Ordered by office_id, month, perspective, value1, value2.
--
-- Whole months are read from rollup where one dimension, asked for
-- or filtered by, is all there is to it; with spread, none or the stakeholder. Everything else, and
-- the days at the edges, come from response by key range; and so does each office-month that has a
-- mark. So the figures are those of the responses at the moment of the call, however old the roll-up
-- is: refresh() makes them quick, not right.
CREATE FUNCTION suara.figures(offices int[], date_from date, date_to date, of_instrument smallint,
                              of_perspective smallint, dims smallint[], filter_dims smallint[],
                              filter_values int[], unit int, spread bool)
RETURNS TABLE (office_id int, month date, perspective smallint, value1 int, value2 int, n bigint,
               square bigint, sums bigint[], dist bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
SET work_mem = '32MB'
AS $body$
DECLARE
    -- Nothing older is accepted, and nothing newer than the time it comes by much.
    first_day date := greatest(coalesce(date_from, '-infinity'), date '2000-01-01');
    end_day date := least(coalesce(date_to, 'infinity'), current_date + 400) + 1;
    whole_from date := date_trunc('month', first_day::timestamp + interval '1 month - 1 day');
    whole_end date := date_trunc('month', end_day::timestamp);
    involved smallint[] := ARRAY(SELECT DISTINCT unnest(dims || filter_dims));
    elements int;
    scale int;
    whole smallint;
    lows date[];
    highs date[];
    buckets date[];
    stale_offices int[];
    stale_months date[];
BEGIN
    IF date_from > date_to THEN
        RAISE EXCEPTION 'the range ends (%) before it starts (%)', date_to, date_from
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF dims IS NULL OR cardinality(dims) > 2 OR dims[1] = dims[2]
       OR cardinality(filter_dims) IS DISTINCT FROM cardinality(filter_values)
       OR NOT involved <@ '{1, 2, 3, 5, 6, 7, 8}' THEN
        RAISE EXCEPTION 'there are no such dimensions or filters: %, %, %', dims, filter_dims,
            filter_values USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF of_perspective IS NULL OR of_perspective NOT BETWEEN 0 AND 2 OR unit IS NULL
       OR unit NOT IN (0, 1, 3, 6, 12) OR spread IS NULL THEN
        RAISE EXCEPTION 'there is no perspective %, unit % or spread %', of_perspective, unit, spread
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT count(*), max(i.scale) INTO elements, scale
    FROM suara.element e JOIN suara.instrument i USING (instrument_id)
    WHERE e.instrument_id = of_instrument;
    IF elements = 0 THEN
        RAISE EXCEPTION 'there is no instrument %', of_instrument
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF end_day <= first_day THEN
        RETURN;    -- ends before anything can have been collected
    END IF;
    IF offices IS NULL THEN
        offices := ARRAY(SELECT o.office_id FROM suara.office o);
    END IF;

    IF cardinality(involved) > 1 OR (spread AND NOT involved <@ '{3}') THEN    -- all from response
        SELECT array_agg(greatest(b, first_day)), array_agg(least(e, end_day)), array_agg(
                   CASE WHEN unit > 0 THEN b END)
        INTO lows, highs, buckets
        FROM (SELECT b::date AS b, (b + unit * interval '1 month')::date AS e
              FROM generate_series(suara.bucket(date_trunc('month', first_day)::date, unit)
                                   ::timestamp,
                                   end_day - 1, nullif(unit, 0) * interval '1 month') b
              UNION ALL SELECT first_day, end_day WHERE unit = 0) x;
    ELSIF whole_from > whole_end THEN    -- inside one month
        lows := ARRAY[first_day];
        highs := ARRAY[end_day];
    ELSE
        whole := CASE WHEN whole_from < whole_end THEN coalesce(involved[1], 0) END;
        lows := array_remove(ARRAY[CASE WHEN first_day < whole_from THEN first_day END,
                                   CASE WHEN whole_end < end_day THEN whole_end END], NULL);
        highs := array_remove(ARRAY[CASE WHEN first_day < whole_from THEN whole_from END,
                                    CASE WHEN whole_end < end_day THEN end_day END], NULL);
    END IF;
    buckets := coalesce(buckets, ARRAY(
        SELECT suara.bucket(date_trunc('month', lo::timestamp)::date, unit)
        FROM unnest(lows) WITH ORDINALITY AS l(lo, place) ORDER BY place));
    IF whole IS NOT NULL OR involved = '{}' THEN
        SELECT array_agg(x.office_id), array_agg(x.month) INTO stale_offices, stale_months
        FROM (SELECT DISTINCT s.office_id, s.month FROM suara.stale s
              WHERE s.office_id = ANY (offices) AND s.instrument_id = of_instrument
                AND s.month >= date_trunc('month', first_day::timestamp)::date
                AND s.month < end_day) x;
    END IF;
    RETURN QUERY EXECUTE suara.figures_statement(elements, scale, dims, filter_dims, filter_values,
                                                 unit, spread, whole, cardinality(lows) > 0,
                                                 cardinality(lows) > 0 AND involved = '{}',
                                                 stale_months IS NOT NULL)
        USING offices, whole_from, whole_end, of_instrument,
              ARRAY(SELECT t.term_id FROM suara.term t
                    WHERE t.dim = 4 AND of_perspective IN (0, t.term_id)), lows, highs, buckets,
              stale_offices, stale_months;
END
$body$;

GRANT SELECT ON suara.stale_months TO suara_report;
GRANT EXECUTE ON FUNCTION
    suara.refresh(int[], date, date, int),
    suara.figures(int[], date, date, smallint, smallint, smallint[], smallint[], int[], int, bool)
TO suara_report;
