-- Personal data: responses that go on request of who gave them, and texts that go with time. What is
-- in the audit of it are counts: an erased id must lead nowhere, and it says when it was collected.

-- Erases responses with their comments, for ever: a tombstone stays for each id, also of one that
-- was never held, so that a response that is still on its way is not taken either. The roll-ups
-- follow by the marks. One transaction, that of the caller, which must be READ COMMITTED.
--
-- Whoever stores holds ROW EXCLUSIVE on response from before it looks for tombstones to its COMMIT,
-- and this lock waits for all of them: what they stored is seen here, and who comes later sees the
-- tombstones. Each statement below has a snapshot of its own, taken when the lock is held. Storing
-- waits behind this, so it does not wait long itself: 55P03, try again.
CREATE FUNCTION suara.erase(office int, ids uuid[], principal text, serial text,
                            OUT responses int, OUT comments int, OUT already int, OUT unknown int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
SET lock_timeout = '2s'    -- above deadlock_timeout: a VACUUM gives way after that
AS $body$
DECLARE
    wanted uuid[] := ARRAY(SELECT DISTINCT i FROM unnest(ids) i ORDER BY i);
    its_zone text := (SELECT o.zone FROM suara.office o WHERE o.office_id = office);
BEGIN
    LOCK TABLE suara.response IN SHARE ROW EXCLUSIVE MODE;
    SELECT count(*) INTO already FROM suara.erased e
    WHERE e.office_id = office AND e.id = ANY (wanted)
      AND NOT EXISTS (SELECT FROM suara.response r WHERE r.office_id = office AND r.id = e.id);
    WITH gone AS (
        DELETE FROM suara.response r WHERE r.office_id = office AND r.id = ANY (wanted)
        RETURNING suara.uuid_month(r.id, its_zone) AS month, r.instrument_id
    ), marked AS (
        INSERT INTO suara.stale (office_id, month, instrument_id)
        SELECT DISTINCT office, g.month, g.instrument_id FROM gone g
    )
    SELECT count(*) INTO responses FROM gone;
    DELETE FROM suara.comment c WHERE c.office_id = office AND c.id = ANY (wanted);
    GET DIAGNOSTICS comments = ROW_COUNT;
    INSERT INTO suara.erased (office_id, id) SELECT office, i FROM unnest(wanted) i
    ON CONFLICT DO NOTHING;
    unknown := cardinality(wanted) - responses - already;
    PERFORM suara.audit_append(office, principal, serial, 'erase', 'done',
                               format('responses=%s comments=%s already=%s unknown=%s',
                                      responses, comments, already, unknown));
END
$body$;

-- How many comments of an office were collected before a day of its calendar.
CREATE FUNCTION suara.comments_before(office int, before date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
SELECT count(*) FROM suara.office o JOIN suara.comment c USING (office_id)
WHERE o.office_id = office AND c.id < suara.day_floor(before, o.zone)
$body$;

-- Removes the first `most` of them behind an id (NULL: from the start) and tells which was the last,
-- to go on after it; `gone` 0: there are none. The ratings stay, and so do all figures.
CREATE FUNCTION suara.purge_comments(office int, before date, after uuid, most int,
                                     principal text, serial text,
                                     OUT gone int, OUT last uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    went uuid[];
    day_end uuid := (SELECT suara.day_floor(before, o.zone) FROM suara.office o
                     WHERE o.office_id = office);
BEGIN
    went := ARRAY(SELECT c.id FROM suara.comment c
                  WHERE c.office_id = office AND c.id < day_end
                    AND c.id > coalesce(after, suara.uuid_floor(0))
                  ORDER BY c.id LIMIT most FOR UPDATE);
    gone := cardinality(went);
    last := went[gone];
    IF gone > 0 THEN
        DELETE FROM suara.comment c WHERE c.office_id = office AND c.id = ANY (went);
        PERFORM suara.audit_append(office, principal, serial, 'purge', 'done',
                                   format('comments=%s before=%s', gone, before));
    END IF;
END
$body$;

GRANT EXECUTE ON FUNCTION suara.erase(int, uuid[], text, text),
                          suara.comments_before(int, date),
                          suara.purge_comments(int, date, uuid, int, text, text)
TO suara_ingest;
