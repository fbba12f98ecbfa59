"""Specification versions, versions of what has none, and filters together (section 3.4.1)."""

import json
import uuid

import indicators
from checks import (
    check, error_body, gathered, instant, instants, pages_by_date, pages_by_next, require, same,
)

FIRST = "2026-01-01T00:00:00.000Z"
SECOND = "2026-01-02T00:00:00.000Z"
THIRD = "2026-01-03T00:00:00.000Z"
SCO_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9


def two_specifications(world):
    """An identity whose first two versions are STIX 2.0 and whose third is STIX 2.1."""
    collection = world.fresh()
    base = {"type": "identity", "id": f"identity--{indicators.uuid4(world.rng)}",
            "created": FIRST, "name": "A", "identity_class": "organization"}
    old = [{**base, "modified": when} for when in (FIRST, SECOND)]
    new = {**base, "modified": THIRD, "spec_version": "2.1"}
    world.publish(collection, *old)
    world.publish(collection, new)
    return collection, old, new


@check("§3.4.1; cti-taxii2 issue 114")
def spec_version_before_version(world):
    """match[spec_version] chooses first, match[version] among what it leaves: the last of STIX 2.0."""
    collection, old, new = two_specifications(world)

    def got(**parameters):
        answer = world.client.get(collection.objects, parameters)
        same(answer.status, 200, f"{parameters} ({answer})")
        return answer.json().get("objects", [])

    same(got(), [new], "without filters")
    same(got(**{"match[spec_version]": "2.1"}), [new], "2.1")
    same(got(**{"match[spec_version]": "2.0"}), [old[1]], "the last of 2.0")
    same(got(**{"match[spec_version]": "2.0", "match[version]": "first"}), [old[0]], "first of 2.0")
    same(got(**{"match[spec_version]": "2.0", "match[version]": "all"}), old, "all of 2.0")
    same(got(**{"match[spec_version]": "2.0,2.1", "match[version]": "all"}), [*old, new], "all")
    manifest = world.client.get(collection.manifest, {"match[version]": "all"}).json()["objects"]
    kinds = [entry["media_type"].rsplit("=", 1)[-1] for entry in manifest]
    same(kinds, ["2.0", "2.0", "2.1"], "media types in the manifest")


@check("§5.7")
def delete_by_spec_version(world):
    """DELETE with match[spec_version] takes that specification's versions alone."""
    collection, _, new = two_specifications(world)
    path = collection.object(new["id"])
    answer = world.client.delete(path, {"match[spec_version]": "2.0", "match[version]": "all"})
    same(answer.status, 200, f"DELETE ({answer})")
    told = world.client.get(collection.versions(new["id"])).json()
    same(instants(told["versions"]), [instant(THIRD)], "versions left")
    same(world.client.get(path).json()["objects"], [new], "it")


@check("§3.4.1")
def versions_of_what_has_none(world):
    """An observable, which has no version of its own, is its own first, last and only one."""
    collection = world.fresh()
    value = f"{world.rng.getrandbits(40):x}.example.org"
    name = json.dumps({"value": value}, separators=(",", ":"))
    item = {"type": "domain-name", "id": f"domain-name--{uuid.uuid5(SCO_NAMESPACE, name)}",
            "value": value}
    status = world.publish(collection, item)
    version = status["successes"][0]["version"]
    path = collection.object(item["id"])
    for wanted in ("first", "last", "all", version):
        found = world.client.get(path, {"match[version]": wanted})
        same(found.json().get("objects"), [item], f"match[version]={wanted}")
    entry = world.client.get(collection.manifest).json()["objects"][0]
    same(instant(entry["version"]), instant(version), "version in the manifest and in the status")
    told = world.client.get(collection.versions(item["id"])).json()["versions"]
    same(instants(told), [instant(version)], "versions")
    before = world.client.get(path, {"added_after": "2001-01-01T00:00:00.000000Z"})
    same(before.json().get("objects"), [item], "added after long ago")
    after = world.client.get(path, {"added_after": entry["date_added"]})
    same((after.status, after.json()), (200, {}), "added after its own date")


@check("§3.4")
def filters_together(world):
    """match[type], match[version], match[spec_version] and added_after hold together."""
    collection, old, new = two_specifications(world)
    other = indicators.indicator(world.rng)
    world.publish(collection, other)
    entries = world.client.get(collection.manifest, {"match[version]": "all"}).json()["objects"]
    dates = [entry["date_added"] for entry in entries]
    for parameters, wanted in (
        ({"match[type]": "identity", "match[version]": "all"}, [*old, new]),
        ({"match[type]": "identity", "match[version]": "first,last"}, [old[0], new]),
        ({"match[type]": "identity", "added_after": dates[1]}, [new]),
        ({"match[type]": "identity,indicator", "match[spec_version]": "2.1"}, [new, other]),
        ({"match[type]": "indicator", "match[id]": new["id"]}, None),
        ({"match[spec_version]": "2.0", "added_after": dates[0], "match[version]": "all"}, [old[1]]),
    ):
        answer = world.client.get(collection.objects, parameters)
        same(answer.status, 200, f"{parameters} ({answer})")
        same(answer.json().get("objects"), wanted, f"{parameters}")


@check("§3.4.1")
def types_of_the_standard(world):
    """match[type] with any type of STIX 2.1 is no error, also when there is none of it."""
    for kind in ("attack-pattern", "campaign", "course-of-action", "grouping", "identity",
                 "incident", "indicator", "infrastructure", "intrusion-set", "location", "malware",
                 "malware-analysis", "note", "observed-data", "opinion", "report", "threat-actor",
                 "tool", "vulnerability", "relationship", "sighting", "artifact",
                 "autonomous-system", "directory", "domain-name", "email-addr", "email-message",
                 "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex", "network-traffic",
                 "process", "software", "url", "user-account", "windows-registry-key",
                 "x509-certificate", "marking-definition", "language-content",
                 "extension-definition"):
        for path in (world.shared.objects, world.shared.manifest):
            answer = world.client.get(path, {"match[type]": kind, "limit": 1})
            same(answer.status, 200, f"{path} {kind} ({answer})")


@check("§3.4")
def malformed_spec_version(world):
    """A match[spec_version] that is no version, or comes twice, is 400 and named."""
    for path in (world.shared.objects, world.shared.manifest):
        for value in ("3.0", "latest", "2", "2.1;2.0"):
            error_body(world.client.get(path, {"match[spec_version]": value}), 400, "spec_version")
        twice = [("match[spec_version]", "2.1"), ("match[spec_version]", "2.0")]
        error_body(world.client.get(path, twice), 400, "spec_version")
        token = [("next", "AAAAAAAAAAA"), ("next", "AAAAAAAAAAA")]
        error_body(world.client.get(path, token), 400, "next")


@check("§3.4, §3.5")
def next_on_every_list(world):
    """next is a text, gives the same page again, wins over a date and sees additions, on each list."""
    collection = world.fresh()
    item = indicators.indicator(world.rng, created=FIRST, modified=FIRST)
    for second in range(12):
        world.publish(collection, {**item, "modified": f"2026-02-01T00:00:{second:02d}.000Z"})
    every = {"match[version]": "all"}
    for path, key, more in ((collection.objects, "objects", every),
                            (collection.manifest, "objects", every),
                            (collection.object(item["id"]), "objects", every),
                            (collection.versions(item["id"]), "versions", {})):
        first = world.client.get(path, {"limit": 5, **more}).json()
        require(isinstance(first.get("next"), str), f"{path}: next is {first.get('next')!r}")
        asked = {"limit": 5, "next": first["next"], **more}
        second = world.client.get(path, asked).json()
        same(world.client.get(path, asked).json(), second, f"{path}: again")
        dated = {**asked, "added_after": "2099-01-01T00:00:00.000000Z"}
        same(world.client.get(path, dated).json(), second, f"{path}: beside a date")
        for pages in (pages_by_next, pages_by_date):
            whole = gathered(pages(world.client, path, 5, **more), key)
            same(len(whole), 12, f"{path}: {pages.__name__}")
    token = world.client.get(collection.manifest, {"limit": 10, **every}).json()["next"]
    world.publish(collection, {**item, "modified": "2026-02-02T00:00:00.000Z"})
    rest = world.client.get(collection.manifest, {"next": token, **every}).json()["objects"]
    same([instant(entry["version"]) for entry in rest][-1], instant("2026-02-02T00:00:00.000Z"),
         "the later one on the last page of the manifest")


@check("§3.4, §3.5")
def next_with_other_filters(world):
    """next with another filter goes on from its place, or is 400: never a server error."""
    collection, _, new = two_specifications(world)
    first = world.client.get(collection.objects, {"limit": 1, "match[version]": "all"}).json()
    asked = {"limit": 5, "next": first["next"], "match[version]": "last"}
    answer = world.client.get(collection.objects, asked)
    if answer.status != 400:
        same(answer.status, 200, f"status ({answer})")
        same(answer.json()["objects"], [new], "from its place on")
