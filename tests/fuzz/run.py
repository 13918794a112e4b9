"""Runs the fuzzers that `make fuzz` built, as many at a time as there are processors, and says what
came out. What they find new is kept in BUILD/corpus/NAME and goes on from there the next time.

usage: run.py --build BUILD [--seconds N] [--only NAME] [--keep]

With --keep nothing is fuzzed: of all that is in BUILD/corpus/NAME and in tests/fuzz/corpus/NAME the
few inputs that cover most go into the tree. Files called found-NAME (what once broke something) and
case-NAME (what must not be missed) stay there.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FILES_MOST, BYTES_MOST = 50, 90_000    # of the corpus of a target in the tree
INPUT_MOST = 8192                      # bytes of an input
TIMEOUT, MEMORY = 5, 1024              # seconds and MB that an input may take


def options(name):
    flags = [f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY}", f"-max_len={INPUT_MOST}"]
    words = HERE / f"{name}.dict"
    return flags + ([f"-dict={words}"] if words.exists() else [])


def folders(build, name):
    """What was found before, and what is in the tree."""
    own, tree = build / "corpus" / name, HERE / "corpus" / name
    for folder in (own, tree):
        folder.mkdir(parents=True, exist_ok=True)
    return own, tree


def fuzz(build, name, seconds):
    own, tree = folders(build, name)
    found = build / "found" / name
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir(parents=True)
    command = [build / f"fuzz-{name}", *options(name), f"-max_total_time={seconds}",
               "-print_final_stats=1", f"-artifact_prefix={found}/", own, tree]
    log = build / f"fuzz-{name}.log"
    with log.open("wb") as out:
        status = subprocess.run([str(c) for c in command], stdout=out, stderr=out, check=False,
                                env=os.environ | {"ASAN_OPTIONS": "detect_leaks=1",
                                                  "TZ": "Asia/Jakarta"}).returncode
    said = log.read_text(errors="replace")
    runs = re.findall(r"stat::number_of_executed_units: (\d+)", said)
    runs = int(runs[-1]) if runs else int((re.findall(r"^#(\d+)", said, re.M) or ["0"])[-1])
    speed = re.findall(r"stat::average_exec_per_sec: +(\d+)", said)
    edges = re.findall(r"cov: (\d+)", said)
    return {"name": name, "status": status, "runs": runs, "speed": speed[-1] if speed else "-",
            "edges": edges[-1] if edges else "-", "corpus": len(list(own.iterdir())),
            "found": sorted(found.iterdir()), "log": log}


def table(results, build):
    print(f"{'target':<12}{'executions':>12}{'per second':>12}{'edges':>8}{'corpus':>8}{'findings':>10}")
    bad = False
    for r in results:
        broken = len(r["found"]) or int(r["status"] != 0)
        bad |= broken > 0
        print(f"{r['name']:<12}{r['runs']:>12}{r['speed']:>12}{r['edges']:>8}{r['corpus']:>8}"
              f"{broken:>10}")
    for r in results:
        for path in r["found"]:
            said = re.findall(r"^.*(?:does not hold|SUMMARY|runtime error).*$",
                              r["log"].read_text(errors="replace"), re.M)
            print(f"\n{r['name']}: {said[0].strip() if said else 'see the log'}\n"
                  f"  input:  {path}\n  log:    {r['log']}\n  replay: {build}/fuzz-{r['name']} {path}")
        if r["status"] != 0 and not r["found"]:
            print(f"\n{r['name']}: ended with status {r['status']}, without an input: {r['log']}")
    return bad


def covers(build, name, paths):
    """path -> the edges that it covers, as libFuzzer's merge tells them."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "in").mkdir()
        (scratch / "out").mkdir()
        names = {}
        for i, path in enumerate(paths):
            shutil.copy(path, scratch / "in" / f"{i:06}")
            names[f"{i:06}"] = path
        control = scratch / "control"
        subprocess.run([str(build / f"fuzz-{name}"), *options(name), "-merge=1",
                        f"-merge_control_file={control}", str(scratch / "out"),
                        str(scratch / "in")], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        lines = control.read_text().split("\n")
    count = int(lines[0])
    order = lines[2:2 + count]
    edges = {}
    for line in lines[2 + count:]:
        words = line.split()
        if words and words[0] == "FT":    # edges with how often each was taken
            edges[names[order[int(words[1])].split("/")[-1]]] = set(words[2:])
    return edges


def keep(build, name):
    own, tree = folders(build, name)
    stay = [p for p in tree.iterdir() if p.name.startswith(("found-", "case-"))]
    others = [p for p in [*own.iterdir(), *tree.iterdir()] if p not in stay]
    edges = covers(build, name, others)
    chosen, covered, size = [], set(), 0
    while len(chosen) + len(stay) < FILES_MOST:
        left = [p for p in edges if p not in chosen and size + p.stat().st_size <= BYTES_MOST]
        best = max(left, key=lambda p: (len(edges[p] - covered), -p.stat().st_size), default=None)
        if best is None or not edges[best] - covered:
            break
        chosen.append(best)
        covered |= edges[best]
        size += best.stat().st_size
    contents = sorted(p.read_bytes() for p in chosen)
    for path in tree.iterdir():
        if path not in stay:
            path.unlink()
    for i, content in enumerate(contents):
        (tree / f"{i:02}").write_bytes(content)
    every = set().union(*edges.values()) if edges else set()
    print(f"{name}: {len(contents)} files, {size} bytes, {len(covered)} of {len(every)} features")


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--build", type=pathlib.Path, required=True)
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--only")
    asked.add_argument("--keep", action="store_true")
    asked = asked.parse_args()
    names = sorted(p.stem for p in HERE.glob("*.c") if p.name != "replay.c")
    if asked.only and asked.only not in names:
        sys.exit(f"fuzz: no target {asked.only}; there are {', '.join(names)}")
    names = [asked.only] if asked.only else names
    if asked.keep:
        for name in names:
            keep(asked.build, name)
        return
    print(f"fuzz: {', '.join(names)}, {asked.seconds} s each, {os.cpu_count()} at a time")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda n: fuzz(asked.build, n, asked.seconds), names))
    sys.exit(1 if table(results, asked.build) else 0)


if __name__ == "__main__":
    main()
