-- Tables of Suara. Applied by suara-migrate as suara_owner, in one transaction.
--
-- A table that grows starts its primary key with office_id, has no trigger and no foreign key: it
-- can be distributed by office, and a stored response pays for nothing but its own row. The foreign
-- keys between the small tables stay, because a wrong directory is worse than a slow one.

-- Functions of this schema are for those who are named in a later file, not for everybody.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE suara.schema_version (
    version  int PRIMARY KEY,
    name     text NOT NULL,
    applied  timestamptz NOT NULL DEFAULT now()
);

-- Time and ids -------------------------------------------------------------------------------

-- Indonesia has three zones with fixed offsets and no summer time, so an offset in hours is all
-- there is to know, and everything below stays immutable whatever the TimeZone setting says.
CREATE FUNCTION suara.zone_hours(zone text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE zone WHEN 'WIB' THEN 7 WHEN 'WITA' THEN 8 WHEN 'WIT' THEN 9 END;

CREATE FUNCTION suara.zone_offset(zone text) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN make_interval(hours => suara.zone_hours(zone));

-- The smallest id whose first 48 bits are ms (milliseconds since 1970, UTC); what lies outside 48
-- bits is moved to the nearest end.
CREATE FUNCTION suara.uuid_floor(ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rpad(lpad(to_hex(least(greatest(ms, 0), 281474976710655)), 12, '0'), 32, '0')::uuid;

CREATE FUNCTION suara.uuid_ms(id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint;

CREATE FUNCTION suara.uuid_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_timestamp(suara.uuid_ms(id) / 1000.0);

-- The first day of the month, on the calendar of the zone, in which the id was collected.
CREATE FUNCTION suara.uuid_month(id uuid, zone text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_trunc('month', timestamp 'epoch' + suara.zone_offset(zone)
                           + suara.uuid_ms(id) * interval '1 millisecond')::date;

-- The smallest id of a day of the zone. Days a..b are day_floor(a) <= id < day_floor(b + 1).
CREATE FUNCTION suara.day_floor(day date, zone text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN suara.uuid_floor((day - date '1970-01-01') * 86400000::bigint
                        - suara.zone_hours(zone) * 3600000::bigint);

-- Directory ----------------------------------------------------------------------------------

-- The zone of an office is fixed: its months in rollup are counted by it.
CREATE TABLE suara.office (
    office_id  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code       text NOT NULL UNIQUE,
    name       text NOT NULL,
    parent_id  int REFERENCES suara.office,
    zone       text NOT NULL CHECK (zone IN ('WIB', 'WITA', 'WIT'))
);

-- service_id is unique over all offices, so that it alone can name a service.
CREATE TABLE suara.service (
    office_id   int NOT NULL REFERENCES suara.office,
    service_id  int GENERATED ALWAYS AS IDENTITY UNIQUE,
    code        text NOT NULL,
    name        text NOT NULL,
    PRIMARY KEY (office_id, service_id),
    UNIQUE (office_id, code)
);

CREATE TABLE suara.principal (
    role       text NOT NULL CHECK (role IN ('office', 'supervisor', 'admin', 'auditor')),
    name       text NOT NULL,
    office_id  int REFERENCES suara.office,   -- its office, or the top of a supervisor's part
    active     bool NOT NULL DEFAULT true,
    PRIMARY KEY (role, name),
    CHECK ((role IN ('office', 'supervisor')) = (office_id IS NOT NULL))
);

-- Questionnaires and code lists --------------------------------------------------------------

CREATE TABLE suara.instrument (
    instrument_id  smallint PRIMARY KEY,
    code           text NOT NULL UNIQUE,
    version        text NOT NULL,
    name_id        text NOT NULL,
    name_en        text NOT NULL,
    scale          smallint NOT NULL CHECK (scale BETWEEN 2 AND 100),
    weight_exact   text NOT NULL    -- of one element, as a fraction for people to read: 1/9
);

-- How a sum of ratings becomes an index: every element weighs num/den under this method.
CREATE TABLE suara.instrument_method (
    instrument_id  smallint NOT NULL REFERENCES suara.instrument,
    method         text NOT NULL,
    num            int NOT NULL CHECK (num > 0),
    den            int NOT NULL CHECK (den > 0),
    PRIMARY KEY (instrument_id, method)
);

-- position counts from 1 and is the place of the element's byte in response.ratings.
CREATE TABLE suara.element (
    instrument_id  smallint NOT NULL REFERENCES suara.instrument,
    position       smallint NOT NULL CHECK (position BETWEEN 1 AND 64),
    code           text NOT NULL,
    name_id        text NOT NULL,
    name_en        text NOT NULL,
    labels_id      text[] NOT NULL,    -- one for each rating, lowest first
    labels_en      text[] NOT NULL,
    PRIMARY KEY (instrument_id, position),
    UNIQUE (instrument_id, code)
);

-- Bounds in hundredths of a point, both ends included.
CREATE TABLE suara.grade_bound (
    instrument_id  smallint NOT NULL REFERENCES suara.instrument,
    grade          text NOT NULL,
    quality_id     text NOT NULL,
    quality_en     text NOT NULL,
    low            int NOT NULL,
    high           int NOT NULL CHECK (high >= low),
    PRIMARY KEY (instrument_id, grade)
);

-- dim: 2 channel, 3 stakeholder, 4 perspective, 5 sex, 6 age, 7 education, 8 occupation (0 is all
-- and 1 the service, which have no list here). term_id 0 with the empty code means "not given".
CREATE TABLE suara.term (
    dim      smallint NOT NULL CHECK (dim BETWEEN 2 AND 8),
    term_id  smallint NOT NULL,
    code     text NOT NULL,
    name_id  text NOT NULL,
    name_en  text NOT NULL,
    PRIMARY KEY (dim, term_id),
    UNIQUE (dim, code)
);

-- Tables that grow ---------------------------------------------------------------------------

-- The collected time is in the id (see uuid_time); the columns are ordered so that none is padded.
CREATE TABLE suara.response (
    office_id      int NOT NULL,
    service_id     int NOT NULL,
    received       timestamptz NOT NULL,
    hash           bigint NOT NULL,      -- of the content: tells a duplicate from a conflict
    id             uuid NOT NULL,
    instrument_id  smallint NOT NULL,
    channel        smallint NOT NULL,
    stakeholder    smallint NOT NULL,
    perspective    smallint NOT NULL,
    sex            smallint NOT NULL,
    age            smallint NOT NULL,
    education      smallint NOT NULL,
    occupation     smallint NOT NULL,
    ratings        bytea NOT NULL CHECK (octet_length(ratings) BETWEEN 1 AND 64),
    PRIMARY KEY (office_id, id)
);

CREATE TABLE suara.comment (
    office_id  int NOT NULL,
    id         uuid NOT NULL,
    kind       smallint NOT NULL CHECK (kind BETWEEN 1 AND 4),  -- input suggestion complaint praise
    text       text NOT NULL,
    PRIMARY KEY (office_id, id)
);

-- Ledger of receipts. seen is raised each time the same batch comes again: even a receipt that
-- only says "duplicate" then rests on a transaction that wrote something.
CREATE TABLE suara.batch (
    office_id  int NOT NULL,
    batch_id   uuid NOT NULL,
    received   timestamptz NOT NULL DEFAULT now(),
    principal  text NOT NULL,
    n          int NOT NULL,
    stored     int NOT NULL,
    duplicate  int NOT NULL,
    conflict   int NOT NULL,
    erased     int NOT NULL,
    invalid    int NOT NULL,
    denied     int NOT NULL,
    seen       int NOT NULL DEFAULT 1,
    PRIMARY KEY (office_id, batch_id)
);

CREATE TABLE suara.erased (
    office_id  int NOT NULL,
    id         uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (office_id, id)
);

-- One row says "the roll-up of this office and month must be made again". Only ever inserted by
-- those who change responses (so they neither lock nor wait) and deleted by refresh().
CREATE TABLE suara.stale (
    office_id  int NOT NULL,
    month      date NOT NULL CHECK (extract(day FROM month) = 1),
    mark       uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (office_id, month, mark)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- dim as in term, and 0 all (value 0), 1 service (value = service_id). perspective is part of the
-- key and so never a dim here. sums: one per element; dist: for dim 0 only, how many gave each
-- rating, element after element.
CREATE TABLE suara.rollup (
    office_id      int NOT NULL,
    month          date NOT NULL,
    instrument_id  smallint NOT NULL,
    perspective    smallint NOT NULL,
    dim            smallint NOT NULL,
    value          int NOT NULL,
    n              int NOT NULL CHECK (n > 0),
    sums           bigint[] NOT NULL,
    dist           int[],
    PRIMARY KEY (office_id, month, instrument_id, perspective, dim, value)
) WITH (fillfactor = 80);    -- room for the next version of a row on its own page

-- office_id 0: what concerns no office.
CREATE TABLE suara.audit (
    office_id  int NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    entry      uuid NOT NULL DEFAULT gen_random_uuid(),
    principal  text NOT NULL,
    verb       text NOT NULL,
    outcome    text NOT NULL,
    detail     text NOT NULL DEFAULT '',
    PRIMARY KEY (office_id, at, entry)
);
