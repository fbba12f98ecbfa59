"""Discovery, API root, collections: what a client is told first (TAXII 2.1 sections 4, 5.1, 5.2)."""

import urllib.parse

from checks import MEDIA, check, error_body, require, same, taxii_type


@check("§4.1")
def discovery(world):
    """Discovery names the server and lists API roots as absolute addresses that end in a slash."""
    answer = world.client.get("/taxii2/")
    same(answer.status, 200, "status")
    taxii_type(answer)
    told = answer.json()
    require(told.get("title"), f"no title: {told}")
    require(told.get("api_roots"), f"no api_roots: {told}")
    for root in told["api_roots"]:
        parts = urllib.parse.urlsplit(root)
        require(parts.scheme in ("http", "https") and parts.netloc, f"not absolute: {root}")
        require(root.endswith("/") and not parts.query, f"does not end in a slash: {root}")
    if "default" in told:
        require(told["default"] in told["api_roots"], "default is not among api_roots (4.1.1)")


@check("§4.1.1")
def discovery_behind_a_proxy(world):
    """Behind a proxy the API roots carry the name that the client asked for."""
    told = world.client.get("/taxii2/", headers={"Host": "share.example.org:8443"}).json()
    root = urllib.parse.urlsplit(told["api_roots"][0])
    same(root.netloc, "share.example.org:8443", "host and port of the API root")


@check("§4.2")
def api_root(world):
    """The API root says its title, TAXII 2.1 among its versions, and how much it takes."""
    answer = world.client.get(world.api_root)
    same(answer.status, 200, "status")
    taxii_type(answer)
    told = answer.json()
    require(told.get("title"), f"no title: {told}")
    require(MEDIA in told.get("versions", []), f"versions: {told.get('versions')}")
    size = told.get("max_content_length")
    require(type(size) is int and size > 0, f"max_content_length: {size!r}")


@check("§5.1, §3.3")
def collections(world):
    """Collections are listed in a steady order, each with id, title, can_read, can_write, STIX 2.1."""
    first = world.client.get(world.api_root + "collections/")
    taxii_type(first)
    again = world.client.get(world.api_root + "collections/")
    same(again.json(), first.json(), "the list, asked again")
    for told in first.json()["collections"]:
        require(told.get("id") and told.get("title"), f"no id or title: {told}")
        require(type(told.get("can_read")) is bool, f"can_read: {told}")
        require(type(told.get("can_write")) is bool, f"can_write: {told}")
        kinds = told.get("media_types", ["application/stix+json;version=2.1"])
        require("application/stix+json;version=2.1" in kinds, f"media_types: {kinds}")


@check("§5.2")
def collection(world):
    """One collection answers what the list says of it, and by its alias too."""
    answer = world.client.get(world.shared.path)
    same(answer.status, 200, "status")
    same(answer.json(), world.shared.info, "the collection")
    alias = world.shared.info.get("alias")
    if alias is not None:
        by_alias = world.client.get(f"{world.api_root}collections/{alias}/")
        same(by_alias.status, 200, "status by alias")
        same(by_alias.json()["id"], world.shared.id, "id by alias")


@check("§3.1")
def trailing_slash(world):
    """Every address is served with a trailing slash and without one, as the same thing."""
    for path in ("/taxii2/", world.api_root, world.shared.path, world.shared.objects,
                 world.shared.manifest, world.api_root + "collections/"):
        with_slash, without = world.client.get(path), world.client.get(path.rstrip("/"))
        same(with_slash.status, 200, path)
        same(without.status, 200, path.rstrip("/"))
        same(without.json(), with_slash.json(), f"body of {path.rstrip('/')}")


@check("§4.1–§5.1")
def taxii2_client_sees_it(world):
    """taxii2-client finds the server, its root and its collections, and says who may do what."""
    server = world.taxii()
    require(server.title, "no title")
    root = server.default or server.api_roots[0]
    require(root.title and root.max_content_length, "the root is incomplete")
    found = {item.id: item for item in root.collections}
    require(world.shared.id in found, "our collection is missing")
    require(found[world.shared.id].can_write, "can_write is lost")


@check("§4.3, §5.2–§5.8, §3.6.1")
def unknown_things(world):
    """What does not exist is 404 with a TAXII error, and never a page of HTML."""
    missing = "ffffffff-ffff-4fff-bfff-ffffffffffff"
    for path in (
        f"{world.api_root}collections/{missing}/",
        f"{world.api_root}collections/{missing}/objects/",
        f"{world.api_root}collections/{missing}/manifest/",
        f"{world.api_root}collections/not-a-collection/objects/",
        f"{world.api_root}status/{missing}/",
        f"{world.api_root}status/not-an-id/",
        world.shared.object("indicator--" + missing),
        world.shared.versions("indicator--" + missing),
        world.shared.object("not-a-stix-id"),
    ):
        error_body(world.client.get(path), 404)
    root = world.api_root.rstrip("/") + "-that-is-not-there/"
    same(world.client.get(root).status, 404, root)


@check("RFC 9110 §15.5.6")
def unknown_methods(world):
    """A method that an address does not have is 405 and says which it has."""
    for method, path in (("PUT", world.shared.objects), ("DELETE", world.shared.manifest)):
        answer = world.client.request(method, path, b"{}")
        same(answer.status, 405, f"{method} {path}")
        require("GET" in answer.headers.get("allow", ""), f"Allow: {answer.headers.get('allow')}")
