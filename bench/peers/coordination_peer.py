"""coordination-network-toolkit on posts of links: coordination_peer.py POSTS.csv SECONDS FOLDER. Prints
JSON: seconds to fill its database, seconds to compute, edges without loops. Two processes."""

import contextlib
import csv
import io
import json
import sqlite3
import sys
import time
from pathlib import Path

from coordination_network_toolkit.compute_networks import compute_co_link_network
from coordination_network_toolkit.preprocess import preprocess_data


def main():
    posts, window, database = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]) / "peer.db"
    database.unlink(missing_ok=True)
    with open(posts, newline="", encoding="utf-8") as rows:
        messages = (
            (row["content_id"], row["account_id"], "", "", "", "", row["timestamp_share"], [row["object_id"]])
            for row in csv.DictReader(rows)
        )
        began = time.perf_counter()
        preprocess_data(str(database), messages)
    filled = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        compute_co_link_network(str(database), window, n_threads=2)
    computed = time.perf_counter()
    connection = sqlite3.connect(database)
    (edges,) = connection.execute("select count(*) from co_link_network where user_1 != user_2").fetchone()
    print(json.dumps({"fill": filled - began, "compute": computed - filled, "edges": edges}))


if __name__ == "__main__":
    main()
