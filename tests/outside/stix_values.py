"""Generated STIX 2.1 content: every type, valid and nearly valid, and mutations of it."""

import copy
import uuid

HASHES = {
    "MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128,
}
SDO = ("attack-pattern campaign course-of-action grouping identity incident indicator "
       "infrastructure intrusion-set location malware malware-analysis note observed-data opinion "
       "report threat-actor tool vulnerability").split()
SRO = ["relationship", "sighting"]
META = ["language-content", "marking-definition", "extension-definition"]
SCO = ("artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr "
       "ipv6-addr mac-addr mutex network-traffic process software url user-account "
       "windows-registry-key x509-certificate").split()
CUSTOM = ["x-acme-thing", "x-thing", "thing", "my-file", "ab", "Thing", "a--b", "x-acme-tool-"]
ALL = SDO + SRO + META + SCO

TEXTS = ["a", "Some text", "", "ünïcode", "A_b c", "x" * 300]
TIMES = ["2016-04-06T20:03:48.000Z", "2016-04-06T20:03:48Z", "2016-04-06T20:03:48.123456Z",
         "2016-04-06T20:03:48.1234567Z", "2017-02-28T00:00:00.00Z", "2015-12-31T23:59:59.999Z"]
BAD_TIMES = ["2016-04-31T20:03:48.000Z", "2016-04-06T20:03:60.000Z", "2016-04-06 20:03:48Z",
             "2016-13-06T20:03:48.000Z", "2016-04-06T20:03:48+00:00", "2016-04-06T20:03:48.Z",
             "2015-02-29T01:01:01.000Z", "0000-01-01T00:00:00.000Z", "", 5, None]
LANGS = ["en", "de-CH", "fr", "zh-TW"]
BAD_LANGS = ["eng", "xx", "EN", "en-us", ""]
URLS = ["https://example.com/a?b=c#d", "http://[2001:db8::1]:8080/", "urn:x:y", "ftp://a.b/"]
BAD_URLS = ["example.com", "http://exa mple.com/", "http://example.com/%zz", "", "http://ü.example/"]
WORDS = {
    "account_type": "unix windows-local ldap", "context": "suspicious-activity unspecified",
    "identity_class": "individual organization", "sectors": "energy water government-local",
    "indicator_types": "anonymization benign", "infrastructure_types": "botnet firewall",
    "primary_motivation": "coercion revenge", "secondary_motivations": "dominance ideology",
    "personal_motivations": "ideology", "resource_level": "club team", "region": "asia caribbean",
    "malware_types": "adware bot worm", "capabilities": "anti-vm commits-fraud",
    "implementation_languages": "c c++ c# go", "architecture_execution_envs": "arm x86-64",
    "result": "malicious benign", "report_types": "campaign tool intrusion-set",
    "threat_actor_types": "spy hacker", "roles": "agent director", "sophistication": "none expert",
    "tool_types": "exploitation", "pattern_type": "stix snort yara",
}
BAD_WORDS = ["other", "Other", "two words", "under_score", "", "123", "ÄÖ", "äö"]
PATTERNS = ["[ipv4-addr:value = '198.51.100.3']", "[file:hashes.MD5 = '" + "a" * 32 + "']",
            "[x-acme-thing:foo = 1]", "[file:x_custom = 'a' OR url:value LIKE 'http%']",
            "[network-traffic:src_ref.value = '1.2.3.4'] REPEATS 3 TIMES",
            "[a:value = 'x']", "[domain-name:va = 'x']", "[domain-name:unknown = 'x']"]
BAD_PATTERNS = ["ipv4-addr:value = '1.2.3.4'", "[ipv4-addr:value]", "", "[file:hashes.MD5 = 'abc']",
                "[file:name = 'a'", "[FILE:name = 'a']"]
ADDRESSES = {
    "ipv4-addr": (["198.51.100.3", "10.0.0.0/8"], ["1.2.3", "1.2.3.4/33", "01.2.3.4", "::1", ""]),
    "ipv6-addr": (["2001:db8::1", "::", "2001:db8::/32", "1:2:3:4:5:6:7:8", "fe80::1%eth0"],
                  ["::ffff:1.2.3.4", "1:2:3", "2001:db8::/129", "g::1", "1::2::3"]),
    "mac-addr": (["d2:fb:49:24:37:18"], ["D2:FB:49:24:37:18", "d2-fb-49-24-37-18", "d2:fb"]),
    "domain-name": (["example.com", "xn--bcher-kva.example", "Example.COM", "bücher.example",
                     "example.com.", "a-b.c"],
                    ["a_b.example", "-a.example", "a..b", "", "ab--cd.com", "x" * 64 + ".com",
                     "exa mple.com"]),
    "email-addr": (["a@b.example", "a.b+c@d-e.f.g"], ["a@b", "a b@c.d", "@b.c", "a@b.", "a@@b.c"]),
    "url": (URLS, BAD_URLS),
}
REGISTRY_KEYS = ["HKEY_LOCAL_MACHINE\\System\\Foo", "hkey_users\\x"]
BAD_REGISTRY_KEYS = ["HKLM\\System", "hkcu\\x", 5]
CPES = ["cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*", "cpe:2.3:o:a\\!b:c:1.0.?:-:*:en-US:*:*:x86:*"]
BAD_CPES = ["cpe:/a:microsoft:word", "cpe:2.3:a:x", "word", "cpe:2.3:x:a:b:1:*:*:*:*:*:*:*"]


class Maker:
    """Makes objects from a seeded source of randomness; a share of the values is wrong."""

    def __init__(self, random, wrong=0.03):
        self.random = random
        self.wrong = wrong

    def pick(self, good, bad=()):
        if bad and self.random.random() < self.wrong:
            good = bad
        # what is picked may be changed later
        return copy.deepcopy(self.random.choice(good))

    def chance(self, share):
        return self.random.random() < share

    def uuid(self, version):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=version))

    def id(self, type_name):
        version = 5 if type_name in SCO and type_name != "process" else 4
        if self.chance(self.wrong):
            version = self.random.choice([1, 3, 4, 5])
        found = f"{type_name}--{self.uuid(version)}"
        if self.chance(self.wrong / 2):
            found = self.random.choice([found.upper(), found[:-1], "tool--" + self.uuid(4), "x", 5,
                                        f"{type_name}--{self.uuid(4)[:14]}7{self.uuid(4)[15:]}"])
        return found

    def ref(self, types):
        return self.id(self.pick(types, ["bundle", "relationship", "marking-definition", "tool",
                                         "x-acme-thing", "file", "language-content", "note"]))

    def refs(self, types):
        return self.some(lambda: self.ref(types))

    def some(self, make, least=1):
        count = self.random.choice([1, 1, 2, 3])
        if self.chance(self.wrong):
            count = 0
        return [make() for _ in range(max(count, least) if count else 0)]

    def text(self):
        return self.pick(TEXTS, [5, None, [], {}, True])

    def time(self):
        return self.pick(TIMES, BAD_TIMES)

    def boolean(self):
        return self.pick([True, False], ["true", 0, None])

    def number(self, low=0, high=1000):
        return self.pick([low, high, (low + high) // 2],
                         [low - 1, high + 1, 1.5, 3.0, "1", None, True])

    def word(self, name):
        return self.pick(WORDS[name].split(), BAD_WORDS)

    def words(self, name):
        return self.some(lambda: self.word(name))

    def hexadecimal(self):
        return self.pick(["00", "abCD12"], ["0", "xx", ""])

    def hashes(self):
        found = {}
        for _ in range(self.random.choice([1, 1, 2])):
            name = self.random.choice(list(HASHES))
            length = HASHES[name] - (1 if self.chance(self.wrong) else 0)
            found[name] = "".join(self.random.choice("0123456789abcdefABCDEF") for _ in range(length))
        if self.chance(0.1):
            name = self.random.choice(["SSDEEP", "TLSH", "x_foo", "FOO", "md5", "ab", "a b"])
            found[name] = self.pick(["a" * 70, "3:abc/+.:x"], ["", "!", 5])
        if self.chance(self.wrong):
            found = self.random.choice([{}, [], "x", {"MD5": 5}])
        return found

    def dictionary(self):
        return self.pick([{"a": "b"}, {"Key-1": 5, "k_2": [1]}, {"x": {"y": "z"}}],
                         [{}, [], {"a b": 1}, {"a": None}, {"a": []}, "x"])

    def external_reference(self):
        return self.pick([
            {"source_name": "a", "url": "https://example.com/", "hashes": self.hashes()},
            {"source_name": "a", "description": self.text()},
            {"source_name": "cve", "external_id": "CVE-2016-1234"},
            {"source_name": "capec", "external_id": "CAPEC-163"},
            {"source_name": "mitre-attack", "external_id": "T1001", "url": self.pick(URLS, BAD_URLS)},
        ], [
            {"source_name": "a"}, {"url": "https://example.com/"}, {}, "x",
            {"source_name": "cve", "external_id": "CVE-2016-1"},
            {"source_name": "cve"}, {"source_name": "NVD", "external_id": "CVE-2016-1234"},
            {"source_name": "x", "external_id": "CAPEC-1"}, {"source_name": "capec", "url": "x:y"},
            {"source_name": "a", "external_id": 5},
        ])

    def granular_marking(self):
        return {
            "selectors": self.some(lambda: self.pick(
                ["id", "type", "created", "labels.[0]", "name"],
                ["nope", "labels.[9]", "a b", "labels", "external_references.[0].source_name",
                 "name.x", "id.[0]"])),
            "marking_ref": self.ref(["marking-definition"]),
        } if not self.chance(self.wrong) else self.random.choice(
            [{}, {"selectors": ["id"]}, {"selectors": ["id"], "lang": "en"},
             {"selectors": ["id"], "marking_ref": "tool--" + self.uuid(4)}])

    def kill_chain_phase(self):
        return self.pick([{"kill_chain_name": "a-b", "phase_name": "c"}],
                         [{"kill_chain_name": "A b", "phase_name": "c"}, {"kill_chain_name": "a"},
                          {"kill_chain_name": "a", "phase_name": "X_y"}, {}, "x"])

    def extension(self):
        kind = self.pick(["property-extension", "toplevel-property-extension", "new-sdo",
                          "new-sco", "new-sro"], ["other", 5])
        body = {"extension_type": kind, "rank": 5}
        if self.chance(self.wrong):
            body = self.random.choice([{}, {"rank": 5}, {"extension_type": kind, "x": 1}])
        key = self.pick(["extension-definition--" + self.uuid(4)],
                        ["x-foo-ext", "x-acme-foo-ext", "foo", "foo-ext", "extension-definition--x"])
        return {key: body}

    def start(self, type_name):
        """The common properties of a type."""
        observable = type_name in SCO
        made = {"type": type_name, "id": self.id(type_name)}
        if not observable or self.chance(0.4):
            made["spec_version"] = self.pick(["2.1"], ["2.2", 2.1, "2.0"])
        if not observable:
            made["created"] = self.time() if self.chance(0.1) else TIMES[0]
            if type_name != "marking-definition":
                made["modified"] = self.time() if self.chance(0.1) else TIMES[0]
        optional = {
            "object_marking_refs": lambda: self.refs(["marking-definition"]),
            "granular_markings": lambda: self.some(self.granular_marking),
            "extensions": self.extension,
        }
        if observable:
            optional["defanged"] = self.boolean
        else:
            optional |= {
                "created_by_ref": lambda: self.ref(["identity"]),
                "external_references": lambda: self.some(self.external_reference),
            }
            if type_name != "marking-definition":
                optional |= {
                    "revoked": self.boolean,
                    "labels": lambda: self.some(self.text),
                    "confidence": lambda: self.number(0, 100),
                    "lang": lambda: self.pick(LANGS, BAD_LANGS),
                }
        for name, make in optional.items():
            if self.chance(0.08):
                made[name] = make()
        if self.chance(0.04):
            name = self.random.choice(["x_foo", "x_acme_foo", "foo", "severity", "Foo", "ab", "f_bin",
                                       "f_hex", "foo_id", "9ab", "objects_like", "confidence"])
            made[name] = self.pick([5, "00", "text", ["a"], {"a": 1}], [None, [], {}])
        return made

    def make(self, type_name):
        made = self.start(type_name)
        required, optional = properties(self, type_name)
        for name, make in required.items():
            if not self.chance(self.wrong / 2):
                made[name] = make()
        for name, make in optional.items():
            if self.chance(0.3):
                made[name] = make()
        if type_name == "location" and self.chance(0.5):
            made |= {"latitude": self.number(-90, 90), "longitude": self.number(-180, 180)}
        return made


def properties(m, name):
    """The required and the optional properties of a type, each with what makes a value."""
    text, time, boolean, number = m.text, m.time, m.boolean, m.number
    named = {"name": text}
    described = {"description": text}
    seen = {"first_seen": time, "last_seen": time}
    phases = {"kill_chain_phases": lambda: m.some(m.kill_chain_phase)}
    aliases = {"aliases": lambda: m.some(text)}
    word = lambda name: {name: lambda: m.word(name)}
    words = lambda name: {name: lambda: m.words(name)}
    ref = lambda name, *types: {name: lambda: m.ref(types)}
    refs = lambda name, *types: {name: lambda: m.refs(types)}
    anything = refs("object_refs", "indicator", "tool", "file", "x-acme-thing")
    match name:
        case "attack-pattern" | "course-of-action" | "incident" | "vulnerability":
            return named, described | (aliases | phases if name == "attack-pattern" else {})
        case "campaign":
            return named, described | aliases | seen | {"objective": text}
        case "grouping":
            return word("context") | anything, named | described
        case "identity":
            return named, described | word("identity_class") | words("sectors") | {
                "roles": lambda: m.some(text), "contact_information": text}
        case "indicator":
            return {
                "pattern": lambda: m.pick(PATTERNS, BAD_PATTERNS), "valid_from": time,
                "pattern_type": lambda: m.pick(["stix", "stix", "stix", "yara"], ["foo", 5]),
            } | named | described, words("indicator_types") | phases | {
                "valid_until": lambda: m.pick(["2019-01-01T00:00:00Z"], TIMES)}
        case "infrastructure":
            return named, described | words("infrastructure_types") | aliases | phases | seen
        case "intrusion-set":
            return named, described | aliases | seen | word("resource_level") | {
                "goals": lambda: m.some(text)} | word("primary_motivation") | words(
                    "secondary_motivations")
        case "location":
            return {"region": lambda: m.word("region")}, named | described | {
                "country": lambda: m.pick(["DE", "us", "ZW"], ["XX", "DEU", ""]),
                "precision": lambda: number(0, 10), "city": text, "postal_code": text}
        case "malware":
            return {"is_family": boolean} | named, described | words("malware_types") | seen | words(
                "capabilities") | words("implementation_languages") | words(
                "architecture_execution_envs") | refs("operating_system_refs", "software") | refs(
                "sample_refs", "file", "artifact") | aliases | phases
        case "malware-analysis":
            return {"product": lambda: m.pick(["acme", "a-1"], ["Acme", "a b", ""]),
                    "result": lambda: m.word("result")}, {
                "version": text, "submitted": time, "analysis_started": time,
                "analysis_ended": time, "modules": lambda: m.some(text), "result_name": text,
            } | ref("host_vm_ref", "software") | refs("installed_software_refs", "software") | refs(
                "analysis_sco_refs", "file", "url") | ref("sample_ref", "file", "artifact")
        case "note":
            return {"content": text} | anything, {"abstract": text, "authors": lambda: m.some(text)}
        case "opinion":
            return {"opinion": lambda: m.pick(["agree", "neutral"], ["maybe", 5])} | anything, {
                "explanation": text, "authors": lambda: m.some(text)}
        case "observed-data":
            body = refs("object_refs", "file", "url", "relationship", "artifact")
            if m.chance(0.4):
                body = {"objects": lambda: observables(m)}
            return body | {"first_observed": time, "last_observed": lambda: m.pick(
                ["2019-01-01T00:00:00Z"], TIMES), "number_observed": lambda: number(1, 999999999)}, {}
        case "report":
            return named | {"published": time} | anything, described | words("report_types")
        case "threat-actor":
            return named, described | words("threat_actor_types") | aliases | seen | words(
                "roles") | word("sophistication") | word("resource_level") | word(
                "primary_motivation") | words("secondary_motivations") | words(
                "personal_motivations")
        case "tool":
            return named, described | words("tool_types") | aliases | phases | {"tool_version": text}
        case "relationship":
            kinds = ("uses targets indicates related-to attributed-to based-on resolves-to delivers "
                     "located-at mitigates derived-from communicates-with hosts foo").split()
            ends = SDO + ["ipv4-addr", "domain-name", "file", "x-acme-thing"]
            return {"relationship_type": lambda: m.pick(kinds, ["Uses", "a_b", ""])} | ref(
                "source_ref", *ends) | ref("target_ref", *ends), described | {
                "start_time": time, "stop_time": time}
        case "sighting":
            return ref("sighting_of_ref", "indicator", "malware"), described | seen | {
                "count": lambda: number(0, 999999999), "summary": boolean} | refs(
                "observed_data_refs", "observed-data") | refs(
                "where_sighted_refs", "identity", "location")
        case "language-content":
            return ref("object_ref", "campaign", "tool") | {"contents": lambda: m.pick(
                [{"de": {"name": "x"}}, {"fr": {"name": "x", "goals": ["y"]}}],
                [{"xx": {"name": "x"}}, {"de": {"n": "x"}}, {}, {"de": {"Name": "x"}}])}, {
                "object_modified": time}
        case "extension-definition":
            return named | described | {"schema": text, "version": text, "extension_types":
                lambda: m.some(lambda: m.pick(
                    ["new-sdo", "property-extension", "toplevel-property-extension"], ["foo"]))}, {
                "extension_properties": lambda: m.some(text)}
        case "marking-definition":
            return marking(m), {}
    return observable(m, name)


def marking(m):
    if m.chance(0.5):
        return {"definition_type": lambda: m.pick(["statement"], ["statementx", "foo", 5]),
                "definition": lambda: m.pick([{"statement": "x"}], [{}, {"statement": 5}, "x"])}
    level, key = m.pick([("WHITE", "613f2e26-407d-48c7-9eca-b8e91df99dc9"),
                         ("GREEN", "34098fce-860f-48ae-8e50-ebd3cc5e41da"),
                         ("AMBER", "f88d31f6-486f-44da-b317-01333bde0b82"),
                         ("RED", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed")])
    return {"id": lambda: "marking-definition--" + m.pick([key], [m.uuid(4)]),
            "created": lambda: m.pick(["2017-01-20T00:00:00.000Z"], ["2017-01-20T00:00:00Z"]),
            "name": lambda: m.pick(["TLP:" + level], ["TLP:CLEAR", "x"]),
            "definition_type": lambda: "tlp",
            "definition": lambda: m.pick([{"tlp": level.lower()}], [{"tlp": "clear"}, {}])}


def observable(m, name):
    text, time, boolean, number = m.text, m.time, m.boolean, m.number
    ref = lambda name, *types: {name: lambda: m.ref(types)}
    refs = lambda name, *types: {name: lambda: m.refs(types)}
    stat = {"ctime": time, "mtime": time, "atime": time}
    if name in ADDRESSES:
        return {"value": lambda: m.pick(*ADDRESSES[name])}, {
            "ipv4-addr": refs("belongs_to_refs", "autonomous-system"),
            "ipv6-addr": refs("resolves_to_refs", "mac-addr"),
            "domain-name": refs("resolves_to_refs", "ipv4-addr"),
            "email-addr": {"display_name": text} | ref("belongs_to_ref", "user-account"),
        }.get(name, {})
    match name:
        case "artifact":
            types = (["image/png", "application/zip"], ["foo/bar", "image/nope", "png", ""])
            body = {"payload_bin": lambda: m.pick(["VGVzdA==", "AAAA"], ["x", "", "A=="])}
            if m.chance(0.4):
                body = {"url": lambda: m.pick(URLS, BAD_URLS), "hashes": m.hashes}
            return body, {"mime_type": lambda: m.pick(*types), "decryption_key": text,
                          "encryption_algorithm": lambda: m.pick(["AES-256-GCM"], ["foo"])}
        case "autonomous-system":
            return {"number": lambda: number(0, 70000)}, {"name": text, "rir": text}
        case "directory":
            return {"path": text}, stat | refs("contains_refs", "file") | {
                "path_enc": lambda: m.pick(["UTF-8", "ISO-8859-1"], ["utf-8", "x", "é"])}
        case "email-message":
            body = {"is_multipart": lambda: False, "body": text}
            if m.chance(0.4):
                body = {"is_multipart": lambda: m.pick([True], ["true", False]),
                        "body_multipart": lambda: m.some(lambda: m.pick(
                            [{"body": "x", "content_type": "text/plain"}, {"body_raw_ref": m.id("file")}],
                            [{}, {"body": "x", "body_raw_ref": "y"}, {"body": "x", "foo": 1}]))}
            return body, {"date": time, "content_type": text, "subject": text, "message_id": text,
                "received_lines": lambda: m.some(text), "additional_header_fields": lambda: m.pick(
                    [{"Reply-To": "x"}, {"X-A": ["a", "b"]}], [{"X": ["a"]}, {"date": "x"}, {}])
            } | ref("from_ref", "email-addr") | refs("to_refs", "email-addr")
        case "file":
            return {"name": text}, stat | {"hashes": m.hashes, "size": lambda: number(0, 99),
                "mime_type": lambda: m.pick(["image/png"], ["foo/bar"]),
                "name_enc": lambda: m.pick(["UTF-8"], ["foo"]), "magic_number_hex": m.hexadecimal,
                "extensions": lambda: file_extensions(m)} | ref(
                "parent_directory_ref", "directory") | ref("content_ref", "artifact")
        case "mutex":
            return {"name": text}, {}
        case "network-traffic":
            ports = {"src_port": lambda: number(0, 65535), "dst_port": lambda: number(0, 65535)}
            return {"protocols": lambda: m.some(lambda: m.pick(["tcp", "ipv4", "http"], ["foo", "TCP"]))
                } | ports | ref("src_ref", "ipv4-addr"), {"start": time, "end": time,
                "is_active": boolean, "src_byte_count": lambda: number(0, 5),
                "ipfix": lambda: m.pick([{"octetDeltaCount": 5}], [{"foo": "x"}, {"a": 1.5}, {}]),
                "extensions": lambda: traffic_extensions(m)} | ref("dst_ref", "domain-name")
        case "process":
            return {"pid": lambda: number(0, 5)}, {"is_hidden": boolean, "created_time": time,
                "cwd": text, "command_line": text, "environment_variables": m.dictionary,
                "extensions": lambda: process_extensions(m)} | ref("image_ref", "file")
        case "software":
            return {"name": text}, {"cpe": lambda: m.pick(CPES, BAD_CPES), "swid": text,
                "languages": lambda: m.some(lambda: m.pick(["en", "eng", "de-CH"],
                    ["xx", "EN", "az-Cyrl-AZ", "zzz"])), "vendor": text, "version": text}
        case "user-account":
            return {"user_id": text}, {"credential": text, "account_login": text,
                "account_type": lambda: m.word("account_type"), "is_disabled": boolean,
                "account_created": time, "extensions": lambda: m.pick(
                    [{"unix-account-ext": {"gid": 5, "groups": ["a"]}}],
                    [{"unix-account-ext": {}}, {"unix-account-ext": {"gid": "5"}},
                     {"unix-account-ext": {"foo": 1, "gid": 1}}, {"x-acme-foo-ext": {"foo_bar": 1}}])}
        case "windows-registry-key":
            return {"key": lambda: m.pick(REGISTRY_KEYS, BAD_REGISTRY_KEYS)}, {
                "values": lambda: m.some(lambda: m.pick(
                    [{"name": "a", "data": "b", "data_type": "REG_SZ"}],
                    [{}, {"data_type": "FOO"}, {"name": "a", "foo": 1}])), "modified_time": time,
                "number_of_subkeys": lambda: number(0, 9)} | ref("creator_user_ref", "user-account")
        case "x509-certificate":
            return {"serial_number": text}, {"is_self_signed": boolean, "hashes": m.hashes,
                "validity_not_before": time, "subject": text, "subject_public_key_exponent":
                lambda: number(0, 65537), "x509_v3_extensions": lambda: m.pick(
                    [{"key_usage": "x", "private_key_usage_period_not_before": TIMES[0]}],
                    [{}, {"foo": "x"}, {"key_usage": 5},
                     {"private_key_usage_period_not_after": BAD_TIMES[0]}])}
    return {}, {}


def file_extensions(m):
    return m.pick([
        {"archive-ext": {"contains_refs": [m.id("file")], "comment": "x"}},
        {"ntfs-ext": {"sid": "x", "alternate_data_streams": [{"name": "a", "hashes": m.hashes()}]}},
        {"pdf-ext": {"version": "1", "document_info_dict": {"Title": m.text()}}},
        {"raster-image-ext": {"image_height": m.number(), "exif_tags": {"Make": "x", "Xy": 5}}},
        {"windows-pebinary-ext": {
            "pe_type": m.pick(["exe", "dll"], ["foo", 5]), "machine_hex": m.hexadecimal(),
            "time_date_stamp": m.pick(["2016-01-22T12:31:12Z"], BAD_TIMES + TIMES[:1]),
            "optional_header": m.pick([{"magic_hex": "010b", "size_of_code": 5}],
                                      [{}, {"foo": 1}, {"size_of_code": -1}]),
            "sections": [{"name": "a", "entropy": 0.1, "hashes": m.hashes()}]}},
        {"extension-definition--" + m.uuid(4): {"extension_type": "property-extension", "rank": 1}},
    ], [
        {"archive-ext": {}}, {"ntfs-ext": {"foo": 1}}, {"pdf-ext": {"is_optimized": "x"}},
        {"pdf-ext": {"document_info_dict": {"Foo": "x"}}}, {"foo-ext": {"foo_bar": 1}}, {"foo": {"a": 1}},
        {"raster-image-ext": {"exif_tags": {"make": "x"}}}, {"x-acme-foo-ext": {"foo_bar": []}},
        {"ntfs-ext": {"alternate_data_streams": [{"size": 1}]}}, {},
        {"raster-image-ext": {"image_compression_algorithm": "x"}},
    ])


def traffic_extensions(m):
    return m.pick([
        {"http-request-ext": {"request_method": "get", "request_value": "/", "request_header":
            m.pick([{"Accept": ["a"]}, {"User-Agent": ["x"]}], [{"Foo": ["x"]}, {"Accept": "x"}])}},
        {"icmp-ext": {"icmp_type_hex": m.hexadecimal(), "icmp_code_hex": "00"}},
        {"socket-ext": {"address_family": m.pick(["AF_INET"], ["AF_FOO"]), "options":
            m.pick([{"SO_LINGER": 1}], [{"SO_FOO": 1}, {"FOO": 1}, {"SO_LINGER": "x"}, {"SO_": 1}])}},
        {"tcp-ext": {"src_flags_hex": m.hexadecimal()}},
    ], [{"http-request-ext": {}}, {"icmp-ext": {"icmp_type_hex": "00"}}, {"tcp-ext": {"foo": 1}},
        {"socket-ext": {"address_family": "AF_INET", "socket_type": "x"}}])


def process_extensions(m):
    return m.pick([
        {"windows-process-ext": {"aslr_enabled": True, "priority":
            m.pick(["HIGH_CLASS"], ["HIGH", "_CLASS"]), "startup_info":
            m.pick([{"lpDesktop": "x", "dwX": 5}], [{"foo": "x"}, {"dwX": "5"}, {"lpReserved": None},
                   {"cbReserved2": 1}, {"cb": 1, "lpTitle": "x"}])}},
        {"windows-service-ext": {"service_name": "x", "start_type":
            m.pick(["SERVICE_AUTO_START"], ["FOO"])}},
    ], [{"windows-process-ext": {"integrity_level": "low"}}, {"windows-service-ext": {"foo": 1}},
        {"windows-process-ext": {"integrity_level": "x", "priority": "A_CLASS"}}])


def observables(m):
    """A container of observables that refer to each other by key."""
    made = {}
    kinds = m.some(lambda: m.pick(SCO, CUSTOM))
    for number, name in enumerate(kinds):
        key = m.pick([str(number)], ["a", "-1", "file"])
        one = m.make(name) if name in SCO else {"type": name, "id": m.id(name), "value": "x"}
        made[key] = one
        for field in list(one):
            if field.endswith("_ref") and m.chance(0.8):
                one[field] = m.random.choice(list(made) + ["99"] if m.chance(0.1) else list(made))
            elif field.endswith("_refs") and field != "object_marking_refs" and m.chance(0.8):
                one[field] = [m.random.choice(list(made))]
    return made


def bundle(m):
    objects = [m.make(m.random.choice(ALL)) for _ in range(m.random.choice([0, 1, 2, 3]))]
    if objects and m.chance(0.1):
        objects.append(copy.deepcopy(objects[0]))
    made = {"type": "bundle", "id": m.id("bundle"), "objects": objects}
    if m.chance(0.1):
        made["spec_version"] = m.pick(["2.1"], ["2.2"])
    return made


def mutate(m, original):
    """A copy with one to three small changes."""
    changed = copy.deepcopy(original)
    for _ in range(m.random.choice([1, 1, 2, 3])):
        change(m, changed)
    return changed


WRONG = [None, "", "x", 0, -1, 1.5, True, [], {}, ["x"], {"a": "b"}, "A_b c", "2016-13-01T00:00:00Z",
         "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", [[]], [None], [5]]


def change(m, value):
    """Changes something in a value, anywhere inside it."""
    inner = [v for v in (value.values() if isinstance(value, dict) else value)
             if isinstance(v, (dict, list)) and v]
    if inner and m.chance(0.45):
        return change(m, m.random.choice(inner))
    if isinstance(value, list):
        at = m.random.randrange(len(value))
        what = m.random.choice(["drop", "replace", "repeat"])
        if what == "drop":
            del value[at]
        elif what == "replace":
            value[at] = text_change(m, value[at]) if isinstance(value[at], str) else m.pick(WRONG)
        else:
            value.append(copy.deepcopy(value[at]))
        return None
    names = list(value)
    if not names:
        return None
    name = m.random.choice(names)
    what = m.random.choice(["drop", "replace", "edit", "edit", "rename", "add", "take"])
    if what == "drop":
        del value[name]
    elif what == "replace":
        value[name] = m.pick(WRONG)
    elif what == "edit" and isinstance(value[name], str):
        value[name] = text_change(m, value[name])
    elif what == "rename":
        new = m.random.choice([name + "s", name.upper(), "x_" + name, name[:-1] or "zz", "name", "lang"])
        value[new] = value.pop(name)
    elif what == "add":
        extra = m.random.choice(["x_foo", "x_acme_foo", "foo", "Foo", "action", "lang", "revoked",
                                 "confidence", "defanged", "modified", "cpe", "name", "labels"])
        value[extra] = m.pick(["x", 5, True, ["a"], "en", TIMES[0]], WRONG)
    elif what == "take" and "type" in value and name == "type":
        value[name] = m.random.choice(ALL + CUSTOM)


def text_change(m, text):
    what = m.random.choice(["cut", "upper", "double", "swap", "id", "time", "word"])
    if what == "cut":
        return text[:-1]
    if what == "upper":
        return text.upper()
    if what == "double":
        return text + text
    if what == "id" and "--" in text:
        return m.random.choice(ALL) + "--" + text.split("--")[-1]
    if what == "time" and text.endswith("Z"):
        return m.random.choice(TIMES + BAD_TIMES[:9])
    if what == "word":
        return m.random.choice(BAD_WORDS + ["id", "stix", "en"])
    return text[::-1]
