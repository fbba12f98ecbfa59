"""Signals to publish, each with the attributes that a MISP feed has to show for it."""

import random

from misp_checks import MARKINGS, uuid4

MD5, SHA1 = "%032x", "%040x"
SHA256, SHA512 = "%064x", "%0128x"


def indicator(rng, pattern, marking, **more):
    made = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--" + uuid4(rng),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "Signal %04x" % rng.getrandbits(16),
        "description": "Told by two, with \"quotes\", \u00fcml\u00e4uts and a\nline feed.",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "labels": ["phishing", "election-interference"],
        "object_marking_refs": [MARKINGS[marking]],
    }
    made.update(more)
    return made


def observable(rng, kind, marking, **properties):
    made = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid4(rng)}"}
    return made | properties | {"object_marking_refs": [MARKINGS[marking]]}


def of_each_kind(rng, marking):
    """[(object, {(type, value)}, to_ids)]: every kind of pattern and observable."""
    bits = rng.getrandbits
    address = "198.18.%d.%d" % (bits(8), bits(8))
    name = "%08x.example.net" % bits(32)
    md5, sha1, sha256 = MD5 % bits(128), SHA1 % bits(160), SHA256 % bits(256)
    sha512 = SHA512 % bits(512)
    url = f"https://{name}/path?q=it%27s#f"
    mail = f"a{bits(16)}@{name}"
    six = "2001:db8::%x" % bits(16)
    simple = {
        f"[ipv4-addr:value = '{address}']": {("ip-dst", address)},
        f"[ipv6-addr:value = '{six}']": {("ip-dst", six)},
        f"[ipv4-addr:value ISSUBSET '198.18.{bits(8)}.0/24']": None,
        f"[domain-name:value = '{name}']": {("domain", name)},
        f"[url:value = '{url}']": {("url", url)},
        f"[email-addr:value = '{mail}']": {("email", mail)},
        f"[email-message:from_ref.value = '{mail}']": {("email-src", mail)},
        f"[email-message:subject = 'You won {bits(16)}']": None,
        f"[file:hashes.MD5 = '{md5}']": {("md5", md5)},
        f"[file:hashes.'SHA-1' = '{sha1}' OR file:hashes.'SHA-256' = '{sha256}']":
            {("sha1", sha1), ("sha256", sha256)},
        f"[file:hashes.'SHA-512' = '{sha512}']": {("sha512", sha512)},
        f"[file:name = 'it\\'s {bits(16)}.exe']": None,
        f"[file:name = 'a.exe' AND file:hashes.MD5 = '{md5}']": {("filename|md5", f"a.exe|{md5}")},
        f"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = "
        f"'{address}' AND network-traffic:dst_port = 8443]": {("ip-dst|port", f"{address}|8443")},
        f"[mutex:name = 'm{bits(16)}']": None,
        f"[windows-registry-key:key = 'HKLM\\\\Software\\\\{bits(16)}']": None,
        f"[autonomous-system:number = {64512 + bits(8)}]": None,
        f"[domain-name:value IN ('a.{name}', 'b.{name}')]":
            {("domain", f"a.{name}"), ("domain", f"b.{name}")},
        f"[ipv4-addr:value = '{address}'] OR [domain-name:value = '{name}']":
            {("ip-dst", address), ("domain", name)},
    }
    types = {"ISSUBSET": "ip-dst", "subject": "email-subject", "file:name": "filename",
             "mutex": "mutex", "registry": "regkey", "autonomous": "AS"}
    made = []
    for pattern, wanted in simple.items():
        if wanted is None:
            kind = next(misp for word, misp in types.items() if word in pattern)
            value = pattern.split(" = ")[-1] if " = " in pattern else pattern.split(" ISSUBSET ")[-1]
            value = value.rstrip("]").strip("'").replace("\\'", "'").replace("\\\\", "\\")
            wanted = {(kind, value)}
        made.append((indicator(rng, pattern, marking), wanted, True))
    for pattern in (
        f"[ipv4-addr:value = '{address}'] FOLLOWEDBY [domain-name:value = '{name}']",
        f"[domain-name:value LIKE '%.{name}']",
        f"[process:command_line = 'x' AND file:hashes.MD5 = '{md5}']",
        f"[ipv4-addr:value = '{address}'] REPEATS 3 TIMES WITHIN 60 SECONDS",
    ):
        made.append((indicator(rng, pattern, marking), {("stix2-pattern", pattern)}, True))
    rule = 'rule r%d { strings: $a = "x" condition: $a }' % bits(16)
    made.append((indicator(rng, rule, marking, pattern_type="yara"), {("yara", rule)}, True))
    over = indicator(rng, f"[domain-name:value = 'over.{name}']", marking,
                     valid_until="2026-01-02T00:00:00Z")
    made.append((over, {("domain", f"over.{name}")}, False))
    benign = indicator(rng, f"[domain-name:value = 'good.{name}']", marking,
                       indicator_types=["benign"])
    made.append((benign, {("domain", f"good.{name}")}, False))
    return made + observables(rng, marking, address, name, md5, sha256)


def observables(rng, marking, address, name, md5, sha256):
    bits = rng.getrandbits
    return [
        (observable(rng, "ipv4-addr", marking, value=address), {("ip-dst", address)}, False),
        (observable(rng, "domain-name", marking, value=name), {("domain", name)}, False),
        (observable(rng, "mac-addr", marking, value="d2:fb:49:24:37:%02x" % bits(8)), None, False),
        (observable(rng, "file", marking, name="f.exe", hashes={"MD5": md5, "SHA-256": sha256}),
         {("md5", md5), ("sha256", sha256), ("filename", "f.exe")}, False),
        (observable(rng, "autonomous-system", marking, number=64500), {("AS", "64500")}, False),
        (observable(rng, "process", marking, pid=bits(12)), set(), False),
    ]


def seeded(seed=8):
    return random.Random(seed)
