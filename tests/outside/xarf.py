#!/usr/bin/env python3
"""Holds `entente request xarf` against the schemas of XARF v4, read by the package jsonschema.

    python3 tests/outside/xarf.py
    python3 tests/outside/xarf.py --reports 200000 --seed 7

The samples of $ENTENTE_TESTDATA/requests are mutated (members dropped, of another type, out of
range, of another form, not allowed, too many) and given to both, as lines to one process. Both have
to say the same of each, and name the same places and keywords. Where they differ on purpose,
docs/requests-formats.md says why, and no mutation goes there.

Then every sample is sent to a node as a request, and written as a report of its type, as an e-mail and
as a bundle: the schemas take the reports, Python's email package finds the three parts, zipfile the
members. Exits 1 at a difference.
"""

import argparse
import copy
import email
import email.policy
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import node  # noqa: E402


def main():
    asked = arguments()
    folder = os.environ.get("ENTENTE_TESTDATA")
    if not folder:
        print("# skipped: ENTENTE_TESTDATA is not set")
        return 0
    environment.enter(HERE / "xarf.txt")
    root = Path(folder) / "requests"
    samples = [json.loads(p.read_text()) for p in sorted((root / "samples/v4").glob("*.json"))]
    validator, schemas = load(root / "schemas/v4")
    source = random.Random(asked.seed)
    maker = Maker(source, schemas)
    reports = [*samples, *(maker.mutated(source.choice(samples)) for _ in range(asked.reports))]
    binary = asked.binary or node.default_binary()
    ours = check(binary, reports)
    differences, refused, keywords = 0, 0, Counter()
    for report, said in zip(reports, ours, strict=True):
        wanted = theirs(validator, report)
        found = {(e["pointer"], e["rule"]) for e in said["errors"] if e["rule"] != "evidence"}
        refused += bool(wanted)
        keywords.update(rule for _, rule in found)
        if not same(report, found, wanted):
            differences += 1
            if differences <= asked.show:
                print("DIFFERENCE", json.dumps(report)[:2000])
                print("   ours  ", sorted(found - wanted))
                print("   theirs", sorted(wanted - found))
    bad = [s for s, said in zip(samples, ours) if not said["valid"]]
    print(f"# {len(samples)} samples, {len(bad)} of them refused")
    print(f"# {len(reports)} reports, {refused} invalid by the schemas, {differences} differences")
    print("# faults by keyword:", ", ".join(f"{k} {n}" for k, n in sorted(keywords.items())))
    missing = KEYWORDS - set(keywords)
    if missing and asked.reports >= 5000:
        print("# no mutation reached:", ", ".join(sorted(missing)))
    wrong = written(binary, samples, validator, schemas)
    return 1 if bad or differences or wrong or (missing and asked.reports >= 5000) else 0


def written(binary, samples, validator, schemas):
    """How many of what is written of requests is not what it should be."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        served = node.Node(binary, Path(folder) / "d")
        served.init()
        sender, recipient = served.signed_parties(2)[:2]
        token = served.create_token(sender)
        served.create_token(recipient)
        served.start()
        try:
            place = Requests(binary, served.url, token, Path(folder))
            for sample in samples:
                wrong += place.round(sample, recipient, validator, required(schemas, sample))
        finally:
            served.stop()
    print(f"# {len(samples)} requests as reports, e-mails and bundles: {wrong} wrong")
    return wrong


def required(schemas, sample):
    """Members that the schema of a report's type asks for besides the core."""
    core = set(schemas["xarf-core.json"]["required"])
    found = set()
    for name, schema in schemas.items():
        if not name.startswith("types/"):
            continue
        properties = schema["allOf"][1]["properties"]
        if properties.get("type", {}).get("const") == sample["type"]:
            found |= set(schema["allOf"][1].get("required", []))
    found |= {n for n in ("source_port", "smtp_from", "swarm_info", "message_info") if n in sample}
    return sorted(found - core)


class Requests:
    """Requests of a party on a node, by the command line."""

    def __init__(self, binary, url, token, folder):
        self.binary, self.url, self.folder = binary, url, folder
        self.environment = dict(os.environ, ENTENTE_TOKEN=token)

    def run(self, *arguments):
        command = [str(self.binary), "request", *arguments]
        if arguments[1] != "check":
            command += ["--server", self.url]
        done = subprocess.run(command, capture_output=True, env=self.environment)
        if done.returncode:
            raise AssertionError(f"{arguments}: {done.returncode} {done.stderr.decode()}")
        return done.stdout

    def round(self, sample, recipient, validator, names):
        path = self.folder / "report.json"
        path.write_text(json.dumps(sample))
        ground = ["--ground-law", "A law", "--good-faith"]
        flags = ["--to", recipient, "--no-evidence", *ground]
        said = [f"{n}={json.dumps(sample[n])}" for n in names if n in sample]
        members = ["--type", f"{sample['category']}/{sample['type']}"]
        members += [word for one in said for word in ("--set", one)]
        try:
            request = self.run("xarf", "import", str(path), *flags).decode().strip()
            report = json.loads(self.run("xarf", "export", request, *members))
            validator.validate(report)
            for name in ("report_id", "source_identifier", "source_port", "url"):
                assert report.get(name) == sample.get(name), (name, report.get(name))
            octets = self.run("mail", request, "--to", "abuse@host.example", *members)
            look_at_mail(octets, report)
            self.run("export", request, "-o", str(self.folder / "case.zip"))
            look_at_bundle(self.folder / "case.zip", request)
        except Exception as error:  # every one of them is a finding
            print(f"WRONG {sample['category']}/{sample['type']}: {type(error).__name__} {error}"[:1500])
            return 1
        return 0


def look_at_mail(octets, report):
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert b"\n" not in octets.replace(b"\r\n", b"")
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert not message.defects, message.defects
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "feedback-report"
    assert message["message-id"].startswith(f"<{report['report_id']}@"), message["message-id"]
    assert message["to"] == "abuse@host.example" and message["date"].datetime
    text, feedback, attached = message.iter_parts()
    assert text.get_content_type() == "text/plain" and report["report_id"] in text.get_content()
    assert feedback.get_content_type() == "message/feedback-report"
    fields = feedback.get_payload(0)
    assert fields["feedback-type"] == "xarf" and fields["version"] == "1" and fields["user-agent"]
    assert attached.get_content_type() == "application/json"
    assert attached.get_filename() == "xarf.json"
    assert json.loads(attached.get_content()) == report
    for part in (message, text, feedback, attached):
        assert not part.defects, part.defects


def look_at_bundle(path, request):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["request"] == request and manifest["format"] == "entente-case/v1"
        listed = [one["path"] for one in manifest["files"]]
        assert archive.namelist() == ["manifest.json", "manifest.note", *listed]


KEYWORDS = {
    "additionalProperties", "anyOf", "enum", "format", "maxItems", "maxLength", "maximum",
    "minItems", "minimum", "pattern", "required", "type", "uniqueItems",
}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10, help="how many differences are printed")
    parser.add_argument("--binary", help="the entente to ask (default: target/release or debug)")
    return parser.parse_args()


def load(folder):
    import jsonschema
    from referencing import Registry, Resource

    documents = {p.relative_to(folder).as_posix(): json.loads(p.read_text()) for p in folder.rglob("*.json")}
    resources = []
    for name, document in documents.items():
        # by the file's place, so that references between files lead somewhere
        document = dict(document, **{"$id": f"https://xarf.org/schemas/v4/{name}"})
        resources.append((document["$id"], Resource.from_contents(document)))
    registry = Registry().with_resources(resources)
    master = dict(registry.contents("https://xarf.org/schemas/v4/xarf-v4-master.json"))
    validator = jsonschema.Draft202012Validator(
        master, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    checked = set(validator.format_checker.checkers)
    wanted = {"email", "hostname", "uuid", "date-time", "date", "uri", "ipv4", "ipv6"}
    assert wanted <= checked, wanted - checked
    return validator, documents


def check(binary, reports):
    lines = "".join(json.dumps(report) + "\n" for report in reports)
    command = [str(binary), "request", "xarf", "check", "--json", "-"]
    done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def theirs(validator, report):
    """Places and keywords of what jsonschema says."""
    found = set()
    for error in validator.iter_errors(report):
        found |= leaves(report, error)
    # of a value of another type no more is said
    typed = {place for place, keyword in found if keyword == "type"}
    return {(p, k) for p, k in found if p not in typed or k not in ("enum", "minimum", "maximum")}


def leaves(report, error):
    place = "".join("/" + escaped(part) for part in error.absolute_path)
    if error.validator == "required":
        names = [n for n in error.validator_value if n not in error.instance]
        # one error a name; which one this is stands in its message alone
        return {(f"{place}/{escaped(n)}", "required") for n in names if repr(n) in error.message}
    if error.validator == "additionalProperties":
        known = set(error.schema.get("properties", {}))
        return {(f"{place}/{escaped(n)}", "additionalProperties") for n in error.instance if n not in known}
    if error.validator == "const":
        return set()
    if error.validator == "anyOf" and place == "":
        return alternatives(report, error)
    return {(place, error.validator)}


def escaped(name):
    return str(name).replace("~", "~0").replace("/", "~1")


def alternatives(report, error):
    if "swarm_info" in json.dumps(error.validator_value):
        if "swarm_info" not in report:
            return {("/swarm_info", "required")}
        return {("/swarm_info/info_hash", "required")}
    if "message_info" in json.dumps(error.validator_value):
        name = "/message_info/message_id" if "message_info" in report else "/message_info"
        return {(name, "required")}
    # the pair of category and type
    return {("/type", "enum")}


def same(report, found, wanted):
    if (str(report.get("category")), str(report.get("type"))) in PAIRS:
        return found == wanted
    # Without a known type no schema of a type says more than that; jsonschema tries all that are left.
    places = {place for place, _ in wanted} | {"/type", "/category"}
    return bool(found) == bool(wanted) and all(place in places for place, _ in found)


PAIRS = set()


class Maker:
    """Mutations of reports, led by the schema of their type."""

    def __init__(self, source, schemas):
        self.source = source
        self.schemas = schemas
        self.core = schemas["xarf-core.json"]
        self.types = {}
        for name, schema in schemas.items():
            if name.startswith("types/"):
                kind = schema["allOf"][1]["properties"].get("type", {}).get("const")
                category = schema["allOf"][1]["properties"].get("category", {}).get("const", "content")
                if kind:
                    PAIRS.add((category, kind))
                    self.types[(category, kind)] = self.properties(schema)

    def properties(self, schema):
        all_of = {}
        for part in schema["allOf"]:
            if "$ref" in part:
                if part["$ref"].endswith("xarf-core.json"):
                    all_of |= self.core["properties"]
                else:
                    all_of |= self.properties(self.schemas["types/content-base.json"])
            else:
                all_of |= part["properties"]
        return all_of

    def mutated(self, sample):
        report = copy.deepcopy(sample)
        properties = self.types[(sample["category"], sample["type"])]
        for _ in range(self.source.choice([1, 1, 1, 2, 3])):
            self.mutate(report, properties, 0)
        return report

    def resolve(self, schema):
        if "$ref" in schema:
            return self.core["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def mutate(self, members, properties, depth):
        source = self.source
        kind = source.random()
        if kind < 0.12 and members:
            del members[source.choice(sorted(members))]
        elif kind < 0.2:
            members[source.choice(["extra", "x-custom", "a/b", "m~n", "_internal"])] = self.any()
        elif properties:
            name = source.choice(sorted(properties))
            schema = self.resolve(properties[name])
            inner = schema.get("properties")
            if inner and isinstance(members.get(name), dict) and depth < 3 and kind < 0.7:
                self.mutate(members[name], inner, depth + 1)
            elif isinstance(members.get(name), list) and members[name] and kind < 0.6:
                self.item(members[name], self.resolve(schema.get("items", {})), depth)
            else:
                members[name] = self.value(schema)

    def item(self, items, schema, depth):
        at = self.source.randrange(len(items))
        if isinstance(items[at], dict) and schema.get("properties"):
            self.mutate(items[at], schema["properties"], depth + 1)
        else:
            items[at] = self.value(schema)

    def any(self):
        return self.source.choice(
            [None, True, False, 0, 1, -1, 1.0, 1.5, 65536, "", "text", "1", [], ["a"], {}, {"a": 1}]
        )

    def value(self, schema):
        """A value that fits, nearly fits, or does not."""
        source = self.source
        if source.random() < 0.15:
            return self.any()
        if "const" in schema:
            return source.choice([schema["const"], "other", schema["const"].upper(), "spam", "ddos"])
        kind = schema.get("type")
        if kind == "string":
            return self.text(schema)
        if kind in ("integer", "number"):
            edges = [schema.get("minimum", 0), schema.get("maximum", 100)]
            number = source.choice(edges) + source.choice([-1, 0, 0, 1])
            if source.random() < 0.2:
                number = source.choice([float(number), number + 0.5, -0.0, 1e300, 2**63, 2**64])
            return number
        if kind == "boolean":
            return source.choice([True, False, "true", 1])
        if kind == "array":
            items = self.resolve(schema.get("items", {}))
            most, least = schema.get("maxItems", 3), schema.get("minItems", 0)
            length = max(0, source.choice([least - 1, least, least + 1, min(most, 60), most + 1]))
            filled = [self.value(items) if source.random() < 0.2 else self.good(items) for _ in range(length)]
            if schema.get("uniqueItems") and source.random() < 0.5:
                filled = [*filled[:3], *filled[:1]]
            return filled
        if kind == "object":
            made = {n: self.value(self.resolve(s)) for n, s in schema.get("properties", {}).items() if source.random() < 0.7}
            if source.random() < 0.2:
                made["extra"] = self.any()
            return made
        return self.any()

    def good(self, schema):
        if "enum" in schema:
            return self.source.choice(schema["enum"])
        kind = schema.get("type")
        if kind == "string":
            fitting = GOOD.get(schema.get("pattern") or schema.get("format"))
            if fitting:
                return self.source.choice(fitting)
            return "text" if "anyOf" not in schema else "192.0.2.7"
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), min(schema.get("maximum", 5), 5))
        if kind == "object":
            wanted = schema.get("required", [])
            return {n: self.good(self.resolve(s)) for n, s in schema.get("properties", {}).items() if n in wanted}
        return [] if kind == "array" else True

    def text(self, schema):
        source = self.source
        if "enum" in schema:
            word = source.choice(schema["enum"])
            return source.choice([word, word, word.upper(), word + "x", word[:-1], "", " " + word])
        if "maxLength" in schema:
            most = schema["maxLength"]
            return source.choice("aé😀") * source.choice([0, 1, most - 1, most, most + 1])
        if "anyOf" in schema:
            return source.choice(GOOD["ipv4"] + BAD["ipv4"] + GOOD["ipv6"] + BAD["ipv6"])
        form = schema.get("pattern") or schema.get("format")
        if form in GOOD and source.random() < 0.97:
            return source.choice(GOOD[form] + BAD[form])
        return source.choice(["", "text", "192.0.2.1", "::1", "example.org", "\u0000", "a" * 300])


# Texts that are, and that are not, what the schemas say; texts on which readers of the RFCs differ
# stand in docs/requests-formats.md.
GOOD = {
    "email": ["a@b.org", "a.b+c@x-y.example", "abuse@example.com"],
    "hostname": ["example.org", "a-b.c.example", "localhost", "xn--bcher-kva.example", "a." * 120 + "example"],
    "uuid": ["550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-11D4-A716-446655440000"],
    "date-time": [
        "2024-01-15T14:30:25Z", "2024-02-29T00:00:00.123456789Z", "2024-01-15T14:30:25+05:30",
        "2024-01-15t14:30:25z", "1985-04-12T23:20:50.52-23:59",
    ],
    "date": ["2024-02-29", "1999-12-31"],
    "uri": [
        "http://example.com/a?b=c#d", "https://user:pw@[2001:db8::1]:8080/", "urn:isbn:0451450523",
        "mailto:a@b.c", "http://a/%20", "ftp://x.example/;type=a", "magnet:?xt=urn:btih:0",
    ],
    "ipv4": ["192.0.2.1", "0.0.0.0", "255.255.255.255"],
    "ipv6": ["::1", "2001:db8::1", "::ffff:192.0.2.1", "2001:DB8:0:0:0:0:0:1"],
    r"^4\.[0-9]+\.[0-9]+$": ["4.0.0", "4.12.345"],
    r"^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-]*$": ["malware:emotet", "language:c++", "0:0", "a_-:b"],
    r"^(md5|sha1|sha256|sha512):[a-fA-F0-9]+$": ["md5:d4", "sha1:0", "sha512:AB", "sha256:aB0"],
    r"^(md5|sha1|sha256):[a-fA-F0-9]+$": ["md5:d4", "sha1:0", "sha256:aB0"],
    r"^([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}$": ["example.org", "a-b-c.d0.museum", "0.xx"],
    r"^[A-Z]{2}$": ["FR", "ZZ"],
    r"^[A-Z]{3}$": ["EUR"],
    r"^[a-fA-F0-9]{32}$": ["d41d8cd98f00b204e9800998ecf8427e", "A" * 32],
    r"^[a-fA-F0-9]{40}$": ["a" * 40],
    r"^[a-fA-F0-9]{64}$": ["0" * 64],
    r"^CVE-\d{4}-\d{4,}$": ["CVE-2021-44228", "CVE-1999-0001"],
    r"^CVE-[0-9]{4}-[0-9]+$": ["CVE-2021-44228", "CVE-1999-1"],
    r"^magnet:\?xt=urn:": ["magnet:?xt=urn:btih:0", "magnet:?xt=urn:"],
    r"^CVSS:3\.[01]/.*": ["CVSS:3.1/AV:N", "CVSS:3.0/"],
    r"^[a-z]{2}(-[A-Z]{2})?$": ["en", "pt-BR"],
}
BAD = {
    "email": ["", "a", "example.org"],
    "hostname": ["", "-a.example", "a-.example", "a_b.example", "a..b", "a b", "a" * 64 + ".example", "http://a"],
    "uuid": ["", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000g", "{550e8400-e29b-41d4-a716-446655440000}"],
    "date-time": [
        "", "2024-01-15", "2024-01-15T14:30Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-01-15 14:30:25Z", "2024-01-15T24:00:00Z", "2024-01-15T14:30:25", "2024-01-15T14:30:25.Z",
        "2024-01-15T14:30:25+0530", "2024-01-15T14:60:25Z", "20240115T143025Z", "2024-01-15T14:30:25+24:00",
    ],
    "date": ["", "2023-02-29", "2024-2-1", "20240201", "2024-02-29T00:00:00Z", "2024-W05-1"],
    "uri": ["", "example.com", "//example.com/a", "/a", "http://exa mple.com", "http://a/%2", "1http://a", "http://a/ü", "http://a/<b>"],
    "ipv4": ["", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1/24", "1.2.3.4.5", " 192.0.2.1", "0x7f.0.0.1"],
    "ipv6": [":", "2001:db8::1::", "fe80::1%eth0", "[::1]", "2001:db8::1/64", "12345::", "::ffff:192.0.2.256"],
    r"^4\.[0-9]+\.[0-9]+$": ["", "3.0.0", "4.0", "4.0.0-rc1", "4..0", "14.0.0", " 4.0.0"],
    r"^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-]*$": ["", "malware", "A:b", ":b", "a:", "a:b:c", "a:-b", "-a:b", "a: b"],
    r"^(md5|sha1|sha256|sha512):[a-fA-F0-9]+$": ["", "sha384:00", "md5:", "md5:xyz", "MD5:00", "sha256", "md5:0:0"],
    r"^(md5|sha1|sha256):[a-fA-F0-9]+$": ["", "sha512:00", "md5:", "md5:g"],
    r"^([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}$": ["", "example", "Example.org", "a.b1", "a-.example", "a.x", "a--b.example", ".example", "a.example."],
    r"^[A-Z]{2}$": ["", "fr", "FRA", "F", "F1"],
    r"^[A-Z]{3}$": ["", "eur", "EU", "EURO"],
    r"^[a-fA-F0-9]{32}$": ["", "0" * 31, "0" * 33, "g" * 32],
    r"^[a-fA-F0-9]{40}$": ["0" * 39, "0" * 41],
    r"^[a-fA-F0-9]{64}$": ["0" * 63, "z" * 64],
    r"^CVE-\d{4}-\d{4,}$": ["", "CVE-2021-123", "cve-2021-44228", "CVE-21-44228", "CVE-2021-44228x"],
    r"^CVE-[0-9]{4}-[0-9]+$": ["", "CVE-2021-", "cve-2021-1", "CVE-2021-1x"],
    r"^magnet:\?xt=urn:": ["", "magnet:xt=urn:", "Magnet:?xt=urn:", " magnet:?xt=urn:"],
    r"^CVSS:3\.[01]/.*": ["", "CVSS:4.0/AV:N", "CVSS:3.2/", "cvss:3.1/", "CVSS:3.1"],
    r"^[a-z]{2}(-[A-Z]{2})?$": ["", "EN", "en-gb", "eng", "en_GB", "en-"],
}

if __name__ == "__main__":
    sys.exit(main())
