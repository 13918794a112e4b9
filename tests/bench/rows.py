"""Made-up responses in bulk: CSV files, one for each office, the same on every run.

The rows of an office are in the order of time, as an export has them, from January 2021 to July
2023. Everything but id and time comes from a stock of STOCK row ends, of which one in fifty has a
comment. A million rows take a few seconds.
"""

import datetime
import random

HEADER = ("id,collected_at,u1,u2,u3,u4,u5,u6,u7,u8,u9,channel,stakeholder,sex,age,education,occupation,"
          "comment_kind,comment\n")
STOCK = 20011
COMMENT_EACH = 50
FIRST = datetime.datetime(2021, 1, 1)
SPAN = datetime.timedelta(days=923)
CHUNK = 10000    # rows written at once

CHANNELS = ("kiosk", "web", "paper", "phone", "forum")
STAKEHOLDERS = ("public", "business", "academia", "government", "community")
SEXES = ("L", "P", "")
AGES = ("<=20", "21-30", "31-40", "41-50", "51-60", ">60")
EDUCATIONS = ("SMA", "D1-D3", "D4/S1", "S2", "S3")
OCCUPATIONS = ("PNS/ASN", "Swasta", "Wirausaha", "Pelajar/Mahasiswa", "Ibu Rumah Tangga", "")
COMMENT = ',suggestion,"Made-up comment {}: tambah loket pada hari Senin, dan kursi untuk lansia"\n'


def stock(comments=True):
    """Row ends, from u1 on; or all without a comment."""
    chance = random.Random(20230713)

    def one(words):
        return words[int(chance.random() * len(words))]

    for number in range(STOCK):
        ratings = ",".join("2334444"[int(chance.random() * 7)] for _ in range(9))
        profile = ",".join(map(one, (CHANNELS, STAKEHOLDERS, SEXES, AGES, EDUCATIONS, OCCUPATIONS)))
        plain = number % COMMENT_EACH or not comments
        yield f"{ratings},{profile}" + (",,\n" if plain else COMMENT.format(number))


def write(path, first, count, ends, begin=FIRST, span=SPAN):
    """Rows first .. first + count - 1, numbered over all files, evenly over a span of time."""
    step = span / count
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for start in range(0, count, CHUNK):
            file.write("".join(
                f"r{first + i:08d},{(begin + i * step).isoformat(' ', 'seconds')},"
                f"{ends[(first + i) % STOCK]}" for i in range(start, min(start + CHUNK, count))))
