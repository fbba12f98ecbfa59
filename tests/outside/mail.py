#!/usr/bin/env python3
"""Keeps people informed as they see it: mail through aiosmtpd, calendars read by icalendar, feeds by
feedparser.

    python3 tests/outside/mail.py
    python3 tests/outside/mail.py --kills 8

A node sends confirmations, briefings and digests to an SMTP server that takes, refuses, delays and goes
away; it is killed (-9) while it sends. Every message is read by Python's email package. Prints a line
for each rule; exits 1 when one is broken.
"""

import argparse
import datetime as dt
import email
import email.policy
import json
import random
import re
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402
import indicators  # noqa: E402
import node  # noqa: E402
import webhooks  # noqa: E402

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Mailbox:
    """What an SMTP server was given; `answers` tells what it says to a recipient, else 250."""

    def __init__(self):
        self.taken, self.answers, self.lock = [], {}, threading.Lock()
        self.tls, self.users = [], []

    async def handle_RCPT(self, server, session, envelope, address, options):
        said = self.answers.get(address)
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with self.lock:
            for address in envelope.rcpt_tos:
                self.taken.append((address, envelope.content))
            self.tls.append(server.transport.get_extra_info("ssl_object") is not None)
            self.users.append(getattr(session, "auth_data", None))
        return "250 taken"

    def of(self, address):
        with self.lock:
            raw = [content for to, content in self.taken if to == address]
        return [email.message_from_bytes(content, policy=email.policy.default) for content in raw]

    def wait(self, address, count=1, patience=30):
        until = time.monotonic() + patience
        while len(self.of(address)) < count:
            assert time.monotonic() < until, f"{address} got {len(self.of(address))} of {count}"
            time.sleep(0.02)
        return self.of(address)


class Server:
    """An SMTP server on loopback that can go away and come back at the same port."""

    def __init__(self, mailbox, **rest):
        self.mailbox, self.rest, self.port = mailbox, rest, node.free_port()
        self.controller = None

    def start(self):
        from aiosmtpd.controller import Controller

        self.controller = Controller(self.mailbox, "127.0.0.1", self.port, **self.rest)
        self.controller.start()

    def stop(self):
        self.controller.stop()


class Scene:
    def __init__(self, running, mailbox, server):
        self.running, self.mailbox, self.server = running, mailbox, server
        running.init()
        running.create_collection("library", "--public")
        self.parties = running.signed_parties(3)
        self.tokens = [running.create_token(party) for party in self.parties]
        running.start()
        self.anyone = node.Client(running.url)
        self.sources = 0

    def member(self, at=0):
        return node.Client(self.running.url, node.basic(self.tokens[at]))

    def source(self):
        self.sources += 1
        return {"X-Forwarded-For": f"203.0.113.{self.sources % 250}, 198.51.100.{self.sources % 250}"}

    def subscribe(self, address, topics, client=None, **more):
        body = json.dumps({"address": address, "topics": topics, **more})
        headers = {**JSON, **self.source()}
        return (client or self.anyone).request(
            "POST", "/api/v1/subscriptions", body, headers, "application/json")

    def subscribed(self, address, topics, client=None, **more):
        answer = self.subscribe(address, topics, client, **more)
        assert answer.status == 202, answer
        before = len(self.mailbox.of(address))
        message = self.mailbox.wait(address, before + 1)[-1]
        path = link(message, "/mail/confirm/")
        answer = self.anyone.request("POST", path, b"", FORM, "text/html")
        assert answer.status == 200, answer
        return path

    def due(self, at, check=True):
        done = self.running.run("mail", "send-due", "--data", str(self.running.data), "--at", at,
                                "--json", check=check)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def news(self, name):
        """Something that is news for everybody."""
        self.running.run("party", "add", "--data", str(self.running.data), name,
                         "--kind", "private-sector")

    def stop_node(self):
        self.anyone.close()
        self.running.stop()


def link(message, part):
    """The path of the first link in a message's text that holds `part`."""
    text = message.get_body(("plain",)).get_content()
    found = re.search(rf"http://127\.0\.0\.1:\d+({re.escape(part)}\S+)", text)
    assert found, text
    return found.group(1)


def at(days, clock):
    """So many days from today, at a time of UTC."""
    day = dt.datetime.now(dt.timezone.utc).date() + dt.timedelta(days=days)
    return f"{day}T{clock}Z"


def confirmed(scene):
    """nothing but a confirmation is sent before the link's button is pressed"""
    address = "reader@example.org"
    answer = scene.subscribe(address, ["register"], zone="Europe/Paris", hour=7)
    assert answer.status == 202, answer
    same = scene.subscribe("other@example.org", ["register"])
    assert same.body == answer.body, "the answer tells addresses apart"
    message = scene.mailbox.wait(address)[0]
    assert message["Auto-Submitted"] == "auto-generated" and message["List-Unsubscribe"] is None
    assert message["To"] == address and "@" in message["Message-ID"], message.items()
    path = link(message, "/mail/confirm/")
    # Scanners look; nothing comes of it.
    for _ in range(3):
        assert scene.anyone.get(path, accept="text/html").status == 200
    scene.news("Before It Was Confirmed")
    assert scene.due(at(2, "07:00:00"))["sent"] == 0
    assert len(scene.mailbox.of(address)) == 1
    assert scene.anyone.request("POST", path, b"", FORM, "text/html").status == 200
    # A second press changes nothing.
    assert scene.anyone.request("POST", path, b"", FORM, "text/html").status == 200
    wrong = path[:-3] + ("AAA" if not path.endswith("AAA") else "BBB")
    assert scene.anyone.request("POST", wrong, b"", FORM, "text/html").status == 404


def briefed(scene):
    """a briefing says what is new, once, with the headers and parts that it should have"""
    address = "reader@example.org"
    scene.news("Ruritania Telecom")
    scene.news("<b>Bold & Sons</b>")
    done = scene.due(at(1, "07:00:00"))
    assert done["sent"] == 1 and done["waiting"] == 0, done
    message = scene.mailbox.wait(address, 2)[-1]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", message.items()
    assert message["Precedence"] == "list" and message["Auto-Submitted"] == "auto-generated"
    assert re.search(r"<briefing\.\S+>$", message["List-Id"]), message["List-Id"]
    assert message["Date"].datetime and message["From"].addresses[0].addr_spec == "news@node.example"
    assert message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"], kinds
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "Ruritania Telecom" in part, part
        assert "Before It Was Confirmed" not in part, "told what was recorded before"
    assert "<b>Bold" not in html and "&#60;b&#62;Bold" in html, html
    assert not re.search(r"<(img|script|link|iframe)|src=|url\(", html), "loads something"
    assert scene.anyone.get(re.search(r"(/log/receipt/\d+)", text).group(1)).status == 200
    raw = [content for to, content in scene.mailbox.taken if to == address][-1]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")), "a line is too long"
    # The same again, and a day without news.
    assert scene.due(at(1, "07:00:00"))["sent"] == 0
    assert scene.due(at(2, "07:00:00")) == {**done, "sent": 0, "skipped": 1}
    assert len(scene.mailbox.of(address)) == 2


def weekly(scene):
    """a weekly digest comes on its day and hour, where its reader is"""
    address = "weekly@example.org"
    scene.subscribed(address, ["register", "signals:library"], weekly=True, weekday=3, hour=9,
                     zone="Pacific/Auckland")
    scene.news("Weekly Limited")
    publisher = scene.member()
    collection = node.collections(publisher, node.discover(publisher, scene.running.url))[0]
    clear = ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]
    said = [json.loads(raw) for _, raw in indicators.raw_indicators(30, 7)]
    for one in said:
        one["object_marking_refs"] = clear
    node.publish(publisher, collection, said)
    today = dt.datetime.now(dt.timezone.utc)
    # Wednesday 09:00 in Auckland is Tuesday 20:00 or 21:00 in UTC.
    tuesday = (1 - today.weekday()) % 7 or 7
    day = (today + dt.timedelta(days=tuesday)).date()
    scene.due(f"{day}T19:59:00Z")
    assert len(scene.mailbox.of(address)) == 1, "it came too early"
    scene.due(f"{day}T21:00:00Z")
    message = scene.mailbox.wait(address, 2)[-1]
    text = message.get_body(("plain",)).get_content()
    assert "weekly" in message["Subject"] and "<weekly." in message["List-Id"]
    assert "Weekly Limited" in text and "and 18 more" in text, text


def members(scene):
    """a member is told what it may see, and nothing once its token is revoked"""
    address, outsider = "member@example.org", "outsider@example.org"
    assert scene.subscribe(address, ["inbox"]).status == 401, "the inbox is for members"
    party, data = scene.parties[1], str(scene.running.data)
    issued = scene.running.run("token", "create", "--data", data, "--party", party, "--scope",
                               "read", "--account", "mail", "--json")
    issued = json.loads(issued.stdout)
    client = node.Client(scene.running.url, node.basic(issued["token"]))
    scene.subscribed(address, ["signals", "feedback"], client)
    scene.subscribed(outsider, ["signals"])
    publisher = scene.member()
    collection = node.collections(publisher, node.discover(publisher, scene.running.url))[0]
    markings = {"GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
                "AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421"}
    said = [json.loads(raw) for _, raw in indicators.raw_indicators(2, 91)]
    for one, (name, marking) in zip(said, markings.items()):
        one["name"] = f"named {name}"
        one["object_marking_refs"] = [f"marking-definition--{marking}"]
    node.publish(publisher, collection, said)
    scene.due(at(3, "07:00:00"))
    text = scene.mailbox.wait(address, 2)[-1].get_body(("plain",)).get_content()
    assert "named GREEN" in text, text
    assert "named AMBER" not in text and "TLP:AMBER" in text, "says what is marked AMBER"
    assert not [one for one in scene.mailbox.of(outsider)[1:] if "named" in one.as_string()]
    more = [json.loads(raw) for _, raw in indicators.raw_indicators(1, 92)]
    more[0]["object_marking_refs"] = [f"marking-definition--{markings['GREEN']}"]
    node.publish(publisher, collection, more)
    scene.running.run("token", "revoke", "--data", data, issued["id"])
    done = scene.due(at(4, "07:00:00"))
    assert done["stopped"] == 1 and len(scene.mailbox.of(address)) == 2, done


def left(scene):
    """one click ends it at once, as Gmail clicks, and the address is gone"""
    address = "reader@example.org"
    before = scene.mailbox.of(address)
    message = before[-1]
    url = message["List-Unsubscribe"].strip("<>")
    path = urllib.parse.urlsplit(url).path
    page = scene.anyone.get(path, accept="text/html")
    assert page.status == 200 and address.encode() in page.body
    other = path.replace("/mail/subscription/", "/mail/confirm/")
    assert scene.anyone.get(other, accept="text/html").status == 404, "a link for another purpose"
    answer = scene.anyone.request("POST", path, b"List-Unsubscribe=One-Click", FORM, "*/*")
    assert answer.status == 200 and "location" not in answer.headers, answer
    # Providers click twice.
    assert scene.anyone.request("POST", path, b"List-Unsubscribe=One-Click", FORM).status == 200
    assert scene.anyone.get(path, accept="text/html").status == 404
    listed = scene.running.run("mail", "subscriptions", "list", "--data", str(scene.running.data))
    assert address not in listed.stdout, listed.stdout
    scene.news("After It Ended")
    scene.due(at(5, "08:00:00"))
    assert len(scene.mailbox.of(address)) == len(before), "mail after it was ended"


def refused(scene):
    """4xx is tried again, 5xx about the recipient ends it, 5xx about us does not"""
    later, never, policy = "later@example.org", "never@example.org", "policy@example.org"
    for address in (later, never, policy):
        scene.subscribed(address, ["register"])
    scene.mailbox.answers = {
        later: "450 4.2.1 mailbox busy",
        never: "550 5.1.1 no such user",
        policy: "550 5.7.1 relaying denied",
    }
    scene.news("Refused Limited")
    done = scene.due(at(6, "07:00:00"))
    assert done["failed"] == 2 and done["stopped"] == 1, done
    scene.mailbox.answers = {}
    scene.due(at(6, "07:30:00"))
    for address in (later, policy):
        assert "Refused Limited" in str(scene.mailbox.wait(address, 2)[-1])
    assert len(scene.mailbox.of(never)) == 1
    listed = scene.running.run("mail", "subscriptions", "list", "--data", str(scene.running.data),
                               "--json")
    states = {one["address"]: one["state"] for one in map(json.loads, listed.stdout.splitlines())}
    assert states[never] == "stopped" and states[policy] == "active", states


def away(scene):
    """while the server is away digests wait, and none is lost"""
    address = "away@example.org"
    scene.subscribed(address, ["register"])
    scene.server.stop()
    scene.news("While It Was Away")
    assert scene.due(at(7, "07:00:00"))["failed"] >= 1
    scene.server.start()
    scene.due(at(7, "08:00:00"))
    assert "While It Was Away" in str(scene.mailbox.wait(address, 2)[-1])
    assert len(scene.mailbox.of(address)) == 2


def throttled(scene):
    """nobody is bombed with confirmations, and the answer is the same"""
    address = "victim@example.org"
    answers = [scene.subscribe(address, ["register"]) for _ in range(8)]
    assert {answer.status for answer in answers} == {202}, answers
    assert len({answer.body for answer in answers}) == 1
    time.sleep(1)
    assert len(scene.mailbox.wait(address, 3)) == 3, len(scene.mailbox.of(address))
    source, statuses = {"X-Forwarded-For": "192.0.2.77"}, []
    for number in range(12):
        body = json.dumps({"address": f"many{number}@example.org", "topics": ["register"]})
        answer = scene.anyone.request("POST", "/api/v1/subscriptions", body, {**JSON, **source})
        statuses.append(answer.status)
    assert statuses == [202] * 10 + [429] * 2, statuses
    for wrong in ({"address": "nobody", "topics": ["register"]},
                  {"address": "a@example.org\r\nBcc: b@example.org", "topics": ["register"]},
                  {"address": "a@example.org", "topics": []},
                  {"address": "a@example.org", "topics": ["nothing"]},
                  {"address": "a@example.org", "topics": ["register"], "zone": "Mars/Olympus"}):
        answer = scene.anyone.request("POST", "/api/v1/subscriptions", json.dumps(wrong),
                                      {**JSON, **scene.source()})
        assert answer.status == 400, (wrong, answer)


def killed(scene, asked):
    """killed while it sends, it sends every digest, and none under two ids"""
    rng = random.Random(asked.seed)
    addresses = [f"reader{number}@many.example" for number in range(60)]
    for address in addresses:
        scene.subscribed(address, ["register"])
    scene.news("Kill Nine Limited")
    moment = at(8, "07:00:00")
    for _ in range(asked.kills):
        sender = threading.Thread(target=scene.due, args=(moment, False))
        sender.start()
        time.sleep(0.05 + rng.random() * 0.25)
        scene.running.kill()
        scene.anyone.close()
        sender.join()
        scene.running.start()
    kept = (scene.running.data / "mail.redb").read_bytes()
    assert addresses[0].encode() in kept and b"reader@example.org" not in kept, "it is still there"
    scene.due(moment)
    scene.due(at(8, "09:00:00"))
    twice = 0
    for address in addresses:
        digests = [one for one in scene.mailbox.of(address) if one["List-Id"]]
        assert digests, f"{address} got nothing"
        assert len({one["Message-ID"] for one in digests}) == 1, f"{address} got two digests"
        twice += len(digests) - 1
    assert twice <= asked.kills, f"{twice} messages again over {asked.kills} kills"
    print(f"# {len(addresses)} digests, {twice} taken twice under one id, {asked.kills} kills")


def encrypted(scene, asked):
    """TLS is demanded, by STARTTLS or from the start, with a password that no log shows"""
    import trustme
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    folder = Path(scene.running.data).parent
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "stranger.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    (folder / "credentials").write_text("node\nvery-secret-password\n")

    def authenticator(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (b"node", b"very-secret-password")
        return AuthResult(success=good, auth_data=data.login)

    for scheme, rest in (("smtp", {"tls_context": context, "require_starttls": True}),
                         ("smtps", {"ssl_context": context})):
        mailbox = Mailbox()
        port = node.free_port()
        controller = Controller(mailbox, "localhost", port, authenticator=authenticator,
                                auth_required=True, auth_require_tls=scheme == "smtp", **rest)
        controller.start()
        arguments = ["mail", "test", "me@example.org", "--data", str(folder / "other"),
                     "--smtp-url", f"{scheme}://localhost:{port}",
                     "--mail-from", "news@node.example",
                     "--smtp-credentials", str(folder / "credentials")]
        if not (folder / "other").exists():
            scene.running.run("init", "--data", str(folder / "other"))
        done = scene.running.run(*arguments, "--smtp-ca", str(folder / "stranger.pem"), check=False)
        assert done.returncode == 5 and not mailbox.taken, "a certificate of nobody is trusted"
        done = scene.running.run(*arguments, "--smtp-ca", str(folder / "ca.pem"), check=False)
        assert done.returncode == 0, done.stderr
        assert mailbox.tls == [True] and mailbox.users == [b"node"], (mailbox.tls, mailbox.users)
        assert "very-secret" not in done.stderr + done.stdout
        controller.stop()


def calendars(scene):
    """calendars are read by icalendar, and a revoked address by nobody"""
    import icalendar

    public = scene.anyone.get("/calendar.ics", accept="text/calendar")
    assert public.status == 200 and public.headers["content-type"].startswith("text/calendar")
    parsed = icalendar.Calendar.from_ical(public.body)
    assert len(parsed.walk("VEVENT")) >= 1
    for line in public.body.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line, line
    member = scene.member()
    made = member.request("POST", "/api/v1/calendars", b"", JSON, "application/json")
    assert made.status == 201, made
    path = urllib.parse.urlsplit(made.json()["url"]).path
    assert scene.anyone.get(path).status == 200
    icalendar.Calendar.from_ical(scene.anyone.get(path).body)
    listed = member.get("/api/v1/calendars", accept="application/json").json()["calendars"]
    assert [one["id"] for one in listed] == [made.json()["id"]] and "url" not in listed[0]
    other = scene.member(1).delete(f"/api/v1/calendars/{made.json()['id']}")
    assert other.status == 404, "another member revokes it"
    assert member.delete(f"/api/v1/calendars/{made.json()['id']}").status == 204
    assert scene.anyone.get(path).status == 404


def requested(scene):
    """a request is in the inbox, the calendar, the mail and at the webhook of whom it waits for"""
    import icalendar
    from standardwebhooks.webhooks import Webhook

    sender, recipient = scene.member(0), scene.member(2)
    endpoint = webhooks.Endpoint()
    body = {"url": endpoint.url, "about": ["requests", "feedback"]}
    made = recipient.request("POST", "/api/v1/webhooks", json.dumps(body), JSON, "application/json")
    assert made.status == 201 and made.json()["about"] == body["about"], made
    scene.subscribed("asked@example.org", ["inbox", "requests"], recipient)
    wanted = {"to": scene.parties[2], "kind": "assistance", "title": "Named in no mail",
              "words": "Please help.", "marking": "amber"}
    sent = sender.request("POST", "/api/v1/requests", json.dumps(wanted), JSON, "application/json")
    assert sent.status == 201, sent
    case = sent.json()["id"]
    inbox = recipient.get("/api/v1/inbox", accept="application/json").json()
    item = next(one for one in inbox["items"] if one["id"] == case)
    assert item["kind"] == "acknowledge" and item["due"] and not item["overdue"], item
    assert inbox["overdue"] == 0 and inbox["total"] == len(inbox["items"])
    others = scene.member(1).get("/api/v1/inbox", accept="application/json").json()["items"]
    assert case not in [one["id"] for one in others]
    later = recipient.get("/api/v1/inbox?since=2099-01-01T00:00:00Z", accept="application/json")
    assert later.json()["items"] == [], later
    done = scene.running.run("inbox", "--server", scene.running.url, "--token", scene.tokens[2],
                             "--fail-on-overdue")
    assert case in done.stdout and "Named in no mail" in done.stdout
    address = recipient.request("POST", "/api/v1/calendars", b"", JSON, "application/json").json()
    path = urllib.parse.urlsplit(address["url"]).path

    def dates(where, client=scene.anyone):
        answer = client.get(where, accept="text/calendar")
        assert answer.status == 200, answer
        events = icalendar.Calendar.from_ical(answer.body).walk("VEVENT")
        return {str(one["UID"]): one for one in events if case in str(one["UID"])}

    before = dates(path)
    assert [str(one["STATUS"]) for one in before.values()] == ["CONFIRMED"], before
    assert len(next(iter(before.values())).walk("VALARM")) == 2
    assert b"Named in no mail" not in scene.anyone.get(path).body
    assert dates(f"/calendar/request/{case}.ics", sender).keys() == before.keys()
    step = json.dumps({"step": "accept"})
    steps = f"/api/v1/requests/{case}/steps"
    assert recipient.request("POST", steps, step, JSON, "application/json").status == 201
    after = dates(path)
    assert after.keys() >= before.keys()
    for uid, one in before.items():
        assert int(after[uid]["SEQUENCE"]) > int(one["SEQUENCE"])
        assert str(after[uid]["STATUS"]) == "CANCELLED" and not after[uid].walk("VALARM")
    scene.due(at(9, "07:00:00"))
    text = scene.mailbox.wait("asked@example.org", 2)[-1].get_body(("plain",)).get_content()
    assert "WHAT WAITS FOR YOU" in text and "Named in no mail" not in text.split("REQUESTS")[0], text
    until = time.monotonic() + 30
    while True:
        taken = endpoint.messages(taken=True)
        kinds = {json.loads(raw)["type"] for _, raw, _ in taken}
        if {"request.received", "request.changed"} <= kinds:
            break
        assert time.monotonic() < until, kinds
        time.sleep(0.05)
    for headers, raw, _ in taken:
        said = Webhook(made.json()["secret"]).verify(raw, headers)
        assert said["data"]["request"] == case and b"Please help" not in raw, said


def feeds(scene):
    """Atom is read by feedparser, and holds what the standard asks for"""
    import feedparser
    from lxml import etree

    atom = "{http://www.w3.org/2005/Atom}"
    for path in ("/news.atom", "/news/register.atom", "/news/pledge.atom", "/news/identity.atom",
                 "/news/requests.atom", "/news/commitments.atom", "/feeds/library.atom"):
        answer = scene.anyone.get(path, accept="application/atom+xml")
        assert answer.status == 200, (path, answer)
        assert answer.headers["content-type"].startswith("application/atom+xml"), path
        read = feedparser.parse(answer.body)
        assert not read.bozo and read.version == "atom10", (path, read.get("bozo_exception"))
        root = etree.fromstring(answer.body)
        for parent in [root, *root.findall(f"{atom}entry")]:
            for name in ("id", "title", "updated"):
                assert len(parent.findall(atom + name)) == 1, (path, name)
        ids = [entry.id for entry in read.entries]
        assert len(ids) == len(set(ids)), f"{path}: two entries have one id"
        assert all(entry.get("author") for entry in read.entries), path
        times = [entry.updated for entry in read.entries]
        assert times == sorted(times, reverse=True), path
    titles = [entry.title for entry in feedparser.parse(scene.anyone.get("/news.atom").body).entries]
    assert any("Ruritania Telecom" in title for title in titles), titles
    assert scene.anyone.get("/news/nothing.atom").status == 404
    home = scene.anyone.get("/", accept="text/html").body
    assert b'type="application/atom+xml"' in home, "the home page does not name its feed"


def main():
    asked = arguments()
    environment.enter(HERE / "mail.txt")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="entente-mail-") as folder:
        mailbox = Mailbox()
        server = Server(mailbox)
        server.start()
        flags = ["--smtp-url", f"smtp://127.0.0.1:{server.port}", "--mail-rate", "60000",
                 "--mail-from", "Paris Call <news@node.example>", "--allow-private-webhooks",
                 "--webhook-retries", "0.1,0.2,0.4,1,2"]
        running = node.Node(asked.binary or node.default_binary(), Path(folder) / "data", flags)
        running.serve_arguments += ["--public-url", f"http://127.0.0.1:{running.port}"]
        try:
            scene = Scene(running, mailbox, server)
            rules = [confirmed, briefed, weekly, members, left, refused, away, throttled,
                     lambda scene: killed(scene, asked), lambda scene: encrypted(scene, asked),
                     calendars, requested, feeds]
            names = [rule.__doc__ for rule in rules]
            names[8], names[9] = killed.__doc__, encrypted.__doc__
            for name, rule in zip(names, rules):
                began, why = time.monotonic(), None
                try:
                    rule(scene)
                except Exception as problem:
                    why = repr(problem)
                    failed += 1
                took = time.monotonic() - began
                print(f"{'not ok' if why else 'ok'} {name} ({took:.1f} s)", flush=True)
                if why:
                    print(f"    # {why}")
        finally:
            running.stop()
            server.stop()
        if failed:
            print(running.tail(), file=sys.stderr)
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", help="the entente to start (default: target/release or debug)")
    parser.add_argument("--kills", type=int, default=5, help="how often it is killed")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
