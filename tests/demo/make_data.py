"""Made-up survey responses for the demo: make_data.py FOLDER writes the files and lists them.

No person ever gave these answers. They are drawn so that the ratings of an office and year add up
to a wanted index; the three of BBPOM-SMG are the ones that this office has published, those of the
other offices are invented, too. The same files come out each time.

Index of n responses whose ratings sum to T: 25 T / (9 n), rounded half up to two decimals, see
docs/architecture.md. Columns and codes: suara-csv(5).
"""

import csv
import datetime
import itertools
import pathlib
import random
import sys
from dataclasses import dataclass

ELEMENTS = 9
SCALE = 4
LAST_DAY = datetime.date(2023, 7, 13)
MARK = "Made-up demo data"    # starts every comment

SERVICES = {"UJI": "Pengujian", "SERT": "Sertifikasi", "INFO": "Informasi dan Pengaduan"}


@dataclass
class Office:
    """targets: year -> (responses, index in hundredths)."""
    code: str
    name: str
    zone: str
    targets: dict


OFFICES = (
    Office("BBPOM-SMG", "Balai Besar POM di Semarang", "WIB",
           {2021: (400, 9180), 2022: (400, 9418), 2023: (217, 9400)}),
    Office("BBPOM-YOG", "Balai Besar POM di Yogyakarta", "WIB",
           {2021: (300, 8893), 2022: (320, 9041), 2023: (180, 9122)}),
    Office("BBPOM-SBY", "Balai Besar POM di Surabaya", "WIB",
           {2021: (380, 8645), 2022: (390, 8802), 2023: (210, 8915)}),
    Office("BBPOM-DPS", "Balai Besar POM di Denpasar", "WITA",
           {2021: (260, 9002), 2022: (280, 8937), 2023: (150, 9166)}),
    Office("BBPOM-JAP", "Balai Besar POM di Jayapura", "WIT",
           {2021: (220, 8290), 2022: (240, 8471), 2023: (120, 8530)}),
)

# Public offices are commonly rated best for cost and conduct, worst for complaints and waiting.
LEANING = (0.0, 0.02, -0.10, 0.14, 0.04, 0.06, 0.12, -0.14, -0.06)

PROFILE = {    # column: what it may say, with how often
    "service": ("UMUM:3", "UJI:4", "SERT:5", "INFO:3"),
    "channel": ("kiosk:6", "web:5", "paper:2", "phone:1"),
    "stakeholder": ("public:8", "business:9", "academia:2", "government:2", "community:1"),
    "sex": ("L:5", "P:6", ":1"),
    "age": ("<=20:1", "21-30:6", "31-40:6", "41-50:3", "51-60:1", ">60:1"),
    "education": ("SMA:5", "D1-D3:3", "D4/S1:9", "S2:2", "S3:1"),
    "occupation": ("Swasta:9", "Wirausaha:6", "PNS/ASN:3", "Pelajar/Mahasiswa:3",
                   "Ibu Rumah Tangga:2", "Lainnya:1"),
}

COMMENTS = (
    ("praise", "petugas ramah dan jelas"),
    ("praise", "hasil uji selesai sebelum waktunya"),
    ("suggestion", "tambah loket pada hari Senin"),
    ("suggestion", "kirim pemberitahuan lewat surel, jangan hanya di papan"),
    ("complaint", "antrean lama, tempat duduk kurang"),
    ("input", "buku panduan untuk usaha kecil akan membantu"),
)

# The follow-up plan, made up like the rest: what was due before LAST_DAY, and what comes after it.
PLAN_COLUMNS = ("No", "Prioritas Unsur", "Program/Kegiatan", "Waktu", "Penanggung Jawab", "Status")
PLAN = (
    (1, "U8", "Setiap pengaduan dijawab dalam 5 hari kerja (contoh)", "TW I 2023", "Tim Layanan", "Selesai"),
    (2, "U3", "Pemberitahuan hasil uji lewat surel (contoh)", "TW I 2023", "Tim Pengujian", "Selesai"),
    (3, "U9", "Tempat duduk tambahan di ruang tunggu (contoh)", "TW II 2023", "Bagian Umum", "Berjalan"),
    (4, "U8", "Papan hasil tindak lanjut pengaduan (contoh)", "TW III 2023", "Tim Layanan", "Belum"),
    (5, "U3", "Loket kedua pada hari Senin (contoh)", "TW IV 2023", "Tim Layanan", "Belum"),
)

COLUMNS = ("collected_at", *(f"u{i}" for i in range(1, ELEMENTS + 1)), *PROFILE, "comment_kind",
           "comment")


def total_for(n, index):
    """The sum of all ratings of n responses whose index is nearest to the wanted one: the same in
    two decimals from 278 responses on, and with luck below."""
    return (2 * index * ELEMENTS * n + 2500) // (2 * 2500)


def ratings(n, total, chance):
    """n lists of ELEMENTS ratings that sum to total; a few respondents are in a bad mood."""
    mean = total / (ELEMENTS * n)
    rows = []
    for _ in range(n):
        mood = chance.random() - 0.5 - (1.7 if chance.random() < 0.03 else 0)
        rows.append([min(SCALE, max(1, round(mean + mood + lean + chance.random() - 0.5)))
                     for lean in LEANING])
    missing = total - sum(map(sum, rows))
    step = 1 if missing > 0 else -1
    while missing:
        row, element = int(chance.random() * n), int(chance.random() * ELEMENTS)
        if 1 <= rows[row][element] + step <= SCALE:
            rows[row][element] += step
            missing -= step
    return rows


def pick(words, chance):
    """One of "word:weight", .."""
    pairs = [word.rsplit(":", 1) for word in words]
    bounds = list(itertools.accumulate(int(weight) for _, weight in pairs))
    at = chance.random() * bounds[-1]
    return next(word for (word, _), bound in zip(pairs, bounds) if at < bound)


def times(year, n, chance):
    """n times in order, in office hours of working days; the first and the last day have one."""
    first = datetime.date(year, 1, 1)
    last = min(LAST_DAY, datetime.date(year, 12, 31))
    days = [day for day in (first + datetime.timedelta(i) for i in range((last - first).days + 1))
            if day.weekday() < 5]
    chosen = [days[0], days[-1], *(days[int(chance.random() * len(days))] for _ in range(n - 2))]
    opening = datetime.time(8)
    return sorted(datetime.datetime.combine(day, opening)
                  + datetime.timedelta(seconds=int(chance.random() * 8 * 3600)) for day in chosen)


def responses(office, year):
    """Rows of COLUMNS."""
    n, index = office.targets[year]
    chance = random.Random(f"{office.code} {year}")
    for when, row in zip(times(year, n, chance), ratings(n, total_for(n, index), chance)):
        profile = [pick(words, chance) for words in PROFILE.values()]
        kind, text = "", ""
        if chance.random() < 0.06:
            kind, text = COMMENTS[int(chance.random() * len(COMMENTS))]
            text = f"{MARK}: {text}"
        yield [when.strftime("%Y-%m-%d %H:%M:%S"), *row, *profile, kind, text]


def paper_forms():
    """Six forms typed in by hand, the fourth with a 5 on a scale that ends at 4."""
    for number in range(1, 7):
        row = [4, 3, 3, 4, 3, 4, 4, 3, 3]
        if number == 4:
            row[3] = SCALE + 1
        yield [f"2023-07-12 13:{10 + 4 * number}:00", *row, "UMUM", "paper", "public", "P", "31-40",
               "SMA", "Wirausaha", "input", f"{MARK}: formulir {number}"]


def own_views(office, year, count=24):
    """Self-assessments of the staff, who find their service a little better than the public does,
    and its facilities worse."""
    chance = random.Random(f"{office.code} {year} own")
    leaning = (0.2, 0.1, 0.2, 0.1, 0.1, 0.2, 0.1, 0.3, -0.4)
    for when in times(year, count, chance):
        row = [min(SCALE, max(1, round(3.7 + lean + 0.8 * (chance.random() - 0.5)))) for lean in leaning]
        yield [when.strftime("%Y-%m-%d %H:%M:%S"), *row, *[""] * len(PROFILE), "input",
               f"{MARK}: penilaian sendiri"]


def write(path, rows, columns=COLUMNS):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_all(folder):
    """Writes demo-OFFICE-YEAR.csv for each, demo-BBPOM-JAP-paper.csv, and of BBPOM-SMG the
    self-assessments and the plan; office -> its years."""
    folder = pathlib.Path(folder)
    for office in OFFICES:
        for year in office.targets:
            write(folder / f"demo-{office.code}-{year}.csv", responses(office, year))
    write(folder / "demo-BBPOM-JAP-paper.csv", paper_forms())
    write(folder / "demo-BBPOM-SMG-own.csv", own_views(OFFICES[0], LAST_DAY.year))
    write(folder / "demo-BBPOM-SMG-plan.csv", PLAN, PLAN_COLUMNS)
    return {office.code: sorted(office.targets) for office in OFFICES}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_data.py FOLDER")
    for code, years in write_all(sys.argv[1]).items():
        print(code, *years)
