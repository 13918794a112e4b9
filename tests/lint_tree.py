"""What the tree promises about itself: floors, sizes, and that the manual says what the programs do.

usage: lint_tree.py BUILD. Prints a line for each fault; nothing when all is well.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD

# docs/architecture.md: a file includes only floors below its own (or its own folder).
FLOOR = {
    "common": 0, "daemon/core": 1, "client/core": 1, "common/net": 2, "daemon/db": 3,
    "client/store": 3, "daemon/net": 4, "client/net": 4, "daemon/app": 5, "client/app": 5,
    "client/cmd": 6, "daemon": 6, "client": 7,
}
# Which library may be called from which folders only.
ONLY = {
    r"PQ[a-z]\w+": {"daemon/db"},
    r"sqlite3_\w+": {"client/store"},
    r"(event|bufferevent|evbuffer|evhttp|evconnlistener|evdns|evutil)_\w+":
        {"common/net", "daemon/db", "daemon/net", "client/net", "daemon/app"},
    r"SSL_\w+": {"common/net", "daemon/app", "client/net"},
    r"(socket|bind|listen|accept4?|connect)": {"common/net", "daemon/net"},
    r"scols_\w+": {"client/core"},
    r"json_\w+": {"client/core"},
    r"(lxw|worksheet)_\w+": {"client/store"},
    r"ZSTD_\w+": {"common"},
    r"csv_(?!reader_)\w+": {"client/core"},
}
LINES_MOST, FUNCTION_MOST = 400, 60


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True,
                         check=True).stdout
    return [p for p in out.split("\n") if p and (ROOT / p).exists()]


def includes():
    for path in tracked("common/*", "daemon/*", "client/*"):
        if not path.endswith((".c", ".h")):
            continue
        here = str(Path(path).parent)
        if here not in FLOOR:
            yield f"{path}: {here} is no floor"
            continue
        for number, line in enumerate((ROOT / path).read_text().split("\n"), 1):
            found = re.match(r'#include "([^"]+)"', line)
            if not found or found[1].startswith("proto/"):
                continue
            there = str(Path(found[1]).parent)
            sides = {here.split("/")[0], there.split("/")[0]}
            if there not in FLOOR or {"daemon", "client"} <= sides:
                yield f"{path}:{number}: includes {found[1]}, which is not its own side"
            elif there != here and FLOOR[there] >= FLOOR[here]:
                yield f"{path}:{number}: includes {found[1]}, a floor that is not below {here}"


def archives():
    for folder in FLOOR:
        archive = BUILD / "lib" / (folder.replace("/", "-") + ".a")
        if not archive.exists():
            continue
        out = subprocess.run(["nm", "-u", str(archive)], capture_output=True, text=True).stdout
        called = {line.split()[-1] for line in out.split("\n") if line.strip().startswith("U ")}
        for pattern, folders in ONLY.items():
            bad = sorted(s for s in called if re.fullmatch(pattern, s.split("@")[0]))
            if bad and folder not in folders:
                yield f"{folder}: calls {', '.join(bad[:4])}, which belongs to {', '.join(sorted(folders))}"


def sizes():
    for path in tracked("*.c", "*.h", "*.py", "*.sh", "*.sql", "*.proto", "Makefile", "tests/*",
                        "client/suara-ca*", "sql/suara-migrate", "docs/*"):
        try:
            lines = (ROOT / path).read_text().split("\n")
        except UnicodeDecodeError:
            continue
        if path.endswith((".csv", ".bin")) or path.startswith("tests/fuzz/corpus/"):
            continue
        if len(lines) - 1 > LINES_MOST:
            yield f"{path}: {len(lines) - 1} lines, at most {LINES_MOST}"
        if path.endswith(".c"):
            start = None
            for number, line in enumerate(lines, 1):
                if line == "{":
                    start = number
                elif line == "}" and start:
                    if number - start > FUNCTION_MOST:
                        yield f"{path}:{start}: a function of {number - start} lines, at most {FUNCTION_MOST}"
                    start = None


def page(name):
    path = ROOT / "docs" / name
    return re.sub(r"\\-", "-", path.read_text()) if path.exists() else ""


def dump(*command):
    run = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    return [line for line in run.stdout.split("\n") if line] if run.returncode == 0 else None


# The pages of the client: each command is a subsection (.Ss) of one of them.
CLIENT_PAGES = ("suara.1", "suara-report.1", "suara-admin.1")


def manual():
    conf, daemon = page("suarad.conf.5"), page("suarad.8")
    lines = dump(BUILD / "suarad", "--dump")
    if lines is None:
        yield "suarad --dump does not run"
    for line in lines or []:
        kind, name = line.split(" ", 1)
        if kind == "option" and not re.search(rf"^\.It (Ic|Cm) {re.escape(name.split('.')[1])}\b", conf, re.M):
            yield f"docs/suarad.conf.5: option {name} is missing"
        name, _, labels = name.partition(" ")
        if kind == "metric" and not re.search(rf"\b{re.escape(name)}\b", daemon):
            yield f"docs/suarad.8: metric {name} is missing"


# Settings of [server] and [ingest] that are no limits.
NO_LIMIT = {"server.listen", "server.certificate", "server.key", "server.ca", "server.crl",
            "server.drain_timeout", "server.compression", "ingest.group_responses", "ingest.clock_skew",
            "ingest.retry_after", "ingest.refresh_after"}


def limits():
    """Each limit has an option, a count of how often it was reached, and its line in the manual."""
    lines = dump(BUILD / "suarad", "--dump") or []
    options = {line.split()[1] for line in lines if re.match(r"option (server|ingest)\.", line)} - NO_LIMIT
    counted = set(re.findall(r'^metric suarad_limits_total limit="(.+)"$', "\n".join(lines), re.M))
    section = re.search(r"^\.Sh LIMITS$(.*?)^\.Sh ", page("suarad.8"), re.M | re.S)
    told = set(re.findall(r"^\.It Li (\S+)", section[1] if section else "", re.M))
    for name in sorted(options | counted | told):
        for where, there in (("suarad.conf's options", options), ("suarad_limits_total", counted),
                             ("docs/suarad.8, LIMITS", told)):
            if name not in there:
                yield f"limit {name}: not in {where}"


def client_manual():
    """Every command has its subsection, and every option is on the page of its command; and no page
    tells of a command that is not there."""
    pages = {name: page(name) for name in CLIENT_PAGES}
    lines = dump(BUILD / "suara", "help", "--dump")
    if lines is None:
        yield "suara help --dump does not run"
    commands = set()
    for line in lines or []:
        words = line.split()
        command = " ".join(w for w in words if not w.startswith("--"))
        home = next((name for name, text in pages.items()
                     if re.search(rf"^\.Ss {re.escape(command)}$", text, re.M)), None)
        if not command:
            home = CLIENT_PAGES[0]    # an option of all commands
        if not words[-1].startswith("--"):
            commands.add(command)
            if not home:
                yield f"docs/{CLIENT_PAGES[0]}, ..: no page has a subsection (.Ss) {command}"
        elif home and not re.search(rf"(Fl Fl|Fl -)\s?{re.escape(words[-1][2:])}\b", pages[home]):
            yield f"docs/{home}: {line} is missing"
    for name, text in pages.items():
        for title in re.findall(r"^\.Ss ([a-z].*)$", text, re.M) if commands else ():
            if title not in commands and title not in GROUPS:
                yield f"docs/{name}: tells of {title}, which is no command"


# Subsections that point to the other pages.
GROUPS = {"report", "admin"}

FAULTS = [fault for part in (includes, archives, sizes, manual, limits, client_manual) for fault in part()]
print("\n".join(FAULTS), end="\n" if FAULTS else "")
sys.exit(1 if FAULTS else 0)
