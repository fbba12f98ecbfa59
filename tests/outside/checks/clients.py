"""What clients in the wild send, as their sources and their users' reports tell it."""

import urllib.parse

import requests
from requests.exceptions import HTTPError

import indicators
from checks import MEDIA, Failed, check, require, same, short


@check("RFC 9110 §11.4")
def schemes_as_clients_write_them(world):
    """Basic may be written basic, as MISP does, and a token be sent as Token, as taxii2-client does."""
    basic = world.client.authorization.replace("Basic ", "basic ")
    for value in (basic, f"Token {world.password}", f"token {world.password}",
                  f"bearer {world.password}"):
        answer = world.client.get(world.shared.path, headers={"Authorization": value})
        same(answer.status, 200, f"{value.split()[0]} ({answer})")
        same(answer.json()["can_write"], True, f"can_write with {value.split()[0]}")


@check("§1.6.9")
def token_of_taxii2_client(world):
    """taxii2-client's TokenAuth, which OpenCTI's connector and XSOAR use, reads and writes."""
    from taxii2client.common import TokenAuth
    from taxii2client.v21 import Server

    world.clients.add("taxii2-client")
    address = urllib.parse.urljoin(world.url, "/taxii2/")
    root = Server(address, auth=TokenAuth(world.password)).default
    found = next(item for item in root.collections if item.id == world.shared.id)
    item = indicators.indicator(world.rng)
    same(found.add_objects({"objects": [item]}).success_count, 1, "success_count")
    same(found.get_object(item["id"])["objects"], [item], "it")


@check("§1.6.9")
def any_user_name(world):
    """A token is the password beside any user name, as Sentinel's form wants both."""
    import node

    for user in ("sentinel", "a.person@example.org", "é", "x" * 200):
        client = node.Client(world.url, node.basic(world.password, user))
        answer = client.get(world.shared.path)
        same(answer.status, 200, f"user {user[:20]} ({answer})")
        client.close()


@check("MISP issue 9860")
def last_segment_of_the_root(world):
    """The API root is served at the last segment of its path, too, which is all that MISP keeps."""
    segment = world.api_root.rstrip("/").rsplit("/", 1)[-1]
    listed = world.client.get(f"/{segment}/collections/", headers={"Content-Type": MEDIA})
    same(listed.status, 200, f"collections ({listed})")
    same(listed.json(), world.client.get(world.api_root + "collections/").json(), "the list")
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    short_path = f"/{segment}/collections/{world.shared.id}/objects/"
    page = world.client.get(short_path, {"limit": 50, "match[id]": item["id"]})
    same(page.json().get("objects"), [item], "objects")


@check("MISP, TAXII servers")
def push_to_the_last_segment(world):
    """taxii2-client publishes through the last segment of the API root, as MISP's push does."""
    from taxii2client.v21 import Collection

    world.clients.add("taxii2-client")
    segment = world.api_root.rstrip("/").rsplit("/", 1)[-1]
    url = urllib.parse.urljoin(world.url, f"/{segment}/collections/{world.shared.id}/")
    target = Collection(url, user=world.user, password=world.password)
    item = indicators.indicator(world.rng)
    status = target.add_objects({"objects": [item]}, wait_for_completion=True)
    same((status.status, status.success_count), ("complete", 1), "status")
    status.refresh()
    same(status.success_count, 1, "success_count, asked again")
    same(world.ids(world.shared.objects, **{"match[id]": item["id"]}), [item["id"]], "it")


@check("OpenCTI, TAXII feeds")
def opencti_reads_everything(world):
    """OpenCTI's feed, which sends next and added_after together, reads all and then only what is new."""
    collection = world.fresh()
    raws = indicators.raw_indicators(60, world.rng.random())
    world.publish(collection, *[raw for _, raw in raws[:30]])
    state = {"added_after": "2015-01-01T00:00:00.000Z"}
    seen = set()

    def poll():
        answer = world.client.get(collection.objects, {"limit": 7, **state})
        same(answer.status, 200, f"poll ({answer})")
        page = answer.json()
        got = [item["id"] for item in page.get("objects", [])]
        seen.update(got)
        if got and page.get("more") and page.get("next"):
            state["next"] = page["next"]
        elif got:
            state.pop("next", None)
            last = answer.headers["x-taxii-date-added-last"]
            state["added_after"] = last[:23] + "Z"  # as JavaScript's toISOString cuts it
        else:
            state.pop("next", None)

    for _ in range(8):
        poll()
    same(len(seen), 30, "objects read")
    world.publish(collection, *[raw for _, raw in raws[30:]])
    for _ in range(12):
        poll()
    same(seen, {stix_id for stix_id, _ in raws}, "objects read, with the later ones")


@check("XSOAR, TAXII 2 Feed")
def xsoar_reads_by_type(world):
    """taxii2-client pages through a list of types, as XSOAR asks, and gets each object once."""
    from taxii2client.v21 import as_pages

    collection = world.fresh()
    raws = indicators.raw_indicators(250, world.rng.random())
    world.publish(collection, *[raw for _, raw in raws])
    kinds = ["indicator", "report", "malware", "campaign", "attack-pattern", "relationship"]
    seen = world.taxii_collection(collection)
    pages = as_pages(seen.get_objects, per_request=100, type=kinds)
    ids = [item["id"] for page in pages for item in page.get("objects", [])]
    same(ids, [stix_id for stix_id, _ in raws], "ids")


@check("§3.6.1")
def the_client_sees_errors(world):
    """taxii2-client gets the status of each error: 400, 401, 403 or 404, 406."""
    world.clients.add("taxii2-client")
    collection = world.taxii_collection(world.shared)
    missing = "indicator--ffffffff-ffff-4fff-bfff-ffffffffffff"
    for what, ask, statuses in (
        ("an unknown object", lambda: collection.get_object(missing), (404,)),
        ("versions of an unknown object", lambda: collection.object_versions(missing), (404,)),
        ("deleting an unknown object", lambda: collection.delete_object(missing), (404,)),
        ("a wrong version", lambda: collection.get_objects(version="newest"), (400,)),
        ("a wrong Accept", lambda: collection.get_objects(
            accept="application/taxii+json;version=2.0"), (406,)),
    ):
        try:
            got = ask()
        except HTTPError as problem:
            status = problem.response.status_code
            require(status in statuses, f"{what}: {status}")
            require(problem.response.json().get("title"), f"{what}: no title")
        else:
            raise Failed(f"{what}: no error, but {short(got)}")
    from taxii2client.v21 import Server

    stranger = Server(urllib.parse.urljoin(world.url, "/taxii2/"), user="u", password="wrong")
    try:
        stranger.refresh()
    except HTTPError as problem:
        same(problem.response.status_code, 401, "a wrong password")
        require("basic" in problem.response.headers["WWW-Authenticate"].lower(), "no challenge")
    else:
        raise Failed("a wrong password is no error")


@check("§5.5")
def the_client_publishes_in_every_way(world):
    """taxii2-client publishes a dict, a text and bytes, and reads the manifest and versions of each."""
    collection = world.taxii_collection(world.shared)
    import json

    for form in (lambda made: made, json.dumps, lambda made: json.dumps(made).encode()):
        item = indicators.indicator(world.rng, name="Ünïcode 日本")
        status = collection.add_objects(form({"objects": [item]}))
        same((status.success_count, status.failure_count), (1, 0), "success and failure")
        same(collection.get_object(item["id"])["objects"], [item], "it")
        entry = collection.get_manifest(id=item["id"])["objects"]
        same([one["id"] for one in entry], [item["id"]], "manifest")
        same(len(collection.object_versions(item["id"])["versions"]), 1, "versions")


@check("RFC 9110 §9.3.2")
def head(world):
    """HEAD answers as GET does, without a body, for proxies and probes."""
    for path in ("/taxii2/", world.api_root, world.shared.path, world.shared.objects):
        got, headed = world.client.get(path), world.client.request("HEAD", path)
        same(headed.status, got.status, f"HEAD {path}")
        same(headed.body, b"", f"the body of HEAD {path}")
        same(headed.headers.get("content-type"), got.headers.get("content-type"), "Content-Type")


@check("§3.1")
def requests_without_ceremony(world):
    """A script with nothing but requests and a password reads objects, page by page, by the API root."""
    session = requests.Session()
    session.auth = (world.user, world.password)
    collection = world.fresh()
    raws = indicators.raw_indicators(25, world.rng.random())
    world.publish(collection, *[raw for _, raw in raws])
    world.clients.add("requests")
    url, seen, more = urllib.parse.urljoin(world.url, collection.objects), [], {}
    while True:
        answer = session.get(url, params={"limit": 10, **more})
        same(answer.status_code, 200, "status")
        page = answer.json()
        seen += [item["id"] for item in page["objects"]]
        if not page.get("more"):
            break
        more = {"next": page["next"]}
    same(seen, [stix_id for stix_id, _ in raws], "ids")
