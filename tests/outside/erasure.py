#!/usr/bin/env python3
"""Erases over the command line while a node serves, and looks for what is left.

    python3 tests/outside/erasure.py                  10 kills
    python3 tests/outside/erasure.py --rounds 50

Publishes over TAXII, among much else objects with a value that stands nowhere else; erases them; then
GET is 404, the log's checkpoint still stands, and no file of the data directory holds the value,
neither while the node runs nor after it ended. Then erases and kills the node with kill -9 at
a random moment: after the next start the erasure is finished, or was never recorded and everything
is there. `entente doctor` must hold at the end. Prints a line for each rule; exits 1 if one is broken.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import indicators  # noqa: E402
import node  # noqa: E402


def main():
    asked = arguments()
    seed = asked.seed if asked.seed is not None else time.time_ns()
    print(f"erasure: seed {seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="entente-erasure-", dir=asked.scratch) as scratch:
        trial = Trial(Path(scratch), asked.binary or node.default_binary(), random.Random(seed))
        trial.longest = asked.longest
        try:
            trial.erase_while_it_serves()
            finished, absent = 0, 0
            for number in range(asked.rounds):
                if trial.kill_in_the_middle(number):
                    finished += 1
                else:
                    absent += 1
            trial.holds(True, f"{asked.rounds} kills: {finished} erasures finished by the next start, "
                              f"{absent} not begun")
            trial.at_the_end()
        finally:
            trial.running.stop()
        return 1 if trial.broken else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10, help="kills")
    parser.add_argument("--longest", type=float, default=0.25, metavar="SECONDS",
                        help="the latest moment of a kill, from the start of the command")
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--scratch", help="folder for data; default the system's")
    parser.add_argument("--seed", type=int, help="the kills' moments and the objects")
    return parser.parse_args()


class Trial:
    def __init__(self, scratch, binary, rng):
        self.rng, self.running, self.broken = rng, node.Node(binary, scratch / "data"), []
        self.running.init()
        party = self.running.signed_parties(1)[0]
        self.authorization = node.basic(self.running.create_token(party))
        self.running.create_collection("erasing", "--marking", "green")
        self.running.start()
        client = self.client()
        root = node.discover(client, self.running.url)
        known = node.collections(client, root)
        self.collection = next(c for c in known if "erasing" in (c.info.get("alias"), c.info["title"]))
        for _ in range(10):
            raws = [indicators.raw_indicator(rng)[1] for _ in range(300)]
            node.publish(client, self.collection, raws)

    def client(self):
        return node.Client(self.running.url, self.authorization)

    def holds(self, fine, rule):
        print(("ok   " if fine else "FAIL ") + rule, flush=True)
        if not fine:
            self.broken.append(rule)

    def secret(self, word, red=False):
        """Publishes an indicator whose value and name stand nowhere else; gives its id."""
        stix_id, raw = indicators.raw_indicator(self.rng)
        made = json.loads(raw)
        made["pattern"] = f"[domain-name:value = '{word}.example']"
        made["name"] = f"about {word}"
        if red:
            made["object_marking_refs"] = ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]
        status = node.publish(self.client(), self.collection, [made])
        if status["success_count"] != 1:
            raise RuntimeError(f"not taken: {status}")
        return stix_id

    def word(self):
        return "secret%016x" % self.rng.getrandbits(64)

    def files_with(self, word):
        found = subprocess.run(
            ["grep", "-r", "-l", "-a", word, str(self.running.data)], capture_output=True, text=True
        )
        return found.stdout.split()

    def status_of(self, stix_id):
        return self.client().get(self.collection.object(stix_id)).status

    def erase(self, *what, check=True):
        return self.running.run(
            "erase", *what, "--data", str(self.running.data), "--reason", "asked for", "--json", check=check
        )

    def checkpoint(self):
        return self.client().request("GET", "/checkpoint", accept="*/*")

    def erase_while_it_serves(self):
        words = [self.word(), self.word()]
        ids = [self.secret(words[0]), self.secret(words[1], red=True)]
        before = self.checkpoint()
        # The views reach their file within a second or two.
        for _ in range(50):
            there = all(self.files_with(word) for word in words)
            if there:
                break
            time.sleep(0.1)
        self.holds(there, "what is published stands in the files")
        for stix_id in ids:
            told = json.loads(self.erase(stix_id).stdout)
            self.holds(told["erased"] is True, "the command says that it is erased")
            self.holds(self.status_of(stix_id) == 404, "GET of what is erased is 404")
        for word in words:
            left = self.files_with(word)
            self.holds(not left, f"no file of the served directory holds the value {left}")
        notices = self.client().get(self.collection.api_root + "collections/")
        self.holds("erasing-withdrawn" in notices.body.decode(), "those who saw it are told")
        again = self.erase(ids[0], check=False)
        self.holds(again.returncode != 0 and "already" in again.stderr, "a second time says so")
        after = self.checkpoint()
        if before.status == 200:
            size = lambda answer: int(answer.body.split(b"\n")[1])  # noqa: E731
            self.holds(after.status == 200 and size(after) > size(before), "the public log goes on")
        self.running.stop()
        left = [path for word in words for path in self.files_with(word)]
        self.holds(not left, f"nor does one after the node ended {left}")
        self.running.start()

    def kill_in_the_middle(self, number):
        """Whether the erasure was recorded before the kill."""
        word = self.word()
        stix_id = self.secret(word)
        command = subprocess.Popen(
            [self.running.binary, "erase", stix_id, "--data", str(self.running.data), "--reason", "asked for"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(self.rng.uniform(0.01, self.longest))
        self.running.kill()
        answered = command.wait() == 0
        self.running.start()
        status, left = self.status_of(stix_id), self.files_with(word)
        if status == 404 and left:
            self.holds(False, f"kill {number}: erased, and still in {left}")
        if status == 200 and (answered or not left):
            self.holds(False, f"kill {number}: answered {answered}, yet it is shown; in files: {left}")
        if status not in (200, 404):
            self.holds(False, f"kill {number}: GET is {status}")
        return status == 404

    def at_the_end(self):
        self.running.stop()
        doctor = self.running.run("doctor", "--data", str(self.running.data), "--json", check=False)
        self.holds(doctor.returncode == 0, f"entente doctor holds {doctor.stderr.strip()[:300]}")
        found = json.loads(doctor.stdout or "{}")
        self.holds(found.get("erased", 0) >= 2 and found.get("erased_now") == 0,
                   f"and counts what was erased: {found.get('erased')}")


if __name__ == "__main__":
    sys.exit(main())
