"""The checks, one sentence each. A check is a function that takes a World; its docstring's first
sentence is the rule it holds the server to, and it raises Failed to say how the rule was broken.
`check` is told where the rule is written: a section of TAXII 2.1, unless another name stands before.
"""

import random
import re
import time
import urllib.parse
from types import SimpleNamespace

import node
from node import MEDIA  # noqa: F401  (checks import it from here)

CHECKS = []
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


class Failed(Exception):
    """The rule does not hold; the text says what came instead."""


class Skipped(Exception):
    """This server was not set up so that the rule could be tried; the text says what is missing."""


def check(section):
    def keep(function):
        function.section = section
        CHECKS.append(function)
        return function

    return keep


def require(condition, message):
    if not condition:
        raise Failed(message() if callable(message) else message)


def same(got, wanted, what):
    require(got == wanted, lambda: f"{what}: wanted {short(wanted)}, got {short(got)}")


def short(value, most=300):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else text[:most] + "…"


class World:
    """The server under test, seen by one client.

    `others` holds clients that only a node set up for these tests has: `stranger` (another party),
    `reader` (scope read), `writer` (scope publish), `limited` (one other collection alone)."""

    def __init__(self, url, user, password, others=None, running=None):
        self.url, self.user, self.password = url, user, password
        self.client = node.Client(url, node.basic(password, user))
        self.anonymous = node.Client(url)
        self.api_root = node.discover(self.client, url)
        self.others = SimpleNamespace(**(others or {}))
        self.node = running
        self.clients = set()  # who was used since this was emptied
        self.rng = random.Random(f"outside {time.time_ns()}")
        writable = [
            found for found in node.collections(self.client, self.api_root)
            if found.info.get("can_read") and found.info.get("can_write")
        ]
        empty = [c for c in writable if not self.client.get(c.manifest).json().get("objects")]
        if len(empty) < 2:
            raise SystemExit("the checks need at least 2 empty collections to write to")
        self.shared, self.pool = empty[0], empty[1:]

    def fresh(self):
        """An empty collection that no other check uses."""
        if not self.pool:
            raise Skipped("the server has no further empty collection")
        return self.pool.pop(0)

    def other(self, name):
        """One of the `others`, as a client."""
        found = getattr(self.others, name, None)
        if found is None:
            raise Skipped(f"no token for '{name}' on this server")
        return found

    def taxii(self):
        """The server as taxii2-client sees it."""
        from taxii2client.v21 import Server

        self.clients.add("taxii2-client")
        address = urllib.parse.urljoin(self.url, "/taxii2/")
        return Server(address, user=self.user, password=self.password)

    def taxii_collection(self, collection):
        """A collection as taxii2-client sees it."""
        server = self.taxii()
        root = server.default or server.api_roots[0]
        return next(found for found in root.collections if found.id == collection.id)

    def publish(self, collection, *objects):
        """Publishes; every object must be taken. The status resource."""
        status = node.publish(self.client, collection, objects)
        same(status["failure_count"], 0, f"objects refused ({short(status.get('failures'))})")
        return status

    def submit(self, collection, *objects):
        """Publishes and returns the completed status, whatever it says."""
        return node.publish(self.client, collection, objects)

    def ids(self, path, **parameters):
        """The ids on one page of a list."""
        answer = self.client.get(path, parameters)
        same(answer.status, 200, f"GET {path} {parameters} ({answer})")
        return [item["id"] for item in answer.json().get("objects", [])]


def instant(text):
    """A timestamp with six digits, so that equal instants are equal texts."""
    whole, _, digits = text.rstrip("Z").partition(".")
    return f"{whole}.{digits[:6]:0<6}Z"


def instants(texts):
    return [instant(text) for text in texts]


def error_body(answer, status, *naming):
    """The answer is an error as TAXII 2.1 section 3.6.1 wants it, and its text names each word."""
    same(answer.status, status, f"status ({answer})")
    taxii_type(answer)
    try:
        told = answer.json()
    except ValueError:
        raise Failed(f"the body is not JSON: {short(answer.body)}") from None
    require(isinstance(told.get("title"), str) and told["title"], f"no title: {short(told)}")
    if "http_status" in told:
        same(told["http_status"], str(status), "http_status (a string, equal to the status)")
    text = " ".join(str(told.get(name, "")) for name in ("title", "description", "details"))
    for word in naming:
        require(word in text, f"the error does not name '{word}': {short(told)}")
    return told


def taxii_type(answer):
    """Content-Type is TAXII 2.1's; blanks around the parameter do not matter."""
    got = answer.headers.get("content-type", "").replace(" ", "").lower()
    same(got, MEDIA, "Content-Type")


def failure_of(status, stix_id):
    """The entry for `stix_id` among the failures, which must say why."""
    found = [entry for entry in status.get("failures", []) if entry.get("id") == stix_id]
    require(found, f"no failure for {stix_id}: {short(status)}")
    require(found[0].get("message"), f"the failure says no reason: {short(found[0])}")
    require("version" in found[0], f"the failure has no version (4.3.1): {short(found[0])}")
    return found[0]


def pages_by_next(client, path, limit, most=100_000, **parameters):
    """Every page (parsed) by following `next`, and its headers."""
    more, count = {}, 0
    while True:
        answer = client.get(path, {"limit": limit, **parameters, **more})
        same(answer.status, 200, f"GET {path} {more} ({answer})")
        page = answer.json()
        yield page, answer.headers
        if not page.get("more"):
            return
        require(isinstance(page.get("next"), str) and page["next"], f"more without next: {short(page)}")
        more, count = {"next": page["next"]}, count + 1
        require(count < most, f"more than {most} pages: it does not end")


def pages_by_date(client, path, limit, most=100_000, **parameters):
    """Every page (parsed) by `added_after` = X-TAXII-Date-Added-Last, and its headers."""
    more, count = {}, 0
    while True:
        answer = client.get(path, {"limit": limit, **parameters, **more})
        same(answer.status, 200, f"GET {path} {more} ({answer})")
        page = answer.json()
        yield page, answer.headers
        if not page.get("more"):
            return
        last = answer.headers.get("x-taxii-date-added-last")
        require(last, "more, but no X-TAXII-Date-Added-Last to go on from")
        more, count = {"added_after": last}, count + 1
        require(count < most, f"more than {most} pages: it does not end")


def gathered(pages, key="objects"):
    return [item for page, _ in pages for item in page.get(key, [])]
