#!/usr/bin/env python3
"""Loads MISP's real warning lists into a node and compares its answers with pymispwarninglists'.

    python3 tests/outside/warning_lists.py
    python3 tests/outside/warning_lists.py --values 20

The lists come with the package. A list that is about nothing a node matches, or is empty, may be
refused; every other has to load. Then values of the lists, and values beside them, are asked about:
whatever pymispwarninglists finds on a list the node has to find there; and the node finds no more
than pymispwarninglists does on the same lists written canonically (lower case, no `*.`, IPv4
addresses mapped to IPv6 as IPv4). Exits 1 when one differs.
"""

import argparse
import ipaddress
import json
import random
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402

environment.enter(HERE / "warning_lists.txt")

import pymispwarninglists  # noqa: E402

import node  # noqa: E402

# The attribute types of MISP that a kind of value may have.
ATTRIBUTES = {
    "address": {"ip-src", "ip-dst", "ip-src|port", "ip-dst|port", "domain|ip"},
    "domain": {"domain", "hostname", "hostname|port", "domain|ip"},
    "url": {"url", "uri", "link"},
}
MATCHED = set().union(*ATTRIBUTES.values()) | {"md5", "sha1", "sha256", "sha512"}
# Lists above this are loaded, and not asked about: the package walks them value by value.
LARGEST = 20_000


def main():
    asked = arguments()
    random.seed(asked.seed)
    home = Path(pymispwarninglists.__file__).parent
    files = sorted(home.glob("data/misp-warninglists/lists/*/list.json"))
    lists = [json.loads(file.read_text()) for file in files]
    with tempfile.TemporaryDirectory(prefix="entente-lists-") as folder:
        running = node.Node(asked.binary or node.default_binary(), Path(folder) / "data")
        running.init()
        wrong = load(running, files, lists)
        token = running.create_token("operator", "read,administer")
        running.start()
        try:
            client = node.Client(running.url, "Bearer " + token)
            wrong += compare(client, lists, asked.values)
        finally:
            running.stop()
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--values", type=int, default=6, help="how many of each list")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def load(running, files, lists):
    """Loads all lists at once; how many were refused that should not have been."""
    arguments = ["warninglist", "add", "--keep-going", "--json", "--data", str(running.data)]
    done = running.run(*arguments, *map(str, files), check=False)
    loaded = {json.loads(line)["name"] for line in done.stdout.splitlines()}
    wrong = [one["name"] for one in lists if is_for_nodes(one) and one["name"] not in loaded]
    print(f"{len(loaded)} of {len(lists)} lists are loaded; {len(wrong)} should be and are not")
    for name in wrong:
        print("  not loaded:", name)
    return len(wrong)


def is_for_nodes(one):
    attributes = set(one.get("matching_attributes", []))
    return bool(one["list"]) and (not attributes or attributes & MATCHED)


def compare(client, lists, count):
    """Asks about values; how many answers differ."""
    small = [one for one in lists if len(one["list"]) <= LARGEST and is_for_nodes(one)]
    theirs, written = package(small), package([canonical(one) for one in small])
    names = {one["name"] for one in small}
    values = sorted(value for value in samples(small, count) if kind(value))
    asked, wrong = 0, 0
    for value in values:
        answer = client.get("/api/v1/warninglists", {"value": value}, accept="application/json")
        if answer.status == 400:  # a public suffix, which no signal may be about
            continue
        asked += 1
        ours = {one["name"] for one in answer.json()["lists"]} & names
        least, most = found(theirs, value), found(written, value)
        if not least <= ours <= least | most:
            wrong += 1
            print(f"  {value}: missing {sorted(least - ours)}, invented {sorted(ours - least - most)}")
    print(f"{asked} values asked about, {wrong} answers differ")
    if asked < 100:
        print("  too few to say anything")
        return 1
    return wrong


def package(lists):
    return pymispwarninglists.WarningLists(slow_search=True, lists=lists)


def found(package, value):
    """The names of the package's lists that hold a value of its kind."""
    about = ATTRIBUTES[kind(value)]
    holding = package.search(value) or []
    return {
        one.name for one in holding
        if not one.matching_attributes or set(one.matching_attributes) & about
    }


def canonical(one):
    """The same list, its values written as a node reads them."""
    values = [plain(value) for value in one["list"] if isinstance(value, str)]
    return {**one, "list": values}


def plain(value):
    try:
        mapped = getattr(ipaddress.ip_address(value.split("/")[0]), "ipv4_mapped", None)
    except ValueError:
        return value if value.startswith("/") else re.sub(r"^(\*\.|\.)|\.$", "", value.strip().lower())
    if mapped is None:
        return value
    prefix = int(value.split("/")[1]) - 96 if "/" in value else 32
    return f"{mapped}/{prefix}"


def kind(value):
    try:
        address = ipaddress.ip_address(value)
        return None if getattr(address, "ipv4_mapped", None) else "address"
    except ValueError:
        pass
    if re.match(r"https?://[a-z0-9._-]+/", value):
        return "url"
    return "domain" if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", value) else None


def samples(lists, count):
    """Values of the lists, below them and beside them."""
    for one in lists:
        values = [value for value in one["list"] if isinstance(value, str)]
        for value in random.sample(values, min(count, len(values))):
            if one["type"] == "cidr":
                network = ipaddress.ip_network(value.strip(), strict=False)
                yield str(network[random.randrange(min(network.num_addresses, 2**60))])
                if int(network[0]):
                    yield str(network[0] - 1)
                continue
            bare = plain(value)
            yield from [bare, "sub." + bare, "x" + bare, f"http://www.{bare}/a"]


if __name__ == "__main__":
    sys.exit(main())
