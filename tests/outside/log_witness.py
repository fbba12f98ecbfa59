#!/usr/bin/env python3
"""The public log of a node, its witnesses and a restore, seen from outside.

    python3 tests/outside/log_witness.py [--binary target/debug/entente]

A log with two witnesses, three nodes in all. Checkpoints and cosignatures are checked with Python's
cryptography and a tree of our own (tlog.py). Every checkpoint that was ever shown has to be of one
history: whatever is killed, restored from a backup, or run twice. The witness is also asked with
scripted requests, one for each status of C2SP tlog-witness.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402

environment.enter(HERE / "log_witness.txt")

import base64  # noqa: E402

import indicators  # noqa: E402
import node  # noqa: E402
import tlog  # noqa: E402

failures = []


def expect(what, holds, said=""):
    print(f"{'ok' if holds else 'not ok'} {what}" + ("" if holds else f": {said}"), flush=True)
    if not holds:
        failures.append(what)


def until(what, done, patience=30):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = done()
        if found:
            return found
        time.sleep(0.1)
    expect(what, False, f"not within {patience} s")
    return None


class Log:
    """A node seen as a log; keeps every checkpoint that it showed."""

    def __init__(self, running):
        self.running, self.history = running, []
        self.key = None

    def get(self, path):
        answer = node.Client(self.running.url).get(f"/log/{path}")
        if answer.status != 200:
            raise tlog.Wrong(f"{path}: {answer}")
        return answer.body

    def checkpoint(self, witnesses=()):
        self.key = self.key or tlog.Key(self.get("key").decode())
        found = tlog.open_checkpoint(self.get("checkpoint").decode(), self.key, witnesses)
        self.history.append(found[:2])
        return found

    def hashes(self, size):
        return [tlog.leaf_hash(leaf) for leaf in tlog.read_leaves(self.get, size)]

    def one_history(self, hashes):
        """Whether all checkpoints ever shown are of the tree of these hashes."""
        return all(tlog.root_of(hashes[:size]) == root for size, root in self.history)


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--binary")
    binary = asked.parse_args().binary or node.default_binary()
    with tempfile.TemporaryDirectory(prefix="entente-witness-") as scratch:
        scratch = Path(scratch)
        os.environ["ENTENTE_GUARDS"] = str(scratch / "guards")
        trial = Trial(binary, scratch)
        try:
            trial.cosigned()
            trial.quorum_missing()
            trial.statuses()
            trial.witness_killed()
            trial.killed_under_load()
            trial.restored()
        finally:
            if failures:
                print(trial.log_node.tail(), file=sys.stderr)
            for running in trial.nodes:
                running.stop()
    print(f"{len(failures)} failed" if failures else "all hold")
    return 1 if failures else 0


class Trial:
    def __init__(self, binary, scratch):
        self.binary, self.scratch, self.nodes = binary, scratch, []
        self.random = random.Random(6)
        self.log_node = self.node("log")
        self.log_node.create_collection("signals")
        party = self.log_node.signed_parties(1)[0]
        self.token = self.log_node.create_token(party)
        self.log = Log(self.log_node)
        # Started once for its key, which witnesses have to know.
        self.log_node.start()
        key = self.log.get("key").decode().strip()
        self.log_node.stop()
        self.outsider = tlog.Signer("outsider.example/log")
        logs = scratch / "logs.txt"
        logs.write_text(f"log {key}\nlog {self.outsider.vkey}\nquorum none\n")
        self.witnesses = []
        lines = [f"log {key}"]
        for name in ("one", "two"):
            running = self.node(name)
            running.serve_arguments = ["--witness-for", str(logs)]
            running.start()
            vkey = node.Client(running.url).get("/witness/key").body.decode().strip()
            lines.append(f"witness {name} {vkey} {running.url}witness")
            self.witnesses.append((running, tlog.Key(vkey)))
        lines += ["group both all one two", "quorum both", ""]
        self.policy = scratch / "policy.txt"
        self.policy.write_text("\n".join(lines))
        self.log_node.serve_arguments = ["--witnesses", str(self.policy), "--witness-pause", "0.2"]
        self.log_node.start()

    def node(self, name):
        running = node.Node(self.binary, self.scratch / name)
        # The smallest pledge there can be would do; the Paris Call has parties that may publish.
        running.init()
        self.nodes.append(running)
        return running

    def client(self):
        return node.Client(self.log_node.url, node.basic(self.token))

    def object(self):
        return indicators.raw_indicator(self.random)[1]

    def publish(self, count):
        client = self.client()
        (collection,) = [c for c in node.collections(client, node.discover(client, self.log_node.url))
                         if c.info["title"] == "signals"]
        status = node.publish(client, collection, [self.object() for _ in range(count)])
        assert status["failure_count"] == 0, status
        return status

    def keys(self):
        return [key for _, key in self.witnesses]

    def seen_by_both(self, size):
        def look():
            found = self.log.checkpoint(self.keys())
            return found if found[0] >= size and len(found[2]) == 2 else None
        return until(f"both witnesses cosign {size} entries", look)

    # --- the story

    def cosigned(self):
        began = int(time.time())
        status = self.publish(20)
        last = max(int(one["x_entente_receipt"].rsplit("/", 1)[1]) for one in status["successes"])
        size, root, seen = self.seen_by_both(last + 1) or (0, b"", {})
        expect("times of cosignatures are now",
               all(began - 2 <= at <= time.time() + 2 for at in seen.values()), seen)
        hashes = self.log.hashes(size)
        expect("the tree has the root that was signed", tlog.root_of(hashes) == root)
        receipt = self.client().get(f"/log/receipt/{last}").body.decode()
        note = receipt.split("\n\n", 1)[1]
        found = tlog.open_checkpoint(note, self.log.key, self.keys())
        expect("a receipt carries both cosignatures", len(found[2]) == 2, receipt)
        proof = [base64.b64decode(line) for line in receipt.split("\n\n")[0].splitlines()[3:]]
        expect("a receipt is small", len(receipt) < 2048 and len(proof) < 21, len(receipt))

    def quorum_missing(self):
        two = self.witnesses[1][0]
        two.stop()
        before = self.log.checkpoint(self.keys())[0]
        status = self.publish(5)
        last = max(int(one["x_entente_receipt"].rsplit("/", 1)[1]) for one in status["successes"])
        time.sleep(1)
        expect("without a quorum the checkpoint shown stays",
               self.log.checkpoint(self.keys())[0] == before)
        receipt = self.client().get(f"/log/receipt/{last}").body.decode()
        found = tlog.open_checkpoint(receipt.split("\n\n", 1)[1], self.log.key, self.keys())
        expect("a receipt is there all the same", found[0] > last)
        two.start()
        self.seen_by_both(last + 1)

    def statuses(self):
        running, key = self.witnesses[0]
        client = node.Client(running.url)
        leaves = [tlog.leaf_hash(bytes([n])) for n in range(40)]
        signer = self.outsider

        def ask(old, proof, note, raw=None):
            lines = "".join(base64.b64encode(one).decode() + "\n" for one in proof)
            body = raw if raw is not None else f"old {old}\n{lines}\n{note}".encode()
            return client.post("/witness/add-checkpoint", body,
                               headers={"Content-Type": "text/plain"}, accept="*/*")

        def at(size, hashes=leaves):
            return signer.checkpoint(size, tlog.root_of(hashes[:size]))

        def status(what, answer, expected):
            expect(f"{expected} {what}", answer.status == expected, answer)
            return answer

        status("no request at all", ask(0, [], "", raw=b"\xff\xfe"), 400)
        status("a size with a leading zero", ask(0, [], "", raw=f"old 01\n\n{at(8)}".encode()), 400)
        status("a line that is no hash", ask(0, [], "", raw=f"old 0\nAAAA\n\n{at(8)}".encode()), 400)
        status("64 hashes", ask(1, [leaves[0]] * 64, at(8)), 400)
        other = tlog.Signer("nobody.example/log")
        status("a log that nobody asked it to follow",
               ask(0, [], other.checkpoint(8, tlog.root_of(leaves[:8]))), 404)
        forged = tlog.Signer(signer.name)
        status("another key under its name",
               ask(0, [], forged.checkpoint(8, tlog.root_of(leaves[:8]))), 403)
        status("an old size beyond the checkpoint", ask(9, [], at(8)), 400)
        answer = status("its first checkpoint", ask(0, [], at(8)), 200)
        text, lines = tlog.parse_note(at(8).split("\n\n")[0] + "\n\n" + answer.body.decode())
        expect("the cosignature holds", key.check(text, lines[0][2]) > 0 and lines[0][0] == key.name)
        answer = status("from nothing again", ask(0, [], at(20)), 409)
        expect("it says which size it saw", answer.body == b"8\n"
               and answer.headers["content-type"] == "text/x.tlog.size", answer)
        status("a proof that does not hold", ask(8, [leaves[0]], at(20)), 422)
        others = leaves[:4] + leaves[5:9] + leaves[8:]
        status("another history", ask(8, tlog.consistency(others, 8, 20), at(20, others)), 422)
        status("the same size with another root", ask(8, [], at(8, others)), 409)
        status("the same checkpoint again", ask(8, [], at(8)), 200)
        status("what it grew to", ask(8, tlog.consistency(leaves, 8, 20), at(20)), 200)
        # Two at once from one size: one of them is told what the other made of it.
        answers = []
        racing = [threading.Thread(target=lambda n=n: answers.append(
            node.Client(running.url).post(
                "/witness/add-checkpoint",
                ("old 20\n" + "".join(base64.b64encode(p).decode() + "\n"
                                      for p in tlog.consistency(leaves, 20, n))
                 + f"\n{at(n)}").encode(),
                headers={"Content-Type": "text/plain"}, accept="*/*").status))
            for n in (30, 40)]
        [one.start() for one in racing]
        [one.join() for one in racing]
        expect("of two at once one is cosigned", sorted(answers) == [200, 409], answers)

    def witness_killed(self):
        running, _ = self.witnesses[0]
        running.kill()
        running.start()
        signer = self.outsider
        note = signer.checkpoint(1, tlog.root_of([tlog.leaf_hash(b"\0")]))
        answer = node.Client(running.url).post(
            "/witness/add-checkpoint", f"old 0\n\n{note}".encode(),
            headers={"Content-Type": "text/plain"}, accept="*/*")
        expect("after kill -9 it knows what it cosigned",
               answer.status == 409 and answer.body in (b"30\n", b"40\n"), answer)

    def killed_under_load(self):
        for _ in range(4):
            stop = threading.Event()

            def write():
                while not stop.is_set():
                    try:
                        self.publish(30)
                    except (OSError, RuntimeError, AssertionError, ValueError):
                        return

            writers = [threading.Thread(target=write) for _ in range(3)]
            [one.start() for one in writers]
            for _ in range(5):
                self.log.checkpoint(self.keys())
                time.sleep(0.1)
            self.log_node.kill()
            stop.set()
            [one.join() for one in writers]
            self.log_node.start()
        size, *_ = self.seen_by_both(self.log.checkpoint(self.keys())[0] + 1) \
            if self.publish(1) else (0,)
        hashes = self.log.hashes(size)
        shown = len(self.log.history)
        expect(f"{shown} checkpoints around four kills are of one history",
               self.log.one_history(hashes))

    def restored(self):
        backup = self.scratch / "backup"
        self.log_node.stop()
        shutil.copytree(self.log_node.data, backup)
        self.log_node.start()
        status = self.publish(10)
        newest = 1 + max(
            int(one["x_entente_receipt"].rsplit("/", 1)[1]) for one in status["successes"])
        self.seen_by_both(newest)
        hashes = self.log.hashes(self.log.checkpoint(self.keys())[0])
        self.log_node.stop()
        whole = self.scratch / "whole"
        self.log_node.data.rename(whole)
        shutil.copytree(backup, self.log_node.data)
        done = self.log_node.run("serve", "--data", str(self.log_node.data), "--listen",
                                 "127.0.0.1:0", check=False)
        expect("a node restored from an older copy does not start",
               done.returncode == 6 and "log restart" in done.stderr, done)
        # On a machine that knows nothing of it, the witnesses do.
        os.environ["ENTENTE_GUARDS"] = str(self.scratch / "elsewhere")
        try:
            self.log_node.start(patience=20)
            expect("elsewhere it is not ready", False, "it is")
        except RuntimeError as error:
            expect("elsewhere it is not ready", "witnesses know" in str(error), error)
        answer = node.Client(self.log_node.url, node.basic(self.token)).get("/readyz")
        expect("it says why", answer.status == 503 and b"older copy" in answer.body, answer)
        client = self.client()
        root = node.discover(client, self.log_node.url)
        (collection,) = [c for c in node.collections(client, root) if c.info["title"] == "signals"]
        expect("reads go on", client.get(collection.objects).status == 200)
        sent = client.post(collection.objects, b'{"objects":[' + self.object() + b"]}")
        expect("writes are refused, with the reason",
               sent.status == 503 and b"older copy" in sent.body, sent)
        self.log.checkpoint()
        expect("and every checkpoint is still of one history", self.log.one_history(hashes))
        self.log_node.stop()
        os.environ["ENTENTE_GUARDS"] = str(self.scratch / "guards")
        # The way out: the newest copy.
        shutil.rmtree(self.log_node.data)
        whole.rename(self.log_node.data)
        self.log_node.start()
        self.publish(1)
        self.log.checkpoint()
        size = self.log.checkpoint()[0]
        expect("with the newest copy it goes on", size >= newest, size)
        # Two of one key on one machine.
        twin = self.scratch / "twin"
        shutil.copytree(self.log_node.data, twin)
        (twin / "run.json").unlink(missing_ok=True)
        done = self.log_node.run("serve", "--data", str(twin), "--listen", "127.0.0.1:0", check=False)
        expect("a copy of the data directory does not sign beside it",
               done.returncode == 3 and "another process signs" in done.stderr, done)
        self.log_node.stop()
        # The other way out: a new log.
        shutil.rmtree(self.log_node.data)
        shutil.copytree(backup, self.log_node.data)
        done = self.log_node.run("log", "restart", "--data", str(self.log_node.data), "--reason",
                                 "disk lost on Tuesday", check=False)
        expect("a new log can be begun", done.returncode == 0, done)
        self.log_node.serve_arguments = []
        self.log_node.start()
        again = Log(self.log_node)
        again.checkpoint()
        expect("under another key", again.key.public != self.log.key.public)


if __name__ == "__main__":
    sys.exit(main())
