"""OpenTAXII as gunicorn loads it. Release 0.9.3 answers 500 wherever an identifier is in the
answer (json.dumps of a UUID); the next version gives json an encoder for it. This does the same,
so that the release can take part at all."""

import functools
import json
import types

import opentaxii.taxii2.http as answers

# A stand-in for the module's `json` alone; nobody else's json changes.
answers.json = types.SimpleNamespace(dumps=functools.partial(json.dumps, default=str))

from opentaxii.http import app  # noqa: E402, F401
