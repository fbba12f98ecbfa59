"""Events that PyMISP built, imported, and compared with what misp-stix makes of them."""

import copy
import json

import node
from misp_checks import LEVELS, constants, level, signals
from pymisp import MISPEvent, MISPObject, MISPOrganisation

ORGC = {"name": "Example CERT", "uuid": "8c6af861-7b20-41ef-9b59-6344fd872a8f"}
OBSERVED = ("relationship", "report", "grouping", "identity", "marking-definition")

# Types that are imported, each with a value. The digests are generated.
VALUES = {
    "ip-src": "198.51.100.7", "ip-dst": "2001:db8::7", "domain": "evil.example.net",
    "hostname": "www.evil.example.net", "url": "https://evil.example.net/it's?a=b",
    "uri": "https://evil.example.net/uri", "link": "https://blog.example.net/report",
    "email": "a@evil.example.net", "email-src": "b@evil.example.net",
    "email-dst": "c@victim.example.net", "email-subject": "You won", "filename": "C:\\x\\it's.exe",
    "mutex": "Global\\m", "mac-address": "d2:fb:49:24:37:18", "AS": "AS64500",
    "regkey": "HKLM\\Software\\x", "user-agent": "Mozilla/5.0 (bad)",
    "domain|ip": "two.example.net|198.51.100.9", "ip-dst|port": "198.51.100.10|443",
    "ip-src|port": "198.51.100.11|22", "hostname|port": "c2.example.net|8080",
    "regkey|value": "HKLM\\Software\\y|data", "email-body": "Dear friend",
    "email-message-id": "<1@evil.example.net>",
}
DIGESTS = {"md5": 128, "sha1": 160, "sha224": 224, "sha256": 256, "sha384": 384, "sha512": 512,
           "sha3-256": 256, "sha3-512": 512, "filename|md5": 128, "filename|sha1": 160,
           "filename|sha256": 256, "x509-fingerprint-sha1": 160, "x509-fingerprint-sha256": 256,
           "malware-sample": 128}
NO_OBSERVABLE = {"user-agent"}
NOT_TAKEN = {"text": "some text", "comment": "a comment", "btc": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
             "whois-registrar": "Registrar"}


def values(rng):
    made = dict(VALUES)
    for kind, bits in DIGESTS.items():
        digest = f"%0{bits // 4}x" % rng.getrandbits(bits)
        is_pair = "|" in kind or kind == "malware-sample"
        made[kind] = f"{kind[:3]}.exe|{digest}" if is_pair else digest
    return made


def new_event(rng, info, tag=None):
    event = MISPEvent()
    event.info, event.date, event.published = info, "2026-02-03", True
    event.timestamp = 1770200000
    event.Orgc = MISPOrganisation()
    event.Orgc.from_dict(**ORGC)
    if tag:
        event.add_tag(tag)
    return event


def with_attributes(rng):
    """Every type twice, to be detected and not; and what is not taken."""
    event = new_event(rng, "Attributes of many types", "tlp:green")
    event.add_tag("campaign of spring")
    levels = ["tlp:clear", "tlp:amber", "tlp:amber+strict", "tlp:red", None]
    for to_ids in (True, False):
        for kind, value in values(rng).items():
            if not to_ids and kind in NO_OBSERVABLE:
                continue
            attribute = event.add_attribute(kind, value, to_ids=to_ids, comment=f"about {kind}",
                                            timestamp=1770200000 + rng.getrandbits(10))
            tag = rng.choice(levels)
            if tag:
                attribute.add_tag(tag)
            attribute.add_tag("label of its own")
            if to_ids and rng.random() < 0.5:
                attribute.first_seen = "2026-01-05T10:00:00+01:00"
                attribute.last_seen = "2027-01-05T10:00:00+01:00"
    event.add_attribute("yara", "rule x { condition: true }", to_ids=True)
    event.add_attribute("sigma", "title: x", to_ids=True)
    event.add_attribute("vulnerability", "CVE-2021-44228", to_ids=False)
    event.add_attribute("stix2-pattern", "[domain-name:value LIKE '%.example']", to_ids=True)
    gone = event.add_attribute("ip-dst", "198.51.100.200", to_ids=True)
    gone.deleted = True
    for kind, value in NOT_TAKEN.items():
        event.add_attribute(kind, value, to_ids=False)
    return event


def with_objects(rng):
    event = new_event(rng, "Objects and galaxies", "tlp:amber")
    digest = lambda bits: f"%0{bits // 4}x" % rng.getrandbits(bits)
    made = {
        "file": [("filename", "a.exe"), ("md5", digest(128)), ("sha256", digest(256)),
                 ("size-in-bytes", "12345")],
        "domain-ip": [("domain", "three.example.net"), ("ip", "198.51.100.30")],
        "network-connection": [("ip-src", "198.51.100.31"), ("ip-dst", "198.51.100.32"),
                               ("dst-port", "443")],
        "ip-port": [("ip", "198.51.100.33"), ("dst-port", "8443")],
        "email": [("from", "d@evil.example.net"), ("subject", "Invoice")],
        "url": [("url", "https://evil.example.net/o"), ("domain", "evil.example.net")],
        "x509": [("x509-fingerprint-sha256", digest(256)), ("issuer", "CN=x"),
                 ("serial-number", "01")],
        "registry-key": [("key", "HKLM\\Software\\z")],
        # One that is not known: its attributes are taken one by one.
        "asn": [("asn", "AS64501"), ("description", "a network")],
    }
    for name, pairs in made.items():
        thing = MISPObject(name)
        for relation, value in pairs:
            attribute = thing.add_attribute(relation, value)
            if relation in ("asn", "key", "subject"):
                attribute.to_ids = True
        event.add_object(thing)
    seen = MISPObject("file")
    for relation, value in (("filename", "doc.pdf"), ("sha1", digest(160))):
        seen.add_attribute(relation, value, to_ids=False)
    event.add_object(seen)
    raw = json.loads(event.to_json())
    raw["Attribute"] = [{
        "uuid": "5ba3fdd8-1a9e-4a6e-8a52-4a7b2a0f0001", "type": "ip-dst", "to_ids": True,
        "category": "Network activity", "value": "198.51.100.99", "timestamp": "1770200001",
        "Tag": [{"name": 'misp-galaxy:mitre-attack-pattern="Phishing - T1566"'}],
        "Galaxy": [{"type": "mitre-attack-pattern", "name": "Attack Pattern",
                    "uuid": "c4e851fa-775f-11e7-8163-b774922098cd", "description": "ATT&CK",
                    "GalaxyCluster": [{
                        "uuid": "a62a8db3-f23a-4d8f-afd6-9dbc77e7813b", "type": "mitre-attack-pattern",
                        "value": "Phishing - T1566", "description": "Messages that lure",
                        "tag_name": 'misp-galaxy:mitre-attack-pattern="Phishing - T1566"',
                        "meta": {"external_id": ["T1566"]}}]}],
        "Sighting": [{"uuid": "5ba3fdd8-1a9e-4a6e-8a52-4a7b2a0f0002", "type": "0",
                      "date_sighting": "1770200100", "Organisation": ORGC},
                     {"uuid": "5ba3fdd8-1a9e-4a6e-8a52-4a7b2a0f0003", "type": "1",
                      "date_sighting": "1770200200", "Organisation": ORGC}],
    }]
    raw["Galaxy"] = [{"type": "threat-actor", "name": "Threat Actor",
                      "uuid": "698774c7-8022-42c4-917f-8d6e4f06ada3", "description": "actors",
                      "GalaxyCluster": [{
                          "uuid": "68391641-859f-4a9a-9a1e-3e5cf71ec376", "type": "threat-actor",
                          "value": "Example Bear", "description": "An actor",
                          "tag_name": 'misp-galaxy:threat-actor="Example Bear"',
                          "meta": {"synonyms": ["EB"]}}]}]
    raw["Tag"].append({"name": 'misp-galaxy:threat-actor="Example Bear"'})
    loaded = MISPEvent()
    loaded.load({"Event": copy.deepcopy(raw)})
    return loaded, raw


def run(rules, binary, scratch):
    running = node.Node(binary, scratch / "data")
    running.init()
    rng = signals.seeded(10)
    attributes = with_attributes(rng)
    objects, raw = with_objects(rng)
    whole = scratch / "events.json"
    wrapped = [{"Event": json.loads(attributes.to_json())}, {"Event": raw}]
    whole.write_text(json.dumps({"response": wrapped}, indent=1))
    arguments = ["import", "--data", str(running.data), "--collection", "misp", "--marking", "green"]
    done = running.run(*arguments, str(whole), check=False)
    refused = [line for line in done.stderr.splitlines() if line.startswith(str(whole))]
    told = {line.split("attribute ")[1].split(" ")[0] for line in refused if "attribute " in line}
    wanted = {a.uuid for a in attributes.attributes if a.type in NOT_TAKEN}
    wanted |= {a.uuid for o in objects.objects if o.name == "asn" for a in o.attributes
               if a.object_relation == "description"}
    rules.same("what is not taken is told by its uuid", told, wanted)
    rules.same("and nothing else is refused", len(refused), len(wanted))
    rules.same("refusals are exit code 3", done.returncode, 3)
    lines = {int(line[len(str(whole)) + 1:].split(":")[0]) for line in refused}
    text = whole.read_text().splitlines()
    rules.say("each with its line", all('{' in text[line - 1] for line in lines), lines)
    again = running.run(*arguments, str(whole), "--keep-going", "--json")
    rules.same("importing twice takes nothing new", json.loads(again.stdout)["taken"], 0)
    exported = running.run("export", "--data", str(running.data), "--collection", "misp",
                           "--format", "ndjson").stdout
    ours = {item["id"]: item for item in map(json.loads, exported.splitlines())}
    against_misp_stix(rules, "attributes", attributes, ours, attribute_units(attributes))
    against_misp_stix(rules, "objects", objects, ours, object_units(objects))
    whole_event(rules, attributes, objects, ours)
    validity(rules, attributes, ours)
    matching(rules, running, attributes)


def attribute_units(event):
    """{uuid: (to_ids, TLP or that of the event)} of what is taken alone."""
    of_event = next(tag.name[4:] for tag in event.tags if tag.name.startswith("tlp:"))
    units = {}
    for attribute in event.attributes:
        if attribute.type in NOT_TAKEN or attribute.get("deleted"):
            continue
        tags = [tag.name[4:] for tag in attribute.tags if tag.name.startswith("tlp:")]
        units[attribute.uuid] = (attribute.to_ids, (tags or [of_event])[0], attribute.type)
    return units


def object_units(event):
    units = {}
    for thing in event.objects:
        if thing.name != "asn":
            units[thing.uuid] = (any(a.to_ids for a in thing.attributes), "amber", thing.name)
    return units


def said(item):
    """Every value that an object says, as a set of texts."""
    found = set()
    if item["type"] == "indicator":
        return constants(item["pattern"]) if item["pattern_type"] == "stix" else {item["pattern"]}
    for name, value in item.items():
        if name in ("type", "id", "spec_version", "created", "modified", "labels", "protocols") or \
                name.endswith(("_ref", "_refs")) or name in ("is_multipart", "extensions"):
            continue
        if isinstance(value, dict):
            found |= set(map(str, value.values()))
        elif isinstance(value, list):
            found |= {str(part[key]) for part in value if isinstance(part, dict) for key in part
                      if key in ("data", "external_id")}
        else:
            found.add(str(value))
    return found


def against_misp_stix(rules, what, event, ours, units):
    from misp_stix_converter import MISPtoSTIX21Parser

    parser = MISPtoSTIX21Parser()
    parser.parse_misp_event(event)
    theirs = {}
    for item in parser.stix_objects:
        item = json.loads(item.serialize())
        theirs.setdefault(item["id"].split("--")[1], []).append(item)
    kinds, values_differ, levels = [], [], []
    for uuid, (to_ids, wanted_level, kind) in units.items():
        mine = [item for item in ours.values() if item["id"].endswith(uuid)]
        if not mine:
            kinds.append((kind, uuid, "is missing"))
            continue
        is_indicator = any(item["type"] == "indicator" for item in mine)
        other = theirs.get(uuid, [])
        if is_indicator != (to_ids and kind != "vulnerability"):
            kinds.append((kind, uuid, [item["type"] for item in mine]))
        if kind != "vulnerability" and is_indicator != any(i["type"] == "indicator" for i in other) \
                and kind not in ("stix2-pattern", "network-socket"):
            kinds.append((kind, uuid, [item["type"] for item in other]))
        if any(level(item) != wanted_level for item in mine):
            levels.append((kind, uuid, [level(item) for item in mine], wanted_level))
        own_tags = [level(item) for item in other if level(item)]
        if own_tags and set(own_tags) != {wanted_level}:
            levels.append((kind, uuid, own_tags, wanted_level))
        difference = explained(kind, is_indicator, mine, other)
        if difference:
            values_differ.append((kind, uuid, difference))
    rules.same(f"{what}: indicator or observable by to_ids, as misp-stix has it", kinds[:4], [])
    rules.same(f"{what}: the values are those of misp-stix", values_differ[:4], [])
    rules.same(f"{what}: the marking is the attribute's, else the event's", levels[:4], [])


def explained(kind, is_indicator, mine, other):
    """What differs in values and is not in the tables of docs/misp.md."""
    pick = lambda items: set().union(*(said(item) for item in items
                                       if (item["type"] == "indicator") == is_indicator
                                       and item["type"] not in OBSERVED + ("observed-data",)))
    here, there = pick(mine), pick(other)
    texts = " ".join(str(item.get("name", "")) + str(item.get("description", "")) for item in mine)
    # A file's name beside a digest, and what is not marked for detection, are told in words.
    missing = {value for value in there - here if value not in texts}
    missing -= {"application/zip", "mime-type-indicated", "infected"}  # of a malware sample's archive
    if kind in ("yara", "sigma"):
        missing = {value for value in missing if value.strip("[]") not in here}
        here = {f"[{value}]" for value in here}
    if kind in ("domain|ip", "ip-dst|port", "ip-src|port", "hostname|port", "regkey|value") and \
            not is_indicator:
        missing -= {value for value in missing if value in ("443", "22", "8080", "data")}
        # The address of a pair is an observable of its own, with an id of its own.
        missing -= {"198.51.100.9"}
    if kind in ("email-src", "email-dst", "email-body", "email-message-id", "stix2-pattern"):
        missing -= {"False"}
    more = {value for value in here - there if there}
    return (missing, more) if missing or more else None


def whole_event(rules, attributes, objects, ours):
    report = ours.get(f"report--{attributes.uuid}")
    rules.say("a published event becomes a report", report is not None, list(ours)[:3])
    rules.same("with its name, its labels and who made it",
               (report["name"], report["labels"], report["created_by_ref"], level(report)),
               (attributes.info, ["campaign of spring"], "identity--" + ORGC["uuid"], "green"))
    dangling = [ref for ref in report["object_refs"] if ref not in ours]
    rules.same("that holds together what is here", dangling, [])
    own = ours.get("identity--" + ORGC["uuid"], {})
    rules.same("Orgc is an identity", own.get("name"), ORGC["name"])
    technique = "attack-pattern--a62a8db3-f23a-4d8f-afd6-9dbc77e7813b"
    rules.same("a cluster is an object of its own uuid",
               (ours[technique]["name"], ours[technique]["external_references"][0]["external_id"]),
               ("Phishing", "T1566"))
    indicator = "indicator--5ba3fdd8-1a9e-4a6e-8a52-4a7b2a0f0001"
    links = [(item["relationship_type"], item["source_ref"], item["target_ref"])
             for item in ours.values() if item["type"] == "relationship"]
    rules.same("that its attribute indicates", links, [("indicates", indicator, technique)])
    rules.say("and its tag is no label", not any("galaxy" in label for item in ours.values()
                                                 for label in item.get("labels", [])), "")
    second = ours[f"report--{objects.uuid}"]
    actor = "threat-actor--68391641-859f-4a9a-9a1e-3e5cf71ec376"
    rules.same("a cluster of the event is in its report",
               (actor in second["object_refs"], ours[actor]["aliases"]), (True, ["EB"]))
    sighting = ours.get("sighting--5ba3fdd8-1a9e-4a6e-8a52-4a7b2a0f0002", {})
    rules.same("a sighting is a sighting", sighting.get("sighting_of_ref"), indicator)
    opinion = ours.get("opinion--5ba3fdd8-1a9e-4a6e-8a52-4a7b2a0f0003", {})
    rules.same("a false positive is an opinion", opinion.get("opinion"), "strongly-disagree")
    unknown = set(LEVELS) & {ref for item in ours.values()
                             for ref in item.get("object_marking_refs", [])}
    rules.say("markings are those of TLP 2.0", len(unknown) >= 4, unknown)


def validity(rules, attributes, ours):
    wrong = []
    for attribute in attributes.attributes:
        item = ours.get(f"indicator--{attribute.uuid}")
        if item is None or not attribute.get("first_seen"):
            continue
        if (item["valid_from"][:19], item.get("valid_until", "")[:19]) != (
                "2026-01-05T09:00:00", "2027-01-05T09:00:00"):
            wrong.append(item)
    rules.same("first_seen and last_seen bound an indicator", wrong[:2], [])


def matching(rules, running, attributes):
    """Values that are marked for detection are found in a log, composites too."""
    log = running.data.parent / "log"
    wanted = {}
    for attribute in attributes.attributes:
        if attribute.to_ids and not attribute.get("deleted") and attribute.type in (
                "ip-src", "ip-dst", "domain", "hostname", "email-src", "md5", "sha256",
                "filename|md5", "filename|sha256", "domain|ip", "malware-sample"):
            for value in attribute.value.split("|"):
                if not value.endswith(".exe"):
                    wanted[value] = attribute.type
    log.write_text("".join(f"line with {value} in it\n" for value in wanted))
    done = running.run("match", "--data", str(running.data), str(log), "--json", check=False)
    found = {json.loads(line)["found"] for line in done.stdout.splitlines()}
    rules.same("what MISP marks for detection is found in a log", set(wanted) - found, set())
