"""A peer scans a log. What it took is printed as JSON; hits are (beginning, end) in octets.

    scan_peer.py vectorscan-compile INDICATORS COUNT DATABASE
    scan_peer.py vectorscan INDICATORS COUNT DATABASE LOG OCTETS
    scan_peer.py yara INDICATORS COUNT - LOG OCTETS
    scan_peer.py ioc-finder - - - LOG LINES
"""

import json
import sys
import time

PIECE = 16 << 20


def values(path, count):
    """The indicators as (kind, value), each value once whatever its case."""
    seen = {}
    with open(path, encoding="utf-8") as lines:
        for _, line in zip(range(count), lines):
            kind, value = line.rstrip("\n").split("\t")
            seen.setdefault(value.lower(), (kind, value))
    return list(seen.values())


def pieces(path, octets):
    """The log in whole lines, some MiB at a time, with where each piece begins."""
    at = 0
    with open(path, "rb") as log:
        while at < octets and (piece := log.read(min(PIECE, octets - at))):
            piece += log.readline()
            yield at, piece
            at += len(piece)


def cut(found):
    """By what is looked for: the values that begin so. Of a domain or an address the last label is
    left off and compared afterwards: names that all end alike are what this scanner is slowest at."""
    table = {}
    for kind, value in found:
        value = value.lower()
        short = value.rpartition(".")[0] + "." if kind in ("domain", "email") else value
        table.setdefault(short.encode(), []).append(value.encode())
    return table


def vectorscan_compile(indicators, count, path):
    import hyperscan

    literals = list(cut(values(indicators, int(count))))
    began = time.process_time()
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_CASELESS
    database.compile(expressions=literals, ids=list(range(len(literals))), flags=flags, literal=True)
    with open(path, "wb") as file:
        file.write(hyperscan.dumpb(database))
    said = database.info()
    return {"load": time.process_time() - began, "said": said.decode() if isinstance(said, bytes) else said}


def is_word(octets):
    return octets.isalnum() or octets == b"_"


def vectorscan(indicators, count, path, log, octets):
    import hyperscan

    table = cut(values(indicators, int(count)))
    rests = [(len(short), [value[len(short):] for value in whole]) for short, whole in table.items()]
    del table
    with open(path, "rb") as file:
        database = hyperscan.loadb(file.read(), hyperscan.HS_MODE_BLOCK)
    database.scratch = hyperscan.Scratch(database)
    hits, total, seconds = [], 0, 0.0
    for at, piece in pieces(log, int(octets)):
        def on_match(number, _, end, flags, context):
            long, ends = rests[number]
            for rest in ends:
                stop, start = end + len(rest), end - long
                whole = piece[end:stop].lower() == rest
                # As `grep -w` would: no letter or digit may stand beside it.
                if whole and not is_word(piece[stop : stop + 1]) and not is_word(piece[start - 1 : start]):
                    hits.append((at + start, at + stop))

        began = time.process_time()
        database.scan(piece, match_event_handler=on_match)
        seconds += time.process_time() - began
        total += len(piece)
    return {"rate": total / 1e6 / seconds, "hits": hits}


def yara(indicators, count, _, log, octets):
    import yara as engine

    found, parts = values(indicators, int(count)), []
    for first in range(0, len(found), 5000):
        strings = "\n".join(
            f"$s{first + at} = {json.dumps(value, ensure_ascii=False)} nocase fullword"
            for at, (_, value) in enumerate(found[first : first + 5000])
        )
        parts.append(f"rule part{first} {{ strings:\n{strings}\ncondition: any of them }}")
    began = time.process_time()
    rules = engine.compile(source="\n".join(parts))
    load = time.process_time() - began
    hits, total, seconds = [], 0, 0.0
    for at, piece in pieces(log, int(octets)):
        began = time.process_time()
        matches = rules.match(data=piece)
        seconds += time.process_time() - began
        total += len(piece)
        for match in matches:
            for string in match.strings:
                hits += [(at + one.offset, at + one.offset + one.matched_length) for one in string.instances]
    return {"rate": total / 1e6 / seconds, "hits": hits, "load": load}


def ioc_finder(_, __, ___, log, lines):
    import ioc_finder as extractor

    found, total = [], 0
    extractor.find_iocs("warm.example 192.0.2.1")
    began = time.process_time()
    with open(log, encoding="utf-8") as text:
        for _, line in zip(range(int(lines)), text):
            total += len(line.encode())
            values = extractor.find_iocs(line)
            found.append(sorted(str(one).lower() for group in values.values()
                                for one in (group if isinstance(group, list) else [])))
    return {"rate": total / 1e6 / (time.process_time() - began), "lines": found}


if __name__ == "__main__":
    tasks = {"vectorscan-compile": vectorscan_compile, "vectorscan": vectorscan, "yara": yara,
             "ioc-finder": ioc_finder}
    print(json.dumps(tasks[sys.argv[1]](*sys.argv[2:])))
