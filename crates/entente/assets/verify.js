// Checks a receipt in this browser: nothing is sent anywhere.
// Formats: C2SP tlog-proof@v1, signed-note, tlog-checkpoint, tlog-cosignature; RFC 9162 §2.1.3.2.
"use strict";

(() => {
  const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const octets = (string) => new TextEncoder().encode(string);
  const sha256 = async (...parts) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", join(parts)));

  const join = (parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };

  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const unbase64 = (string, what) => {
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(string)) {
      throw new Error(`${what} is no base64`);
    }
    return Uint8Array.from(atob(string), (c) => c.charCodeAt(0));
  };
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  const number = (string, what) => {
    if (!/^(?:0|[1-9][0-9]{0,17})$/.test(string)) throw new Error(`${what} is no number`);
    return BigInt(string);
  };

  // --- formats

  function parseNote(string) {
    const split = string.lastIndexOf("\n\n");
    if (split < 0 || !string.endsWith("\n")) throw new Error("the checkpoint is no signed note");
    const body = string.slice(0, split + 1);
    const signatures = string.slice(split + 2, -1).split("\n").map((line) => {
      const found = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line);
      if (!found) throw new Error("a signature line of the checkpoint is malformed");
      const bytes = unbase64(found[2], "a signature");
      if (bytes.length < 5) throw new Error("a signature is too short");
      return { name: found[1], id: bytes.slice(0, 4), bytes: bytes.slice(4) };
    });
    return { body, signatures };
  }

  function parseCheckpoint(body) {
    const [origin, size, root] = body.split("\n");
    if (!origin || size === undefined || root === undefined) {
      throw new Error("the checkpoint lacks origin, size or root");
    }
    const hash = unbase64(root, "the root");
    if (hash.length !== 32) throw new Error("the root is no SHA-256");
    return { origin, size: number(size, "the checkpoint's size"), root: hash };
  }

  function parseReceipt(string) {
    const lines = string.split("\n");
    if (lines.shift() !== "c2sp.org/tlog-proof@v1") {
      throw new Error("this is no receipt: it does not start with c2sp.org/tlog-proof@v1");
    }
    let extra = null;
    if (lines[0]?.startsWith("extra ")) {
      extra = unbase64(lines.shift().slice(6), "the line 'extra'");
    }
    if (!lines[0]?.startsWith("index ")) throw new Error("the line 'index' is missing");
    const index = number(lines.shift().slice(6), "the index");
    const hashes = [];
    while (lines.length && lines[0] !== "") {
      const hash = unbase64(lines.shift(), `hash ${hashes.length + 1} of the proof`);
      if (hash.length !== 32) throw new Error("a hash of the proof is no SHA-256");
      hashes.push(hash);
    }
    if (lines.shift() !== "") throw new Error("the checkpoint is missing");
    const note = parseNote(lines.join("\n"));
    if (!extra) throw new Error("the receipt does not hold the leaf: it cannot be checked alone");
    const { leaf, salt, content, facts } = JSON.parse(text(extra));
    if (typeof leaf !== "string") throw new Error("the receipt does not hold the leaf");
    return {
      index, hashes, note, leaf, facts,
      salt: salt ? unbase64(salt, "the salt") : null,
      content: content ? unbase64(content, "the content") : null,
      checkpoint: parseCheckpoint(note.body),
    };
  }

  async function parseKey(line) {
    const found = /^([^ +]+)\+([0-9a-f]{8})\+(.+)$/.exec(line);
    if (!found) throw new Error(`'${line.slice(0, 40)}' is no key: name+id+base64`);
    const key = unbase64(found[3], `the key of ${found[1]}`);
    if (key.length !== 33) throw new Error(`the key of ${found[1]} is of a kind not known here`);
    const id = (await sha256(octets(`${found[1]}\n`), key)).slice(0, 4);
    const hex = [...id].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== found[2]) throw new Error(`the key of ${found[1]} does not have its id`);
    return { name: found[1], id, kind: key[0], bytes: key.slice(1) };
  }

  // --- checks

  async function rootOf({ index, hashes, checkpoint }, leafHash) {
    const node = (left, right) => sha256(Uint8Array.of(1), left, right);
    if (index >= checkpoint.size) throw new Error("the index is not within the checkpoint's size");
    let at = index;
    let last = checkpoint.size - 1n;
    let root = leafHash;
    for (const hash of hashes) {
      if (last === 0n) throw new Error("the proof has too many hashes");
      if ((at & 1n) === 1n || at === last) {
        root = await node(hash, root);
        while ((at & 1n) === 0n && at !== 0n) {
          at >>= 1n;
          last >>= 1n;
        }
      } else {
        root = await node(root, hash);
      }
      at >>= 1n;
      last >>= 1n;
    }
    if (last !== 0n) throw new Error("the proof has too few hashes");
    return root;
  }

  /** What a key signed on a note: null when nothing, else the time it says, if it says one. */
  async function signedBy(key, note) {
    const key_ = await crypto.subtle.importKey("raw", key.bytes, "Ed25519", false, ["verify"]);
    for (const signature of note.signatures) {
      if (signature.name !== key.name || !same(signature.id, key.id)) continue;
      if (key.kind === 1) {
        const message = octets(note.body);
        const good = await crypto.subtle.verify("Ed25519", key_, signature.bytes, message);
        if (good) return { time: null };
      }
      if (key.kind === 4 && signature.bytes.length === 72) {
        const time = new DataView(signature.bytes.buffer).getBigUint64(0);
        const message = octets(`cosignature/v1\ntime ${time}\n${note.body}`);
        const bytes = signature.bytes.slice(8);
        if (await crypto.subtle.verify("Ed25519", key_, bytes, message)) return { time };
      }
      throw new Error(`the signature of ${key.name} is forged: it does not fit its key`);
    }
    return null;
  }

  /** What a party signed, where the content is that. */
  function statementOf(content) {
    try {
      const said = text(content);
      return said.startsWith("entente-") ? parseNote(said) : null;
    } catch {
      return null;
    }
  }

  const commitment = async (salt, bytes) =>
    base64(await sha256(octets("entente/commitment/v1"), salt, bytes));

  async function check(receiptText, keysText, object) {
    const good = [];
    const receipt = parseReceipt(receiptText);
    const leaf = JSON.parse(receipt.leaf);
    const leafHash = await sha256(Uint8Array.of(0), octets(receipt.leaf));
    const root = await rootOf(receipt, leafHash);
    if (!same(root, receipt.checkpoint.root)) {
      throw new Error("the proof does not lead to the checkpoint's root: "
        + "the entry is not in this log, or it was changed");
    }
    good.push(`Entry ${receipt.index} is in the log of ${receipt.checkpoint.size} entries.`);
    const lines = keysText.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    const keys = await Promise.all(lines.map(parseKey));
    let log = false;
    for (const key of keys) {
      const signed = await signedBy(key, receipt.note);
      if (!signed) continue;
      if (key.kind === 1 && key.name === receipt.checkpoint.origin) {
        log = true;
        good.push(`The log ${key.name} signed that checkpoint.`);
      } else if (key.kind === 4) {
        const when = new Date(Number(signed.time) * 1000).toISOString();
        good.push(`The witness ${key.name} had seen it by ${when}.`);
      }
    }
    if (!log) {
      throw new Error(`no key given is that of the log ${receipt.checkpoint.origin}: `
        + "get its key from somewhere you trust");
    }
    const commitments = Array.isArray(leaf.commitments) ? leaf.commitments : [];
    let content = null;
    if (receipt.salt && receipt.content) {
      if (!commitments.includes(await commitment(receipt.salt, receipt.content))) {
        throw new Error("the content in the receipt is not what the entry commits to");
      }
      content = receipt.content;
      good.push("The content in the receipt is what the entry commits to.");
      const statement = statementOf(content);
      for (const key of statement ? keys.filter((key) => key.kind === 1) : []) {
        if (await signedBy(key, statement)) good.push(`${key.name} signed what it says.`);
      }
    }
    if (receipt.facts) {
      // The leaf is sealed: who did what when is opened to whoever may know.
      const salt = unbase64(receipt.facts.salt, "the salt of the facts");
      if (!commitments.includes(await commitment(salt, octets(receipt.facts.line)))) {
        throw new Error("who did what when is not what the entry commits to");
      }
      [, leaf.party, leaf.act, leaf.time] = receipt.facts.line.split("\n");
    }
    if (object) {
      if (!receipt.salt) {
        throw new Error("the receipt has no salt, so that a file cannot be compared: "
          + "ask whoever may see the content for a receipt of their own");
      }
      const tried = [object, octets(new TextDecoder().decode(object).trim())];
      const found = await Promise.all(tried.map((bytes) => commitment(receipt.salt, bytes)));
      if (!found.some((one) => commitments.includes(one))) {
        throw new Error("the file is not what the entry commits to");
      }
      good.push("The file is what the entry commits to, to the last byte.");
    }
    return { good, leaf, content };
  }

  // --- the page

  const find = (id) => document.getElementById(id);
  const line = (list, words) => {
    const item = document.createElement("li");
    item.textContent = words;
    list.append(item);
  };

  function show(outcome, failure) {
    const verdict = find("verdict");
    verdict.hidden = false;
    verdict.className = failure ? "aside warn" : "aside good";
    find("verdict-title").textContent = failure ? "It does not hold" : "It holds";
    const list = find("checks");
    list.replaceChildren();
    for (const words of outcome?.good ?? []) line(list, words);
    if (failure) line(list, failure);
    const facts = find("facts");
    facts.hidden = !outcome;
    if (outcome) {
      const { leaf } = outcome;
      find("fact-party").textContent = leaf.party || "not told in public";
      find("fact-act").textContent = leaf.act ?? "";
      find("fact-time").textContent = leaf.time ?? "";
    }
    const content = find("content");
    content.hidden = !outcome?.content;
    if (outcome?.content) {
      // Whatever is no text stands as a dot.
      find("content-text").textContent = new TextDecoder().decode(outcome.content)
        .replace(/[^\P{C}\n]/gu, "\u00b7").replace(/\ufffd/g, "\u00b7");
    }
    verdict.focus();
  }

  async function run(event) {
    event.preventDefault();
    try {
      if (!crypto.subtle) throw new Error("this page needs https, or localhost, to use cryptography");
      const file = find("object").files[0];
      const object = file ? new Uint8Array(await file.arrayBuffer()) : null;
      const receipt = find("receipt").value.replace(/\r\n/g, "\n");
      show(await check(receipt, find("keys").value, object), null);
    } catch (error) {
      const old = error.name === "NotSupportedError";
      show(null, old ? "this browser does not know Ed25519: use 'entente verify'" : error.message);
    }
  }

  async function load(event) {
    const file = event.target.files[0];
    if (file) find("receipt").value = await file.text();
  }

  find("verify").addEventListener("submit", run);
  find("receipt-file").addEventListener("change", load);
})();
