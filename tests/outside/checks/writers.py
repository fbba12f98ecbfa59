"""Reading while others write: the promise that a client which pages can lose nothing."""

import multiprocessing
import time

import indicators
import node
from checks import check, require

WRITERS = 4


def _write(arguments, collection, seed, until, results):
    """Publishes envelopes of 1 to 50 until the time is up; tells the acknowledged ids."""
    import random

    rng, client, told = random.Random(seed), node.Client(*arguments), []
    try:
        while time.monotonic() < until:
            raws = [indicators.raw_indicator(rng) for _ in range(rng.randint(1, 50))]
            status = node.publish(client, collection, [raw for _, raw in raws])
            if status["failure_count"]:
                raise RuntimeError(f"refused: {status['failures'][:1]}")
            told += [stix_id for stix_id, _ in raws]
        results.put((told, None))
    except Exception as problem:  # told to the parent, which fails the check
        results.put((told, f"a writer: {problem}"))


def _read(arguments, path, by, limit, finished, results):
    """Pages on and on; once `finished` is set and a page says no more, tells all ids seen."""
    client, seen, at = node.Client(*arguments), [], {}
    try:
        while True:
            last_round = finished.is_set()
            answer = client.get(path, {"limit": limit, **at})
            if answer.status != 200:
                raise RuntimeError(f"{at}: {answer}")
            page = answer.json()
            found = page.get("objects", [])
            seen += [item["id"] for item in found]
            if by == "next" and page.get("more"):
                at = {"next": page["next"]}
            elif found:
                # No more for now: a client goes on by the last date.
                at = {"added_after": answer.headers["x-taxii-date-added-last"]}
            if not page.get("more"):
                if last_round:
                    break
                time.sleep(0.002)
        results.put((seen, None))
    except Exception as problem:  # told to the parent, which fails the check
        results.put((seen, f"the reader by {by}: {problem!r}"))


@check("§3.3, §3.5")
def four_writers_two_readers(world):
    """While 4 clients write, one reads by next and one by added_after: each sees each object once."""
    collection, context = world.fresh(), multiprocessing.get_context("fork")
    arguments = (world.url, world.client.authorization)
    written, read, finished = context.Queue(), context.Queue(), context.Event()
    until = time.monotonic() + 6
    writers = [
        context.Process(target=_write, args=(arguments, collection, n + time.time(), until, written))
        for n in range(WRITERS)
    ]
    readers = [
        context.Process(target=_read, args=(arguments, path, by, limit, finished, read))
        for path, by, limit in (
            (collection.objects, "next", 37), (collection.objects, "added_after", 23),
            (collection.manifest, "next", 41), (collection.manifest, "added_after", 101),
        )
    ]
    for process in readers + writers:
        process.start()
    acknowledged, problems = [], []
    for _ in writers:
        ids, problem = written.get(timeout=120)
        acknowledged += ids
        problems += [problem] if problem else []
    finished.set()
    for _ in readers:
        seen, problem = read.get(timeout=300)
        problems += [problem] if problem else []
        lost, repeated = len(set(acknowledged) - set(seen)), len(seen) - len(set(seen))
        invented = len(set(seen) - set(acknowledged))
        if lost or repeated or invented:
            problems.append(
                f"of {len(acknowledged)}: {lost} lost, {repeated} repeated, {invented} invented"
            )
    for process in readers + writers:
        process.join()
    require(acknowledged, "nothing was written")
    require(not problems, lambda: "; ".join(problems))
