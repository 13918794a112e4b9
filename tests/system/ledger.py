"""The ledger: the one oracle of every test that breaks things.

S is what was made: office, time and content hash of each response, written and synced before a
client sees it. A is what a client was given a receipt for, by the ids in its outbox. D is the
database. Then, at any moment: A is in D with equal hash, each key is in D once, D is in S, the office
of a row is that of the certificate. And when all is quiet: what is in S and not in D is in an outbox;
after healing nothing waits, D is S without the rejected ones, and the roll-ups equal a recount.

No two responses of an office have the same time, so that office and time name a response also before
the client has made its id. Times of an office only grow. So a test of many rounds can keep each check
cheap: after begin_round() the rules are about what is made from then on, which is a range of each
office's primary key, the months that range touches, and the end of each outbox; beside totals over
all. check_all() is about everything again.
"""

import datetime
import os
import sqlite3
import uuid

from suara_wire import WORDS, content_hash, kept
from surveys import COLUMNS, write_csv

HEADER = (*COLUMNS, "collected_at", "channel", "comment", "comment_kind")
KINDS = ("", "input", "suggestion", "complaint", "praise")


class Ledger:
    """For a stack whose offices are all in WIB. folder: where S and the CSV files go."""

    def __init__(self, stack, folder, rng):
        self.stack, self.folder, self.rng = stack, folder, rng
        self.made = {}        # S: (office, ms) -> hash
        self.batches = {}     # (office, batch id) -> {response id: hash}, as found in outboxes
        self.journal = open(folder / "S", "w", encoding="ascii")
        self.next_ms = dict.fromkeys((code for code, _, _ in stack.offices), 1_672_531_200_000)
        self.earlier = {}     # S of the rounds before this one
        self.floor = dict.fromkeys(self.next_ms, 0)    # this round's responses are later
        self.mark = dict.fromkeys(self.next_ms, 0)     # .. and their batches in the outbox
        self.lost = self.doubled = 0    # found by the last check that failed of it

    def begin_round(self):
        self.earlier.update(self.made)
        self.made, self.floor = {}, dict(self.next_ms)
        for office in self.next_ms:
            self.mark[office] = self._outbox(office, "SELECT coalesce(max(seq), 0) FROM batch")[0][0]

    def check_all(self):
        """The rules of all rounds together, after healing."""
        self.made.update(self.earlier)
        self.earlier = {}
        for marks in (self.floor, self.mark):
            marks.update(dict.fromkeys(marks, 0))
        self.check_healed()

    def make(self, office, name, count):
        """Writes a CSV file of count responses, S first; its path."""
        rows = []
        for _ in range(count):
            self.next_ms[office] += self.rng.randrange(1, 600_000)
            rows.append(self._row(office, self.next_ms[office]))
        self.journal.flush()
        os.fsync(self.journal.fileno())
        return write_csv(self.folder / name, rows, HEADER)

    def _row(self, office, ms):
        rng = self.rng
        ratings = [rng.randint(1, 4) for _ in COLUMNS]
        channel = rng.choice(("", "web", "kiosk", "paper"))
        kind = rng.randrange(1, 5) if rng.random() < 0.1 else 0
        comment = f"No. {rng.random()}" if kind else ""
        self.made[office, ms] = content_hash(ms, ratings, comment.encode(), kind, channel=channel)
        self.journal.write(f"{office} {ms} {self.made[office, ms]}\n")
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms, hours=7)
        return [*ratings, at.isoformat(sep=" ", timespec="milliseconds"), channel, comment, KINDS[kind]]

    # ---- what the clients hold -------------------------------------------------------------------

    def _outbox(self, office, query):
        path = self.stack.home / office / "outbox.db"
        if not path.exists():
            return [(0,)] if "max(" in query else []    # nothing was saved yet
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def note_outbox(self, office):
        """Remembers the ids of what waits: a receipt takes the payload away. Before each sync."""
        for batch, payload in self._outbox(office, "SELECT b.id, l.payload FROM load l"
                                                   " JOIN batch b USING (seq)"):
            self.batches[office, bytes(batch)] = content_of(payload)

    def receipts(self, office):
        """A: what this office was told is stored; and how many it was told were refused."""
        told, refused = {}, 0
        for batch, bad in self._outbox(office, "SELECT id, refused FROM batch WHERE settled_ms"
                                               f" IS NOT NULL AND seq > {self.mark[office]}"):
            told.update(self.batches[office, bytes(batch)])
            refused += bad
        return told, refused

    def held(self, office):
        """What waits or was rejected: id -> hash."""
        found = {}
        for query in ("SELECT payload FROM load", "SELECT payload FROM rejected"):
            for payload, in self._outbox(office, query):
                found.update(content_of(payload))
        return found

    # ---- what the database holds -----------------------------------------------------------------

    def stored(self):
        """D: (office, id) -> hash."""
        rows = []
        with self.stack.db.connect() as connection, connection.cursor() as cursor:
            for office, floor in self.floor.items():
                cursor.execute("SELECT code, uuid_send(id), hash FROM suara.response"
                               " JOIN suara.office USING (office_id) WHERE code = %s AND id >= %s",
                               (office, str(uuid.UUID(int=floor + 1 << 80 if floor else 0))))
                rows += cursor.fetchall()
        connection.close()
        found = {(office, key.tobytes()): value for office, key, value in rows}
        self.doubled = len(rows) - len(found)
        assert not self.doubled, "a key is in the database twice"
        return found

    # ---- the rules -------------------------------------------------------------------------------

    def check_receipts(self):
        """At any moment: nothing acknowledged is missing, nothing is there that nobody made."""
        told = {office: self.receipts(office) for office in self.next_ms}
        found = self.stored()
        for office, (acknowledged, refused) in told.items():
            assert not refused, f"{office}: {refused} good responses were refused"
            lost = [key.hex() for key, value in acknowledged.items()
                    if found.get((office, key)) != value]
            self.lost = len(lost)
            assert not lost, f"{len(lost)} acknowledged and lost: {office} {lost[:3]}"
        for (office, key), value in found.items():
            assert self.made.get((office, ms_of(key))) == value, f"nobody made {office} {key.hex()}"
        return sum(len(acknowledged) for acknowledged, _ in told.values()), len(found)

    def check_quiet(self):
        """No client is at work: what is not stored is in an outbox."""
        self.check_receipts()
        found = {(office, ms_of(key)) for office, key in self.stored()}
        held = {(office, ms_of(key)) for office in self.next_ms for key in self.held(office)}
        lost = self.made.keys() - found - held
        self.lost = len(lost)
        assert not lost, f"{len(lost)} are neither stored nor in an outbox: {sorted(lost)[:3]}"

    def check_healed(self):
        """All has been sent: nothing waits, everything is stored, the figures are right."""
        self.check_quiet()
        for office in self.next_ms:
            assert not self.held(office), f"{office} still holds responses"
        found = {(office, ms_of(key)): value for (office, key), value in self.stored().items()}
        assert found == self.made
        connection = self.stack.db.connect()
        cursor = connection.cursor()

        def fresh():
            cursor.execute("SELECT NOT EXISTS (SELECT FROM suara.stale)")
            return cursor.fetchone()[0]
        self.stack.wait(fresh, 60, "the daemon to refresh the roll-ups")
        for office, floor in self.floor.items():
            cursor.execute("SELECT v FROM suara.office o, suara.office_months(o.office_id, %s, NULL) m,"
                           " suara.verify_month(o.office_id, m) v WHERE o.code = %s"
                           " AND v.instrument_id IS NOT NULL", (day_before_month(floor), office))
            wrong = cursor.fetchall()
            assert not wrong, f"{office}: roll-ups that differ from a recount: {wrong[:3]}"
        total = len(self.earlier) + len(found)
        cursor.execute("SELECT coalesce(sum(n), 0) FROM suara.rollup WHERE dim = 0")
        assert cursor.fetchone()[0] == total
        cursor.execute("SELECT coalesce(sum(stored), 0) FROM suara.batch")
        stored = cursor.fetchone()[0]
        self.doubled = max(0, stored - total)
        assert stored == total, f"by the receipts {stored} were stored, and there are {total}"
        connection.close()


def day_before_month(ms):
    """The last day before the month that ms is in, in WIB; None for 0."""
    if not ms:
        return None
    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms, hours=7)
    return at.date().replace(day=1) - datetime.timedelta(days=1)


def ms_of(key):
    return int.from_bytes(key[:6], "big")


def content_of(payload):
    """id -> hash of the responses that an outbox holds."""
    batch = kept(payload)
    words = [b"", *batch.word]
    return {entry.id: content_hash(entry.collected, entry.ratings, entry.comment, entry.comment_kind,
                                   batch.instrument.decode(),
                                   **{name: words[getattr(entry, name)] for name in WORDS})
            for entry in batch.response}
