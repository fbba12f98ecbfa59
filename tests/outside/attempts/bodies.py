"""Bodies that are broken, too large, too deep, too many, or of another kind."""

import json
import threading
import time

import indicators
import node
from attempts import MIB, answer_of, refused, require, rule


@rule("bodies")
def truncated_json(scene):
    """Truncated JSON is 400 and says the line and the column where it breaks off."""
    whole = indicators.envelope([raw for _, raw in indicators.raw_indicators(50, 1)])
    for end in (1, 12, 500, len(whole) // 2, len(whole) - 2, len(whole) - 1):
        said = refused(scene.post(whole[:end]), 400)
        require("line" in said and "column" in said, f"no place: {said}")
    first = indicators.raw_indicators(1, 1)[0][0]
    listed = scene.client.get(scene.collection.objects, {"match[id]": first}).json()
    require("objects" not in listed, "part of a truncated envelope was taken")


def pour(scene, size, chunked):
    """Sends a body of blanks; returns (answer, bytes sent when it ended)."""
    piece, sent = b" " * 65536, 0
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    with scene.link() as link:
        link.sendall(scene.head(length))
        try:
            while sent < size:
                link.sendall(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
                sent += len(piece)
            if chunked:
                link.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered already
        return answer_of(link), sent


@rule("bodies")
def two_hundred_megabytes(scene):
    """A body of 200 MB, by length or chunked, is 413, and the node does not hold it."""
    for chunked in (False, True):
        scene.running.forget_peak()
        before = scene.running.memory()
        answer, _ = pour(scene, 200 * MIB, chunked)
        refused(answer, 413)
        grown = scene.running.memory("VmHWM") - before
        require(grown < 64 * MIB, f"chunked={chunked}: memory grew by {grown // MIB} MiB")


@rule("bodies")
def wrong_media_type(scene):
    """A wrong media type is 415 and names what is taken."""
    for kind in ("application/json", "text/csv", "application/octet-stream", "multipart/form-data"):
        said = refused(scene.post({"objects": []}, headers={"Content-Type": kind}), 415)
        require("taxii+json" in said, f"it does not say what is taken: {said}")


@rule("bodies")
def unknown_collection(scene):
    """An unknown collection is 404, whoever asks and whatever the body."""
    missing = f"{scene.api_root}collections/ffffffff-ffff-4fff-bfff-ffffffffffff/objects/"
    refused(scene.client.post(missing, {"objects": []}), 404)
    refused(scene.client.post(missing, b"not even JSON"), 404, 400)
    refused(scene.client.get(missing), 404)


@rule("bodies")
def bad_token(scene):
    """A bad token is 401, also when it is long, empty or not text."""
    for value in (node.basic("wrong"), node.basic(""), node.basic("x" * 6000), "Basic \x80\xff",
                  "Bearer " + "a" * 64, "Bearer", "Basic " + "=" * 100):
        answer = scene.client.get(scene.collection.objects, headers={"Authorization": value})
        require(answer.status == 401, f"{value[:40]!r}: {answer}")
        require("www-authenticate" in answer.headers, "no WWW-Authenticate")


@rule("bodies")
def bundles_of_other_versions(scene):
    """A bundle of a STIX version that does not exist, or of STIX 1, is refused and the version said."""
    item = indicators.indicator(scene.rng)
    for version in ("3.0", "1.2", "2"):
        bundle = {"type": "bundle", "id": "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",
                  "spec_version": version, "objects": [{**item, "spec_version": version}]}
        said = not_taken(scene, json.dumps(bundle).encode())
        require("version" in said, f"{version}: it does not say why: {said}")
    xml = b'<stix:STIX_Package xmlns:stix="http://stix.mitre.org/stix-1" version="1.2"/>'
    not_taken(scene, xml)


@rule("bodies")
def objects_of_stix_2_0(scene):
    """An object of STIX 2.0 is held to the rules of 2.0: taken as such, or refused with words."""
    old = {key: value for key, value in indicators.indicator(scene.rng).items()
           if key not in ("spec_version", "pattern_type")}
    said = not_taken(scene, json.dumps({"objects": [old]}).encode())
    require("labels" in said or "2.0" in said, f"it does not say why: {said}")
    right = {**old, "labels": ["malicious-activity"]}
    status = scene.post({"objects": [right]}).json()
    if status.get("success_count") == 1:
        query = {"match[id]": right["id"], "match[spec_version]": "2.0"}
        entries = scene.client.get(scene.collection.manifest, query).json()["objects"]
        kind = entries[0]["media_type"]
        require(kind == "application/stix+json;version=2.0", f"media_type: {kind}")


def not_taken(scene, body):
    """Nothing of the body is taken; the words that say why."""
    answer = scene.post(body)
    if answer.status != 202:
        return refused(answer, 400, 422)
    status = node.completed(scene.client, scene.api_root, answer.json())
    require(status["success_count"] == 0, f"it was taken: {status}")
    return json.dumps(status["failures"])


@rule("bodies")
def ten_thousand_deep(scene):
    """JSON nested 10,000 deep, in an object or in place of one, is refused and not fatal."""
    raw = indicators.compact(indicators.indicator(scene.rng))
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        for depth in (10_000, 500_000):
            deep = opening * depth + (b"1" if closing == b"}" else b"") + closing * depth
            for body in (deep, b'{"objects":' + deep + b"}", b'{"objects":[' + deep + b"]}",
                         indicators.envelope([raw[:-1] + b',"x_deep":' + deep + b"}"])):
                answer = scene.post(body)
                if answer.status == 202:
                    status = node.completed(scene.client, scene.api_root, answer.json())
                    require(status["success_count"] == 0, f"taken at depth {depth}")
                else:
                    refused(answer, 400, 413, 422)


@rule("bodies")
def a_million_tiny_objects(scene):
    """An envelope of a million tiny things that are no objects costs bounded memory and time."""
    for tiny in (b"{}", b"1", b'{"id":"x"}'):
        count = min(1_000_000, 9 * MIB // (len(tiny) + 1))
        scene.running.forget_peak()
        before, began = scene.running.memory(), time.monotonic()
        answer = scene.post(b'{"objects":[' + b",".join([tiny] * count) + b"]}")
        took = time.monotonic() - began
        grown = scene.running.memory("VmHWM") - before
        require(answer.status in (202, 400, 413, 422), f"{tiny}: {answer}")
        require(len(answer.body) < 64 * MIB, f"the answer has {len(answer.body) // MIB} MiB")
        require(took < 30, f"{tiny}: it took {took:.0f} s")
        require(grown < scene.asked.memory * MIB, f"{tiny}: memory grew by {grown // MIB} MiB")


@rule("bodies")
def many_large_bodies_at_once(scene):
    """Sixteen clients with bodies as large as allowed are answered within bounded memory."""
    size = scene.client.get(scene.api_root).json()["max_content_length"]
    raws = [raw for _, raw in indicators.raw_indicators(int(size * 0.95) // 700, 3)]
    body = indicators.envelope(raws)[:size]
    answers = []

    def send():
        own = node.Client(scene.running.url, scene.authorization, timeout=240)
        try:
            answers.append(own.post(scene.collection.objects, body).status)
        except OSError as problem:
            answers.append(repr(problem))
        own.close()

    scene.running.forget_peak()
    before = scene.running.memory()
    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong = [status for status in answers if status not in (202, 429, 503)]
    require(not wrong, f"{wrong[:3]} of {len(answers)}")
    require(202 in answers, f"none was taken: {answers}")
    # 16 bodies at once are 16 × max_content_length; twice that is a bound.
    grown, most = scene.running.memory("VmHWM") - before, 32 * size + scene.asked.memory * MIB
    require(grown < most, f"memory grew by {grown // MIB} MiB")


@rule("bodies")
def text_that_is_not_utf8(scene):
    """Bytes that are not UTF-8, zero bytes and half a surrogate are refused or kept, never fatal."""
    raw = indicators.compact(indicators.indicator(scene.rng, name="NAME"))
    for wrong in (b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\x00", b"\\ud800", b"\x1b[31m"):
        body = indicators.envelope([raw.replace(b"NAME", wrong)])
        answer = scene.post(body)
        if answer.status == 202:
            require(wrong == b"\\ud800" or answer.json()["success_count"] == 0, f"{wrong}: taken")
            require(scene.client.get(scene.collection.objects).status == 200, "the list broke")
        else:
            refused(answer, 400, 422)


@rule("bodies")
def duplicate_keys(scene):
    """An object that says its id twice is not taken under either."""
    first, second = (f"indicator--{indicators.uuid4(scene.rng)}" for _ in range(2))
    raw = indicators.compact(indicators.indicator(scene.rng, id=first))
    body = indicators.envelope([raw[:-1] + f',"id":"{second}"}}'.encode()])
    answer = scene.post(body)
    if answer.status == 202:
        require(answer.json()["success_count"] == 0, f"taken: {answer}")
    else:
        refused(answer, 400, 422)
