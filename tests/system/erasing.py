"""What the tests of erasing and purging share: who asks, what is sent, and where a response is left."""

import itertools
import uuid

from suara_wire import Batch, Line, code_of, pb, verdicts

NOW = 1_690_000_000_000    # July 2023
DAY = 86_400_000
GOOD = [3, 4, 3, 4, 3, 4, 3, 4, 3]
SECRET = "rahasia-pelapor-7331"    # of a comment: to be found wherever it is left
MONTHS = itertools.count(2)
OFFICES = ("PUSAT", "CABANG=WITA", "RANTING=WIT")


def sql(stack, text, *values, user="postgres"):
    connection = stack.db.connect(user)
    try:
        cursor = connection.cursor()
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def line_of(stack, office=None):
    return Line(stack, stack.bundle(*(("office", office) if office else ("admin", "admin"))))


def suara(stack, *words, profile="admin", **how):
    return stack.run("suara", "--profile", profile, *words, **how)


def batch_of(count, start=NOW, ids=None, **words):
    """count responses; with the ids of another batch, those once more under another batch id."""
    batch = Batch()
    for k in range(count):
        batch.add(start + k, GOOD, response=ids[k] if ids else None, **words)
    return batch


def fresh():
    """A moment that is far from all others: where something was erased near, there is no COPY."""
    return NOW + next(MONTHS) * 31 * -DAY


def ids_of(batch):
    return [response.id for response in batch.message.response]


def text_of(key):
    return str(uuid.UUID(bytes=key))


def erase(line, *ids, office=b"PUSAT"):
    return line.ask(erase=pb.Erase(office=office, ids=b"".join(ids)))


def counts(reply):
    assert code_of(reply) == "", reply
    return tuple(getattr(reply.erased, name) for name in ("responses", "comments", "already", "unknown"))


def statuses(receipt):
    return {at: verdict[0] for at, verdict in verdicts(receipt).items()}


def where_found(stack, key, words):
    """Every table of the schema that holds the id, or a word, in any column of any type."""
    needles = [key.hex(), text_of(key), *words, *(word.encode().hex() for word in words)]
    tables = [name for name, in sql(stack, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'm', 'p')"
                                           " AND relnamespace = 'suara'::regnamespace")]
    assert len(tables) > 10
    looks = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM suara.{name} t WHERE t::text ~* %(any)s)"
             for name in tables]
    connection = stack.db.connect("postgres")
    cursor = connection.cursor()
    cursor.execute(" UNION ALL ".join(looks), {"any": "|".join(needles)})
    found = {name for name, in cursor.fetchall()}
    connection.close()
    return found


def in_logs(stack, key, words):
    logs = stack.log_text() + stack.db.log.read_text(errors="replace")
    return [needle for needle in (key.hex(), text_of(key), *words) if needle.lower() in logs.lower()]


def differing(stack):
    """After a refresh: cells of the roll-up that are not those of a recount."""
    sql(stack, "SELECT suara.refresh(NULL, NULL, NULL, NULL)")
    return sql(stack, "SELECT o.code, c.* FROM suara.office o, suara.rollup_check(o.office_id) c")


def audit(stack, verb):
    return sql(stack, "SELECT o.code, a.principal, a.outcome, a.detail FROM suara.audit a"
                      " LEFT JOIN suara.office o USING (office_id) WHERE verb = %s ORDER BY a.at", verb)


def held(stack):
    """Comments by office."""
    return dict(sql(stack, "SELECT o.code, count(*)::int FROM suara.comment JOIN suara.office o"
                           " USING (office_id) GROUP BY 1"))
