"""stix2-matcher in a loop: patterns_peer.py PATTERNS COUNT OBSERVED OBSERVATIONS evaluates each of the first
patterns on each of the first bundles. Prints JSON: pairs a second, pairs that match."""

import json
import sys
import time

from stix2matcher.matcher import Pattern


def first(path, count):
    with open(path, encoding="utf-8") as lines:
        return [line.rstrip("\n") for _, line in zip(range(int(count)), lines)]


def main():
    patterns = [Pattern(text, stix_version="2.1") for text in first(sys.argv[1], sys.argv[2])]
    bundles = first(sys.argv[3], sys.argv[4])
    matched, began = 0, time.process_time()
    for line in bundles:
        bundle = json.loads(line)
        for pattern in patterns:
            matched += bool(pattern.match([bundle]))
    rate = len(patterns) * len(bundles) / (time.process_time() - began)
    print(json.dumps({"rate": rate, "matched": matched}))


if __name__ == "__main__":
    main()
