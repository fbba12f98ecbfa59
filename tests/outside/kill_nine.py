#!/usr/bin/env python3
"""Kills a node with kill -9 at random moments of a write load, and looks for what was lost.

    python3 tests/outside/kill_nine.py                 20 rounds
    python3 tests/outside/kill_nine.py --rounds 300

Each round: four writers publish envelopes of 1 to 200 objects as fast as they can; the node is
killed; it starts again. Then every object that was acknowledged must be there with the very bytes
that were sent, nothing may be there that was not sent so, and the dates added rise strictly and
never repeat, over all rounds. Prints how long the starts took; exits 1 if a rule is broken.
"""

import argparse
import hashlib
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import indicators  # noqa: E402
import node  # noqa: E402

WRITERS = 4
PAGE = 1000


def main():
    asked = arguments()
    seed = asked.seed if asked.seed is not None else time.time_ns()
    print(f"kill_nine: {asked.rounds} rounds, seed {seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="entente-kill-", dir=asked.scratch) as scratch:
        trial = Trial(Path(scratch), asked.binary or node.default_binary(), random.Random(seed))
        try:
            for number in range(1, asked.rounds + 1):
                trial.round(number, asked)
                if trial.broken:
                    break
            if not trial.broken:
                trial.look_at_everything("at the end")
        finally:
            trial.running.stop()
        return trial.tell()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--longest", type=float, default=1.5, metavar="SECONDS",
                        help="the latest moment of the kill, from the start of writing")
    parser.add_argument("--whole-every", type=int, default=50, metavar="ROUNDS",
                        help="look at all objects, not only the new ones, this often")
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--scratch", help="folder for data; default the system's")
    parser.add_argument("--seed", type=int, help="the kills' moments and the envelopes' sizes")
    return parser.parse_args()


def digest(raw):
    return hashlib.blake2b(raw, digest_size=16).digest()


def write(url, authorization, collection, seed, results):
    """One writer: publishes until the node is gone. Tells what was sent and what acknowledged.

    Both are {id: digest of the bytes}; an object is acknowledged once a completed status says so
    without failures."""
    rng, client = random.Random(seed), node.Client(url, authorization)
    sent, acknowledged, problem = {}, {}, None
    try:
        while True:
            raws = [indicators.raw_indicator(rng) for _ in range(rng.randint(1, 200))]
            told = {stix_id: digest(raw) for stix_id, raw in raws}
            sent.update(told)
            status = node.publish(client, collection, [raw for _, raw in raws])
            if status["failure_count"] or status["success_count"] != len(raws):
                problem = f"refused: {status.get('failures', status)}"[:500]
                break
            acknowledged.update(told)
    except OSError:
        pass  # the node was killed: what is in flight may be there or not
    except Exception as error:  # http.client's errors for a response that breaks off are no OSError
        if not isinstance(error, node.http.client.HTTPException):
            problem = f"{type(error).__name__}: {error}"[:500]
    results.put((sent, acknowledged, problem))


class Trial:
    """One data directory through all rounds, and what must hold of it."""

    def __init__(self, scratch, binary, rng):
        self.rng, self.running = rng, node.Node(binary, scratch / "data")
        self.running.init()
        party = self.running.signed_parties(1)[0]
        self.authorization = node.basic(self.running.create_token(party))
        self.running.create_collection("kill-nine")
        self.starts = [self.running.start()]
        client = self.client()
        api_root = node.discover(client, self.running.url)
        known = node.collections(client, api_root)
        self.collection = next(
            c for c in known if "kill-nine" in (c.info.get("alias"), c.info["title"])
        )
        # Digests by id: acknowledged in any round, sent but perhaps not taken, seen so far.
        self.acknowledged, self.sent, self.seen = {}, {}, {}
        self.last_date, self.broken, self.rounds, self.unacknowledged = None, [], 0, 0

    def client(self):
        return node.Client(self.running.url, self.authorization)

    def round(self, number, asked):
        context = multiprocessing.get_context("fork")
        results = context.Queue()
        writers = [
            context.Process(target=write, args=(
                self.running.url, self.authorization, self.collection,
                self.rng.getrandbits(64), results))
            for _ in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        time.sleep(self.rng.uniform(0.05, asked.longest))
        self.running.kill()
        before = len(self.acknowledged)
        for _ in writers:
            sent, acknowledged, problem = results.get(timeout=120)
            self.sent.update(sent)
            self.acknowledged.update(acknowledged)
            if problem:
                self.broken.append(f"round {number}: a writer: {problem}")
        for writer in writers:
            writer.join()
        try:
            self.starts.append(self.running.start())
        except RuntimeError as problem:
            self.broken.append(f"round {number}: {problem}")
            return
        self.rounds = number
        self.look(f"round {number}", self.last_date)
        if number % asked.whole_every == 0:
            self.look_at_everything(f"round {number}, all of it")
        print(
            f"round {number}/{asked.rounds}: {len(self.acknowledged) - before} acknowledged, "
            f"{len(self.seen)} there, started in {self.starts[-1] * 1000:.0f} ms",
            file=sys.stderr, flush=True,
        )

    def look_at_everything(self, when):
        self.seen, self.last_date = {}, None
        self.look(when, None)

    def look(self, when, after):
        """Reads what was added after the date and compares it with what was sent."""
        client = self.client()
        dated = self.read_manifest(client, when, after)
        found, order = {}, []
        for raw in self.read_objects(client, after):
            stix_id = identifier(raw)
            order.append(stix_id)
            if stix_id in found or stix_id in self.seen:
                self.broken.append(f"{when}: {stix_id} is there twice")
            found[stix_id] = digest(raw)
            if self.sent.get(stix_id) != found[stix_id]:
                self.broken.append(f"{when}: {stix_id} is not as it was sent: {raw[:200]!r}")
        client.close()
        if order != dated:
            self.broken.append(f"{when}: manifest ({len(dated)}) and objects ({len(order)}) differ")
        self.seen.update(found)
        lost = self.acknowledged.keys() - self.seen.keys()
        if lost:
            some = ", ".join(sorted(lost)[:3])
            self.broken.append(f"{when}: {len(lost)} acknowledged objects are lost: {some}")
        self.unacknowledged = len(self.seen) - len(self.acknowledged)

    def read_manifest(self, client, when, after):
        """The ids in the manifest's order; checks the dates as it goes."""
        ids = []
        while True:
            parameters = {"limit": PAGE} | ({"added_after": after} if after else {})
            answer = client.get(self.collection.manifest, parameters)
            entries = answer.json().get("objects", [])
            for entry in entries:
                date = entry["date_added"]
                if self.last_date is not None and date <= self.last_date:
                    self.broken.append(f"{when}: {date} comes after {self.last_date}")
                self.last_date = date
                ids.append(entry["id"])
            if not entries:
                return ids
            after = self.last_date

    def read_objects(self, client, after):
        """The raw bytes of every object added after the date."""
        while True:
            parameters = {"limit": PAGE} | ({"added_after": after} if after else {})
            answer = client.get(self.collection.objects, parameters)
            if answer.status != 200:
                self.broken.append(f"reading after {after}: {answer}")
                return
            found = node.split_objects(answer.body)
            if not found:
                return
            yield from found
            after = answer.headers["x-taxii-date-added-last"]

    def tell(self):
        later = self.starts[1:] or self.starts
        print(
            f"{self.rounds} kills, {len(self.acknowledged):,} objects acknowledged, "
            f"{self.unacknowledged:,} more were there without an acknowledgement; "
            f"start-up median {statistics.median(later) * 1000:.0f} ms, "
            f"at most {max(later) * 1000:.0f} ms"
        )
        for problem in self.broken[:20]:
            print(f"not ok {problem}")
        print(f"{self.rounds - bool(self.broken)} passed, {int(bool(self.broken))} failed")
        return 1 if self.broken else 0


def identifier(raw):
    at = raw.index(b'"id":"') + 6
    return raw[at : raw.index(b'"', at)].decode()


if __name__ == "__main__":
    sys.exit(main())
