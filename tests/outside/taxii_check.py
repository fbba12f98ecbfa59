#!/usr/bin/env python3
"""Checks `entente taxii check` against servers that nobody here wrote, and against a node.

    python3 tests/outside/taxii_check.py                      a node and the released peers
    python3 tests/outside/taxii_check.py --only node --show

Each server gets the same objects and is then checked in general, with --write, and as each client.
A node must pass everything; of the others the faults that were measured by hand must be found and
explained. Prints a line for each run, exits 1 when a run ends otherwise.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "bench")]

import indicators  # noqa: E402
import node  # noqa: E402

CLIENTS = ("sentinel", "opencti", "misp", "xsoar", "splunk")
OBJECTS = 25

# What each peer is known to get wrong: these checks must say so, failing or warning.
FAULTS = {
    "medallion": {
        "": {
            "accept-any", "accept-without-version", "malformed-added-after",
            "malformed-match-version", "manifest-dates", "next-again", "paging-added-after",
            "paging-added-after-manifest", "wrong-credentials",
        },
        "--write": {"write-malformed", "write-again"},
    },
    "opentaxii": {
        "": {
            "accept-any", "accept-without-version", "malformed-limit", "malformed-match-version",
            "paging-next-manifest", "unknown-collection", "unknown-object", "unknown-status",
            "without-credentials", "wrong-credentials",
        },
        "--write": {"write-delete", "write-read"},
        "--as misp": {"misp-prefix"},
    },
}


def main():
    asked = arguments()
    binary = str(asked.binary or node.default_binary())
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="entente-check-") as scratch:
        for name, racer in servers(binary, scratch).items():
            if asked.only and name not in asked.only.split(","):
                continue
            wrong += check(name, racer, binary, asked.show)
    print(f"{wrong} wrong")
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", help="the entente to run (default: target/release or debug)")
    parser.add_argument("--only", help="of node, medallion, opentaxii")
    parser.add_argument("--show", action="store_true", help="print every check that is not ok")
    return parser.parse_args()


def servers(binary, scratch):
    import racers

    return {
        "node": racers.Entente(scratch, binary),
        "medallion": racers.Medallion(scratch),
        "opentaxii": racers.OpenTaxii(scratch),
    }


def check(name, racer, binary, show):
    """Runs every kind of check against one server; how many ended otherwise than they should."""
    target, wrong = racer.start(), 0
    try:
        authorization = target.head.split("Authorization: ")[1].split("\r\n")[0]
        fill(target, authorization)
        for arguments in ([], ["--write"], *(["--as", client] for client in CLIENTS)):
            found, exit_code, said = run(binary, target, authorization, arguments)
            verdicts = {check: worst(lines) for check, lines in found.items()}
            problem = judge(name, arguments, verdicts, exit_code)
            counts = {v: list(verdicts.values()).count(v) for v in ("ok", "warning", "failed")}
            title = f"{name} {' '.join(arguments)}".strip()
            print(f"{'not ok' if problem else 'ok'} {title}: exit {exit_code}, {counts}", flush=True)
            if show or problem:
                for lines in found.values():
                    for line in lines:
                        if line["verdict"] in ("warning", "failed"):
                            print("    #", line["verdict"], line["check"], "|", line["asked"], "|", line["came"])
            if problem:
                print(f"    # {problem}\n    # {said.strip()}")
                wrong += 1
    finally:
        racer.stop()
    return wrong


def fill(target, authorization):
    """The same objects everywhere, in one envelope: a peer that dates envelopes, not objects, shows."""
    client = node.Client(f"http://127.0.0.1:{target.port}/", authorization)
    raws = [raw for _, raw in indicators.raw_indicators(OBJECTS, 7)]
    answer = client.post(target.objects, indicators.envelope(raws))
    if answer.status != 202:
        raise RuntimeError(f"filling: {answer}")
    client.close()


def run(binary, target, authorization, arguments):
    secret = authorization.split(" ", 1)[1]
    if authorization.startswith("Bearer"):  # OpenTAXII: clients that know Basic need its password
        user = password = "bench"
    else:
        user, password = base64.b64decode(secret).decode().split(":", 1)
    sign = ["--user", user, "--password", password]
    url = f"http://127.0.0.1:{target.port}/"
    done = subprocess.run(
        [binary, "taxii", "check", url, "--json", *sign, *arguments],
        capture_output=True, text=True, timeout=600,
    )
    if secret in done.stdout + done.stderr:
        raise RuntimeError("the credentials are in the output")
    found = {}
    for line in map(json.loads, done.stdout.splitlines()):
        if "check" in line:
            found.setdefault(line["check"], []).append(line)
    return found, done.returncode, done.stderr


def worst(lines):
    order = ("failed", "warning", "ok", "skipped")
    return min((line["verdict"] for line in lines), key=order.index)


def judge(name, arguments, verdicts, exit_code):
    """What is wrong with this outcome; None when it is as it should be."""
    failed = sorted(check for check, verdict in verdicts.items() if verdict == "failed")
    if name == "node":
        # Loopback is not for Sentinel; OpenCTI cuts dates to milliseconds, whatever a server does.
        allowed = {"sentinel-reaches", "opencti-news"}
        warned = {c for c, v in verdicts.items() if v == "warning"} - allowed
        if exit_code or failed or warned:
            return f"a node fails {failed}, warns {sorted(warned)}"
        return None
    if exit_code != (1 if failed else 0):
        return f"exit {exit_code} with failed checks {failed}"
    told = {check for check, verdict in verdicts.items() if verdict in ("failed", "warning")}
    missing = FAULTS[name].get(" ".join(arguments), set()) - told
    return f"not found: {sorted(missing)}" if missing else None


if __name__ == "__main__":
    sys.exit(main())
