"""A collection as a MISP feed: what each caller reads, attribute by attribute."""

import base64
import json
import time

import node
from misp_checks import MARKINGS, constants, level, signals
from pymisp import MISPEvent
from pymisp.abstract import describe_types

TYPES = describe_types["category_type_mappings"]


class Reader:
    """A feed as MISP reads it: an address without a slash, and a header or none."""

    def __init__(self, running, collection, authorization=None):
        self.client = node.Client(running.url, authorization)
        self.base = f"/misp/{collection}"

    def get(self, file, **headers):
        accept = "application/json, text/plain, text/*"
        return self.client.get(f"{self.base}/{file}", accept=accept, headers=headers)

    def manifest(self):
        answer = self.get("manifest.json")
        assert answer.status == 200, answer
        return answer.json()

    def events(self):
        """{uuid: (line of the manifest, event as PyMISP loads it, raw)}"""
        found = {}
        for uuid, line in self.manifest().items():
            answer = self.get(f"{uuid}.json")
            assert answer.status == 200, answer
            event = MISPEvent()
            event.load(answer.json())
            found[uuid] = (line, event, answer.json()["Event"])
        return found


def attributes(events):
    return [one for _, event, _ in events.values() for one in event.attributes]


def run(rules, binary, scratch):
    running = node.Node(binary, scratch / "data")
    running.init()
    ours, theirs = running.signed_parties(2)
    running.create_collection("shared", "--public", "--marking", "amber")
    tokens = running.create_token(ours), running.create_token(theirs)
    running.start()
    try:
        publisher = node.Client(running.url, node.basic(tokens[0]))
        root = node.discover(publisher, running.url)
        collection = node.collections(publisher, root)[0]
        rng = signals.seeded()
        made = [one for marking in MARKINGS for one in signals.of_each_kind(rng, marking)]
        status = node.publish(publisher, collection, [item for item, _, _ in made])
        rules.same("every signal is taken", status.get("failures", []), [])
        readers = {
            "publisher": Reader(running, "shared", "Bearer " + tokens[0]),
            "member": Reader(running, "shared", node.basic(tokens[1])),
            "anyone": Reader(running, "shared"),
        }
        sees = {
            "publisher": set(MARKINGS),
            "member": {"clear", "green", "amber"},
            "anyone": {"clear"},
        }
        for name, reader in readers.items():
            seen = [one for one in made if level(one[0]) in sees[name]]
            attribute_by_attribute(rules, name, reader, seen)
            over_taxii(rules, name, reader, collection, running)
        generator_format(rules, readers["publisher"])
        back_to_stix(rules, readers["publisher"], made)
        refusals(rules, running, tokens[0])
        changes(rules, publisher, collection, readers, made)
    finally:
        running.stop()


def attribute_by_attribute(rules, name, reader, seen):
    events = reader.events()
    by_object = {}
    for attribute in attributes(events):
        if attribute.type != "comment":
            by_object.setdefault(attribute.uuid, []).append(attribute)
    found = {(a.type, a.value) for all_of in by_object.values() for a in all_of}
    wanted, firsts = set(), {}
    for item, values, to_ids in seen:
        if values is None:
            values = {("mac-address", item["value"])}
        wanted |= {(kind, value) for kind, value in values}
        if values:
            firsts[item["id"].split("--")[1]] = (item, values, to_ids)
    rules.same(f"{name}: the values are those that it may see", found, wanted)
    total = sum(1 if values is None else len(values) for _, values, _ in seen)
    count = sum(map(len, by_object.values()))
    rules.same(f"{name}: as many attributes as values", count, total)
    wrong = []
    for uuid, (item, values, to_ids) in firsts.items():
        for attribute in by_object.get(uuid, []):
            tags = {tag.name for tag in attribute.tags}
            if (attribute.type, attribute.value) not in values:
                wrong.append((uuid, "value", attribute.value))
            if attribute.to_ids != to_ids:
                wrong.append((uuid, "to_ids", item.get("pattern")))
            if f"tlp:{level(item)}" not in tags or len([t for t in tags if t[:4] == "tlp:"]) != 1:
                wrong.append((uuid, "tags", tags))
            if attribute.type not in TYPES[attribute.category]:
                wrong.append((uuid, "category", attribute.category))
            if item["type"] == "indicator":
                comment = f"{item['name']}: {item['description']}"
                if attribute.comment != comment:
                    wrong.append((uuid, "comment", attribute.comment))
                if not {"phishing", 'entente:harm="election-interference"'} <= tags:
                    wrong.append((uuid, "labels", tags))
                if attribute.first_seen.isoformat()[:19] != item["valid_from"][:19]:
                    wrong.append((uuid, "first_seen", attribute.first_seen))
        if uuid not in by_object:
            wrong.append((uuid, "has no attribute of its own uuid", item))
    rules.same(f"{name}: type, to_ids, tags, category, comment and times of each", wrong[:3], [])
    strictest = max((list(MARKINGS).index(level(item)) for item, _, _ in seen))
    told = {tag["name"] for line, _, _ in events.values() for tag in line["Tag"]}
    rules.same(f"{name}: the event carries its strictest marking", told,
               {"tlp:" + list(MARKINGS)[strictest]})
    untold = [a.value for a in attributes(events) if a.type == "comment"]
    count = sum(values == set() for _, values, _ in seen)
    rules.same(f"{name}: what MISP cannot say is counted in the event",
               [text.split(" ")[0] for text in untold], [str(count)])
    hashes = reader.get("hashes.csv").body.decode().splitlines()
    expected = {f"{digest},{uuid}" for uuid, (_, event, _) in events.items()
                for a in event.attributes if a.type != "comment" for digest in a.hash_values("md5")}
    rules.same(f"{name}: hashes.csv is what PyMISP computes", set(hashes), expected)


def over_taxii(rules, name, reader, collection, running):
    """The feed tells of exactly the indicators that the same caller finds over TAXII."""
    client = node.Client(running.url, reader.client.authorization)
    answer = client.get(collection.objects, {"match[type]": "indicator", "limit": 10000})
    wanted = {item["id"].split("--")[1] for item in answer.json().get("objects", [])}
    found = {a.uuid for a in attributes(reader.events())}
    rules.same(f"{name}: the feed has every indicator that TAXII has", wanted - found, set())


def generator_format(rules, reader):
    """What PyMISP's feed generator would write for these events has the same shape."""
    wrong = []
    for uuid, (line, event, raw) in reader.events().items():
        own = event.manifest[uuid]
        if set(own) != set(line) or line["timestamp"] != own["timestamp"]:
            wrong.append((line, own))
        if (line["date"], line["info"], line["analysis"], line["threat_level_id"]) != (
            own["date"], own["info"], int(own["analysis"]), int(own["threat_level_id"])
        ):
            wrong.append((line, own))
        feed = event.to_feed()["Event"]
        if {a["uuid"] for a in feed["Attribute"]} != {a["uuid"] for a in raw["Attribute"]}:
            wrong.append("attributes")
        uuids = [a["uuid"] for a in raw["Attribute"]]
        if len(set(uuids)) != len(uuids):
            wrong.append("an attribute's uuid stands twice")
        if not event.published or event.Orgc.name != line["Orgc"]["name"]:
            wrong.append("published or Orgc")
    rules.same("manifest and events are as PyMISP's feed generator writes them", wrong[:2], [])
    again = reader.manifest()
    rules.same("reading twice gives the same events", set(again), set(reader.manifest()))


def back_to_stix(rules, reader, made):
    """misp-stix makes indicators of the same ids and values of the feed's events."""
    from misp_stix_converter import MISPtoSTIX21Parser

    found, errors = {}, []
    for _, event, _ in reader.events().values():
        parser = MISPtoSTIX21Parser()
        parser.parse_misp_event(event)
        errors += list(parser.errors.values())
        for item in parser.stix_objects:
            item = json.loads(item.serialize())
            found[item["id"]] = item
    rules.same("misp-stix converts every event", errors, [])
    wrong = []
    for item, values, to_ids in made:
        if item["type"] != "indicator" or not to_ids or not values:
            continue
        other = found.get(item["id"])
        if next(iter(values))[0] == "stix2-pattern":
            # misp-stix knows no indicator for this type; it keeps the attribute as it is.
            other = found.get("x-misp-attribute--" + item["id"].split("--")[1])
            if other is None or other["x_misp_value"] != item["pattern"]:
                wrong.append(("whole pattern", item["pattern"], other))
        elif other is None:
            wrong.append(("missing", item["pattern"]))
        elif len(values) == 1 and item["pattern_type"] == "stix":
            if not constants(other["pattern"]) >= constants(item["pattern"]) - {"0"} and \
                    other["pattern"] != item["pattern"]:
                wrong.append((other["pattern"], item["pattern"]))
        if other is not None and level(other) != level(item):
            wrong.append((level(other), level(item), item["pattern"]))
    rules.same("misp-stix gives the same ids, values and markings back", wrong[:3], [])


def refusals(rules, running, token):
    wrong = base64.b64encode(b"x:ent_wrong_token").decode()
    for what, answer, status in [
        ("a collection that is nowhere", Reader(running, "nowhere").get("manifest.json"), 401),
        ("the same for a member",
         Reader(running, "nowhere", node.basic(token)).get("manifest.json"), 404),
        ("an unknown token", Reader(running, "shared", "Basic " + wrong).get("manifest.json"), 401),
        ("an event that is nowhere", Reader(running, "shared", node.basic(token)).get(
            "00000000-0000-4000-8000-000000000000.json"), 404),
        ("another file", Reader(running, "shared", node.basic(token)).get("x.txt"), 404),
    ]:
        rules.same(f"{what} is {status}", answer.status, status)
    slash = Reader(running, "shared")
    slash.base += "/"
    rules.same("an address that ends in a slash works in MISP", slash.get("manifest.json").status,
               200)
    first = Reader(running, "shared").get("manifest.json")
    again = Reader(running, "shared").get("manifest.json", **{"If-None-Match": first.headers["etag"]})
    rules.say("an entity tag saves the second reading", again.status in (200, 304), again)


def changes(rules, publisher, collection, readers, made):
    """A version, a revocation and a withdrawal move the timestamp of the event they are in, and of
    no other caller's than those who see them."""

    def state():
        lines = {name: reader.manifest() for name, reader in readers.items()}
        return {name: {uuid: line["timestamp"] for uuid, line in found.items()}
                for name, found in lines.items()}

    def settle():
        # Changes of the last few seconds are dated back, so that nothing is missed.
        time.sleep(6.2)
        return state()

    amber = [item for item, values, _ in made if level(item) == "amber" and values
             and item["type"] == "indicator"]
    before = settle()
    changed = dict(amber[0], modified="2026-01-02T00:00:00.000Z", name="Another name")
    revoked = dict(amber[1], modified="2026-01-02T00:00:00.000Z", revoked=True)
    node.publish(publisher, collection, [changed, revoked])
    after = settle()
    rules.same("no event is made or lost by a new version",
               {n: set(found) for n, found in after.items()},
               {n: set(found) for n, found in before.items()})
    moved = {name for name in before if before[name] != after[name]}
    rules.same("who sees the change finds a new timestamp", moved, {"publisher", "member"})
    shown = {a.uuid: a for a in attributes(readers["member"].events())}
    one, other = (shown.get(item["id"].split("--")[1]) for item in (changed, revoked))
    rules.say("the new version is shown in place", one is not None and
              one.comment.startswith("Another name"), one)
    rules.say("what is revoked is marked deleted", other is None or other.deleted, other)
    raw = [a for _, _, event in readers["member"].events().values() for a in event["Attribute"]]
    gone = next(a for a in raw if a["uuid"] == revoked["id"].split("--")[1])
    rules.same("and stays in the event for MISP to delete", gone["deleted"], True)
    publisher.delete(collection.object(amber[2]["id"]))
    last = settle()
    moved = {name for name in after if after[name] != last[name]}
    rules.same("a withdrawal moves the timestamp too", moved, {"publisher", "member"})
    raw = [a["uuid"] for _, _, event in readers["publisher"].events().values()
           for a in event["Attribute"]]
    rules.say("what is withdrawn is in no event", amber[2]["id"].split("--")[1] not in raw, raw)
