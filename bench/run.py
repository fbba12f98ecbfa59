#!/usr/bin/env python3
"""Races entente against the TAXII 2.1 servers that PyPI has and against tools that match logs,
images, texts and patterns, and measures how entente grows.

    python3 bench/run.py                    everything; writes docs/benchmarks.md
    python3 bench/run.py --quick            a few minutes, fewer repeats; prints only
    python3 bench/run.py --only publish,page
    python3 bench/run.py --only match       scan, pdq, text, patterns, interference and secrets

Needs Linux, Python 3.11 with venv, pip's registry (once, for the peers) and cargo. Servers listen
on loopback, write below --scratch, and are ended by process id; nothing of them stays. A peer of the
matcher that cannot be had is told of in its table. Matching races take up to 12 GB below --scratch.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests" / "outside")]

import account  # noqa: E402
import cases  # noqa: E402
import cluster  # noqa: E402
import content  # noqa: E402
import lookup  # noqa: E402
import match  # noqa: E402
import public_log  # noqa: E402
import racers  # noqa: E402
import report  # noqa: E402

CASES = (
    "publish", "page", "latency", "flat", "stix", "lookup", "log", "account", "cluster", *match.CASES,
)
LIMIT = 1000


def main():
    asked = arguments()
    binary = asked.binary or build()
    scratch = Path(tempfile.mkdtemp(prefix="entente-bench-", dir=asked.scratch))
    try:
        if {"publish", "page", "latency"} & asked.only:
            race(asked, binary, scratch)
        if "flat" in asked.only:
            flat(asked, binary, scratch)
        if "stix" in asked.only:
            stix(asked, binary, scratch)
        if "lookup" in asked.only:
            lookups(asked, binary, scratch)
        if "log" in asked.only:
            say("the public log")
            results, lines = public_log.run(asked, binary, scratch)
            keep("log", results)
            deliver(asked, "log", "\n".join(lines))
        if "cluster" in asked.only:
            say("more than one machine")
            results, lines = cluster.run(asked, binary, scratch)
            keep("cluster", results)
            deliver(asked, "cluster", "\n".join(lines))
        if "account" in asked.only:
            say("the public account of a year")
            results, lines = account.run(asked, binary, scratch)
            keep("account", results)
            deliver(asked, "account", "\n".join(lines))
        for name in match.CASES:
            if name in asked.only:
                matching(name, asked, binary, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="2 repeats, 100,000 objects at most")
    parser.add_argument("--only", default=",".join(CASES), help=f"of {', '.join(CASES)}, or match")
    parser.add_argument("--racers", default="entente,medallion,opentaxii", help="names' beginnings")
    parser.add_argument("--repeats", type=int, help="default 5, quick 2")
    parser.add_argument("--objects", type=int, default=10_000, help="for publish and page")
    parser.add_argument("--sizes", help="for flat; default 10000,100000,1000000")
    parser.add_argument("--binary", help="an entente to use instead of building one")
    parser.add_argument("--no-match", default="--no-match", metavar="ARGUMENTS",
                        help="what makes `entente serve` leave out the match index")
    parser.add_argument("--scratch", help="folder for data; default the system's for temporary files")
    parser.add_argument("--no-write", action="store_true", help="leave docs/benchmarks.md alone")
    asked = parser.parse_args()
    asked.only = set(asked.only.split(","))
    if "match" in asked.only:
        asked.only = asked.only - {"match"} | set(match.CASES)
    unknown = asked.only - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    asked.repeats = asked.repeats or (2 if asked.quick else 5)
    sizes = asked.sizes or ("10000,100000" if asked.quick else "10000,100000,1000000")
    asked.sizes = [int(size) for size in sizes.split(",")]
    asked.write = not (asked.no_write or asked.quick)
    return asked


def build():
    """The release binary of this checkout."""
    say("building entente (release)")
    root = HERE.parent
    command = ["cargo", "build", "--release", "--locked", "-p", "entente", "--features", "jetstream",
               "--message-format=json"]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit("cargo build failed")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [m["executable"] for m in told if m.get("executable")][-1]


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


# The race: every repeat runs each server once, one after the other, each on an empty collection.


def race(asked, binary, scratch):
    field = [
        racers.Entente(scratch, binary), racers.Medallion(scratch),
        racers.OpenTaxii(scratch), racers.OpenTaxiiNext(scratch),
    ]
    wanted = tuple(asked.racers.split(","))
    field = [racer for racer in field if racer.name.startswith(wanted)]
    if asked.binary:
        racers.Entente.settings = f"{asked.binary}; {racers.Entente.settings}"
    results = {racer.name: {} for racer in field}
    for repeat in range(asked.repeats):
        for racer in field:
            for part in (reading_part, four_writers_part, latency_part):
                run_part(part, asked, racer, repeat, results[racer.name])
    keep("race", results)
    print_race(asked, field, results, scratch)


def run_part(part, asked, racer, repeat, found):
    """Runs one part on a fresh server and puts its numbers into `found`."""
    cases_of = {reading_part: {"publish", "page"}, four_writers_part: {"publish"},
                latency_part: {"latency"}}
    if not cases_of[part] & asked.only:
        return
    target = racer.start()
    try:
        for name, value in part(asked, racer, target, repeat):
            found.setdefault(name, []).append(value)
            say(f"{repeat + 1}/{asked.repeats} {racer.name}: {name} {report.number(value)}")
    finally:
        racer.stop()


def reading_part(asked, racer, target, repeat):
    bodies = cases.envelopes(asked.objects, seed=repeat)
    yield "publish, 1 connection", cases.publish(target, bodies, 1)
    if "page" not in asked.only:
        return
    if isinstance(racer, racers.Medallion):
        # It compares every object with every manifest entry: one page of 10,000 takes minutes.
        took = cases.one_page(target, LIMIT, patience=60) if repeat == 0 else None
        if took is not None:
            yield "page, 1 client", 1 / took
        return
    requests = cases.walk(target, LIMIT, asked.objects)
    for clients in (1, 2):
        plural = "client" if clients == 1 else "clients"
        yield f"page, {clients} {plural}", cases.pages(target, requests, 3, clients)


def four_writers_part(asked, racer, target, repeat):
    bodies = cases.envelopes(asked.objects, seed=1000 + repeat)
    yield "publish, 4 connections", cases.publish(target, bodies, 4)


def latency_part(asked, racer, target, repeat):
    ours = isinstance(racer, racers.Entente)
    for connections in (1, 8, 32):
        got = cases.single_publishes(
            target, connections, seconds=3, seed=repeat * 100 + connections,
            most=60_000 if ours else 5_000,
        )
        yield f"one object, {connections} connections, p50 ms", got["p50_ms"]
        yield f"one object, {connections} connections, p99 ms", got["p99_ms"]
        yield f"one object, {connections} connections, publishes/s", got["per_second"]


def print_race(asked, field, results, scratch):
    ours = results.get("entente", {})
    peers = [racer for racer in field if racer.name != "entente"]
    names = list(dict.fromkeys(name for found in results.values() for name in found))
    head = ["case", *[racer.name for racer in field], *[f"entente : {p.name}" for p in peers]]
    rows = []
    for name in names:
        row = [unit(name)] + [report.spread(results[racer.name].get(name, [])) for racer in field]
        for peer in peers:
            theirs = results[peer.name].get(name, [])
            faster = (theirs, ours.get(name)) if name.endswith("ms") else (ours.get(name), theirs)
            row.append(report.ratio(*faster))
        rows.append(row)
    lines = [
        f"{asked.objects:,} generated indicators, {asked.repeats} repeats, servers in turn; median "
        f"(smallest–largest). {report.machine(scratch)}.", "", report.table(head, rows), "",
    ]
    lines += [f"- **{racer.name}**: {racer.settings}." for racer in field]
    if any(isinstance(racer, racers.Medallion) for racer in field):
        lines.append("- – for medallion's pages: no page of 1,000 came within 60 s.")
    deliver(asked, "race", "\n".join(lines))


def unit(name):
    if name.startswith("publish"):
        return name + " (objects/s)"
    return name + " (pages of 1,000/s)" if name.startswith("page") else name


# Growth: one node, filled step by step.


def flat(asked, binary, scratch):
    racer = racers.Entente(scratch, binary, asked.no_match.split())
    found = {"pages": [], "start": {}, "memory": []}
    target = racer.start()
    try:
        held = 0
        for size in asked.sizes:
            rate = cases.fill(target, size - held, seed=f"flat {size}")
            held = size
            after, walked = cases.cursors(target, held)
            for limit in (LIMIT, 10):
                got = cases.page_latency(target, after, limit, repeats=200)
                found["pages"].append((held, limit, got))
            say(f"flat: {held:,} objects, filled at {rate:,.0f}/s, one walk {walked:,.0f} pages/s")
            found.setdefault("walks", []).append((held, rate, walked))
        remember(found, racer, "after publishing them", "no")
        restarts(found, racer, target)
        racer.node.serve_arguments = []
        racer.node.stop()
        took = racer.node.start()
        found["start"]["with the match index, after a clean stop"] = [(took, took + cases.first_page(target))]
        remember(found, racer, "after a start", "yes")
    finally:
        racer.stop()
    keep("flat", found)
    print_flat(asked, found, held, scratch)


def restarts(found, racer, target):
    """Start-up after a clean stop and after kill -9 in the middle of publishing."""
    node = racer.node
    for repeat in range(3):
        for how in ("a clean stop", "kill -9 while publishing"):
            if how == "a clean stop":
                node.stop()
            else:
                for body in cases.envelopes(20_000, seed=f"kill {repeat}"):
                    cases.publish(target, [body], 1)
                node.kill()
            took = node.start()
            both = (took, took + cases.first_page(target))
            found["start"].setdefault("after " + how, []).append(both)
            say(f"flat: start {how}: ready {both[0]:.3f} s, first page {both[1]:.3f} s")
        if repeat == 0:
            remember(found, racer, "after a start and one page", "no")


def remember(found, racer, when, indexed):
    node = racer.node
    sizes = [node.memory(field) / 2**20 for field in ("VmRSS", "RssAnon", "VmHWM")]
    found["memory"].append((when, indexed, *sizes))
    say(f"flat: {when}: resident {sizes[0]:.0f} MiB, of it anonymous {sizes[1]:.0f}, peak {sizes[2]:.0f}")


def print_flat(asked, found, held, scratch):
    def pair(values):
        return f"{report.number(values[0])} / {report.number(values[1])}"

    pages = [
        (f"{size:,}", limit, *[pair(got[place]) for place in ("first", "middle", "last")])
        for size, limit, got in found["pages"]
    ]
    walks = [(f"{size:,}", report.number(rate), report.number(walked))
             for size, rate, walked in found["walks"]]
    starts = [
        (how, *[report.number(max(one[n] for one in runs)) for n in (0, 1)], len(runs))
        for how, runs in found["start"].items()
    ]
    memory = [(when, indexed, *[f"{size:.0f}" for size in sizes])
              for when, indexed, *sizes in found["memory"]]
    lines = [
        f"{report.machine(scratch)}. Without the match index (`--no-match`) unless a line says so.", "",
        "Latency of one page by `added_after` (p50 / p99 in ms of 200):", "",
        report.table(["objects", "page size", "first", "middle", "last"], pages), "",
        "Filling (2 connections, the generator included) and one walk over all pages of 1,000:", "",
        report.table(["objects", "objects/s published", "pages/s read"], walks), "",
        f"Start-up with {held:,} objects or more, seconds from exec (the slowest run):", "",
        report.table(["start", "`/readyz` says 200", "first page of 1,000", "runs"], starts), "",
        f"Memory with {held:,} objects, MiB:", "",
        report.table(["when", "match index", "resident", "of it anonymous", "peak"], memory),
    ]
    deliver(asked, "flat", "\n".join(lines))


# Content: what STIX says and whether it may.


def stix(asked, binary, scratch):
    count = 5_000 if asked.quick else 50_000
    path, what = content.objects(scratch, count)
    found = {"verdicts": ([], []), "parse": ([], [])}
    for repeat in range(asked.repeats):
        for name, ours, task, share in (
            ("verdicts", lambda: content.verdicts(binary, path, count), "validate", 1000),
            ("parse", lambda: content.parsing(path), "parse", 3000),
        ):
            mine, theirs = found[name]
            mine.append(ours())
            theirs.append(content.peer(task, path, share))
            say(f"{repeat + 1}/{asked.repeats} {name}: {mine[-1]:,.0f} against {theirs[-1]:,.0f}")
    keep("stix", found)
    rows = [
        (name, report.spread(found[key][0]), peer, report.spread(found[key][1]), report.ratio(*found[key]))
        for key, name, peer in (
            ("verdicts", "`entente stix check --json`", "stix2-validator 3.3.2"),
            ("parse", "`stix::Object::parse`", "`stix2.parse` 3.0.2"),
        )
    ]
    lines = [
        f"{count:,} objects ({what}), one process on one core each, {asked.repeats} repeats in turn; "
        f"objects/s, median (smallest–largest). {report.machine(scratch)}.", "",
        report.table(["entente", "objects/s", "peer", "objects/s", "entente : peer"], rows),
    ]
    deliver(asked, "stix", "\n".join(lines))


# Lookups: what is asked of a node over HTTP.


def lookups(asked, binary, scratch):
    size = asked.objects if asked.quick else 100_000
    racer = racers.Entente(scratch, binary)
    found = {"values/s": [], "values per processor second": [], "p50": [], "p99": []}
    target = racer.start()
    try:
        raws = lookup.indicators.raw_indicators(size, "lookup")
        for at in range(0, size, 1000):
            cases.publish(target, [lookup.indicators.envelope([raw for _, raw in raws[at : at + 1000]])], 1)
        for repeat in range(asked.repeats):
            requests = lookup.batches(target, raws, f"batches {repeat}")
            rates = lookup.values(target, racer.node.process.pid, requests, seconds=3)
            soon = lookup.matchable(target, 100 if asked.quick else 1000, f"matchable {repeat}")
            for name, value in zip(found, (*rates, soon["p50"], soon["p99"])):
                found[name].append(value)
            say(f"{repeat + 1}/{asked.repeats} lookup: {rates[1]:,.0f} values, found after {soon['p99']:.1f} ms (p99)")
    finally:
        racer.stop()
    keep("lookup", found)
    rows = [
        ("batches of 1,000 values, 1 connection, values/s", report.spread(found["values/s"])),
        ("the same by the node's processor time, values/s", report.spread(found["values per processor second"])),
        ("one object published until a lookup finds it, p50 ms", report.spread(found["p50"])),
        ("the same, p99 ms", report.spread(found["p99"])),
    ]
    lines = [
        f"A node with {size:,} indicators, {asked.repeats} repeats; one value in a hundred is published. "
        f"{report.machine(scratch)}.", "", report.table(["what", "median (smallest–largest)"], rows),
    ]
    deliver(asked, "lookup", "\n".join(lines))


# Matching: logs, images, texts and patterns.


def matching(name, asked, binary, scratch):
    say(name)
    try:
        text, raw, bars = match.run(name, asked, binary, scratch)
    finally:
        shutil.rmtree(scratch / name, ignore_errors=True)
    keep(name, raw)
    if asked.write:
        match.draw(HERE / "out", name, bars)
    deliver(asked, name, text)


def keep(name, results):
    """The raw numbers beside the script, for whoever wants to look closer."""
    folder = HERE / "out"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(results, indent=1))


def deliver(asked, section, text):
    print(text + "\n", flush=True)
    if asked.write:
        report.write(section, text)


if __name__ == "__main__":
    main()
