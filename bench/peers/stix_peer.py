"""Objects a second of the OASIS Python packages, in one process: validate|parse FILE COUNT."""

import itertools
import json
import logging
import sys
import time

logging.disable(logging.CRITICAL)


def main():
    task, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(path, encoding="utf-8") as lines:
        raw = list(itertools.islice(lines, count))
    if task == "validate":
        import stix2validator

        options = stix2validator.ValidationOptions(version="2.1", silent=True)
        stix2validator.validate_instance(json.loads(raw[0]), options)  # schemas are read once

        def work(line):
            stix2validator.validate_instance(json.loads(line), options)
    else:
        import stix2

        def work(line):
            stix2.parse(line, allow_custom=True)
    began = time.perf_counter()
    for line in raw:
        work(line)
    print(len(raw) / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
