"""The units on a booted systemd: what `make install` installs, the commands of suarad(8), and the
daemon as systemd sees it: ready, reload, crash, hang, drain, stop. Where the machine can't boot a
systemd in namespaces (tests/boot), all of this is skipped with the reason.

The tests are one story on one machine and run in the order of this file."""

import json
import re
import subprocess
import time

import pytest
from stack_pg import ROOT, wait_for

BOOT = ROOT / "tests/boot"
DATA = ROOT / "tests/data/sekadau-2019-s1.csv"
SKIPPED = 77
LOG_LINE = re.compile(r"(error|warn|info|debug) [a-z.]+( [a-z_]+=([^ \"]+|\"[^\n]*\"))+")
ENV = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
       "HOME=/root", "LANG=C.UTF-8")
# Waits that a test can wait for; all else of the units stays as it is installed.
QUICK = """
mkdir -p /run/systemd/system/suarad.service.d /run/systemd/system/suara-sync.service.d
printf '[Service]\\nWatchdogSec=2s\\nTimeoutAbortSec=1s\\n' >/run/systemd/system/suarad.service.d/quick.conf
sed -n 's/^ExecStart=.*/[Service]\\nExecStart=\\n& --wait 200ms/p' \
    /usr/local/lib/systemd/system/suara-sync.service >/run/systemd/system/suara-sync.service.d/quick.conf
systemctl daemon-reload
"""
# The machine may have clusters of its own; in there is a copy, to be spoilt.
DATABASE = """
rm -rf /etc/postgresql/* /var/lib/postgresql/*
version=$(ls /usr/lib/postgresql | sort -n | tail -n 1)
pg_createcluster --port 5432 --locale C.UTF-8 --start-conf auto "$version" main -- --no-sync
sed -i '1i local suara suara_ingest,suara_report peer map=suara' /etc/postgresql/"$version"/main/pg_hba.conf
printf 'suara suarad %s\n' suara_ingest suara_report >>/etc/postgresql/"$version"/main/pg_ident.conf
systemctl start postgresql@"$version"-main.service
runuser -u postgres -- createdb suara
runuser -u postgres -- suara-migrate -d dbname=suara --admin pusat
"""
CERTIFICATES = """
suara-ca init --server localhost
cd /root
suara-ca issue admin pusat -o admin-pusat.bundle
suara-ca issue office BBPOM-SMG -o bbpom-smg.bundle
"""
PEOPLE = """
cd /root
suara --profile admin enroll admin-pusat.bundle
suara --profile admin admin office add BBPOM-SMG 'BBPOM di Semarang' --zone WIB
suara --profile BBPOM-SMG enroll bbpom-smg.bundle
"""


class Machine:
    """A booted systemd. Commands run in there, as root."""

    def __init__(self, folder, stage):
        self.log = (folder / "boot.log").open("w")
        leader = folder / "leader"
        # It ends with its standard input, so also when this process is killed.
        self.boot = subprocess.Popen([BOOT, "--add", stage, "--leader", leader, "--",
                                      "sh", "-c", "echo up; exec cat"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=self.log, text=True)
        assert self.boot.stdout.readline() == "up\n", (folder / "boot.log").read_text()
        self.enter = ("nsenter", "--target", leader.read_text().strip(), "--all", "--", *ENV)

    def end(self):
        self.boot.stdin.close()
        self.boot.wait(30)
        self.boot.stdout.close()
        self.log.close()

    def try_run(self, *command, seconds=60):
        return subprocess.run([*self.enter, *map(str, command)], capture_output=True, text=True,
                              check=False, timeout=seconds, stdin=subprocess.DEVNULL)

    def run(self, *command, **how):
        done = self.try_run(*command, **how)
        assert done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def script(self, text):
        return self.run("sh", "-euxc", text)

    def show(self, name, unit="suarad.service"):
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def state(self, unit="suarad.service"):
        return self.show("ActiveState", unit)

    def journal(self, *match):
        lines = self.run("journalctl", "--output", "json", "--no-pager", *match).splitlines()
        return [json.loads(line) for line in lines]

    def said(self, name):
        """Journal entries of the daemon that are about an event."""
        return [e for e in self.journal("_SYSTEMD_UNIT=suarad.service")
                if e["MESSAGE"].split(" ")[1:2] == [name]]

    def told(self, pid):
        """What the daemon told systemd, in order (systemd logs it at level debug)."""
        start = f"suarad.service: Got notification message from PID {pid} ("
        return [word.split("=")[0] for e in self.journal("_PID=1") if e["MESSAGE"].startswith(start)
                for word in e["MESSAGE"][len(start):-1].split(", ")]

    def ready(self):
        """The answer of /readyz: status and text; 0 when nobody answers."""
        done = self.try_run("/usr/bin/python3", "-c", """if True:
            import urllib.request, urllib.error
            try:
                answer = urllib.request.urlopen("http://127.0.0.1:9464/readyz", timeout=5)
            except urllib.error.HTTPError as error:
                answer = error
            print(answer.status, answer.read().decode())""")
        return int(done.stdout.split()[0]) if done.returncode == 0 else 0

    def wait_ready(self):
        wait_for(lambda: self.ready() == 200, 20, "/readyz says yes")

    def be_answered(self):
        """By the daemon, be it that it has no connection to the database yet."""
        done = self.try_run("suara", "--profile", "admin", "status")
        assert done.returncode == 0 or "the database is away" in done.stdout, done

    def pid(self):
        return int(self.show("MainPID"))


@pytest.fixture(scope="module")
def machine(build, tmp_path_factory, request):
    if not (build / "suarad").exists():
        pytest.skip("suarad is not built")
    if request.getfixturevalue("sanitized"):
        pytest.skip("the unit forbids what AddressSanitizer needs, and limits its memory")
    probe = subprocess.run([BOOT, "--probe"], capture_output=True, text=True, check=False, timeout=60)
    if probe.returncode == SKIPPED:
        pytest.skip(f"this machine can't boot a systemd: {probe.stdout.strip()}")
    assert probe.returncode == 0, probe

    folder = tmp_path_factory.mktemp("systemd")
    stage = folder / "stage"
    subprocess.run(["make", "--silent", "-C", ROOT, "install", f"BUILD={build}", f"DESTDIR={stage}"],
                   check=True, timeout=120, stdout=subprocess.DEVNULL)
    (stage / "root").mkdir(mode=0o700)
    (stage / "root/survey.csv").write_bytes(DATA.read_bytes())
    machine = Machine(folder, stage)
    try:
        machine.script(DATABASE)
        machine.script(CERTIFICATES)
        yield machine
    finally:
        machine.end()


def test_becomes_ready(machine):
    machine.run("systemctl", "log-level", "debug")
    machine.run("systemctl", "enable", "--now", "suarad.service", "suara-sync.timer")
    assert machine.state() == "active" and machine.state("suarad.socket") == "active"
    assert machine.told(machine.pid()).count("READY") == 1
    machine.wait_ready()
    user, command = machine.run("ps", "-o", "user=,args=", "-p", machine.pid()).split(None, 1)
    assert user == "suarad" and command.split()[0] == "/usr/local/sbin/suarad"
    start = machine.said("start")
    assert len(start) == 1 and "version=" in start[0]["MESSAGE"], start
    assert int(start[0]["PRIORITY"]) == 6


def test_an_office_is_served(machine):
    """By the socket of systemd and the client's own unit, from outbox to database."""
    machine.script(PEOPLE)
    machine.run("install", "-o", "suara", "/root/survey.csv", "/var/lib/suara/survey.csv")
    machine.run("systemctl", "stop", "suarad.socket")
    assert machine.state() == "inactive"    # with its socket; else the next caller would start it
    machine.run("runuser", "-u", "suara", "--", "suara", "--profile", "BBPOM-SMG", "submit", "--no-send",
                "/var/lib/suara/survey.csv", "--collected-at", "2019-06-30")
    machine.script(QUICK)
    # The server is away: the unit says so, and does not count it as its own failure.
    machine.run("systemctl", "start", "suara-sync.service")
    assert machine.show("ExecMainStatus", "suara-sync.service") == "69"
    assert machine.show("Result", "suara-sync.service") == "success"

    # Nobody starts the daemon: the first connection does.
    machine.run("systemctl", "start", "suarad.socket")
    assert machine.state() == "inactive"
    machine.be_answered()
    machine.wait_ready()
    machine.run("systemctl", "start", "suara-sync.service")
    assert machine.show("ExecMainStatus", "suara-sync.service") == "0"
    rows = machine.run("suara", "--profile", "admin", "report", "index", "--period", "2019-S1",
                       "--format", "json")
    assert [(row["n"], row["index"]) for row in json.loads(rows)] == [(49, "78.74")]


def test_reloads(machine):
    pid = machine.pid()
    machine.run("systemctl", "reload", "suarad.service")
    wait_for(lambda: machine.said("reload.done"), 10, "the daemon has reloaded")
    wait_for(lambda: machine.told(pid).count("READY") == 2, 10, "ready again")
    told = [word for word in machine.told(pid) if word in ("READY", "RELOADING")]
    assert told == ["READY", "RELOADING", "READY"]
    assert machine.state() == "active" and machine.pid() == pid and machine.ready() == 200


def test_a_wrong_configuration_is_told_at_the_reload(machine):
    pid = machine.pid()
    machine.run("sed", "-i.good", "s/^#idle_timeout = .*/idle_timout = 5m/", "/etc/suara/suarad.conf")
    done = machine.try_run("systemctl", "reload", "suarad.service")
    assert done.returncode != 0
    assert any("idle_timout" in e["MESSAGE"] for e in machine.journal("_SYSTEMD_UNIT=suarad.service"))
    assert machine.state() == "active" and machine.pid() == pid and machine.ready() == 200
    machine.run("mv", "/etc/suara/suarad.conf.good", "/etc/suara/suarad.conf")
    machine.run("systemctl", "reload", "suarad.service")


def test_a_revoked_certificate_is_out_after_a_reload(machine):
    """The list of revoked certificates is no credential, which a reload would not read anew."""
    machine.run("suara-ca", "issue", "auditor", "bpk", "-o", "/root/bpk.bundle")
    machine.run("suara", "--profile", "admin", "admin", "principal", "add", "auditor", "bpk")
    machine.run("suara", "--profile", "bpk", "enroll", "/root/bpk.bundle")
    ask = ("suara", "--profile", "bpk", "report", "index", "--period", "2019-S1")
    machine.run(*ask)
    machine.run("suara-ca", "revoke", "auditor", "bpk")
    done = len(machine.said("reload.done"))
    machine.run("systemctl", "reload", "suarad.service")
    wait_for(lambda: len(machine.said("reload.done")) > done, 10, "the daemon has reloaded")
    assert machine.try_run(*ask).returncode == 77


def test_a_new_key_of_the_server_is_taken_up_by_a_restart(machine):
    """The key is a credential, which systemd hands over at a start."""
    machine.run("suara-ca", "renew", "server", "--new-key")
    machine.run("systemctl", "restart", "suarad")
    machine.be_answered()
    machine.wait_ready()


def test_is_back_after_a_crash(machine):
    pid = machine.pid()
    socket = machine.show("InvocationID", "suarad.socket")
    machine.run("kill", "-KILL", pid)
    # No wait for the daemon here: systemd holds the socket, and the caller waits in its queue.
    machine.be_answered()
    assert machine.pid() not in (0, pid)
    assert machine.show("InvocationID", "suarad.socket") == socket
    machine.wait_ready()


def test_is_started_anew_when_it_hangs(machine):
    """Who calls meanwhile is served by the next one or keeps everything; nothing counts twice."""
    pid = machine.pid()
    wait_for(lambda: "WATCHDOG" in machine.told(pid), 10, "the daemon feeds the watchdog", step=0.1)
    machine.run("kill", "-STOP", pid)
    done = machine.try_run("runuser", "-u", "suara", "--", "suara", "--profile", "BBPOM-SMG", "submit",
                           "/var/lib/suara/survey.csv", "--collected-at", "2019-07-31", "--all", "--wait", "0")
    assert done.returncode in (0, 69) and "Saved 49 responses" in done.stdout, done
    wait_for(lambda: machine.pid() not in (0, pid), 15, "systemd has started another", step=0.1)
    wait_for(lambda: machine.state() == "active", 10, "it is up")
    machine.wait_ready()
    machine.run("systemctl", "start", "suara-sync.service")
    assert machine.show("ExecMainStatus", "suara-sync.service") == "0"
    for period in ("2019-S1", "2019-S2"):
        rows = machine.run("suara", "--profile", "admin", "report", "index", "--period", period,
                           "--format", "json")
        assert [(row["n"], row["index"]) for row in json.loads(rows)] == [(49, "78.74")]


def test_drains_and_stops(machine):
    pid = machine.pid()
    # A client that says nothing has nothing to be answered, and must not hold up the end.
    silent = subprocess.Popen([*machine.enter, "/usr/bin/python3", "-c", """if True:
        import socket, sys
        peer = socket.create_connection(("127.0.0.1", 7827))
        print("in", flush=True)
        while peer.recv(1000):
            pass
        print("out", flush=True)"""], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert silent.stdout.readline() == "in\n"
    started = time.monotonic()
    machine.run("systemctl", "stop", "suarad.socket")
    assert time.monotonic() - started < 20
    silent.communicate(timeout=20)
    assert machine.state() == "inactive" and machine.show("Result") == "success"
    assert machine.show("ExecMainStatus") == "0"
    assert "STOPPING" in machine.told(pid)
    assert machine.said("stop.begin") and machine.said("stop.drained") and machine.said("stop.end")
    assert not machine.said("stop.deadline")
    assert machine.state("suarad.socket") == "inactive"


def test_logs_are_key_value_lines(machine):
    # What systemd says between fork and exec may look as if the daemon had: it takes another way.
    lines = [e["MESSAGE"] for e in machine.journal("_SYSTEMD_UNIT=suarad.service", "_COMM=suarad",
                                                   "_TRANSPORT=stdout")]
    assert lines
    for line in lines:
        # That of ExecStartPre is no log; the journal knows its name only when it looks in time.
        assert LOG_LINE.fullmatch(line) or line.endswith(": the configuration is good"), line


def test_no_unit_has_failed(machine):
    assert machine.run("systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""
