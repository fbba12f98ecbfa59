#!/usr/bin/env python3
"""Receives webhooks as a stranger would: with the Python library of Standard Webhooks.

    python3 tests/outside/webhooks.py
    python3 tests/outside/webhooks.py --rounds 5

A node publishes, withdraws, fails to deliver, and is killed (-9) at random moments of a write load.
Every message must verify with the library and the secret that was shown, and with no other; every
change must arrive, whatever happened, and its message always under one id. Prints a line for each
rule; exits 1 when one is broken.
"""

import argparse
import http.server
import json
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import indicators  # noqa: E402
import node  # noqa: E402


class Endpoint:
    """An HTTP server on loopback that keeps what it is sent; every third answer is a 503."""

    def __init__(self):
        self.received, self.lock, self.count = [], threading.Lock(), 0
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with endpoint.lock:
                    endpoint.count += 1
                    fails = endpoint.count % 3 == 0
                    endpoint.received.append((headers, body, not fails))
                self.send_response(503 if fails else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"

    def messages(self, taken=None):
        with self.lock:
            return [one for one in self.received if taken is None or one[2] == taken]


def main():
    asked = arguments()
    environment.enter(HERE / "webhooks.txt")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="entente-webhooks-") as folder:
        flags = ["--allow-private-webhooks", "--webhook-retries", "0.05,0.1,0.2,0.4,1,2"]
        running = node.Node(asked.binary or node.default_binary(), Path(folder) / "data", flags)
        try:
            scene = Scene(running)
            for rule in (verified, told, killed):
                began, why = time.monotonic(), None
                try:
                    rule(scene, asked)
                except Exception as problem:
                    why = repr(problem)
                    failed += 1
                took = time.monotonic() - began
                print(f"{'not ok' if why else 'ok'} {rule.__doc__} ({took:.1f} s)", flush=True)
                if why:
                    print(f"    # {why}")
        finally:
            running.stop()
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--rounds", type=int, default=5, help="how often it is killed")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Scene:
    """A node with a collection, a member's token, and a webhook of theirs."""

    def __init__(self, running):
        self.running, self.endpoint, self.published = running, Endpoint(), []
        running.init()
        running.create_collection("feed")
        token = running.create_token(running.signed_parties(1)[0])
        running.start()
        self.client = node.Client(running.url, node.basic(token))
        self.collection = node.collections(self.client, node.discover(self.client, running.url))[0]
        body = json.dumps({"url": self.endpoint.url})
        made = self.client.request("POST", "/api/v1/webhooks", body,
                                   {"Content-Type": "application/json"}, "application/json")
        assert made.status == 201, made
        self.secret, self.numbers = made.json()["secret"], 0

    def publish(self, count):
        """Publishes new indicators; their ids once they are accepted."""
        self.numbers += 1
        made = indicators.raw_indicators(count, self.numbers)
        node.publish(self.client, self.collection, [raw for _, raw in made])
        self.published += [stix_id for stix_id, _ in made]
        return made

    def wait(self, ids, patience=90):
        """Waits until a message about each of these was taken."""
        until, missing = time.monotonic() + patience, set(ids)
        while missing:
            assert time.monotonic() < until, f"{len(missing)} never came, such as {missing.pop()}"
            taken = self.endpoint.messages(taken=True)
            missing -= {json.loads(body)["data"].get("object_id") for _, body, _ in taken}
            time.sleep(0.05)


def verified(scene, _):
    """the library verifies each message with the secret that was shown, and with no other"""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    made = scene.publish(3)
    scene.wait([stix_id for stix_id, _ in made])
    other = Webhook("whsec_" + "A" * 44)
    for headers, body, _ in scene.endpoint.messages():
        payload = Webhook(scene.secret).verify(body, headers)
        assert payload["type"] == "signal.added" and payload["timestamp"], payload
        for wrong, data in ((other, body), (Webhook(scene.secret), body + b" ")):
            try:
                wrong.verify(data, headers)
            except WebhookVerificationError:
                continue
            raise AssertionError("what is not signed so is verified")
    raw = dict(made)
    for _, body, _ in scene.endpoint.messages():
        assert raw[json.loads(body)["data"]["object_id"]] in body, "not byte for byte"


def told(scene, _):
    """a withdrawal is told, and what was not taken is sent again under its id"""
    stix_id = scene.published[0]
    assert scene.client.delete(scene.collection.object(stix_id)).status == 200
    until = time.monotonic() + 30
    while not any(b'"signal.withdrawn"' in body for _, body, taken in scene.endpoint.messages(True)):
        assert time.monotonic() < until, "the withdrawal never came"
        time.sleep(0.05)
    taken = {headers["webhook-id"] for headers, _, _ in scene.endpoint.messages(taken=True)}
    refused = {headers["webhook-id"] for headers, _, _ in scene.endpoint.messages(taken=False)}
    assert refused and refused <= taken, (refused, taken)


def killed(scene, asked):
    """nothing is lost to kill -9 at random moments, and one change has one id"""
    rng = random.Random(asked.seed)
    for _ in range(asked.rounds):
        for _ in range(4):
            scene.publish(10)
        time.sleep(rng.random() * 0.3)
        scene.running.kill()
        scene.client.close()
        scene.running.start()
    scene.wait(scene.published[1:])
    ids = {}
    for headers, body, _ in scene.endpoint.messages():
        change = json.loads(body)["data"]["id"]
        ids.setdefault(change, set()).add(headers["webhook-id"])
    assert all(len(known) == 1 for known in ids.values()), "a change has two ids"
    twice = len(scene.endpoint.messages(True)) - len(ids)
    print(f"# {len(ids)} changes, {twice} messages taken twice over {asked.rounds} kills")


if __name__ == "__main__":
    sys.exit(main())
