-- Who may do what. suara_owner owns everything; the daemon's two roles get what their statements
-- need and no more. Nothing is granted to PUBLIC.

REVOKE ALL ON SCHEMA suara FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA suara FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA suara FROM PUBLIC;
GRANT USAGE ON SCHEMA suara TO suara_ingest, suara_report;

-- Both: the small tables, the times in ids.
GRANT SELECT ON suara.schema_version, suara.office, suara.service, suara.principal,
                suara.instrument, suara.instrument_method, suara.element, suara.grade_bound,
                suara.term
TO suara_ingest, suara_report;
GRANT EXECUTE ON FUNCTION suara.zone_hours(text), suara.zone_offset(text),
                          suara.uuid_floor(bigint), suara.uuid_ms(uuid), suara.uuid_time(uuid),
                          suara.uuid_month(uuid, text), suara.day_floor(date, text),
                          suara.held(int, uuid[])
TO suara_ingest, suara_report;

-- Ingest may only add, and read back what tells a duplicate from a conflict: keys and hashes, no
-- rating and no text. Raising batch.seen is its one update.
GRANT INSERT ON suara.response, suara.comment, suara.batch, suara.stale, suara.audit
TO suara_ingest;
GRANT SELECT (office_id, id, hash) ON suara.response TO suara_ingest;
GRANT SELECT (office_id, id) ON suara.comment TO suara_ingest;
GRANT SELECT, UPDATE (seen) ON suara.batch TO suara_ingest;
GRANT SELECT ON suara.erased TO suara_ingest;
GRANT EXECUTE ON FUNCTION suara.office_add(text, text, text, text),
                          suara.service_add(text, text, text),
                          suara.principal_add(text, text, text)
TO suara_ingest;

-- Reports see aggregates only.
GRANT SELECT ON suara.rollup, suara.stale_months TO suara_report;
GRANT EXECUTE ON FUNCTION suara.refresh(int[], date, date, int),
                          suara.index_rows(int[], date, date, smallint, smallint, smallint, bool)
TO suara_report;
