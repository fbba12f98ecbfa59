"""openmined-psi over made-up host names: psi_peer.py COUNT. Prints JSON: wall seconds of the holder's
set-up and of a question (request, answer and intersection), and how many matched."""

import json
import sys
import time

import private_set_intersection.python as psi


def main():
    count = int(sys.argv[1])
    held = [f"domain:host-{number}.example" for number in range(count)]
    asked = [f"domain:host-{number}.example" for number in range(count // 2, count // 2 + count)]
    server, client = psi.server.CreateWithNewKey(True), psi.client.CreateWithNewKey(True)
    began = time.perf_counter()
    setup = server.CreateSetupMessage(1e-9, count, held, psi.DataStructure.RAW)
    made = time.perf_counter() - began
    began = time.perf_counter()
    answer = server.ProcessRequest(client.CreateRequest(asked))
    found = client.GetIntersection(setup, answer)
    print(json.dumps({"setup": made, "ask": time.perf_counter() - began, "found": len(found)}))


if __name__ == "__main__":
    main()
