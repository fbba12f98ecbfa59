"""A log against a million indicators: rate, memory, planted hits found and traps that fired."""

import json

import report
from match import field, log, measure
from match.field import attempt

ANSWERS = ["planted found", "traps fired"]
GREP = 100_000
OURS = ("1 thread, the index of a node's data directory; what the same command takes for an empty file is subtracted. "
        "The node's warning lists are out of use: the generated values lie in names and networks set "
        "aside for examples, which the lists hold back. Answers are those on the whole log")
FEW = "answers: the lines on which something was placed, with the indicators they are about"


def run(asked, binary, scratch):
    megabytes, count = (200, 100_000) if asked.quick else (500, 1_000_000)
    folder = scratch / "scan"
    folder.mkdir()
    text = log.Log(folder, megabytes, count)
    entente = Entente(binary, text)
    peers = [Ripgrep(text), Vectorscan(text, folder), Grep(text), Yara(text), Finder(text)]
    entente.prepare()
    for peer in peers:
        attempt(peer.racer, peer.prepare)
    for repeat in range(asked.repeats):
        attempt(entente.racer, entente.measure)
        for peer in peers:
            if repeat < 3:
                attempt(peer.racer, peer.measure)
    ours, peers_ran = entente.racer, [peer.racer for peer in peers]
    racers = [entente.edge_racer, *peers_ran]
    lines = [
        f"{megabytes} MB of generated proxy, name server and endpoint logs, {count:,} indicators "
        f"(domains, URLs, digests, addresses, networks), {log.PLANTED:,} planted in many written forms and "
        f"{log.TRAPS} traps, {asked.repeats} repeats in turn (peers at most 3); MB per processor second, "
        f"median (smallest–largest). {report.machine(scratch)}.", "",
        field.table("MB/s", ours, racers, ANSWERS), "", field.notes(ours, *racers),
    ]
    raw = {one.name: one.kept() for one in [ours, *racers]}
    return "\n".join(lines), raw, field.bars("scan", ours, peers_ran)


class Entente:
    """`entente match`, with the node's data and with an edge file of it."""

    def __init__(self, binary, text):
        self.binary, self.text = binary, text
        self.racer = field.Racer("entente match --data", OURS)
        self.edge_racer = field.Racer("entente match --edge", "the same with an edge file, which takes less memory")
        self.edge, self.data = text.folder / "edge", text.folder / "data"
        self.hits = text.folder / "hits.ndjson"

    def prepare(self):
        at = ["--data", self.data]
        measure.run([self.binary, "init", *at])
        held = measure.run([self.binary, "warninglist", "list", "--json", *at]).out
        for line in held.splitlines():
            measure.run([self.binary, "warninglist", "remove", json.loads(line)["name"], *at])
        measure.run([self.binary, "import", *at, "--collection", "bench", "--format", "list", "--marking",
                     "clear", self.text.values])
        measure.run([self.binary, "edge", "build", *at, "-o", self.edge])
        for racer, way in self._ways():
            self._match(way, self.text.log)
            racer.answers = shares(log.judge(self.text.placed, log.our_hits(self.hits)))

    def measure(self):
        for racer, way in self._ways():
            load, whole = self._match(way, self.text.empty), self._match(way, self.text.log)
            racer.ran(megabytes(self.text.log) / (whole.seconds - load.seconds), whole.peak)

    def _ways(self):
        return (self.racer, ["--data", self.data]), (self.edge_racer, ["--edge", self.edge])

    def _match(self, way, path):
        command = [self.binary, "match", *way, "--threads", "1", "--json", path]
        return measure.run(command, keep=self.hits)


class Ripgrep:
    def __init__(self, text):
        self.text, self.program = text, None
        self.racer = field.Racer("ripgrep 15.2.0 -F -f", (
            "all indicators, `-j1`, without `-i` and `-w`, with which it refuses so many or is not done within "
            "minutes; the first 100 MB of the log; what it takes for an empty file is subtracted. "
            f"Answers are those of `-i -w -F`; {FEW}"))

    def prepare(self):
        self.program = measure.cargo_peer("ripgrep-15.2.0", "rg", "ripgrep", "--version", "=15.2.0")
        told = measure.run([self.program, "-i", "-w", "-F", "-o", "-b", "-N", "-I", "--no-heading", "-j1",
                            "--regex-size-limit", "4G", "--dfa-size-limit", "4G",
                            "-f", self.text.few_values, self.text.lines], allowed=(0, 1))
        self.racer.answers = shares(log.judge(self.text.placed_in_lines, log.byte_hits(told.out)))
        self.part = head(self.text, 100_000_000)

    def measure(self):
        command = [self.program, "-F", "-j1", "-c", "-f", self.text.values]
        load = measure.run([*command, self.text.empty], allowed=(0, 1))
        whole = measure.run([*command, self.part], allowed=(0, 1))
        self.racer.ran(megabytes(self.part) / (whole.seconds - load.seconds), whole.peak)


class Grep:
    def __init__(self, text):
        self.text, self.count = text, min(GREP, text.count)
        self.racer = field.Racer("GNU grep -F -f", (
            f"the first {self.count:,} indicators and 20 MB of the log, in the C locale, without `-i` and `-w`; "
            f"what it takes for an empty file is subtracted. Answers are those of `-i -w -F`; {FEW}"))

    def prepare(self):
        told = self._run("-i", "-w", "-o", "-b", "-f", self.text.few_values, self.text.lines)
        self.racer.answers = shares(log.judge(self.text.placed_in_lines, log.byte_hits(told.out)))
        self.part = head(self.text, 20_000_000)

    def measure(self):
        values = self.text.first(self.count)
        load = self._run("-c", "-f", values, self.text.empty)
        whole = self._run("-c", "-f", values, self.part)
        self.racer.ran(megabytes(self.part) / (whole.seconds - load.seconds), whole.peak)

    def _run(self, *arguments):
        return measure.run(["grep", "-F", *arguments], {"LC_ALL": "C"}, allowed=(0, 1), patience=300)


class Vectorscan:
    def __init__(self, text, folder):
        self.text, self.folder, self.python = text, folder, None
        self.racer = field.Racer("Vectorscan 5.4.12, literals", (
            "all indicators, block mode, caseless, compiled beforehand; the last label of domains and "
            "addresses is left off and compared in the callback, since names that end alike slow it down some "
            f"hundred times; the callback asks for word boundaries. PyPI hyperscan 0.9.1. {FEW.capitalize()}"))

    def prepare(self):
        self.python = measure.python("scan.txt")
        self._run("vectorscan-compile", self.text.few, self.text.count, self.folder / "few.hs")
        told = self._run("vectorscan", self.text.few, self.text.count, self.folder / "few.hs", self.text.lines,
                         10**12)
        self.racer.answers = shares(log.judge(self.text.placed_in_lines, told["hits"]))
        told = self._run("vectorscan-compile", self.text.indicators, self.text.count, self.folder / "all.hs")
        self.racer.note += f"; compiling took {told['load']:.0f} s and {told['peak']:,.0f} MiB"

    def measure(self):
        told = self._run("vectorscan", self.text.indicators, self.text.count, self.folder / "all.hs",
                         self.text.log, 200_000_000)
        self.racer.ran(told["rate"], told["peak"])

    def _run(self, *arguments):
        return measure.peer(self.python, "scan_peer.py", *arguments)


class Yara:
    def __init__(self, text):
        self.text, self.python, self.count = text, None, min(GREP, text.count)
        self.racer = field.Racer("YARA 4.5.4", (
            f"the first {self.count:,} indicators as `nocase fullword` strings, 5,000 a rule, and 20 MB of the log; "
            f"compiling is not counted. {FEW.capitalize()}"))

    def prepare(self):
        self.python = measure.python("scan.txt")
        told = self._run(self.text.few, self.text.lines, 10**12)
        self.racer.answers = shares(log.judge(self.text.placed_in_lines, told["hits"]))

    def measure(self):
        told = self._run(self.text.indicators, self.text.log, 20_000_000)
        self.racer.ran(told["rate"], told["peak"])

    def _run(self, indicators, path, octets):
        return measure.peer(self.python, "scan_peer.py", "yara", indicators, self.count, "-", path, octets,
                            patience=300)


class Finder:
    """It only extracts: that is compared with extraction and matching here."""

    def __init__(self, text):
        self.text, self.python = text, None
        self.racer = field.Racer("ioc-finder 9.4.1, extraction only", (
            "200 of the lines on which something was placed; found: the indicator is among what it extracts "
            "from the line. It knows no names in the domains set aside for examples, in which the generated ones lie"))

    def prepare(self):
        self.python = measure.python("scan.txt")

    def measure(self):
        told = measure.peer(self.python, "scan_peer.py", "ioc-finder", "-", "-", "-", self.text.lines, 200,
                            patience=300)
        self.racer.ran(told["rate"], told["peak"])
        found, fired, planted, traps = log.judge_lines(self.text.placed_in_lines, told["lines"])
        self.racer.answers = [f"{found} of {planted}", f"{fired} of {traps}"]


def shares(judged):
    planted, traps = judged
    return [f"{planted:,} of {log.PLANTED:,}", f"{traps} of {log.TRAPS}"]


def head(text, octets):
    """The log's first lines, or the log itself where it is shorter."""
    if text.octets <= octets:
        return text.log
    path = text.folder / f"log-{octets}.txt"
    if not path.exists():
        with text.log.open("rb") as log_file, path.open("wb") as out:
            out.write(log_file.read(octets) + log_file.readline())
    return path


def megabytes(path):
    return path.stat().st_size / 1e6
