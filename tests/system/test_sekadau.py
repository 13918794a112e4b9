"""The published ratings of a regency (tests/data), by the very commands an office and an administrator
would type, through tests/sandbox."""

import json
import subprocess

from stack_pg import ROOT

DATA = ROOT / "tests/data/sekadau-2019-s1.csv"
SUMS = [138, 139, 150, 177, 159, 163, 161, 143, 159]
SCRIPT = """
suara --profile BBPOM-SMG submit "$DATA" --collected-at 2019-06-30 &&
suara --profile admin report index --period 2019-S1 --format json >first &&
suara --profile admin report index --period 2019-S1 --format json --method 0.11 >rounded &&
suara --profile admin report index --period 2019-S1 --format json --method 0.111 >rounder &&
suara --profile BBPOM-SMG submit "$DATA" --collected-at 2019-06-30 &&
suara --profile admin report index --period 2019-S1 --format json >second
"""


def test_the_published_figures(build, tmp_path):
    done = subprocess.run([ROOT / "tests/sandbox", "--build", build, "--", "sh", "-c", SCRIPT],
                          cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
                          env={"PATH": "/usr/bin:/bin", "DATA": str(DATA)})
    assert done.returncode == 0, done
    assert "49 stored, 0 duplicates, 0 rejected" in done.stdout
    assert "0 stored, 49 duplicates, 0 rejected" in done.stdout
    first, rounded, rounder, second = (json.loads((tmp_path / name).read_text()) for name in
                                       ("first", "rounded", "rounder", "second"))
    assert first == second and len(first) == 1
    found = first[0]
    assert {key: found[key] for key in ("office", "period", "n", "index", "grade", "method")} == {
        "office": "BBPOM-SMG", "period": "2019-S1", "n": 49, "index": "78.74", "grade": "B",
        "method": "exact"}
    assert [(e["code"], e["n"], e["sum"]) for e in found["elements"]] == \
        [(f"U{k + 1}", 49, total) for k, total in enumerate(SUMS)]
    assert [e["mean"] for e in found["elements"]] == \
        ["2.816", "2.837", "3.061", "3.612", "3.245", "3.327", "3.286", "2.918", "3.245"]
    assert (rounded[0]["index"], rounded[0]["method"]) == ("77.95", "0.11")
    assert (rounder[0]["index"], rounder[0]["method"]) == ("78.66", "0.111")
