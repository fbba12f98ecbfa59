#!/usr/bin/env python3
"""Compares `entente detect coordination --mode toolkit` with PyPI's coordination-network-toolkit, edge
by edge, and reads its GraphML with networkx.

    python3 tests/outside/coordination.py
    python3 tests/outside/coordination.py --binary target/debug/entente --seed 7

Both are given the same generated posts, which share one or more links each, and the tweets in
$ENTENTE_TESTDATA/election. Edges and weights have to be the same (the toolkit's loops of accounts
with themselves are left out), also through GraphML. Then the null model's groups of posts in which
one group acts together are read by networkx: it has to be the only one. Exits 1 when something
differs.
"""

import argparse
import contextlib
import csv
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402

environment.enter(HERE / "coordination.txt")

import networkx  # noqa: E402
from coordination_network_toolkit.compute_networks import compute_co_link_network  # noqa: E402
from coordination_network_toolkit.preprocess import preprocess_data  # noqa: E402

import node  # noqa: E402

WINDOWS = [0, 10, 60]


def main():
    asked = arguments()
    binary = str(asked.binary or node.default_binary())
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="entente-coordination-") as folder:
        folder = Path(folder)
        made = folder / "made.csv"
        write(made, posts(random.Random(asked.seed), asked.posts))
        files = [made]
        if "ENTENTE_TESTDATA" in os.environ:
            files.append(Path(os.environ["ENTENTE_TESTDATA"]) / "election" / "russian_coord_tweets.csv")
        else:
            print("skipped: the tweets of election/, since ENTENTE_TESTDATA is not set")
        for path in files:
            database = folder / f"{path.stem}.db"
            fill(database, path)
            for window in WINDOWS:
                wrong += compare(binary, folder, path, database, window)
        wrong += groups(binary, folder, random.Random(asked.seed))
    print(f"{wrong} differ (seed {asked.seed})")
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=8000, help="generated posts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binary", help="the entente to ask (default: target/release or debug)")
    return parser.parse_args()


def posts(draw, count):
    """Rows (object, account, content, time): posts with up to three links, in bursts."""
    for number in range(count):
        account, time = f"u{draw.randrange(400)}", draw.randrange(count // 20) * 60 + draw.randrange(75)
        for link in {min(int(draw.paretovariate(0.7)), 3000) for _ in range(draw.choice([1, 1, 2, 3]))}:
            yield f"link{link}", account, f"post{number}", float(time)


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["object_id", "account_id", "content_id", "timestamp_share"])
        writer.writerows(rows)


def fill(database, path):
    """Gives the toolkit the same rows: a post a row, with the link that it shares."""
    with open(path, newline="", encoding="utf-8") as rows:
        messages = [
            (row["content_id"], row["account_id"], "", "", "", "", row["timestamp_share"], [row["object_id"]])
            for row in csv.DictReader(rows)
        ]
    preprocess_data(str(database), messages)


def compare(binary, folder, path, database, window):
    with contextlib.redirect_stdout(io.StringIO()):
        compute_co_link_network(str(database), window, n_threads=2)
    connection = sqlite3.connect(database)
    theirs = {
        (str(one), str(two)): weight
        for one, two, weight in connection.execute("select user_1, user_2, weight from co_link_network")
        if one != two
    }
    connection.close()
    graph = folder / "edges.graphml"
    command = [binary, "detect", "coordination", str(path), "--mode", "toolkit", "--window", str(window)]
    done = subprocess.run([*command, "--json", "--graphml", str(graph)], capture_output=True, check=True)
    rows = map(json.loads, done.stdout.splitlines())
    ours = {(row["from"], row["to"]): row["weight"] for row in rows}
    read = networkx.read_graphml(graph)
    name = read.nodes(data="label")
    through = {(name[one], name[two]): weight for one, two, weight in read.edges(data="weight")}
    same = ours == theirs and through == theirs
    print(f"{path.name}, {window} s: {len(theirs):,} edges, {'the same' if same else 'NOT the same'}")
    if not same:
        odd = sorted(set(ours.items()) ^ set(theirs.items()))[:5]
        print(f"  {len(ours):,} here, {len(through):,} as GraphML; such as {odd}")
    return 0 if same else 1


def groups(binary, folder, draw):
    """Five accounts that share fourteen links within seconds, among people who share what they like."""
    rows, day = [], 86_400
    for number in range(12_000):
        account, time = f"u{draw.randrange(900)}", draw.randrange(20 * day)
        rows.append((f"link{min(int(draw.paretovariate(0.5)), 4000)}", account, f"post{number}", time))
    for task in range(14):
        start = draw.randrange(20) * day + task * 3_700
        for member in range(5):
            link = draw.choice([f"own{task}", f"link{task + 30}"]) if member == 0 else rows[-1][0]
            rows.append((link, f"member{member}", f"task{task}-{member}", start + draw.randrange(8)))
    path, graph = folder / "group.csv", folder / "groups.graphml"
    write(path, rows)
    command = [binary, "detect", "coordination", str(path), "--graphml", str(graph)]
    subprocess.run(command, capture_output=True, check=True)
    read = networkx.read_graphml(graph)
    found = [
        sorted(read.nodes[one]["label"] for one in part)
        for part in networkx.connected_components(networkx.Graph(read))
    ]
    right = found == [[f"member{member}" for member in range(5)]]
    print(f"groups read by networkx: {found if not right else 'the one that acts together'}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
