-- The audit: what was done and refused, written in the transaction of what it tells of, only ever
-- added to, and chained, so that an entry that was changed or is missing shows.
--
-- The chain is one per office (0: what concerns none). Each entry's hash is over the one before it
-- and all its own columns; audit_head keeps the end, so that a lost last entry shows too. Submissions
-- are not in it, for they would wait for each other: their ledger is suara.batch.

DROP TABLE suara.audit;

-- No text and no answers of anybody: each column takes codes, counts and days and nothing else,
-- whoever writes it.
CREATE TABLE suara.audit (
    office_id  int NOT NULL,
    seq        bigint NOT NULL,          -- 1, 2, .. without a gap
    at         timestamptz NOT NULL,
    principal  text NOT NULL,            -- role:name
    serial     text NOT NULL,            -- of its certificate; "" for who has none
    verb       text NOT NULL,
    outcome    text NOT NULL,            -- done, or the code of the refusal
    detail     text NOT NULL,            -- what of, and counts: "what=service code=UMUM"
    hash       bytea NOT NULL,
    PRIMARY KEY (office_id, seq),
    CONSTRAINT audit_codes_only CHECK (
        principal COLLATE "C" ~ '^[a-z]{1,16}:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$'
        AND serial COLLATE "C" ~ '^[0-9A-Fa-f]{0,64}$'
        AND verb COLLATE "C" ~ '^[a-z_]{1,32}$'
        AND outcome COLLATE "C" ~ '^[A-Za-z_]{1,32}$'
        AND detail COLLATE "C" ~ '^([a-z_]+=[A-Za-z0-9._:,-]*( [a-z_]+=[A-Za-z0-9._:,-]*)*)?$'
        AND length(detail) <= 1000)
);

-- The newest of all offices are found without looking at each.
CREATE INDEX audit_at ON suara.audit (at);

CREATE TABLE suara.audit_head (
    office_id  int PRIMARY KEY,
    seq        bigint NOT NULL,
    hash       bytea NOT NULL
);

-- The hash of an entry. Each column goes in with its length, so that nothing can move from one to
-- the next.
CREATE FUNCTION suara.audit_hash(before bytea, entry suara.audit) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(before || convert_to(
    (SELECT string_agg(length(part) || ':' || part, ',' ORDER BY place)
     FROM unnest(ARRAY[entry.office_id::text, entry.seq::text,
                       trunc(extract(epoch FROM entry.at) * 1000000)::text, entry.principal,
                       entry.serial, entry.verb, entry.outcome, entry.detail])
          WITH ORDINALITY AS p (part, place)), 'UTF8'));

-- Appends an entry, in the caller's transaction, which holds the office's chain until its end: who
-- appends for several offices does so in the order of their ids, last thing before COMMIT.
CREATE FUNCTION suara.audit_append(office_id int, principal text, serial text, verb text,
                                   outcome text, detail text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    before suara.audit_head;
    entry suara.audit;
BEGIN
    INSERT INTO suara.audit_head AS h VALUES (audit_append.office_id, 0, '')
    ON CONFLICT ON CONSTRAINT audit_head_pkey DO NOTHING;
    SELECT * INTO before FROM suara.audit_head h WHERE h.office_id = audit_append.office_id
    FOR NO KEY UPDATE;
    entry := (audit_append.office_id, before.seq + 1, clock_timestamp(), audit_append.principal,
              audit_append.serial, audit_append.verb, audit_append.outcome, audit_append.detail, '');
    entry.hash := suara.audit_hash(before.hash, entry);
    INSERT INTO suara.audit SELECT (entry).*;
    UPDATE suara.audit_head h SET seq = entry.seq, hash = entry.hash
    WHERE h.office_id = audit_append.office_id;
END
$body$;

-- Entries of the offices (NULL: of all, and what concerns none) from a day of UTC to another (NULL:
-- open), newest first, as texts for people.
CREATE FUNCTION suara.audit_list(offices int[], since date, until date, most int)
RETURNS TABLE (at text, office text, seq text, principal text, serial text, verb text,
               outcome text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       CASE a.office_id WHEN 0 THEN '' ELSE coalesce(o.code, '#' || a.office_id) END,
       a.seq::text, a.principal, a.serial, a.verb, a.outcome, a.detail
FROM suara.audit a LEFT JOIN suara.office o USING (office_id)
WHERE (offices IS NULL OR a.office_id = ANY (offices))
  AND (since IS NULL OR a.at >= since::timestamp AT TIME ZONE 'UTC')
  AND (until IS NULL OR a.at < (until + 1)::timestamp AT TIME ZONE 'UTC')
ORDER BY a.at DESC, a.office_id, a.seq DESC LIMIT most
$body$;

-- How far a verification is: the chain under way or done last, and what of it the next step needs.
CREATE TYPE suara.audit_walk AS (
    office_id  int,      -- NULL: not begun
    ended      bool,     -- all of that chain was looked at
    looked     bigint,   -- up to this number; NULL: at nothing
    seq        bigint,   -- of the last entry that has its place in the chain, 0: none
    stored     bytea,    -- its hash as it stands there; NULL: entries before the next are missing
    computed   bytea,    -- the same, as it should be
    past       bool,     -- an entry after the last day of the digest was seen
    end_seq    bigint,   -- the last one before that; NULL: none
    end_hash   bytea,
    digest     bytea,    -- over the ends of the chains so far
    chains     bigint,
    entries    bigint
);

-- An entry held against the one before it. What is wrong with it, or NULL:
--   added     its number was had already, or is behind the kept end of the chain
--   missing   so are the entries before it, of the numbers `lost`
--   changed   it is not what was written, or the one before it is not
-- One whose neighbour is known to be wrong counts as right if it fits what that should have been.
CREATE FUNCTION suara.audit_judge(INOUT walk suara.audit_walk, entry suara.audit,
                                  head_seq bigint, OUT fault text, OUT lost text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    expected bytea := suara.audit_hash(walk.stored, entry);
BEGIN
    IF entry.seq <= walk.seq THEN
        fault := 'added';
        RETURN;
    ELSIF entry.seq > head_seq THEN
        fault := 'added';
    ELSIF entry.seq > walk.seq + 1 THEN
        fault := 'missing';
        lost := suara.audit_span(walk.seq + 1, entry.seq - 1);
        expected := entry.hash;    -- over one that is gone: nobody can tell
    ELSIF entry.hash IS DISTINCT FROM expected
          AND entry.hash IS DISTINCT FROM suara.audit_hash(walk.computed, entry) THEN
        fault := 'changed';
    END IF;
    walk.seq := entry.seq;
    walk.stored := entry.hash;
    walk.computed := expected;
END
$body$;

-- "7", or "7-9"
CREATE FUNCTION suara.audit_span(low bigint, high bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN low = high THEN low::text ELSE low || '-' || high END;

-- What is wrong at the end of a chain, likewise: `lost`, its last entries; `end`, the kept end is
-- missing or another than its last entry's.
CREATE FUNCTION suara.audit_judge_end(walk suara.audit_walk, head suara.audit_head,
                                      OUT fault text, OUT which text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
BEGIN
    IF head.seq > walk.seq THEN
        fault := 'lost';
        which := suara.audit_span(walk.seq + 1, head.seq);
    ELSIF head.seq IS NULL OR head.seq = walk.seq
          AND head.hash IS DISTINCT FROM walk.stored
          AND head.hash IS DISTINCT FROM walk.computed THEN
        fault := 'end';
        which := walk.seq;
    END IF;
END
$body$;

-- The chain behind this one, of those asked for; NULL: none. One of entries without a kept end, or
-- of an end without entries, is one too.
CREATE FUNCTION suara.audit_next(offices int[], behind int) RETURNS int
LANGUAGE sql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT min(x.office_id) FROM (
    SELECT min(a.office_id) AS office_id FROM suara.audit a
    WHERE (behind IS NULL OR a.office_id > behind)
      AND (offices IS NULL OR a.office_id = ANY (offices))
    UNION ALL
    SELECT min(h.office_id) FROM suara.audit_head h
    WHERE (behind IS NULL OR h.office_id > behind)
      AND (offices IS NULL OR h.office_id = ANY (offices))) x
$body$;

-- The chains of these offices (NULL: all) recomputed, in steps of about a second: state NULL first,
-- then what the last row of the step before gave, until it gives NULL. Each other row is a fault.
-- All that one step says is of one moment. The digest is over the end of each chain, by office_id:
-- sha256(digest so far || 'office_id:seq:hash in hex'); with `until` over the ends that they had
-- after that day of UTC, which nothing changes any more once the day is over.
CREATE FUNCTION suara.audit_verify(offices int[], until date, state text)
RETURNS TABLE (office text, which text, fault text, next_state text, chains bigint,
               entries bigint, digest text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    STEP CONSTANT int := 1000;
    walk suara.audit_walk := coalesce(
        state, '(,t,,0,"","",f,,,"",0,0)')::suara.audit_walk;
    entry suara.audit;
    head suara.audit_head;
    judged record;
    seen int;
BEGIN
    LOOP
        IF walk.ended THEN
            seen := suara.audit_next(offices, walk.office_id);
            EXIT WHEN seen IS NULL;
            walk := (seen, false, NULL, 0, ''::bytea, ''::bytea, false, NULL, NULL, walk.digest,
                     walk.chains + 1, walk.entries);
        END IF;
        office := CASE walk.office_id WHEN 0 THEN '' ELSE
            coalesce((SELECT o.code FROM suara.office o WHERE o.office_id = walk.office_id),
                     '#' || walk.office_id) END;
        SELECT * INTO head FROM suara.audit_head h WHERE h.office_id = walk.office_id;
        seen := 0;
        FOR entry IN SELECT * FROM suara.audit a
                     WHERE a.office_id = walk.office_id AND (walk.looked IS NULL OR a.seq > walk.looked)
                     ORDER BY a.seq LIMIT STEP LOOP
            seen := seen + 1;
            judged := suara.audit_judge(walk, entry, head.seq);
            walk := judged.walk;
            walk.looked := entry.seq;
            walk.entries := walk.entries + 1;
            walk.past := walk.past OR entry.at >= (until + 1)::timestamp AT TIME ZONE 'UTC';
            IF walk.past IS NOT TRUE THEN
                walk.end_seq := entry.seq;
                walk.end_hash := entry.hash;
            END IF;
            fault := judged.fault;
            which := coalesce(judged.lost, entry.seq::text);
            IF fault IS NOT NULL THEN
                RETURN NEXT;
            END IF;
        END LOOP;
        IF seen < STEP THEN
            SELECT e.fault, e.which INTO fault, which FROM suara.audit_judge_end(walk, head) e;
            IF fault IS NOT NULL THEN
                RETURN NEXT;
            END IF;
            walk.ended := true;
            IF walk.end_seq IS NOT NULL THEN
                walk.digest := sha256(walk.digest || convert_to(
                    format('%s:%s:%s', walk.office_id, walk.end_seq,
                           encode(walk.end_hash, 'hex')), 'UTF8'));
            END IF;
        END IF;
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
    END LOOP;
    SELECT NULL, NULL, NULL, CASE WHEN seen IS NOT NULL THEN walk::text END, walk.chains,
           walk.entries, encode(walk.digest, 'hex')
    INTO office, which, fault, next_state, chains, entries, digest;
    RETURN NEXT;
END
$body$;

-- The certificate of each submission. Responses are those of the office that were received at the
-- same moment, by the clock of the transaction.
ALTER TABLE suara.batch ADD COLUMN serial text NOT NULL DEFAULT '';

-- rebuild() with its entry: who only reports may not write any other.
CREATE FUNCTION suara.rebuild(office int, principal text, serial text) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    months int := suara.rebuild(office);
BEGIN
    PERFORM suara.audit_append(office, principal, serial, 'rebuild', 'done',
                               format('months=%s', months));
    RETURN months;
END
$body$;

REVOKE EXECUTE ON FUNCTION suara.rebuild(int) FROM suara_report;
GRANT EXECUTE ON FUNCTION suara.rebuild(int, text, text),
                          suara.audit_list(int[], date, date, int),
                          suara.audit_verify(int[], date, text)
TO suara_report;
GRANT EXECUTE ON FUNCTION suara.audit_append(int, text, text, text, text, text) TO suara_ingest;
