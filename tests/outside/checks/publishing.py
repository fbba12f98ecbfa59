"""What is taken, what is refused and why; versions, revoking, deleting (sections 5.5, 5.7; STIX 3)."""

import json
import uuid

import indicators
import node
from checks import (
    check, error_body, failure_of, instant, instants, require, same, short, taxii_type,
)

WHEN = "2026-01-02T03:04:05.678Z"
LATER = "2026-02-03T04:05:06.789Z"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"  # TLP:CLEAR of TLP 2.0
SCO_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9


def sdo(world, kind, **properties):
    made = {
        "type": kind, "spec_version": "2.1", "id": f"{kind}--{indicators.uuid4(world.rng)}",
        "created": WHEN, "modified": WHEN,
    }
    return {**made, **properties}


def observable(kind, contributing, **more):
    """A SCO with the identifier that its contributing properties give."""
    name = json.dumps(contributing, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return {"type": kind, "id": f"{kind}--{uuid.uuid5(SCO_NAMESPACE, name)}", **contributing, **more}


def taken(world, collection, item):
    """Published, and read back as it was sent."""
    world.publish(collection, item)
    answer = world.client.get(collection.object(item["id"]))
    same(answer.status, 200, f"GET {item['id']} ({answer})")
    same(answer.json()["objects"], [item], item["type"])


@check("STIX 2.1 §4–§7")
def every_type(world):
    """Objects of every STIX 2.1 type are taken and come back."""
    a, b = sdo(world, "identity", name="A"), sdo(world, "malware", is_family=False, name="M")
    ref = a["id"]
    for item in (
        a, b,
        sdo(world, "attack-pattern", name="Spear phishing"),
        sdo(world, "campaign", name="Campaign"),
        sdo(world, "course-of-action", name="Block it"),
        sdo(world, "grouping", context="suspicious-activity", object_refs=[ref]),
        sdo(world, "incident", name="Incident"),
        sdo(world, "infrastructure", name="C2"),
        sdo(world, "intrusion-set", name="Set"),
        sdo(world, "location", region="western-europe"),
        sdo(world, "malware-analysis", product="scanner", result="malicious"),
        sdo(world, "note", content="A note", object_refs=[ref]),
        sdo(world, "observed-data", first_observed=WHEN, last_observed=WHEN, number_observed=1,
            object_refs=["ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"]),
        sdo(world, "opinion", opinion="agree", object_refs=[ref]),
        sdo(world, "report", name="Report", published=WHEN, object_refs=[ref]),
        sdo(world, "threat-actor", name="Actor"),
        sdo(world, "tool", name="Tool"),
        sdo(world, "vulnerability", name="CVE-2026-0001"),
        sdo(world, "relationship", relationship_type="related-to", source_ref=ref,
            target_ref=b["id"]),
        sdo(world, "sighting", sighting_of_ref=b["id"]),
        sdo(world, "language-content", object_ref=ref, contents={"fr": {"name": "Un"}}),
        sdo(world, "extension-definition", name="X", schema="https://example.org/x.json",
            version="1.0.0", extension_types=["property-extension"], created_by_ref=ref),
    ):
        taken(world, world.shared, item)


@check("STIX 2.1 §3.2, §6")
def observables_without_spec_version(world):
    """SCOs are taken without spec_version, created or modified, and served the same way."""
    address = f"198.51.100.{world.rng.randrange(256)}"
    name = f"{world.rng.getrandbits(40):x}.example.org"
    for item in (
        observable("ipv4-addr", {"value": address}),
        observable("domain-name", {"value": name}),
        observable("url", {"value": f"https://{name}/x"}),
        observable("email-addr", {"value": f"a@{name}"}),
        {"type": "process", "id": f"process--{indicators.uuid4(world.rng)}", "pid": 4711},
    ):
        taken(world, world.shared, item)
        manifest = world.client.get(world.shared.manifest, {"match[id]": item["id"]}).json()
        require(manifest["objects"][0].get("version"), f"no version in the manifest: {manifest}")
        answer = world.client.get(world.shared.versions(item["id"]))
        same(len(answer.json()["versions"]), 1, "versions")
        again = world.publish(world.shared, item)
        same(again["success_count"], 1, "success_count when sent again")


@check("§4.3.1; STIX 2.1 §7.2.1")
def marking_definitions(world):
    """Marking definitions, which have no modified, are taken; their version is created."""
    item = {
        "type": "marking-definition", "spec_version": "2.1",
        "id": f"marking-definition--{indicators.uuid4(world.rng)}", "created": WHEN,
        "definition_type": "statement", "definition": {"statement": "Copyright 2026"},
    }
    status = world.publish(world.shared, item)
    for entry in status.get("successes", []):
        same(instant(entry["version"]), instant(WHEN), "version in the status")
    same(world.client.get(world.shared.object(item["id"])).json()["objects"], [item], "it")
    same(world.client.get(world.shared.versions(item["id"])).json()["versions"][0][:23], WHEN[:23], "version")


@check("STIX 2.1 §7.3, §11")
def custom_things(world):
    """Custom types, custom properties and unknown extensions are taken and kept."""
    extension = f"extension-definition--{indicators.uuid4(world.rng)}"
    for item in (
        sdo(world, "x-acme-thing", x_acme_level=3, anything={"nested": [1, None, {"a": True}]}),
        sdo(world, "identity", name="A", x_score=0.5, x_list=[0], x_empty={}),
        sdo(world, "identity", name="A", extensions={
            extension: {"extension_type": "property-extension", "rank": 5}}),
        sdo(world, "new-type", name="N", extensions={extension: {"extension_type": "new-sdo"}}),
    ):
        taken(world, world.shared, item)


@check("§4.3.1, §5.5")
def one_bad_among_good(world):
    """One bad object does not stop the others; the status names it and says why."""
    good = [indicators.indicator(world.rng) for _ in range(3)]
    for bad in (
        indicators.indicator(world.rng, pattern=None),
        indicators.indicator(world.rng, created="not a time"),
        indicators.indicator(world.rng, id=f"malware--{indicators.uuid4(world.rng)}"),
        indicators.indicator(world.rng, id="indicator--42"),
        indicators.indicator(world.rng, modified=None),
        indicators.indicator(world.rng, created=LATER, modified=WHEN),
    ):
        fresh = [{**item, "id": f"indicator--{indicators.uuid4(world.rng)}"} for item in good]
        status = world.submit(world.shared, fresh[0], bad, fresh[1], fresh[2])
        counts = (status["total_count"], status["success_count"], status["failure_count"])
        same(counts, (4, 3, 1), f"total, successes, failures ({short(status)})")
        failure_of(status, bad["id"])
        wanted = ",".join(item["id"] for item in [*fresh, bad])
        found = world.ids(world.shared.objects, **{"match[id]": wanted})
        same(sorted(found), sorted(item["id"] for item in fresh), "what was taken")


@check("§4.3.1")
def things_that_are_no_objects(world):
    """Numbers, lists and objects without an id or type fail one by one and are counted."""
    good = indicators.indicator(world.rng)
    for bad in (b"1", b"null", b'"text"', b"[]", b"{}", b'{"id":"x"}', b'{"type":"indicator"}'):
        item = {**good, "id": f"indicator--{indicators.uuid4(world.rng)}"}
        status = world.submit(world.shared, bad, item)
        counts = (status["total_count"], status["success_count"], status["failure_count"])
        same(counts, (2, 1, 1), f"total, successes, failures for {bad}")
        require(status["failures"][0].get("message"), f"no reason: {short(status['failures'])}")


@check("§5.5")
def the_same_again(world):
    """The same content again is a success and adds nothing: no entry, no new date."""
    collection = world.fresh()
    item = indicators.indicator(world.rng)
    world.publish(collection, item)
    before = world.client.get(collection.manifest, {"match[version]": "all"}).json()
    status = world.publish(collection, item, item)
    same((status["total_count"], status["success_count"]), (2, 2), "total and successes")
    after = world.client.get(collection.manifest, {"match[version]": "all"}).json()
    same(after, before, "the manifest")


@check("§5.5")
def twice_in_one_envelope(world):
    """The same object twice in one envelope is one object; two contents are a success and a failure."""
    collection = world.fresh()
    item = indicators.indicator(world.rng)
    world.publish(collection, item, item)
    same(len(world.ids(collection.manifest, **{"match[version]": "all"})), 1, "manifest entries")
    other = indicators.indicator(world.rng)
    status = world.submit(collection, other, {**other, "name": "Another name"})
    same((status["success_count"], status["failure_count"]), (1, 1), "successes and failures")
    failure_of(status, other["id"])


@check("STIX 2.1 §3.6")
def same_version_other_content(world):
    """The same id and modified with other content is a failure with a reason; the first stays."""
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    for changed in ({**item, "name": "Other"}, {**item, "x_new": 1},
                    {**item, "modified": item["modified"][:-1] + "000Z"}):
        failure_of(world.submit(world.shared, changed), item["id"])
    same(world.client.get(world.shared.object(item["id"])).json()["objects"], [item], "it")


@check("§3.4.1")
def older_versions(world):
    """A version older than the newest is taken, and the newest stays the one that is served."""
    item = indicators.indicator(world.rng, created=WHEN, modified=LATER)
    older = {**item, "modified": WHEN, "name": "Older"}
    world.publish(world.shared, item)
    world.publish(world.shared, older)
    same(world.client.get(world.shared.object(item["id"])).json()["objects"], [item], "the last")
    first = world.client.get(world.shared.object(item["id"]), {"match[version]": "first"})
    same(first.json()["objects"], [older], "the first")


@check("STIX 2.1 §3.6")
def nothing_after_revoke(world):
    """After an object is revoked no further version is taken, and the reason is said (STIX 3.6)."""
    item = indicators.indicator(world.rng, created=WHEN, modified=WHEN)
    revoked = {**item, "modified": LATER, "revoked": True}
    world.publish(world.shared, item)
    world.publish(world.shared, revoked)
    same(world.client.get(world.shared.object(item["id"])).json()["objects"], [revoked], "it")
    for after in ({**item, "modified": "2026-03-04T05:06:07.890Z"},
                  {**revoked, "modified": "2026-03-04T05:06:07.891Z"}):
        failure_of(world.submit(world.shared, after), item["id"])
    same(world.client.get(world.shared.object(item["id"])).json()["objects"], [revoked], "it, after")


@check("STIX 2.1 §3.6")
def only_the_creator_versions(world):
    """A version that names another creator is a failure with a reason (STIX 3.6)."""
    mine, theirs = (f"identity--{indicators.uuid4(world.rng)}" for _ in range(2))
    item = indicators.indicator(world.rng, created=WHEN, modified=WHEN, created_by_ref=mine)
    world.publish(world.shared, item)
    for creator in (theirs, None):  # None: the property left out
        changed = {**item, "modified": LATER, "created_by_ref": creator}
        changed = {name: value for name, value in changed.items() if value is not None}
        failure_of(world.submit(world.shared, changed), item["id"])


@check("STIX 2.1 §3.6")
def created_does_not_move(world):
    """A version that changes `created` is a failure with a reason (STIX 3.2)."""
    item = indicators.indicator(world.rng, created=WHEN, modified=WHEN)
    world.publish(world.shared, item)
    moved = {**item, "modified": LATER, "created": "2026-01-01T00:00:00.000Z"}
    failure_of(world.submit(world.shared, moved), item["id"])


@check("STIX 2.1 §3.6; §5.7")
def another_party_does_not_version(world):
    """Another party can neither version, revoke nor delete what is not its own."""
    stranger = world.other("stranger")
    item = indicators.indicator(world.rng, created=WHEN, modified=WHEN, object_marking_refs=[CLEAR])
    world.publish(world.shared, item)
    for changed in ({**item, "modified": LATER, "name": "Mine now"},
                    {**item, "modified": LATER, "revoked": True}):
        failure_of(node.publish(stranger, world.shared, [changed]), item["id"])
    refused = stranger.delete(world.shared.object(item["id"]))
    require(refused.status in (403, 404), f"DELETE by another party: {refused}")
    error_body(refused, refused.status)
    same(world.client.get(world.shared.object(item["id"])).json()["objects"], [item], "it")


@check("§5.7")
def delete(world):
    """DELETE answers 200 and then the object is nowhere: 404 by id, out of every list."""
    items = [indicators.indicator(world.rng) for _ in range(3)]
    collection = world.fresh()
    world.publish(collection, *items)
    gone = items[1]["id"]
    answer = world.client.delete(collection.object(gone))
    same(answer.status, 200, f"DELETE ({answer})")
    taxii_type(answer)
    error_body(world.client.get(collection.object(gone)), 404)
    error_body(world.client.get(collection.versions(gone)), 404)
    for path in (collection.objects, collection.manifest):
        rest = [items[0]["id"], items[2]["id"]]
        same(world.ids(path), rest, path)
        same(world.ids(path, **{"match[version]": "all"}), rest, f"{path}, all versions")
        same(world.ids(path, **{"match[id]": gone}), [], f"{path} by id")
    error_body(world.client.delete(collection.object(gone)), 404)


@check("§5.7")
def delete_a_version(world):
    """DELETE with match[version] removes those versions alone."""
    collection = world.fresh()
    item = indicators.indicator(world.rng, created=WHEN, modified=WHEN)
    times = [WHEN, LATER, "2026-03-04T05:06:07.890Z"]
    for modified in times:
        world.publish(collection, {**item, "modified": modified})

    def versions():
        told = world.client.get(collection.versions(item["id"])).json()
        return instants(told.get("versions", []))

    one = world.client.delete(collection.object(item["id"]), {"match[version]": LATER})
    same(one.status, 200, f"DELETE of one version ({one})")
    same(versions(), instants([times[0], times[2]]), "versions")
    gone = world.client.get(collection.object(item["id"]), {"match[version]": LATER})
    require(gone.status == 404 or not gone.json().get("objects"), f"still there: {short(gone.body)}")
    same(world.client.delete(collection.object(item["id"]), {"match[version]": "last"}).status, 200,
         "DELETE of the last")
    same(versions(), [instant(times[0])], "versions after the last went")
    now = world.client.get(collection.object(item["id"])).json()["objects"]
    same([found["modified"] for found in now], [WHEN], "the last version now")
    bad = world.client.delete(collection.object(item["id"]), {"match[version]": "newest"})
    error_body(bad, 400, "match[version]")


@check("§2, §5.5")
def an_empty_envelope(world):
    """An envelope without objects is either refused or taken as nothing, never a server error."""
    for body in (b"{}", b'{"objects":[]}'):
        answer = world.client.post(world.shared.objects, body)
        if answer.status == 202:
            same(answer.json()["total_count"], 0, "total_count")
        else:
            require(answer.status in (400, 422), f"{body}: {answer}")
            error_body(answer, answer.status)


@check("§4.3")
def the_status_is_the_publishers(world):
    """Another party does not learn what somebody's status says: it is 404."""
    stranger = world.other("stranger")
    status = world.publish(world.shared, indicators.indicator(world.rng))
    error_body(stranger.get(f"{world.api_root}status/{status['id']}/"), 404)


@check("§4.3.1, §2")
def lists_in_a_status(world):
    """A status lists each object once, in success or failure; lists without one are left out."""
    good = [indicators.indicator(world.rng) for _ in range(3)]
    bad = [indicators.indicator(world.rng, pattern=None) for _ in range(2)]
    for items in (good, bad, [*good[:1], *bad]):
        status = world.submit(world.shared, *items)
        named = [entry["id"] for part in ("successes", "failures", "pendings")
                 for entry in status.get(part, [])]
        same(sorted(named), sorted(item["id"] for item in items), "ids in the status")
        for part, count in (("successes", "success_count"), ("failures", "failure_count"),
                            ("pendings", "pending_count")):
            same(len(status.get(part, [])), status[count], part)
            require(status.get(part) != [], f"an empty list is there: {part}")
            for entry in status.get(part, []):
                require(entry.get("version"), f"no version: {entry}")


@check("§5.5")
def where_nothing_can_be_published(world):
    """An envelope for a collection that is not there is 404; an object without an envelope is not taken."""
    item = indicators.indicator(world.rng)
    missing = f"{world.api_root}collections/ffffffff-ffff-4fff-bfff-ffffffffffff/objects/"
    error_body(world.client.post(missing, {"objects": [item]}), 404)
    answer = world.client.post(world.shared.objects, item)
    if answer.status == 202:
        same(answer.json()["total_count"], 0, "total_count")
    else:
        require(answer.status in (400, 422), f"a bare object: {answer}")
        error_body(answer, answer.status)
    same(world.ids(world.shared.objects, **{"match[id]": item["id"]}), [], "taken")


@check("§5.7")
def after_a_delete(world):
    """After DELETE the object does not come to who pages on, and can be published again."""
    collection = world.fresh()
    items = [indicators.indicator(world.rng) for _ in range(4)]
    world.publish(collection, *items)
    first = world.client.get(collection.objects, {"limit": 1})
    same(world.client.delete(collection.object(items[2]["id"])).status, 200, "DELETE")
    wanted = [items[1]["id"], items[3]["id"]]
    token = first.json()["next"]
    same(world.ids(collection.objects, next=token), wanted, "by next")
    last = first.headers["x-taxii-date-added-last"]
    same(world.ids(collection.objects, added_after=last), wanted, "by added_after")
    status = world.submit(collection, items[2])
    same(status["total_count"], 1, "total_count")
    if status["success_count"]:
        same(world.ids(collection.objects)[-1], items[2]["id"], "published again, at the end")
    else:
        failure_of(status, items[2]["id"])
