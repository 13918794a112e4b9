"""A private stack of Suara: database, migrated schema, CA, daemon on a free port, profiles.

    with Stack(offices=["A", "B=WITA"]) as stack:
        stack.run("suara", "--profile", "A", "submit", "file.csv")

Everything is in one folder, every process is a child with a parent-death signal, and all of it is
ended by process id. A report of a sanitizer anywhere in the stack is an error at its end.
"""

import http.client
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys

from stack_ca import ROLES, make_ca, suara_ca
from stack_pg import ROOT, Account, Postgres, StackError, folder_for, shelf_of, wait_for

DEFAULT_OFFICE = "BBPOM-SMG"
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|: runtime error: ")
KEEP_LOGS = 20    # folders of logs from failed runs


class Port:
    """A port of 127.0.0.1 that stays ours while nobody listens on it.

    It is below the range of outgoing connections, one of which could otherwise take it (or even
    connect to itself) while the daemon is down. Bound first without sharing, so that two sandboxes
    never agree on one; then shared, so that the daemon can bind it, too.
    """

    def __init__(self):
        for _ in range(500):
            self.number = random.randrange(15000, 32000)
            self.holder = socket.socket()
            try:
                self.holder.bind(("127.0.0.1", self.number))
            except OSError:
                self.holder.close()
                continue
            self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            return
        raise StackError("no free port on 127.0.0.1 between 15000 and 32000")


class Stack:
    """offices: CODE, CODE=ZONE or CODE=ZONE:NAME, zone WIB where none is given. tree: the first
    office is above the others; or {office: the one above it}, which stands before it. settings: {"section.option": value} for suarad.conf. profiles False:
    nothing is enrolled. nofile: limit of descriptors of the daemon.
    own_ca: another CA than other stacks have."""

    def __init__(self, build=None, offices=(DEFAULT_OFFICE,), tree=False, keep=False,
                 settings=None, profiles=True, nofile=None, own_ca=False):
        self.build = pathlib.Path(build or os.environ.get("SUARA_BUILD", ROOT / "build")).resolve()
        self.offices = [_office(text) for text in offices]
        self.tree, self.keep, self.profiles, self.nofile = tree, keep, profiles, nofile
        self.settings = settings or {}
        self.own_ca = own_ca
        self.account = Account()
        self.folder = folder_for(self.build, self.account)
        self.db = Postgres(self.folder, self.account)
        self.ca, self.home = self.folder / "ca", self.folder / "home"
        self.conf, self.log = self.folder / "suarad.conf", self.folder / "suarad.log"
        self.port, self.http_port = Port(), Port()
        self.daemon = None
        self.env = self._environment()

    # ---- start and end --------------------------------------------------------------------------

    def __enter__(self):
        try:
            self.build_up()
        except BaseException:
            self.end(failed=True)
            raise
        return self

    def __exit__(self, kind, *_):
        self.end(failed=kind is not None)

    def build_up(self):
        for program in ("suarad", *(["suara"] if self.profiles else [])):
            if not (self.build / program).exists():
                raise StackError(f"there is no {self.build / program}: run make first")
        self._links()
        self.db.make(self.build)
        self.db.start()
        self._directory()
        make_ca(self.folder if self.own_ca else shelf_of(self.build), self.ca,
                [code for code, _, _ in self.offices], self.env["SUARA_SERVER"])
        self.write_conf()
        self.start_daemon()
        if self.profiles:
            self._enroll()

    def end(self, failed=False):
        """Ends all processes and removes the folder; logs of a failed run are moved and shown."""
        ended_well = self._end_daemon(signal.SIGTERM, 40)
        if self.keep:
            self.db.stop()
        else:
            self.db.kill()    # nobody will want what it has not written yet
        reports = self.sanitizer_reports()
        failed = failed or bool(reports) or not ended_well
        if self.keep:
            print(f"sandbox: kept in {self.folder}", file=sys.stderr)
        elif failed:
            self._keep_logs()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        if reports:
            raise StackError("a sanitizer reported:\n" + reports[:4000])
        if not ended_well:
            raise StackError("the daemon did not end well; see its log above")

    def _environment(self):
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env.update(SUARA_HOME=str(self.home), SUARA_SERVER=f"127.0.0.1:{self.port.number}",
                   SUARA_HTTP=f"127.0.0.1:{self.http_port.number}", SUARA_CA=str(self.ca),
                   SUARA_DB=self.db.conninfo(), SUARA_SANDBOX=str(self.folder),
                   PATH=f"{self.folder / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}")
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            given = env.get(name, "")
            more = f"log_path={self.folder / 'sanitizer'}:print_stacktrace=1"
            env[name] = given if "log_path" in given else f"{given}:{more}".lstrip(":")
        return env

    def _links(self):
        folder = self.folder / "bin"
        folder.mkdir()
        for target in (self.build / "suarad", self.build / "suara", ROOT / "sql/suara-migrate",
                       ROOT / "client/suara-ca", ROOT / "tests/sandbox-ctl"):
            (folder / target.name).symlink_to(target)

    # ---- who there is ---------------------------------------------------------------------------

    def bundle(self, role, name):
        return self.ca / "bundles" / f"{role}-{name}.bundle"

    def issue(self, role, name, *options):
        """One more certificate; the path of its bundle."""
        suara_ca(self.ca, "issue", role, name, *options)
        return self.bundle(role, name)

    def _directory(self):
        """Offices and principals, straight into the tables: no daemon is up yet."""
        top = self.offices[0][0]
        tree = self.tree
        if not isinstance(tree, dict):
            tree = {code: top for code, _, _ in self.offices[1:]} if tree else {}
        with self.db.connect() as connection, connection.cursor() as cursor:
            for code, zone, name in self.offices:
                cursor.execute("SELECT suara.office_add(%s, %s, %s, %s)",
                               (code, name, tree.get(code), zone))
            cursor.execute("SELECT suara.principal_add('supervisor', 'supervisor', %s),"
                           " suara.principal_add('auditor', 'auditor', NULL)", (top,))
        connection.close()

    def _enroll(self):
        who = [("office", code) for code, _, _ in self.offices] + [(role, role) for role in ROLES]
        for start in range(0, len(who), 4):
            calls = [subprocess.Popen(["suara", "enroll", str(self.bundle(role, name)),
                                       "--profile", name], env=self.env, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                     for role, name in who[start:start + 4]]
            for call in calls:
                _finish(call, "suara enroll")

    # ---- the daemon -----------------------------------------------------------------------------

    def write_conf(self, **changes):
        """Writes suarad.conf; changes by section__option="value"."""
        values = {"server.listen": self.env["SUARA_SERVER"],
                  "server.certificate": self.ca / "server.crt", "server.key": self.ca / "server.key",
                  "server.ca": self.ca / "ca.crt", "server.crl": self.ca / "crl.pem",
                  "database.ingest": self.db.conninfo("suara_ingest"),
                  "database.report": self.db.conninfo("suara_report"),
                  "http.listen": self.env["SUARA_HTTP"], "ingest.retry_after": "200ms",
                  **self.settings}
        values.update({name.replace("__", "."): value for name, value in changes.items()})
        sections = {}
        for name, value in values.items():
            section, option = name.split(".")
            sections.setdefault(section, []).append(f"{option} = {value}\n")
        text = "".join(f"[{section}]\n{''.join(lines)}\n" for section, lines in sections.items())
        self.conf.write_text(text)

    def daemon_running(self):
        return self.daemon is not None and self.daemon.poll() is None

    def start_daemon(self, ready=True):
        """Returns when it is ready; with the database away or ready=False, when it is up."""
        if self.daemon_running():
            return
        limit = ["prlimit", f"--nofile={self.nofile}"] if self.nofile else []
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *limit, "suarad", "-c",
                                            str(self.conf)], env=self.env, cwd="/", stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log, start_new_session=True)
        (self.folder / "suarad.pid").write_text(f"{self.daemon.pid}\n")
        where = "/readyz" if ready and self.db.running() else "/healthz"
        wait_for(lambda: not self.daemon_running() or self.http(where)[0] == 200, 30,
                 f"the daemon's {where}; its log is {self.log}")
        if not self.daemon_running():
            raise StackError(f"the daemon did not start:\n{_tail(self.log)}")

    def _end_daemon(self, signum, seconds):
        """True unless it ended in another way than it should."""
        if not self.daemon_running():
            return True
        self.daemon.send_signal(signum)
        try:
            status = self.daemon.wait(seconds)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            return False
        return signum == signal.SIGKILL or status == 0

    def stop_daemon(self):
        if not self._end_daemon(signal.SIGTERM, 40):
            raise StackError(f"the daemon did not stop well:\n{_tail(self.log)}")

    def kill_daemon(self):
        self._end_daemon(signal.SIGKILL, 10)

    # ---- the database ---------------------------------------------------------------------------

    def start_db(self):
        """Returns when the daemon, where it is up, has found it again."""
        self.db.start()
        if self.daemon_running():
            self.wait(lambda: self.http("/readyz")[0] == 200, 30, "the daemon to find the database")

    def stop_db(self):
        self.db.stop()
        self._wait_unready()

    def kill_db(self):
        self.db.kill()
        self._wait_unready()

    def _wait_unready(self):
        if self.daemon_running():
            self.wait(lambda: self.http("/readyz")[0] != 200, 30, "/readyz to say no")

    # ---- for tests ------------------------------------------------------------------------------

    def http(self, path):
        """Status and text of the daemon's HTTP; (0, "") when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port.number, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def wait(self, condition, seconds, what):
        """Waits for a condition; dies at once when the daemon has."""
        return wait_for(condition, seconds, what)

    def run(self, *words, timeout=120, **how):
        """Runs a program of the stack; the finished process with its output as text."""
        how.setdefault("env", self.env)
        how.setdefault("cwd", self.folder)
        return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                              timeout=timeout, check=False, **how)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def sanitizer_reports(self):
        texts = [path.read_text(errors="replace") for path in self.folder.glob("sanitizer.*")]
        if SANITIZER.search(self.log_text()):
            texts.append(self.log_text())
        return "\n".join(texts)

    def _keep_logs(self):
        shelf = self.build / "sandbox-logs"
        place = shelf / self.folder.name
        place.mkdir(parents=True, exist_ok=True)
        for path in [self.log, self.db.log, self.conf, *self.folder.glob("sanitizer.*")]:
            if path.exists():
                shutil.copy(path, place)
        for title, path in (("the daemon's log", self.log), ("PostgreSQL's log", self.db.log)):
            print(f"sandbox: {title} ends:\n{_tail(path)}", file=sys.stderr)
        print(f"sandbox: logs are in {place}", file=sys.stderr)
        for old in sorted(shelf.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEEP_LOGS]:
            shutil.rmtree(old, ignore_errors=True)


def _office(text):
    code, _, rest = text.partition("=")
    zone, _, name = rest.partition(":")
    return code, zone or "WIB", name or code


def _finish(process, what):
    text, _ = process.communicate(timeout=60)
    if process.returncode:
        raise StackError(f"{what} ended with {process.returncode}:\n{text}")


def _tail(path, lines=15):
    if not path.exists():
        return "  (none)"
    return "\n".join("  " + line for line in
                     path.read_text(errors="replace").splitlines()[-lines:])
