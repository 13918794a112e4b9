"""suara-ca(8) when something is in the way, and its certificates where they are used: in TLS.

Programs that the script calls are replaced through PATH where a failure, or a moment in between, is
needed. Waiting is always for a condition.
"""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_ca import SCRIPT, Bundle, Ca, ca, fresh, mode, openssl  # noqa: E402,F401


def shim(tmp_path, name, body):
    """Puts a program before the real one on the PATH; returns the folder."""
    folder = tmp_path / "shims"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/bash\n{body}\n")
    (folder / name).chmod(0o755)
    return folder


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        os.sched_yield()


def test_nothing_is_overwritten(ca, tmp_path):
    before = ca.tree()
    assert "is not an empty folder" in ca.run("init", status=73)
    for name in ("file", "link"):
        out = tmp_path / name
        out.write_text("mine") if name == "file" else out.symlink_to(tmp_path / "nowhere")
        assert "exists and stays as it is" in ca.run("issue", "office", "A", "-o", out, status=73)
        ca.run("init", "--dir", out, status=73)
    assert (tmp_path / "file").read_text() == "mine" and not (tmp_path / "nowhere").exists()
    ca.run("issue", "office", "A", "-o", tmp_path / "no" / "x", status=73)
    assert ca.tree() == before

    # A bundle that was there before its name had a certificate.
    (ca.dir / "bundles" / "office-B.bundle").write_text("mine")
    assert "exists and stays as it is" in ca.run("issue", "office", "B", status=73)
    assert (ca.dir / "bundles" / "office-B.bundle").read_text() == "mine"

    # One that comes up in the last moment.
    late = tmp_path / "late"
    path = shim(tmp_path, "sync", f'echo mine >"{late}"; exec /usr/bin/sync "$@"')
    said = Ca(ca.dir, path).run("issue", "office", "C", "-o", late, status=73)
    assert late.read_text() == "mine\n" and "revoke its certificate: suara-ca revoke " in said
    ca.run("revoke", said.split()[-1])
    assert [r["state"] for r in ca.list() if r["name"] == "C"] == ["revoked"]
    assert sorted(os.listdir(tmp_path)) == ["ca", "file", "late", "link", "shims"]


def test_many_at_a_time(ca):
    names = [f"N{i}" for i in range(8)]
    with concurrent.futures.ThreadPoolExecutor(len(names) + 2) as pool:
        runs = [pool.submit(ca.run, "issue", "office", name) for name in names]
        runs += [pool.submit(ca.run, "revoke", "office", "BBPOM-SMG"), pool.submit(ca.run, "renew", "server")]
        for run in runs:
            run.result()
    rows = ca.list()
    assert {r["name"] for r in rows if r["role"] == "office"} == {*names, "BBPOM-SMG"}
    assert len({r["serial"] for r in rows}) == len(rows) == len(names) + 3
    assert "revoked" in ca.verify(ca.bundle().cert)
    for name in names:
        assert ca.bundle("office", name).serial in {r["serial"] for r in rows if r["name"] == name}
        assert ca.verify(ca.bundle("office", name).cert) == ""


def test_same_name_at_a_time(ca):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = [subprocess.Popen([SCRIPT, "issue", "office", "A"], env=ca.env, stderr=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL) for _ in range(4)]
        assert sorted(pool.map(lambda run: run.wait(), runs)) == [0, 73, 73, 73]
    assert [r["serial"] for r in ca.list() if r["name"] == "A"] == [ca.bundle("office", "A").serial]


def test_two_inits_at_a_time(tmp_path):
    # Both have seen that the folder is free when they go on: openssl waits for the other one's.
    path = shim(tmp_path, "openssl", f'touch "{tmp_path}"/began.$PPID\n'
                f'until set -- "{tmp_path}"/began.* && [ $# -gt 1 ]; do :; done; exec /usr/bin/openssl "${{all[@]}}"')
    text = (path / "openssl").read_text().replace("#!/bin/bash\n", '#!/bin/bash\nall=("$@")\n')
    (path / "openssl").write_text(text)
    ca = Ca(tmp_path / "ca", path)
    runs = [subprocess.Popen([SCRIPT, "init", "--server", "a"], env=ca.env, stderr=subprocess.PIPE,
                             stdout=subprocess.PIPE) for _ in range(2)]
    said = [run.communicate() for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 73], said
    assert ca.verify((ca.dir / "server.crt").read_text()) == "" and ca.list()
    assert [n for n in os.listdir(tmp_path) if n.startswith(".")] == []


@pytest.mark.parametrize("words", ["issue office A", "issue office A -o out", "renew office BBPOM-SMG", "crl",
                                   "revoke office BBPOM-SMG", "issue server b --new-key"])
def test_a_disk_that_fails(ca, tmp_path, words):
    before = ca.tree()
    said = Ca(ca.dir, shim(tmp_path, "sync", "exit 1")).run(*words.split(), status=74)
    assert "can't save in" in said and "room" in said
    assert ca.tree() == before and sorted(os.listdir(tmp_path)) == ["ca", "shims"]


def test_a_disk_that_fails_at_init(tmp_path):
    ca = Ca(tmp_path / "ca", shim(tmp_path, "sync", "exit 1"))
    ca.run("init", status=74)
    assert os.listdir(tmp_path) == ["shims"]


def test_synced_before_it_appears(ca, tmp_path):
    log = tmp_path / "log"
    shim(tmp_path, "sync", f'printf "sync %s\\n" "$@" >>"{log}"; exec /usr/bin/sync "$@"')
    path = shim(tmp_path, "mv", f'printf "mv %s\\n" "$@" >>"{log}"; exec /usr/bin/mv "$@"')
    Ca(ca.dir, path).run("issue", "office", "A")
    did = log.read_text().splitlines()
    serial = ca.bundle("office", "A").serial
    steps = [f"sync issued/{serial}.crt", f"sync bundle.{serial}", "sync index", f"mv issued/{serial}.crt",
             f"mv {ca.dir}/index", f"sync {ca.dir}", f"mv {ca.dir}/bundles/office-A.bundle", f"sync {ca.dir}/bundles/"]
    assert [line for line in did if line in steps] == steps


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_ended_half_way(ca, tmp_path, how):
    before = ca.tree()
    path = shim(tmp_path, "sync", f'touch "{tmp_path}/here"; until [ -e "{tmp_path}/go" ]; do :; done; exit 1')
    run = subprocess.Popen([SCRIPT, "issue", "office", "A", "-o", tmp_path / "out"], env=Ca(ca.dir, path).env,
                           stderr=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_for((tmp_path / "here").exists)
    run.send_signal(how)
    if how == signal.SIGKILL:
        run.wait()
    (tmp_path / "go").touch()
    assert run.wait() != 0
    if how != signal.SIGKILL:
        assert ca.tree() == before and sorted(os.listdir(tmp_path)) == ["ca", "go", "here", "shims"]
    ca.run("issue", "office", "A")
    assert ca.verify(ca.bundle("office", "A").cert) == "" and not (ca.dir / ".work").exists()
    assert len([r for r in ca.list() if r["name"] == "A"]) == 1
    assert {p.stem for p in (ca.dir / "issued").iterdir()} == {r["serial"] for r in ca.list()}


def test_serials_are_no_numbers(ca):
    """To awk these two are the same number, unless it is told that they are text."""
    serials = ["4000000000000000000000000000000" + last for last in "12"]
    lines = [f"V\t991231235959Z\t\t{serial}\tunknown\t/OU=office/CN={serial[-1]}\n" for serial in serials]
    with open(ca.dir / "index", "a") as index:
        index.writelines(lines)
    ca.run("revoke", serials[0])
    assert [r["serial"] for r in ca.list() if r["state"] == "revoked"] == [serials[0]]
    assert "there is no certificate" in ca.run("revoke", serials[0] + ".0", status=64)


def test_openssl_that_fails(ca, tmp_path):
    before = ca.tree()
    path = shim(tmp_path, "openssl", '[ "$1" = ca ] && echo "the reason" >&2 && exit 1; exec /usr/bin/openssl "$@"')
    assert "the reason" in Ca(ca.dir, path).run("issue", "office", "A", status=70)
    assert "the reason" in Ca(ca.dir, path).run("revoke", "office", "BBPOM-SMG", status=70)
    assert ca.tree() == before


def test_held_lock(ca, tmp_path):
    said = Ca(ca.dir, shim(tmp_path, "flock", "exit 1")).run("crl", status=75)
    assert "another suara-ca has held" in said and "try again" in said


def test_another_account():
    if os.geteuid() != 0:
        pytest.skip("needs root, to run as another account")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copy(SCRIPT.with_name("suara-ca-root"), folder)
        script = shutil.copy(SCRIPT, folder)
        ca = Ca(pathlib.Path(folder) / "ca")
        ca.run("init", "--server", "a")
        for words in (["list"], ["crl"], ["issue", "office", "A"]):
            done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", script, *words],
                                  env=ca.env, capture_output=True, text=True)
            assert done.returncode == 77 and "may not use the CA" in done.stderr
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "cat", ca.dir / "crl.pem"])
        assert done.returncode == 0


def shake_hands(ca, bundle, tmp_path, client_crl=False):
    """Both sides of TLS 1.3 in memory; returns the URIs that the server and the client saw."""
    (tmp_path / "c.crt").write_text(bundle.cert)
    (tmp_path / "c.key").write_text(bundle.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(ca.dir / "server.crt", ca.dir / "server.key")
    server.load_verify_locations(ca.dir / "ca.crt")
    server.load_verify_locations(ca.dir / "crl.pem")
    server.verify_mode, server.verify_flags = ssl.CERT_REQUIRED, ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_cert_chain(tmp_path / "c.crt", tmp_path / "c.key")
    client.load_verify_locations(cadata="".join(bundle.cas))
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(down, up, server_hostname=bundle.server.split(":")[0]),
             server.wrap_bio(up, down, server_side=True)]
    for side in (0, 1, 0, 1):
        try:
            sides[side].do_handshake()
        except ssl.SSLWantReadError:
            pass
    return [[value for kind, value in side.getpeercert()["subjectAltName"] if kind == "URI"]
            for side in reversed(sides)]


def test_tls(ca, tmp_path):
    ca.run("issue", "auditor", "ombudsman")
    office, auditor = ca.bundle(), ca.bundle("auditor", "ombudsman")
    server = ["urn:suara:server:suara.example"]
    assert shake_hands(ca, office, tmp_path) == [["urn:suara:office:BBPOM-SMG"], server]
    assert shake_hands(ca, auditor, tmp_path) == [["urn:suara:auditor:ombudsman"], server]
    ca.run("revoke", "office", "BBPOM-SMG")
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate revoked"):
        shake_hands(ca, office, tmp_path)
    assert shake_hands(ca, auditor, tmp_path) == [["urn:suara:auditor:ombudsman"], server]
    ca.run("issue", "server", "other.example")
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(ca, auditor, tmp_path)
