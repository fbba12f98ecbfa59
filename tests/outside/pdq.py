#!/usr/bin/env python3
"""Compares the PDQ hashes and qualities of `entente pdq hash` with those of PyPI's pdqhash.

    python3 tests/outside/pdq.py
    python3 tests/outside/pdq.py --images 1000 --seed 7

Both are given the same pixels, as PNG: gradients, noise, flat and photograph-like images of many
sizes, and the images in $ENTENTE_TESTDATA/images as Pillow decodes them. Hash, quality and the seven
turned hashes have to be equal, bit for bit; only for 64 x 64 pixels does the reference compute turned
hashes from an image that it has filtered once more, and up to 4 bits may differ there. Then files
that are no PNG are given as they are: how far another decoder moves a hash is printed, and may be no
more than 10 bits. Exits 1 when one differs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import environment  # noqa: E402

environment.enter(HERE / "pdq.txt")

import numpy  # noqa: E402
import pdqhash  # noqa: E402
from PIL import Image, ImageFilter  # noqa: E402

import node  # noqa: E402

# Sizes at which something changes: the least, the one that is not filtered, windows of 1, 2, 4.
SIZES = [
    (5, 5), (5, 900), (900, 5), (63, 65), (64, 64), (127, 128), (128, 128), (129, 128), (128, 129),
    (256, 256), (257, 255), (384, 384), (511, 513), (512, 512), (513, 512), (640, 480), (1024, 768),
    (1921, 1081),
]
# How far turned hashes of 64 x 64 pixels, and hashes by another decoder, may be off.
TURNED, DECODED = 4, 10


def main():
    asked = arguments()
    binary = asked.binary or node.default_binary()
    with tempfile.TemporaryDirectory(prefix="entente-pdq-") as folder:
        images = list(write(Path(folder), asked.images, numpy.random.default_rng(asked.seed)))
        wrong = compare(images, ask(binary, folder), asked.show)
        wrong += decoders(binary, Path(folder))
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=300, help="how many are generated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10, help="how many differences are printed")
    parser.add_argument("--binary", help="the entente to ask (default: target/release or debug)")
    return parser.parse_args()


def real():
    """The images that come with the reference."""
    folder = os.environ.get("ENTENTE_TESTDATA")
    if not folder:
        print("# ENTENTE_TESTDATA is not set: no real images", file=sys.stderr)
        return []
    found = sorted((Path(folder) / "images").rglob("*"))
    return [path for path in found if path.suffix in (".jpg", ".png")]


def write(folder, count, source):
    """Writes images as PNG; gives the path and the pixels of each."""
    for path in real():
        target = folder / f"real-{path.parent.name}-{path.stem}.png"
        yield target, save(target, Image.open(path).convert("RGB"))
    makers = [gradient, noise, flat, photograph]
    for number in range(count):
        if number < len(SIZES) * len(makers):
            width, height = SIZES[number // len(makers)]
        else:
            width, height = (int(side) for side in source.integers(5, 1400, 2))
        maker = makers[number % len(makers)]
        target = folder / f"made-{number:04}-{maker.__name__}-{width}x{height}.png"
        yield target, save(target, Image.fromarray(maker(width, height, source)))


def save(target, image):
    image.save(target, compress_level=1)
    return numpy.asarray(image)


def gradient(width, height, source):
    y, x = numpy.mgrid[0:height, 0:width]
    slopes = source.uniform(-300, 300, (2, 3))
    planes = x[..., None] / width * slopes[0] + y[..., None] / height * slopes[1]
    return (planes % 256).astype("uint8")


def noise(width, height, source):
    return source.integers(0, 256, (height, width, 3), dtype="uint8")


def flat(width, height, source):
    """One colour, or two halves of it."""
    pixels = numpy.empty((height, width, 3), dtype="uint8")
    pixels[:] = source.integers(0, 256, 3)
    if source.integers(2):
        pixels[:, width // 2:] = source.integers(0, 256, 3)
    return pixels


def photograph(width, height, source):
    """Soft shapes at several scales, an edge and the grain of a sensor."""
    total = numpy.zeros((height, width, 3))
    for scale in (8, 30, 90):
        small = source.integers(0, 256, (height // scale + 2, width // scale + 2, 3), dtype="uint8")
        total += numpy.asarray(Image.fromarray(small).resize((width, height), Image.BICUBIC))
    total /= 3
    total[: height // 3] *= source.uniform(0.5, 1.5)
    total += source.normal(0, 4, total.shape)
    soft = Image.fromarray(total.clip(0, 255).astype("uint8"))
    return numpy.asarray(soft.filter(ImageFilter.SHARPEN))


def ask(binary, *paths):
    """By file: the hashes of all turns, as it is first, and the quality."""
    answers = {}
    command = [binary, "pdq", "hash", "--json", "--dihedral", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stderr}")
    for line in done.stdout.splitlines():
        row = json.loads(line)
        hashes, _ = answers.setdefault(row["file"], ([], row["quality"]))
        hashes.append(row["hash"])
    return answers


def reference(pixels):
    """The same of pdqhash."""
    hashes, quality = pdqhash.compute_dihedral(pixels)
    first, of_first = pdqhash.compute(pixels)
    assert pixels.shape[:2] == (64, 64) or quality == of_first
    return [text(one) for one in [first, *hashes[1:]]], of_first


def text(bits):
    return f"{int(''.join(map(str, bits)), 2):064x}"


def distance(one, other):
    return (int(one, 16) ^ int(other, 16)).bit_count()


def compare(images, answers, show):
    counts, wrong = Counter(), 0
    for path, pixels in images:
        hashes, quality = answers[str(path)]
        expected, of_expected = reference(pixels)
        off = [distance(*pair) for pair in zip(hashes, expected, strict=True)]
        allowed = TURNED if pixels.shape[:2] == (64, 64) else 0
        kind = path.name.split("-")[2] if path.name.startswith("made") else "real"
        counts[kind] += 1
        if off[0] or max(off) > allowed or quality != of_expected:
            wrong += 1
            if wrong <= show:
                print(f"  {path.name}: bits off {off}, quality {quality} and {of_expected}")
    each = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"{sum(counts.values())} images ({each}), 8 hashes each: {wrong} differ from pdqhash")
    if sum(counts.values()) < 100:
        print("  too few to say anything")
        return 1
    return wrong


def decoders(binary, folder):
    """The same files, decoded by us and by Pillow; made JPEGs beside the real ones."""
    files = [path for path in real() if path.suffix != ".png"]
    source = numpy.random.default_rng(3)
    for quality in (30, 60, 85, 95):
        for sampling in ("4:4:4", "4:2:0"):
            path = folder / f"made-{quality}-{sampling.replace(':', '')}.jpg"
            image = Image.fromarray(photograph(700, 500, source))
            image.save(path, quality=quality, subsampling=sampling, progressive=quality == 60)
            files.append(path)
    for name, options in (("lossy.webp", {"quality": 80}), ("gif.gif", {})):
        path = folder / name
        Image.fromarray(photograph(500, 700, source)).save(path, **options)
        files.append(path)
    answers, off = ask(binary, *files), Counter()
    for path in files:
        expected, _ = reference(numpy.asarray(Image.open(path).convert("RGB")))
        bits = distance(answers[str(path)][0][0], expected[0])
        off[bits] += 1
        if bits > DECODED:
            print(f"  {path.name}: {bits} bits off")
    spread = ", ".join(f"{bits} bits: {count}" for bits, count in sorted(off.items()))
    print(f"{len(files)} files decoded by us and by Pillow; hashes differ in {spread}")
    return sum(count for bits, count in off.items() if bits > DECODED)


if __name__ == "__main__":
    sys.exit(main())
