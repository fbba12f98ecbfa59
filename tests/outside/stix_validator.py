#!/usr/bin/env python3
"""Compares the verdicts of `entente stix check` with those of OASIS stix2-validator.

    python3 tests/outside/stix_validator.py
    python3 tests/outside/stix_validator.py --objects 100000 --seed 7

Objects of every type, valid and nearly so, and mutations of them and of the bundles in
$ENTENTE_TESTDATA/stix, are given to both, in the default mode and with --strict. Prints every
difference that docs/stix.md does not list, and exits 1 if there is one. The validator is used
in-process; it looks nothing up. The ids that `--ids` says are compared with those of the stix2
package.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import uuid
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
    wrong = compare(objects, ours, theirs, asked.show)
    return 1 if compare_ids(binary, objects) + wrong else 0


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
            key = None if found else "they crash, we refuse"
            counts[key or "unexplained"] += 1
        elif (found, found_strictly) == (valid, strictly):
            counts[f"agree: {word(valid, strictly)}"] += 1
            continue
        else:
            key = explain(one, default) if valid and not found else None
            counts[f"we refuse: {key}" if key else "unexplained"] += 1
        if key is None and counts["unexplained"] <= show:
            print(f"\n{json.dumps(one)[:3000]}")
            print(f"  ours:   {word(found, found_strictly)} {brief(default)}")
            print(f"  theirs: {word(valid, strictly)} {[text[:300] for text in messages]}")
    print()
    for key, number in sorted(counts.items()):
        print(f"{number:7} {key}")
    wrong = counts["unexplained"] + counts["strict is not default with warnings as errors"]
    print(f"{len(objects)} objects; {wrong} unexplained differences")
    return wrong


def compare_ids(binary, objects):
    """How many ids of observables are other than those that the stix2 package makes."""
    import stix2

    classes = stix2.registry.STIX2_OBJ_MAPS["2.1"]["observables"]
    known = []
    for one in objects:
        if not isinstance(one.get("type"), str) or one["type"] not in classes:
            continue
        bare = {name: value for name, value in one.items() if name != "id"}
        try:
            made = classes[one["type"]](**bare, allow_custom=True)
        except Exception:  # it takes valid objects alone
            continue
        # what it writes is what it made the id of: it may have put values into another form
        known.append((json.loads(made.serialize()), made.id))
    ours = ask_ours(binary, [one for one, _ in known], "--ids")
    wrong = 0
    for (one, wanted), (row,) in zip(known, ours):
        found = row.get("deterministic_id")
        fresh = uuid.UUID(wanted.split("--")[1]).version == 4
        if (found is not None) if fresh else (found != wanted):
            wrong += 1
            print(f"id of {json.dumps(one)}\n  ours: {found}\n  stix2: {wanted}")
    print(f"{len(known)} ids of observables; {wrong} differ from those of stix2")
    return wrong


def word(valid, strictly):
    if valid is None:
        return "no verdict"
    return "valid" if strictly else "valid with warnings" if valid else "invalid"


def brief(rows):
    return [f"{reason['pointer']} {reason['message']} [{reason['check']}]"[:150]
            for row in rows for reason in row["errors"] + row["warnings"]][:6]


def explain(one, rows):
    """The title in docs/stix.md of what explains that we refuse what they take; else none."""
    reasons = [reason for row in rows for reason in row["errors"]]
    titles = [title_of(one, reason) for reason in reasons]
    return titles[0] if titles and all(titles) else None


def title_of(one, reason):
    if reason["check"]:
        return None
    parts = one["objects"] if isinstance(one.get("objects"), list) else [one]
    is_20 = any(isinstance(part, dict) and part.get("spec_version") == "2.0" for part in parts)
    if is_20 and reason["message"] == "is required":
        return "what STIX 2.0 requires of an object that says it is one"
    said = f"{reason['pointer']}: {reason['message']}"
    return next((title for title, wanted in DIFFERENCES.items() if re.search(wanted, said)), None)


# Lines of the table in docs/stix.md, and what our reason says there.
DIFFERENCES = {
    "an id that is not of its custom object's type": "^/id: must begin with the object's type",
    "an id with a name that is no type's": "does not begin with a type name",
    "properties of observables that a server acts on":
        "^/(created|modified|created_by_ref|revoked|labels)(/[0-9]+)?: (must|is)",
    "an integer past 54 bits": "must be an integer of at most 54 bits",
    "a type's name that ends in a hyphen": "^/type: must be 3 to 250",
    "an order of timestamps finer than microseconds": "must (not be earlier|be later) than",
    "two TLP markings": "has two TLP markings",
    "a name of a property": "is no name for a property",
    "an empty dictionary": "is an empty dictionary",
    "an identifier of observed data that is none": "^(/objects/[0-9]+)?/object_refs/[0-9]+: is not an id",
    "properties that marking definitions do not have":
        "^/(modified|revoked|labels|confidence|lang)(/[0-9]+)?: (must|is)",
    "null or an empty list in a custom property of a marking definition":
        "^/[^/]+: is (null|an empty list)",
    "an object of another type among observables": "must be an observable, not",
    "a bundle in a bundle": "a bundle is a container",
}


if __name__ == "__main__":
    sys.exit(main())
