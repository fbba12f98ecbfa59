"""The public log: appends, receipts, and checks of a whole log beside Go's packages."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = ROOT / "tests" / "outside"


def run(asked, binary, scratch):
    entries = 100_000 if asked.quick else 1_000_000
    example = build()
    found = {}
    for _ in range(asked.repeats):
        said = subprocess.run([example, str(entries)], capture_output=True, text=True, check=True).stdout
        for name, pattern in {
            "append with log": r"with log: (\d+)", "append without log": r"without log: (\d+)",
            "fsck 1": r"fsck, 1 threads: .* (\d+) entries/s", "fsck 2": r"fsck, 2 threads: .* (\d+) entries/s",
            "receipt": r"receipt: (\d+) octets", "verify ms": r"verified in ([\d.]+)ms",
            "verify us": r"verified in ([\d.]+)µs",
        }.items():
            hit = re.search(pattern, said)
            if hit:
                found.setdefault(name, []).append(float(hit[1]))
    if "verify us" in found:
        found["verify ms"] = [value / 1000 for value in found.pop("verify us")]
    found |= beside_go(asked, binary, scratch)
    cost = [1 - a / b for a, b in zip(found["append with log"], found["append without log"])]
    rows = [
        ("appends with fsync, batches of 500, entries/s", report.spread(found["append with log"])),
        ("the same without the log, entries/s", report.spread(found["append without log"])),
        ("cost of the log, share", report.spread(cost)),
        (f"a log of {entries:,} entries checked whole, 1 thread, entries/s", report.spread(found["fsck 1"])),
        ("the same, 2 threads, entries/s", report.spread(found["fsck 2"])),
        (f"receipt at {entries:,} entries, octets", report.spread(found["receipt"])),
        ("receipt verified in the library, ms", report.spread(found["verify ms"])),
        ("`entente verify`, the whole command, ms", report.spread(found.get("command ms", []))),
        ("70,000 entries: `entente log fsck`, whole command, s", report.spread(found.get("ours", []))),
        ("70,000 entries: Go's x/mod, whole command, s", report.spread(found.get("go", []))),
    ]
    lines = [
        f"{asked.repeats} repeats. {report.machine(scratch)}.", "",
        report.table(["what", "median (smallest–largest)"], rows),
    ]
    return found, lines


def build():
    command = ["cargo", "build", "--release", "--locked", "-p", "entente-journal", "--example", "log_speed",
               "--message-format=json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [m["executable"] for m in told if m.get("executable")][-1]


def beside_go(asked, binary, scratch):
    """An exported log of 70,000 entries, checked by `entente log fsck` and by Go in turn."""
    sys.path.insert(0, str(OUTSIDE))
    import indicators
    import node

    running = node.Node(binary, scratch / "exported")
    running.init()
    have = int(json.loads(running.run("doctor", "--data", str(running.data), "--json").stdout)["entries"])
    running.create_collection("signals")
    lines = scratch / "objects.ndjson"
    raws = indicators.raw_indicators(70_000 - have - 1, "log")
    lines.write_bytes(b"\n".join(raw for _, raw in raws))
    running.run("import", str(lines), "--collection", "signals", "--data", str(running.data))
    out = scratch / "log"
    running.run("log", "export", "--data", str(running.data), "--out", str(out))
    key = running.run("log", "key", "--data", str(running.data)).stdout.strip()
    receipt = scratch / "receipt.tlog-proof"
    receipt.write_text(running.run("receipt", "--position", "60000", "--data", str(running.data)).stdout)
    found = {"ours": [], "command ms": []}
    verifier = go_verifier(scratch)
    for _ in range(asked.repeats):
        found["ours"].append(timed([str(binary), "log", "fsck", str(out), "--key", key]))
        found["command ms"].append(1000 * timed([str(binary), "verify", str(receipt), "--key", key]))
        if verifier:
            found.setdefault("go", []).append(timed([str(verifier), str(out), key]))
    return found


def timed(command):
    began = time.monotonic()
    done = subprocess.run([*command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}: {done.stderr}")
    return time.monotonic() - began


def go_verifier(scratch):
    """The program of tests/outside/log_go, built; none without Debian's packages."""
    gocode = Path("/usr/share/gocode")
    if not shutil.which("go") or not (gocode / "src/golang.org/x/mod/sumdb").is_dir():
        print("public_log: install golang-go and golang-golang-x-mod-dev for the race with Go", file=sys.stderr)
        return None
    out = scratch / "verifier"
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(gocode), "GOCACHE": str(scratch / "go-cache")}
    subprocess.run(["go", "build", "-o", str(out), "."], cwd=OUTSIDE / "log_go", env=environment, check=True)
    return out
