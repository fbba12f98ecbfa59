"""A MISP feed that PyMISP's generator wrote, imported from a folder and over HTTP."""

import http.server
import json
import threading

import node
from misp_checks import events, signals


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder to who sends the header; /away/ leads to another host, /here/ does not."""

    def do_GET(self):
        if self.path.startswith("/away/"):
            return self.onward(f"http://localhost:{self.server.server_port}/feed/manifest.json")
        if self.path.startswith("/here/"):
            return self.onward("/feed/" + self.path.split("/", 2)[2])
        if self.headers.get("Authorization") != "Bearer secret":
            self.send_error(401)
            return None
        return super().do_GET()

    def onward(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def run(rules, binary, scratch):
    folder = scratch / "web" / "feed"
    folder.mkdir(parents=True)
    rng = signals.seeded(11)
    made = []
    for number in range(3):
        event = events.new_event(rng, f"Event {number}", "tlp:green")
        for _ in range(20):
            event.add_attribute("ip-dst", "198.18.%d.%d" % (rng.getrandbits(8), rng.getrandbits(8)),
                                to_ids=True)
        made.append(event)
    manifest = {}
    for event in made:
        manifest |= event.manifest
        (folder / f"{event.uuid}.json").write_text(json.dumps(event.to_feed()))
    manifest["../../etc/passwd"] = next(iter(manifest.values()))
    manifest["3e0bd5a1-0000-4000-8000-000000000000"] = next(iter(manifest.values()))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    running = node.Node(binary, scratch / "data")
    running.init()
    arguments = ["import", "--data", str(running.data), "--json"]
    done = running.run(*arguments, str(folder), "--collection", "folder", check=False)
    counts = json.loads(done.stdout)
    rules.same("a folder is read as a feed", (counts["refused"], done.returncode), (2, 3))
    values = {a.value for event in made for a in event.attributes}
    listed = running.run("export", "--data", str(running.data), "--collection", "folder",
                         "--format", "list").stdout.split()
    rules.same("with the values of all its events", set(listed), values)
    rules.say("what is named by no UUID is told, not opened", "something else than a UUID" in
              done.stderr, done.stderr)
    again = running.run(*arguments, str(folder), "--collection", "folder", "--keep-going")
    rules.same("twice takes nothing new", json.loads(again.stdout)["taken"], 0)

    handler = lambda *rest: Handler(*rest, directory=str(scratch / "web"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        secret = ["--feed-authorization", "Bearer secret"]
        for path in ("/feed", "/feed/", "/feed/manifest.json", "/here"):
            name = "web" + path.strip("/").replace("/", "-").replace(".", "-")
            done = running.run(*arguments, base + path, "--collection", name, *secret, check=False)
            listed = running.run("export", "--data", str(running.data), "--collection", name,
                                 "--format", "list").stdout.split()
            rules.same(f"{path} is read over HTTP", set(listed), values)
        for path, secret, code, words in [
            ("/feed", [], 4, "401"), ("/away", secret, 5, "another host"), ("/none", secret, 5, "404"),
        ]:
            done = running.run(*arguments, base + path, "--collection", "no", *secret, check=False)
            rules.same(f"{path} ends with {code}", (done.returncode, words in done.stderr), (code, True))
        done = running.run(*arguments, "ftp://x.example/", "--collection", "no", check=False)
        rules.same("another scheme is a wrong usage", done.returncode, 2)
    finally:
        server.shutdown()
    itself(rules, running, scratch)


def itself(rules, running, scratch):
    """A node reads the feed of another: the signals keep their ids."""
    other = node.Node(running.binary, scratch / "other")
    other.init()
    exported = running.run("export", "--data", str(running.data), "--collection", "folder",
                           "--type", "indicator", "--format", "ndjson").stdout
    listed = [json.loads(line)["id"] for line in exported.splitlines()]
    token = running.create_token(running.signed_parties(1)[0])
    running.start()
    try:
        feed = f"{running.url}misp/folder"
        done = other.run("import", "--data", str(other.data), feed, "--collection", "copy",
                         "--feed-authorization", f"Bearer {token}", "--json", check=False)
        copied = other.run("export", "--data", str(other.data), "--collection", "copy",
                           "--type", "indicator", "--format", "ndjson").stdout
        found = [json.loads(line)["id"] for line in copied.splitlines()]
        rules.say("a node reads a node's feed, and signals keep their ids",
                  sorted(found) == sorted(listed), done.stderr[-600:])
    finally:
        running.stop()
