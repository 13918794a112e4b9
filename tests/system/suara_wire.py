"""A second, independent speaker of the protocol (suara-protocol(7)): frames over TLS 1.3 with the
messages of proto/suara.proto, made by Google's protobuf. It takes nothing from the C code, so what
both understand is what is written down.
"""

import hashlib
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import uuid

import zstandard

from stack_pg import ROOT

ALPN = "suara/1"
ELEMENTS = [f"U{k}" for k in range(1, 10)]
WORDS = ("service", "channel", "stakeholder", "perspective", "sex", "age", "education",
         "occupation")
LEAST = 1024    # bytes of a message that may travel compressed
DEFAULTS = {"service": "UMUM", "perspective": "recipient"}


def messages(build=None):
    """The module that protoc makes of the protocol; made again when the protocol is newer."""
    folder = pathlib.Path(build or os.environ.get("SUARA_BUILD", ROOT / "build")) / "gen/python"
    made, source = folder / "suara_pb2.py", ROOT / "proto/suara.proto"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as new:
            subprocess.run(["protoc", f"-I{source.parent}", f"--python_out={new}", str(source)],
                           check=True)
            os.replace(pathlib.Path(new) / made.name, made)
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    import suara_pb2    # only there from here on
    return suara_pb2


pb = messages()


class Closed(Exception):
    """The daemon ended the connection: no reply is to come."""


# ---- who speaks --------------------------------------------------------------------------------

def parts_of(bundle):
    """Certificate, key and CA of a bundle, as PEM texts."""
    text = pathlib.Path(bundle).read_text()
    pem = re.findall(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n?", text, re.S)
    blocks = [found.group(0) for found in
              re.finditer(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n?", text, re.S)]
    key = next(block for kind, block in zip(pem, blocks) if "KEY" in kind)
    certificates = [block for kind, block in zip(pem, blocks) if kind == "CERTIFICATE"]
    return certificates[0], key, "".join(certificates[1:])


def context(bundle, certificate=True, alpn=(ALPN,), version=ssl.TLSVersion.TLSv1_3, level=None):
    """A TLS context as the owner of a bundle would have it, or a wrong one by the arguments."""
    own, key, ca = parts_of(bundle)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if level is not None:
        made.set_ciphers(f"DEFAULT@SECLEVEL={level}")    # of OpenSSL: 0 takes any key
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.maximum_version = version
    made.load_verify_locations(cadata=ca)
    if alpn:
        made.set_alpn_protocols(list(alpn))
    if certificate:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(own + key)
            file.flush()
            made.load_cert_chain(file.name)
    return made


# ---- the line ----------------------------------------------------------------------------------

def frame(data):
    return struct.pack(">I", len(data)) + data


def squeezed(message, number=None, level=3, **how):
    """A Request, or bytes that should be one, as they travel compressed; number: the id around."""
    data = message if isinstance(message, bytes) else message.SerializeToString()
    number = message.id if number is None else number
    return pb.Request(id=number, zstd=zstandard.ZstdCompressor(level=level, **how).compress(data))


def inside(reply):
    """The Reply that travelled compressed in this one."""
    held = pb.Reply.FromString(zstandard.ZstdDecompressor().decompress(reply.zstd))
    assert (held.id, held.last) == (reply.id, reply.last) and not held.HasField("zstd")
    return held


def kept(payload):
    """The SubmitBatch that an outbox holds: packed, or with a Request around it as it travels compressed."""
    payload = bytes(payload)
    if not payload.startswith(b"\x28"):
        return pb.SubmitBatch.FromString(payload)
    return pb.Request.FromString(zstandard.ZstdDecompressor().decompress(payload)).submit


class Line:
    """One connection. hello=False: nothing is said first. compression=True: it is offered, and used
    both ways where the daemon takes it; what travelled is counted in `sent` and `received`."""

    def __init__(self, stack, bundle, hello=True, timeout=20, host="127.0.0.1", compression=False,
                 **how):
        self.sent = self.received = 0
        self.squeezes = False
        plain = socket.create_connection((host, stack.port.number), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)    # as a real client: no wait for ACKs
        self.socket = plain
        try:
            self.socket = context(bundle, **how).wrap_socket(plain, server_hostname="127.0.0.1")
            self.last_id = 0
            offered = [pb.COMPRESSION_ZSTD] if compression else []
            self.welcome = self.ask(hello=pb.Hello(program=b"tests", compression=offered)
                                    ).welcome if hello else None
            self.squeezes = bool(hello and self.welcome.compression)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.sent += len(data)
        try:
            self.socket.sendall(data)
        except (ConnectionError, ssl.SSLError) as error:
            raise Closed(str(error)) from None

    def send(self, **body):
        """Sends a Request; its id."""
        self.last_id += 1
        request = pb.Request(id=self.last_id, **body)
        if self.squeezes and request.ByteSize() >= LEAST:
            request = squeezed(request)
        self.send_bytes(frame(request.SerializeToString()))
        return self.last_id

    def _exactly(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                part = self.socket.recv(min(size - len(data), 1 << 16))
            except (ConnectionError, ssl.SSLError) as error:
                raise Closed(str(error)) from None
            if not part:
                raise Closed(f"the daemon closed after {len(data)} of {size} bytes")
            data += part
        return bytes(data)

    def receive(self):
        """The next Reply; Closed when there is none."""
        size, = struct.unpack(">I", self._exactly(4))
        self.received += 4 + size
        reply = pb.Reply.FromString(self._exactly(size))
        return inside(reply) if reply.HasField("zstd") else reply

    def ask(self, **body):
        """Sends a Request and gives its last Reply; the rows of earlier ones are put before."""
        wanted = self.send(**body)
        rows = {kind: [] for kind in ("rows", "table", "coverage", "quality")}
        while True:
            reply = self.receive()
            assert reply.id == wanted, f"a reply to {reply.id}, not to {wanted}"
            for kind, so_far in rows.items():
                so_far += getattr(reply, kind).row
            if reply.last:
                break
        for kind, all_of_them in rows.items():
            if reply.HasField(kind):
                del getattr(reply, kind).row[:]
                getattr(reply, kind).row.extend(all_of_them)
        return reply

    def submit(self, batch):
        return self.ask(submit=batch.message)


def verified(line, **asked):
    """Verify: the Verified of the last reply, and all rows before it. What was sent on the way says
    less than that."""
    wanted, rows = line.send(verify=pb.Verify(**asked)), []
    while True:
        reply = line.receive()
        assert reply.id == wanted and not code_of(reply), reply
        rows += reply.table.row
        if reply.last:
            return reply.verified, rows


def code_of(reply):
    """Name of the error code of a reply, "" when it is none."""
    return pb.Error.Code.Name(reply.error.code) if reply.HasField("error") else ""


# ---- responses ---------------------------------------------------------------------------------

def response_id(collected, tail, version=8):
    """A UUID that carries the time: 48 bits of ms, then 74 of tail."""
    value = collected << 80 | version << 76 | (tail >> 62 & 0xFFF) << 64 | 2 << 62
    return uuid.UUID(int=value | tail & (1 << 62) - 1).bytes


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def content_hash(collected, ratings, comment=b"", kind=0, instrument="skm-2017", **words):
    """The hash of a response's content, as suara-protocol(7) has it: a signed number."""
    fields = [struct.pack(">Q", collected), instrument.encode()]
    fields += [_bytes(words.get(name) or DEFAULTS.get(name, "")) for name in WORDS]
    fields += [bytes(ratings), bytes([kind]) if kind else b"", comment]
    digest = hashlib.sha256(b"".join(struct.pack(">H", len(f)) + f for f in fields)).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Batch:
    """A SubmitBatch under construction, and what was put into it."""

    def __init__(self, batch_id=None, instrument=b"skm-2017"):
        self.message = pb.SubmitBatch(batch=batch_id or uuid.uuid4().bytes, instrument=instrument)
        self.content = {}    # id -> hash
        self.words = {}

    def word(self, text):
        """The index of a word, put into the list when it is new."""
        if not text:
            return 0
        text = _bytes(text)
        if text not in self.words:
            self.message.word.append(text)
            self.words[text] = len(self.message.word)
        return self.words[text]

    def add(self, collected, ratings, tail=None, response=None, office=None, comment=b"", kind=0,
            **words):
        """Adds a response; its id. Give the id as response, or its end as tail."""
        if response is None:
            tail = int.from_bytes(os.urandom(10), "big") if tail is None else tail
            response = response_id(collected, tail)
        entry = self.message.response.add(
            id=response, collected=collected, ratings=bytes(ratings), comment=comment,
            comment_kind=kind, office=self.word(office),
            **{name: self.word(text) for name, text in words.items()})
        self.content[response] = content_hash(collected, ratings, comment, kind, **words)
        return entry.id


def verdicts(receipt):
    """Receipt -> {index: (status, field, reason)}; what is not in it was stored."""
    found = {}
    for verdict in receipt.verdict:
        for index in verdict.index:
            found[index] = (pb.Verdict.Status.Name(verdict.status), verdict.field.decode(),
                            verdict.reason.decode())
    return found
