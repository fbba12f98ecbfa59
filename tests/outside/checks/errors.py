"""Headers, bodies and credentials that are not as they should be (sections 1.6.8, 3.2, 3.6, 4, 5)."""

import http.client
import json
import socket

import indicators
import node
from checks import MEDIA, check, error_body, require, same, short, taxii_type


@check("§3.1, §1.6.8")
def accept_variants(world):
    """An Accept that says no version, or anything a TAXII 2.1 answer fits, is served as TAXII 2.1."""
    for accept in (
        None, "*/*", "application/*", "application/json", "application/taxii+json",
        "application/taxii+json;version=2.1", "application/taxii+json; version=2.1",
        "application/taxii+json ; version=2.1", 'application/taxii+json;version="2.1"',
        "Application/TAXII+JSON;Version=2.1", "text/html, application/taxii+json;version=2.1;q=0.9",
        "application/taxii+json;q=0.8;version=2.1", "application/json;q=0.5, */*;q=0.1",
        "application/taxii+json;version=2.0;q=0.5, application/taxii+json;version=2.1",
        "application/vnd.oasis.taxii+json; version=2.0, application/taxii+json;version=2.1",
    ):
        for path in ("/taxii2/", world.api_root, world.shared.path, world.shared.objects):
            answer = world.client.get(path, accept=accept)
            same(answer.status, 200, f"GET {path} with Accept: {accept}")
            taxii_type(answer)


@check("§3.1")
def not_acceptable(world):
    """An Accept that asks for another version alone is 406 with a TAXII error."""
    for accept in ("application/taxii+json;version=2.0", "application/taxii+json; version=3.0",
                   "application/taxii+json;version=2.0, application/taxii+json;version=2.2"):
        for path in ("/taxii2/", world.api_root, world.shared.path, world.shared.objects,
                     world.shared.manifest):
            error_body(world.client.get(path, accept=accept), 406)


@check("§3.1")
def content_type_variants(world):
    """A body is taken with or without a version, with blanks, quotes or capitals in its type."""
    for kind in (MEDIA, "application/taxii+json", "application/taxii+json; version=2.1",
                 'application/taxii+json;version="2.1"', "Application/TAXII+JSON;Version=2.1",
                 "application/taxii+json;version=2.1;charset=utf-8"):
        body = {"objects": [indicators.indicator(world.rng)]}
        answer = world.client.post(world.shared.objects, body, headers={"Content-Type": kind})
        same(answer.status, 202, f"Content-Type: {kind} ({answer})")


@check("§3.1, §5.5")
def unsupported_media_type(world):
    """A body of any other type is 415 with a TAXII error, and nothing of it is taken."""
    for kind in ("application/json", "text/plain", "application/taxii+json;version=2.0",
                 "application/stix+json;version=2.1", "application/xml", "nonsense", "", None):
        item = indicators.indicator(world.rng)
        answer = world.client.post(
            world.shared.objects, {"objects": [item]}, headers={"Content-Type": kind}
        )
        error_body(answer, 415)
        same(world.ids(world.shared.objects, **{"match[id]": item["id"]}), [], f"{kind}: taken")


@check("§1.6.9, §3.6.1")
def unauthorized(world):
    """Wrong credentials are 401 with WWW-Authenticate and a TAXII error, on every address."""
    wrong = (node.basic("not-the-password"), node.basic(""), "Bearer nonsense", "Basic !!!", "Basic",
             "Digest username=x", "nonsense")
    for value in wrong:
        for path in ("/taxii2/", world.api_root, world.api_root + "collections/", world.shared.path,
                     world.shared.objects, world.shared.manifest):
            answer = world.client.get(path, headers={"Authorization": value})
            error_body(answer, 401)
            challenge = answer.headers.get("www-authenticate", "")
            require("basic" in challenge.lower(), f"WWW-Authenticate: {challenge!r}")
    answer = world.client.post(
        world.shared.objects, {"objects": []}, headers={"Authorization": node.basic("wrong")}
    )
    error_body(answer, 401)


@check("§5.5, §5.7")
def without_credentials(world):
    """Without credentials nothing can be written: 401 (or 404) with a TAXII error."""
    answer = world.anonymous.post(
        world.shared.objects, {"objects": [indicators.indicator(world.rng)]}
    )
    require(answer.status in (401, 404), f"POST: {answer}")
    error_body(answer, answer.status)
    if answer.status == 401:
        require("www-authenticate" in answer.headers, "no WWW-Authenticate")
    deleted = world.anonymous.delete(world.shared.object("indicator--" + indicators.uuid4(world.rng)))
    require(deleted.status in (401, 404), f"DELETE: {deleted}")


@check("RFC 6750 §2.1")
def bearer(world):
    """The token works as a Bearer token as it does as a Basic password."""
    answer = world.client.get(world.shared.path, headers={"Authorization": f"Bearer {world.password}"})
    same(answer.status, 200, f"status ({answer})")
    same(answer.json()["can_write"], True, "can_write")


@check("§4.2.1, §5.5")
def at_the_size_limit(world):
    """A body of exactly max_content_length is taken; one byte more is 413."""
    size = world.client.get(world.api_root).json()["max_content_length"]
    require(size <= 256 << 20, f"max_content_length is {size}: too large to try")
    body = json.dumps({"objects": [indicators.indicator(world.rng)]}).encode()
    world.client.close()
    answer = world.client.post(world.shared.objects, body + b" " * (size - len(body)))
    same(answer.status, 202, f"status at {size} bytes ({answer})")
    same(answer.json()["failure_count"], 0, "failures")
    refused = send_too_much(world, size + 1, chunked=False)
    error_body(refused, 413)


@check("§4.2.1; RFC 9112 §7.1")
def chunked_bodies(world):
    """Chunked bodies work, and are 413 too once they grow past max_content_length."""
    item = indicators.indicator(world.rng)
    body = json.dumps({"objects": [item]}).encode()
    answer = world.client.post(world.shared.objects, body, chunked=True)
    same(answer.status, 202, f"status ({answer})")
    same(world.ids(world.shared.objects, **{"match[id]": item["id"]}), [item["id"]], "it")
    size = world.client.get(world.api_root).json()["max_content_length"]
    require(size <= 256 << 20, f"max_content_length is {size}: too large to try")
    error_body(send_too_much(world, size + (1 << 20), chunked=True), 413)


def send_too_much(world, size, chunked):
    """Sends blanks until the server has answered, even in the middle; the answer.

    A server may answer and close before all is sent, so this speaks HTTP by hand."""
    with socket.create_connection((world.client.host, world.client.port), timeout=120) as link:
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        link.sendall(
            f"POST {world.shared.objects} HTTP/1.1\r\nHost: {world.client.host}\r\n"
            f"Authorization: {world.client.authorization}\r\nAccept: {MEDIA}\r\n"
            f"Content-Type: {MEDIA}\r\n{length}\r\n\r\n".encode()
        )
        piece, sent = b" " * 65536, 0
        chunk = b"10000\r\n" + piece + b"\r\n"
        try:
            while sent < size:
                part = chunk if chunked else piece[: size - sent]
                link.sendall(part)
                sent += len(piece) if chunked else len(part)
            if chunked:
                link.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered already
        answer = http.client.HTTPResponse(link)
        try:
            answer.begin()
            return node.Response(answer.status, answer.getheaders(), answer.read())
        except (ConnectionResetError, http.client.HTTPException) as problem:
            require(False, f"closed without an answer after {sent} bytes: {problem!r}")


@check("RFC 9110 §10.1.1")
def expect_continue(world):
    """A client that waits for 100 Continue before it sends its body, as curl does, is served."""
    body = json.dumps({"objects": [indicators.indicator(world.rng)]}).encode()
    with socket.create_connection((world.client.host, world.client.port), timeout=20) as link:
        link.sendall(
            f"POST {world.shared.objects} HTTP/1.1\r\nHost: {world.client.host}\r\n"
            f"Authorization: {world.client.authorization}\r\nAccept: {MEDIA}\r\nContent-Type: {MEDIA}"
            f"\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        first = link.recv(4096)
        require(first.startswith(b"HTTP/1.1 100"), f"not told to continue: {short(first)}")
        link.sendall(body)
        answer = http.client.HTTPResponse(link)
        answer.begin()
        same(answer.status, 202, "status")


@check("§5.5, §3.6.1")
def malformed_bodies(world):
    """A body that is no envelope is 400 or 422 with a TAXII error that says what is wrong."""
    good = json.dumps(indicators.indicator(world.rng)).encode()
    for body in (b"", b"nonsense", b"[]", b"null", b'"text"', b'{"objects":{}}', b'{"objects":1}',
                 b'{"objects":[' + good, b'{"objects":[' + good + b",]}", b'{"objects":[]} trailing',
                 b'{"objects":[{"id":"\xff"}]}', b"\x00\x01\x02", b'{"objects":[' + good + b"]"):
        answer = world.client.post(world.shared.objects, body)
        require(answer.status in (400, 422), f"{short(body, 60)}: {answer}")
        told = error_body(answer, answer.status)
        require(told.get("description"), f"{short(body, 60)}: no description: {short(told)}")


@check("§3.6.1")
def where_the_json_breaks(world):
    """The error for JSON that breaks off says the line and the column."""
    body = b'{\n "objects": [\n  {"type": "indicator",\n   "id": }\n ]\n}'
    told = error_body(world.client.post(world.shared.objects, body), 400)
    text = told.get("description", "")
    require("line 4" in text and "column" in text, f"no line and column: {short(told)}")


@check("§4.2.1; RFC 9112 §7.1")
def chunked_at_the_limit(world):
    """A chunked body of exactly max_content_length is taken, as one with a length is."""
    size = world.client.get(world.api_root).json()["max_content_length"]
    require(size <= 256 << 20, f"max_content_length is {size}: too large to try")
    body = json.dumps({"objects": [indicators.indicator(world.rng)]}).encode()
    world.client.close()
    answer = world.client.post(world.shared.objects, body + b" " * (size - len(body)), chunked=True)
    same(answer.status, 202, f"status at {size} bytes ({answer})")


@check("§3.1, §3.6.1")
def errors_are_taxii(world):
    """Whatever is asked under the API root, an error is of TAXII's media type and never HTML."""
    missing = f"{world.api_root}collections/ffffffff-ffff-4fff-bfff-ffffffffffff/"
    for method, path, status in (
        ("GET", world.api_root + "nothing/", 404), ("GET", world.shared.path + "nothing/", 404),
        ("GET", world.shared.objects + "x/y/z/", 404), ("POST", missing + "objects/", 404),
        ("DELETE", missing + "objects/indicator--x/", 404), ("POST", world.shared.path, 405),
        ("PATCH", world.shared.objects, 405), ("DELETE", world.shared.objects, 405),
        ("GET", "/taxii2/no-such-root/", 404),
    ):
        body = b"{}" if method in ("POST", "PATCH") else None
        error_body(world.client.request(method, path, body), status)
