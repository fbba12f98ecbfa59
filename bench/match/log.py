"""The generated log, its truth and its indicators, and what a tool's hits are worth against them."""

import json

from match import measure

PLANTED, TRAPS = 1936, 482


class Log:
    """Files in `folder`: log, truth, indicators (kind, tab, value), values; and for tools that are too
    slow for the whole: `lines`, those lines of the log on which something was placed, with `few`
    and `few_values`, the indicators that they are about."""

    def __init__(self, folder, megabytes, count):
        self.folder, self.megabytes, self.count = folder, megabytes, count
        names = ("log", "truth", "indicators", "values", "lines", "few", "few_values", "empty")
        for name in names:
            setattr(self, name, folder / f"{name}.txt")
        measure.example("corpus", "--megabytes", megabytes, "--seed", 1, "--log", self.log, "--truth",
                        self.truth, "--indicators", self.indicators, "--count", count)
        self.empty.touch()
        self.placed = [_placed(line) for line in self.truth.open(encoding="utf-8", newline="\n")]
        self.octets = self.log.stat().st_size
        _values(self.indicators, self.values, None)
        about = {one["index"] for one in self.placed}
        _keep(self.indicators, self.few, about)
        _values(self.few, self.few_values, None)
        self.placed_in_lines = self._cut_lines()

    def _cut_lines(self):
        wanted, moved, begin, kept, number = {}, [], 0, 0, 0
        for one in self.placed:
            wanted.setdefault(one["line"], []).append(one)
        with self.log.open("rb") as log, self.lines.open("wb") as lines:
            for at, line in enumerate(log, 1):
                if at in wanted:
                    lines.write(line)
                    number += 1
                    for one in wanted[at]:
                        start, end = (one[side] - begin + kept for side in ("start", "end"))
                        moved.append({**one, "start": start, "end": end, "line": number})
                    kept += len(line)
                begin += len(line)
        return moved

    def first(self, count):
        """The first `count` indicators as a file of values."""
        path = self.folder / f"values-{count}.txt"
        if not path.exists():
            _values(self.indicators, path, count)
        return path


def _placed(line):
    offset, number, what, form, _, index, value, written = line.rstrip("\n").split("\t")
    start = int(offset)
    return {"start": start, "end": start + len(written.encode()), "line": int(number),
            "planted": what == "planted", "form": form, "index": int(index), "value": value}


def _values(indicators, path, count):
    with open(indicators, encoding="utf-8") as lines, open(path, "w", encoding="utf-8") as out:
        for at, line in enumerate(lines):
            if at == count:
                break
            out.write(line.partition("\t")[2])


def _keep(indicators, path, wanted):
    with open(indicators, encoding="utf-8") as lines, open(path, "w", encoding="utf-8") as out:
        out.writelines(line for at, line in enumerate(lines, 1) if at in wanted)


def judge(placed, hits):
    """(planted found, traps fired): a hit counts for what it overlaps."""
    hits = sorted(hits)
    planted = traps = at = 0
    for one in sorted(placed, key=lambda one: one["start"]):
        while at < len(hits) and hits[at][1] <= one["start"]:
            at += 1
        if at < len(hits) and hits[at][0] < one["end"]:
            planted += one["planted"]
            traps += not one["planted"]
    return planted, traps


def judge_lines(placed, lines):
    """The same for a tool that gives values: (found, fired, planted and traps on those lines)."""
    planted = traps = of_planted = of_traps = 0
    for one in placed:
        if one["line"] > len(lines):
            break
        hit = one["value"].lower() in lines[one["line"] - 1]
        planted += hit and one["planted"]
        traps += hit and not one["planted"]
        of_planted += one["planted"]
        of_traps += not one["planted"]
    return planted, traps, of_planted, of_traps


def our_hits(path):
    """(beginning, end) of the hits that `entente match --json` printed."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            hit = json.loads(line)
            yield hit["offset"], hit["offset"] + len(hit["found"].encode())


def byte_hits(text):
    """Those of `grep -o -b` and `rg -o -b`."""
    for line in text.splitlines():
        offset, _, found = line.partition(":")
        yield int(offset), int(offset) + len(found.encode())
