"""Lookups over HTTP: values a second, and how soon what was published is found."""

import json
import os
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "outside"))

import cases  # noqa: E402
import client  # noqa: E402
import indicators  # noqa: E402

VALUES = 1000


def request(target, values):
    """The bytes of one lookup."""
    body = json.dumps({"values": values}).encode()
    head = f"POST /api/v1/lookup HTTP/1.1\r\n{target.head}".replace(client.MEDIA, "application/json")
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def batches(target, raws, seed, count=50):
    """Lookups of values of which one in a hundred is published."""
    rng = random.Random(seed)
    known = [json.loads(raw)["pattern"].split("'")[1] for _, raw in raws]

    def unknown():
        word = "%012x" % rng.getrandbits(48)
        kinds = (
            f"www.{word}.example.com", "203.0.%d.%d" % (rng.randrange(256), rng.randrange(256)),
            f"https://{word}.example.com/a/{word}", "%064x" % rng.getrandbits(256),
        )
        return rng.choice(kinds)

    return [
        request(target, [rng.choice(known) if rng.randrange(100) == 0 else unknown() for _ in range(VALUES)])
        for _ in range(count)
    ]


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def values(target, pid, requests, seconds):
    """Values/s on one connection, and values per second of the node's processor time."""
    link = client.Connection(target)
    link.exchange(requests[0])
    before, began, count = processor_seconds(pid), time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        status, _, body = link.exchange(requests[count % len(requests)])
        if status != 200 or b'"matches":[{' not in bytes(body[:64]).replace(b" ", b""):
            raise RuntimeError(f"lookup: {status} {bytes(body[:300])}")
        count += 1
    took, spent = time.perf_counter() - began, processor_seconds(pid) - before
    link.close()
    return count * VALUES / took, count * VALUES / spent


def matchable(target, rounds, seed):
    """Milliseconds, one a round, from sending a publish until a lookup on another connection hits."""
    rng = random.Random(seed)
    writer, reader = client.Connection(target), client.Connection(target)
    writer.exchange(target.get(target.api_root))
    took = []
    for _ in range(rounds):
        host = "www.%016x.example.net" % rng.getrandbits(64)
        one = indicators.indicator(rng, pattern=f"[domain-name:value = '{host}']")
        publish = target.post(indicators.envelope([json.dumps(one).encode()]))
        ask = request(target, [host])
        began = time.perf_counter()
        status, _, body = writer.exchange(publish)
        if status != 202:
            raise RuntimeError(f"publish: {status} {bytes(body[:300])}")
        while True:
            _, _, body = reader.exchange(ask)
            if host.encode() in bytes(body) and b'"matches":[]' not in bytes(body):
                break
            if time.perf_counter() - began > 10:
                raise RuntimeError(f"{host} was published and is not found after 10 s")
        took.append((time.perf_counter() - began) * 1000)
    writer.close()
    reader.close()
    return {"p50": cases.percentile(took, 0.5), "p99": cases.percentile(took, 0.99)}
