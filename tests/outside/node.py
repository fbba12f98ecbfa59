"""A node under test: how it is set up, started, spoken to and stopped.

Shared by the outside-in tests and by bench/. Everything these scripts expect of the command line
and of TAXII's addresses is said here once.
"""

import base64
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

# What logs signed is remembered outside data directories: here for as long as the tests run.
_GUARDS = tempfile.TemporaryDirectory(prefix="entente-guards-")
os.environ["ENTENTE_GUARDS"] = _GUARDS.name
ROOT = Path(__file__).resolve().parents[2]
MEDIA = "application/taxii+json;version=2.1"


class Response:
    """What came back: status, headers (lower-case names), body bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def basic(password, user="outside"):
    """A token is a password; which user name goes with it does not matter to a node."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Client:
    """One keep-alive connection; `authorization` is the header's value, see basic()."""

    def __init__(self, url, authorization=None, timeout=60):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.timeout = parts.hostname, parts.port, timeout
        self.authorization = authorization
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, headers=None, accept=MEDIA, chunked=False):
        """Sends one request. A header given as None is left out. GET is tried again once when a
        kept connection turns out to be closed; nothing else is ever sent twice."""
        wanted = {"Accept": accept, "Authorization": self.authorization}
        if body is not None:
            wanted["Content-Type"] = MEDIA
        wanted.update(headers or {})
        sent = {name: value for name, value in wanted.items() if value is not None}
        kept = self.connection is not None
        try:
            return self._once(method, path, body, sent, chunked)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if not (kept and method == "GET"):
                raise
            return self._once(method, path, body, sent, chunked)
        except BaseException:
            self.close()
            raise

    def _once(self, method, path, body, headers, chunked):
        if self.connection is not None and dropped(self.connection.sock):
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if chunked:
            body = iter([body[at : at + 65536] for at in range(0, len(body), 65536)])
        # http.client adds Accept-Encoding: identity, Host and the length by itself.
        try:
            self.connection.request(method, path, body, headers, encode_chunked=chunked)
        except (BrokenPipeError, ConnectionResetError):
            if body is None:
                raise
            # It may have answered before it had read all of the body: the answer tells.
        answer = self.connection.getresponse()
        response = Response(answer.status, answer.getheaders(), answer.read())
        if answer.will_close:
            self.close()
        return response

    def get(self, path, parameters=None, **rest):
        return self.request("GET", with_query(path, parameters), **rest)

    def post(self, path, body, **rest):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        return self.request("POST", path, body, **rest)

    def delete(self, path, parameters=None, **rest):
        return self.request("DELETE", with_query(path, parameters), **rest)


def dropped(link):
    """Whether the other side has closed a kept connection (or spoken out of turn)."""
    return link is None or bool(select.select([link], [], [], 0)[0])


def with_query(path, parameters):
    """`path` with a query; `parameters` is a dict or a list of pairs."""
    if not parameters:
        return path
    return path + "?" + urllib.parse.urlencode(parameters, safe="[],:")


class Collection:
    """A collection's addresses (paths on the server, each with its slash)."""

    def __init__(self, api_root, info):
        self.info, self.id, self.api_root = info, info["id"], api_root
        self.path = f"{api_root}collections/{self.id}/"
        self.objects = self.path + "objects/"
        self.manifest = self.path + "manifest/"

    def object(self, stix_id):
        return f"{self.objects}{stix_id}/"

    def versions(self, stix_id):
        return f"{self.objects}{stix_id}/versions/"


def discover(client, base):
    """The path of the default API root, as discovery tells it; nothing is hard-coded."""
    address = urllib.parse.urljoin(base, "/taxii2/")
    answer = client.get(urllib.parse.urlsplit(address).path)
    if answer.status != 200:
        raise RuntimeError(f"discovery at {address} answered {answer}")
    told = answer.json()
    root = told.get("default") or told["api_roots"][0]
    return urllib.parse.urlsplit(urllib.parse.urljoin(address, root)).path


def collections(client, api_root):
    """All collections the client is told of."""
    answer = client.get(api_root + "collections/")
    if answer.status != 200:
        raise RuntimeError(f"collections answered {answer}")
    return [Collection(api_root, info) for info in answer.json().get("collections", [])]


def publish(client, collection, objects, patience=60):
    """Publishes raw objects (bytes or dicts) in one envelope; the status once it is complete."""
    raw = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in objects]
    answer = client.post(collection.objects, b'{"objects":[' + b",".join(raw) + b"]}")
    if answer.status != 202:
        raise RuntimeError(f"publishing answered {answer}")
    return completed(client, collection.api_root, answer.json(), patience)


def completed(client, api_root, status, patience=60):
    """Asks for a status again until it says complete."""
    until = time.monotonic() + patience
    while status["status"] != "complete":
        if time.monotonic() > until:
            raise RuntimeError(f"still {status['status']} after {patience} s: {status['id']}")
        time.sleep(0.005)
        status = client.get(f"{api_root}status/{status['id']}/").json()
    return status


def split_objects(body):
    """The objects of an envelope as the exact bytes between its commas."""
    text = body.decode("latin-1")  # one character a byte, so positions are byte positions
    start = re.search(r'"objects"\s*:\s*\[', text)
    if start is None:
        return []
    decoder, at, found = json.JSONDecoder(), start.end(), []
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return found
        _, end = decoder.raw_decode(text, at)
        found.append(body[at:end])
        at = end


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def default_binary():
    """The release build if there is one, else the debug build, else what cargo is told to use."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [target / profile / "entente" for profile in ("release", "debug")]
    for path in built:
        if path.exists():
            return path
    raise SystemExit(f"no entente binary at {built[0]} or {built[1]}: run `cargo build` first")


class Node:
    """One `entente serve` process on loopback with its own data directory."""

    def __init__(self, binary, data, serve_arguments=()):
        self.binary, self.data = str(binary), Path(data)
        self.serve_arguments = list(serve_arguments)
        self.process = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log = self.data.parent / (self.data.name + ".log")
        # Variables of its processes, besides those of this one.
        self.variables = {}

    # Setting up: one process holds the data directory, so all of this comes before start().

    def run(self, *arguments, check=True, **rest):
        """Runs `entente ARGUMENTS`, returns the finished process."""
        variables = os.environ | self.variables
        done = subprocess.run(
            [self.binary, *arguments], capture_output=True, text=True, env=variables, **rest
        )
        if check and done.returncode != 0:
            said = done.stderr.strip() or done.stdout.strip()
            raise RuntimeError(f"entente {' '.join(arguments)}: exit {done.returncode}: {said}")
        return done

    def init(self):
        self.run("init", "--data", str(self.data))

    def signed_parties(self, count):
        """Ids of parties whose stance lets them publish."""
        done = self.run("party", "list", "--data", str(self.data), "--stance", "signed", "--json")
        ids = [json.loads(line)["id"] for line in done.stdout.splitlines() if line.strip()]
        if len(ids) < count:
            raise RuntimeError(f"wanted {count} signed parties, the register has {len(ids)}")
        return ids[:count]

    def create_token(self, party, scope="read,publish", collection=None):
        arguments = ["token", "create", "--data", str(self.data), "--party", party]
        arguments += ["--scope", scope, "--json"]
        if collection is not None:
            arguments += ["--collection", collection]
        return json.loads(self.run(*arguments).stdout)["token"]

    def create_collection(self, name, *more):
        self.run("collection", "create", "--data", str(self.data), name, "--title", name, *more)

    # Running.

    def start(self, patience=60):
        """Starts the node; returns the seconds from exec until /readyz says 200."""
        output = open(self.log, "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", str(self.data)]
            + ["--listen", f"127.0.0.1:{self.port}", *self.serve_arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=os.environ | self.variables,
        )
        output.close()
        while True:
            if self._ready():
                return time.monotonic() - began
            if self.process.poll() is not None:
                raise RuntimeError(f"the node ended with {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() - began > patience:
                raise RuntimeError(f"not ready after {patience} s:\n{self.tail()}")
            time.sleep(0.002)

    def _ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
                return probe.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def tail(self):
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, patience=30):
        """Asks the node to end (SIGTERM) and waits; returns its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        code, self.process = self.process.returncode, None
        return code

    def kill(self):
        """kill -9, and the wait that collects it."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def memory(self, field="VmRSS"):
        """Bytes resident now (VmRSS), or at most so far (VmHWM)."""
        return memory(self.process.pid, field)

    def forget_peak(self):
        """Lets VmHWM start again from now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


def memory(pid, field="VmRSS"):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {field} for {pid}")


def run_measured(arguments, feed=(), timeout=300):
    """Runs a command, feeding `feed` (an iterable of bytes) to its input.

    Returns (exit code, stdout, stderr, its peak resident bytes)."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe)

    def pour():
        try:
            for piece in feed:
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it answered before it had read everything

    said = {}
    threads = [threading.Thread(target=pour, daemon=True)]
    for name in ("stdout", "stderr"):
        stream = getattr(process, name)
        keep = lambda name=name, stream=stream: said.__setitem__(name, stream.read())
        threads.append(threading.Thread(target=keep, daemon=True))
    for thread in threads:
        thread.start()
    until = time.monotonic() + timeout
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > until:
            os.kill(process.pid, signal.SIGKILL)
            os.wait4(process.pid, 0)
            raise RuntimeError(f"{arguments[1:]} did not end within {timeout} s")
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(status)
    for thread in threads[1:]:
        thread.join()
    return process.returncode, said["stdout"], said["stderr"], usage.ru_maxrss * 1024
