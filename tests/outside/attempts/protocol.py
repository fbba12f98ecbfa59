"""Requests that are no HTTP, or more of it than anybody needs."""

import time

import indicators
import node
from attempts import MIB, answer_of, require, rule


def raw_exchange(scene, data, patience=20):
    """Sends bytes and reads until the node closes or is silent; what it said."""
    with scene.link() as link:
        link.settimeout(patience)
        said = b""
        try:
            link.sendall(data)
            while piece := link.recv(65536):
                said += piece
                if b"\r\n\r\n" in said:
                    break
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
        return said


@rule("protocol")
def broken_requests(scene):
    """Requests that are no HTTP, or contradict themselves, are 4xx or closed at once."""
    get = f"GET {scene.collection.objects} HTTP/1.1\r\nHost: node\r\n".encode()
    for data in (
        b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"GET / HTTP/9.9\r\n\r\n", b"GET /taxii2/\x00 HTTP/1.1\r\nHost: node\r\n\r\n",
        get + b"Content-Length: -1\r\n\r\n", get + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        get + b"X-Long: " + b"x" * 2_000_000 + b"\r\n\r\n",
        get + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: node\r\n\r\n",
        scene.head("Content-Length: 5\r\nTransfer-Encoding: chunked") + b"0\r\n\r\n",
        scene.head("Transfer-Encoding: chunked") + b"zzz\r\n\r\n",
        scene.head("Transfer-Encoding: chunked") + b"FFFFFFFFFFFFFFFFFF\r\n\r\n",
    ):
        said = raw_exchange(scene, data)
        ok = not said or said.split(b" ", 2)[1][:1] == b"4"
        require(ok, f"{data[:80]!r} got {said[:200]!r}")


@rule("protocol")
def long_queries(scene):
    """Filters with thousands of values are answered or refused, not fatal."""
    many = ",".join(f"indicator--{indicators.uuid4(scene.rng)}" for _ in range(1000))
    for parameters in ({"match[id]": many}, {"match[type]": "," * 5000}, {"next": "x" * 5000},
                       {"added_after": "9" * 5000}, {"limit": "9" * 5000}, {"match[version]": many}):
        answer = scene.client.get(scene.collection.objects, parameters)
        require(answer.status in (200, 400, 414, 431), f"{list(parameters)}: {answer}")


@rule("protocol")
def paths_out_of_the_tree(scene):
    """Paths with dots, escapes and zero bytes are 4xx and show no file."""
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/static/../../etc/passwd",
                 f"{scene.api_root}collections/%00/objects/", "/%ff%fe", "//", "/taxii2/%2e%2e/"):
        with scene.link() as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n".encode())
            answer = answer_of(link)
        require(answer.status < 500, f"{path}: {answer}")
        require(b"root:" not in answer.body, f"{path} shows a file")


@rule("protocol")
def a_thousand_idle_connections(scene):
    """A thousand connections that say nothing leave room for one that does."""
    links, before = [], scene.running.memory()
    try:
        for _ in range(1000):
            links.append(scene.link())
        began = time.monotonic()
        fresh = node.Client(scene.running.url, scene.authorization)
        require(fresh.get(scene.collection.path).status == 200, "not served")
        took = time.monotonic() - began
        require(took < 2, f"it took {took:.1f} s")
        grown = scene.running.memory() - before
        require(grown < 100 * MIB, f"memory grew by {grown // MIB} MiB")
    finally:
        for link in links:
            link.close()
