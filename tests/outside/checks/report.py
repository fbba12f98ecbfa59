"""The public report: what was checked and how it ended, the same text each time it holds."""

import difflib
import sys
from pathlib import Path

from checks.traps import TRAPS

TITLES = {
    "discovery": "Discovery, API root, collections",
    "reading": "Reading",
    "paging": "Paging",
    "writers": "Reading while others write",
    "filters": "Filters and malformed parameters",
    "versions": "Specification versions and filters together",
    "publishing": "Publishing, versions, deleting",
    "errors": "Media types, credentials, bodies, errors",
    "fidelity": "Objects byte for byte",
    "policy": "Who sees and does what",
    "clients": "What clients in the wild send",
    "restart": "Restarts and proxies",
}

INTRODUCTION = """\
# TAXII 2.1 conformance

What a node promises on the wire, and whether it holds. Every rule below is tried on a running node, over
HTTP, with clients that this project did not write. `tests/outside/taxii_client.py --report` writes this
page, and every change to the node must reproduce it (`--check-report`).

Sections are those of [TAXII 2.1](https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html) unless
another name stands before them. *HTTP* is Python's http.client or a bare socket; *taxii2-client* is the
client of OASIS, on which OpenCTI's connector, XSOAR and MISP's push are built.

To try the same on a server of your own: `entente taxii check URL` (see `--help`), or
`python3 tests/outside/taxii_client.py --url URL --user U --password P`.
"""

CHOICES = """\
## Choices where the standard leaves one

| open question | choice |
|---|---|
| `match[spec_version]` beside `match[version]` (cti-taxii2 issue 114) | the specification version is chosen first |
| no `match[spec_version]` | the newest version of each object, of either specification |
| `next` with other filters than it was given with | goes on from its place |
| `Accept` without a media type of TAXII (section 3.1 allows 406) | served as TAXII 2.1 |
| date headers of an empty list (section 3.2) | left out: there is no date to tell |
| one object of an envelope that is refused | the others are taken, and the status says why |
| more than 10,000 asked for with `limit` | 10,000, and `more` |
| a token | as `Bearer`, as `Token`, or as the password of any user in Basic |
| MISP, which keeps the last segment of an API root alone | the API root is served there, too |
"""


UNTRIED = """\
## Not tried here

- That a status is kept for 24 hours (section 4.3): a restart is tried, a day is not waited for.
- HTTPS (section 8.2.2): a node speaks HTTP and stands behind a proxy that has the certificate.
- TAXII 2.0 and 1.x: a node does not speak them.
"""


def write(path, ended, versions):
    Path(path).write_text(text(ended, versions))
    print(f"wrote {path}", file=sys.stderr)


def differs(path, ended, versions):
    """How the file differs from what it must be, as a diff; empty when it does not."""
    wanted = text(ended, versions).splitlines(keepends=True)
    there = Path(path).read_text().splitlines(keepends=True) if Path(path).exists() else []
    return "".join(difflib.unified_diff(there, wanted, str(path), "what the checks say"))


def text(ended, versions):
    """The report. `ended` is a list of (check, verdict, clients), in the order they were run."""
    verdicts = {function.__name__: verdict for function, verdict, _ in ended}
    held = sum(verdict == "ok" for verdict in verdicts.values())
    parts = [INTRODUCTION, "## Sum\n"]
    parts.append(f"{held} of {len(verdicts)} rules hold; {holding_traps(verdicts)} of {len(TRAPS)} "
                 "traps are avoided.\n")
    parts.append("| client | version |\n|---|---|\n" + "".join(
        f"| {name} | {version} |\n" for name, version in versions))
    parts.append("## Traps\n")
    parts.append("What TAXII servers get wrong, as measured on others, and which rules keep a node "
                 "from it.\n")
    parts.append("| trap | rule | held by | result | seen elsewhere |\n|---|---|---|---|---|\n"
                 + "".join(trap_row(trap, verdicts) for trap in TRAPS))
    for group, title in TITLES.items():
        rows = [row(*one) for one in ended if group_of(one[0]) == group]
        if rows:
            parts.append(f"## {title}\n")
            head = "| check | rule | section | client | result |\n|---|---|---|---|---|\n"
            parts.append(head + "".join(rows))
    return "\n".join([*parts, CHOICES, UNTRIED])


def group_of(function):
    return function.__module__.rsplit(".", 1)[-1]


def row(function, verdict, clients):
    sentence = cell(" ".join(function.__doc__.split()).rstrip("."))
    return f"| `{function.__name__}` | {sentence} | {cell(function.section)} | {cell(clients)} | {word(verdict)} |\n"


def trap_row(trap, verdicts):
    title, rule, names, elsewhere = trap
    missing = [name for name in names if name not in verdicts]
    if missing:
        raise SystemExit(f"checks/traps.py: no check {', '.join(missing)} for {title}")
    verdict = "ok" if all(verdicts[name] == "ok" for name in names) else "not ok"
    by = ", ".join(f"`{name}`" for name in names)
    return f"| {cell(title)} | {cell(rule)} | {by} | {word(verdict)} | {cell(elsewhere) or '–'} |\n"


def holding_traps(verdicts):
    return sum(all(verdicts.get(name) == "ok" for name in names) for _, _, names, _ in TRAPS)


def word(verdict):
    return {"ok": "holds", "not ok": "**broken**", "skipped": "not tried"}[verdict]


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")
