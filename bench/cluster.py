"""More than one machine: publishing on one machine and on three NATS servers, how soon another node matches,
matches/s of one to three nodes, and a new node. All on loopback, servers and nodes on the same cores.
"""

import json
import multiprocessing
import os
import shutil
import sys
import time
from pathlib import Path

import cases
import client
import report

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = ROOT / "tests" / "outside"
sys.path.insert(0, str(OUTSIDE))

import environment  # noqa: E402
import indicators  # noqa: E402
import nats  # noqa: E402
import node  # noqa: E402


def run(asked, binary, scratch):
    home = scratch / "cluster"
    home.mkdir()
    program = environment.make(OUTSIDE / "cluster.txt") / "nats-server"
    bench = Bench(asked, binary, home, nats.Servers(home, program))
    try:
        found = bench.run()
    finally:
        for running in bench.nodes:
            running.stop()
        bench.servers.kill_all()
        shutil.rmtree(home, ignore_errors=True)
    rows = [(what, report.spread(values)) for what, values in found.items()]
    lines = [
        f"{asked.repeats} repeats; three nats-servers that fsync always, R3, and the nodes share these cores. "
        f"{report.machine(scratch)}.", "",
        report.table(["what", "median (smallest–largest)"], rows),
    ]
    return found, lines


class Bench:
    def __init__(self, asked, binary, home, servers):
        self.asked, self.binary, self.home, self.servers = asked, binary, home, servers
        self.nodes, self.found = [], {}

    def note(self, what, value):
        self.found.setdefault(what, []).append(value)
        print(f"cluster: {what}: {report.number(value)}", file=sys.stderr, flush=True)

    def node(self, number, flags=()):
        made = node.Node(self.binary, self.home / f"node{number}", flags)
        made.variables["ENTENTE_GUARDS"] = str(self.home / f"guards{number}")
        return made

    def run(self):
        many = 100_000 if self.asked.quick else 1_000_000
        first = self.node(0)
        first.init()
        self.token = first.create_token(first.signed_parties(1)[0])
        first.create_collection("bench", "--public")
        first.start()
        self.nodes.append(first)
        cases.fill(self.target(first), many, seed="cluster")
        self.publishing("one machine", first)
        first.stop()
        self.servers.start_all()
        flags = ["--journal", self.servers.urls(), "--nats-monitor", self.servers.monitors()]
        began = time.monotonic()
        first.run("journal", "join", "--data", str(first.data), *flags)
        self.note(f"journal join with {many:,} objects, s", time.monotonic() - began)
        first.serve_arguments = flags
        first.start()
        self.publishing("three servers and one node", first)
        other = self.node(1, flags)
        (other.data / "journal").mkdir(parents=True)
        shutil.copytree(first.data / "log", other.data / "log")
        self.note(f"a new node with {many:,} objects from an empty disk, until ready, s", other.start(300))
        other.stop()
        another = self.node(2, flags)
        shutil.copytree(other.data, another.data)
        self.note(f"a new node with {many:,} objects from a snapshot, until ready, s", another.start(300))
        other.start(300)
        self.nodes += [other, another]
        self.publishing("three servers and three nodes", first)
        self.latency(first, self.nodes[1])
        for count in (1, 2, 3):
            for _ in range(self.asked.repeats):
                self.matching(self.nodes[:count])
        return self.found

    def target(self, running):
        asking = node.Client(running.url, node.basic(self.token))
        root = node.discover(asking, running.url)
        collection = next(c for c in node.collections(asking, root) if c.info["alias"] == "bench")
        return client.Target(running.port, node.basic(self.token), root, collection.objects)

    def publishing(self, where, running):
        target = self.target(running)
        os.sync()  # What was filled before is no longer being written.
        for repeat in range(self.asked.repeats):
            bodies = cases.envelopes(20_000, seed=f"{where} {repeat}")
            self.note(f"publish, 4 connections, {where}, objects/s", cases.publish(target, bodies, 4))
            got = cases.single_publishes(target, 8, 3, f"{where} one {repeat}", 20_000)
            self.note(f"one object, 8 connections, {where}, p50 ms", got["p50_ms"])
            self.note(f"one object, 8 connections, {where}, p99 ms", got["p99_ms"])

    def latency(self, here, there):
        """From the first byte of a publish on one node to the first match on another."""
        target = self.target(here)
        link, asking = client.Connection(target), node.Client(there.url, node.basic(self.token))
        took = []
        for number in range(100 if self.asked.quick else 400):
            value = f"soon{number}.example"
            raw = json.dumps({
                "type": "indicator", "spec_version": "2.1",
                "id": f"indicator--{number:08x}-1111-4111-8111-111111111111",
                "created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z",
                "pattern": f"[domain-name:value = '{value}']", "pattern_type": "stix",
                "valid_from": "2025-01-01T00:00:00Z",
            }).encode()
            began = time.perf_counter()
            client.publish(link, target.post(indicators.envelope([raw])))
            while b"indicator--" not in lookup(asking, value):
                if time.perf_counter() - began > 30:
                    raise RuntimeError(f"{value} is not matched")
            took.append((time.perf_counter() - began) * 1000)
        self.note("published here until matched on another node, p50 ms", cases.percentile(took, 0.5))
        self.note("published here until matched on another node, p99 ms", cases.percentile(took, 0.99))

    def matching(self, nodes):
        """Values looked up per second, 100 a request, one client a node."""
        context = multiprocessing.get_context("fork")
        results = context.Queue()
        askers = [context.Process(target=ask, args=(one.url, self.token, results)) for one in nodes]
        for asker in askers:
            asker.start()
        rates = [results.get(timeout=120) for _ in askers]
        for asker in askers:
            asker.join()
        self.note(f"values looked up, {len(nodes)} of the nodes asked, values/s", sum(rates))


def lookup(asking, text):
    answer = asking.request("POST", "/api/v1/lookup", text.encode(), accept="application/json",
                            headers={"Content-Type": "text/plain"})
    if answer.status != 200:
        raise RuntimeError(f"a lookup answered {answer}")
    return answer.body


def ask(url, token, results):
    asking = node.Client(url, node.basic(token))
    text = "\n".join(f"host{number}.bench.example" for number in range(100))
    lookup(asking, text)
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < 3:
        lookup(asking, text)
        done += 100
    results.put(done / (time.perf_counter() - began))
