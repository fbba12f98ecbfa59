"""Paging: nothing lost, nothing twice, by `next` and by `added_after` (sections 3.3 to 3.5)."""

import indicators
from checks import (
    check, error_body, gathered, instants, pages_by_date, pages_by_next, require, same, short,
)


def exactly(got, wanted, what):
    """Each wanted id once, in the order in which it was added."""
    repeated = len(got) - len(set(got))
    lost = len(set(wanted) - set(got))
    require(
        not repeated and not lost and len(got) == len(wanted),
        lambda: f"{what}: {lost} of {len(wanted)} lost, {repeated} repeated",
    )
    same(got, wanted, f"{what}: the order")


def filled(world, count, each):
    collection = world.fresh()
    raws = indicators.raw_indicators(count, world.rng.random())
    for at in range(0, count, each):
        world.publish(collection, *[raw for _, raw in raws[at : at + each]])
    return collection, [stix_id for stix_id, _ in raws]


@check("§3.5")
def by_next_with_the_client(world):
    """taxii2-client's as_pages reads every object and every manifest entry exactly once."""
    from taxii2client.v21 import as_pages

    collection, wanted = filled(world, 150, 30)
    seen = world.taxii_collection(collection)
    for limit in (1, 7, 100):
        for function in (seen.get_objects, seen.get_manifest):
            pages = list(as_pages(function, per_request=limit))
            ids = [item["id"] for page in pages for item in page["objects"]]
            exactly(ids, wanted, f"{function.__name__} by {limit}")
            same(len(pages), -(-150 // limit), "pages")


@check("§3.5, §3.2")
def by_date_added(world):
    """Paging by added_after = X-TAXII-Date-Added-Last loses nothing, even inside one envelope."""
    collection, wanted = filled(world, 150, 150)
    for limit in (1, 7, 100):
        for path in (collection.objects, collection.manifest):
            ids = [item["id"] for item in gathered(pages_by_date(world.client, path, limit))]
            exactly(ids, wanted, f"{path} by {limit}")


@check("§3.5, §5.8")
def versions_in_pages(world):
    """An object's versions are paged too, by next and by date."""
    collection = world.fresh()
    item = indicators.indicator(world.rng)
    times = [f"2026-01-02T03:04:{second:02d}.000Z" for second in range(30)]
    for modified in times:
        world.publish(collection, {**item, "modified": modified})
    path = collection.versions(item["id"])
    for limit in (1, 7, 100):
        for pages in (pages_by_next, pages_by_date):
            got = gathered(pages(world.client, path, limit), "versions")
            exactly(instants(got), instants(times), f"{pages.__name__} of {limit}")
    every = {"match[version]": "all"}
    for limit in (7, 100):
        got = gathered(pages_by_next(world.client, collection.object(item["id"]), limit, **every))
        exactly([one["modified"] for one in got], times, f"the object, all versions, by {limit}")


@check("§3.4, §3.5")
def filtered_pages(world):
    """A filter holds on every page, and all that match it come."""
    collection, wanted = filled(world, 60, 20)
    others = [
        {"type": "x-other", "spec_version": "2.1", "id": f"x-other--{indicators.uuid4(world.rng)}",
         "created": "2026-01-02T03:04:05.000Z", "modified": "2026-01-02T03:04:05.000Z"}
        for _ in range(60)
    ]
    for at in range(0, 60, 5):
        world.publish(collection, *others[at : at + 5])
    for kind, ids in (("indicator", wanted), ("x-other", [other["id"] for other in others])):
        for pages in (pages_by_next, pages_by_date):
            found = gathered(pages(world.client, collection.objects, 7, **{"match[type]": kind}))
            exactly([item["id"] for item in found], ids, f"{kind}, {pages.__name__}")


@check("§3.4, §3.5")
def next_is_stateless(world):
    """The same next gives the same page again and again, and also on another connection."""
    collection, wanted = filled(world, 20, 20)
    for path in (collection.objects, collection.manifest):
        first = world.client.get(path, {"limit": 5}).json()
        wished = {"limit": 5, "next": first["next"]}
        second = world.client.get(path, wished)
        for _ in range(3):
            world.client.close()
            again = world.client.get(path, wished)
            same(again.json(), second.json(), f"{path}: the page, asked again")
        same([item["id"] for item in second.json()["objects"]], wanted[5:10], "the second page")


@check("§3.3, §3.5")
def next_sees_later_additions(world):
    """What is added after a page was read comes on a later page."""
    collection, wanted = filled(world, 10, 10)
    first = world.client.get(collection.objects, {"limit": 5}).json()
    later = indicators.indicator(world.rng)
    world.publish(collection, later)
    rest, more = [], {"next": first["next"]}
    while more:
        page = world.client.get(collection.objects, {"limit": 5, **more}).json()
        rest += [item["id"] for item in page["objects"]]
        more = {"next": page["next"]} if page.get("more") else None
    exactly(rest, wanted[5:] + [later["id"]], "the later pages")


@check("§3.5")
def next_wins(world):
    """next wins over an added_after that says otherwise (OpenCTI sends both)."""
    collection, wanted = filled(world, 20, 20)
    first = world.client.get(collection.objects, {"limit": 5})
    token, last = first.json()["next"], first.headers["x-taxii-date-added-last"]
    for date in ("1970-01-01T00:00:00Z", last, "2099-01-01T00:00:00.000000Z"):
        page = world.client.get(collection.objects, {"limit": 5, "next": token, "added_after": date})
        same(page.status, 200, f"added_after={date} ({page})")
        ids = [item["id"] for item in page.json().get("objects", [])]
        same(ids, wanted[5:10], f"the page with added_after={date}")


@check("§3.4")
def a_next_of_nowhere(world):
    """A next that the server never gave is 400 and named, on every list."""
    item = indicators.indicator(world.rng)
    world.publish(world.shared, item)
    for path in (world.shared.objects, world.shared.manifest, world.shared.object(item["id"]),
                 world.shared.versions(item["id"])):
        for token in ("nonsense", "", "-1", "AAAAAAAAAAAAAAAAAAAAAAAA", "é"):
            error_body(world.client.get(path, {"next": token}), 400, "next")


@check("§3.4, §3.7")
def more_only_when_there_is_more(world):
    """more is true only while objects remain: the exact last page says so."""
    collection, _ = filled(world, 20, 20)
    pages = list(pages_by_next(world.client, collection.objects, 10))
    same([bool(page.get("more")) for page, _ in pages], [True, False], "more")
    require("next" not in pages[-1][0], f"next on the last page: {short(pages[-1][0].get('next'))}")


@check("§3.4")
def a_large_limit(world):
    """A limit above what the server gives is no error: it gives fewer, and says more."""
    collection, wanted = filled(world, 20, 20)
    for limit in (21, 1_000_000, 2**31, 2**63 - 1):
        same(world.ids(collection.objects, limit=limit), wanted, f"limit={limit}")
    exactly(world.ids(collection.objects), wanted, "no limit")


@check("§3.4")
def added_after_in_any_digits(world):
    """added_after is a timestamp of any precision, and means strictly after."""
    collection, wanted = filled(world, 3, 3)
    dates = [entry["date_added"] for entry in world.client.get(collection.manifest).json()["objects"]]
    for at, date in enumerate(dates):
        same(world.ids(collection.objects, added_after=date), wanted[at + 1 :], f"after {date}")
        finer = date[:-1] + "000Z"
        same(world.ids(collection.objects, added_after=finer), wanted[at + 1 :], f"after {finer}")
    for date in ("2001-02-03T04:05:06Z", "2001-02-03T04:05:06.7Z", "2001-02-03T04:05:06.789012Z"):
        same(world.ids(collection.objects, added_after=date), wanted, f"after {date}")
