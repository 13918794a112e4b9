-- What an administrator adds to the directory. Every refusal has SQLSTATE SU001, a sentence for
-- people, and the argument at fault as the COLUMN of the error. Each addition is announced on the
-- channel suara_directory, so that daemons read the directory again.

CREATE FUNCTION suara.refuse(field text, sentence text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RAISE EXCEPTION USING MESSAGE = sentence, COLUMN = field, ERRCODE = 'SU001';
END
$body$;

-- Codes travel in certificates, file names and URLs: the same rule as the daemon's.
CREATE FUNCTION suara.need_code(field text, code text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, suara, pg_temp
AS $body$
BEGIN
    IF code IS NULL OR code COLLATE "C" !~ '^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$' THEN
        PERFORM suara.refuse(field, format('%s is no code: 1 to 64 letters, digits, dots, dashes '
            'or underscores, with no dot or dash in front', quote_literal(coalesce(code, ''))));
    END IF;
END
$body$;

CREATE FUNCTION suara.need_name(field text, name text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, suara, pg_temp
AS $body$
BEGIN
    IF coalesce(btrim(name), '') = '' THEN
        PERFORM suara.refuse(field, format('the %s is empty', field));
    ELSIF length(name) > 200 THEN
        PERFORM suara.refuse(field, format('the %s has over 200 characters', field));
    ELSIF name ~ '[\u0001-\u001f\u007f-\u009f]' THEN
        PERFORM suara.refuse(field, format('the %s has a control character in it', field));
    END IF;
END
$body$;

CREATE FUNCTION suara.need_office(field text, office_code text) RETURNS suara.office
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    found suara.office;
BEGIN
    SELECT * INTO found FROM suara.office o WHERE o.code = office_code;
    IF found.office_id IS NULL THEN
        PERFORM suara.refuse(field, format('there is no office %s',
                                           quote_literal(coalesce(office_code, ''))));
    END IF;
    RETURN found;
END
$body$;

-- parent NULL or '': a root. zone NULL or '': that of the parent; a root must say its own. Every
-- office starts with the service UMUM, where responses go that name none, and with the principal
-- office:CODE, so that a certificate of that name may submit for it.
CREATE FUNCTION suara.office_add(code text, name text, parent text, zone text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    above suara.office;
    its_zone text := nullif(zone, '');
    added int;
BEGIN
    PERFORM suara.need_code('code', code), suara.need_name('name', name);
    IF nullif(parent, '') IS NOT NULL THEN
        above := suara.need_office('parent', parent);
        its_zone := coalesce(its_zone, above.zone);
    END IF;
    IF its_zone IS NULL THEN
        PERFORM suara.refuse('zone', 'an office with no office above it needs a time zone: '
                                     'WIB, WITA or WIT');
    ELSIF suara.zone_hours(its_zone) IS NULL THEN
        PERFORM suara.refuse('zone', format('there is no time zone %s: WIB, WITA or WIT',
                                            quote_literal(its_zone)));
    END IF;
    INSERT INTO suara.office AS o (code, name, parent_id, zone)
    VALUES (office_add.code, office_add.name, above.office_id, its_zone)
    ON CONFLICT ON CONSTRAINT office_code_key DO NOTHING
    RETURNING o.office_id INTO added;
    IF added IS NULL THEN
        PERFORM suara.refuse('code', format('there is an office %s already', code));
    END IF;
    INSERT INTO suara.service (office_id, code, name) VALUES (added, 'UMUM', 'Umum');
    PERFORM suara.principal_add('office', code, code);
    PERFORM pg_notify('suara_directory', 'office');
    RETURN added;
END
$body$;

CREATE FUNCTION suara.service_add(office_code text, code text, name text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    its_office suara.office := suara.need_office('office', office_code);
    added int;
BEGIN
    PERFORM suara.need_code('code', code), suara.need_name('name', name);
    INSERT INTO suara.service AS s (office_id, code, name)
    VALUES (its_office.office_id, service_add.code, service_add.name)
    ON CONFLICT ON CONSTRAINT service_office_id_code_key DO NOTHING
    RETURNING s.service_id INTO added;
    IF added IS NULL THEN
        PERFORM suara.refuse('code', format('the office %s has a service %s already', office_code,
                                            code));
    END IF;
    PERFORM pg_notify('suara_directory', 'service');
    RETURN added;
END
$body$;

-- office_code: of role office and supervisor only (the top of the supervisor's part of the tree).
CREATE FUNCTION suara.principal_add(role text, name text, office_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, suara, pg_temp
AS $body$
DECLARE
    its_office suara.office;
BEGIN
    IF role IS NULL OR role NOT IN ('office', 'supervisor', 'admin', 'auditor') THEN
        PERFORM suara.refuse('role', format('there is no role %s: office, supervisor, admin or '
                                            'auditor', quote_literal(coalesce(role, ''))));
    END IF;
    PERFORM suara.need_code('name', name);
    IF role IN ('office', 'supervisor') THEN
        its_office := suara.need_office('office', office_code);
    ELSIF nullif(office_code, '') IS NOT NULL THEN
        PERFORM suara.refuse('office', format('the role %s has no office', role));
    END IF;
    -- Whoever has the daemon's database role must not be able to make himself an administrator.
    IF role = 'admin' AND NOT pg_has_role(session_user, 'suara_owner', 'MEMBER') THEN
        PERFORM suara.refuse('role', 'administrators are made where the database is: '
                                     'suara-migrate --admin NAME');
    END IF;
    INSERT INTO suara.principal (role, name, office_id)
    VALUES (principal_add.role, principal_add.name, its_office.office_id)
    ON CONFLICT ON CONSTRAINT principal_pkey DO NOTHING;
    IF NOT FOUND THEN
        PERFORM suara.refuse('name', format('there is a principal %s:%s already', role, name));
    END IF;
    PERFORM pg_notify('suara_directory', 'principal');
END
$body$;
