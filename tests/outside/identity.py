#!/usr/bin/env python3
"""Identities against programs that nobody here wrote.

    apt-get install nsd                          # once
    python3 tests/outside/identity.py [--binary FILE]

A name server (NSD) on loopback answers for the zone example.test, a web site on 127.0.0.2:80 has the
key document, where that port may be taken. Good, forged, removed and expired proofs; keys that are
rotated and revoked; signing; and requests that http-message-signatures (PyPI) signs (RFC 9421), good
and forged. Validity is short here: seconds, given as fractions of hours. Takes about a minute; prints
one line a check, exits 1 when one fails."""

import argparse
import base64
import datetime
import hashlib
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import environment
from node import Node, default_binary, free_port

environment.enter(Path(__file__).with_name("identity.txt"))

import requests  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from http_message_signatures import (  # noqa: E402
    HTTPMessageSigner,
    HTTPSignatureKeyResolver,
    algorithms,
)

FAILED = []
PARTY = "microsoft"
SECONDS = 1 / 3600


def check(words, holds, more=""):
    print(("ok      " if holds else "FAILED  ") + words + (f": {more}" if more and not holds else ""))
    if not holds:
        FAILED.append(words)


class NameServer:
    """NSD with one zone, whose file is written anew for each change."""

    def __init__(self, folder):
        self.folder, self.port, self.serial = folder, free_port(), 0
        self.process = None
        (folder / "nsd.conf").write_text(
            f'''server:
  ip-address: 127.0.0.1@{self.port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  logfile: "{folder}/nsd.log"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.test.zone
'''
        )

    def answer(self, *texts, address="127.0.0.2"):
        """Serves these TXT records and no others."""
        self.serial += 1
        lines = [
            "$ORIGIN example.test.",
            "$TTL 1",
            f"@ IN SOA ns hostmaster {self.serial} 3600 600 86400 1",
            "@ IN NS ns",
            f"ns IN A 127.0.0.1\n@ IN A {address}",
        ]
        for text in texts:
            halves = f'"{text[:40]}" "{text[40:]}"' if len(text) > 40 else f'"{text}"'
            lines.append(f"_entente-challenge IN TXT {halves}")
        (self.folder / "example.test.zone").write_text("\n".join(lines) + "\n")
        self.stop()
        self.process = subprocess.Popen(
            [shutil.which("nsd") or "/usr/sbin/nsd", "-d", "-c", str(self.folder / "nsd.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(0.7)
        if self.process.poll() is not None:
            raise RuntimeError(f"nsd ended: {(self.folder / 'nsd.log').read_text()[-500:]}")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


class WebSite:
    """The web site of example.test; none where the port may not be taken."""

    def __init__(self):
        site = self
        site.document = None
        site.security = None  # Media type and text of its security.txt.

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known, kind, body = False, "application/json", b""
                if self.path == "/.well-known/entente.json" and site.document is not None:
                    known, body = True, site.document.encode()
                if self.path == "/.well-known/security.txt" and site.security is not None:
                    known, kind, body = True, site.security[0], site.security[1].encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        try:
            self.server = http.server.ThreadingHTTPServer(("127.0.0.2", 80), Handler)
        except OSError as error:
            self.server = None
            print(f"skipped the key document: 127.0.0.2:80 cannot be taken ({error})")
            return
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Keys(HTTPSignatureKeyResolver):
    def __init__(self, path):
        seed = base64.b64decode(Path(path).read_text().strip().split("+", 4)[4])[1:]
        self.key = Ed25519PrivateKey.from_private_bytes(seed)

    def resolve_private_key(self, key_id):
        return self.key

    def resolve_public_key(self, key_id):
        return self.key.public_key()


def signed(method, url, body, path, key_id, nonce, at=0, covered=None, seconds=60):
    """A request that http-message-signatures signs."""
    headers = {"Accept": "application/taxii+json;version=2.1"}
    if body is not None:
        headers["Content-Type"] = "application/taxii+json;version=2.1"
        octets = hashlib.sha256(body).digest()
        headers["Content-Digest"] = f"sha-256=:{base64.b64encode(octets).decode()}:"
    request = requests.Request(method, url, headers=headers, data=body).prepare()
    created = datetime.datetime.now() + datetime.timedelta(seconds=at)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Keys(path))
    components = covered or ("@method", "@target-uri") + (("content-digest",) if body else ())
    signer.sign(
        request, key_id=key_id, covered_component_ids=components, created=created,
        expires=created + datetime.timedelta(seconds=seconds), nonce=nonce,
        use_existing_digest=body is not None,
    )
    return request


class Story:
    def __init__(self, binary, folder):
        self.folder = folder
        self.names = NameServer(folder)
        self.site = WebSite()
        flags = ["--dns-server", f"127.0.0.1:{self.names.port}", "--allow-private-domains"]
        flags += ["--domain-validity", str(25 * SECONDS), "--domain-grace", str(3 * SECONDS)]
        self.node = Node(binary, folder / "d", [*flags, "--domain-recheck", "0"])
        self.node.init()
        self.node.create_collection("signed", "--publisher", PARTY)
        self.token = self.node.create_token(PARTY)
        self.names.answer()
        self.node.start()

    def run(self, *arguments, check=True):
        return self.node.run(*arguments, "--server", self.node.url, "--token", self.token, check=check)

    def identity(self):
        told = requests.get(f"{self.node.url}api/v1/parties/{PARTY}/identity").json()
        return told["identity"], {proof["kind"]: proof["state"] for proof in told["proofs"]}

    def look(self):
        done = self.run("domain", "check", PARTY, "example.test", "--json", check=False)
        return {look["kind"]: look["outcome"] for look in json.loads(done.stdout)["looks"]}

    def entries(self):
        return requests.get(f"{self.node.url}api/v1/node").json()["entries"]

    def keys_and_signature(self):
        word, _ = self.identity()
        check("before anything a party of the Call is listed", word == "listed", word)
        for name in ("first", "second", "third"):
            self.node.run("key", "new", "--name", PARTY, str(self.folder / f"{name}.key"))
        self.first = self.folder / "first.key"
        self.run("key", "enrol", PARTY, str(self.first))
        text = self.run("pledge", "text").stdout
        check("the text that is signed is the one of the API",
              requests.get(f"{self.node.url}api/v1/pledge/text").content == text.encode())
        made = json.loads(self.run("sign", str(self.first), "--reservation", "5 x", "--json").stdout)
        check("it signs with its key", made["state"] == "valid" and made["reservations"])
        receipt = requests.get(self.node.url.rstrip("/") + made["receipt"])
        check("the entry has a receipt", receipt.status_code == 200, receipt.status_code)
        check("signed and not proved is claimed", self.identity()[0] == "claimed")

    def records(self):
        claim = json.loads(self.run("domain", "claim", PARTY, "example.test", "--json").stdout)
        good = self.good = claim["text"]
        check("no record: missing", self.look()["dns-txt"] == "missing")
        forged = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
        self.names.answer(forged)
        before = self.entries()
        check("a forged record is wrong", self.look()["dns-txt"] == "wrong")
        check("and that is written down", self.entries() > before)
        check("a forged record proves nothing", self.identity()[0] == "claimed")
        before = self.entries()
        self.look()
        check("the same again is no news", self.entries() == before)
        self.names.answer("v=spf1 -all", good)
        check("a good record is good", self.look()["dns-txt"] == "good")
        check("and the party is verified", self.identity()[0] == "verified", self.identity())
        found = self.node.run("party", "list", "--server", self.node.url, "--identity", "verified", "--json")
        check("the list knows it", json.loads(found.stdout)["id"] == PARTY)
        page = requests.get(f"{self.node.url}register?identity=verified").text
        check("and the page of the register", f"/party/{PARTY}" in page)
        self.names.answer()
        check("the record is removed", self.look()["dns-txt"] == "missing")
        word, proofs = self.identity()
        check("it holds for the grace", (word, proofs["dns-txt"]) == ("verified", "failing"), word)
        time.sleep(3.2)
        word, proofs = self.identity()
        check("and lapses after it", (word, proofs["dns-txt"]) == ("lapsed", "lapsed"), word)
        self.names.answer(good)
        self.look()
        check("a new record proves it again", self.identity()[0] == "verified")
        self.names.stop()
        check("no name server: unreachable", self.look()["dns-txt"] == "unreachable")
        check("which ends nothing", self.identity()[0] == "verified")
        time.sleep(25)
        check("time alone ends it", self.identity()[0] == "lapsed", self.identity())
        self.names.answer(good)

    def document(self):
        if self.site.server is None:
            return
        vkey = json.loads(self.run("key", "list", PARTY, "--json").stdout.splitlines()[0])["vkey"]
        check("no document: missing", self.look()["well-known"] == "missing")
        for wrong in ({"party": "google", "keys": [vkey]}, {"party": PARTY, "keys": []}):
            self.site.document = json.dumps(wrong)
            check(f"a wrong document is wrong: {wrong}", self.look()["well-known"] == "wrong")
        self.site.document = "x" * 100_000
        check("a document without end is wrong", self.look()["well-known"] == "wrong")
        self.names.answer()
        self.site.document = json.dumps({"party": PARTY, "keys": [vkey]})
        looks = self.look()
        time.sleep(3.2)
        word, proofs = self.identity()
        check("a document alone verifies, without the record",
              looks["well-known"] == "good" and (word, proofs["dns-txt"]) == ("verified", "lapsed"),
              (looks, word, proofs))

    def security_txt(self):
        if self.site.server is None:
            return
        plain, day = "text/plain; charset=utf-8", datetime.timedelta(days=1)
        until = lambda days: f"Expires: {datetime.datetime.now(datetime.timezone.utc) + days * day:%Y-%m-%dT%H:%M:%SZ}\n"
        contact = "Contact: mailto:security@example.test\n"

        def seen():
            self.look()
            told = requests.get(f"{self.node.url}api/v1/parties/{PARTY}/identity").json()
            return next(one for one in told["security_txt"] if one["domain"] == "example.test")

        check("no security.txt: missing", seen()["outcome"] == "missing")
        wrong = {
            "of a page": ("text/html", contact + until(90)),
            "without a contact": (plain, until(90)),
            "without an end": (plain, contact),
            "that is over": (plain, contact + until(-1)),
            "for another place": (plain, contact + until(90) + "Canonical: https://example.org/security.txt\n"),
        }
        for what, answer in wrong.items():
            self.site.security = answer
            found = seen()
            check(f"a security.txt {what} is wrong", found["outcome"] == "wrong" and "RFC 9116" in found["words"], found)
        self.site.security = (plain, "# whom to tell\n" + contact + until(90))
        found = seen()
        check("a good one is good", (found["outcome"], found["contacts"]) ==
              ("good", ["mailto:security@example.test"]) and found["expires"] > found["at"], found)
        receipt = requests.get(self.node.url.rstrip("/") + found["receipt"])
        check("what was seen has a receipt", receipt.status_code == 200)
        before = self.entries()
        seen()
        check("the same file again is no news", self.entries() == before)
        page = requests.get(f"{self.node.url}party/{PARTY}").text
        check("the party's page says whom to tell", "mailto:security@example.test" in page)
        listed = self.run("domain", "list", PARTY).stdout
        check("and the list of domains that it is good", "security.txt: good, until" in listed, listed)

    def rotation(self):
        second, third = self.folder / "second.key", self.folder / "third.key"
        alone = self.run("key", "enrol", PARTY, str(second), check=False)
        check("a token alone enrols no second key", alone.returncode != 0)
        rotated = self.run("key", "rotate", str(second), "--old", str(self.first), "--json")
        check("the old key signs for the new one", "+" in json.loads(rotated.stdout)["vouched_by"])
        old = self.run("sign", str(self.first), "--expires", "2030-01-01", check=False)
        check("a key that was replaced signs nothing more", old.returncode != 0, old.stderr)
        self.run("sign", str(second), "--expires", "2030-01-01")
        self.run("key", "enrol", PARTY, str(third), "--vouched-by", str(second))
        name = json.loads(self.node.run("key", "show", str(third), "--json").stdout)["key"]
        self.run("key", "revoke", name, "--reason", "laptop stolen")
        revoked = self.run("sign", str(third), "--expires", "2029-01-01", check=False)
        check("a revoked key signs nothing", revoked.returncode != 0 and "revoked" in revoked.stderr)
        told = requests.get(f"{self.node.url}api/v1/parties/{PARTY}/identity").json()
        check("what was signed stays signed", [s["state"] for s in told["signatures"]] == ["valid"] * 2)
        self.live, self.gone = second, third

    def requests(self):
        names = {path: json.loads(self.node.run("key", "show", str(path), "--json").stdout)["key"]
                 for path in (self.live, self.gone, self.first)}
        self.node.run("collection", "signed", "signed", "--data", str(self.folder / "d"))
        listed = self.run("collection", "show", "signed", "--json")
        url = f"{self.node.url}taxii2/signals/collections/{json.loads(listed.stdout)['id']}/objects/"
        key = names[self.live]

        def body(n):
            made = {"type": "domain-name", "spec_version": "2.1", "value": f"a{n}.example"}
            made["id"] = f"domain-name--00000000-0000-4000-8000-{n:012}"
            return json.dumps({"objects": [made]}).encode()

        send = requests.Session().send
        plain = requests.post(url, data=body(1), headers={
            "Authorization": f"Bearer {self.token}", "Accept": "application/taxii+json;version=2.1",
            "Content-Type": "application/taxii+json;version=2.1"})
        check("a token alone publishes nothing there", plain.status_code == 403, plain.text)
        good = signed("POST", url, body(1), self.live, key, "nonce-0001")
        sent = send(good)
        check("a request signed elsewhere publishes", sent.status_code == 202, sent.text)
        check("and was taken", sent.status_code == 202 and sent.json()["success_count"] == 1, sent.text)
        check("the same again is refused", send(good).status_code == 401)
        parts = ("@method", "@authority", "@path", "@query", "content-digest", "content-type")
        other = signed("POST", url, body(2), self.live, key, "nonce-0002", covered=parts)
        check("other components do as well", send(other).status_code == 202)
        read = signed("GET", f"{url}?limit=5", None, self.live, key, "nonce-0003")
        check("and so does reading", send(read).status_code == 200)
        forged = signed("POST", url, body(3), self.live, key, "nonce-0004")
        forged.body = body(4)
        answer = send(forged)
        check("another body is refused", answer.status_code == 400, answer.text)
        forged = signed("POST", url, body(3), self.live, key, "nonce-0005")
        forged.url = forged.url.replace("objects/", "objects/?x=1")
        check("another address is refused", send(forged).status_code == 401)
        for words, more in {
            "an expired one is refused": {"at": -400},
            "one from the future is refused": {"at": 300},
            "one that holds for too long is refused": {"seconds": 3600},
            "one that leaves the body out is refused": {"covered": ("@method", "@target-uri")},
            "one that leaves the method out is refused": {"covered": ("@target-uri", "content-digest")},
        }.items():
            made = signed("POST", url, body(5), self.live, key, f"nonce-{words}", **more)
            check(words, send(made).status_code == 401)
        for words, path, name in (
            ("a revoked key is refused", self.gone, names[self.gone]),
            ("a replaced key is refused", self.first, names[self.first]),
            ("another's signature is refused", self.gone, key),
            ("an unknown key is refused", self.gone, "nobody+00000000"),
        ):
            made = signed("POST", url, body(6), path, name, f"nonce-{words}")
            check(words, send(made).status_code == 401)
        bundle = self.folder / "one.json"
        bundle.write_text(json.dumps({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001",
                                      "objects": json.loads(body(7))["objects"]}))
        ours = self.node.run("import", str(bundle), "--collection", "signed", "--server", self.node.url,
                             "--sign-key", str(self.live), check=False)
        check("the command line signs its requests", ours.returncode == 0, ours.stderr)


    def schedule(self):
        """Nobody asks: the node looks by itself, and writes down what changed."""
        self.node.stop()
        flags = self.node.serve_arguments
        flags[flags.index("--domain-recheck") + 1] = str(2 * SECONDS)

        def proof(state, patience=30):
            end = time.monotonic() + patience
            while self.identity()[1].get("dns-txt") != state and time.monotonic() < end:
                time.sleep(0.2)
            return self.identity()[1].get("dns-txt") == state

        self.names.answer("entente-domain-verification=forged")
        self.node.start()
        check("a look by schedule ends what is forged", proof("lapsed"), self.identity())
        self.names.answer(self.good)
        check("one later proves it", proof("fresh"), self.identity())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=None)
    binary = parser.parse_args().binary or default_binary()
    with tempfile.TemporaryDirectory(prefix="entente-identity-") as folder:
        story = Story(binary, Path(folder))
        try:
            story.keys_and_signature()
            story.records()
            story.document()
            story.security_txt()
            story.rotation()
            story.requests()
            story.schedule()
        finally:
            story.names.stop()
            story.node.stop()
    print(f"{len(FAILED)} failed" if FAILED else "all hold")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
