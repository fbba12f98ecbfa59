"""Reading with taxii2-client, and the headers and shapes of lists (sections 3.2 to 3.5, 5.3 to 5.8)."""

import json
import time

from requests.exceptions import HTTPError

import indicators
from checks import (
    TIMESTAMP, Failed, check, gathered, instant, instants, pages_by_next, require, same, short,
    taxii_type,
)
from node import dropped


@check("§5.4–§5.8")
def whole_life(world):
    """taxii2-client publishes, reads, lists versions, deletes, and then finds nothing."""
    collection = world.taxii_collection(world.shared)
    first = indicators.indicator(world.rng)
    second = {**first, "modified": "2026-02-03T04:05:06.789Z", "name": "Renamed"}
    for item in (first, second):
        status = collection.add_objects({"objects": [item]}, wait_for_completion=True)
        same((status.status, status.success_count, status.failure_count), ("complete", 1, 0), "status")
        require(status.successes[0]["id"] == item["id"], f"successes: {status.successes}")
        same(instant(status.successes[0]["version"]), instant(item["modified"]), "version")
    same(collection.get_object(first["id"])["objects"], [second], "get_object")
    listed = collection.get_objects(id=first["id"])
    same(listed["objects"], [second], "get_objects by id")
    everything = collection.get_object(first["id"], version="all")
    same(everything["objects"], [first, second], "both versions")
    manifest = collection.get_manifest(id=first["id"])["objects"]
    same([instant(one["version"]) for one in manifest], [instant(second["modified"])], "manifest")
    versions = collection.object_versions(first["id"])["versions"]
    same(instants(versions), instants([first["modified"], second["modified"]]), "object_versions")
    collection.delete_object(first["id"])
    try:
        found = collection.get_object(first["id"])
    except HTTPError as problem:
        same(problem.response.status_code, 404, "status after delete")
    else:
        raise Failed(f"still there after delete: {short(found)}")
    same(collection.get_objects(id=first["id"]).get("objects", []), [], "get_objects after delete")


@check("§4.3")
def status_again(world):
    """A status can be asked for again, with every count adding up and the time of the request."""
    items = [indicators.indicator(world.rng) for _ in range(3)]
    status = world.publish(world.shared, *items)
    answer = world.client.get(f"{world.api_root}status/{status['id']}/")
    same(answer.status, 200, "status")
    taxii_type(answer)
    same(answer.json(), status, "the status, asked again")
    same(status["total_count"], 3, "total_count")
    counts = [status[name] for name in ("success_count", "failure_count", "pending_count")]
    same(sum(counts), 3, f"the sum of {counts}")
    require("request_timestamp" in status, "no request_timestamp")
    for name in ("failures", "pendings"):
        require(name not in status, f"an empty list is there: {name}")


@check("§4.3.1")
def many_in_one_status(world):
    """An envelope of 1,000 is taken whole and its status lists all of them."""
    raws = indicators.raw_indicators(1000, world.rng.random())
    status = world.publish(world.fresh(), *[raw for _, raw in raws])
    same(status["success_count"], 1000, "success_count")
    listed = {entry["id"] for entry in status.get("successes", [])}
    require(not listed or listed == {stix_id for stix_id, _ in raws}, "successes are not those sent")


@check("§3.2")
def date_added_headers(world):
    """Every list with objects says the first and last date added, in microseconds and UTC."""
    collection = world.fresh()
    items = [indicators.indicator(world.rng) for _ in range(5)]
    world.publish(collection, *items)
    newer = {**items[0], "modified": "2026-02-03T04:05:06.789Z"}
    world.publish(collection, newer)
    added = {
        (entry["id"], instant(entry["version"])): entry["date_added"]
        for entry in world.client.get(collection.manifest, {"match[version]": "all"}).json()["objects"]
    }
    same(len(added), 6, "manifest entries")
    for path, parameters, first, last in (
        (collection.objects, {"limit": 3}, items[1], items[3]),
        (collection.manifest, {"limit": 3}, items[1], items[3]),
        (collection.objects, {}, items[1], newer),
        (collection.object(items[0]["id"]), {}, newer, newer),
        (collection.versions(items[0]["id"]), {}, items[0], newer),
    ):
        answer = world.client.get(path, parameters)
        for end, item in (("first", first), ("last", last)):
            name = f"x-taxii-date-added-{end}"
            value = answer.headers.get(name)
            require(value and TIMESTAMP.match(value), f"{name} of {path}: {value!r}")
            same(value, added[item["id"], instant(item["modified"])], f"{name} of {path}")


@check("§2, §3.7")
def empty_lists(world):
    """A list with nothing in it is an empty object: no empty arrays and no date headers."""
    collection = world.fresh()
    for path in (collection.objects, collection.manifest):
        for parameters in ({}, {"added_after": "2099-01-01T00:00:00Z"}, {"match[type]": "malware"}):
            answer = world.client.get(path, parameters)
            same(answer.status, 200, f"{path} {parameters}")
            require("objects" not in answer.json(), f"an empty list: {short(answer.body)}")
            require(not answer.json().get("more"), "more is true")
            for name in ("x-taxii-date-added-first", "x-taxii-date-added-last"):
                require(name not in answer.headers, f"{name} on an empty list")


@check("§5.3, §3.3")
def manifest_entries(world):
    """A manifest entry has id, date_added, version and media type; dates rise and never repeat."""
    collection = world.fresh()
    raws = indicators.raw_indicators(300, world.rng.random())
    for at in range(0, 300, 100):
        world.publish(collection, *[raw for _, raw in raws[at : at + 100]])
    entries = gathered(pages_by_next(world.client, collection.manifest, 1000))
    same(len(entries), 300, "entries")
    for entry in entries:
        require(TIMESTAMP.match(entry.get("date_added", "")), f"date_added: {entry}")
        same(entry.get("media_type"), "application/stix+json;version=2.1", "media_type")
    wanted = {stix_id: instant(json.loads(raw)["modified"]) for stix_id, raw in raws}
    same({entry["id"]: instant(entry["version"]) for entry in entries}, wanted, "ids, versions")
    dates = [entry["date_added"] for entry in entries]
    require(dates == sorted(set(dates)), "dates added do not rise strictly, also inside one envelope")
    same([entry["id"] for entry in entries], [stix_id for stix_id, _ in raws], "order of sending")


@check("RFC 9112 §9.3")
def keep_alive(world):
    """A connection stays open from one request to the next, errors included."""
    client = world.client
    client.get(world.shared.path)
    before = client.connection.sock
    for path in (world.shared.path, world.shared.objects + "?limit=0", world.api_root + "nothing/"):
        client.get(path)
        require(client.connection is not None, f"closed after {path}")
        require(client.connection.sock is before, f"another connection after {path}")


@check("RFC 9112 §9.3")
def keep_alive_after_a_refusal(world):
    """After a refused body the connection goes on, or the answer said that it closes."""
    client, missing = world.client, "ffffffff-ffff-4fff-bfff-ffffffffffff"
    body = {"objects": [indicators.indicator(world.rng)] * 20}
    for what, path, headers in (
        ("415", world.shared.objects, {"Content-Type": "text/plain"}),
        ("406", world.shared.objects, {"Accept": "application/taxii+json;version=2.0"}),
        ("401", world.shared.objects, {"Authorization": "Bearer nonsense"}),
        ("404", f"{world.api_root}collections/{missing}/objects/", {}),
        ("405", world.shared.manifest, {}),
    ):
        answer = client.post(path, body, headers=headers)
        require(answer.status >= 400, f"{what}: {answer}")
        if client.connection is None:
            continue  # it said so
        time.sleep(0.05)
        require(not dropped(client.connection.sock), f"{what}: closed without having said so")
