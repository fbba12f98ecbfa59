#!/usr/bin/env python3
"""Races `entente detect coordination` against the tools that researchers use, and scores the null model.

    python3 bench/detect_coordination.py                         speed, memory, precision and recall
    python3 bench/detect_coordination.py --only speed --posts FILE.csv
    python3 bench/detect_coordination.py --only memory --rows 10000000

Speed: PyPI's coordination-network-toolkit (and R's CooRTweet where `Rscript` has it) on the tweets in
$ENTENTE_TESTDATA/election and on generated posts; the whole run of ours, reading included, against what
theirs takes to compute alone, once their data are loaded. Memory: one run on generated posts. Score:
planted groups among fans, news, time zones and schedules (crates/detect/examples/coordination_score.rs).
Results go to stdout as Markdown; nothing is written to docs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "outside")]

import report  # noqa: E402
from match import measure  # noqa: E402


def main():
    asked = arguments()
    scratch = Path(tempfile.mkdtemp(prefix="entente-coordination-", dir=asked.scratch))
    try:
        if "speed" in asked.only:
            speed(asked, scratch)
        if "memory" in asked.only:
            memory(asked, scratch)
        if "score" in asked.only:
            score(asked)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="speed,memory,score", help="of speed, memory, score")
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "entente"))
    parser.add_argument("--posts", help="a file for the race; default the tweets and 1,000,000 made posts")
    parser.add_argument("--rows", type=int, default=10_000_000, help="for memory")
    parser.add_argument("--seeds", type=int, default=5, help="for score")
    parser.add_argument("--repeats", type=int, default=3, help="of ours; peers run once")
    parser.add_argument("--patience", type=int, default=3600, help="seconds that a peer may take")
    parser.add_argument("--scratch", help="folder for data; default the system's for temporary files")
    asked = parser.parse_args()
    asked.only = asked.only.split(",")
    return asked


def speed(asked, scratch):
    if asked.posts:
        races = [(Path(asked.posts), 60)]
    else:
        races = [(made(scratch, 1_000_000), 10)]
        if "ENTENTE_TESTDATA" in os.environ:
            tweets = Path(os.environ["ENTENTE_TESTDATA"]) / "election" / "russian_coord_tweets.csv"
            races.insert(0, (tweets, 60))
    rows = []
    for posts, window in races:
        for mode in ("null", "toolkit", "coortweet"):
            extra = [] if mode == "null" else ["--mode", mode, "--window", window]
            seconds, peak = ours(asked, posts, extra)
            name = "10, 60 and 300 s" if mode == "null" else f"{window} s"
            rows.append([posts.name, f"entente, {mode}", name, f"{seconds:.3f} s", f"{peak:.0f} MiB", ""])
            if mode == "toolkit":
                rows.append(toolkit(asked, scratch, posts, window, seconds))
            if mode == "coortweet":
                rows.append(coortweet(asked, posts, window, seconds))
    print(report.table(["posts", "by", "window", "took", "resident", "entente : it"], rows))


def ours(asked, posts, extra):
    """The least wall time of a whole run, and the most memory."""
    command = [asked.binary, "detect", "coordination", posts, "--json", *extra]
    took, peak = [], 0
    for _ in range(asked.repeats):
        began = time.perf_counter()
        with tempfile.NamedTemporaryFile() as out:
            peak = max(peak, measure.run(command, keep=out.name).peak)
        took.append(time.perf_counter() - began)
    return min(took), peak


def toolkit(asked, scratch, posts, window, seconds):
    name = "coordination-network-toolkit"
    try:
        python = measure.python("coordination.txt")
        told = measure.peer(python, "coordination_peer.py", posts, window, scratch, patience=asked.patience)
    except (measure.Absent, RuntimeError) as problem:
        return [posts.name, name, f"{window} s", str(problem)[:80], "", ""]
    took = f"{told['compute']:.1f} s, and {told['fill']:.1f} s to load"
    return [posts.name, name, f"{window} s", took, f"{told['peak']:.0f} MiB", f"{told['compute'] / seconds:.0f}×"]


def coortweet(asked, posts, window, seconds):
    name = "CooRTweet"
    command = ["Rscript", str(HERE / "peers" / "coortweet_peer.R"), str(posts), str(window)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=asked.patience, check=True)
    except (OSError, subprocess.SubprocessError) as problem:
        return [posts.name, name, f"{window} s", f"took no part: {problem}"[:80], "", ""]
    took = float(done.stdout.split()[-3])
    return [posts.name, name, f"{window} s", f"{took:.1f} s", "", f"{took / seconds:.0f}×"]


def made(scratch, rows):
    path = scratch / f"{rows}.csv"
    with open(path, "wb") as out:
        subprocess.run(example("coordination_sample", rows, 1), stdout=out, check=True, cwd=ROOT)
    return path


def memory(asked, scratch):
    posts = made(scratch, asked.rows)
    seconds, peak = ours(argparse.Namespace(binary=asked.binary, repeats=1), posts, [])
    size = posts.stat().st_size / 2**20
    posts.unlink()
    print(f"{asked.rows:,} rows ({size:,.0f} MiB): {seconds:.1f} s, {peak:,.0f} MiB resident")


def score(asked):
    for rows in (100_000, 1_000_000):
        subprocess.run(example("coordination_score", rows, asked.seeds, 0), check=True, cwd=ROOT)


def example(name, *words):
    command = ["cargo", "run", "--release", "--locked", "--quiet", "-p", "entente-detect", "--example", name, "--"]
    return [*command, *map(str, words)]


if __name__ == "__main__":
    main()
