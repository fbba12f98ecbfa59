"""Who sees and does what, over HTTP: less trust never sees more, on any path."""

import indicators
import node
from checks import check, error_body, require, same

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"  # TLP:RED of TLP 2.0
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


@check("§1.6.9")
def red_stays_hidden(world):
    """What is TLP:RED is nowhere for another party: bodies, manifest, versions, dates, pages."""
    stranger, collection = world.other("stranger"), world.fresh()
    seen = [indicators.indicator(world.rng, object_marking_refs=[CLEAR]) for _ in range(4)]
    hidden = [indicators.indicator(world.rng, object_marking_refs=[RED]) for _ in range(4)]
    for one, other in zip(hidden, seen):
        world.publish(collection, one, other)
    world.publish(collection, indicators.indicator(world.rng, object_marking_refs=[RED]))
    wanted = [item["id"] for item in seen]
    for path in (collection.objects, collection.manifest):
        for limit in (1, 3, 100):
            found, more = [], {}
            while True:
                answer = stranger.get(path, {"limit": limit, **more})
                page = answer.json()
                found += [item["id"] for item in page.get("objects", [])]
                if not page.get("more"):
                    break
                require(page.get("objects"), "an empty page that says more: something hides there")
                more = {"next": page["next"]}
            same(found, wanted, f"{path} by {limit}")
        for item in hidden:
            answer = stranger.get(path, {"match[id]": item["id"]})
            require("objects" not in answer.json(), f"{path} shows {item['id']}")
            require("x-taxii-date-added-last" not in answer.headers, "a date shows it")
    missing = stranger.get(collection.object("indicator--" + indicators.uuid4(world.rng)))
    for item in hidden:
        for path in (collection.object(item["id"]), collection.versions(item["id"])):
            error_body(stranger.get(path), 404)
        deleted = stranger.delete(collection.object(item["id"]))
        same(deleted.status, 404, "DELETE of what is hidden")
    told = stranger.get(collection.object(hidden[0]["id"])).json()
    same(sorted(told), sorted(missing.json()), "the error, compared with what does not exist")
    for item in hidden:
        same(world.client.get(collection.object(item["id"])).status, 200, "for its publisher")


@check("§1.6.9")
def anonymous_sees_clear_alone(world):
    """Without credentials only what is TLP:CLEAR in a public collection is seen."""
    collection = world.fresh()
    clear = indicators.indicator(world.rng, object_marking_refs=[CLEAR])
    red = indicators.indicator(world.rng, object_marking_refs=[RED])
    world.publish(collection, clear, red)
    answer = world.anonymous.get(collection.objects)
    if answer.status in (401, 404):
        error_body(answer, answer.status)
        return
    same(answer.status, 200, "status")
    found = [item["id"] for item in answer.json().get("objects", [])]
    require(red["id"] not in found, "RED is shown to everybody")


@check("§5.5, §5.7")
def a_reader_may_not_write(world):
    """A token for reading alone gets 403 with a reason when it publishes or deletes."""
    reader = world.other("reader")
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    same(reader.get(world.shared.object(item["id"])).status, 200, "GET")
    same(reader.get(world.shared.path).json()["can_write"], False, "can_write")
    error_body(reader.post(world.shared.objects, {"objects": [item]}), 403)
    error_body(reader.delete(world.shared.object(item["id"])), 403)


@check("§5.4, §5.7")
def a_writer_may_not_read(world):
    """A token for publishing alone publishes, and gets 403 or 404 when it reads or deletes."""
    writer = world.other("writer")
    item = indicators.indicator(world.rng)
    same(node.publish(writer, world.shared, [item])["success_count"], 1, "published")
    same(writer.get(world.shared.path).json()["can_read"], False, "can_read")
    for path in (world.shared.objects, world.shared.manifest, world.shared.object(item["id"])):
        answer = writer.get(path)
        require(answer.status in (403, 404), f"GET {path}: {answer}")
        error_body(answer, answer.status)
    error_body(writer.delete(world.shared.object(item["id"])), 403)


@check("§5.4, §5.5")
def a_limited_token(world):
    """A token for one collection can do nothing in another."""
    limited = world.other("limited")
    answer = limited.post(world.shared.objects, {"objects": [indicators.indicator(world.rng)]})
    require(answer.status in (403, 404), f"POST: {answer}")
    error_body(answer, answer.status)
    answer = limited.get(world.shared.objects)
    require(answer.status in (403, 404) or "objects" not in answer.json(), f"GET: {answer}")
