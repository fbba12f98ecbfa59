"""Trade secrets: private matching, and how fast documents are scanned for protected passages."""

import io
import random
import subprocess
import time
import zipfile

import node
import report
from match import field, measure
from match.field import attempt

WORDS = 4_000


def run(asked, binary, scratch):
    folder = scratch / "secrets"
    folder.mkdir()
    made, bars, raw = private(asked, binary, folder)
    lines = [f"{asked.repeats} repeats in turn; median (smallest–largest). {report.machine(scratch)}.", "", made, ""]
    rates, more = scans(asked, binary, folder)
    lines.append(rates)
    return "\n".join(lines), {**raw, **more}, bars


def private(asked, binary, folder):
    """Set-up and question, each end to end as commands: reading files, HTTP and the journal included."""
    count, theirs = (4_000, 500) if asked.quick else (40_000, 4_000)
    held, questions = folder / "held.txt", folder / "asked.txt"
    held.write_text("".join(f"host-{number}.example.com\n" for number in range(count)))
    questions.write_text("".join(f"host-{number}.example.com\n" for number in range(count // 2, count // 2 + count)))
    (folder / "one.txt").write_text("host-0.example.com\n")
    setup, ask = field.Racer("entente secrets offer"), field.Racer("entente secrets ask")
    peers = {"setup": field.Racer("openmined-psi 2.0.6, set-up"), "ask": field.Racer("openmined-psi 2.0.6, question")}
    running = node.Node(binary, folder / "data")
    running.init()
    token = running.create_token(running.signed_parties(1)[0])
    running.start()
    try:
        for _ in range(asked.repeats):
            attempt(setup, lambda: offered(binary, folder, held, count, setup))
            attempt(ask, lambda: answered(binary, running.url, token, questions, count, ask))
            attempt(peers["setup"], lambda: there(peers, theirs))
    finally:
        running.stop()
    peers["ask"].absent = peers["ask"].absent or peers["setup"].absent
    setup.note = (f"{count:,} values, wall time of the whole command with all processors; what it takes for one value "
                  "is subtracted")
    ask.note = "the same; the other side's work, HTTP and the entry in the journal are in it"
    peers["setup"].note = f"{theirs:,} values, wall time in one process; the library has no threads"
    head = ["", "elements/s", "entente : it"]
    rows = [["entente secrets offer", report.spread(setup.rates), ""],
            [peers["setup"].name, report.spread(peers["setup"].rates), report.ratio(setup.rates, peers["setup"].rates)],
            ["entente secrets ask", report.spread(ask.rates), ""],
            [peers["ask"].name, report.spread(peers["ask"].rates), report.ratio(ask.rates, peers["ask"].rates)]]
    text = "\n".join([report.table(head, rows), "", field.notes(setup, ask, peers["setup"])])
    bars = field.bars("private set-up", setup, [peers["setup"]]) + field.bars("private question", ask, [peers["ask"]])
    raw = {racer.name: racer.kept() for racer in (setup, ask, *peers.values())}
    return text, bars, raw


def timed(command):
    began = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-300:])
    return time.perf_counter() - began, done.stdout


def offered(binary, folder, held, count, racer):
    offer = [binary, "secrets", "offer", "--of", "values", "--daily", "100000000", "--data", folder / "data", "--name"]
    least, _ = timed([*offer, "least", folder / "one.txt"])
    took, _ = timed([*offer, "hosts", held])
    racer.ran(count / (took - least), 0)


def answered(binary, url, token, questions, count, racer):
    took, out = timed([binary, "secrets", "ask", questions, "--set", "hosts", "--server", url, "--token", token])
    found = len(out.splitlines())
    if found != count // 2:
        raise RuntimeError(f"{found} of {count // 2} were found")
    racer.ran(count / took, 0)


def there(peers, count):
    told = measure.peer(measure.python("psi.txt"), "psi_peer.py", count)
    if told["found"] != count // 2:
        raise RuntimeError(f"{told['found']} of {count // 2} were found")
    peers["setup"].ran(count / told["setup"], told["peak"])
    peers["ask"].ran(count / told["ask"], told["peak"])


def scans(asked, binary, folder):
    """MB of text a second, by what it stands in."""
    dice = random.Random(1)
    vocabulary = ["".join(dice.choices("abcdefghijklmnoprstuvw", k=dice.randint(2, 9))) for _ in range(WORDS)]

    def text(characters):
        words = dice.choices(vocabulary, k=characters // 6)
        return "".join(word + (" " if number % 12 else "\n") for number, word in enumerate(words))

    (folder / "key").write_text("0" * 32)
    plans = folder / "plans"
    plans.mkdir()
    for number in range(20 if asked.quick else 200):
        (plans / f"{number}.txt").write_text(text(13_000))
    timed([binary, "secrets", "protect", plans, "--out", folder / "set", "--key-file", folder / "key"])
    size = 4_000_000 if asked.quick else 40_000_000
    content = text(size)
    parts = [content[at:at + size // 8] for at in range(0, len(content), size // 8)]
    kinds = {"plain text": ("txt", lambda part: part.encode()), "HTML": ("html", page), "DOCX": ("docx", docx)}
    rates, rows = {}, []
    for kind, (ending, make) in kinds.items():
        files = folder / ending
        files.mkdir()
        for number, part in enumerate(parts):
            (files / f"{number}.{ending}").write_bytes(make(part))
        scan = [binary, "secrets", "scan", "--protected", folder / "set", "--key-file", folder / "key"]
        rates[kind] = []
        for _ in range(asked.repeats):
            least, _ = timed([*scan, folder / "one.txt"])
            took, _ = timed([*scan, files])
            rates[kind].append(len(content) / 1e6 / (took - least))
        rows.append([f"{len(parts)} files of {kind}", report.spread(rates[kind])])
    head = ["scanned against " + ("20" if asked.quick else "200") + " protected documents", "MB of text/s"]
    return report.table(head, rows), {f"scan {kind}": rates[kind] for kind in rates}


def page(text):
    lines = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
    return f"<!DOCTYPE html><html><body>{lines}</body></html>".encode()


def docx(text):
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.split("\n"))
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document><w:body>{lines}</w:body></w:document>")
    return to.getvalue()
