#!/usr/bin/env python3
"""Three nodes on three NATS servers, while all of them are killed in turn.

    python3 tests/outside/cluster.py [--binary target/debug/entente] [--rounds 20]

The binary is built with the feature jetstream. Under load each round kills -9 a server (the stream's leader),
a node, or the node that leads; one stops two servers, so that there is no quorum, and two stop all three at
once: as root by cutting the power of the disks that servers and nodes are on, so that what was not synced is
gone. After each round: what was acknowledged is on every node, in one order, under one tree; receipts hold;
all nodes give the same answers, and are level by their own figures.
"""

import argparse
import hashlib
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

environment.enter(HERE / "cluster.txt")

import indicators  # noqa: E402
import nats  # noqa: E402
import node  # noqa: E402
import power  # noqa: E402
import tlog  # noqa: E402

failures = []


def expect(what, holds, said=""):
    print(f"{'ok' if holds else 'not ok'} {what}" + ("" if holds else f": {said}"), flush=True)
    if not holds:
        failures.append(what)


def until(what, done, patience=60):
    end = time.monotonic() + patience
    said = None
    while time.monotonic() < end:
        try:
            found = done()
        except (OSError, RuntimeError, tlog.Wrong) as error:
            found, said = None, error
        if found:
            return found
        time.sleep(0.1)
    expect(what, False, f"not within {patience} s ({said})")
    return None


class Writer(threading.Thread):
    """Publishes to whichever node answers, and remembers what was acknowledged."""

    def __init__(self, trial, number):
        super().__init__(daemon=True)
        self.trial, self.number = trial, number
        self.acknowledged, self.tries, self.ended = [], 0, False
        self.refused = {}

    def run(self):
        turn = self.number
        while not self.ended:
            running = self.trial.nodes[turn % 3]
            turn += 1
            if not running.alive():
                continue
            client = node.Client(running.url, node.basic(self.trial.token), timeout=60)
            made = [self.trial.indicator() for _ in range(20)]
            self.tries += 1
            try:
                status = node.publish(client, self.trial.collection, [text for _, text in made])
                if status["failure_count"]:
                    raise RuntimeError(str(status))
                self.acknowledged += [identifier for identifier, _ in made]
            except (OSError, RuntimeError, ValueError, node.http.client.HTTPException) as error:
                key = str(error)[:60]
                self.refused[key] = self.refused.get(key, 0) + 1
                time.sleep(0.2)
            finally:
                client.close()


class Trial:
    def __init__(self, binary, scratch, servers, disks):
        self.binary, self.scratch, self.servers, self.disks = binary, scratch, servers, disks
        self.nodes, self.made, self.lock = [], 0, threading.Lock()
        self.collection = self.token = None
        self.key, self.history = None, []

    def indicator(self):
        with self.lock:
            self.made += 1
            number = self.made
        identifier = f"indicator--{number:08x}-0000-4000-8000-000000000000"
        text = (
            f'{{"type":"indicator","spec_version":"2.1","id":"{identifier}",'
            f'"created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z",'
            f'"pattern":"[domain-name:value = \'c{number}.example\']","pattern_type":"stix",'
            f'"valid_from":"2025-01-01T00:00:00Z"}}'
        )
        return identifier, text.encode()

    def flags(self):
        return ["--journal", self.servers.urls(), "--nats-monitor", self.servers.monitors()]

    def node(self, number, flags=()):
        place = self.disks[3 + number].path if self.disks and number < 3 else self.scratch
        made = node.Node(self.binary, place / f"node{number}", flags)
        # As on machines of their own.
        made.variables["ENTENTE_GUARDS"] = str(place / f"guards{number}")
        return made

    def set_up(self):
        """A node of one machine becomes the first of three."""
        first = self.node(0)
        first.init()
        party = first.signed_parties(1)[0]
        self.token = first.create_token(party)
        first.create_collection("shared")
        first.start()
        client = node.Client(first.url, node.basic(self.token))
        root = node.discover(client, first.url)
        self.collection = next(c for c in node.collections(client, root) if c.info["alias"] == "shared")
        node.publish(client, self.collection, [self.indicator()[1] for _ in range(100)])
        before = client.get("/log/receipt/50").body
        size = self.checkpoint(first)[0]
        first.stop()
        joined = first.run("journal", "join", "--data", str(first.data), *self.flags())
        moved = int(joined.stdout.split()[0].replace(",", ""))
        expect("a journal moves to the stream", moved >= size, joined.stdout)
        refused = first.run("token", "list", "--data", str(first.data), check=False)
        expect("its directory is not used without the stream", refused.returncode == 3, refused.stderr)
        first.serve_arguments = self.flags()
        first.start()
        self.nodes.append(first)
        for number in (1, 2):
            other = self.node(number, self.flags())
            other.data.mkdir()
            (other.data / "journal").mkdir()
            shutil.copytree(first.data / "log", other.data / "log")
            other.start()
            self.nodes.append(other)
        os.sync()  # What was copied here is on disk.
        after = node.Client(self.nodes[2].url, node.basic(self.token)).get("/log/receipt/50").body
        self.receipts = [before.decode()]
        first_lines = lambda body: body.split(b"\n")[:3]
        expect("receipts stay as they were", first_lines(before) == first_lines(after), after[:300])

    def checkpoint(self, running):
        get = lambda path: self.get(running, path)
        self.key = self.key or tlog.Key(get("key").decode())
        found = tlog.open_checkpoint(get("checkpoint").decode(), self.key, ())
        self.history.append(found[:2])
        return found

    def get(self, running, path):
        answer = node.Client(running.url).get(f"/log/{path}")
        if answer.status != 200:
            raise tlog.Wrong(f"{path}: {answer}")
        return answer.body

    def leads(self):
        """The number of the node that leads, by what the others' logs say of it."""
        for number, running in enumerate(self.nodes):
            if running.alive():
                answer = node.Client(running.url).get("/readyz")
                told = answer.headers.get("entente-leader", "")
                for other, candidate in enumerate(self.nodes):
                    if told and told.rstrip("/") == candidate.url.rstrip("/"):
                        return other
        return None

    def watch(self, stopping):
        """Keeps every checkpoint that any node shows."""
        while not stopping.is_set():
            for running in self.nodes:
                try:
                    self.checkpoint(running)
                except (OSError, tlog.Wrong, node.http.client.HTTPException):
                    pass
            time.sleep(0.05)

    def level(self, least):
        """Waits until all nodes show one checkpoint that reaches this far."""
        def same():
            found = [self.checkpoint(running)[:2] for running in self.nodes]
            return found[0] if len(set(found)) == 1 and found[0][0] >= least else None
        return until("all nodes show one checkpoint", same, 90)

    def figures(self, running):
        lines = node.Client(running.url).get("/metrics").body.decode().splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines if line[:1] != "#")}

    def are_level(self):
        found = [self.figures(running) for running in self.nodes]
        same = len({(one["entente_views_entries"], one["entente_log_entries"]) for one in found}) == 1
        up = all(one["entente_ready"] == 1 and one["entente_stream_behind_messages"] == 0 for one in found)
        return found if same and up and sum(one["entente_leads"] for one in found) == 1 else None

    def check(self, what, acknowledged):
        shown = self.level(1)
        if shown is None:
            return
        until(f"{what}: all nodes say that they are level, and one that it leads", self.are_level)
        size, root = shown
        views = []
        for running in self.nodes:
            client = node.Client(running.url, node.basic(self.token))
            ids, after = [], None
            while True:
                query = {"limit": 10000} | ({"next": after} if after else {})
                page = client.get(self.collection.manifest, query).json()
                ids += [(one["id"], one["date_added"]) for one in page.get("objects", [])]
                after = page.get("next")
                if not page.get("more"):
                    break
            views.append(ids)
        expect(f"{what}: every node has the same rows", views[0] == views[1] == views[2],
               [len(view) for view in views])
        paths = [self.collection.objects, "/api/v1/changes", "/api/v1/parties", "/api/v1/growth",
                 "/api/v1/requests", "/account/asked.csv", "/account/signals.csv", "/account/parties.json", "/news.atom"]
        digests = []
        for running in self.nodes:
            client, digest = node.Client(running.url, node.basic(self.token)), hashlib.sha256()
            for path in paths:
                answer = client.get(path, {"limit": 200} if path[:5] != "/acco" else None)
                if answer.status != 200:
                    expect(f"{what}: {path} answers", False, answer)
                digest.update(answer.body.replace(running.url.encode(), b"URL/"))
            digests.append(digest.hexdigest())
        expect(f"{what}: every view gives the same answers, by hash", len(set(digests)) == 1, digests)
        rows = {identifier for identifier, _ in views[0]}
        missing = [one for one in acknowledged if one not in rows]
        expect(f"{what}: {len(acknowledged)} acknowledged are there", not missing, missing[:3])
        leaves = [tlog.read_leaves(lambda path, r=running: self.get(r, path), size)
                  for running in self.nodes]
        expect(f"{what}: every node has the same leaves", leaves[0] == leaves[1] == leaves[2])
        # Those from before the move and of the rounds before, and new ones from every node.
        dice = random.Random(size)
        for running in self.nodes:
            self.receipts += [self.get(running, f"receipt/{at}").decode() for at in (dice.randrange(size), size - 1)]
        wrong = []
        for one in self.receipts:
            try:
                self.history.append(tlog.check_receipt(one, self.key, leaves[0]))
            except tlog.Wrong as error:
                wrong.append(error)
        expect(f"{what}: {len(self.receipts)} receipts hold", not wrong, wrong[:3])
        hashes = [tlog.leaf_hash(leaf) for leaf in leaves[0]]
        expect(f"{what}: the tree is theirs", tlog.root_of(hashes) == root)
        wrong = [s for s, r in set(self.history) if s <= size and tlog.root_of(hashes[:s]) != r]
        expect(f"{what}: every checkpoint ever shown is of one history", not wrong, wrong[:3])

    def round(self, number, kind, dice):
        before = sum(len(writer.acknowledged) for writer in self.writers)
        if kind == "server":
            led = self.servers.leader()
            victim = dice.randrange(3) if led is None else led
            self.servers.kill(victim)
            time.sleep(1 + dice.random())
            self.servers.start(victim)
            self.servers.wait(victim)
        elif kind in ("node", "leader"):
            led = self.leads()
            victim = led if kind == "leader" and led is not None else dice.randrange(3)
            self.nodes[victim].kill()
            time.sleep(1 + dice.random())
            self.nodes[victim].start(120)
        elif kind == "quorum":
            self.servers.kill(0)
            self.servers.kill(1)
            time.sleep(3)
            client = node.Client(self.nodes[0].url, node.basic(self.token), timeout=90)
            read = client.get(self.collection.objects, {"limit": 1})
            expect("without a quorum reads go on", read.status == 200, read)
            body = b'{"objects":[' + self.indicator()[1] + b"]}"
            written = client.post(self.collection.objects, body)
            expect("without a quorum writes are refused clearly", written.status == 503, written)
            for victim in (0, 1):
                self.servers.start(victim)
                self.servers.wait(victim)
        elif kind == "power":
            for disk in self.disks:
                disk.cut()
            if self.disks:
                for running in self.nodes:
                    running.kill()
            self.servers.kill_all()
            time.sleep(1)
            for disk in self.disks:
                disk.restore()
            self.servers.start_all()
            for running in self.nodes:
                if not running.alive():
                    running.start(120)
        again = lambda: sum(len(writer.acknowledged) for writer in self.writers) > before + 100
        until(f"round {number} ({kind}): writes go on", again, 120)

    def erase(self):
        """What is erased is gone from every node, and a node that starts from an empty disk never sees it."""
        identifier, text = self.indicator()
        leads = until("a node leads", lambda: self.leads() is not None and [self.leads()])[0]
        leader, follower = self.nodes[leads], self.nodes[(leads + 1) % 3]
        client = node.Client(self.nodes[1].url, node.basic(self.token))
        status = node.publish(client, self.collection, [text])
        expect("a write through a node that follows is taken", status["failure_count"] == 0, status)
        path = self.collection.object(identifier)
        shown = [node.Client(one.url, node.basic(self.token)).get(path).json() for one in self.nodes[1:2]]
        expect("and is read there at once", shown[0].get("objects"), shown)
        # Its operator's word goes through a node that follows to the one that leads.
        done = follower.run("erase", identifier, "--reason", "test", "--yes", "--data", str(follower.data), check=False)
        expect("an operator erases through any node", done.returncode == 0, done.stderr or done.stdout)
        gone = lambda running: not node.Client(running.url, node.basic(self.token)).get(path).json().get("objects")
        until("it is gone from every node", lambda: all(gone(one) for one in self.nodes))
        other = self.node(3, self.flags())
        (other.data / "journal").mkdir(parents=True)
        shutil.copytree(leader.data / "log", other.data / "log")
        other.start(120)
        self.nodes.append(other)
        expect("and never was on a new one", gone(other))
        self.level(1)
        self.nodes.pop().stop()

    def leave(self):
        """One directory goes on alone, and the others cannot go on beside it."""
        shown = self.level(1)
        self.nodes[0].stop()
        refused = self.nodes[0].run("journal", "leave", "--data", str(self.nodes[0].data), *self.flags(), check=False)
        expect("a stream on which nodes lead is not left", refused.returncode != 0, refused.stdout)
        for running in self.nodes:
            running.stop()
        left = lambda: self.nodes[0].run("journal", "leave", "--data", str(self.nodes[0].data), *self.flags(), check=False)
        until("the stream is left", lambda: left().returncode == 0, 30)
        self.nodes[0].serve_arguments = []
        self.nodes[0].start()
        alone = self.checkpoint(self.nodes[0])[:2]
        expect("the journal goes on alone", alone[0] >= shown[0], (alone, shown))
        beside = self.nodes[1].run("serve", "--data", str(self.nodes[1].data), "--listen", "127.0.0.1:0",
                                   *self.flags(), check=False, timeout=60)
        expect("no other node goes on beside it", "was left" in beside.stderr, beside.stderr)

    def run(self, rounds):
        self.set_up()
        self.erase()
        stopping = threading.Event()
        watching = threading.Thread(target=self.watch, args=(stopping,), daemon=True)
        watching.start()
        self.writers = []
        dice = random.Random(8)
        kinds = ["server", "node", "leader"]
        plan = [kinds[number % 3] for number in range(rounds)]
        plan[rounds // 4] = "power"
        plan[rounds // 2] = "quorum"
        plan[-1] = "power"
        everything = []
        for number, kind in enumerate(plan):
            self.writers = [Writer(self, one) for one in range(4)]
            for writer in self.writers:
                writer.start()
            self.round(number, kind, dice)
            for writer in self.writers:
                writer.ended = True
            for writer in self.writers:
                writer.join()
                everything += writer.acknowledged
            refused = {}
            for writer in self.writers:
                for words, count in writer.refused.items():
                    refused[words] = refused.get(words, 0) + count
            print(f"   round {number} ({kind}): {len(everything)} acknowledged, refused {refused}")
            self.check(f"round {number} ({kind})", everything)
        stopping.set()
        watching.join()
        self.leave()


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--binary")
    asked.add_argument("--rounds", type=int, default=20)
    arguments = asked.parse_args()
    binary = arguments.binary or node.default_binary()
    program = environment.make(HERE / "cluster.txt") / "nats-server"
    with tempfile.TemporaryDirectory(prefix="entente-cluster-") as scratch:
        scratch = Path(scratch)
        names = [f"{kind}-{number}" for kind in ("server", "machine") for number in range(3)]
        disks, missing = power.disks(scratch, names)
        if missing:
            print(f"SKIPPED: power is not cut, all servers are killed instead: {missing}", flush=True)
        servers = nats.Servers(scratch, program, [disk.path / "nats" for disk in disks[:3]])
        trial = Trial(binary, scratch, servers, disks)
        try:
            servers.start_all()
            trial.run(arguments.rounds)
        finally:
            if failures:
                for running in trial.nodes:
                    print(running.tail(), file=sys.stderr)
            for running in trial.nodes:
                running.stop()
            servers.kill_all()
            for disk in disks:
                disk.unmount()
    print(f"{len(failures)} failed" if failures else "all hold")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
