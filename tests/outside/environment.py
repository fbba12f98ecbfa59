"""Virtual environments that the scripts make for themselves, kept in bench/out (git-ignored)."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / "bench" / "out" / "venv"


def make(requirements):
    """The bin folder of an environment with what `requirements` (a pip file) lists.

    Made once per content of the file; a half-made one is made again."""
    wanted = Path(requirements)
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    home = CACHE / f"{wanted.stem}-{digest}"
    done = home / "complete"
    if not done.exists():
        print(f"making {home}", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        pip += ["--disable-pip-version-check", "-r", str(wanted)]
        subprocess.run(pip, check=True)
        done.touch()
    return home / "bin"


def enter(requirements):
    """Continues this very command inside the environment, unless it already runs there."""
    python = make(requirements) / "python"
    if Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
