"""Bodies that Schemathesis cannot make up by itself; loaded by it as SCHEMATHESIS_HOOKS."""

import json

import schemathesis
from hypothesis import strategies as st

values = st.one_of(st.text(max_size=200), st.builds(lambda text: {"value": text}, st.text(max_size=200)))
lines = st.lists(values, max_size=20).map(lambda made: "".join(json.dumps(one) + "\n" for one in made).encode())
schemathesis.openapi.media_type("application/x-ndjson", lines)
