"""The command line with binary input, broken files and wrong flags."""

import gzip
import json
import os
from pathlib import Path

import indicators
import node
from attempts import MIB, require, rule


@rule("commands")
def binary_piped_to_match(scene):
    """Binary piped to `entente match`, 256 MiB without a line end, ends without a false hit."""
    blocks = [os.urandom(MIB).replace(b"\n", b"x") for _ in range(8)]
    feed = (blocks[at % 8] for at in range(256))
    data = str(scene.running.data)
    code, out, err, peak = scene.entente("match", "--data", data, "-", "--json", feed=feed)
    require(code in (0, 3), f"exit {code}: {err[-300:]}")
    require(code == 0 or err.strip(), "it failed and said nothing")
    require(not out.strip(), f"it found something: {out[:300]!r}")
    require(peak < 300 * MIB, f"it took {peak // MIB} MiB")


@rule("commands")
def an_executable_to_match(scene):
    """The program itself piped to `entente match` ends in good order."""
    content = Path(scene.running.binary).read_bytes()
    data = str(scene.running.data)
    code, _, err, peak = scene.entente("match", "--data", data, "-", feed=[content])
    require(code in (0, 3), f"exit {code}: {err[-300:]}")
    require(peak < 300 * MIB, f"it took {peak // MIB} MiB")


@rule("commands")
def bad_files_to_import(scene):
    """Files that are no signals are refused by import with exit 3 (or 2) and a line that says why."""
    folder = scene.running.data.parent
    bundle = {"type": "bundle", "id": "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",
              "objects": [indicators.indicator(scene.rng, spec_version="3.0")]}
    whole = json.dumps({**bundle, "spec_version": "3.0"}).encode()
    for name, content in (
        ("truncated.json", whole[: len(whole) // 2]), ("other-version.json", whole),
        ("noise.json", os.urandom(100_000)), ("torn.json.gz", b"\x1f\x8b\x08\x00" + os.urandom(2000)),
        ("torn.json.zst", b"\x28\xb5\x2f\xfd" + os.urandom(2000)),
        ("deep.json", b'{"type":"bundle","objects":' + b"[" * 100_000),
    ):
        path = folder / name
        path.write_bytes(content)
        code, _, err, peak = scene.entente(
            "import", "--data", str(folder / "other"), str(path), "--collection", "bad-input"
        )
        require(code in (2, 3), f"{name}: exit {code}: {err[-300:]}")
        require(name in err or "line" in err, f"{name}: it does not say where: {err[-300:]}")
        require(peak < 300 * MIB, f"{name}: it took {peak // MIB} MiB")


@rule("commands")
def a_bomb_to_import(scene):
    """A gzip bomb (1 GiB of blanks in 1 MiB) does not fill the memory."""
    path = scene.running.data.parent / "bomb.json.gz"
    with gzip.open(path, "wb", compresslevel=6) as bomb:
        for _ in range(1024):
            bomb.write(b" " * MIB)
    code, _, err, peak = scene.entente(
        "import", "--data", str(scene.running.data.parent / "other"), str(path),
        "--collection", "bad-input",
    )
    require(code in (0, 2, 3), f"exit {code}: {err[-300:]}")
    require(peak < 300 * MIB, f"it took {peak // MIB} MiB")


@rule("commands")
def wrong_command_lines(scene):
    """Wrong flags are exit 2; missing files and folders exit 3; a bad token for a node exit 4."""
    folder = scene.running.data.parent
    for wanted, arguments in (
        ((2,), ("no-such-verb",)), ((2,), ("match", "--no-such-flag")),
        ((2,), ("party", "list", "--data", str(folder / "other"), "--as-of", "yesterday")),
        ((2,), ("token", "create", "--data", str(folder / "other"), "--scope", "everything")),
        ((3,), ("match", "--data", str(folder / "other"), str(folder / "no-such-file"))),
        ((3,), ("match", "--data", str(folder / "no-such-folder"), "/dev/null")),
        ((3,), ("serve", "--data", str(folder / "no-such-folder"))),
        ((4,), ("match", "--server", scene.running.url, "--token", "wrong", "-")),
        ((5,), ("match", "--server", "http://127.0.0.1:9/", "--token", "x", "-")),
    ):
        code, out, err, _ = scene.entente(*arguments, feed=[b"seen 198.51.100.7\n"], timeout=60)
        require(code in wanted, f"{' '.join(arguments)}: exit {code}, wanted {wanted}: {err[-200:]}")
        require(err.strip(), f"{' '.join(arguments)}: nothing on stderr")
        require(not out.strip(), f"{' '.join(arguments)}: it printed {out[:100]!r}")


@rule("commands")
def a_second_node_on_the_same_data(scene):
    """A second node on the same data directory ends at once with exit 3 and says who holds it."""
    port = node.free_port()
    code, _, err, _ = scene.entente(
        "serve", "--data", str(scene.running.data), "--listen", f"127.0.0.1:{port}", timeout=30
    )
    require(code == 3, f"exit {code}: {err[-300:]}")
    require(err.strip(), "nothing on stderr")
