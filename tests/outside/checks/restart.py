"""What a restart must not change, and what an address behind a proxy must be."""

import tempfile
import urllib.parse
from pathlib import Path

import indicators
import node
from checks import Skipped, check, error_body, require, same


def restarted(world):
    """Ends the node and starts it again on the same port."""
    if world.node is None:
        raise Skipped("this server is not ours to restart")
    same(world.node.stop(), 0, "exit code of the node")
    world.node.start()


@check("§3.4, §3.5")
def next_after_a_restart(world):
    """A next that was given before a restart gives the same page after it, on each list."""
    collection = world.fresh()
    item = indicators.indicator(world.rng, created="2026-01-01T00:00:00.000Z")
    for second in range(9):
        world.publish(collection, {**item, "modified": f"2026-02-01T00:00:{second:02d}.000Z"})
    every, asked = {"match[version]": "all"}, []
    for path, more in ((collection.objects, every), (collection.manifest, every),
                       (collection.versions(item["id"]), {})):
        token = world.client.get(path, {"limit": 4, **more}).json()["next"]
        parameters = {"limit": 4, "next": token, **more}
        answer = world.client.get(path, parameters)
        asked.append((path, parameters, answer.json(), answer.headers["x-taxii-date-added-last"]))
    restarted(world)
    for path, parameters, before, last in asked:
        answer = world.client.get(path, parameters)
        same(answer.status, 200, f"{path} ({answer})")
        same(answer.json(), before, path)
        same(answer.headers["x-taxii-date-added-last"], last, f"the last date of {path}")


@check("§4.3")
def status_after_a_restart(world):
    """A status is kept over a restart, with the same counts and reasons."""
    bad = indicators.indicator(world.rng, pattern=None)
    status = world.submit(world.shared, indicators.indicator(world.rng), bad)
    same((status["success_count"], status["failure_count"]), (1, 1), "success and failure")
    restarted(world)
    same(world.client.get(f"{world.api_root}status/{status['id']}/").json(), status, "the status")


@check("§5.7")
def deleted_after_a_restart(world):
    """What was deleted stays deleted over a restart, and what was not stays byte for byte."""
    collection = world.fresh()
    raws = indicators.raw_indicators(3, world.rng.random())
    world.publish(collection, *[raw for _, raw in raws])
    same(world.client.delete(collection.object(raws[1][0])).status, 200, "DELETE")
    before = world.client.get(collection.manifest).body
    restarted(world)
    error_body(world.client.get(collection.object(raws[1][0])), 404)
    answer = world.client.get(collection.objects)
    same(node.split_objects(answer.body), [raws[0][1], raws[2][1]], "objects")
    same(world.client.get(collection.manifest).body, before, "the manifest")


@check("§4.1.1")
def public_url(world):
    """With --public-url every API root is under it, whatever Host and X-Forwarded-* say."""
    if world.node is None:
        raise Skipped("this server is not ours to start")
    with tempfile.TemporaryDirectory(prefix="entente-outside-") as scratch:
        arguments = ["--public-url", "https://share.example.org/"]
        other = node.Node(world.node.binary, Path(scratch) / "data", arguments)
        other.init()
        other.create_collection("feed", "--public")
        token = other.create_token(other.signed_parties(1)[0])
        other.start()
        try:
            client = node.Client(other.url, node.basic(token))
            for headers in ({}, {"Host": "inner:8750"}, {"X-Forwarded-Host": "evil.example"},
                            {"X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}):
                told = client.get("/taxii2/", headers=headers).json()
                for root in [told["default"], *told["api_roots"]]:
                    same(root[:32], "https://share.example.org/taxii2", f"API root with {headers}")
                    require(root.endswith("/"), f"no slash at the end: {root}")
            path = urllib.parse.urlsplit(told["default"]).path
            same(client.get(path).status, 200, "the API root's path")
            client.close()
        finally:
            other.stop()


@check("§4.1.1")
def forwarded_headers(world):
    """X-Forwarded-* of anybody do not move the API root to another host."""
    for name in ("X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host", "Forwarded"):
        value = "host=evil.example" if name == "Forwarded" else "evil.example"
        told = world.client.get("/taxii2/", headers={name: value}).json()
        require("evil.example" not in str(told), f"{name}: {told}")
