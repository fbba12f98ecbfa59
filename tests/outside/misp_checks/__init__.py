"""What the groups of misp.py share: rules, the TLP markings, and values out of patterns."""

import re
import uuid

MARKINGS = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
# TLP 1, as misp-stix writes it.
LEVELS = {identifier: level for level, identifier in MARKINGS.items()} | {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}


class Rules:
    """Counts what holds and what does not."""

    def __init__(self, group):
        self.group, self.broken = group, 0

    def say(self, rule, holds, why=""):
        if not holds:
            self.broken += 1
        line = f"{'ok    ' if holds else 'not ok'} {self.group}: {rule}"
        print(line if holds else f"{line}\n       {why}", flush=True)

    def same(self, rule, found, wanted):
        """Two sets or values are the same; else the first differences are told."""
        if found == wanted:
            return self.say(rule, True)
        if isinstance(found, (set, frozenset)):
            more, less = sorted(map(repr, found - wanted))[:3], sorted(map(repr, wanted - found))[:3]
            return self.say(rule, False, f"too much: {more}; missing: {less}")
        return self.say(rule, False, f"found {found!r:.600}\n       wanted {wanted!r:.600}")


def level(item):
    """The TLP level of a STIX object; none when it has none."""
    found = [LEVELS[mark] for mark in item.get("object_marking_refs", []) if mark in LEVELS]
    return found[0] if found else None


def constants(pattern):
    """The constants that a STIX pattern compares with, without those that only name a type."""
    found = set()
    for path, text, number in re.findall(
        r"([\w:.'*\[\]-]+) (?:=|ISSUBSET) (?:'((?:[^'\\]|\\.)*)'|(\d+))", pattern
    ):
        if not path.endswith(".type"):
            found.add(re.sub(r"\\(.)", r"\1", text) if not number else number)
    return found


def uuid4(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
