"""Slow clients: they take their time in threads while the other rules run."""

import threading
import time

import indicators
import node
from attempts import Broken, require


class Slow:
    """Fifty connections that send a byte a second; how long the node lets them."""

    def __init__(self, scene, name, start, drip):
        self.name, self.lasted = name, []
        self.threads = [
            threading.Thread(target=self.drip, args=(scene, start, drip), daemon=True)
            for _ in range(50)
        ]
        for thread in self.threads:
            thread.start()

    def drip(self, scene, start, piece):
        began = time.monotonic()
        try:
            with scene.link() as link:
                link.sendall(start)
                link.settimeout(1)
                while time.monotonic() - began < scene.asked.patience:
                    try:
                        if not link.recv(4096):
                            break
                    except TimeoutError:
                        link.sendall(piece)
        except OSError:
            pass  # closed by the node: what is hoped for
        self.lasted.append(time.monotonic() - began)

    def verdict(self, patience):
        for thread in self.threads:
            thread.join()
        longest = max(self.lasted)
        require(longest < patience, f"{self.name}: still open after {longest:.0f} s")
        return f"{self.name}: closed after at most {longest:.0f} s"


def slow_clients(scene):
    """Clients that send a byte a second, in the head or in the body, are ended after a while."""
    began = scene.head("Content-Length: 100000")
    return [
        Slow(scene, "slow head", began[:60], b"x"),
        Slow(scene, "slow body", began + b'{"objects":[', b" "),
        Slow(scene, "slow chunks", scene.head("Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    ]


def others_publish_meanwhile(scene):
    """While a hundred slow bodies are on their way, others publish and read within seconds."""
    time.sleep(3)
    own = node.Client(scene.running.url, scene.authorization, timeout=10)
    raws = [raw for _, raw in indicators.raw_indicators(1000, 11)]
    for request in (
        lambda: own.post(scene.collection.objects, indicators.envelope(raws)),
        lambda: own.post(scene.collection.objects, indicators.envelope(raws[:1]), chunked=True),
        lambda: own.get(scene.collection.objects, {"limit": 10}),
    ):
        began = time.monotonic()
        try:
            answer = request()
        except TimeoutError:
            raise Broken("no answer within 10 s") from None
        require(answer.status in (200, 202), f"{answer}")
        took = time.monotonic() - began
        require(took < 5, f"it took {took:.1f} s")
    own.close()
