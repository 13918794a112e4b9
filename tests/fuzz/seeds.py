"""Writes inputs of real shapes for each target into BUILD/corpus/NAME, for the fuzzers to begin
with: the protocol by the second speaker of the system tests, the files as offices have them.

usage: seeds.py BUILD
"""
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/system"))
from suara_wire import Batch, frame, pb, squeezed    # noqa: E402
import zstandard    # noqa: E402

WHEN = 1689217200000    # 2023-07-13
GOOD = [4, 3, 4, 4, 3, 4, 3, 4, 2]
U = ",".join(f"u{k}" for k in range(1, 10))
R = "1,2,3,4,1,2,3,4,1"


def request(number=1, **body):
    return pb.Request(id=number, **body).SerializeToString()


def length(data):
    return struct.pack(">H", len(data)) + data


def batch(count=3, **words):
    made = Batch(batch_id=bytes(range(16)))
    for k in range(count):
        made.add(WHEN + k, GOOD, tail=k + 1, **words)
    return made


def batches():
    """Honest ones, and ones with each kind of fault."""
    yield batch()
    yield batch(service="UJI", channel="kiosk", sex="P", age="21-30", stakeholder="public")
    yield batch(channel="radio")
    yield batch(office="EAST")
    yield batch(office="WEST", perspective="provider")
    yield batch(comment="Antrean lama, petugas ramah.".encode(), kind=3)
    yield batch(comment=b"\x1b[31m\xff", kind=2)
    mixed = batch(2, service="UMUM")
    mixed.add(WHEN, GOOD, tail=1)                       # the id again
    mixed.add(WHEN, [5] * 9, tail=9)                    # over the scale
    mixed.add(WHEN, GOOD[:8], tail=10)                  # an element is missing
    mixed.add(1 << 45, GOOD, tail=11)                   # far in the future
    mixed.add(WHEN, GOOD, response=b"short")
    mixed.add(WHEN, GOOD, response=bytes(16))
    yield mixed
    wrong = batch(1)
    wrong.message.instrument = b"none"
    yield wrong
    yield Batch(batch_id=b"short")


def questions():
    days = {"from": 20230101, "to": 20231231}
    yield {"hello": pb.Hello(program=b"suara 0.1.0")}
    yield {"held": pb.Held(ids=bytes(range(32)))}
    yield {"held": pb.Held(ids=b"odd")}
    for by, by2 in (("", ""), ("office", "month"), ("level1", "sex"), ("channel", "quarter"),
                    ("service", "year"), ("age", "perspective"), ("month", "month"), ("x", "")):
        yield {"report": pb.Report(**days, by=by.encode(), by2=by2.encode(), spread=True)}
    yield {"report": pb.Report(**days, office=[b"WEST", b"PROVINCE"], subtree=True, public=True,
                               method=b"0.111", perspective=b"provider", mean_of_offices=True,
                               filter=[pb.Filter(dimension=b"channel", value=[b"kiosk", b"", b"web"]),
                                       pb.Filter(dimension=b"sex", value=[b"P"])])}
    yield {"report": pb.Report(**{"from": 20231301, "to": 1})}
    yield {"coverage": pb.Coverage(**days, subtree=True, office=[b"AGENCY"])}
    yield {"quality": pb.Quality(**days, perspective=b"recipient", instrument=b"skm-2017")}
    for what in ("office", "service", "principal", "instrument", "population", "moon"):
        yield {"list": pb.List(what=what.encode())}
    yield {"list": pb.List(what=b"instrument", code=b"skm-2017")}
    yield {"add": pb.Add(what=b"office", code=b"NORTH", name=b"Kantor Utara", zone=b"WITA",
                         office=b"AGENCY")}
    yield {"add": pb.Add(what=b"principal", code=b"WEST", role=b"office", office=b"WEST")}
    yield {"add": pb.Add(what=b"population", office=b"WEST", code=b"UJI", people=1200, **days)}
    yield {"add": pb.Add(what=b"instrument", document=INSTRUMENT.encode())}
    yield {"verify": pb.Verify(office=[b"WEST"])}
    yield {"rebuild": pb.Rebuild(subtree=True)}
    yield {"erase": pb.Erase(office=b"WEST", ids=bytes(range(16)))}
    yield {"purge": pb.Purge(before=20230101, dry_run=True)}
    yield {"audit": pb.Audit(**days, verify=True)}


def raw(message):
    """A zstd frame that compresses nothing: what is in it can be changed byte by byte."""
    data = message.SerializeToString()
    return type(message)(id=message.id, zstd=struct.pack(
        "<IBI", 0xFD2FB528, 0xA0, len(data)) + (len(data) << 3 | 1).to_bytes(3, "little") + data)


def message():
    for made in batches():
        for how in (0, 5):
            yield bytes([how]) + request(submit=made.message)
    for body in questions():
        yield b"\1" + request(7, **body)
    for made in (batch(40), batch(2)):
        whole = pb.Request(id=1, submit=made.message)
        for packed in (squeezed(whole), squeezed(squeezed(whole)), squeezed(whole, number=2),
                       squeezed(whole, write_content_size=False), raw(whole)):
            yield b"\0" + packed.SerializeToString()
    yield b"\0" + request(1, zstd=zstandard.compress(bytes(1 << 20)))
    yield b"\0" + request(3)                            # a body of a newer version
    yield b"\0\x08\x05\x1a\xff\xff\xff\x0f"             # cut


def frames():
    some = frame(b"a" * 5) + frame(b"bc") + frame(b"d" * 300)
    for how in (0x13, 0x33, 0x97, 0xFB):
        yield bytes([how]) + b"\1\2\3\4\5\6\7\10\x20\1\2\3\4\5\6\7"[:how >> 4] + b"\0" + some
    yield b"\x01\0" + some + b"\0\0\0\0"                # a length of 0
    yield b"\x20\1\2\0" + frame(b"x" * 17)              # above the limit
    yield b"\x33\x40\x80\xff\1\x41\x58\x7f\x85abcde"    # the short form, large ones too
    yield b"\x1b\x10\1\x58\x59\0\xff\xff\xff\xff"


INSTRUMENT = """; three questions at the counter
[instrument]
code = loket-2023
version = 2023
name = Survei singkat di loket
name_en = Short survey at the counter
scale = 5

[element CEPAT]
name = Kecepatan
name_en = Speed
1 = Sangat lambat
2 = Lambat
3 = Cukup
4 = Cepat
5 = Sangat cepat

[element RAMAH]
name = Keramahan

[method 0.5]
weight = 1/2

[grade A]
quality = Baik
quality_en = Good
from = 75.01
to = 100

[grade B]
quality = Kurang baik
from = 20
to = 75.00
"""

MAP = """[columns]
Waktu pengisian = collected_at
Nama petugas = -
#12 = comment ; the twelfth
[values.u1]
Sangat sesuai = 4
[values.channel]
Mesin = kiosk
"""


def survey(how, text, cuts=b"", given=b""):
    """how: 1 no time zone, 2 with a map, 4 words and 8 time filled in, 16 an id column."""
    part = bytes([len(given)]) + given if how & 2 else b""
    text = text if isinstance(text, bytes) else text.encode()
    return bytes([how, len(cuts)]) + cuts + part + text


def surveys():
    real = (ROOT / "tests/data/sekadau-2019-s1.csv").read_text().split("\n")
    yield survey(8, "\n".join(real[:12]), b"\7\3\1")
    yield survey(0, f"{U},collected_at,channel,comment\n{R},2023-07-13 10:00,kiosk,\"ramah, baik\"\n"
                    f"{R},2023-07-13T10:00:00+07:00,web,\"a \"\"b\"\"\nc\"\n", b"\1\2\3\4\5\6")
    yield survey(0, f"\ufeffsep=;\r\n{U},Jenis Kelamin,Umur,Pendidikan;\r\n".replace(",", ";")
                 + f"{R},P,34,S1\r\n".replace(",", ";"))
    yield survey(4, f"Timestamp\t{U}\tJenis Pengaduan\n".replace(",", "\t")
                 + f"2019/06/30 1:05:09 PM GMT+7,{R},x\n".replace(",", "\t"))
    yield survey(16, f"Timestamp,{U}\n30/06/2019 13.05.09,{R}\n6/7/2019,{R}\n")
    yield survey(2 | 8, f"Waktu pengisian,Nama petugas,{U},Catatan,saluran\n13/07/2023,Budi,"
                 f"Sangat sesuai,2,3,4,1,2,3,4,1,bagus,Mesin\n", given=MAP.encode())
    yield survey(0, f"line,field,reason,{U},id,collected_at,comment\n2,u3,is empty,{R},"
                    f"01895e1a-2f00-8000-8000-000000000001,2023-07-16T10:00:00+07:00,'=1+1\n")
    yield survey(0, f"id,{U},collected_at\nA-17,{R},2023-07-13\nA-17,{R},2023-07-14\n,{R},\n,,,,,,,,,,\n")
    yield survey(1, f"{U},collected_at\n{R},2023-07-13 10:00\n")
    yield survey(8, f"{U},colour\n")
    yield survey(8, f"{U}\n1,2,3,4,5,2,3,4,1\n1,2,3\n{R},9\n1.0,+2,\" 3\",4,1,2,3,4,1\n")
    yield survey(8, f"{U},comment,comment_kind\n{R},\"never closed\n{R},\n")
    yield survey(8, f"\r{U},comment\r{R},=HYPERLINK(1)\r{R},\0x\r")
    yield survey(8, f"{U}\n{R}\n".encode("utf-16"))
    yield survey(8, f"{U},comment\n{R},\xe9t\xe9\n".encode("latin-1"))


def settings():
    yield (ROOT / "systemd/suarad.conf.example").read_bytes()
    yield b"[server]\nlisten = [::1]:7827 ; here\nmax_frame = 2M\nidle_timeout = 10m\n[log]\nlog_level = debug\n"
    yield b"[report]\nsmall_cell = 5\nopening_hours = 07:30-16:30\nopening_days = 6\n"
    yield b"[server]\nkey = ${HOME}/server.key\ncrl=${NOT_THERE}\n"
    yield b"[ingest]\nqueue_bytes = 99999999999999999999\n"
    yield b"[server]\nlisten = a\nlisten = b\n[sever]\n"
    yield b"\xef\xbb\xbf[database]\ningest = host=/run/postgresql dbname=suara\n  report = x\nstray\n"


def instruments():
    yield INSTRUMENT.encode()
    yield INSTRUMENT.replace("75.01", "77").encode()
    yield INSTRUMENT.replace("[element RAMAH]", "[element cepat]").encode()
    yield INSTRUMENT.replace("scale = 5", "scale = 101").encode()
    yield b"[instrument]\r\ncode=a\r\nversion=1\r\nname=n\r\nscale=2\r\n[element U1]\r\nname=x\r\n"


def plans():
    head = "No,Prioritas Unsur,Program/Kegiatan,Waktu,Penanggung Jawab,Status\n"
    yield (head + "1,U3,Tambah loket,TW IV 2023,Kepala,berjalan\n2,U8,\"Kotak,\nsaran\",2023-Q4,Umum,\n").encode()
    yield "No;Prioritas Unsur;Program/Kegiatan;Waktu;Penanggung Jawab;Status\n1;U1;x;Semester I 2024;y;batal\n".encode()
    yield (head + "1,U3,Tambah,kapan,Kepala,nanti\n").encode()
    yield (head + "1,,,,,selesai\n,,,,,\n").encode()


# ---- sequences of events, see tests/fuzz/session.c ------------------------------------------------

OFFICE, PROVINCE, ADMIN, SUPERVISOR, AUDITOR, STRANGER, ENDED = 0, 1, 2, 3, 4, 5, 8
STOP, TABLES, DOWN, UP = b"\5\x55", b"\4", b"\x13", b"\3"


def connect(who, c=0, **hello):
    return bytes([c << 6, who]) + say(c, 1, hello=pb.Hello(program=b"suara 0.1.0", **hello))


def say(c, number, **body):
    return bytes([c << 6 | 9]) + length(request(number, **body))


def job(how=0, place=0, rows=b""):
    """The database ends a job: how 1 = again, 2 = refused, 3 = away."""
    return bytes([1, place, how]) + rows


def peer(c, what):
    return bytes([c << 6 | what])


def sessions():
    submit = say(0, 2, submit=batch().message)
    for how in range(4):
        yield b"\1" + connect(OFFICE) + submit + job(how) + submit + job() + job()
    yield b"\1" + connect(OFFICE) + connect(PROVINCE, 1) + submit * 4 + say(
        1, 9, submit=batch(2).message) + job(2) + job(1, 1) + job() * 3
    yield b"\1" + connect(OFFICE) + submit * 17 + job() * 9
    yield b"\1" + connect(OFFICE) + submit + peer(0, 6) + job() + connect(OFFICE) + submit
    yield b"\1" + connect(OFFICE) + peer(0, 7) + submit * 2 + job() * 2 + peer(0, 7)
    yield b"\1" + connect(OFFICE) + submit + STOP + submit + job()
    yield b"\1" + connect(OFFICE) + submit + DOWN + b"\2\0" + submit + UP
    yield b"\1" + connect(OFFICE) + submit + peer(0, 0x18) + job() + peer(0, 0x08)
    yield b"\1" + connect(STRANGER) + connect(ENDED, 1) + b"\2\x08" + peer(0, 8)
    yield b"\1" + bytes([0, OFFICE]) + submit               # before Hello
    whole = pb.Request(id=2, submit=batch(40).message)
    for offered in ([1], [], [7]):
        yield b"\1" + connect(OFFICE, compression=offered) + b"".join(
            b"\t" + length(packed.SerializeToString()) for packed in (raw(whole), squeezed(whole))
        ) + job() * 3
    yield b"\0" + connect(ADMIN) + job(3) + TABLES + job() + connect(ADMIN, 1)
    for who in (OFFICE, SUPERVISOR, ADMIN, AUDITOR):
        asks = b"".join(say(0, 3 + k, **body) + job(0, 0, bytes(range(1, 9)))
                        for k, body in enumerate(questions()) if "hello" not in body)
        yield b"\1" + connect(who) + asks + job() * 12
    for body in questions():
        if "hello" not in body:
            yield b"\1" + connect(ADMIN) + say(0, 5, **body) + job(0, 0, b"\3\5\1\7\2\11\4") * 4
            yield b"\1" + connect(OFFICE) + say(0, 5, **body) + job(3)


# ---- replies, see tests/fuzz/reply.c ---------------------------------------------------------------

WELCOME = {"welcome": pb.Welcome(program=b"suarad 0.1.0", role=b"office", name=b"WEST",
                                 office=b"WEST", zone=b"WIB", now=WHEN, max_frame=1 << 20,
                                 max_responses=5000, ready=True)}
SUMS = [138, 139, 150, 177, 159, 163, 161, 143, 159]
SPREAD = [1, 8, 39, 1, 2, 9, 33, 5, 1, 6, 31, 11, 0, 2, 15, 32, 0, 2, 33, 14, 0, 2, 29, 18, 0, 1, 33,
          15, 1, 14, 22, 12, 0, 6, 25, 18]


def reply(number, last=True, **body):
    return length(pb.Reply(id=number, last=last, **body).SerializeToString())


def packed_reply(number, raw_one=False, **body):
    whole = pb.Reply(id=number, last=True, **body)
    whole = raw(whole) if raw_one else pb.Reply(id=number, last=True, zstd=zstandard.compress(
        whole.SerializeToString()))
    return length(whole.SerializeToString())


def figures(*keys, spread=True, **more):
    """Rows that add up: the published ratings of 49 respondents."""
    rows = pb.Rows(element=[b"U%d" % k for k in range(1, 10)], instrument=b"skm-2017",
                   method=b"exact", scale=4)
    for key in keys:
        rows.row.add(office=b"WEST", offices=1, key=key, label=key, n=49, index=7874, low=7626,
                     high=8123, grade=b"B", quality=b"Baik", sum=SUMS, square=39839,
                     spread=SPREAD if spread else [], **more)
    return rows


def verdicts(*given, stored=0, batch_id=bytes(range(16))):
    receipt = pb.Receipt(batch=batch_id, stored=stored)
    for status, index, field, reason in given:
        receipt.verdict.add(status=status, index=index, field=field, reason=reason)
    return {"receipt": receipt}


def replies():
    hello = reply(1, **WELCOME)
    for by, keys in ((0, [b""]), (2, [b"2023-01", b"2023-03"]), (3, [b"2023-Q1", b"2023-Q2"]),
                     (4, [b"L", b"P"]), (5, [b"provider", b"recipient"]),
                     (6, [b"public", b"media"]), (1, [b"WEST", b"EAST"])):
        how = bytes([by << 3 | by % 3])
        yield how + hello + reply(2, rows=figures(b"")) + reply(3, rows=figures(
            b"provider", b"recipient")) + reply(4, rows=figures(*keys))
        yield how + hello + reply(2, False, rows=figures(*keys, spread=False)) + reply(
            2, rows=figures(*keys, spread=False))
    yield b"\0" + hello + reply(2, rows=pb.Rows(row=[pb.Row(n=1)]))
    yield b"\0" + hello + reply(2, rows=figures(b"small", hidden=True))
    yield b"\2" + hello + reply(2, table=pb.Table(column=[b"code", b"name"], row=[
        pb.TableRow(cell=[b"WEST", b"\x1b[31mKantor"]), pb.TableRow(cell=[b"\xff"])]))
    yield b"\1" + hello + reply(2, table=pb.Table(row=[pb.TableRow()]))
    yield b"\0" + hello + reply(2, coverage=pb.CoverageRows(row=[
        pb.CoverageRow(office=b"WEST", name=b"Kantor", n=49, population_known=True, population=1200,
                       need=291, last_receipt=WHEN, last_collected=WHEN),
        pb.CoverageRow(office=b"WEST", service=b"UJI", name=b"Uji", n=3)]))
    yield b"\0" + hello + reply(2, quality=pb.QualityRows(row=[
        pb.QualityRow(office=b"WEST", sign=b"alike", count=40, of=49, share=8163, usual=900,
                      compared=7), pb.QualityRow(office=b"EAST")]))
    yield b"\0" + hello + reply(2, document=pb.Document(text=INSTRUMENT.encode()))
    for receipt in (verdicts(stored=5), verdicts((1, [0, 2], b"", b""), stored=3),
                    verdicts((4, [1], b"u3", b"is empty"), (2, [4], b"id", b"is held"), stored=3),
                    verdicts((4, [1, 1], b"", b""), stored=3), verdicts((0, [1], b"", b""), stored=4),
                    verdicts((9, [0, 1, 2, 3, 4], b"\x1b", b"\xff")), verdicts((3, [7], b"", b"")),
                    verdicts(stored=4294967295), verdicts(stored=5, batch_id=b"other")):
        yield b"\0" + hello + reply(2, **receipt)
    yield b"\0" + hello + reply(2, error=pb.Error(code=3, text=b"you may\x1bnot", field=b"x" * 70))
    yield b"\0" + hello + reply(0, error=pb.Error(code=4, text=b"too large"))
    yield b"\0" + reply(1, error=pb.Error(code=6, text=b"away", retry_after_ms=5))
    yield b"\0" + reply(1, added=pb.Added(text=b"hello"))
    yield b"\0" + hello + reply(2, False, added=pb.Added(text=b"1")) + reply(2, verified=pb.Verified(
        compared=5)) + reply(3, erased=pb.Erased(responses=1)) + reply(9, purged=pb.Purged())
    yield b"\0" + hello + length(b"\xff\xff")
    both = pb.Welcome()
    both.CopyFrom(WELCOME["welcome"])
    both.compression.append(1)
    for raw_one in (False, True):
        yield b"\0" + reply(1, welcome=both) + packed_reply(2, raw_one, rows=figures(b"L", b"P")) + reply(
            3, rows=figures(b""))
    yield b"\0" + hello + packed_reply(2, rows=figures(b"L", b"P"))


TARGETS = {"session": sessions, "reply": replies, "message": message, "frame": frames, "csv": surveys, "conf": settings,
           "instrument": instruments, "plan": plans}


def main():
    for name, make in TARGETS.items():
        folder = pathlib.Path(sys.argv[1]) / "corpus" / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(make()):
            (folder / f"seed-{number:02}").write_bytes(data)


if __name__ == "__main__":
    main()
