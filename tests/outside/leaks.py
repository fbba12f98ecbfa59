#!/usr/bin/env python3
"""Who gets to see what, over HTTP: every role × marking × place on every surface a node serves.

    python3 tests/outside/leaks.py [--binary PATH]

Each object carries words of its own (its UUID, a host name, a title). Every caller asks every surface;
an answer (status line, headers and body) that holds a word of an object which the table in
docs/operating.md keeps from that caller is a leak; a surface that lists objects and leaves out one that
the table grants is a fault too. Requests between two of the callers are held against the table of
docs/requests.md. Prints one line a caller; exits 1 when a cell is wrong.
"""

import argparse
import json
import random
import sys
import tempfile
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import indicators  # noqa: E402
import node as outside  # noqa: E402

MARKINGS = {
    "clear": "94868c89-83c2-464b-929b-a1a8aa3c8487", "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
# Where an object lies: an open collection, a collection of the circle, an open collection with the
# circle's marking on the object, and a withdrawn object of the open collection.
PLACES = ("open", "circle", "marked", "withdrawn")
# Terms of partners: the collections they name (none for all), the marking they reach, first and last
# day, and whether they were ended.
TERMS = {
    "terms-here": (("open", "circle"), "amber", "2024-01-01", "2999-12-31", False),
    "terms-all": ((), "red", "2024-01-01", None, False),
    "terms-green": (("open", "circle"), "green", "2024-01-01", None, False),
    "terms-elsewhere": (("elsewhere",), "red", "2024-01-01", None, False),
    "terms-to-come": (("open", "circle"), "amber", "2999-01-01", None, False),
    "terms-over": (("open", "circle"), "amber", "2024-01-01", "2024-12-31", False),
    "terms-ended": (("open", "circle"), "amber", "2024-01-01", None, True),
    "circled-terms-over": (("open", "circle"), "red", "2024-01-01", "2024-12-31", False),
    "circled-terms-strict": (("circle",), "amber+strict", "2024-01-01", None, False),
}
# party, stance, in the circle, named recipient of the open collection
CALLERS = {
    "anonymous": (None, False, False),
    "publisher": ("signed", True, False),
    "signed": ("signed", False, False),
    "partner": ("partner", False, False),
    "talks": ("in-talks", False, False),
    "out": ("sitting-out", False, False),
    "suspended": ("suspended", False, False),
    "withdrawn": ("withdrawn", False, False),
    "circled-signed": ("signed", True, False),
    "circled-talks": ("in-talks", True, False),
    "circled-suspended": ("suspended", True, False),
    "recipient": ("in-talks", False, True),
    "terms-here": ("partner", False, True),
    "terms-all": ("partner", False, True),
    "terms-green": ("partner", False, False),
    "terms-elsewhere": ("partner", False, False),
    "terms-to-come": ("partner", False, True),
    "terms-over": ("partner", False, True),
    "terms-ended": ("partner", False, False),
    "circled-terms-over": ("partner", True, False),
    "circled-terms-strict": ("partner", True, False),
}
INSIDE = ("signed", "partner", "in-talks", "sitting-out")


def reach(caller, place):
    """The most restrictive marking that a partner's terms reach today (docs/accession.md)."""
    named, up_to, first, last, ended = TERMS[caller]
    in_force = first <= "2026-06-01" and (last is None or last >= "2026-06-01") and not ended
    here = "circle" if place == "circle" else "open"
    return up_to if in_force and (not named or here in named) else "green"


def expected(caller, place, marking):
    """The table of docs/operating.md, and terms on top of it."""
    if caller in TERMS:
        ranks = list(MARKINGS)
        if ranks.index(marking) > max(1, ranks.index(reach(caller, place))):
            return False
    stance, circled, recipient = CALLERS[caller]
    if caller == "publisher":
        return True
    confined = place in ("circle", "marked")
    if confined and not circled:
        return False
    if stance is None:
        return marking == "clear"
    registered = stance in INSIDE
    if place == "circle" and not registered:
        return False
    trusted = stance in ("signed", "partner")
    return {
        "clear": True,
        "green": registered,
        "amber": registered if confined else trusted,
        "amber+strict": (recipient and registered and not confined) or (confined and trusted),
        "red": recipient and registered and not confined,
    }[marking]


class Thing:
    """An object and the words by which it is known again."""

    def __init__(self, rng, place, marking, circle):
        self.place, self.marking = place, marking
        word = "%016x" % rng.getrandbits(64)
        refs = ["marking-definition--" + MARKINGS[marking]]
        if place == "marked":
            refs.append(circle)
        self.host = f"h{word}.example"
        self.object = indicators.indicator(
            rng, name=f"title {word}", object_marking_refs=refs, labels=["cybercrime"],
            pattern=f"[domain-name:value = '{self.host}' OR file:hashes.PDQ = '{word * 4}']", valid_from="2025-01-01T00:00:00Z",
        )
        self.id = self.object["id"]
        self.uuid = self.id.split("--")[1]
        # The id itself is what a withdrawal may repeat; the rest nobody may see any more.
        self.words = [self.uuid, word]

    def shown_in(self, text, asked_for=()):
        """Whether words of it stand in a text; what the caller wrote itself does not count."""
        return any(word in text for word in self.words if word not in asked_for)


class Case:
    """A request from `publisher` to `signed`, and the words by which it is known again."""

    def __init__(self, rng, marking, draft):
        self.marking, self.draft = marking, draft
        self.word = "%016x" % rng.getrandbits(64)
        self.person = "%016x" % rng.getrandbits(64)
        self.body = {
            "to": "signed", "kind": "assistance", "title": f"help {self.word}", "words": f"Please help: {self.word}.",
            "targets": [f"https://h{self.word}.example/"], "marking": "TLP:" + marking.upper(), "draft": draft,
            "contact": {"name": f"p{self.person}", "email": f"{self.person}@publisher.example"},
        }
        self.id = None

    def words_for(self, caller):
        """The words of it that the table of docs/requests.md lets a caller see: (id, what is said, contact)."""
        sides = caller == "publisher" or (caller == "signed" and not self.draft)
        shown = not self.draft and self.marking != "red"
        inside = CALLERS[caller][0] in INSIDE
        said = shown and (self.marking == "clear" or (self.marking == "green" and inside))
        return {self.id: sides or shown, self.word: sides or said, self.person: sides}


def check_cases(caller, client, cases):
    """The number of cells and what is wrong, for requests."""
    cells, wrong = 0, []
    ask = {"Accept": "application/json"}
    paths = ["/api/v1/requests", "/api/v1/requests?from=publisher", "/api/v1/requests?to=signed&kind=assistance"]
    for path in paths + [f"/api/v1/requests/{case.id}" for case in cases]:
        answer = client.request("GET", path, None, ask)
        text = answer_text(answer).replace(path, "")
        for case in cases:
            one = path.endswith(case.id)
            if not one and path not in paths:
                continue
            for word, granted in case.words_for(caller).items():
                cells += 1
                # A refusal may repeat the id that was asked for; a list names nobody to ask.
                shown = word in text and (answer.status == 200 or word != case.id)
                if shown and not granted:
                    wrong.append(f"LEAK {path}: request {case.marking} draft={case.draft}")
                if granted and not shown and (one or word != case.person):
                    wrong.append(f"withheld {path}: request {case.marking} draft={case.draft}")
            if one and not case.words_for(caller)[case.id]:
                nowhere = client.request("GET", "/api/v1/requests/00000000dead", None, ask)
                same = nowhere.body.replace(b"00000000dead", case.id.encode()) == answer.body
                if nowhere.status != answer.status or not same:
                    wrong.append(f"{path} tells a hidden request from nothing: {answer} / {nowhere}")
    return cells, wrong


def send_cases(node, token, rng):
    """Requests of each marking, sent and drafted."""
    client = outside.Client(node.url, outside.basic(token))
    cases = [Case(rng, marking, draft) for marking in MARKINGS for draft in (False, True)]
    for case in cases:
        answer = client.request("POST", "/api/v1/requests", json.dumps(case.body).encode(),
                                {"Content-Type": "application/json", "Accept": "application/json"})
        if answer.status not in (200, 201):
            raise RuntimeError(f"not sent: {answer} {answer.body[:300]}")
        case.id = json.loads(answer.body)["id"]
    client.close()
    return cases


def answer_text(answer):
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return head + "\n" + answer.body.decode("utf-8", "replace")


def surfaces(collections, things):
    """(name, method, path, body, headers, the words the request itself holds, lists all?)"""
    listing, single = [], []
    root = "/taxii2/signals/"
    listing.append(("taxii collections", "GET", root + "collections/", None, {}, (), None))
    for place, info in collections.items():
        base = f"{root}collections/{info['id']}/"
        for name, rest in (
            ("objects", "objects/"), ("by type", "objects/?match[type]=indicator"),
            ("all versions", "objects/?match[version]=all"), ("manifest", "manifest/"),
        ):
            listing.append((f"taxii {name}", "GET", base + rest, None, {}, (), place))
        for path in (f"/api/v1/collections/{place}", f"/feeds/{place}.csv", f"/feeds/{place}.txt",
                     f"/feeds/{place}.atom", f"/misp/{place}/manifest.json",
                     f"/misp/{place}/hashes.csv"):
            listing.append((path.split("/")[1], "GET", path, None, {"Accept": "*/*"}, (), None))
        listing.append(("page of a collection", "GET", f"/collections/{place}", None,
                        {"Accept": "text/html"}, (), place))
    for path in ("/", "/collections", "/register", "/party/publisher", "/principle/1", "/pledge",
                 "/talks", "/diff", "/party/terms-here", "/pledge/versions"):
        listing.append((f"page {path}", "GET", path, None, {"Accept": "text/html"}, (), None))
    for path, accept in (
        ("/api/v1/changes?limit=1000", "application/json"),
        ("/api/v1/changes?limit=1000", "application/x-ndjson"), ("/api/v1/collections", "*/*"),
        ("/api/v1/withdrawals", "*/*"), ("/api/v1/withdrawals?open=true", "*/*"),
        ("/api/v1/circles", "*/*"), ("/api/v1/feedback", "*/*"), ("/api/v1/node", "*/*"),
        ("/api/v1/parties/publisher", "*/*"), ("/api/v1/talks", "*/*"), ("/api/v1/terms", "*/*"),
        ("/api/v1/invitations", "*/*"), ("/api/v1/pledge/diff?from=2018-01-01", "*/*"),
    ):
        listing.append((path, "GET", path, None, {"Accept": accept}, (), None))
    for thing in things:
        own = (thing.uuid,)
        info = collections[{"withdrawn": "open", "marked": "open"}.get(thing.place, thing.place)]
        base = f"{root}collections/{info['id']}/"
        for path in (f"{base}objects/{thing.id}/", f"{base}objects/{thing.id}/versions/",
                     f"{base}objects/?match[id]={thing.id}", f"/signal/{thing.id}",
                     f"/api/v1/signals/{thing.id}/audience", f"/api/v1/signals/{thing.id}/fetches",
                     f"/api/v1/signals/{thing.id}/feedback"):
            single.append((path.replace(thing.id, "ID").replace(info["id"], "C"), "GET", path, None,
                           {"Accept": "*/*"}, own, thing))
        text = json.dumps({"values": [thing.host]}).encode()
        word = thing.words[1]
        single.append(("lookup", "POST", "/api/v1/lookup", text,
                       {"Content-Type": "application/json", "Accept": "*/*"}, (word,), thing))
        image = json.dumps({"values": ["pdq:" + word * 4]}).encode()
        single.append(("lookup of an image", "POST", "/api/v1/lookup", image,
                       {"Content-Type": "application/json", "Accept": "application/x-ndjson"}, (word,), thing))
        asked = f"?signal_type=pdq&signal={word * 4}"
        single.append(("HMA lookup", "GET", "/m/lookup" + asked, None, {}, (word,), thing))
        single.append(("HMA raw lookup", "GET", "/m/raw_lookup" + asked + "&include_distance=true", None, {},
                       (word,), thing))
        form = urllib.parse.urlencode({"text": thing.host}).encode()
        single.append(("match box", "POST", "/match", form, {
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}, (word,), thing))
    return listing, single


# Words of a step of talks with the party `talks` and of an invitation of the party `out`.
HIDDEN = "hidden-7f3a9d1c5e"


def check(caller, client, collections, things):
    """The number of cells and what is wrong."""
    cells, wrong = 0, []
    listing, single = surfaces(collections, things)
    for name, method, path, body, headers, own, subject in listing + single:
        answer = client.request(method, path, body, headers)
        if answer.status >= 500:
            wrong.append(f"{name}: {answer.status}")
        text = answer_text(answer)
        if HIDDEN in text and caller not in ("talks", "out"):
            wrong.append(f"LEAK {name}: talks between two sides")
        for thing in things:
            granted = expected(caller, thing.place, thing.marking)
            gone = thing.place == "withdrawn"
            shown = thing.shown_in(text, own if subject is thing else ())
            cells += 1
            at = f"{name}: {thing.place} {thing.marking}"
            if shown and not granted:
                wrong.append(f"LEAK {at}")
            if gone and granted and thing.words[1] in text and subject is not thing:
                wrong.append(f"a withdrawn object's words: {at}")
            in_list = subject == {"marked": "open"}.get(thing.place, thing.place)
            if granted and not gone and in_list and not shown:
                wrong.append(f"withheld {at}")
        if isinstance(subject, Thing):
            cells += 1
            wrong += indistinguishable(caller, client, name, method, path, body, headers, subject, answer)
    return cells, wrong


def indistinguishable(caller, client, name, method, path, body, headers, thing, answer):
    """What a caller may not know of is answered as what was never there."""
    if expected(caller, thing.place, thing.marking) or method != "GET":
        return []
    nowhere = "00000000-0000-4000-8000-00000000dead"
    other = client.request(method, path.replace(thing.uuid, nowhere), body, headers)
    same = other.body.replace(nowhere.encode(), thing.uuid.encode()) == answer.body
    if other.status != answer.status or not same:
        return [f"{name} tells {thing.place} {thing.marking} from nothing: {answer} / {other}"]
    return []


def furnish(node):
    """Parties, tokens, collections, objects; returns tokens, collections by place, things."""
    data = ["--data", str(node.data)]
    tokens = {}
    for name, (stance, circled, _) in CALLERS.items():
        if stance is None:
            tokens[name] = None
            continue
        node.run("party", "add", name, *data, "--kind", "civil-society")
        node.run("party", "stance", name, stance, *data, "--since", "2024-01-01", "--source", "test", "--reason", "a test")
        if circled:
            node.run("circle", "set", "ring", *data, "--add", name)
        tokens[name] = node.create_token(name)
    ring = json.loads(node.run("circle", "show", "ring", *data, "--json").stdout)
    named = [name for name, (_, _, recipient) in CALLERS.items() if recipient]
    recipients = [word for name in named for word in ("--recipient", name)]
    node.run("collection", "create", "open", *data, "--public", *recipients)
    node.run("collection", "create", "circle", *data, "--circle", "ring")
    node.run("collection", "create", "elsewhere", *data)
    for name, (reached, up_to, first, last, ended) in TERMS.items():
        where = [word for alias in reached for word in ("--collection", alias)]
        until = ["--until", last] if last else []
        node.run("terms", "set", "of-" + name, *data, "--party", name, "--up-to", up_to, "--from", first,
                 "--source", "test", "--publish", *where, *until)
        if ended:
            node.run("terms", "end", "of-" + name, *data, "--reason", "test")
    # Talks that nobody but the two sides may know of: their words stand for no caller but these.
    node.run("talks", "step", "talks", *data, "--words", HIDDEN, "--topic", HIDDEN, "--show", "words")
    node.run("invite", "out", *data, "--words", HIDDEN)
    rng = random.Random("leaks")
    things = [Thing(rng, place, marking, ring["marking"]) for place in PLACES for marking in MARKINGS]
    return tokens, things


def fill(node, token, things):
    """Publishes all objects and withdraws those that are to be withdrawn."""
    client = outside.Client(node.url, outside.basic(token))
    root = outside.discover(client, node.url)
    found = {c.info["alias"]: c for c in outside.collections(client, root)}
    for place in ("open", "circle"):
        mine = [t.object for t in things if (t.place == "circle") == (place == "circle")]
        status = outside.publish(client, found[place], mine)
        if status["failure_count"]:
            raise RuntimeError(f"not published: {status['failures']}")
    for thing in things:
        if thing.place == "withdrawn":
            answer = client.delete(found["open"].object(thing.id))
            if answer.status != 200:
                raise RuntimeError(f"not withdrawn: {answer}")
    client.close()
    return {place: found[place].info for place in ("open", "circle")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=None, help="the entente to test")
    asked = parser.parse_args()
    binary = asked.binary or outside.default_binary()
    total, faults = 0, 0
    with tempfile.TemporaryDirectory(prefix="entente-leaks-") as scratch:
        node = outside.Node(binary, Path(scratch) / "data")
        node.init()
        tokens, things = furnish(node)
        node.start()
        try:
            collections = fill(node, tokens["publisher"], things)
            cases = send_cases(node, tokens["publisher"], random.Random("requests"))
            for caller, token in tokens.items():
                authorization = outside.basic(token) if token else None
                client = outside.Client(node.url, authorization)
                cells, wrong = check(caller, client, collections, things)
                more, faults_of_cases = check_cases(caller, client, cases)
                cells, wrong = cells + more, wrong + faults_of_cases
                client.close()
                total, faults = total + cells, faults + len(wrong)
                print(f"{'not ok' if wrong else 'ok'} {caller}: {cells} cells")
                for line in wrong[:20]:
                    print(f"    # {line}")
        finally:
            node.stop()
    print(f"{total} cells, {faults} wrong")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
