"""PDQ: hashing images, and searching hashes within 31 bits."""

import json

import report
from match import field, measure
from match.field import attempt

TIMES = 20


def run(asked, binary, scratch):
    python = measure.python("pdq.txt")  # makes the images and hashes, so that without it there is no race
    images, sizes, queries = (40, [100_000], 5_000) if asked.quick else (300, [1_000_000, 10_000_000], 20_000)
    folder = scratch / "pdq"
    folder.mkdir()
    measure.peer(python, "pdq_peer.py", "images", folder, images)
    text, raw, bars = hashing(asked, binary, python, folder, images)
    lines = [f"{asked.repeats} repeats in turn (peers at most 3), one thread each, per processor second, "
             f"median (smallest–largest). {report.machine(scratch)}.", "", text]
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        measure.peer(python, "pdq_peer.py", "hashes", place, size, queries)
        text, more, drawn = searching(asked, binary, python, place, size, queries)
        lines += ["", text]
        raw.update(more)
        bars += drawn
    return "\n".join(lines), raw, bars


def hashing(asked, binary, python, folder, count):
    files = field.Racer("entente pdq hash", "PNG files of 512 × 512 pixels to hashes, the start of the process included")
    pixels = field.Racer("its hashing alone", "of decoded pixels, by the example `pdq_pixels`")
    peer_files = field.Racer("pdqhash 0.2.8 with Pillow", "the same files")
    peer_pixels = field.Racer("pdqhash 0.2.8", "of decoded pixels, the first 20 images again and again")
    pngs, ppms = sorted(folder.glob("*.png")), sorted(folder.glob("*.ppm"))[:20]
    listed = folder / "ppm.list"
    listed.write_text("".join(f"{path}\n" for path in ppms))

    def ours():
        done = measure.run([binary, "pdq", "hash", "--json", *pngs])
        files.ran(count / done.seconds, done.peak)
        return {row["file"].rsplit("/", 1)[-1]: [row["hash"], row["quality"]]
                for row in map(json.loads, done.out.splitlines())}

    def ours_pixels():
        program = measure.built("pdq_pixels")
        done = measure.run(["sh", "-c", 'exec "$0" --time "$1" < "$2"', program, TIMES, listed])
        seconds = [float(line) for line in done.out.split()]
        pixels.ran(len(seconds) / sum(seconds), done.peak)

    def theirs():
        told = measure.peer(python, "pdq_peer.py", "pdqhash", folder, TIMES)
        peer_files.ran(told["files"], told["peak"])
        peer_pixels.ran(told["pixels"], told["peak"])
        return told["hashes"]

    for repeat in range(asked.repeats):
        here = attempt(files, ours)
        attempt(pixels, ours_pixels)
        there = attempt(peer_files, theirs) if repeat < 3 else None
        if here and there:
            equal = sum(here.get(name) == value for name, value in there.items())
            files.answers = [f"{equal} of {len(there)}"]
    peer_pixels.absent = peer_pixels.absent or peer_files.absent
    racers = [files, peer_files, pixels, peer_pixels]
    text = "\n\n".join([
        field.table("images/s, from files", files, [peer_files], ["hash and quality equal, bit for bit"]),
        field.table("images/s, from pixels", pixels, [peer_pixels]), field.notes(*racers),
    ])
    bars = field.bars("PDQ hash from PNG", files, [peer_files]) + field.bars("PDQ hash", pixels, [peer_pixels])
    return text, {one.name: one.kept() for one in racers}, bars


def searching(asked, binary, python, folder, size, queries):
    ours = field.Racer("entente pdq match", (
        f"{queries:,} hashes as arguments against a list; what it takes for one is subtracted"))
    flat = field.Racer("faiss-cpu 1.15.1 IndexBinaryFlat", "one thread, all queries in one call")
    index = field.Racer("threatexchange 1.2.17 PDQIndex", (
        "its multi-index hashing by faiss, one query a call as its interface has it, one thread"))
    if size > 1_000_000:
        index.absent = f"its index of {size:,} is built through lists of Python objects, which takes minutes"
    rows = [line.split() for line in (folder / "queries.txt").read_text().splitlines()]
    flat_queries = max(50, min(queries, 1_000_000_000 // size))

    def match(some):
        hashes = [row[0] for row in some]
        return measure.run([binary, "pdq", "match", *hashes, "--against", folder / "hashes.txt", "--json"])

    def here():
        load, whole = match(rows[:1]), match(rows)
        ours.ran((len(rows) - 1) / (whole.seconds - load.seconds), whole.peak)
        found = {(hit["hash"], hit["line"]) for hit in map(json.loads, whole.out.splitlines())}
        ours.answers = [f"{sum((text, int(line)) in found for text, line in rows):,} of {len(rows):,}"]

    def there(racer, task, count):
        told = measure.peer(python, "pdq_peer.py", task, folder, count)
        racer.ran(told["rate"], told["peak"])
        racer.answers = [f"{told['found']:,} of {told['of']:,}"]

    for repeat in range(asked.repeats):
        attempt(ours, here)
        if repeat < 3:
            attempt(flat, lambda: there(flat, "faiss", flat_queries))
            attempt(index, lambda: there(index, "threatexchange", min(queries, 2000)))
    racers = [ours, flat, index]
    text = "\n\n".join([
        f"Searching {size:,} hashes within 31 bits:",
        field.table("queries/s", ours, racers[1:], ["what was near is found"]), field.notes(*racers),
    ])
    raw = {f"{one.name}, {size}": one.kept() for one in racers}
    return text, raw, field.bars(f"PDQ search, {size // 1000:,}k", ours, racers[1:])
