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
                       (extract(epoch FROM entry.at) * 1000000)::bigint::text, entry.principal,
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

-- The certificate of each submission. Responses are those of the office that were received at the
-- same moment, by the clock of the transaction.
ALTER TABLE suara.batch ADD COLUMN serial text NOT NULL DEFAULT '';

GRANT EXECUTE ON FUNCTION suara.audit_append(int, text, text, text, text, text) TO suara_ingest;
