"""datasketch's MinHashLSH over posts: text_peer.py BANK QUERIES..., files of {"id", "text"} a line.
Prints JSON: posts/s added, and for each file of queries posts/s and (query, known) pairs."""

import json
import sys
import time

from datasketch import MinHash, MinHashLSH


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [(post["id"], post["text"]) for post in map(json.loads, lines)]


def sketch(text):
    minhash = MinHash(num_perm=128)
    minhash.update_batch([text[at : at + 5].encode() for at in range(max(1, len(text) - 4))])
    return minhash


def main():
    bank = read(sys.argv[1])
    began = time.process_time()
    index = MinHashLSH(threshold=0.5, num_perm=128)
    for name, text in bank:
        index.insert(name, sketch(text))
    told = {"added": len(bank) / (time.process_time() - began), "kinds": []}
    for path in sys.argv[2:]:
        posts = read(path)
        began = time.process_time()
        hits = [(name, hit) for name, text in posts for hit in index.query(sketch(text))]
        told["kinds"].append({"rate": len(posts) / (time.process_time() - began), "hits": hits})
    print(json.dumps(told))


if __name__ == "__main__":
    main()
