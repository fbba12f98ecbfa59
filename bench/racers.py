"""The servers in the race: how each is set up, started on loopback, and ended."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "outside"))

import node as outside  # noqa: E402
import environment  # noqa: E402
from client import Target  # noqa: E402


class Racer:
    """Base: a server with one empty collection, made anew by each start()."""

    name = settings = ""

    def __init__(self, scratch):
        self.home = Path(scratch) / self.name.replace(" ", "-")
        self.process = None

    def start(self):
        """Starts with no objects; returns the Target."""
        raise NotImplementedError

    def stop(self):
        """Ends the server and everything it wrote."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)  # its workers too; see _launch
                self.process.wait()
        self.process = None
        shutil.rmtree(self.home, ignore_errors=True)

    def _clear(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)

    def _launch(self, command, port, variables=None):
        log = open(self.home / "log", "ab")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=self.home, env={**os.environ, **(variables or {})}, start_new_session=True,
        )
        log.close()
        until = time.monotonic() + 60
        while True:
            try:
                outside.socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                ended = self.process.poll() is not None
                if ended or time.monotonic() > until:
                    said = (self.home / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"{self.name} did not start:\n{said}") from None
                time.sleep(0.05)

    def _target(self, port, authorization):
        base = f"http://127.0.0.1:{port}/"
        reader = outside.Client(base, authorization)
        api_root = outside.discover(reader, base)
        found = [c for c in outside.collections(reader, api_root) if c.info["can_write"]]
        reader.close()
        return Target(port, authorization, api_root, found[0].objects)


class Entente(Racer):
    """A node with its default settings: an fsync before every acknowledgement."""

    name = "entente"
    settings = "default settings: embedded journal, match index on, fsync before each answer"

    def __init__(self, scratch, binary, serve_arguments=()):
        super().__init__(scratch)
        self.binary, self.serve_arguments, self.node = binary, serve_arguments, None

    def start(self):
        self._clear()
        self.node = outside.Node(self.binary, self.home / "data", self.serve_arguments)
        self.node.init()
        party = self.node.signed_parties(1)[0]
        token = self.node.create_token(party)
        self.node.create_collection("bench", "--public")
        self.node.start()
        return self._target(self.node.port, outside.basic(token))

    def stop(self):
        if self.node is not None:
            self.node.stop()
        shutil.rmtree(self.home, ignore_errors=True)


class Medallion(Racer):
    """The OASIS reference server, with the backend it offers without a MongoDB server."""

    name = "medallion 3.0.0"
    settings = (
        "memory backend (nothing is written to disk), gunicorn with one worker and 4 threads: the "
        "backend lives in one process; max_page_size raised from 100 to 1,000"
    )

    def start(self):
        tools = environment.make(HERE / "peers" / "medallion.txt")
        self._clear()
        port = outside.free_port()
        taxii = "application/taxii+json;version=2.1"
        data = {
            "/discovery": {
                "title": "bench",
                "default": f"http://127.0.0.1:{port}/bench/",
                "api_roots": [f"http://127.0.0.1:{port}/bench/"],
            },
            "bench": {
                "information": {
                    "title": "bench", "versions": [taxii], "max_content_length": 104857600,
                },
                "status": [],
                "collections": [{
                    "id": "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "title": "bench",
                    "can_read": True, "can_write": True,
                    "media_types": ["application/stix+json;version=2.1"],
                    "objects": [], "manifest": [],
                }],
            },
        }
        (self.home / "data.json").write_text(json.dumps(data))
        backend = {
            "module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
            "filename": str(self.home / "data.json"),
        }
        configuration = {
            "users": {"bench": "bench"}, "taxii": {"max_page_size": 1000}, "backend": backend,
        }
        (self.home / "config.json").write_text(json.dumps(configuration))
        application = f"medallion:load_app('{self.home / 'config.json'}')"
        command = [tools / "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "1", "--threads", "4", "--timeout", "900", "--graceful-timeout", "2"]
        self._launch(command, port)
        return self._target(port, outside.basic("bench", "bench"))


class OpenTaxii(Racer):
    """EclecticIQ's server with its default database, SQLite in files."""

    name = "opentaxii 0.9.3"
    settings = (
        "SQLite files with SQLAlchemy's defaults (rollback journal, synchronous=FULL), gunicorn "
        "with 2 workers as in its documentation and Dockerfile; a Bearer token, "
        "since a password costs it a slow hash in every request; its JSON is taught to write UUIDs, "
        "without which this release answers 500 to every publish"
    )
    application = "opentaxii_wsgi:app"

    def start(self):
        tools = environment.make(HERE / "peers" / f"{self.name.replace(' ', '-')}.txt")
        self._clear()
        port = outside.free_port()
        configuration = f"""---
domain: "127.0.0.1:{port}"
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters:
    db_connection: sqlite:///{self.home}/auth.db
    create_tables: yes
    secret: bench
taxii1:
taxii2:
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters:
      db_connection: sqlite:///{self.home}/data.db
      create_tables: yes
  title: bench
  max_content_length: 209715200
logging:
  opentaxii: warning
  root: warning
"""
        (self.home / "opentaxii.yml").write_text(configuration)
        variables = {
            "OPENTAXII_CONFIG": str(self.home / "opentaxii.yml"), "PYTHONPATH": str(HERE / "peers"),
        }

        def tool(name, *arguments):
            done = subprocess.run(
                [str(tools / name), *arguments], env={**os.environ, **variables},
                capture_output=True, text=True, cwd=self.home,
            )
            if done.returncode:
                raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
            return done.stdout

        tool("opentaxii-add-api-root", "--title", "bench", "--default")
        told = tool("opentaxii-create-account", "-u", "bench", "-p", "bench", "-a")
        token = told.rsplit("token: ", 1)[1].strip()
        root = self._id("opentaxii_api_root")
        tool(
            "opentaxii-add-collection", "--rootid", root, "--title", "bench",
            "--public", "--public-write",
        )
        command = [tools / "gunicorn", self.application, "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "2", "--timeout", "900", "--graceful-timeout", "2"]
        command += ["--config", "python:opentaxii.http"]
        self._launch(command, port, variables)
        return self._target(port, "Bearer " + token)

    def _id(self, table):
        """The identifier that only the database tells."""
        with sqlite3.connect(self.home / "data.db") as database:
            (found,) = database.execute(f"select id from {table}").fetchone()
        return str(uuid.UUID(found))


class OpenTaxiiNext(OpenTaxii):
    """Its newest pre-release, which reads pages faster."""

    name = "opentaxii 0.10.0b1"
    settings = "the newest pre-release, set up as the release but without the change to its JSON"
    application = "opentaxii.http:app"
