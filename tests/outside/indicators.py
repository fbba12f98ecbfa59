"""Generated STIX 2.1 objects: valid, different from one another, the same for the same seed."""

import json
import random
import uuid

# Indicators of about 680 bytes, the size of what feeds carry. %s: id, created, modified, name,
# pattern, valid_from.
_INDICATOR = (
    '{"type":"indicator","spec_version":"2.1","id":"indicator--%s",'
    '"created_by_ref":"identity--8c6af861-7b20-41ef-9b59-6344fd872a8f",'
    '"created":"%s","modified":"%s","name":"%s",'
    '"description":"Phishing pages copied the sign-in form of a ministry and forwarded what was '
    'typed to this host. Reported by two members, checked by hand before it was published.",'
    '"indicator_types":["malicious-activity"],"pattern":"%s","pattern_type":"stix",'
    '"pattern_version":"2.1","valid_from":"%s","labels":["phishing","cybercrime"],"confidence":85}'
)


def uuid4(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def instant(rng):
    """A timestamp in 2024, with the three digits that STIX 2.1 section 3.2 asks for."""
    return "2024-%02d-%02dT%02d:%02d:%02d.%03dZ" % (
        rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23),
        rng.randint(0, 59), rng.randint(0, 59), rng.randint(0, 999),
    )


def raw_indicator(rng):
    """(id, the object as bytes)."""
    stix_id, when = uuid4(rng), instant(rng)
    word = "%012x" % rng.getrandbits(48)
    kind = rng.randrange(3)
    if kind == 0:
        pattern = f"[domain-name:value = 'login.{word}.mail-gateway.example.net']"
    elif kind == 1:
        octets = rng.choice((18, 19)), rng.randrange(256), rng.randrange(1, 255)
        pattern = "[ipv4-addr:value = '198.%d.%d.%d']" % octets
    else:
        pattern = f"[url:value = 'http://{word}.example.org/sign-in/{word[:4]}']"
    text = _INDICATOR % (stix_id, when, when, f"Phishing host {word}", pattern, when)
    return "indicator--" + stix_id, text.encode()


def raw_indicators(count, seed):
    rng = random.Random(seed)
    return [raw_indicator(rng) for _ in range(count)]


def envelope(raws):
    return b'{"objects":[' + b",".join(raws) + b"]}"


def indicator(rng, **changes):
    """A small indicator as a dict. A change to None leaves the property out."""
    when = instant(rng)
    made = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--" + uuid4(rng),
        "created": when,
        "modified": when,
        "name": "Small indicator",
        "pattern": "[domain-name:value = '%x.example.net']" % rng.getrandbits(48),
        "pattern_type": "stix",
        "valid_from": when,
    }
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def compact(item):
    """A dict as the bytes that the tests send and expect back."""
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False).encode()
