"""Processor time and memory of one command; and peers, each of which may be missing.

As a script: `measure.py RESULT COMMAND...` runs the command and writes what it took into RESULT. A
child's peak counts its parent's pages until it execs, so the parent is this small process and not
the bench.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = HERE.parent / "peers"


class Absent(Exception):
    """A peer cannot take part; the text says why."""


class Run:
    """What a command printed, its processor seconds (user and system), its peak in MiB."""

    def __init__(self, out, seconds, peak, code):
        self.out, self.seconds, self.peak, self.code = out, seconds, peak, code


def run(command, variables=None, allowed=(0,), patience=900, keep=None):
    """Runs a command to its end; its output goes to the file `keep` if there is one."""
    command = [str(part) for part in command]
    with tempfile.NamedTemporaryFile() as told, tempfile.TemporaryFile() as said:
        out = open(keep, "wb") if keep else tempfile.TemporaryFile()
        with out:
            launch = [sys.executable, "-I", "-S", __file__, told.name, str(patience), *command]
            subprocess.run(launch, stdout=out, stderr=said, stdin=subprocess.DEVNULL, cwd=ROOT,
                           env={**os.environ, **(variables or {})}, check=False)
            said.seek(0)
            errors = said.read().decode(errors="replace")[-1500:]
            took = json.loads(Path(told.name).read_text() or "null")
            if took is None:
                raise RuntimeError(f"{command[0]}: {errors}")
            if took["code"] not in allowed:
                why = f"ended by {took['code']}: {errors.strip()}"
                if took["late"]:
                    why = f"not done after {patience} s"
                raise RuntimeError(f"{Path(command[0]).name} {why}")
            if keep:
                return Run("", took["seconds"], took["peak"], took["code"])
            out.seek(0)
            return Run(out.read().decode(), took["seconds"], took["peak"], took["code"])


def example(name, *arguments):
    """Builds and runs an example of entente-matching; what it printed."""
    done = subprocess.run([built(name), *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"the example {name} ended with {done.returncode}")
    return done.stdout


def built(name, package="entente-matching"):
    """The program of an example of a package."""
    command = ["cargo", "build", "--release", "--locked", "--quiet", "-p", package]
    return _cargo([*command, "--example", name], ROOT)


def cargo_project(folder):
    """The program of a peer's own cargo project."""
    target = HERE.parent / "out" / folder.name
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", str(target)]
    try:
        return _cargo(command, folder)
    except (OSError, RuntimeError) as problem:
        raise Absent(str(problem)) from None


def _cargo(command, folder):
    done = subprocess.run([*command, "--message-format=json"], cwd=folder, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(command)}` ended with {done.returncode}")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [one["executable"] for one in told if one.get("executable")][-1]


def python(requirements):
    """The Python of a peers' environment, made when it is not there."""
    import environment

    try:
        return environment.make(PEERS / requirements) / "python"
    except subprocess.CalledProcessError as problem:
        raise Absent(f"pip cannot install {requirements}: {problem}") from None


def peer(interpreter, script, *arguments, patience=900):
    """Runs a peer's script; the JSON it printed last, with `peak` in MiB."""
    done = run([interpreter, PEERS / script, *arguments], patience=patience)
    told = json.loads(done.out.splitlines()[-1])
    if isinstance(told, dict):
        told.setdefault("peak", done.peak)
    return told


def cargo_peer(name, *install):
    """A peer's program from crates.io, built once into bench/out."""
    home = HERE.parent / "out" / name
    program = home / "bin" / install[0]
    if not program.exists():
        command = ["cargo", "install", "--quiet", "--locked", "--root", str(home), *install[1:]]
        home.parent.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(command, stdout=sys.stderr, cwd=home.parent)
        except OSError as problem:
            raise Absent(str(problem)) from None
        if done.returncode:
            raise Absent(f"`cargo install {' '.join(install[1:])}` ended with {done.returncode}")
    return program


def main(told, patience, command):
    child = os.posix_spawnp(command[0], command, os.environ)
    late = []

    def end(*_):
        late.append(True)
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, float(patience))
    _, status, usage = os.wait4(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    result = {
        "code": os.waitstatus_to_exitcode(status), "late": bool(late),
        "seconds": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024,
    }
    Path(told).write_text(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
