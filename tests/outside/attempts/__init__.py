"""What a node should not get, a sentence each: a rule is a function that takes a Scene; its docstring
says what must hold, and it raises Broken to say what came instead.
"""

import http.client
import random
import socket

import node
from node import MEDIA

MIB = 1 << 20
RULES = []


class Broken(Exception):
    """The rule does not hold; the text says what came instead."""


def rule(group):
    def keep(function):
        RULES.append((group, function))
        return function

    return keep


def require(condition, text):
    if not condition:
        raise Broken(text)


class Scene:
    """The node, a client with a token, one collection, and the limits that hold."""

    def __init__(self, running, token, asked):
        self.running, self.asked = running, asked
        self.authorization = node.basic(token)
        self.client = node.Client(running.url, self.authorization, timeout=120)
        self.api_root = node.discover(self.client, running.url)
        known = node.collections(self.client, self.api_root)
        names = ("bad-input",)
        self.collection = next(
            c for c in known if c.info.get("alias") in names or c.info["title"] in names
        )
        self.rng = random.Random(7)

    def link(self):
        return socket.create_connection(("127.0.0.1", self.running.port), timeout=120)

    def head(self, length, kind=MEDIA):
        """The head of a POST of an envelope; `length` is the header that says how long it is."""
        return (
            f"POST {self.collection.objects} HTTP/1.1\r\nHost: node\r\n"
            f"Authorization: {self.authorization}\r\nAccept: {MEDIA}\r\n"
            f"Content-Type: {kind}\r\n{length}\r\n\r\n"
        ).encode()

    def post(self, body, **rest):
        return self.client.post(self.collection.objects, body, **rest)

    def entente(self, *arguments, feed=(), timeout=300):
        """Runs a command: (exit code, stdout, stderr as text, peak bytes)."""
        code, out, err, peak = node.run_measured(
            [self.running.binary, *arguments], feed, timeout
        )
        text = err.decode(errors="replace")
        require("panicked" not in text, f"it panicked: {text[-500:]}")
        require(code >= 0, f"ended by signal {-code}: {text[-500:]}")
        return code, out, text, peak


def refused(answer, *statuses):
    """A TAXII error with one of these statuses, and words that say what is wrong."""
    require(answer.status in statuses, f"wanted {statuses}, got {answer}")
    kind = answer.headers.get("content-type", "").replace(" ", "")
    require(kind.startswith("application/taxii+json"), f"Content-Type: {kind}")
    told = answer.json()
    require(told.get("title") and told.get("description"), f"it does not say what is wrong: {told}")
    return f"{told['title']} {told['description']}"


def answer_of(link):
    """Reads one response from a raw connection."""
    reader = http.client.HTTPResponse(link)
    try:
        reader.begin()
        return node.Response(reader.status, reader.getheaders(), reader.read())
    except (ConnectionResetError, http.client.HTTPException) as problem:
        raise Broken(f"closed without an answer: {problem!r}") from None
