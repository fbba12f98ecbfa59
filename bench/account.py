"""The public account of a generated year: filled through the acts of a node whose clock is set, rebuilt
from the journal, compared figure by figure, and asked over HTTP."""

import http.client
import json
import statistics
import subprocess
import time
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parent.parent
ASKS = 50


def run(asked, binary, scratch):
    parties, requests, signals = (50, 2_000, 20_000) if asked.quick else (200, 20_000, 500_000)
    data = scratch / "account"
    command = [build(), str(data), "--parties", str(parties), "--requests", str(requests), "--signals", str(signals)]
    year = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    if not year["rebuilt_equals_incremental"]:
        raise SystemExit("the rebuilt account is not the incremental one")
    begun = time.perf_counter()
    with Serving(binary, data, scratch / "account.log") as node:
        start = time.perf_counter() - begun
        party = busiest(node)
        pages = {
            "`/account`": "/account",
            "`/account?show=all` (the whole register)": "/account?show=all",
            "`/account/2025-06`": "/account/2025-06",
            "the page of the party with the most requests": f"/party/{party}",
            "`/account/entries?figure=silent`": "/account/entries?figure=silent",
            "`/account/asked.csv`": "/account/asked.csv",
            "`/account/parties.json`": "/account/parties.json",
            "`/account/answer-times.svg`": "/account/answer-times.svg",
            "`/api/v1/account`": "/api/v1/account",
        }
        took = {name: [node.ask(path) for _ in range(ASKS)] for name, path in pages.items()}
    found = {name: [seconds * 1000 for seconds, _ in all_] for name, all_ in took.items()}
    rows = [
        (f"{name}, ms: median, 99 of 100", f"{report.number(statistics.median(ms))}, {report.number(late(ms))}")
        for name, ms in found.items()
    ]
    rows += [
        ("a request sent alone, with its fsync, ms: median", report.number(year["request_entry_us"] / 1000)),
        ("the year filled through acts, s", report.number(year["fill_s"])),
        (f"all views rebuilt from {year['entries']:,} entries, s", report.number(year["rebuild_s"])),
        ("start of the node on them, s", report.number(start)),
        ("`views.redb`, MB", report.number(year["views_bytes"] / 1e6)),
        ("lines of figures that are the same rebuilt and kept entry by entry", f"{year['figures']:,}"),
    ]
    lines = [
        f"A year of {parties} parties, {year['requests']:,} requests with their lives and {signals:,} signals, on the "
        f"register of the Paris Call; {ASKS} asks each, one after the other, over a kept connection. "
        f"{report.machine(scratch)}.", "",
        report.table(["what", ""], rows),
    ]
    return found | year, lines


def build():
    command = ["cargo", "build", "--release", "--locked", "-p", "entente-node", "--example", "account_year",
               "--message-format=json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [m["executable"] for m in told if m.get("executable")][-1]


def late(values):
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)]


def busiest(node):
    _, body = node.ask("/account/parties.json")
    rows = json.loads(body)["rows"]
    return max(rows, key=lambda row: row["asked"] + row["sent"])["party"]


class Serving:
    """A node without a match index, which the account does not need."""

    def __init__(self, binary, data, log):
        self.log = open(log, "w")
        command = [binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--no-match"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        run_file = Path(data) / "run.json"
        while True:
            if self.process.poll() is not None:
                raise SystemExit(Path(log).read_text())
            try:
                url = json.loads(run_file.read_text())["url"]
                self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
                self.ask("/healthz")
                return
            except (OSError, ValueError, KeyError):
                time.sleep(0.02)

    def ask(self, path):
        begun = time.perf_counter()
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
        return time.perf_counter() - begun, body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
        self.log.close()
