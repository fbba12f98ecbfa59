#!/usr/bin/env python3
"""What `entente text` finds of generated posts, whose copies are known.

    python3 tests/outside/texts.py                    against target/release/entente or debug
    python3 tests/outside/texts.py --posts 20000 --seed 7

Known posts are asked for as they are, with 15 % of their words edited, inside twice and five times
the text, and disguised (look-alikes, leet, capitals, invisible characters); so are posts that are
not known. Prints how many were found, and how many others; these must share a run of letters too.
Then short texts with an edit are matched by keyed hashes, and a passage in a document by its
published fingerprints. Exits 1 when a rule is broken.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import node  # noqa: E402
from texts_made import Posts  # noqa: E402

# what is asked, the least share that has to be found here
ASKED = [
    ("as they are", 1.0),
    ("15 % edited", 0.998),
    ("in twice the text", 1.0),
    ("in five times the text", 1.0),
    ("disguised", 1.0),
    ("unknown", 0.0),
]


def main():
    asked = arguments()
    binary = str(asked.binary or node.default_binary())
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="entente-texts-") as folder:
        folder = Path(folder)
        bank, queries = make(asked.seed, asked.posts)
        write(folder / "bank.ndjson", bank)
        wrong += near(binary, folder, bank, queries)
        wrong += short(binary, folder, asked.seed)
        wrong += document(binary, folder, asked.seed)
    print(f"{wrong} rules broken (seed {asked.seed})")
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=3000, help="known posts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binary", help="the entente to ask (default: target/release or debug)")
    return parser.parse_args()


def make(seed, count):
    """Known posts by name, and what is asked: by its kind, a list of (name of the known post, text)."""
    posts = Posts(seed)
    bank = {f"known-{number}": posts.post() for number in range(count)}
    known = list(bank.items())
    queries = {
        "as they are": known,
        "15 % edited": [(name, posts.edited(post)) for name, post in known],
        "in twice the text": [(name, posts.wrapped(post, 2)) for name, post in known],
        "in five times the text": [(name, posts.wrapped(post, 5)) for name, post in known],
        "disguised": [(name, posts.disguised(post)) for name, post in known],
        "unknown": [(f"unknown-{number}", posts.post()) for number in range(count)],
    }
    return bank, queries


def write(path, texts):
    lines = (json.dumps({"id": name, "text": text}) for name, text in texts.items())
    path.write_text("".join(line + "\n" for line in lines))


def run(command, environment=None):
    """What a command printed."""
    done = subprocess.run(command, capture_output=True, env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


def runs(text):
    """Every run of 20 letters of a text, of which repeated letters count once."""
    letters = re.sub(r"(.)\1+", r"\1", text.replace(" ", ""))
    return {letters[at : at + 20] for at in range(len(letters) - 19)}


def near(binary, folder, bank, queries):
    """Asks for everything; how many kinds are found less than they have to be."""
    command = [binary, "text", "near", "--against", str(folder / "bank.ndjson"), "--json"]
    wrong = 0
    for kind, least in ASKED:
        texts = queries[kind]
        path = folder / "posts.ndjson"
        path.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts))
        out = run([*command, str(path)])
        hits = {(hit["id"], hit["known"]["id"]) for hit in map(json.loads, out.splitlines())}
        right = sum(name == hit for name, hit in hits)
        print(f"{kind:<24} {right:>7} of {len(texts)} found, {len(hits) - right:>5} others")
        asked = bank if kind == "disguised" else dict(texts)
        others = [(name, hit) for name, hit in hits if name != hit]
        unlike = [pair for pair in others if not runs(asked[pair[0]]) & runs(bank[pair[1]])]
        if right < least * len(texts) or unlike:
            wrong += 1
            print(f"not ok  {kind}: {right} of {len(texts)} found; with no run in common: {unlike[:3]}")
    return wrong


def short(binary, folder, seed):
    """Short texts an edit away are found by hashes alone, and texts three edits away are not."""
    posts, draw = Posts(seed + 1), random.Random(seed)
    known = {f"short-{number}": posts.sentence(7) for number in range(500)}
    write(folder / "known.ndjson", known)
    key = {"ENTENTE_TEXT_KEY": "a key for this script alone"}
    hashes = run([binary, "text", "skeleton", str(folder / "known.ndjson")], key)
    (folder / "hashes.ndjson").write_text(hashes)
    wrong = [text for text in known.values() if text in hashes]

    def less(text, letters):
        places = [at for at in range(1, len(text) - 1) if len({*text[at - 1 : at + 2], " "}) == 4]
        for at in sorted(draw.sample(places, letters), reverse=True):
            text = text[:at] + text[at + 1 :]
        return text

    for letters, expected in ((0, True), (1, True), (4, False)):
        write(folder / "asked.ndjson", {name: less(text.upper(), letters) for name, text in known.items()})
        command = [binary, "text", "match", str(folder / "asked.ndjson"), "--json"]
        out = run([*command, "--bank", str(folder / "hashes.ndjson")], key)
        found = {(hit["id"], hit["known"]["id"]) for hit in map(json.loads, out.splitlines())}
        want = {(name, name) for name in known} if expected else set()
        print(f"short texts with {letters} letters less: {len(found)} of {len(known)} found")
        if found != want:
            wrong.append(letters)
            print(f"not ok  short texts with {letters} letters less: {sorted(found ^ want)[:3]}")
    return len(wrong)


def document(binary, folder, seed):
    """A passage of a document is in another: their published fingerprints meet; under another key
    they do not."""
    posts = Posts(seed + 2)
    secret = posts.sentence(2000)
    passage = secret[5000:5400]
    (folder / "secret.txt").write_text(secret)
    (folder / "leak.txt").write_text(f"{posts.sentence(2000)} {posts.disguised(passage)} {posts.sentence(500)}")
    (folder / "other.txt").write_text(posts.sentence(2000))

    def published(name, key):
        out = run([binary, "text", "fingerprint", str(folder / name)], {"ENTENTE_TEXT_KEY": key})
        return set(out.split())

    key = "the key of one circle"
    ours = published("secret.txt", key)
    shared = [len(ours & published(name, key)) for name in ("leak.txt", "other.txt")]
    other_key = len(ours & published("leak.txt", "the key of another"))
    print(f"a document of {len(ours)} fingerprints: {shared[0]} in the leak, {shared[1]} in another text, {other_key} by another key")
    ok = shared[0] >= 3 and shared[1] == 0 and other_key == 0
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
