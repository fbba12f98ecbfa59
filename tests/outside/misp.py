#!/usr/bin/env python3
"""Checks the MISP surfaces from outside, with PyMISP and misp-stix, which nobody here wrote.

    python3 tests/outside/misp.py
    python3 tests/outside/misp.py --only feed,outputs,events,feeds

`feed`: signals under several markings, read back as a MISP feed by three callers, attribute by
attribute, and converted to STIX again by misp-stix. `outputs`: CSV, lists and Atom against what the
same callers see over TAXII. `events`: events that PyMISP built are imported and compared with what
misp-stix makes of them. `feeds`: a feed that PyMISP's generator wrote, in a folder and on the web.
Prints a line for each rule and exits 1 when one is broken.
"""

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import node  # noqa: E402

GROUPS = ("feed", "outputs", "events", "feeds")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(GROUPS), help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    asked = parser.parse_args()
    environment.enter(HERE / "requirements-misp.txt")
    import misp_checks

    broken = 0
    binary = asked.binary or node.default_binary()
    for group in asked.only.split(","):
        if group not in GROUPS:
            raise SystemExit(f"no group '{group}'; there are {', '.join(GROUPS)}")
        module = __import__(f"misp_checks.{group}", fromlist=["run"])
        with tempfile.TemporaryDirectory(prefix="entente-misp-") as scratch:
            rules = misp_checks.Rules(group)
            try:
                module.run(rules, binary, Path(scratch))
            except Exception:
                traceback.print_exc()
                rules.say("runs to its end", False, "see above")
            broken += rules.broken
    print(f"{'all rules hold' if not broken else f'{broken} rules are broken'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
