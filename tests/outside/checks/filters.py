"""match[...] filters and malformed parameters (section 3.4)."""

import indicators
from checks import check, error_body, instant, instants, require, same


def three_versions(world):
    """An object with three versions and a neighbour with one, in a collection of their own."""
    collection = world.fresh()
    item = indicators.indicator(world.rng, created="2026-01-01T00:00:00.000Z")
    times = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.120Z", "2026-01-03T00:00:00.123456Z"]
    for modified in times:
        world.publish(collection, {**item, "modified": modified})
    other = indicators.indicator(world.rng)
    world.publish(collection, other)
    return collection, item, times, other


@check("§3.4.1")
def match_version(world):
    """match[version] takes first, last, all and instants; without it only the last version comes."""
    collection, item, times, other = three_versions(world)

    def got(path, **parameters):
        found = world.client.get(path, parameters)
        same(found.status, 200, f"{parameters} ({found})")
        objects = found.json().get("objects", [])
        key = "version" if path == collection.manifest else "modified"
        return sorted(instant(o[key]) for o in objects if o["id"] == item["id"])

    first, middle, last = times
    for path in (collection.objects, collection.manifest, collection.object(item["id"])):
        same(got(path), [instant(last)], f"{path} without match[version]")
        for value, wanted in (
            ("last", [last]), ("first", [first]), ("all", times), ("first,last", [first, last]),
            (middle, [middle]), (f"{first},{middle}", [first, middle]),
            (f"first,{middle},last", times), ("2020-01-01T00:00:00.000Z", []),
        ):
            same(got(path, **{"match[version]": value}), instants(wanted), f"{path} {value}")
    newest = world.ids(collection.objects, **{"match[version]": "last"})
    same(newest, [item["id"], other["id"]], "last, of the collection")


@check("§3.4.1")
def equal_instants(world):
    """In match[version] equal instants match whatever their digits."""
    collection, item, times, _ = three_versions(world)
    for value, wanted in (
        ("2026-01-01T00:00:00Z", times[0]), ("2026-01-01T00:00:00.000000Z", times[0]),
        ("2026-01-02T00:00:00.12Z", times[1]), ("2026-01-02T00:00:00.120000Z", times[1]),
        ("2026-01-03T00:00:00.1234560Z", times[2]),
    ):
        answer = world.client.get(collection.object(item["id"]), {"match[version]": value})
        found = [o["modified"] for o in answer.json().get("objects", [])]
        same(found, [wanted], f"match[version]={value}")


@check("§3.4, §3.4.1")
def match_id_and_type(world):
    """match[id] and match[type] take lists, are or-ed within and and-ed with one another."""
    collection = world.fresh()
    made = [indicators.indicator(world.rng) for _ in range(3)]
    malware = {
        "type": "malware", "spec_version": "2.1", "id": f"malware--{indicators.uuid4(world.rng)}",
        "created": "2026-01-02T03:04:05.000Z", "modified": "2026-01-02T03:04:05.000Z",
        "name": "Sample", "is_family": False,
    }
    world.publish(collection, *made, malware)
    ids = [item["id"] for item in made]
    missing = "indicator--ffffffff-ffff-4fff-bfff-ffffffffffff"
    for path in (collection.objects, collection.manifest):
        for parameters, wanted in (
            ({"match[id]": ids[1]}, [ids[1]]),
            ({"match[id]": f"{ids[2]},{missing},{ids[0]}"}, [ids[0], ids[2]]),
            ({"match[id]": missing}, []),
            ({"match[type]": "malware"}, [malware["id"]]),
            ({"match[type]": "malware,indicator"}, [*ids, malware["id"]]),
            ({"match[type]": "campaign"}, []),
            ({"match[type]": "malware", "match[id]": ids[0]}, []),
            ({"match[type]": "indicator", "match[id]": f"{ids[0]},{malware['id']}"}, [ids[0]]),
            ({"match[type]": "indicator", "limit": 2}, ids[:2]),
        ):
            same(world.ids(path, **parameters), wanted, f"{path} {parameters}")


@check("§3.4.1")
def match_spec_version(world):
    """match[spec_version] gives only those versions of STIX that it lists."""
    collection = world.fresh()
    item = indicators.indicator(world.rng)
    world.publish(collection, item)
    for path in (collection.objects, collection.manifest):
        for value, wanted in (("2.1", [item["id"]]), ("2.0,2.1", [item["id"]]), ("2.0", [])):
            same(world.ids(path, **{"match[spec_version]": value}), wanted, f"{path} {value}")
    versions = world.client.get(collection.versions(item["id"]), {"match[spec_version]": "2.1"})
    same(instants(versions.json().get("versions", [])), [instant(item["modified"])], "versions")


@check("§3.4")
def malformed_limit(world):
    """A limit that is zero, negative, a word, a fraction or empty is 400 and named, everywhere."""
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    for path in (world.shared.objects, world.shared.manifest, world.shared.object(item["id"]),
                 world.shared.versions(item["id"])):
        for value in ("0", "-1", "abc", "1.5", "", "+", "1e3", "0x10"):
            error_body(world.client.get(path, {"limit": value}), 400, "limit")


@check("§3.4")
def malformed_added_after(world):
    """An added_after that is no timestamp, or one out of the calendar, is 400 and named."""
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    for path in (world.shared.objects, world.shared.manifest, world.shared.versions(item["id"])):
        for value in ("yesterday", "", "2026-01-01", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                      "2026-01-01T00:00:00", "2026-01-01T00:00:00Z,2026-01-02T00:00:00Z", "1700000000"):
            error_body(world.client.get(path, {"added_after": value}), 400, "added_after")


@check("§3.4")
def repeated_parameters(world):
    """A parameter that comes twice is 400 and named."""
    for name, value in (("limit", "5"), ("added_after", "2026-01-01T00:00:00Z"),
                        ("match[type]", "indicator"), ("match[version]", "last"),
                        ("match[id]", "indicator--ffffffff-ffff-4fff-bfff-ffffffffffff")):
        for path in (world.shared.objects, world.shared.manifest):
            answer = world.client.get(path, [(name, value), (name, value)])
            error_body(answer, 400, name)


@check("§3.4.1")
def malformed_match_version(world):
    """match[version] with words of its own, with `all` beside others, or twice the same is 400."""
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    for path in (world.shared.objects, world.shared.manifest, world.shared.object(item["id"])):
        for value in ("all,last", "first,all", "newest", "", "2026-01-01", "last,last",
                      "2026-01-01T00:00:00.000Z,all"):
            answer = world.client.get(path, {"match[version]": value})
            same(answer.status, 400, f"{path} match[version]={value!r}: status")
            error_body(answer, 400, "match[version]")


@check("RFC 3986 §2.2")
def escaped_brackets(world):
    """match%5Btype%5D is match[type]: clients escape the brackets or do not."""
    world.publish(world.shared, indicators.indicator(world.rng))
    plain = world.client.get(world.shared.objects + "?match[type]=indicator&limit=1")
    escaped = world.client.get(world.shared.objects + "?match%5Btype%5D=indicator&limit=1")
    none = world.client.get(world.shared.objects + "?match%5Btype%5D=x-never-sent&limit=1")
    same(escaped.json(), plain.json(), "the page")
    require(not none.json().get("objects"), "the escaped filter was ignored")


@check("§3.4")
def unknown_parameters(world):
    """Parameters that nobody defined are ignored (section 3.4 lets a server do so)."""
    answer = world.client.get(world.shared.objects, {"limit": 1, "x_trace": "1", "match[colour]": "red"})
    same(answer.status, 200, "status")
