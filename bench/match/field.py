"""The field of one race: ours and the peers, their rates and memory, as a table and as bars."""

import statistics
import sys
import time

import report
from match.measure import Absent


class Racer:
    """One line of a table. `answers` are its last cells, `note` is what stands below."""

    def __init__(self, name, note="", answers=()):
        self.name, self.note, self.answers = name, note, list(answers)
        self.rates, self.peaks, self.absent = [], [], None

    def ran(self, rate, peak):
        self.rates.append(rate)
        self.peaks.append(peak)

    def kept(self):
        """For bench/out."""
        return {"rates": self.rates, "peaks": self.peaks, "answers": self.answers, "absent": self.absent}


def attempt(racer, work):
    """Does a peer's part; what keeps it from taking part is said in its line, and the run goes on."""
    if racer.absent:
        return None
    began = time.perf_counter()
    try:
        result = work()
    except (Absent, RuntimeError, OSError, ValueError, KeyError) as problem:
        racer.absent = " ".join(str(problem).split())[:300]
        print(f"  {racer.name}: {racer.absent}", file=sys.stderr, flush=True)
        return None
    rate = f"{report.number(racer.rates[-1])}" if racer.rates else "ready"
    took = time.perf_counter() - began
    print(f"  {racer.name}: {rate} ({took:.0f} s)", file=sys.stderr, flush=True)
    return result


def table(unit, ours, field, answers=()):
    """A line for each; the ratio is ours to it."""
    head = ["", unit, "entente : it", "resident, MiB", *answers]
    rows = []
    for racer in [ours, *field]:
        peak = report.number(max(racer.peaks)) if racer.peaks else "–"
        ratio = "" if racer is ours else report.ratio(ours.rates, racer.rates)
        cells = racer.answers + ["–"] * (len(answers) - len(racer.answers))
        rows.append([racer.name, report.spread(racer.rates), ratio, peak, *cells])
    return report.table(head, rows)


def notes(*racers):
    lines = []
    for racer in racers:
        if racer.note:
            lines.append(f"- **{racer.name}**: {racer.note}.")
        if racer.absent:
            lines.append(f"- **{racer.name}** took no part, or not in all of it: {racer.absent}.")
    return "\n".join(dict.fromkeys(lines))


def bars(job, ours, field):
    """For the chart: label, ratio of medians, least and largest ratio."""
    drawn = []
    for racer in field:
        if ours.rates and racer.rates:
            middle = statistics.median(ours.rates) / statistics.median(racer.rates)
            least = min(ours.rates) / max(racer.rates)
            drawn.append([f"{job}: {racer.name}", middle, least, max(ours.rates) / min(racer.rates)])
    return drawn
