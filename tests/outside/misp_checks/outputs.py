"""CSV, plain lists and Atom of a collection, against what the same callers see over TAXII."""

import csv
import io
import xml.etree.ElementTree as xml

import node
from misp_checks import MARKINGS, constants, level, signals

COLUMNS = ["value", "type", "id", "valid_from", "valid_until", "marking", "harm", "publisher", "labels",
           "pap"]
KINDS = {"ipv4-addr:": "ipv4", "ipv6-addr:": "ipv6", "domain-name:": "domain", "url:": "url",
         "email-addr:": "email", "email-message:from_ref": "email", "hashes.MD5": "md5",
         "hashes.'SHA-1'": "sha1", "hashes.'SHA-256'": "sha256", "hashes.'SHA-512'": "sha512"}


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
        rng = signals.seeded(9)
        made = [item for marking in MARKINGS for item, _, _ in signals.of_each_kind(rng, marking)]
        formula = signals.indicator(rng, "[email-addr:value = '=cmd@example.com']", "clear",
                                    labels=["=1+1", "+x"], name="<b>&\u0007\"")
        revoked = signals.indicator(rng, "[domain-name:value = 'gone.example.org']", "clear",
                                    revoked=True)
        status = node.publish(publisher, collection, made + [formula, revoked])
        rules.same("every signal is taken", status.get("failures", []), [])
        everything = made + [formula, revoked]
        callers = {
            "publisher": (publisher, set(MARKINGS)),
            "member": (node.Client(running.url, node.basic(tokens[1])), {"clear", "green", "amber"}),
            "anyone": (node.Client(running.url), {"clear"}),
        }
        for name, (client, sees) in callers.items():
            seen = [item for item in everything if level(item) in sees]
            table(rules, name, client, seen, ours)
            lists(rules, name, client)
            atom(rules, name, client, seen, running.url)
        stranger = callers["anyone"][0]
        for path, status in [("/feeds/nowhere.csv", 401), ("/feeds/shared.pdf", 404),
                             ("/feeds/shared.txt?type=ip", 400), ("/feeds/shared.txt?kind=url", 400)]:
            answer = stranger.get(path, accept="*/*")
            rules.same(f"{path} is {status}", answer.status, status)
            rules.say(f"{path} says why", answer.json()["detail"], answer)
    finally:
        running.stop()


def in_force(item):
    over = item.get("valid_until", "9999") < "2026-06-01"
    return not item.get("revoked") and not over


def values(item):
    """{(kind, value)} that can be matched in a log by themselves."""
    if item["type"] != "indicator":
        kind = {"ipv4-addr": "ipv4", "domain-name": "domain"}.get(item["type"])
        if kind:
            return {(kind, item["value"])}
        hashes = item.get("hashes", {}) if item["type"] == "file" else {}
        return {(name.replace("-", "").lower(), digest) for name, digest in hashes.items()}
    pattern = item["pattern"]
    words = (" AND ", "FOLLOWEDBY", "REPEATS", "LIKE")
    if item["pattern_type"] != "stix" or any(word in pattern for word in words):
        return set()
    found = set()
    for part in pattern.split(" OR "):
        kind = next((kind for word, kind in KINDS.items() if word in part), None)
        said = constants(part)
        if " IN (" in part:
            said = {text.strip(" '") for text in part.split("(")[1].split(")")[0].split(",")}
        found |= {(kind, value) for value in said if kind}
    return found


def table(rules, name, client, seen, publisher):
    answer = client.get("/feeds/shared.csv", accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    rules.same(f"{name}: the table's columns", answer.body.decode().splitlines()[0].split(","), COLUMNS)
    found = {(row["type"], row["value"].removeprefix("'"), row["id"]) for row in rows}
    wanted = {(kind, value, item["id"]) for item in seen if in_force(item)
              for kind, value in values(item)}
    rules.same(f"{name}: the table has what is in force and may be seen", found, wanted)
    by_id = {item["id"]: item for item in seen}
    wrong = []
    for row in rows:
        item = by_id[row["id"]]
        if row["marking"] != f"TLP:{level(item).upper()}" or row["publisher"] != publisher:
            wrong.append(row)
        if item["type"] == "indicator" and item.get("labels", [])[:1] == ["phishing"]:
            if row["labels"] != "phishing;election-interference":
                wrong.append(row)
            if row["harm"] != "election-interference":
                wrong.append(row)
            if row["valid_from"][:19] != item["valid_from"][:19]:
                wrong.append(row)
        if any(cell.startswith(("=", "+", "-", "@")) for cell in row.values()):
            wrong.append(("a formula", row))
    rules.same(f"{name}: marking, harm, labels, publisher and times of each row", wrong[:3], [])


def lists(rules, name, client):
    rows = list(csv.DictReader(io.StringIO(
        client.get("/feeds/shared.csv", accept="*/*").body.decode(), newline="")))
    pairs = [(row["type"], row["value"].removeprefix("'")) for row in rows]
    for kinds in ("", "?type=ipv4", "?type=domain,url", "?type=sha256", "?type=email"):
        chosen = set(kinds.removeprefix("?type=").split(",")) if kinds else None
        lines = client.get(f"/feeds/shared.txt{kinds}", accept="*/*").body.decode().splitlines()
        wanted = [value for kind, value in pairs if chosen is None or kind in chosen]
        rules.same(f"{name}: the list{kinds} has the table's values", lines, wanted)


def atom(rules, name, client, seen, url):
    answer = client.get("/feeds/shared.atom", accept="application/atom+xml")
    space = {"a": "http://www.w3.org/2005/Atom"}
    feed = xml.fromstring(answer.body)
    entries = feed.findall("a:entry", space)
    found = {entry.find("a:link", space).get("href").rsplit("/", 1)[1] for entry in entries}
    newest = [item["id"] for item in seen][-100:]
    wanted = {item["id"] for item in seen if item["id"] in newest and not item.get("revoked")}
    rules.same(f"{name}: Atom has the newest that may be seen", found, wanted)
    wrong = [entry for entry in entries if any(
        entry.find(f"a:{part}", space) is None for part in ("id", "title", "updated", "author"))]
    rules.same(f"{name}: each entry has what RFC 4287 asks for", wrong, [])
    titles = {entry.find("a:title", space).text for entry in entries}
    rules.say(f"{name}: markup and control characters do no harm", '<b>&"' in titles, titles)
    page = client.get(feed.find("a:entry", space).find("a:link", space).get("href").replace(
        url.rstrip("/"), ""), accept="text/html")
    rules.same(f"{name}: an entry leads to its page", page.status, 200)
