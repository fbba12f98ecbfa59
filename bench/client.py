"""The bench's HTTP client: raw sockets and fixed buffers, so that the client is not the limit.

No JSON is parsed here; what a response means is checked outside the timed parts.
"""

import re
import selectors
import socket
import time
import urllib.parse

MEDIA = "application/taxii+json;version=2.1"
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)
_COMPLETE = re.compile(rb'"status"\s*:\s*"complete"')
_FAILED = re.compile(rb'"failure_count"\s*:\s*(\d+)')
_STATUS_ID = re.compile(rb'"id"\s*:\s*"([0-9a-fA-F-]{36})"')


class Target:
    """Where a server listens, the Authorization header's value, the paths of one collection."""

    def __init__(self, port, authorization, api_root, objects):
        self.port, self.api_root, self.objects = port, api_root, objects
        self.head = (
            f"Host: 127.0.0.1:{port}\r\nAuthorization: {authorization}\r\nAccept: {MEDIA}\r\n"
        )

    def get(self, path):
        """The bytes of a GET."""
        return f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode()

    def post(self, body):
        """The bytes of a POST of one envelope."""
        head = f"POST {self.objects} HTTP/1.1\r\n{self.head}"
        head += f"Content-Type: {MEDIA}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def page(self, limit, **more):
        return self.get(self.objects + "?" + urllib.parse.urlencode({"limit": limit, **more}))


class Connection:
    """One keep-alive connection with one preallocated buffer; connects again when it was closed."""

    def __init__(self, target, room=4 << 20):
        self.target, self.socket = target, None
        self.buffer = bytearray(room)
        self.view = memoryview(self.buffer)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def exchange(self, request):
        """Sends a request, reads its whole response. Returns (status, head, body view).

        The body view is good until the next exchange."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.target.port), timeout=900)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        filled, head_end = 0, -1
        while head_end < 0:
            filled = self._more(filled)
            head_end = self.buffer.find(b"\r\n\r\n", 0, filled)
        head = bytes(self.view[: head_end + 2])
        status, start = int(head[9:12]), head_end + 4
        length = _LENGTH.search(head)
        if length:
            end = start + int(length[1])
            while filled < end:
                filled = self._more(filled)
        elif _CHUNKED.search(head):
            # Good enough for JSON: the last chunk is empty, and no JSON text ends in CRLF 0 CRLF.
            while self.buffer.find(b"\r\n0\r\n\r\n", max(start - 2, filled - 16), filled) < 0:
                filled = self._more(filled)
            end = filled
        else:
            end = self._until_closed(filled)
            self.close()
        if self.socket is not None and (_CLOSE.search(head) or head.startswith(b"HTTP/1.0")):
            self.close()
        return status, head, self.view[start:end]

    def _more(self, filled):
        if filled == len(self.buffer):
            raise RuntimeError("a response larger than the buffer")
        count = self.socket.recv_into(self.view[filled:])
        if count == 0:
            raise ConnectionError("closed in the middle of a response")
        return filled + count

    def _until_closed(self, filled):
        while count := self.socket.recv_into(self.view[filled:]):
            filled += count
        return filled


def publish(connection, request):
    """Sends one publish and waits until its status says complete. Raises if anything failed."""
    status, _, body = connection.exchange(request)
    said = bytes(body)
    if status != 202:
        raise RuntimeError(f"publishing answered {status}: {said[:300]!r}")
    while not _COMPLETE.search(said):
        address = f"{connection.target.api_root}status/{_STATUS_ID.search(said)[1].decode()}/"
        time.sleep(0.001)
        said = bytes(connection.exchange(connection.target.get(address))[2])
    failed = _FAILED.search(said)
    if failed and int(failed[1]):
        raise RuntimeError(f"{failed[1].decode()} objects were refused: {said[:600]!r}")


def latencies(target, requests, connections, seconds):
    """Closed loop of single publishes over `connections` sockets from one thread.

    Each socket sends its next request as soon as its last answer is whole. Returns the seconds
    each took. A response that is not 202 and complete stops the run."""
    chooser, waiting, taken = selectors.DefaultSelector(), {}, []
    pool = iter(requests)

    def begin(kept=None):
        request = next(pool, None)
        if request is None:
            return
        began = time.perf_counter()  # a server that closes makes its clients connect again
        link = kept or socket.create_connection(("127.0.0.1", target.port), timeout=60)
        if kept is None:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            chooser.register(link, selectors.EVENT_READ)
        waiting[link] = [began, b""]
        link.sendall(request)

    def received(link):
        piece = link.recv(65536)
        state = waiting[link]
        state[1] += piece
        head_end = state[1].find(b"\r\n\r\n")
        if head_end < 0:
            return False
        length = _LENGTH.search(state[1], 0, head_end + 2)
        if length is None:
            return not piece
        return len(state[1]) >= head_end + 4 + int(length[1])

    until = time.perf_counter() + seconds
    for _ in range(connections):
        begin()
    while waiting:
        for key, _ in chooser.select(timeout=60):
            link = key.fileobj
            if not received(link):
                continue
            began, answer = waiting.pop(link)
            taken.append(time.perf_counter() - began)
            if answer[9:12] != b"202" or not _COMPLETE.search(answer):
                raise RuntimeError(f"a publish answered {answer[:400]!r}")
            closes = _CLOSE.search(answer) or answer.startswith(b"HTTP/1.0")
            if closes:
                chooser.unregister(link)
                link.close()
            if time.perf_counter() < until:
                begin(None if closes else link)
    for key in list(chooser.get_map().values()):
        key.fileobj.close()
    return taken
