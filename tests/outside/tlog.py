"""Reads a transparency log as C2SP has it, independently of the program under test.

Signed notes, checkpoints and cosignatures (cryptography's Ed25519), and the Merkle tree of RFC 9162
by its definition. What does not hold raises Wrong.
"""

import base64
import hashlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Wrong(Exception):
    pass


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


class Key:
    """A verifier's key: name+id+base64."""

    def __init__(self, vkey):
        self.name, identity, encoded = vkey.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        self.kind, self.public, self.id = raw[0], raw[1:], bytes.fromhex(identity)
        if key_id(self.name, self.kind, self.public) != self.id:
            raise Wrong(f"the id of {vkey} is not its own")

    def check(self, text, signature):
        """The time that a cosignature gives, in seconds; 0 for a plain signature."""
        public = Ed25519PublicKey.from_public_bytes(self.public)
        try:
            if self.kind == 1:
                public.verify(signature, text.encode())
                return 0
            (seconds,) = struct.unpack(">Q", signature[:8])
            message = f"cosignature/v1\ntime {seconds}\n{text}"
            public.verify(signature[8:], message.encode())
            return seconds
        except InvalidSignature:
            raise Wrong(f"the signature of {self.name} does not hold") from None


class Signer:
    """A log's private key, for checkpoints of our own."""

    def __init__(self, name):
        self.name, self.key = name, Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = key_id(name, 1, self.public)

    @property
    def vkey(self):
        encoded = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def checkpoint(self, size, root, origin=None):
        text = f"{origin or self.name}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = base64.b64encode(self.id + self.key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signature}\n"


def parse_note(note):
    """Text, and the signature lines as (name, id, signature)."""
    text, _, lines = note.rpartition("\n\n")
    signatures = []
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        if dash != "\u2014":
            raise Wrong(f"no signature line: {line!r}")
        raw = base64.b64decode(encoded, validate=True)
        signatures.append((name, raw[:4], raw[4:]))
    return text + "\n", signatures


def open_checkpoint(note, key, witnesses=()):
    """(size, root, {witness: time}) of a checkpoint that the log's key signed."""
    text, signatures = parse_note(note)
    by = {(name, identity): signature for name, identity, signature in signatures}
    if (key.name, key.id) not in by:
        raise Wrong("the log did not sign")
    key.check(text, by[key.name, key.id])
    origin, size, root = text.splitlines()[:3]
    if origin != key.name:
        raise Wrong(f"origin {origin}, key of {key.name}")
    seen = {w.name: w.check(text, by[w.name, w.id]) for w in witnesses if (w.name, w.id) in by}
    return int(size), base64.b64decode(root), seen


def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    """RFC 9162, section 2.1.1, without recursion."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    peaks = []
    for number, root in enumerate(hashes):
        while number & 1:
            root = node_hash(peaks.pop(), root)
            number >>= 1
        peaks.append(root)
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def consistency(hashes, old, size):
    """The proof that the tree of the first `old` hashes grew to that of `size` (RFC 9162, 2.1.4.1)."""
    def sub(low, high, whole):
        if old_end == high:
            return [] if whole else [root_of(hashes[low:high])]
        split = 1
        while split * 2 < high - low:
            split *= 2
        middle = low + split
        if old_end <= middle:
            return sub(low, middle, whole) + [root_of(hashes[middle:high])]
        return sub(middle, high, False) + [root_of(hashes[low:middle])]
    old_end = old
    return sub(0, size, True) if 0 < old < size else []


def root_by_proof(leaf, index, size, proof):
    """The root that follows from a leaf's hash and its proof of inclusion (RFC 9162, 2.1.3.2)."""
    first, last, root = index, size - 1, leaf
    for hash in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        if first & 1 or first == last:
            root = node_hash(hash, root)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            root = node_hash(root, hash)
        first, last = first >> 1, last >> 1
    if last != 0:
        raise Wrong("the proof is too short")
    return root


def check_receipt(receipt, key, leaves):
    """Checks a C2SP tlog-proof of one of these leaves; returns the size and the root it was made under."""
    head, note = receipt.split("\n\n", 1)
    lines = [line for line in head.splitlines() if not line.startswith("extra ")]
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Wrong(lines[0])
    index = int(lines[1].removeprefix("index "))
    size, root = open_checkpoint(note, key, ())[:2]
    proof = [base64.b64decode(line) for line in lines[2:]]
    if root_by_proof(leaf_hash(leaves[index]), index, size, proof) != root:
        raise Wrong(f"the proof of entry {index} leads to another root")
    return size, root


def tile_path(level, index, width=256):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    partial = "" if width == 256 else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def read_leaves(get, size):
    """All leaves of a log of `size` entries; `get` reads a path."""
    leaves = []
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        octets, at = get(tile_path("entries", index, width)), 0
        for _ in range(width):
            (length,) = struct.unpack_from(">H", octets, at)
            leaves.append(octets[at + 2:at + 2 + length])
            at += 2 + length
        if at != len(octets):
            raise Wrong(f"bundle {index} goes on after its entries")
    return leaves
