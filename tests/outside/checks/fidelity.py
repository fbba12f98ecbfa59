"""Objects come back byte for byte (STIX 2.1 as kept by a server that changes nothing)."""

import indicators
import node
from checks import check, require, same, short


def verbatim(world, collection, stix_id, raw):
    """Published as these bytes, and there as these bytes on every path that shows objects."""
    world.publish(collection, raw)
    for path, parameters in (
        (collection.object(stix_id), {}), (collection.objects, {"match[id]": stix_id}),
        (collection.objects, {"match[id]": stix_id, "match[version]": "all"}),
    ):
        answer = world.client.get(path, parameters)
        same(answer.status, 200, f"GET {path} ({answer})")
        found = node.split_objects(answer.body)
        same(found, [raw], path)


def raw_with(world, extra, when="2026-01-02T03:04:05.678Z", modified=None):
    """(id, bytes) of an indicator with `extra` JSON text at its end."""
    stix_id = f"indicator--{indicators.uuid4(world.rng)}"
    text = (
        f'{{"type":"indicator","spec_version":"2.1","id":"{stix_id}","created":"{when}",'
        f'"modified":"{modified or when}","pattern":"[url:value = \'http://example.org/\']",'
        f'"pattern_type":"stix","valid_from":"{when}"{extra}}}'
    )
    return stix_id, text.encode()


@check("RFC 8259 §6")
def numbers(world):
    """Numbers keep their digits: 1e400, 0.10, -0, 20 digits, 1E5, 5e-324."""
    for number in ("1e400", "-1e400", "0.10", "-0", "-0.0", "12345678901234567890", "1E5", "1e+5",
                   "1.0", "5e-324", "0.1000000000000000055511151231257827", "100000000000000000000000"):
        verbatim(world, world.shared, *raw_with(world, f',"x_number":{number}'))


@check("STIX 2.1 §3.2")
def timestamps(world):
    """Timestamps keep their digits: .120Z stays .120Z, .1200Z stays .1200Z, and finer ones too."""
    for when in ("2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.1200Z",
                 "2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.000Z",
                 "2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456789Z"):
        stix_id, raw = raw_with(world, "", when)
        verbatim(world, world.shared, stix_id, raw)
        versions = world.client.get(world.shared.versions(stix_id)).json()["versions"]
        same(len(versions), 1, "versions")
        found = world.ids(world.shared.objects, **{"match[id]": stix_id, "match[version]": when})
        same(found, [stix_id], f"found by match[version]={when}")
    # Elsewhere than in created and modified (3.2) fewer digits than three are right, too.
    for when in ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.12Z"):
        stix_id, raw = raw_with(world, f',"x_seen":"{when}","valid_until":"2027-{when[5:]}"')
        verbatim(world, world.shared, stix_id, raw)


@check("RFC 8259 §7")
def escapes_and_unicode(world):
    """Escapes stay escapes and letters stay letters: \\u00e9, \\/, pairs, emoji, right-to-left."""
    for text in (r"caf\u00e9", "café", "cafe\u0301", r"\/\b\f\n\r\t\\\"", r"\ud83d\ude00", "😀",
                 "שלום", r"\u0000", r"\u0001\u001f", "\u2028\u2029", r"\uFEFF", "\ufeffx"):
        verbatim(world, world.shared, *raw_with(world, f',"description":"{text}"'))


@check("RFC 8259 §2")
def blanks_and_order(world):
    """Blanks, line breaks and the order of keys inside an object stay as they were sent."""
    stix_id = f"indicator--{indicators.uuid4(world.rng)}"
    raw = (
        '{ "valid_from" : "2026-01-02T03:04:05.678Z",\n\t"pattern_type":"stix" ,\r\n'
        '  "zzz":1, "pattern" : "[ipv4-addr:value = \'198.51.100.1\']",\n\n'
        f'"modified":"2026-01-02T03:04:05.678Z","id":"{stix_id}",'
        '"aaa":[ 1,2 , {"deep" : [ ] } ],"created":"2026-01-02T03:04:05.678Z",'
        '"spec_version":"2.1","type":"indicator"   }'
    ).encode()
    verbatim(world, world.shared, stix_id, raw)


@check("STIX 2.1 §11")
def unknown_properties(world):
    """Properties that nobody defined stay, of every JSON kind, nested and empty."""
    extra = ',"x_all":{"a":null,"b":[true,false,[]],"c":{},"":"empty key","é":"key"},"x_long":"'
    verbatim(world, world.shared, *raw_with(world, extra + "x" * 100_000 + '"'))


@check("§4.2.1")
def long_and_deep(world):
    """An object of 2 MB and one nested 100 deep come back whole."""
    verbatim(world, world.shared, *raw_with(world, ',"description":"' + "lorem " * 350_000 + '"'))
    verbatim(world, world.shared, *raw_with(world, ',"x_deep":' + "[" * 100 + "]" * 100))


@check("STIX 2.1 §3.6")
def versions_keep_their_own_bytes(world):
    """Each version of an object keeps its own bytes."""
    collection = world.fresh()
    stix_id, first = raw_with(world, ',"x_it":1.0')
    second = first.replace(b'"modified":"2026-01-02T03:04:05.678Z"',
                           b'"modified":"2026-01-02T03:04:05.679000Z"').replace(b"1.0", b"1.00")
    world.publish(collection, first)
    world.publish(collection, second)
    answer = world.client.get(collection.object(stix_id), {"match[version]": "all"})
    same(node.split_objects(answer.body), [first, second], "both versions")
    versions = world.client.get(collection.versions(stix_id)).json()["versions"]
    same(len(versions), 2, "versions")


@check("§5.4, §3.3")
def thousands_verbatim(world):
    """A thousand generated objects come back as they were sent, in the order they were sent."""
    collection = world.fresh()
    raws = [raw for _, raw in indicators.raw_indicators(1000, world.rng.random())]
    world.publish(collection, *raws)
    found, after = [], {}
    while True:
        answer = world.client.get(collection.objects, {"limit": 173, **after})
        found += node.split_objects(answer.body)
        page = answer.json()
        if not page.get("more"):
            break
        after = {"next": page["next"]}
    require(found == raws, lambda: f"{len(found)} came; the first that differs: "
            + short(next((pair for pair in zip(raws, found) if pair[0] != pair[1]), "none")))
