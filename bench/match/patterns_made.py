"""Generated STIX patterns and observations. Same numbers, same texts.

Patterns are such as feeds have: mostly one value, some joins, networks, wildcards and regular
expressions; each is about one observation, so that evaluating pair by pair gives the same answer.
One observation in a hundred holds a value that some pattern names.
"""

import json
import uuid

SPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")


def value(number):
    """(object type, path, value)."""
    kind, rest = number % 5, number // 5
    if kind == 0:
        return "ipv4-addr", "value", f"198.{18 + rest // 65536 % 2}.{rest // 256 % 256}.{rest % 256}"
    if kind == 1:
        return "domain-name", "value", f"gate{rest}.harbor{number % 97}.example"
    if kind == 2:
        return "url", "value", f"http://lantern{rest}.example/p/{number % 31}?id={rest}"
    if kind == 3:
        return "file", "hashes.'SHA-256'", f"{rest * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**256:064x}"
    return "email-addr", "value", f"ember{rest}@relay{number % 89}.example"


def test(number):
    kind, path, text = value(number)
    return f"{kind}:{path} = '{text}'"


def pattern(number):
    share = number % 100
    if share < 67:
        return f"[{test(number)}]"
    if share < 77:
        return f"[{' OR '.join(test(number * 7 + more) for more in range(3))}]"
    if share < 85:
        address = f"203.0.{number // 250 % 250}.{number % 250}"
        port = 443 + number % 4 * 1000
        return f"[network-traffic:dst_ref.value = '{address}' AND network-traffic:dst_port = {port}]"
    if share < 90:
        return f"[ipv4-addr:value ISSUBSET '198.{number // 256 % 256}.{number % 256}.0/24']"
    if share < 95:
        return f"[url:value LIKE '%/gate{number}/%.php']"
    if share < 98:
        return f"[process:command_line MATCHES '(?i)invoke-task{number}\\\\b.*-enc']"
    return f"[domain-name:value MATCHES '^[a-z]+{number}\\\\.example$']"


def identifier(kind, text):
    return f"{kind}--{uuid.uuid5(SPACE, kind + text)}"


def thing(kind, **properties):
    text = json.dumps(properties, sort_keys=True)
    return {"type": kind, "spec_version": "2.1", "id": identifier(kind, text), **properties}


def observation(number, most):
    """A bundle: a connection, and a lookup, a request, a file or a process; `most` values are known."""
    minutes = number // 600
    when = (f"2024-05-{1 + minutes // 1440 % 28:02}T{minutes // 60 % 24:02}:{minutes % 60:02}:"
            f"{number // 10 % 60:02}.000Z")
    client = thing("ipv4-addr", value=f"10.0.7.{number % 254}")
    place = number * 31 % 65536
    server = thing("ipv4-addr", value=f"203.0.{place // 256}.{place % 256}")
    objects = [client, server, thing(
        "network-traffic", start=when, src_ref=client["id"], dst_ref=server["id"],
        src_port=1024 + number % 60000, dst_port=443, protocols=["ipv4", "tcp", "https"],
        src_byte_count=number, dst_byte_count=9 * number)]
    objects.append((
        lambda: thing("domain-name", value=f"host{number}.corp.example"),
        lambda: thing("url", value=f"https://www{number}.corp.example/assets/app/main.js?build={number}"),
        lambda: thing("file", name=f"report{number}.docx", size=number,
                      hashes={"MD5": f"{number:032x}", "SHA-256": f"{number:064x}"}),
        lambda: thing("process", pid=number, command_line=f"C:\\Windows\\svchost.exe -k netsvcs -s task{number}"),
    )[number % 4]())
    if number % 100 == 0:
        kind, path, text = value(number * 13 % most)
        objects.append(thing(kind, **({"hashes": {"SHA-256": text}} if kind == "file" else {path: text})))
    seen = thing("observed-data", created=when, modified=when, first_observed=when, last_observed=when,
                 number_observed=1, object_refs=[one["id"] for one in objects])
    return {"type": "bundle", "id": identifier("bundle", str(number)), "objects": [*objects, seen]}


def write(path, texts):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(text + "\n" for text in texts)


def write_patterns(path, count):
    write(path, (pattern(number) for number in range(count)))


def write_observed(path, count, most):
    write(path, (json.dumps(observation(number, most), separators=(",", ":")) for number in range(count)))
