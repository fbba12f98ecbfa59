"""Measurements of OONI's probes judged: the fixtures of OONI's own scorer, and generated ones.

Needs ENTENTE_TESTDATA (fixtures and fingerprints) and, for the peer, ENTENTE_FASTPATH: the folder
`fastpath` of a checkout of ooni/backend, which is on no registry. Without it the figure that was
seen once is named, and it is said that it is not of this run.
"""

import json
import os
from pathlib import Path

import report
from match import field, measure
from match.field import attempt

SEEN = 56  # fastpath's measurements/s, seen on two cores of another day
FIXTURES = ("web_connectivity*", "bug_35*", "report[12].json", "signal*", "telegram*", "tor*.json",
            "whatsapp*", "requests_none*", "2025*")


def run(asked, binary, scratch):
    folder = scratch / "interference"
    folder.mkdir()
    prints = fingerprints()
    made = make(folder, asked.quick)
    empty = folder / "empty.jsonl"
    empty.write_text("")
    ours = {kind: field.Racer("entente detect interference") for kind in made}
    peer = {kind: field.Racer("OONI fastpath") for kind in made}
    called = {}
    for repeat in range(asked.repeats):
        load = judge(binary, prints, empty)
        for kind, (path, count) in made.items():
            attempt(ours[kind], lambda: here(binary, prints, path, count, ours[kind], load, called, kind))
        if repeat < 3:
            first = next(iter(peer.values()))
            attempt(first, lambda: there(prints, made, peer, called))
    why = next(iter(peer.values())).absent
    rows = [[kind, report.spread(ours[kind].rates), report.spread(peer[kind].rates),
             report.ratio(ours[kind].rates, peer[kind].rates) if peer[kind].rates else not_raced(ours[kind]),
             called.get(kind, {}).get("here", "–"), called.get(kind, {}).get("there", "–")] for kind in made]
    peak = max(peak for racer in ours.values() for peak in racer.peaks)
    lines = [
        f"Parsed and judged, with {len(prints)} files of fingerprints; measurements per processor second, median "
        f"(smallest–largest) of {asked.repeats} repeats in turn (fastpath at most 3); files are given several times "
        f"over to entente, and what it takes for none is subtracted. {report.machine(scratch)}.", "",
        report.table(["measurements", "entente, 1/s", "fastpath, 1/s", "entente : it", "entente says", "fastpath says"],
                     rows), "",
        f"Resident: entente {report.number(peak)} MiB.",
    ]
    if notes := field.notes(next(iter(peer.values()))):
        lines += ["", notes]
    if why:
        lines.append(f"- A ratio in brackets is to {SEEN} measurements/s, seen of fastpath in another run.")
    raw = {kind: {"entente": ours[kind].kept(), "fastpath": peer[kind].kept()} for kind in made}
    bars = [bar for kind in made for bar in field.bars(f"measurements, {kind}", ours[kind], [peer[kind]])]
    return "\n".join(lines), raw, bars


def not_raced(racer):
    return f"({report.number(sorted(racer.rates)[len(racer.rates) // 2] / SEEN)})" if racer.rates else "–"


def data():
    folder = os.environ.get("ENTENTE_TESTDATA")
    if not folder:
        raise SystemExit("interference needs ENTENTE_TESTDATA: OONI's fixtures and fingerprints")
    return Path(folder) / "censorship" / "ooni_fastpath"


def fingerprints():
    return [data() / "fingerprints_dns.json", data() / "fingerprints_http.json"]


def make(folder, quick):
    """Files by kind, with how many measurements they hold."""
    fixtures = sorted({path for pattern in FIXTURES for path in data().glob(pattern)})
    lines = [json.dumps(json.loads(path.read_text())) for path in fixtures]
    times = 4 if quick else 20
    made = {}
    path = folder / "fixtures.jsonl"
    path.write_text("\n".join(lines * times) + "\n")
    made["OONI's fixtures"] = (path, len(lines) * times)
    program = measure.built("measurements", "entente-detect")
    count = 200 if quick else 1000
    for name, octets in (("generated, pages of 30 kB", 30_000), ("generated, pages of 2 kB", 2_000)):
        path = folder / f"{octets}.jsonl"
        measure.run([program, 1, count, octets, 50], keep=path)
        made[name] = (path, count)
    return made


def judge(binary, prints, *files):
    named = [part for path in prints for part in ("--fingerprints", path)]
    return measure.run([binary, "detect", "interference", *files, *named, "--json"])


def here(binary, prints, path, count, racer, load, called, kind):
    times = max(1, 20_000 // count)
    done = judge(binary, prints, *[path] * times)
    racer.ran(times * count / (done.seconds - load.seconds), done.peak)
    said = json.loads(done.out.splitlines()[-1])
    words = ("confirmed", "blocked", "down", "ok", "uncertain", "unusable")
    called.setdefault(kind, {})["here"] = told({word: said[word] // times for word in words})


def there(prints, made, peers, called):
    folder = os.environ.get("ENTENTE_FASTPATH")
    if not folder:
        raise measure.Absent("it is on no registry; ENTENTE_FASTPATH names no checkout of it")
    python = measure.python("interference.txt")
    answers = measure.peer(python, "interference_peer.py", folder, *prints, *[path for path, _ in made.values()])
    for kind, got in zip(made, answers, strict=True):
        peers[kind].ran(got["rate"], None)
        called.setdefault(kind, {})["there"] = told(got["called"])


def told(counts):
    return ", ".join(f"{number} {word}" for word, number in counts.items() if number)
