"""Certificates made by hand with openssl, for what suara-ca would not make; and SIGHUP."""

import os
import secrets
import signal
import subprocess
import time

GOOD_URI = "URI:urn:suara:office:BBPOM-SMG"
CA_CONF = """[ca]
default_ca = made
[made]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
crlnumber = crlnumber
[any]
commonName = supplied
"""
P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def openssl(*words, cwd=None):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, text=True,
                          cwd=cwd).stdout


def utc(seconds):
    """So many seconds from now, as openssl-ca(1) wants it."""
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))


def work_folder(folder):
    folder.mkdir(exist_ok=True)
    (folder / "conf").write_text(CA_CONF)
    (folder / "index").write_text("")
    (folder / "crlnumber").write_text("77\n")
    (folder / "serial").write_text(f"{secrets.token_hex(15)}1A\n")


def new_ca(folder, name="Suara CA"):
    """A CA that nobody trusts; its certificate and key."""
    key, certificate = folder / "other.key", folder / "other.crt"
    openssl("req", "-x509", "-newkey", *P256, "-noenc", "-keyout", key, "-subj", f"/CN={name}",
            "-out", certificate, "-days", "9")
    return certificate, key


def signed(stack, folder, san, usage="clientAuth", dates=(-86400, 86400), ca=None, key=P256,
           digest="sha256", more="", trusted=""):
    """A bundle made by hand with the CA of the stack, or with another one: valid from and to in
    seconds from now, kind of key, more extensions, more certificates that its owner trusts."""
    ca_cert, ca_key = ca or (stack.ca / "ca.crt", stack.ca / "private/ca.key")
    work_folder(folder)
    openssl("req", "-new", "-newkey", *key, "-noenc", "-keyout", "key", "-subj", "/CN=BBPOM-SMG",
            "-out", "csr", cwd=folder)
    lines = [f"extendedKeyUsage={usage}", *([f"subjectAltName={san}"] if san else []), more]
    (folder / "ext").write_text("\n".join(lines) + "\n")
    openssl("ca", "-batch", "-notext", "-config", "conf", "-cert", ca_cert, "-keyfile", ca_key, "-in",
            "csr", "-extfile", "ext", "-startdate", utc(dates[0]), "-enddate", utc(dates[1]), "-md",
            digest, "-out", "crt", cwd=folder)
    return together(folder, (folder / "crt").read_text(), (folder / "key").read_text(), stack, trusted)


def together(folder, certificate, key, stack, trusted=""):
    made = folder / "made.bundle"
    made.write_text(certificate + key + (stack.ca / "ca.crt").read_text() + trusted)
    return made


def crl(stack, folder, ends):
    """An empty list of revoked certificates that ends in so many seconds."""
    work_folder(folder)
    return openssl("ca", "-gencrl", "-config", "conf", "-cert", stack.ca / "ca.crt", "-keyfile",
                   stack.ca / "private/ca.key", "-crl_lastupdate", utc(ends - 86400),
                   "-crl_nextupdate", utc(ends), cwd=folder)


def hup(stack):
    """SIGHUP, until the daemon has reloaded or refused to; the counts of each."""
    def counts():
        return [line for line in stack.http("/metrics")[1].splitlines()
                if line.startswith("suarad_reloads_total")]
    before = counts()
    os.kill(stack.daemon.pid, signal.SIGHUP)
    return stack.wait(lambda: (now := counts()) != before and now, 10, "the reload")
