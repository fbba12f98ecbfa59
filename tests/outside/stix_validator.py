#!/usr/bin/env python3
"""Compares the verdicts of `entente stix check` with those of OASIS stix2-validator.

    python3 tests/outside/stix_validator.py
    python3 tests/outside/stix_validator.py --objects 100000 --seed 7

Objects of every type, valid and nearly so, and mutations of them and of the bundles in
$ENTENTE_TESTDATA/stix, are given to both, in the default mode and with --strict. Prints every
difference that docs/stix.md does not list, and exits 1 if there is one. The validator is used
in-process; it looks nothing up.
"""

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import node  # noqa: E402
import stix_values  # noqa: E402


def main():
    asked = arguments()
    environment.enter(HERE / "stix_validator.txt")
    objects = list(generate(asked.objects, random.Random(asked.seed)))
    binary = asked.binary or node.default_binary()
    ours = list(zip(ask_ours(binary, objects), ask_ours(binary, objects, "--strict")))
    with multiprocessing.Pool(asked.processes, quiet) as pool:
        theirs = pool.map(ask_theirs, objects, chunksize=50)
    return compare(objects, ours, theirs, asked.show)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=20, help="how many differences are printed")
    parser.add_argument("--binary", help="the entente to ask (default: target/release or debug)")
    return parser.parse_args()


def generate(count, source):
    """A quarter generated as they are, the rest mutated; a third of those are real objects."""
    careful, careless = stix_values.Maker(source, 0.0), stix_values.Maker(source, 0.05)
    real = real_objects()
    for number in range(count):
        kind = stix_values.ALL[number % len(stix_values.ALL)]
        if number % 40 == 39:
            yield stix_values.bundle(source.choice([careful, careless]))
        elif number % 4 == 0:
            yield source.choice([careful, careless]).make(kind)
        elif number % 3 == 0 and real:
            yield stix_values.mutate(careless, source.choice(real))
        else:
            yield stix_values.mutate(careless, careful.make(kind))


def real_objects():
    folder = os.environ.get("ENTENTE_TESTDATA")
    if not folder:
        print("# ENTENTE_TESTDATA is not set: no real bundles", file=sys.stderr)
        return []
    found = []
    for path in sorted((Path(folder) / "stix").glob("*.json")):
        found += json.loads(path.read_bytes())["objects"]
    return found


def ask_ours(binary, objects, *flags):
    """For each object the lines of our verdict: one, or one for each object of a bundle too."""
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
        for one in objects:
            file.write(json.dumps(one) + "\n")
        file.flush()
        command = [binary, "stix", "check", "--json", *flags, file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stderr}")
    verdicts = [[] for _ in objects]
    for line in done.stdout.splitlines():
        row = json.loads(line)
        verdicts[row["line"] - 1].append(row)
    return verdicts


def quiet():
    """What a worker does first: the validator logs and prints a lot."""
    import logging

    logging.disable(logging.CRITICAL)


def ask_theirs(one):
    """Whether it is valid by default and strictly, and the first messages; none for a crash."""
    from stix2validator import ValidationOptions
    from stix2validator.validator import validate_instance

    try:
        found = validate_instance(one, ValidationOptions(version="2.1"))
    except Exception as error:  # whatever it raises is no verdict
        return None, None, [f"{type(error).__name__}: {error}"[:200]]
    # --strict adds the warnings to the errors and does nothing else
    errors = [str(error) for error in found.errors]
    warnings = [str(warning) for warning in found.warnings]
    return not errors, not errors and not warnings, (errors + warnings)[:6]


def compare(objects, ours, theirs, show):
    counts = Counter()
    for one, (default, strict), (valid, strictly, messages) in zip(objects, ours, theirs):
        found = all(row["valid"] for row in default)
        found_strictly = all(row["valid"] for row in strict)
        advice = any(row["warnings"] for row in default)
        if found_strictly != (found and not advice):
            counts["strict is not default with warnings as errors"] += 1
            print(f"strict differs from the warnings: {json.dumps(one)}")
        if valid is None:
            # a crash is no verdict; that the object is taken would still be wrong
            key = "they crash, we refuse" if not found else explain(one, default)
            counts[key or "unexplained"] += 1
        elif (found, found_strictly) == (valid, strictly):
            counts[f"agree: {word(valid, strictly)}"] += 1
            continue
        else:
            key = explain(one, default) if found != valid else explain_strict(one, default, strictly)
            counts[key or "unexplained"] += 1
        if key is None and counts["unexplained"] <= show:
            print(f"\n{json.dumps(one)[:3000]}")
            print(f"  ours:   {word(found, found_strictly)} {brief(default)}")
            print(f"  theirs: {word(valid, strictly)} {[text[:300] for text in messages]}")
    print()
    for key, number in sorted(counts.items()):
        print(f"{number:7} {key}")
    wrong = counts["unexplained"] + counts["strict is not default with warnings as errors"]
    print(f"{len(objects)} objects; {wrong} unexplained differences")
    return 1 if wrong else 0


def word(valid, strictly):
    if valid is None:
        return "no verdict"
    return "valid" if strictly else "valid with warnings" if valid else "invalid"


def brief(rows):
    return [f"{reason['pointer']} {reason['message']} [{reason['check']}]"[:150]
            for row in rows for reason in row["errors"] + row["warnings"]][:6]


def explain(one, rows):
    """The line of the table in docs/stix.md that explains a difference; none if there is none."""
    reasons = [reason for row in rows for reason in row["errors"]]
    for title, wanted in DIFFERENCES.items():
        if reasons and all(any(text in reason["message"] for text in ALL_MESSAGES) for reason in reasons):
            if any(wanted in reason["message"] for reason in reasons):
                return title
    return None


def explain_strict(one, rows, strictly):
    del one, rows, strictly
    return None


# The title of each line of the table, and what our reason says there.
DIFFERENCES = {
}
ALL_MESSAGES = list(DIFFERENCES.values())


if __name__ == "__main__":
    sys.exit(main())
