-- Coverage (who sent, how many were served) and quality (signs that answers were not given by the
-- public). The daemon's role for reports gets counts and times from here, never a response.

-- People served in a period: what a sample is held against. service_id 0: by the office as a whole.
-- Small, but it grows with the years; a correction takes the place of what was noted before.
CREATE TABLE suara.population (
    office_id   int NOT NULL REFERENCES suara.office,
    service_id  int NOT NULL,
    date_from   date NOT NULL,
    date_to     date NOT NULL CHECK (date_to >= date_from),
    people      bigint NOT NULL CHECK (people BETWEEN 0 AND 1000000000000),
    PRIMARY KEY (office_id, service_id, date_from, date_to)
);

-- Refusals as in 0004. service_code '': of the office as a whole.
CREATE FUNCTION suara.population_add(office_code text, service_code text, date_from date,
                                     date_to date, people bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    its_office suara.office := suara.need_office('office', office_code);
    its_service int := 0;
BEGIN
    IF nullif(service_code, '') IS NOT NULL THEN
        SELECT s.service_id INTO its_service FROM suara.service s
        WHERE s.office_id = its_office.office_id AND s.code = service_code;
        IF its_service IS NULL THEN
            PERFORM suara.refuse('code', format('the office %s has no service %s', office_code,
                                                quote_literal(service_code)));
        END IF;
    END IF;
    IF date_from IS NULL OR date_to IS NULL OR date_to < date_from THEN
        PERFORM suara.refuse('to', 'the period has no end, or ends before it begins');
    END IF;
    IF people IS NULL OR people NOT BETWEEN 0 AND 1000000000000 THEN
        PERFORM suara.refuse('people', 'the number of people is not between 0 and 1000000000000');
    END IF;
    INSERT INTO suara.population AS p
    VALUES (its_office.office_id, its_service, population_add.date_from, population_add.date_to,
            population_add.people)
    ON CONFLICT ON CONSTRAINT population_pkey DO UPDATE SET people = excluded.people;
END
$body$;

-- Coverage -----------------------------------------------------------------------------------

-- When an office was heard of last is the end of this index: one page, however long its ledger.
CREATE INDEX batch_received ON suara.batch (office_id, received);

-- For each of these offices a row with service_id 0 and the time of its last receipt (NULL: never),
-- and for each of its services of which a recipient's response was collected from date_from to
-- date_to, the time of the last one. Times in ms since 1970, UTC.
--
-- What the roll-up knows is not looked for: the last whole month with responses comes from there,
-- so that a service that was given up is not searched for through years of others' responses.
CREATE FUNCTION suara.coverage(offices int[], date_from date, date_to date, of_instrument smallint)
RETURNS TABLE (office_id int, service_id int, received bigint, collected bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
AS $body$
DECLARE
    edge date := date_trunc('month', (date_to + 1)::timestamp);    -- whole months lie before it
BEGIN
    RETURN QUERY
    SELECT o.office_id, 0,
           (SELECT floor(extract(epoch FROM max(b.received)) * 1000)::bigint
            FROM suara.batch b WHERE b.office_id = o.office_id),
           NULL::bigint
    FROM suara.office o WHERE o.office_id = ANY (offices);

    RETURN QUERY
    SELECT o.office_id, s.service_id, NULL::bigint, suara.uuid_ms(coalesce(late.id, early.id))
    FROM suara.office o JOIN suara.service s ON s.office_id = o.office_id
    LEFT JOIN LATERAL (
        SELECT r.id FROM suara.response r
        WHERE r.office_id = o.office_id
          AND r.id >= suara.day_floor(greatest(edge, date_from), o.zone)
          AND r.id < suara.day_floor(date_to + 1, o.zone)
          AND r.instrument_id = of_instrument AND r.perspective = 1 AND r.service_id = s.service_id
        ORDER BY r.id DESC LIMIT 1) late ON edge <= date_to
    LEFT JOIN LATERAL (
        SELECT max(u.month) AS month FROM suara.rollup u
        WHERE u.office_id = o.office_id AND u.instrument_id = of_instrument AND u.perspective = 1
          AND u.dim = 1 AND u.value = s.service_id AND late.id IS NULL
          AND u.month >= date_trunc('month', date_from::timestamp)::date AND u.month < edge) m ON true
    LEFT JOIN LATERAL (
        SELECT r.id FROM suara.response r
        WHERE r.office_id = o.office_id
          AND r.id >= suara.day_floor(greatest(m.month, date_from), o.zone)
          AND r.id < suara.day_floor((m.month + interval '1 month')::date, o.zone)
          AND r.instrument_id = of_instrument AND r.perspective = 1 AND r.service_id = s.service_id
        ORDER BY r.id DESC LIMIT 1) early ON m.month IS NOT NULL
    WHERE o.office_id = ANY (offices) AND coalesce(late.id, early.id) IS NOT NULL;
END
$body$;

-- Quality ------------------------------------------------------------------------------------

-- How many responses of each office show a sign, of those collected from step_from to step_to; a
-- part of date_from..date_to, beyond which nothing is looked at. The parts of a period add up to
-- the whole. Signs (their words are in suara-report(1)):
--   alike     all elements have the same rating
--   highest   that rating is the highest
--   day_only  collected at 00:00:00.000 of the office's clock: a day, and no time
-- and of those with a time, which `timed` counts and which alone stand before and behind each other:
--   burst     one of 5 or more within burst_ms
--   same      the ratings of the one before it once more, not all alike
--   outside   outside working hours: minutes of the day opens..closes (without closes), the first
--             `days` days of the week from Monday; of the channels kiosk, paper and forum, which
--             `counter` counts. A web form is open at night.
-- One pass in the order of the key, with five rows in hand, however many there are.
CREATE FUNCTION suara.quality(offices int[], date_from date, date_to date, step_from date,
                              step_to date, of_instrument smallint, of_perspective smallint,
                              burst_ms int, opens int, closes int, days int)
RETURNS TABLE (office_id int, n bigint, alike bigint, highest bigint, day_only bigint,
               timed bigint, burst bigint, same bigint, counter bigint, outside bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, suara, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $body$
DECLARE
    flat bytea[] := ARRAY(    -- flat[v]: every element rated v
        SELECT decode(repeat(lpad(to_hex(v), 2, '0'), (SELECT count(*)::int FROM suara.element e
                                                       WHERE e.instrument_id = of_instrument)),
                      'hex')
        FROM suara.instrument i CROSS JOIN LATERAL generate_series(1, i.scale) v
        WHERE i.instrument_id = of_instrument ORDER BY v);
BEGIN
    RETURN QUERY
    SELECT o.office_id, w.timed + d.n, w.alike + d.alike, w.highest + d.highest, d.n, w.timed, w.burst,
           w.same, w.counter, w.outside
    FROM suara.office o
    CROSS JOIN LATERAL (
        SELECT suara.zone_hours(o.zone) * 3600000::bigint AS shift,
               suara.day_floor(step_from, o.zone) AS first,
               suara.day_floor(step_to + 1, o.zone) AS beyond
        OFFSET 0) k    -- once, and not anew for each response
    CROSS JOIN LATERAL (    -- near enough to be in one burst with a response of the step
        SELECT greatest(suara.day_floor(date_from, o.zone),
                        suara.uuid_floor(suara.uuid_ms(k.first) - burst_ms)) AS low,
               least(suara.day_floor(date_to + 1, o.zone),
                     suara.uuid_floor(suara.uuid_ms(k.beyond) + burst_ms)) AS high
        OFFSET 0) e
    CROSS JOIN LATERAL (    -- days without a time, each at its one place
        SELECT count(*) AS n,
               count(*) FILTER (WHERE r.ratings = flat[get_byte(r.ratings, 0)]) AS alike,
               count(*) FILTER (WHERE r.ratings = flat[cardinality(flat)]) AS highest
        FROM generate_series(step_from::timestamp, step_to::timestamp, '1 day') day
        CROSS JOIN LATERAL (SELECT suara.uuid_ms(suara.day_floor(day::date, o.zone)) AS ms) m
        JOIN suara.response r
          ON r.office_id = o.office_id AND r.id >= suara.uuid_floor(m.ms)
         AND r.id < suara.uuid_floor(m.ms + 1)
         AND r.instrument_id = of_instrument AND r.perspective = of_perspective) d
    CROSS JOIN LATERAL (
        SELECT count(*) AS timed,
               count(*) FILTER (WHERE y.alike) AS alike,
               count(*) FILTER (WHERE y.ratings = flat[cardinality(flat)]) AS highest,
               count(*) FILTER (WHERE y.t4 - y.t <= burst_ms OR y.t3 - y.b1 <= burst_ms
                                   OR y.t2 - y.b2 <= burst_ms OR y.t1 - y.b3 <= burst_ms
                                   OR y.t - y.b4 <= burst_ms) AS burst,
               count(*) FILTER (WHERE y.ratings = y.before AND NOT y.alike) AS same,
               count(*) FILTER (WHERE y.channel IN (1, 3, 5)) AS counter,
               count(*) FILTER (WHERE y.channel IN (1, 3, 5)
                                  AND ((y.t / 86400000 + 3) % 7 >= days
                                       OR y.t % 86400000 < opens * 60000
                                       OR y.t % 86400000 >= closes * 60000)) AS outside
        FROM (SELECT x.id, x.t, x.channel, x.ratings,
                     x.ratings = flat[get_byte(x.ratings, 0)] AS alike,
                     lag(x.ratings, 1, prior.ratings) OVER in_time AS before,
                     lag(x.t, 4) OVER in_time AS b4, lag(x.t, 3) OVER in_time AS b3,
                     lag(x.t, 2) OVER in_time AS b2, lag(x.t, 1) OVER in_time AS b1,
                     lead(x.t, 1) OVER in_time AS t1, lead(x.t, 2) OVER in_time AS t2,
                     lead(x.t, 3) OVER in_time AS t3, lead(x.t, 4) OVER in_time AS t4
              FROM (SELECT r.id, suara.uuid_ms(r.id) + k.shift AS t, r.channel, r.ratings
                    FROM suara.response r
                    WHERE r.office_id = o.office_id AND r.id >= e.low AND r.id < e.high
                      AND r.instrument_id = of_instrument AND r.perspective = of_perspective
                    ORDER BY r.id OFFSET 0) x    -- that of the key: nothing is sorted
              LEFT JOIN (SELECT r.ratings FROM suara.response r
                         WHERE r.office_id = o.office_id AND r.id < e.low
                           AND r.id >= suara.day_floor(date_from, o.zone)
                           AND r.instrument_id = of_instrument AND r.perspective = of_perspective
                           AND (suara.uuid_ms(r.id) + k.shift) % 86400000 <> 0
                         ORDER BY r.id DESC LIMIT 1) prior ON true
              WHERE x.t % 86400000 <> 0
              WINDOW in_time AS (ORDER BY x.id)) y
        WHERE y.id >= k.first AND y.id < k.beyond) w
    WHERE o.office_id = ANY (offices);
END
$body$;

GRANT SELECT ON suara.population TO suara_report;
GRANT EXECUTE ON FUNCTION suara.coverage(int[], date, date, smallint),
    suara.quality(int[], date, date, date, date, smallint, smallint, int, int, int, int)
TO suara_report;
GRANT EXECUTE ON FUNCTION suara.population_add(text, text, date, date, bigint) TO suara_ingest;
