"""Published reports: figures, structure, safety, and a look at the page with a real browser."""

import csv
import html.parser
import json
import random
import re
import xml.etree.ElementTree
import zipfile
from fractions import Fraction

import pytest

import browser
from surveys import COLUMNS, submit, write_csv

OFFICE, OTHER = "BALAI-X", "BALAI-Y"
NAME = "Balai <b>Uji</b> & \"Coba\" 'Satu'"
HOSTILE = "<script>alert(1)</script> \"kutip\" & \u202egnp.exe"
PERIOD = ("--from", "2023-01-01", "--to", "2023-06-30")
HEAD = (*COLUMNS, "collected_at", "service", "channel", "stakeholder", "sex", "age", "education",
        "occupation")
PLAN = (("No", "Prioritas Unsur", "Program/Kegiatan", "Waktu", "Penanggung Jawab", "Status"),
        ("1", "U8", "Kotak pengaduan <i>daring</i>", "TW II 2023", "Ketua tim", "Selesai"),
        ("2", "U3", "=HYPERLINK(\"http://x\")", "2023-Q2", "Ketua tim", "berjalan"),
        ("3", "U9", "Kursi tunggu", "2023-Q4", "Bagian umum", ""))


def rounded(value, digits):
    """Half up."""
    scaled = value * 10 ** digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return f"{whole // 10 ** digits}.{whole % 10 ** digits:0{digits}}"


def responses(year, count, rng):
    """Three of them older than 60: too few to be shown."""
    for k in range(count):
        when = f"{year}-{1 + k % 6:02}-{1 + k % 28:02} 09:{k // 60:02}:{k % 60:02}"
        yield [*(rng.choice((2, 3, 3, 4, 4, 4)) for _ in COLUMNS), when, "UJI" if k % 3 else "UMUM",
               rng.choice(("web", "kiosk")), rng.choice(("public", "business")), "LP"[k % 2],
               ">60" if k < 3 else ("21-30", "31-40")[k % 2], "D4/S1" if k % 4 else "SMA", "Swasta"]


class Published:
    """A stack with three years of responses, self-assessments, population and a plan."""

    def __init__(self, stack, folder):
        self.stack, self.folder, rng = stack, folder, random.Random(7)
        self.rows = {year: list(responses(year, n, rng))
                     for year, n in ((2021, 40), (2022, 60), (2023, 90))}
        for words in (("service", "add", OFFICE, "UJI", HOSTILE),
                      ("population", "add", OFFICE, "2023-S1", "1000")):
            self.ok("admin", "admin", *words)
        for year, rows in self.rows.items():
            self.submit(f"{year}.csv", rows)
        self.own = [row[:10] + ["UMUM"] + row[11:] for row in responses(2023, 12, rng)]
        for row in self.own:
            row[:9] = [4] * 8 + [2]
        self.submit("own.csv", self.own, "--perspective", "provider")
        self.plan = folder / "plan.csv"
        with open(self.plan, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";").writerows(PLAN)

    def submit(self, name, rows, *options):
        done = submit(self.stack, write_csv(self.folder / name, rows, HEAD), *options, profile=OFFICE)
        assert done.returncode == 0, done.stderr

    def ok(self, profile, *words):
        done = self.stack.run("suara", "--profile", profile, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def publish(self, name, *options, profile=OFFICE):
        path = self.folder / name
        said = self.ok(profile, "report", "publish", "--office", OFFICE, *PERIOD, "--plan", self.plan,
                       "-o", path, *options)
        assert said.startswith("Published ") and said.rstrip().endswith(f"in {path}."), said
        return path

    def sums(self, year=2023):
        return [sum(row[e] for row in self.rows[year]) for e in range(9)]

    def index(self, year):
        return rounded(Fraction(25 * sum(self.sums(year)), 9 * len(self.rows[year])), 2)


@pytest.fixture(scope="module")
def made(module_stack, tmp_path_factory):
    stack = module_stack(offices=[f"{OFFICE}=WIB:{NAME}", OTHER])
    return Published(stack, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def data(made):
    return json.loads(made.publish("report.json").read_text())


# ---- figures -----------------------------------------------------------------------------------

def test_figures_equal_a_count_by_fractions(made, data):
    n = len(made.rows[2023])
    assert (data["total"]["n"], data["total"]["index"]) == (n, made.index(2023))
    assert [e["sum"] for e in data["elements"]] == made.sums()
    assert [e["nrr"] for e in data["elements"]] == [rounded(Fraction(s, n), 3) for s in made.sums()]
    assert [e["weighted"] for e in data["elements"]] == \
        [rounded(Fraction(s, 9 * n), 3) for s in made.sums()]
    assert [e["spread"] for e in data["elements"]] == \
        [[sum(row[e] == r for row in made.rows[2023]) for r in (1, 2, 3, 4)] for e in range(9)]
    assert [(row["period"], row["n"], row["index"]) for row in data["trend"]] == \
        [("2021-S1", 40, made.index(2021)), ("2022-S1", 60, made.index(2022)),
         ("2023-01-01..2023-06-30", n, made.index(2023))]
    gap = data["gap"]["elements"]
    assert data["gap"]["provider"]["n"] == 12
    assert gap[0]["difference"] == rounded(4 - Fraction(made.sums()[0], n), 3)
    assert gap[8]["difference"] == "-" + rounded(Fraction(made.sums()[8], n) - 2, 3)
    assert gap[8]["beyond_chance"]
    assert data["sample"] == {"n": n, "population": 1000, "need": 278, "enough": False,
                              "last_collected": data["sample"]["last_collected"]}
    assert [(item["number"], item["state"]) for item in data["last_plan"]] == \
        [("1", "done"), ("2", "running")]
    assert [(item["number"], item["state"]) for item in data["plan"]] == [("3", "open")]


def test_small_groups_are_hidden_whoever_asks(made, data):
    ages = data["groups"]["age"]
    assert data["small_cell"] == 5
    assert [row["key"] for row in ages if row["n"] < 5] == []
    assert ">60" not in [row["key"] for row in ages]
    hidden = [row for row in ages if row["hidden"]]
    assert len(hidden) == 1 and hidden[0]["index"] is None and hidden[0]["n"] >= 5
    assert sum(row["n"] for row in ages) == len(made.rows[2023])
    assert [row["key"] for row in data["groups"]["sex"]] == ["L", "P"]
    asked = json.loads(made.publish("admin.json", profile="admin").read_text())
    assert {**asked, "made": None} == {**data, "made": None}


# ---- the page as text --------------------------------------------------------------------------

class Page(html.parser.HTMLParser):
    """What is in it, by tag: attributes, and the text inside the last one open."""

    VOID = {"meta", "link", "br", "img", "rect", "line", "circle"}

    def __init__(self, path):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, text):
        if text.strip():
            self.texts.append((self.open[-1] if self.open else "", text.strip()))

    def all(self, tag):
        return [attrs for name, attrs, _ in self.tags if name == tag]

    def text(self, tag):
        return [text for name, text in self.texts if name == tag]


@pytest.mark.parametrize("language", ["id", "en"])
def test_page_is_whole_and_says_what_it_is(made, data, language):
    path = made.publish(f"report-{language}.html", "--lang", language)
    page = Page(path)
    assert page.open == []
    assert page.all("html") == [{"lang": language}]
    levels = [int(name[1]) for name, _, _ in page.tags if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:]))
    ids = [attrs["id"] for _, attrs, _ in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        assert link["href"][0] == "#" and link["href"][1:] in ids
    svgs = page.all("svg")
    assert len(svgs) >= 10
    for svg in svgs:
        assert svg["role"] == "img" and set(svg["aria-labelledby"].split()) <= set(ids)
    assert len(page.all("title")) == len(svgs) + 1 and len(page.all("desc")) == len(svgs)
    assert len(page.all("table")) == len(page.text("caption"))
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    for row in data["trend"]:
        assert row["index"] in page.text("text") and row["index"] in page.text("td")
    assert data["total"]["index"] in page.text("span")
    assert "grafik-kesenjangan" in ids and "grafik-sex" in ids


def test_hostile_names_are_obeyed_by_nobody(made):
    text = made.publish("hostile.html").read_text()
    page = Page(made.folder / "hostile.html")
    assert not {"script", "img", "iframe", "b", "i"} & {name for name, _, _ in page.tags}
    assert not [attrs for _, attrs, _ in page.tags if any(name.startswith("on") for name in attrs)]
    assert page.text("h1") == [NAME]
    assert "\u202e" not in text and "\\u202egnp.exe" in text
    assert not re.search(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", text)


def test_colours_can_be_read(made):
    """WCAG 2.1, 1.4.3: text has a contrast of 4.5 with what is behind it, in both modes."""
    css = made.publish("colours.html").read_text()

    def light(colour):
        colour = "".join(c * 2 for c in colour) if len(colour) == 3 else colour
        parts = [int(colour[k:k + 2], 16) / 255 for k in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a, b):
        low, high = sorted((light(a), light(b)))
        return (high + 0.05) / (low + 0.05)

    modes = [dict(re.findall(r"--(\w+):#(\w+)", block)) for block in re.findall(r":root\{([^}]*)\}", css)]
    assert len(modes) == 3    # light, dark, printed
    for mode in modes:
        for name in ("ink", "soft", "accent"):
            for behind in ("paper", "card"):
                assert contrast(mode[name], mode[behind]) >= 4.5, (name, behind)
        for bar in ("accent", "warm"):    # the words on the bars are of the paper's colour
            assert contrast(mode["paper"], mode[bar]) >= 4.5, bar
    fills = dict(re.findall(r"\.c(\d)\{fill:#(\w+)\}", css))
    for letters, colour in re.findall(r"((?:svg \.k\d,?)+)\{fill:#(\w+)\}", css):
        for k in re.findall(r"\d", letters):
            assert contrast(colour, fills[k]) >= 4.5, k


# ---- the page in a browser -----------------------------------------------------------------------

@pytest.mark.slow
def test_page_in_a_real_browser(made):
    paths = [made.publish(f"seen-{language}.html", "--lang", language) for language in ("id", "en")]
    with browser.Browser(made.folder) as chromium:
        for path in paths:
            for width in (360, 1280):
                page = chromium.open(path, width)
                assert page["inner"] == width and page["scroll"] <= width, (path.name, page)
                assert page["faults"] == []
                assert page["requests"] == [path.resolve().as_uri()]    # nothing else was fetched
        for width in (1280, 360):
            page = chromium.open(paths[0], width, dark=width == 360)
            shot = chromium.screenshot(made.folder / f"page-{width}.png", 3000).read_bytes()
            across, down = (int.from_bytes(shot[k:k + 4], "big") for k in (16, 20))
            assert across == width and down == 3000
            assert len(shot) > across * down * 0.03    # an empty page packs to a tenth of that
        cut = chromium.value("[...document.querySelectorAll('svg text')].filter(t => "
                             "t.getBoundingClientRect().right > innerWidth + 1).length")
        assert cut == 0
        printed = chromium.pdf(made.folder / "page.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[([\d. ]+)\]", printed)
    assert 3 <= len(boxes) <= 15
    for box in boxes:    # A4 in points
        _, _, wide, high = map(float, box.split())
        assert abs(wide - 595) < 1 and abs(high - 842) < 1


# ---- the workbook --------------------------------------------------------------------------------

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(path):
    """name -> {cell: text or number}"""
    with zipfile.ZipFile(path) as file:
        tree = {name: xml.etree.ElementTree.fromstring(file.read(name)) for name in file.namelist()
                if name.endswith(".xml")}
    shared = ["".join(t.text or "" for t in si.iter(f"{MAIN}t"))
              for si in tree["xl/sharedStrings.xml"].iter(f"{MAIN}si")]
    found = {}
    for number, sheet in enumerate(tree["xl/workbook.xml"].iter(f"{MAIN}sheet"), 1):
        cells = found[sheet.get("name")] = {}
        for cell in tree[f"xl/worksheets/sheet{number}.xml"].iter(f"{MAIN}c"):
            assert cell.find(f"{MAIN}f") is None    # no formula, whatever a name looks like
            value = cell.find(f"{MAIN}v").text
            cells[cell.get("r")] = shared[int(value)] if cell.get("t") == "s" else Fraction(value)
    return found


def test_workbook_has_real_numbers(made, data):
    book = sheets(made.publish("report.xlsx"))
    assert list(book) == ["Ringkasan", "Pengolahan", "Sebaran", "Profil", "Perkembangan",
                          "Kesenjangan", "Rencana"]
    table = book["Pengolahan"]
    assert [table[f"{c}3"] for c in "BCDEFGHIJ"] == [e["code"] for e in data["elements"]]
    assert [table[f"{c}4"] for c in "BCDEFGHIJ"] == made.sums()
    assert table["K4"] == sum(made.sums())
    assert [float(table[f"{c}5"]) for c in "BCDEFGHIJ"] == [float(e["nrr"]) for e in data["elements"]]
    assert [float(table[f"{c}6"]) for c in "BCDEFGHIJ"] == \
        [float(e["weighted"]) for e in data["elements"]]
    assert float(table["B8"]) == float(data["total"]["index"])
    trend = book["Perkembangan"]
    assert [float(trend[f"C{4 + k}"]) for k in range(3)] == [float(t["index"]) for t in data["trend"]]
    spread = book["Sebaran"]
    assert [spread[f"{c}4"] for c in "CDEF"] == data["elements"][0]["spread"]
    gap = book["Kesenjangan"]
    assert float(gap["E12"]) == float(data["gap"]["elements"][8]["difference"])
    assert book["Rencana"]["D5"] == "=HYPERLINK(\"http://x\")"    # text
    assert book["Ringkasan"]["B3"] == NAME


# ---- what is refused -----------------------------------------------------------------------------

def refused(made, status, *words, profile="admin"):
    done = made.stack.run("suara", "--profile", profile, "report", "publish", *words)
    assert done.returncode == status, done.stdout + done.stderr
    assert done.stdout == ""
    return done.stderr


def test_refusals_leave_the_file_alone(made):
    path = made.folder / "kept.html"
    path.write_text("what was there")
    office = ("--office", OFFICE)
    said = refused(made, 64, *office, "--period", "2019", "-o", path)
    assert said == (f"suara: {OFFICE} has no responses from 1 January \u2013 31 December 2019; "
                    "nothing was published\n")
    assert ".html, .xlsx or .json" in refused(made, 64, *office, *PERIOD, "-o", made.folder / "a.pdf")
    assert "Name a file with -o" in refused(made, 64, *office, *PERIOD)
    assert "needs a value" in refused(made, 64, *office, *PERIOD, "-o")
    assert "name it with --office" in refused(made, 64, *PERIOD, "-o", path)
    assert "did you mean 'id'" in refused(made, 64, *office, *PERIOD, "-o", path, "--lang", "ind")
    assert "has no method 0.12" in refused(made, 64, *office, *PERIOD, "-o", path, "--method", "0.12")
    (made.folder / "folder.html").mkdir()
    assert "no file that can be replaced" in \
        refused(made, 64, *office, *PERIOD, "-o", made.folder / "folder.html")
    bad = write_csv(made.folder / "bad.csv", [["1", "U1", "x", "soon", "y"]], PLAN[0][:5])
    assert f"{bad}, line 2: the time is no quarter" in \
        refused(made, 64, *office, *PERIOD, "-o", path, "--plan", bad)
    refused(made, 77, *office, *PERIOD, "-o", path, profile=OTHER)
    assert "can't be written" in refused(made, 74, *office, *PERIOD, "-o",
                                         made.folder / "away" / "x.html")
    assert path.read_text() == "what was there"
    assert not [name for name in made.folder.iterdir() if name.name.startswith("kept.html.")]


def test_gap_says_so_without_self_assessments(made):
    path = made.folder / "before.html"
    made.ok("admin", "report", "publish", "--office", OFFICE, "--period", "2022", "--lang", "en",
            "-o", path)
    text = path.read_text()
    assert "There are no self-assessments by the provider in this period" in text
    assert "the number of people served is not on record" in text
    assert text.count("No follow-up plan was attached.") == 2


def test_another_questionnaire(made):
    """The office has never heard of it: names and labels come from the server."""
    names = [f"u{k}" for k in range(1, 6)]
    rows = [[4, 3, 4, 4, 2, f"2020-02-03 10:00:{k:02}"] for k in range(12)]
    path = write_csv(made.folder / "ipak.csv", rows, (*names, "collected_at"))
    done = submit(made.stack, path, "--instrument", "ipak", profile=OFFICE)
    assert done.returncode == 0, done.stderr
    made.ok(OFFICE, "report", "publish", "--period", "2020", "--instrument", "ipak", "-o",
            made.folder / "ipak.json")
    data = json.loads((made.folder / "ipak.json").read_text())
    assert (data["total"]["n"], data["total"]["index"]) == (12, "85.00")    # 25 x 17 / 5
    assert [e["name"] for e in data["elements"]][0] == "Tidak ada percaloan"
    assert [e["weighted"] for e in data["elements"]] == ["0.800", "0.600", "0.800", "0.800", "0.400"]
    made.ok(OFFICE, "report", "publish", "--period", "2020", "--instrument", "ipak", "-o",
            made.folder / "ipak.html")
    assert "Sangat setuju" in (made.folder / "ipak.html").read_text()
