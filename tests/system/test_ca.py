"""suara-ca(8), run as people run it, and judged by openssl and by a TLS handshake.

Each test works on its own copy of one fresh CA. What it must survive is in test_ca_faults.py.
"""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import ssl
import stat
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "client" / "suara-ca"
PAGE = ROOT / "docs" / "suara-ca.8"
ROLES = ["office", "supervisor", "admin", "auditor"]
DAY = 86400


def openssl(*words, text=None):
    done = subprocess.run(["openssl", *map(str, words)], input=text, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Ca:
    """A folder with a CA, and the commands on it."""

    def __init__(self, folder, path=None):
        self.dir = pathlib.Path(folder)
        self.cwd = next(p for p in self.dir.parents if p.exists())
        self.env = {**os.environ, "SUARA_CA": str(folder), "LC_ALL": "C.UTF-8"}
        self.env["PATH"] = (f"{path}:" if path else "") + "/usr/bin:/bin"

    def run(self, *words, status=0):
        done = subprocess.run([SCRIPT, *map(str, words)], env=self.env, capture_output=True, text=True,
                              cwd=self.cwd)
        assert done.returncode == status, done.stdout + done.stderr
        if status:
            assert re.fullmatch(r"suara-ca: .+\n", done.stderr, re.S) and not done.stdout
        return done.stderr if status else done.stdout

    def bundle(self, role="office", name="BBPOM-SMG"):
        return Bundle(self.dir / "bundles" / f"{role}-{name}.bundle")

    def list(self):
        return json.loads(self.run("list", "--format", "json"))

    def verify(self, cert, *more):
        """The verdict of openssl, with the CRL, as text: empty when it is good."""
        code, said = openssl("verify", "-x509_strict", "-CAfile", self.dir / "ca.crt", "-crl_check",
                             "-CRLfile", self.dir / "crl.pem", *more, text=cert)
        return said if code else ""

    def tree(self):
        return {str(p.relative_to(self.dir)): p.read_bytes() if p.is_file() else None
                for p in self.dir.rglob("*") if p.name != ".lock"}


class Bundle:
    """What a client sees in a bundle: exactly these lines, then PEM blocks in this order."""

    def __init__(self, path):
        self.path, self.text = path, path.read_text()
        head, blocks = self.text.split("-----BEGIN", 1)
        lines = head.splitlines()
        assert lines[0] == ("# Suara bundle: keep it secret, it holds a private key. "
                            "Enrol with: suara enroll FILE")
        assert [line.split(" = ")[0] for line in lines[1:]] == ["role", "name", "server"]
        self.role, self.name, self.server = [line.split(" = ")[1] for line in lines[1:]]
        blocks = re.findall(r"(-----BEGIN ([A-Z ]+)-----\n[A-Za-z0-9+/=\n]+-----END \2-----\n)",
                            "-----BEGIN" + blocks)
        assert head + "".join(b for b, _ in blocks) == self.text
        assert [kind for _, kind in blocks[:3]] == ["CERTIFICATE", "PRIVATE KEY", "CERTIFICATE"]
        self.cert, self.key, self.cas = blocks[0][0], blocks[1][0], [b for b, _ in blocks[2:]]

    @property
    def serial(self):
        return openssl("x509", "-noout", "-serial", text=self.cert)[1].strip().split("=")[1]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    ca = Ca(tmp_path_factory.mktemp("fresh") / "ca")
    ca.run("init", "--server", "suara.example:7000", "--server", "127.0.0.1", "--server", "[::1]:9")
    ca.run("issue", "office", "BBPOM-SMG")
    return ca.dir


@pytest.fixture
def ca(fresh, tmp_path):
    shutil.copytree(fresh, tmp_path / "ca")
    return Ca(tmp_path / "ca")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def extension(cert, name):
    code, said = openssl("x509", "-noout", "-ext", name, text=cert)
    assert code == 0
    return said.split("\n", 1)[1].strip()


def until(text, field, *kind):
    """Seconds from now to a date in a certificate or CRL."""
    said = openssl(*(kind or ["x509"]), "-noout", "-" + field, text=text)[1]
    return ssl.cert_time_to_seconds(said.strip().split("=")[1]) - time.time()


def public(text, *kind):
    return openssl(*kind, text=text)[1]


def test_init(ca):
    public_files = {"ca.crt", "crl.pem", "server.crt"}
    assert {p.name for p in ca.dir.iterdir()} == public_files | {
        "server.key", "private", "index", "crlnumber", "issued", "bundles", "servers", ".lock"}
    for path in ca.dir.rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o644 if path.name in public_files else 0o600), path
    assert mode(ca.dir) == 0o711
    cert = (ca.dir / "ca.crt").read_text()
    assert "critical\n    CA:TRUE, pathlen:0" in openssl("x509", "-noout", "-ext", "basicConstraints", text=cert)[1]
    assert extension(cert, "keyUsage") == "Certificate Sign, CRL Sign"
    assert "prime256v1" in openssl("x509", "-noout", "-text", text=cert)[1]
    assert abs(until(cert, "enddate") - 3652 * DAY) < 600
    assert "CN = Suara CA" in openssl("x509", "-noout", "-subject", text=cert)[1]
    crl = (ca.dir / "crl.pem").read_text()
    assert "No Revoked Certificates" in openssl("crl", "-noout", "-text", text=crl)[1]
    assert openssl("crl", "-noout", "-CAfile", ca.dir / "ca.crt", text=crl) == (0, "verify OK\n")
    assert abs(until(crl, "nextupdate", "crl") - 30 * DAY) < 600
    assert until(crl, "lastupdate", "crl") < -23 * 3600


def test_init_names_the_ca_verbatim(tmp_path):
    ca = Ca(tmp_path / "a folder, $HOME & more" / "ca")
    ca.run("init", "--name", 'Badan "X"/Y+Z=é \\ $HOME')
    said = openssl("x509", "-in", ca.dir / "ca.crt", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus")[1]
    assert said.strip() == 'subject=CN=Badan "X"/Y+Z=é \\ $HOME'
    assert mode(ca.dir.parent) == 0o755
    assert (ca.dir / "servers").read_text() == f"{os.uname().nodename}:7827\n"
    ca.run("init", "--dir", tmp_path / "b", "--name", "x" * 65, status=64)
    assert not (tmp_path / "b").exists()


def test_server_certificate(ca):
    cert = (ca.dir / "server.crt").read_text()
    assert extension(cert, "subjectAltName") == (
        "URI:urn:suara:server:suara.example, DNS:suara.example, IP Address:127.0.0.1, "
        "IP Address:0:0:0:0:0:0:0:1")
    assert extension(cert, "extendedKeyUsage") == "TLS Web Server Authentication"
    assert ca.verify(cert, "-purpose", "sslserver", "-verify_hostname", "suara.example") == ""
    assert "purpose" in ca.verify(cert, "-purpose", "sslclient")
    assert public(cert, "x509", "-pubkey", "-noout") == public((ca.dir / "server.key").read_text(), "pkey", "-pubout")


@pytest.mark.parametrize("role", ROLES)
def test_issue(ca, role):
    ca.run("issue", role, "A_1.x-y", "--days", 10)
    bundle = ca.bundle(role, "A_1.x-y")
    assert (bundle.role, bundle.name, bundle.server) == (role, "A_1.x-y", "suara.example:7000")
    assert mode(bundle.path) == 0o600
    assert bundle.cas == [(ca.dir / "ca.crt").read_text()]
    assert extension(bundle.cert, "subjectAltName") == f"URI:urn:suara:{role}:A_1.x-y"
    assert extension(bundle.cert, "extendedKeyUsage") == "TLS Web Client Authentication"
    assert extension(bundle.cert, "keyUsage") == "Digital Signature"
    assert extension(bundle.cert, "basicConstraints") == "CA:FALSE"
    assert extension(bundle.cert, "authorityKeyIdentifier") == extension(bundle.cas[0], "subjectKeyIdentifier")
    assert re.fullmatch(r"[0-9A-F:]{59}", extension(bundle.cert, "subjectKeyIdentifier"))
    assert abs(until(bundle.cert, "enddate") - 10 * DAY) < 600
    assert until(bundle.cert, "startdate") < -23 * 3600
    assert ca.verify(bundle.cert, "-purpose", "sslclient") == ""
    assert "purpose" in ca.verify(bundle.cert, "-purpose", "sslserver")
    assert public(bundle.cert, "x509", "-pubkey", "-noout") == public(bundle.key, "pkey", "-pubout")
    assert (ca.dir / "issued" / f"{bundle.serial}.crt").read_text() == bundle.cert
    secret = bundle.key.splitlines()[2].encode()
    assert [p for p in ca.dir.parent.rglob("*") if p.is_file() and secret in p.read_bytes()] == [bundle.path]


def test_issue_elsewhere_and_for_another_address(ca, tmp_path):
    out = tmp_path / "out dir" / "x.bundle"
    out.parent.mkdir()
    ca.run("issue", "admin", "root", "-o", "out dir/x.bundle", "--server", "suara.example:1")
    assert Bundle(out).server == "suara.example:1" and mode(out) == 0o600
    assert os.listdir(out.parent) == ["x.bundle"]
    assert not (ca.dir / "bundles" / "admin-root.bundle").exists()
    done = subprocess.run([SCRIPT, "issue", "office", "Q", "--server=[fe80::1]:5"], env=ca.env, capture_output=True)
    assert b"not for [fe80::1]" in done.stderr and ca.bundle("office", "Q").server == "[fe80::1]:5"


def test_several_names_or_none(ca):
    ca.run("issue", "office", "A", "B", "C")
    serials = {ca.bundle("office", name).serial for name in "ABC"}
    assert len(serials) == 3 and all(ca.verify(ca.bundle("office", name).cert) == "" for name in "ABC")
    before = ca.tree()
    assert "office C has a valid certificate" in ca.run("issue", "office", "D", "C", status=73)
    ca.run("issue", "office", "D", "e/f", status=64)
    assert "office D has a valid certificate" in ca.run("issue", "office", "D", "D", status=73)
    ca.run("issue", "office", "D", "E", "-o", "x", status=64)
    assert ca.tree() == before


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "-a", "a/b", "a b", "a:b", "a,b", "é", "a\nb", "x" * 65, "$(id)"])
def test_names_refused(ca, name):
    before = ca.tree()
    for command in ("issue", "renew"):
        said = ca.run(command, "office", "--", name, status=64)
        assert "can't be a name" in said and "letters, digits" in said
    assert ca.tree() == before


def test_longest_name(ca):
    ca.run("issue", "office", "x" * 64)
    assert extension(ca.bundle("office", "x" * 64).cert, "subjectAltName").endswith(":" + "x" * 64)


def test_revoke(ca):
    ca.run("issue", "office", "A", "B")
    ca.run("issue", "admin", "A")
    ca.run("renew", "office", "A", "-o", "A2")
    certs = {key: bundle.cert for key, bundle in {
        "A": ca.bundle("office", "A"), "A2": Bundle(ca.dir.parent / "A2"), "B": ca.bundle("office", "B"),
        "admin": ca.bundle("admin", "A"), "smg": ca.bundle()}.items()}
    ca.run("revoke", ca.bundle("office", "B").serial.lower())
    assert {key for key, cert in certs.items() if "revoked" in ca.verify(cert)} == {"B"}
    assert ca.run("revoke", "office", "A").count("revoked: ") == 2
    assert {key for key, cert in certs.items() if "revoked" in ca.verify(cert)} == {"A", "A2", "B"}
    assert ca.verify(certs["admin"]) == ca.verify(certs["smg"]) == ""
    states = {(row["role"], row["name"]): row["state"] for row in ca.list()}
    assert states["office", "A"] == states["office", "B"] == "revoked"
    assert states["admin", "A"] == states["office", "BBPOM-SMG"] == "valid"
    assert mode(ca.dir / "crl.pem") == 0o644

    ca.run("revoke", "admin", "A")
    assert "revoked" in ca.verify(certs["admin"]) and ca.verify(certs["smg"]) == ""

    # After a crash between index and CRL, the same command mends the CRL.
    (ca.dir / "crl.pem").unlink()
    assert "revoked before" in ca.run("revoke", "office", "A")
    assert "revoked" in ca.verify(certs["A"])
    for words in (["office", "nobody"], ["0" * 32], ["ffff"], ["office", "A/CN=B"]):
        assert "there is no certificate of" in ca.run("revoke", *words, status=64)


def test_renew(ca):
    old = ca.bundle()
    ca.run("renew", "office", "BBPOM-SMG")
    assert ca.bundle().text == old.text
    [path] = set((ca.dir / "bundles").iterdir()) - {old.path}
    new = Bundle(path)
    assert path.name == f"office-BBPOM-SMG.{new.serial}.bundle" and mode(path) == 0o600
    assert new.key != old.key and new.serial != old.serial
    assert ca.verify(old.cert) == ca.verify(new.cert) == ""
    ca.run("revoke", old.serial)
    assert "revoked" in ca.verify(old.cert) and ca.verify(new.cert) == ""
    old.path.unlink()
    ca.run("renew", "office", "BBPOM-SMG")
    assert ca.bundle().serial not in (old.serial, new.serial)
    assert "use: suara-ca issue office nobody" in ca.run("renew", "office", "nobody", status=64)
    ca.run("revoke", "office", "BBPOM-SMG")
    ca.run("renew", "office", "BBPOM-SMG", status=64)
    ca.run("issue", "office", "BBPOM-SMG", "-o", "again")


def test_expired(ca):
    index = (ca.dir / "index").read_text()
    (ca.dir / "index").write_text(re.sub(r"V\t\d{6}(.*BBPOM)", r"V\t200131\1", index))
    [row] = [row for row in ca.list() if row["role"] == "office"]
    assert row["state"] == "expired" and row["not_after"].startswith("2020-01-31T")
    assert "exists and stays" in ca.run("issue", "office", "BBPOM-SMG", status=73)
    ca.run("renew", "office", "BBPOM-SMG")
    assert [r["state"] for r in ca.list() if r["role"] == "office"] == ["expired", "valid"]


def test_crl(ca, tmp_path):
    def due():
        return until((ca.dir / "crl.pem").read_text(), "nextupdate", "crl") / DAY

    def number():
        return int(openssl("crl", "-in", ca.dir / "crl.pem", "-noout", "-crlnumber")[1].split("=")[1], 16)

    first = number()
    ca.run("crl", "--days", 90)
    assert abs(due() - 90) < 0.1 and number() == first + 1
    ca.run("revoke", "office", "BBPOM-SMG")
    assert abs(due() - 90) < 0.1 and number() == first + 2
    ca.run("revoke", "office", "BBPOM-SMG", "--days", 100)
    assert abs(due() - 100) < 0.1
    ca.run("crl")
    assert abs(due() - 30) < 0.1 and "revoked" in ca.verify(ca.bundle().cert)


def test_server_anew(ca):
    key, cert = (ca.dir / "server.key").read_text(), (ca.dir / "server.crt").read_text()
    ca.run("renew", "server")
    renewed = (ca.dir / "server.crt").read_text()
    assert renewed != cert and extension(renewed, "subjectAltName") == extension(cert, "subjectAltName")
    ca.run("issue", "server", "b.example:1", "10.0.0.1", "b.example:2")
    assert (ca.dir / "server.key").read_text() == key
    cert = (ca.dir / "server.crt").read_text()
    assert extension(cert, "subjectAltName") == (
        "URI:urn:suara:server:b.example, DNS:b.example, IP Address:10.0.0.1")
    ca.run("issue", "admin", "root")
    assert ca.bundle("admin", "root").server == "b.example:1"
    ca.run("renew", "server", "--new-key")
    assert (ca.dir / "server.key").read_text() != key
    assert (mode(ca.dir / "server.key"), mode(ca.dir / "server.crt")) == (0o600, 0o644)
    cert, key = (ca.dir / "server.crt").read_text(), (ca.dir / "server.key").read_text()
    assert public(cert, "x509", "-pubkey", "-noout") == public(key, "pkey", "-pubout")
    assert ca.verify(cert, "-purpose", "sslserver") == ""


def test_list(ca):
    ca.run("issue", "office", "A")
    rows = ca.list()
    assert [(row["role"], row["name"], row["state"]) for row in rows] == [
        ("office", "A", "valid"), ("office", "BBPOM-SMG", "valid"), ("server", "suara.example", "valid")]
    assert rows[0]["serial"] == ca.bundle("office", "A").serial
    end = time.mktime(time.strptime(rows[0]["not_after"] + " UTC", "%Y-%m-%dT%H:%M:%SZ %Z")) - time.timezone
    assert abs(end - time.time() - 730 * DAY) < 600
    assert list(csv.DictReader(io.StringIO(ca.run("list", "--format=csv")))) == rows
    table = [line.split() for line in ca.run("list").splitlines()]
    assert table == [list(rows[0])] + [list(row.values()) for row in rows]
    (ca.dir / "index").write_text("")
    assert ca.list() == [] and ca.run("list", "--format", "csv").count("\n") == 1


def test_help_version_and_page_agree(tmp_path):
    nowhere = Ca(tmp_path / "none")
    assert nowhere.run("--version") == "suara-ca 0.1.0\n"
    usage = nowhere.run("--help")
    page = PAGE.read_text()
    in_page = {"--" + w for w in re.findall(r"^\.It Fl Fl (\S+)", page, re.M)}
    in_page |= {"-" + w for w in re.findall(r"^\.It Fl (\w) ", page, re.M)}
    assert in_page == set(re.findall(r"^  (--?[\w-]+) ", usage, re.M)) | {"--help", "--version"}
    commands = set(re.findall(r"^  suara-ca ([a-z]+)", usage, re.M))
    assert commands == {"init", "issue", "renew", "revoke", "crl", "rollover", "list"}
    assert commands == {w.split()[0] for w in re.findall(r"^\.It Cm (.+)", page, re.M)}
    for command in commands:
        said = nowhere.run(command, "--help")
        assert set(re.findall(r"^  suara-ca ([a-z]+)", said, re.M)) == {command}
    assert "--days" in nowhere.run("crl", "--help") and "--name" not in nowhere.run("crl", "--help")
    said = {int(n) for n in re.findall(r"^\.It (\d+)$", page, re.M)}
    used = {int(n) for n in re.findall(r"[A-Z]+=(\d\d)(?!\d)", re.search(r"readonly USAGE.*", SCRIPT.read_text())[0])}
    assert said == used | {0}


@pytest.mark.parametrize("words, said", [
    ("", "unknown command"), ("frob", "unknown command"), ("issue", "is no role"), ("issue boss x", "is no role"),
    ("issue office", "for whom"), ("issue server", "for which hosts"), ("renew server x", "does not take the word"),
    ("revoke", "SERIAL"), ("revoke office a b", "SERIAL"), ("list x", "does not take the word"),
    ("list --format xml", "table csv json"), ("list --nope", "unknown option"), ("list --days 3", "not take --days"),
    ("crl x", "does not take the word"), ("crl --days 0", "1 to 9999"), ("crl --days 08", "1 to 9999"),
    ("crl --days -1", "1 to 9999"), ("crl --days", "needs a value"), ("issue office A --days 9999", "ends on 20"),
    ("rollover", "rollover begin"), ("rollover end", "rollover begin"), ("list --force", "not take --force"),
    ("issue server a:0", "port"), ("issue server a:65536", "port"), ("issue server a:b", "port"),
    ("issue server 1.2.3.400", "address"), ("issue server a..b", "address"), ("issue server -- -a", "address"),
    ("issue server :::", "address"), ("issue server [::1", "address"), ("issue server a/b", "address"),
    ("issue server x --server y", "does not take --server"), ("issue server x -o y", "does not take -o"),
    ("issue office A --new-key", "does not take --new-key"), ("issue office A --server a,b", "address")])
def test_wrong_use(ca, words, said):
    before = ca.tree()
    assert said in ca.run(*words.split(), status=64)
    assert ca.tree() == before


def test_no_ca(tmp_path):
    for words in (["list"], ["crl"], ["issue", "office", "A"], ["revoke", "ab"]):
        said = Ca(tmp_path / "none").run(*words, status=64)
        assert "there is no CA in" in said and "suara-ca init" in said
    assert os.listdir(tmp_path) == []
