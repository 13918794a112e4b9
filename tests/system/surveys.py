"""CSV files of made-up responses, and looks into an outbox and the database."""

import csv
import json

COLUMNS = [f"u{k}" for k in range(1, 10)]


def write_csv(path, rows, columns=(*COLUMNS, "collected_at")):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def good_rows(count, day="2023-05-04", rating=None):
    """count rows, no two alike in time."""
    assert count <= 24 * 3600
    return [[*[rating or 1 + (k + e) % 4 for e in range(9)],
             f"{day} {k // 3600:02}:{k // 60 % 60:02}:{k % 60:02}"] for k in range(count)]


def submit(stack, path, *options, profile="BBPOM-SMG", **how):
    """suara submit; one try only, unless options say otherwise."""
    return stack.run("suara", "--profile", profile, "submit", path, "--wait", "0", *options, **how)


def sync(stack, *options, profile="BBPOM-SMG"):
    return stack.run("suara", "--profile", profile, "sync", *options)


def outbox(stack, profile="BBPOM-SMG", states=("waiting", "sent", "rejected")):
    """What `suara outbox list` says of each state: numbers of responses."""
    counts = {}
    for state in states:
        done = stack.run("suara", "--profile", profile, "outbox", "list", "--state", state,
                         "--format", "json")
        assert done.returncode == 0, done.stderr
        counts[state] = json.loads(done.stdout)
    return counts


def stored(stack, office="BBPOM-SMG"):
    """How many responses of an office are in the database."""
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM suara.response JOIN suara.office USING (office_id)"
                       " WHERE code = %s", (office,))
        return cursor.fetchone()[0]


def index(stack, *options, profile="admin"):
    """The rows of `suara report index`."""
    done = stack.run("suara", "--profile", profile, "report", "index", "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
