"""Near-duplicate posts: known ones asked for as they are, edited, inside other text and disguised."""

import json

import report
from match import field, measure
from match.field import attempt

KINDS = {
    "as they are": lambda posts, post: post,
    "15 % edited": lambda posts, post: posts.edited(post),
    "in twice the text": lambda posts, post: posts.wrapped(post, 2),
    "in five times the text": lambda posts, post: posts.wrapped(post, 5),
    "disguised": lambda posts, post: posts.disguised(post),
    "unknown": lambda posts, post: posts.post(),
}


def run(asked, binary, scratch):
    known, share = (2_000, 500) if asked.quick else (20_000, 2_000)
    folder = scratch / "text"
    folder.mkdir()
    made = make(folder, known, share)
    ours, peer, recalls = {}, {}, {}
    for kind in KINDS:
        ours[kind] = field.Racer("entente text near")
        peer[kind] = field.Racer("datasketch 2.0.0 MinHashLSH")
    for repeat in range(asked.repeats):
        load = near(binary, folder, folder / "empty.ndjson")
        for kind in KINDS:
            attempt(ours[kind], lambda: here(binary, folder, made[kind], ours[kind], load, recalls, kind))
        if repeat < 3:
            first = peer["as they are"]
            attempt(first, lambda: there(folder, made, peer, recalls))
    for racer in peer.values():
        racer.absent = racer.absent or peer["as they are"].absent
    rows = [[kind, *cells(recalls, kind, "here"), *cells(recalls, kind, "there"),
             report.spread(ours[kind].rates), report.spread(peer[kind].rates),
             report.ratio(ours[kind].rates, peer[kind].rates)] for kind in KINDS]
    head = ["posts", "found", "others", "datasketch: found", "others", "posts/s", "datasketch: posts/s", "entente : it"]
    total = field.Racer("entente text near", (
        "default settings; what it takes for no posts is subtracted; few posts are given several times over"))
    for racer in ours.values():
        total.rates += racer.rates
        total.peaks += racer.peaks
    mine, theirs = (max((peak for one in side.values() for peak in one.peaks), default=None) for side in (ours, peer))
    other = peer["as they are"]
    other.note = (f"128 permutations, threshold 0.5, shingles of 5 characters, updated in batches; of each kind "
                  f"the first {share:,} posts")
    lines = [
        f"{known:,} known posts of 30 to 50 generated words, as many asked for of each kind, {asked.repeats} repeats "
        f"in turn (datasketch at most 3), one thread; posts per processor second, median (smallest–largest). "
        f"{report.machine(scratch)}.", "", report.table(head, rows), "",
        f"Resident: entente {report.number(mine)} MiB, datasketch {report.number(theirs)} MiB.", "",
        field.notes(total, other),
    ]
    raw = {kind: {"entente": ours[kind].kept(), "datasketch": peer[kind].kept(), **recalls.get(kind, {})}
           for kind in KINDS}
    bars = [bar for kind in ("as they are", "in five times the text")
            for bar in field.bars(f"posts {kind}", ours[kind], [peer[kind]])]
    return "\n".join(lines), raw, bars


def make(folder, count, share):
    """Files by kind: all posts asked for, and the share of them that the peer is given."""
    from texts_made import Posts

    posts = Posts(1)
    bank = [(f"known-{number}", posts.post()) for number in range(count)]
    write(folder / "bank.ndjson", bank)
    write(folder / "empty.ndjson", [])
    made = {}
    for number, (kind, change) in enumerate(KINDS.items()):
        asked = [(name, change(posts, post)) for name, post in bank]
        whole, part = folder / f"asked-{number}.ndjson", folder / f"part-{number}.ndjson"
        write(whole, asked)
        write(part, asked[:share])
        made[kind] = (whole, part, len(asked), min(share, count))
    return made


def write(path, texts):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts)


def near(binary, folder, *files):
    return measure.run([binary, "text", "near", "--against", folder / "bank.ndjson", "--json", *files])


def here(binary, folder, files, racer, load, recalls, kind):
    whole, _, count, _ = files
    times = max(1, 20_000 // count)
    done = near(binary, folder, *[whole] * times)
    racer.ran(times * count / (done.seconds - load.seconds), done.peak)
    hits = {(hit["id"], hit["known"]["id"]) for hit in map(json.loads, done.out.splitlines())}
    recalls.setdefault(kind, {})["here"] = judge(hits, kind, count)


def there(folder, made, peers, recalls):
    python = measure.python("text.txt")
    parts = [part for _, part, _, _ in made.values()]
    told = measure.peer(python, "text_peer.py", folder / "bank.ndjson", *parts)
    for kind, got in zip(made, told["kinds"], strict=True):
        peers[kind].ran(got["rate"], told["peak"])
        hits = {tuple(pair) for pair in got["hits"]}
        recalls.setdefault(kind, {})["there"] = judge(hits, kind, made[kind][3])


def judge(hits, kind, count):
    """(share found or None, hits that are others)."""
    right = sum(name == known for name, known in hits)
    if kind == "unknown":
        # These carry the names of known posts but are none of them: every hit is another.
        return None, len(hits)
    return right / count, len(hits) - right


def cells(recalls, kind, side):
    share, others = recalls.get(kind, {}).get(side, (None, "–"))
    return ["–" if share is None else f"{share:.3f}", others]
