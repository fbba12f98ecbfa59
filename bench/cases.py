"""What is measured. Each function drives one running server and returns plain numbers."""

import json
import multiprocessing
import random
import re
import socket
import statistics
import threading
import time

import client
import indicators

_LAST = re.compile(rb"\r\nx-taxii-date-added-last:\s*(\S+)", re.IGNORECASE)


def percentile(values, share):
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def envelopes(count, seed, size=1000):
    """Requests' bodies: `count` indicators, `size` an envelope."""
    raws = [raw for _, raw in indicators.raw_indicators(count, seed)]
    return [indicators.envelope(raws[at : at + size]) for at in range(0, count, size)]


def publish(target, bodies, connections):
    """Objects/s from the first byte sent until every status says complete."""
    requests = [target.post(body) for body in bodies]
    total = sum(body.count(b'"type":"indicator"') for body in bodies)
    shares = [requests[n::connections] for n in range(connections)]
    ready, failures = threading.Barrier(connections + 1), []

    def writer(share):
        link = client.Connection(target)
        link.exchange(target.get(target.api_root))  # connected and signed in before the clock runs
        ready.wait()
        try:
            for request in share:
                client.publish(link, request)
        except Exception as problem:  # told to the caller, which stops the case
            failures.append(problem)
        link.close()

    threads = [threading.Thread(target=writer, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    return total / took


def walk(target, limit, expected):
    """Every page's request by following `next`, and the proof that they hold each object once."""
    link, seen, requests, more = client.Connection(target), [], [], {}
    while True:
        request = target.page(limit, **more)
        status, _, body = link.exchange(request)
        if status != 200:
            raise RuntimeError(f"a page answered {status}: {bytes(body[:300])!r}")
        page = json.loads(bytes(body))
        requests.append(request)
        seen += [item["id"] for item in page.get("objects", [])]
        if not page.get("more"):
            break
        more = {"next": page["next"]}
    link.close()
    if len(seen) != expected or len(set(seen)) != expected:
        raise RuntimeError(f"{len(seen)} read, {len(set(seen))} different, of {expected}")
    return requests


def _read(target, requests, seconds, ready, results):
    link, count = client.Connection(target), 0
    link.exchange(requests[0])
    ready.wait()
    began = time.perf_counter()
    while count < len(requests) or time.perf_counter() - began < seconds:
        status, _, _ = link.exchange(requests[count % len(requests)])
        if status != 200:
            results.put((0, f"a page answered {status}"))
            return
        count += 1
    results.put((count, time.perf_counter() - began))


def pages(target, requests, seconds, processes):
    """Pages/s, each of `processes` clients asking for all pages again and again."""
    context = multiprocessing.get_context("fork")
    ready, results = context.Barrier(processes), context.Queue()
    readers = [
        context.Process(target=_read, args=(target, requests, seconds, ready, results))
        for _ in range(processes)
    ]
    for reader in readers:
        reader.start()
    told = [results.get(timeout=900) for _ in readers]
    for reader in readers:
        reader.join()
    failed = [why for count, why in told if count == 0]
    if failed:
        raise RuntimeError(failed[0])
    return sum(count / took for count, took in told)


def one_page(target, limit, patience):
    """Seconds for one page, or None when it did not come within `patience` seconds."""
    link = client.Connection(target)
    try:
        link.socket = socket.create_connection(("127.0.0.1", target.port), timeout=patience)
        began = time.perf_counter()
        link.exchange(target.page(limit))
        return time.perf_counter() - began
    except TimeoutError:
        return None
    finally:
        link.close()


def single_publishes(target, connections, seconds, seed, most):
    """p50 and p99 in ms, and publishes/s, of envelopes with one object."""
    raws = [raw for _, raw in indicators.raw_indicators(most, seed)]
    requests = [target.post(indicators.envelope([raw])) for raw in raws]
    began = time.perf_counter()
    taken = client.latencies(target, requests, connections, seconds)
    rate = len(taken) / (time.perf_counter() - began)
    return {
        "p50_ms": percentile(taken, 0.50) * 1000,
        "p99_ms": percentile(taken, 0.99) * 1000,
        "per_second": rate,
    }


def fill(target, count, seed, connections=2):
    """Publishes `count` more indicators, generated on the way; objects/s."""
    envelopes_each = count // 1000 // connections
    failures = []

    def writer(number):
        rng, link = random.Random(f"{seed}/{number}"), client.Connection(target)
        try:
            for _ in range(envelopes_each):
                raws = [indicators.raw_indicator(rng)[1] for _ in range(1000)]
                client.publish(link, target.post(indicators.envelope(raws)))
        except Exception as problem:  # told to the caller, which stops the case
            failures.append(problem)
        link.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=writer, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return envelopes_each * connections * 1000 / (time.perf_counter() - began)


def cursors(target, expected, limit=1000):
    """The `added_after` of every page (None for the first), and pages/s of that one walk."""
    link, found, after = client.Connection(target), [], None
    began = time.perf_counter()
    while True:
        more = {} if after is None else {"added_after": after}
        status, head, body = link.exchange(target.page(limit, **more))
        last = _LAST.search(head)
        if status != 200:
            raise RuntimeError(f"a page answered {status}: {bytes(body[:300])!r}")
        if last is None:
            break
        found.append(after)
        after = last[1].decode()
    link.close()
    if len(found) != -(-expected // limit):
        raise RuntimeError(f"{len(found)} pages of {limit} for {expected} objects")
    return found, len(found) / (time.perf_counter() - began)


def page_latency(target, found, limit, repeats):
    """{first, middle, last: (p50 ms, p99 ms)}, asked in turn so that noise falls on all alike."""
    places = {"first": found[0], "middle": found[len(found) // 2], "last": found[-1]}
    requests = {
        name: target.page(limit, **({} if after is None else {"added_after": after}))
        for name, after in places.items()
    }
    link, taken = client.Connection(target), {name: [] for name in places}
    for request in requests.values():
        link.exchange(request)
    for _ in range(repeats):
        for name, request in requests.items():
            began = time.perf_counter()
            link.exchange(request)
            taken[name].append(time.perf_counter() - began)
    link.close()
    return {
        name: (statistics.median(values) * 1000, percentile(values, 0.99) * 1000)
        for name, values in taken.items()
    }


def first_page(target):
    """Seconds from now until a page of 1,000 is there."""
    began = time.perf_counter()
    link = client.Connection(target)
    status, _, _ = link.exchange(target.page(1000))
    link.close()
    if status != 200:
        raise RuntimeError(f"the first page answered {status}")
    return time.perf_counter() - began
