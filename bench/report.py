"""Numbers into Markdown, and Markdown into docs/benchmarks.md between markers."""

import os
import platform
import re
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"


def machine(folder):
    """One line: processor, cores, memory, kernel, the file system of `folder`, when, which commit."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    kind = _said("stat", "-f", "-c", "%T", str(folder))
    commit = _said("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    rust = _said("rustc", "--version")
    return (
        f"{model}, {os.cpu_count()} cores, {memory / 2**20:.0f} GiB of memory, "
        f"Linux {platform.release()}, data on {kind}, Python {platform.python_version()}, {rust}, "
        f"commit {commit}, {time.strftime('%Y-%m-%d')}"
    )


def _said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "unknown"
    except OSError:
        return "unknown"


def number(value):
    """Three figures that mean something: 0.35, 17.2, 606, 35,100."""
    if value is None:
        return "–"
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def spread(values):
    """The median, with the smallest and the largest."""
    if not values:
        return "–"
    middle = number(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))}–{number(max(values))})"


def ratio(ours, theirs):
    if not ours or not theirs:
        return "–"
    return f"{number(statistics.median(ours) / statistics.median(theirs))}×"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] * len(head)) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def write(section, text):
    """Replaces what stands between the section's two markers."""
    begin, end = f"<!-- {section}: written by bench/run.py -->", f"<!-- /{section} -->"
    page = PAGE.read_text()
    if begin not in page or end not in page:
        raise SystemExit(f"{PAGE} has no markers for the section '{section}'")
    before, rest = page.split(begin, 1)
    after = rest.split(end, 1)[1]
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")
