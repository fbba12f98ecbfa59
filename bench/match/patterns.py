"""STIX patterns over observed data: 1,000, 10,000 and 100,000 at once."""

import json

import report
from match import field, measure
from match import patterns_made as made
from match.field import attempt

# Evaluations that a peer is given, whatever the number of patterns.
RSTIX, MATCHER = 2_000_000, 20_000
FEW = 200


def run(asked, binary, scratch):
    count, sizes = (20_000, [1_000, 10_000]) if asked.quick else (200_000, [1_000, 10_000, 100_000])
    folder = scratch / "patterns"
    folder.mkdir()
    files = {size: folder / f"patterns-{size}.txt" for size in sizes}
    for size, path in files.items():
        made.write_patterns(path, size)
    observed, empty = folder / "observed.ndjson", folder / "empty.ndjson"
    made.write_observed(observed, count, sizes[0])
    empty.touch()
    ours = {size: Entente(binary, path, observed, empty, count) for size, path in files.items()}
    rstix = {size: Rstix(path, observed, size, count) for size, path in files.items()}
    matcher = Matcher(files[sizes[0]], observed)
    for repeat in range(asked.repeats):
        for size in sizes:
            attempt(ours[size].racer, ours[size].measure)
            if repeat < 3:
                attempt(rstix[size].racer, rstix[size].measure)
        if repeat < 3:
            attempt(matcher.racer, matcher.measure)
    lines = [
        f"{count:,} generated bundles of one observation with 4 or 5 objects, about "
        f"{observed.stat().st_size // count} octets each, read as NDJSON; {asked.repeats} repeats in turn (peers at "
        f"most 3), one thread; observations per processor second, median (smallest–largest). {report.machine(scratch)}.",
    ]
    raw, bars = {}, []
    for size in sizes:
        agree(ours[size], rstix[size], matcher if size == sizes[0] else None)
        racers = [rstix[size].racer, matcher.at(size, size == sizes[0])]
        lines += ["", f"{size:,} patterns:", "", field.table("observations/s", ours[size].racer, racers,
                                                            ["matches, of the same pairs"])]
        raw.update({f"{one.name}, {size}": one.kept() for one in [ours[size].racer, *racers]})
        bars += field.bars(f"{size:,} patterns", ours[size].racer, racers)
    lines += ["", field.notes(ours[sizes[0]].racer, rstix[sizes[-1]].racer, matcher.racer)]
    return "\n".join(lines), raw, bars


def agree(entente, rstix, matcher):
    """The matches of all among the pairs that each was given: theirs, and how many we have there."""
    for peer in (rstix, matcher):
        if peer and peer.matched is not None:
            here = sum(line <= peer.observations and at <= peer.patterns for line, at in entente.matches)
            peer.racer.answers = [f"{peer.matched} (entente {here})"]
    entente.racer.answers = [f"{len(entente.matches):,} in all"]


class Entente:
    def __init__(self, binary, patterns, observed, empty, count):
        self.command = [binary, "match", "--patterns", patterns, "--format", "stix", "--json"]
        self.observed, self.empty, self.count, self.matches = observed, empty, count, []
        self.racer = field.Racer("entente match --patterns", (
            "all patterns at once; what it takes for an empty file is subtracted; reading the JSON is counted"))

    def measure(self):
        load = measure.run([*self.command, self.empty])
        whole = measure.run([*self.command, self.observed])
        self.racer.ran(self.count / (whole.seconds - load.seconds), whole.peak)
        hits = map(json.loads, whole.out.splitlines())
        # A pattern without an id is named by its file and line.
        self.matches = [(hit["line"], int(hit["pattern_id"].rpartition(" ")[2])) for hit in hits]


class Rstix:
    """Each bundle is parsed once; every pattern, parsed beforehand, is evaluated on it."""

    def __init__(self, path, observed, size, count):
        self.path, self.observed, self.patterns, self.matched = path, observed, size, None
        self.observations = min(count, max(5, RSTIX // size))
        self.racer = field.Racer("rstix 0.23.0 in a loop", (
            f"about {RSTIX:,} evaluations; patterns are parsed beforehand, each bundle once"))

    def measure(self):
        program = measure.cargo_project(measure.PEERS / "rstix")
        done = measure.run([program, self.path, self.observed, self.observations], patience=300)
        told = json.loads(done.out)
        self.racer.ran(told["rate"] / self.patterns, done.peak)
        self.matched = told["matched"]
        unread, failed = told["unread"], told["failed"]
        if (unread or failed) and "refused" not in self.racer.note:
            self.racer.note += f"; {unread} patterns refused, {failed} evaluations ended in an error"


class Matcher:
    """A rate for each pair, from which that of any number of patterns follows."""

    def __init__(self, path, observed):
        self.path, self.observed, self.matched = path, observed, None
        self.patterns, self.observations = FEW, MATCHER // FEW
        self.racer = field.Racer("stix2-matcher 3.0.0 in a loop", (
            f"{FEW} patterns on {MATCHER // FEW} observations, patterns parsed beforehand; its observations a "
            "second for more patterns are its evaluations a second divided by their number"))

    def measure(self):
        python = measure.python("patterns.txt")
        told = measure.peer(python, "patterns_peer.py", self.path, self.patterns, self.observed, self.observations)
        self.racer.ran(told["rate"], told["peak"])
        self.matched = told["matched"]

    def at(self, size, given):
        """Its line for so many patterns, and whether these are the ones it was given."""
        line = field.Racer(self.racer.name)
        line.rates = [rate / size for rate in self.racer.rates]
        line.peaks, line.absent = self.racer.peaks, self.racer.absent
        line.answers = self.racer.answers if given else []
        return line
