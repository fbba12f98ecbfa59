#!/usr/bin/env python3
"""Holds a node to its own OpenAPI document, with requests that Schemathesis makes up.

    python3 tests/outside/openapi.py
    python3 tests/outside/openapi.py --only member --seconds 20

Starts a node with signals, parties and a webhook, and asks every operation of the document it serves
for anonymous, a member and an administrator, with right and wrong data. Fails on a server error, on a
status, media type, header or body that the document does not promise, on wrong data that is taken, on
a method that is not refused, and on an operation that ignores credentials. Exits 1 then.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import indicators  # noqa: E402
import node  # noqa: E402

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
    "unsupported_method", "allow_header_conformance", "ignored_auth", "missing_required_header",
]


def main():
    asked = arguments()
    tool = environment.make(HERE / "openapi.txt") / "schemathesis"
    with tempfile.TemporaryDirectory(prefix="entente-openapi-") as folder:
        # Made-up URLs of webhooks are taken without looking their hosts up.
        running = node.Node(asked.binary or node.default_binary(), Path(folder) / "data",
                            ["--allow-private-webhooks"])
        try:
            tokens = set_up(running)
            failed = [role for role in asked.only.split(",")
                      if not holds(tool, running, role, tokens[role], asked, folder)]
            # Last, as it may revoke the very token it is called with.
            if "administrator" in asked.only and not revokes(tool, running, tokens, asked, folder):
                failed.append("revokeToken")
            if not running.alive():
                print(f"the node has ended:\n{running.tail()}")
                failed.append("life")
        finally:
            running.stop()
    print("failed: " + ", ".join(failed) if failed else "the document holds for every role")
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="anonymous,member,administrator")
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--seconds", type=int, default=30, help="for each role")
    parser.add_argument("--examples", type=int, default=25, help="requests an operation at most")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def set_up(running):
    """A node with something in every list; the token of each role."""
    running.init()
    running.create_collection("open", "--public", "--marking", "clear")
    running.create_collection("closed")
    party = running.signed_parties(1)[0]
    member = running.create_token(party)
    administrator = running.create_token("operator", "read,publish,administer")
    running.start()
    client = node.Client(running.url, node.basic(member))
    root = node.discover(client, running.url)
    for collection in node.collections(client, root):
        if collection.info.get("can_write"):
            made = indicators.raw_indicators(3, collection.info["title"])
            node.publish(client, collection, [raw for _, raw in made])
            client.delete(collection.object(made[0][0]))
    other = running.signed_parties(2)[1]
    running.create_token(other)
    running.run("request", "send", "--to", other, "--kind", "information", "--title", "A question",
                "--words", "Who is it?", "--data", str(running.data), "--token", member)
    client.close()
    return {"anonymous": None, "member": member, "administrator": administrator}


def holds(tool, running, role, token, asked, folder):
    """Runs Schemathesis for a role; whether it found nothing."""
    print(f"== {role}", flush=True)
    if not run(tool, running, token, asked, folder, "--exclude-operation-id", "revokeToken"):
        return False
    client = node.Client(running.url, token and f"Bearer {token}")
    seen = client.get("/api/v1/node", accept="application/json")
    client.close()
    if seen.status != 200 or ("caller" in seen.json()) != (token is not None):
        print(f"the token of the {role} ended on the way: later requests meant nothing")
        return False
    return True


def revokes(tool, running, tokens, asked, folder):
    print("== revoking tokens", flush=True)
    token = tokens["administrator"]
    asked.seconds = min(asked.seconds, 10)
    return run(tool, running, token, asked, folder, "--include-operation-id", "revokeToken")


def run(tool, running, token, asked, folder, *which):
    url = running.url + "api/v1/openapi.json"
    command = [tool, "run", url, "--url", running.url.rstrip("/"), *which]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", str(asked.examples), "--max-time", str(asked.seconds)]
    command += ["--seed", str(asked.seed), "--request-timeout", "20", "--no-shrink"]
    command += ["--suppress-health-check", "all", "--warnings", "off", "--no-color"]
    if token is not None:
        command += ["--header", f"Authorization: Bearer {token}"]
    # In a folder of its own, so that what it remembers stays nowhere.
    made = {**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "openapi_bodies"}
    return subprocess.run(command, cwd=folder, env=made).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
