#!/usr/bin/env python3
"""Checks a TAXII 2.1 server from outside: with taxii2-client, and by raw HTTP where that cannot.

    python3 tests/outside/taxii_client.py                      a node of its own, then ended
    python3 tests/outside/taxii_client.py --only paging,writers
    python3 tests/outside/taxii_client.py --url http://host:port/ --user U --password P
    python3 tests/outside/taxii_client.py --report docs/conformance.md

Prints a line for each rule (`ok` or `not ok`, and why), then the counts; exits 1 if one is broken.
Against another server, give it collections that are empty and writable; rules about several parties
are skipped there. --report writes what was found as a page for the public; it holds no dates, so
that --check-report can tell whether the committed page is what the checks say.
"""

import argparse
import importlib.metadata
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import node  # noqa: E402

GROUPS = ("discovery", "reading", "paging", "writers", "filters", "versions", "publishing",
          "errors", "fidelity", "policy", "clients", "restart")
COLLECTIONS = 60


def main():
    asked = arguments()
    environment.enter(HERE / "requirements.txt")
    import checks

    if (asked.report or asked.check_report) and (asked.url or asked.only != ",".join(GROUPS)):
        raise SystemExit("a report is about a node of our own and all groups")
    for group in asked.only.split(","):
        if group not in GROUPS:
            raise SystemExit(f"no group '{group}'; there are {', '.join(GROUPS)}")
        __import__(f"checks.{group}")
    # taxii2-client logs each refusal that a check asks for.
    logging.disable(logging.CRITICAL)
    if asked.list:
        for function in checks.CHECKS:
            print(f"{title(function)}")
        return 0
    if asked.url:
        return run(checks.World(asked.url, asked.user, asked.password), checks, asked)
    with tempfile.TemporaryDirectory(prefix="entente-outside-") as scratch:
        running = node.Node(asked.binary or node.default_binary(), Path(scratch) / "data")
        try:
            return run(own_world(running, checks), checks, asked)
        finally:
            running.stop()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(GROUPS), help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--list", action="store_true", help="print the rules and end")
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--url", help="check this server instead of starting a node")
    parser.add_argument("--user", default="outside")
    parser.add_argument("--password", default="")
    parser.add_argument("--report", metavar="FILE", help="write the report for the public")
    parser.add_argument("--check-report", metavar="FILE", help="fail when this report would change")
    return parser.parse_args()


def own_world(running, checks):
    """A node with two parties, their tokens, and collections enough for every check."""
    running.init()
    ours, theirs = running.signed_parties(2)
    for number in range(COLLECTIONS):
        running.create_collection(f"outside-{number:02}", "--public")
    token = running.create_token(ours)
    tokens = {
        "stranger": running.create_token(theirs),
        "reader": running.create_token(ours, "read"),
        "writer": running.create_token(ours, "publish"),
        "limited": running.create_token(ours, collection=f"outside-{COLLECTIONS - 1:02}"),
    }
    running.start()
    others = {name: node.Client(running.url, node.basic(one)) for name, one in tokens.items()}
    return checks.World(running.url, "outside", token, others, running)


def title(function):
    group = function.__module__.rsplit(".", 1)[-1]
    sentence = " ".join(function.__doc__.split())
    return f"{group}.{function.__name__}: {sentence}"


def run(world, checks, asked):
    """Runs the checks that were loaded, in order; the exit code."""
    counts, ended = {"ok": 0, "not ok": 0, "skipped": 0}, []
    print(f"1..{len(checks.CHECKS)}")
    for number, function in enumerate(checks.CHECKS, 1):
        began, why = time.monotonic(), None
        world.clients.clear()
        try:
            function(world)
            verdict = "ok"
        except checks.Skipped as reason:
            verdict, why = "skipped", str(reason)
        except checks.Failed as reason:
            verdict, why = "not ok", f"{reason} ({place(reason)})"
        except Exception as problem:  # a check that cannot go on has found something, too
            verdict, why = "not ok", f"{type(problem).__name__}: {problem} ({place(problem)})"
        counts[verdict] += 1
        ended.append((function, verdict, ", ".join(sorted(world.clients)) or "HTTP"))
        took = time.monotonic() - began
        said = "ok" if verdict == "skipped" else verdict
        skip = f" # SKIP {why}" if verdict == "skipped" else f" ({took:.1f} s)"
        print(f"{said} {number} {title(function)}{skip}", flush=True)
        if verdict == "not ok":
            print("    # " + why.replace("\n", "\n    # "), flush=True)
            world.client.close()
    if world.node is not None and not world.node.alive():
        print(f"the node has ended:\n{world.node.tail()}", file=sys.stderr)
        counts["not ok"] += 1
    if not reported(asked, ended):
        counts["not ok"] += 1
    print(f"{counts['ok']} passed, {counts['not ok']} failed, {counts['skipped']} skipped")
    return 1 if counts["not ok"] else 0


def reported(asked, ended):
    """Writes or compares the report; whether the committed one is right."""
    from checks import report

    versions = [(name, importlib.metadata.version(name)) for name in ("taxii2-client", "requests")]
    if asked.report:
        report.write(asked.report, ended, versions)
    if asked.check_report:
        changes = report.differs(asked.check_report, ended, versions)
        if changes:
            print(f"not ok {asked.check_report} is out of date: write it with --report\n{changes}")
        return not changes
    return True


def place(problem):
    """The line of the check that raised."""
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "/checks/" in f.filename]
    inner = [f for f in frames if not f.filename.endswith("__init__.py")] or frames
    return f"{Path(inner[-1].filename).name}:{inner[-1].lineno}" if inner else "no check"


if __name__ == "__main__":
    sys.exit(main())
