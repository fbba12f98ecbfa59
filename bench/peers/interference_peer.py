"""OONI's fastpath over measurements: interference_peer.py FOLDER DNS HTTP FILES..., where FOLDER
holds its package, DNS and HTTP are files of fingerprints, and FILES have a measurement a line.
Prints JSON: of each file measurements/s, parsed and scored, and how many were called what."""

import json
import sys
import time
from collections import Counter
from unittest.mock import MagicMock


def main():
    folder, dns, http, *files = sys.argv[1:]
    sys.path.insert(0, folder)
    sys.argv = [sys.argv[0]]
    from fastpath import core
    import ujson

    # What it tells a statistics server takes no part.
    core.metrics = MagicMock()
    core.metrics.timer = lambda *_: lambda function: function
    core.fingerprints = core.prepare_fingerprints(json.load(open(dns)), json.load(open(http)))
    told = []
    for path in files:
        with open(path, encoding="utf-8") as lines:
            lines = lines.readlines()
        called = Counter()
        began = time.process_time()
        for line in lines:
            scores = core.score_measurement(ujson.loads(line))
            called[called_what(scores)] += 1
        told.append({"rate": len(lines) / (time.process_time() - began), "called": called})
    print(json.dumps(told))


def called_what(scores):
    if scores.get("confirmed"):
        return "confirmed"
    if scores.get("accuracy") == 0:
        return "unusable"
    return "blocked" if scores.get("blocking_general", 0) > 0.5 else "ok"


if __name__ == "__main__":
    main()
