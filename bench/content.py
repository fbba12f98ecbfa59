"""STIX content: verdicts and parsing, raced with the OASIS Python packages on the same objects."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "outside"))

import environment  # noqa: E402
import indicators  # noqa: E402

ORACLE = HERE.parent / "tests" / "outside" / "stix_validator.txt"


def objects(folder, count):
    """A file of `count` objects, one a line, and what they are: real ones where there are any."""
    bundles = os.environ.get("ENTENTE_TESTDATA")
    lines, what = [], "generated indicators"
    if bundles:
        what = "the objects of DISARM and ATT&CK for ICS, again and again"
        for name in ("disarm.json", "ics-attack-18.1.json"):
            bundle = json.loads((Path(bundles) / "stix" / name).read_text(encoding="utf-8"))
            lines += [json.dumps(one, ensure_ascii=False).encode() for one in bundle["objects"]]
    else:
        lines = [raw for _, raw in indicators.raw_indicators(2000, "content")]
    path = folder / "objects.ndjson"
    with open(path, "wb") as file:
        for at in range(count):
            file.write(lines[at % len(lines)] + b"\n")
    return path, what


def verdicts(binary, path, count):
    """Objects/s of `entente stix check --json`, the start of the process included."""
    began = time.perf_counter()
    with open(os.devnull, "wb") as nowhere:
        done = subprocess.run([binary, "stix", "check", "--json", path], stdout=nowhere, stderr=nowhere)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"stix check ended with {done.returncode}")
    return count / (time.perf_counter() - began)


def parsing(path):
    """Objects/s of the parser, by the example of that name."""
    command = ["cargo", "run", "--release", "--locked", "--quiet", "-p", "entente-stix"]
    done = subprocess.run(
        [*command, "--example", "parse", "--", path], cwd=HERE.parent, capture_output=True, text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout)


def peer(task, path, count):
    """Objects/s of stix2-validator or of `stix2.parse`."""
    python = environment.make(ORACLE) / "python"
    command = [python, HERE / "peers" / "stix_peer.py", task, path, str(count)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout)
