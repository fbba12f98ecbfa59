#!/usr/bin/env python3
"""Lets Go's transparency log packages verify logs that `entente log export` wrote.

    python3 tests/outside/log_verifiers.py
    python3 tests/outside/log_verifiers.py --entries 5000

Debian's golang.org/x/mod (sumdb/tlog, sumdb/note), driven by log_go/main.go, knows nothing of
Entente: it verifies a log of 70,000 entries end to end, and has to reject a flipped bit in an entry,
in a tile of each level and in the checkpoint, a truncated tile, and another key. A checkpoint of
65,537 entries has to verify in the files of that day, and in those of 66,000 entries, where the
partial tiles it was made with have become full. The packages golang-go and golang-golang-x-mod-dev
have to be installed. Exits 1 when a rule is broken.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import node  # noqa: E402

# Where Debian keeps Go's packages.
GOCODE = "/usr/share/gocode"
# A partial tile of one entry at level 0, and what it grows to.
PARTIAL, GROWN = 65_537, 66_000
STRANGER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def main():
    asked = arguments()
    if shutil.which("go") is None or not Path(GOCODE, "src/golang.org/x/mod/sumdb").is_dir():
        print("log_verifiers: install golang-go and golang-golang-x-mod-dev", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="entente-log-", dir=asked.scratch) as scratch:
        scratch = Path(scratch)
        binary = Path(asked.binary or node.default_binary()).resolve()
        log = Log(scratch, binary, build(scratch))
        trial = Trial(log, random.Random(asked.seed))
        trial.partial(min(PARTIAL, asked.entries), min(GROWN, asked.entries))
        trial.whole(asked.entries)
        return trial.tell()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=70_000)
    parser.add_argument("--binary", help="the entente to run (default: target/release or debug)")
    parser.add_argument("--scratch", help="folder for data; default the system's")
    parser.add_argument("--seed", type=int, default=1, help="which bits are flipped")
    return parser.parse_args()


def build(scratch):
    """The Go program, built from Debian's packages without a network."""
    surroundings = os.environ | {
        "GO111MODULE": "off", "GOPATH": GOCODE, "GOFLAGS": "", "GOCACHE": str(scratch / "go-cache"),
    }
    program = scratch / "log_go"
    subprocess.run(
        ["go", "build", "-o", program, "."], cwd=HERE / "log_go", env=surroundings, check=True
    )
    return program


class Log:
    """A data directory that grows to sizes asked for, and its exports."""

    def __init__(self, scratch, binary, go):
        self.scratch, self.binary, self.go = scratch, binary, go
        self.written = 0
        self.entente("init", "--data", "d")
        self.import_list(1)
        self.export()

    def entente(self, *words):
        surroundings = os.environ | {"ENTENTE_GUARDS": str(self.scratch / "guards")}
        done = subprocess.run(
            [self.binary, *words], cwd=self.scratch, env=surroundings, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise SystemExit(f"entente {' '.join(words)}: {done.stderr}")
        return done

    def import_list(self, count):
        """So many entries more: each address is one."""
        first, self.written = self.written, self.written + count
        lines = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\n" for n in range(first, self.written))
        (self.scratch / "list.txt").write_text("".join(lines))
        self.entente("import", "list.txt", "--collection", "library", "--data", "d")

    def export(self):
        self.entente("log", "export", "--data", "d", "--out", "out")

    def size(self):
        return int((self.scratch / "out/checkpoint").read_text().split("\n")[1])

    def grow_to(self, size):
        self.import_list(size - self.size())
        self.export()
        if self.size() != size:
            raise SystemExit(f"the log has {self.size()} entries, not {size}")

    def key(self):
        return (self.scratch / "out/key").read_text().strip()

    def go_says(self, key=None, checkpoint=None):
        """What Go says: the number of entries, or None and why not."""
        command = [self.go, "out", key or self.key()] + ([checkpoint] if checkpoint else [])
        done = subprocess.run(command, cwd=self.scratch, capture_output=True, text=True)
        if done.returncode == 0:
            return int(done.stdout), ""
        return None, done.stderr.strip()


class Trial:
    def __init__(self, log, rng):
        self.log, self.rng, self.broken = log, rng, 0

    def rule(self, held, words):
        print(f"{'ok  ' if held else 'FAIL'} {words}")
        self.broken += not held

    def partial(self, size, grown):
        """A checkpoint with partial tiles, then and later."""
        log = self.log
        log.grow_to(size)
        self.rule(log.go_says()[0] == size, f"a log of {size:,} entries verifies")
        shutil.copy(log.scratch / "out/checkpoint", log.scratch / "then")
        if grown == size:
            return
        log.grow_to(size + 1)
        self.rule(log.go_says(checkpoint="then")[0] == size,
                  f"the checkpoint of {size:,} verifies in the files of {size + 1:,}")
        log.grow_to(grown)
        self.rule(log.go_says()[0] == grown, f"a log of {grown:,} entries verifies")
        said, why = log.go_says(checkpoint="then")
        self.rule(said == size, f"the checkpoint of {size:,} verifies in the files of {grown:,} {why}")

    def whole(self, size):
        log = self.log
        if log.size() < size:
            log.grow_to(size)
        start = time.monotonic()
        said, why = log.go_says()
        self.rule(said == size, f"a log of {size:,} entries verifies, "
                                f"in {time.monotonic() - start:.2f} s {why}")
        said, why = log.go_says(key=STRANGER)
        self.rule(said is None, f"not under another key: {why}")
        for path in self.files():
            self.rejected(path, self.flip, "a flipped bit")
        older = sorted(log.scratch.glob("out/tile/1/*.p/*"), key=lambda path: int(path.name))[:-1]
        for path in older:
            self.rejected(path, self.flip, "a flipped bit", by_go=False)
        self.rejected(log.scratch / "out/tile/0/000", lambda octets: octets[:32], "one hash alone")
        self.rejected(log.scratch / "out/tile/entries/001", lambda octets: octets[:-1], "a cut end")
        self.rule(log.go_says()[0] == size, "and verifies again, as it was")

    def files(self):
        """The checkpoint, and some bundles and tiles of each level, partial ones too."""
        out = self.log.scratch / "out"
        yield out / "checkpoint"
        for level in sorted((out / "tile").iterdir()):
            files = sorted(path for path in level.rglob("*") if path.is_file())
            partial = [path for path in files if path.parent.suffix == ".p"]
            full = [path for path in files if path not in partial]
            yield from self.rng.sample(full, min(4, len(full)))
            # The widest is the one that the newest checkpoint needs.
            yield from sorted(partial, key=lambda path: int(path.name))[-1:]

    def flip(self, octets):
        at = self.rng.randrange(len(octets))
        return octets[:at] + bytes([octets[at] ^ 1 << self.rng.randrange(8)]) + octets[at + 1:]

    def rejected(self, path, change, words, by_go=True):
        """Go rejects it, and so does our own check; partial tiles of earlier checkpoints are not
        read by Go when it verifies the newest."""
        good = path.read_bytes()
        path.write_bytes(change(good))
        try:
            name = path.relative_to(self.log.scratch / "out")
            if by_go:
                said, why = self.log.go_says()
                self.rule(said is None, f"{words} in {name} is rejected: {why}")
            checked = subprocess.run(
                [self.log.binary, "log", "fsck", "out", "--key", self.log.key()],
                cwd=self.log.scratch, capture_output=True, text=True,
            )
            why = checked.stderr.strip()
            self.rule(checked.returncode == 6, f"{words} in {name} is found by log fsck: {why}")
        finally:
            path.write_bytes(good)

    def tell(self):
        if self.broken:
            print(f"log_verifiers: {self.broken} rules broken", file=sys.stderr)
        return 1 if self.broken else 0


if __name__ == "__main__":
    sys.exit(main())
