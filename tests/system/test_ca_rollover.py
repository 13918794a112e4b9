"""The key of the CA is replaced, and nobody is refused who should not be: suara-ca rollover. Row 21
of docs/faults.md."""

import json
import re
import shutil
import ssl
import threading

import pytest
from certificates import hup
from suara_wire import Batch, Closed, Line
from test_ca import Bundle, Ca, fresh, mode, openssl  # noqa: F401
from test_ca_faults import shim


@pytest.fixture
def ca(fresh, tmp_path):    # noqa: F811
    shutil.copytree(fresh, tmp_path / "ca")
    return Ca(tmp_path / "ca")


def accepts(trusted, shown, *more):
    """What a client that trusts these CAs says of a server that shows these certificates."""
    folder = trusted.parent
    (folder / "shown").write_text(shown)
    return openssl("verify", "-purpose", "sslserver", "-CAfile", trusted, "-untrusted", folder / "shown",
                   *more, folder / "shown")[0] == 0


def check_rollover(ca, old_trust, old_office):
    """Within a rollover: both generations are good on both sides; what is revoked is not."""
    shown = (ca.dir / "server.crt").read_text()
    assert shown.count("BEGIN") == 2
    assert accepts(old_trust, shown) and accepts(ca.dir / "ca.crt", shown)
    new = ca.dir.parent / "new-ca.crt"
    new.write_text((ca.dir / "ca.crt").read_text().split("-----END")[0] + "-----END CERTIFICATE-----\n")
    assert accepts(new, shown)
    assert ca.verify(old_office.cert) == ""
    assert {mode(ca.dir / name) for name in ("ca.crt", "crl.pem", "server.crt")} == {0o644}
    assert {mode(path) for path in (ca.dir / "private").iterdir()} == {0o600}
    assert not (ca.dir / ".next").exists()


def test_from_begin_to_finish(ca):
    old, trust = ca.bundle(), ca.dir.parent / "old-ca.crt"
    shutil.copy(ca.dir / "ca.crt", trust)
    ca.run("issue", "office", "GONE")
    gone = ca.bundle("office", "GONE")
    assert "no rollover is under way" in ca.run("rollover", "finish", status=64)
    ca.run("rollover", status=64)
    ca.run("rollover", "begin", "--force", "finish", status=64)
    ca.run("rollover", "begin")
    check_rollover(ca, trust, old)
    assert "a rollover is under way" in ca.run("rollover", "begin", status=73)
    assert {row["name"] for row in ca.list()} == {"BBPOM-SMG", "GONE", "suara.example"}
    ca.run("revoke", "office", "GONE")
    ca.run("renew", "office", "BBPOM-SMG", "-o", "new.bundle")
    new = Bundle(ca.dir.parent / "new.bundle")
    assert len(new.cas) == 2 and ca.verify(new.cert) == ""
    assert not accepts(trust, new.cert, "-purpose", "sslclient")    # it is of the new CA alone
    ca.run("crl")
    ca.run("renew", "server")
    check_rollover(ca, trust, old)
    assert "revoked" in ca.verify(gone.cert)

    said = ca.run("rollover", "finish", status=73)
    assert f"office BBPOM-SMG ({old.serial})" in said and new.serial not in said and "GONE" not in said
    check_rollover(ca, trust, old)
    ca.run("revoke", old.serial)
    assert "revoked" in ca.verify(old.cert) and ca.verify(new.cert) == ""
    ca.run("rollover", "finish")
    names = {path.name for path in ca.dir.iterdir()}
    assert not {name for name in names if "old" in name or "cross" in name}
    assert [path.name for path in (ca.dir / "private").iterdir()] == ["ca.key"]
    assert [(ca.dir / name).read_text().count("BEGIN") for name in ("ca.crt", "crl.pem", "server.crt")] == [1, 1, 1]
    assert ca.verify(new.cert) == "" and ca.verify((ca.dir / "server.crt").read_text()) == ""
    assert "issuer certificate" in ca.verify(old.cert) or "signature failure" in ca.verify(old.cert)
    ca.run("issue", "office", "LATER")
    assert ca.verify(ca.bundle("office", "LATER").cert) == ""
    ca.run("rollover", "begin")    # and again, some years on
    check_rollover(ca, ca.dir.parent / "new-ca.crt", new)


def as_left_by_a_kill(ca, tmp_path, *step):
    """Copies of the CA as it is before each of the moves and removals of a rollover."""
    for name in ("mv", "rm"):
        path = shim(tmp_path, name, f'mkdir -p "{tmp_path}/left"; n=$(ls "{tmp_path}/left" | wc -l); '
                    f'cp -a "{ca.dir}" "{tmp_path}/left/$n"; exec /usr/bin/{name} "$@"')
    Ca(ca.dir, path).run("rollover", *step)
    made = sorted((tmp_path / "left").iterdir(), key=lambda folder: int(folder.name))
    return [Ca(folder) for folder in made]


def test_killed_within_begin(ca, tmp_path):
    """The next run of suara-ca finds a whole CA, before or after, and takes over what was left."""
    left = as_left_by_a_kill(ca, tmp_path, "begin")
    begun = [copy for copy in left if (copy.dir / ".next").exists()]
    assert len(begun) > 10
    for copy in begun[::5]:
        copy.run("renew", "server")
        shown = (copy.dir / "server.crt").read_text()
        assert shown.count("BEGIN") == 2 and copy.verify(shown) == ""
        assert (copy.dir / "old-ca.crt").exists() and not (copy.dir / ".next").exists()
    before = left[left.index(begun[0]) - 1]
    assert not (before.dir / "old-ca.crt").exists()
    before.run("rollover", "begin")


def test_killed_within_finish(ca, tmp_path):
    """Here one that is forced: who was not renewed is refused."""
    ca.run("rollover", "begin")
    left = as_left_by_a_kill(ca, tmp_path, "finish", "--force")
    assert ca.verify(ca.bundle().cert) != ""
    assert len(left) >= 6
    for copy in left[-5::2]:
        if (copy.dir / "old-ca.crt").exists():
            assert copy.verify(ca.bundle().cert) != "" or copy.run("rollover", "finish", status=73)
            copy.run("rollover", "finish", "--force")
        assert copy.verify((copy.dir / "server.crt").read_text()) == ""
    left[-1].run("rollover", "begin")


# ---- with a daemon, under load -------------------------------------------------------------------

OFFICES = ("LAMA", "BARU", "HILANG", "CURI")


class Load:
    """Offices that connect and submit, over and over; each trusts what its bundle says."""

    def __init__(self, stack, **bundles):
        self.stack, self.bundles, self.ended = stack, bundles, threading.Event()
        self.served, self.trouble = dict.fromkeys(bundles, 0), []
        self.threads = [threading.Thread(target=self.run, args=(who,)) for who in bundles]

    def run(self, who):
        count = 0
        while not self.ended.wait(0.2):
            count += 1
            batch = Batch()
            batch.add(1_690_000_000_000 + count, [3] * 9)
            try:
                with Line(self.stack, self.bundles[who]) as line:
                    assert line.submit(batch).receipt.stored == 1
            except Exception as error:    # whatever it is, the test must hear of it
                self.trouble.append((who, self.bundles[who].name, repr(error)))
                return
            self.served[who] += 1

    def go_on(self):
        """Until each was served twice more: the second began after the call."""
        goal = {who: count + 2 for who, count in self.served.items()}
        self.stack.wait(lambda: self.trouble or all(self.served[who] >= goal[who] for who in goal), 30,
                        "all to be served")
        assert not self.trouble

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        assert not self.trouble


def test_nobody_is_refused_on_the_way(make_stack):
    """A client of the old CA and a renewed one are served at every step, a revoked one at none."""
    stack = make_stack(offices=OFFICES, profiles=False)
    keep = {name: stack.bundle("office", name) for name in OFFICES}
    out = [keep["HILANG"]]

    def ca(*words, status=0):
        done = stack.run("suara-ca", *words)
        assert done.returncode == status, done
        return done.stdout + done.stderr

    def suara(*words):
        return stack.run("suara", "--profile", "LAMA", *words)

    def step(load, reload=True):
        if reload:
            assert any('"refused"} 0' in line for line in hup(stack))
        load.go_on()
        data = json.loads(suara("status", "--format", "json").stdout)
        assert data["reached"] and data["ready"], data
        for bundle in out:
            with pytest.raises((ssl.SSLError, Closed, ConnectionError)):
                Line(stack, bundle)

    def renewed(name):
        made = stack.folder / f"{name}-2.bundle"
        ca("renew", "office", name, "-o", made)
        Line(stack, keep[name]).close()
        return made, re.findall(rf"name={name} serial=(\w+)", stack.log_text())[-1]

    assert suara("enroll", keep["LAMA"]).returncode == 0
    ca("revoke", "office", "HILANG")
    hup(stack)
    with Load(stack, LAMA=keep["LAMA"], BARU=keep["BARU"]) as load:
        step(load)
        ca("rollover", "begin")
        step(load, reload=False)
        step(load)
        made, serial = renewed("BARU")
        load.bundles["BARU"] = made
        step(load, reload=False)
        ca("revoke", serial)
        out.append(keep["BARU"])
        stolen, _ = renewed("CURI")    # one of each CA, and both are revoked
        ca("revoke", "office", "CURI")
        out += [keep["CURI"], stolen]
        step(load)
        ca("renew", "server")
        step(load)

        assert "office LAMA" in ca("rollover", "finish", status=73)
        made, serial = renewed("LAMA")
        assert suara("enroll", made, "--replace").returncode == 0
        load.bundles["LAMA"] = made
        load.go_on()
        ca("revoke", serial)
        out.append(keep["LAMA"])
        step(load)
        for role in ("supervisor", "admin", "auditor"):    # whom nobody wants any more
            ca("revoke", role, role)
        ca("rollover", "finish")
        step(load, reload=False)
        step(load)
    assert (stack.ca / "ca.crt").read_text().count("BEGIN") == 1
