"""Images and hashes for the race of PDQ, and the peers' part in it. What it took is printed as JSON.

    pdq_peer.py images FOLDER COUNT             PNG, the same as PPM, and their names
    pdq_peer.py hashes FOLDER COUNT QUERIES     hashes.txt, hashes.npy, queries.txt
    pdq_peer.py pdqhash FOLDER TIMES
    pdq_peer.py faiss FOLDER QUERIES
    pdq_peer.py threatexchange FOLDER QUERIES
"""

import json
import sys
import time
from pathlib import Path

import numpy

SIDE, NEAR = 512, 31


def images(folder, count):
    """Soft shapes at several scales, an edge and the grain of a sensor."""
    from PIL import Image

    source, folder = numpy.random.default_rng(1), Path(folder)
    for number in range(int(count)):
        total = numpy.zeros((SIDE, SIDE, 3))
        for scale in (8, 30, 90):
            small = source.integers(0, 256, (SIDE // scale + 2, SIDE // scale + 2, 3), dtype="uint8")
            total += numpy.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.BICUBIC))
        total /= 3
        total[: SIDE // 3] *= source.uniform(0.5, 1.5)
        total += source.normal(0, 4, total.shape)
        image = Image.fromarray(total.clip(0, 255).astype("uint8"))
        image.save(folder / f"{number:05}.png")
        image.save(folder / f"{number:05}.ppm")
    return {}


def hashes(folder, count, queries):
    """Queries are hashes of the list with 0 to 31 bits turned over."""
    source, folder, count = numpy.random.default_rng(2), Path(folder), int(count)
    made = source.integers(0, 256, (count, 32), dtype="uint8")
    numpy.save(folder / "hashes.npy", made)
    with open(folder / "hashes.txt", "w", encoding="ascii") as out:
        for first in range(0, count, 100_000):
            text = made[first : first + 100_000].tobytes().hex()
            out.writelines(text[at : at + 64] + "\n" for at in range(0, len(text), 64))
    chosen = source.choice(count, int(queries), replace=False)
    bits = numpy.unpackbits(made[chosen], axis=1)
    for row in bits:
        row[source.choice(256, source.integers(0, NEAR + 1), replace=False)] ^= 1
    asked = numpy.packbits(bits, axis=1)
    lines = [f"{one.tobytes().hex()} {at + 1}\n" for one, at in zip(asked, chosen)]
    (folder / "queries.txt").write_text("".join(lines))
    return {}


def pdqhash(folder, times):
    """Images/s from files, and from pixels; and the hashes."""
    import pdqhash as reference
    from PIL import Image

    paths, found, decoded = sorted(Path(folder).glob("*.png")), {}, []
    began = time.process_time()
    for path in paths:
        hashed, quality = reference.compute(numpy.asarray(Image.open(path).convert("RGB")))
        found[path.name] = [numpy.packbits(hashed).tobytes().hex(), int(quality)]
    from_files = len(paths) / (time.process_time() - began)
    decoded = [numpy.asarray(Image.open(path).convert("RGB")) for path in paths[:20]]
    began = time.process_time()
    for _ in range(int(times)):
        for pixels in decoded:
            reference.compute(pixels)
    from_pixels = int(times) * len(decoded) / (time.process_time() - began)
    return {"files": from_files, "pixels": from_pixels, "hashes": found}


def asked(folder, count):
    with open(Path(folder) / "queries.txt", encoding="ascii") as lines:
        rows = [line.split() for _, line in zip(range(int(count)), lines)]
    return [row[0] for row in rows], [int(row[1]) - 1 for row in rows]


def faiss(folder, queries):
    import faiss as library

    library.omp_set_num_threads(1)
    texts, places = asked(folder, queries)
    index = library.IndexBinaryFlat(256)
    index.add(numpy.load(Path(folder) / "hashes.npy"))
    wanted = numpy.frombuffer(bytes.fromhex("".join(texts)), dtype="uint8").reshape(-1, 32)
    began = time.process_time()
    limits, _, ids = index.range_search(wanted, NEAR + 1)
    rate = len(texts) / (time.process_time() - began)
    found = sum(place in ids[limits[at] : limits[at + 1]] for at, place in enumerate(places))
    return {"rate": rate, "found": int(found), "of": len(texts)}


def threatexchange(folder, queries):
    import faiss as library
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    library.omp_set_num_threads(1)
    texts, places = asked(folder, queries)
    with open(Path(folder) / "hashes.txt", encoding="ascii") as lines:
        index = PDQIndex([(line.strip(), at) for at, line in enumerate(lines)])
    index.query(texts[0])
    began = time.process_time()
    answers = [index.query(text) for text in texts]
    rate = len(texts) / (time.process_time() - began)
    found = sum(any(hit.metadata == place for hit in hits) for hits, place in zip(answers, places))
    return {"rate": rate, "found": found, "of": len(texts)}


if __name__ == "__main__":
    tasks = (images, hashes, pdqhash, faiss, threatexchange)
    print(json.dumps({task.__name__: task for task in tasks}[sys.argv[1]](*sys.argv[2:])))
