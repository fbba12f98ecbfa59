#!/usr/bin/env python3
"""Sends a node what it should not get, and looks at its answers, its life and its memory.

    python3 tests/outside/bad_input.py
    python3 tests/outside/bad_input.py --only bodies,slow

Every attempt must end in a clear error with the right status or exit code, or be taken where it is
harmless; the node must answer others meanwhile, stay alive, and stay below --memory. Prints a line
for each rule, then the counts; exits 1 if one is broken. The slow ones run beside the others.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import node  # noqa: E402
from attempts import RULES, Broken, Scene, require, slow  # noqa: E402
from attempts import bodies, commands, protocol  # noqa: E402, F401  (they add to RULES)


def main():
    asked = arguments()
    groups = asked.only.split(",")
    with tempfile.TemporaryDirectory(prefix="entente-bad-") as folder:
        running = node.Node(asked.binary or node.default_binary(), Path(folder) / "data")
        try:
            scene = set_up(running, asked, Path(folder))
            return run(scene, groups)
        finally:
            running.stop()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="bodies,protocol,commands,slow")
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--memory", type=int, default=256, metavar="MIB",
                        help="how much the node may grow for one attempt")
    parser.add_argument("--patience", type=float, default=120, metavar="SECONDS",
                        help="how long the node may let a slow client go on")
    return parser.parse_args()


def set_up(running, asked, folder):
    """The node, and beside it a data directory that no process holds, for the commands."""
    other = node.Node(running.binary, folder / "other")
    for one in (running, other):
        one.init()
        one.create_collection("bad-input")
    token = running.create_token(running.signed_parties(1)[0])
    running.start()
    return Scene(running, token, asked)


def run(scene, groups):
    counts, clients = {"passed": 0, "failed": 0}, []
    if "slow" in groups:
        clients = slow.slow_clients(scene)
        if not attempt(counts, "slow", slow.others_publish_meanwhile, scene):
            judge(counts, clients, scene)  # they would only spoil what follows
            clients = []
    for group, function in RULES:
        if group in groups:
            attempt(counts, group, function, scene)
    judge(counts, clients, scene)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


def attempt(counts, group, function, scene):
    """Tries one rule and tells how it went; whether it holds."""
    began, why = time.monotonic(), None
    try:
        function(scene)
        still_well(scene)
    except Exception as problem:  # also what stops a rule from going on
        why = str(problem) if isinstance(problem, Broken) else repr(problem)
        scene.client.close()
    tell(counts, f"{group}.{function.__name__}: {function.__doc__}", why, began)
    if not scene.running.alive():
        print(f"the node has ended:\n{scene.running.tail()}")
        scene.running.start()
    return why is None


def judge(counts, clients, scene):
    """How long the slow clients were let go on."""
    for group in clients:
        began, why = time.monotonic(), None
        try:
            print(f"# {group.verdict(scene.asked.patience)}")
        except Broken as problem:
            why = str(problem)
        tell(counts, f"{group.name}: {slow.slow_clients.__doc__}", why, began)


def still_well(scene):
    """After each attempt: alive, and another client is answered promptly."""
    require(scene.running.alive(), f"the node has ended: {scene.running.tail()}")
    began = time.monotonic()
    fresh = node.Client(scene.running.url, scene.authorization, timeout=10)
    answer = fresh.get(scene.collection.path)
    fresh.close()
    require(answer.status == 200, f"afterwards the collection answers {answer}")
    took = time.monotonic() - began
    require(took < 2, f"afterwards an answer takes {took:.1f} s")


def tell(counts, title, why, began):
    counts["failed" if why else "passed"] += 1
    print(f"{'not ok' if why else 'ok'} {title} ({time.monotonic() - began:.1f} s)", flush=True)
    if why:
        print("    # " + why.replace("\n", "\n    # "), flush=True)


if __name__ == "__main__":
    sys.exit(main())
