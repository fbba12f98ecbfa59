"""Generated STIX patterns and observed data: the same for the same seed."""

import base64
import random
import uuid

KEYWORDS = ["AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS"]
KEYWORDS += ["LAST", "IN", "START", "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES"]
TEXTS = ["", "a", "abc", "it\\'s", "C:\\\\x", "ünï", "a b", "[x]", "%x_", "198.51.100.0/24", "\n", "//", "/*"]
HASHES = {"MD5": 32, "MD6": 56, "'SHA-1'": 40, "'SHA-256'": 64, "SHA256": 64, "'SHA3-512'": 128, "SSDEEP": 20}


class Patterns:
    """Patterns of the whole grammar, and texts that are nearly patterns."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def space(self):
        return self.random.choices(["", " ", "\n", "\t", "/* c */", " // c\n"], [8, 80, 4, 4, 2, 2])[0]

    def join(self, *tokens):
        """Tokens with space between them; always some where two words would become one."""
        text = ""
        for token in tokens:
            space = self.space() if text or self.random.random() < 0.02 else ""
            words = text[-1:].isalnum() and token[:1].isalnum()
            text += (space or " " if words else space) + token
        return text.strip(" ")

    def word(self):
        return self.pick("a", "name", "value", "x_1", "_y", "hashes", "Ab9", "b", "h", "t")

    def step(self):
        kind = self.random.random()
        if kind < 0.2:
            return f"[{self.pick('*', '0', '1', '17', '+2')}]"
        if kind < 0.6:
            return "." + self.word()
        return f".'{self.pick('a-b', 'a.b', *TEXTS[1:6], *KEYWORDS[:3])}'"

    def path(self):
        kind = self.pick("file", "ipv4-addr", "x-y-z", "process", "a", "x_y", "windows-registry-key")
        first = self.word() if self.random.random() < 0.85 else f"'{self.pick(*TEXTS[1:6])}'"
        return f"{kind}:{first}" + "".join(self.step() for _ in range(self.pick(0, 0, 0, 1, 2)))

    def integer(self):
        return self.pick("0", "1", "-1", "+7", "42", "-0", "9007199254740993")

    def float(self):
        return self.pick("0.5", ".5", "-1.25", "+3.0", "00.10", "1234567.000001")

    def timestamp(self):
        fraction = self.pick("", "", ".1", ".123456", ".1234567890")
        return f"t'20{self.pick(10, 16, 24)}-0{self.pick(1, 2)}-{self.pick('01', '28')}T1{self.pick(0, 9)}:00:59{fraction}Z'"

    def text(self):
        return f"'{self.pick(*TEXTS)}'"

    def orderable(self):
        return self.pick(
            self.text(), self.text(), self.integer(), self.float(), self.timestamp(),
            f"h'{self.pick('', 'ff', 'Ff00', '0123456789')}'", f"b'{self.pick('AAAA', 'ABI=', 'AA==', '+/+/')}'",
        )

    def constant(self):
        return self.pick("true", "false") if self.random.random() < 0.1 else self.orderable()

    def digest(self):
        name, length = self.random.choice(list(HASHES.items()))
        length += self.random.choices([0, -1, 1], [8, 1, 1])[0]
        value = "".join(self.random.choices("0123456789abcdefABCDEF", k=length))
        return self.join(f"file:hashes.{name}", self.pick("=", "!=", "NOT ="), f"'{value}'")

    def test(self):
        kind = self.random.random()
        negated = ["NOT"] if self.random.random() < 0.2 else []
        if kind < 0.1:
            return self.digest()
        if kind < 0.2:
            return self.join(*negated, "EXISTS", self.path())
        if kind < 0.5:
            return self.join(self.path(), *negated, self.pick("=", "==", "!=", "<>"), self.constant())
        if kind < 0.65:
            return self.join(self.path(), *negated, self.pick("<", "<=", ">", ">="), self.orderable())
        if kind < 0.8:
            values = [self.constant() for _ in range(self.pick(0, 1, 2, 3))]
            listed = self.join(*[part for value in values for part in (",", value)][1:])
            return self.join(self.path(), *negated, "IN", "(", listed, ")")
        operator = self.pick("LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET")
        return self.join(self.path(), *negated, operator, self.text())

    def comparison(self, depth=2):
        if depth and self.random.random() < 0.45:
            operator = self.pick("AND", "OR")
            parts = [self.comparison(depth - 1) for _ in range(self.pick(2, 2, 3))]
            joined = self.join(*[token for part in parts for token in (operator, part)][1:])
            return self.join("(", joined, ")") if self.random.random() < 0.4 else joined
        return self.test()

    def qualifier(self):
        kind = self.pick("WITHIN", "REPEATS", "START")
        if kind == "WITHIN":
            return self.join(kind, self.pick("5", ".5", "0", "+3", "120.25"), "SECONDS")
        if kind == "REPEATS":
            return self.join(kind, self.pick("1", "2", "0", "+5", "1000"), "TIMES")
        return self.join(kind, self.timestamp(), "STOP", self.timestamp())

    def pattern(self, depth=2):
        if depth and self.random.random() < 0.4:
            operator = self.pick("AND", "OR", "FOLLOWEDBY")
            parts = [self.pattern(depth - 1) for _ in range(self.pick(2, 2, 3))]
            text = self.join(*[token for part in parts for token in (operator, part)][1:])
            if self.random.random() < 0.5:
                text = self.join("(", text, ")")
        else:
            text = self.join("[", self.comparison(), "]")
        for _ in range(self.random.choices([0, 1, 2], [70, 24, 6])[0]):
            text = self.join(text, self.qualifier())
        return text

    def mutated(self, text):
        """The text with one to three characters or words changed."""
        for _ in range(self.pick(1, 1, 1, 2, 3)):
            at = self.random.randrange(len(text) + 1)
            kind = self.random.random()
            if kind < 0.3:
                text = text[:at] + text[at + 1:]
            elif kind < 0.5:
                text = text[:at] + self.pick(*"[]()'\\\".,:*=<>!+-0Zbht e\u00e9\u00a0") + text[at:]
            elif kind < 0.65:
                text = text[:at] + f" {self.pick(*KEYWORDS, 'and', 'null', 'x')} " + text[at:]
            elif kind < 0.8:
                words = text.split(" ")
                del words[self.random.randrange(len(words))]
                text = " ".join(words)
            elif kind < 0.9:
                words = text.split(" ")
                one, other = self.random.randrange(len(words)), self.random.randrange(len(words))
                words[one], words[other] = words[other], words[one]
                text = " ".join(words)
            else:
                end = min(len(text), at + self.random.randrange(1, 6))
                text = text[:end] + text[at:end] + text[end:]
        return text


class Regexes:
    """Regular expressions that PCRE and Python read the same way, and texts that they may match.

    Without `\\B`, which Python does not find in an empty text, and with `$` at ends alone."""

    SINGLES = ["a", "b", "c", "-", "&", "~", "[", "]", "^", "z", "\u00e9", " ", "\\]", "\\\\", "\\n", "\\x61", "\\-", "\\."]
    ATOMS = ["a", "b", "c", "ab", ".", "\\d", "\\w", "\\s", "\\S", "\\W", "\\.", "\\[", "\\/", "\\-", "\u00e9", "}", "]", "{", "{x}", "a{", "&&", "--"]
    ATOMS += ["\\x41", "\\n", "\\b", "^", "\\A", "(?:)", "<", ">", "\\<", "#", " ", "'", '"']
    QUANTIFIERS = ["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "??", "{1,2}?"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def klass(self):
        parts = []
        for _ in range(self.random.choice([1, 1, 2, 3])):
            kind = self.random.random()
            if kind < 0.2:
                low, high = sorted(self.random.sample("09azAZ&-[]+", 2))
                parts.append("".join("\\" + one if one in "-[]" else one for one in low) + "-" + ("\\" + high if high in "-[]" else high))
            elif kind < 0.35:
                parts.append(self.random.choice(["\\d", "\\w", "\\s", "\\D"]))
            else:
                parts.append(self.random.choice(self.SINGLES[:-1]).replace("]", "\\]").replace("\\\\]", "\\]").replace("^", "\\^"))
        edge = self.random.choice(["", "", "-", "]", "^"])
        ends = {"-": ("-", ""), "]": ("]", ""), "^": ("^", "-")}.get(edge, ("", ""))
        return "[" + ends[0] + "".join(parts) + ends[1] + "]"

    def piece(self, depth):
        kind = self.random.random()
        if depth and kind < 0.25:
            opening = self.random.choice(["(", "(?:", "(?P<n%d>" % self.random.randrange(10 ** 6)])
            atom = opening + self.regex(depth - 1) + ")"
        elif kind < 0.45:
            atom = self.klass()
        else:
            atom = self.random.choice(self.ATOMS)
        if self.random.random() < 0.3 and atom not in ("^", "\\A", "\\b"):
            atom += self.random.choice(self.QUANTIFIERS)
        return atom

    def regex(self, depth=2):
        branches = []
        for _ in range(self.random.choice([1, 1, 1, 2])):
            pieces = [self.piece(depth) for _ in range(self.random.choice([0, 1, 2, 2, 3]))]
            if depth == 2 and self.random.random() < 0.25:
                pieces.append("$")
            branches.append("".join(pieces))
        return "|".join(branches)

    def flagged(self):
        return self.random.choice(["", "", "", "(?i)", "(?s)", "(?m)"]) + self.regex()

    def text(self):
        return "".join(self.random.choices("aabbcAZ09-&~[]^.{}x/<># '\"\\\u00e9\n ", k=self.random.randrange(9)))


class World:
    """Observed data of a few values that come again, and patterns that speak of them.

    Left out is what the matcher cannot do or does otherwise on purpose here; `stix_patterns.py`
    has each of those as a case of its own."""

    NAMES = ["alice", "bob", "Bob", "zo\u00eb", "zoe\u0308", "a.b", "a%b", ""]
    NUMBERS = [0, 2, 3, 5, -4, 2.0, 2.5, 12.658, 10 ** 17]
    OCTETS = [b"alice", b"\x00\xff", b"", b"bob\n"]
    ADDRESSES = ["198.51.100.7", "198.51.100.0/27", "203.0.113.9", "203.0.113.0/24", "10.0.0.0/8"]
    TIMES = ["2016-01-01T00:00:00Z", "2016-01-01T00:00:00.000Z", "2016-01-01T00:00:00.5Z", "2020-02-29T12:00:00.123456789Z"]
    REGEXES = ["^a", "b$", "^[a-c]+$", "(?i)BOB", "l.c", "\\\\.", "^$", "a|b", "^\\\\w+$", "[^a-z]", "zo\u00eb", "(a)(?:l)", "\\\\d", "o{1,2}b?", "[[]|[a&&c]", "\\\\x61"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def id(self, kind):
        return f"{kind}--{uuid.UUID(int=self.random.getrandbits(128), version=4)}"

    def scalar(self):
        return self.pick(*self.NAMES, *self.NUMBERS, True, False, None)

    def object(self, ids):
        mine = {
            "name": lambda: self.pick(*self.NAMES),
            "number": lambda: self.pick(*self.NUMBERS),
            "flag": lambda: self.pick(True, False),
            "any": self.scalar,
            "list": lambda: [self.scalar() for _ in range(self.pick(0, 1, 3))],
            "lists": lambda: [{"name": self.pick(*self.NAMES)} for _ in range(2)] + [[self.pick(*self.NAMES)]],
            "address": lambda: self.pick(*self.ADDRESSES),
            "range": lambda: self.pick(*[one for one in self.ADDRESSES if "/" in one]),
            "seen": lambda: self.pick(*self.TIMES),
            "octets_hex": lambda: self.pick(*self.OCTETS).hex(),
            "octets_bin": lambda: base64.b64encode(self.pick(*self.OCTETS)).decode(),
            "deep": lambda: {"a-b": {"c": [self.scalar(), {"name": self.pick(*self.NAMES)}]}},
            "friend_ref": lambda: self.pick(*ids, "x-thing--none"),
            "friend_refs": lambda: self.random.sample([*ids, "x-thing--none"], self.pick(1, min(3, len(ids)))),
        }
        kept = [key for key in mine if self.random.random() < 0.8]
        return {key: mine[key]() for key in kept}

    def observed(self):
        """Observed-data objects of STIX 2.1 and their observables."""
        ids = [self.id(self.pick("x-thing", "x-thing", "x-other")) for _ in range(self.pick(3, 5, 8))]
        objects = [{"type": id.split("--")[0], "id": id, **self.object(ids)} for id in ids]
        for _ in range(self.pick(2, 3, 5)):
            first, length = self.random.randrange(12), self.pick(0, 0, 1, 4)
            names = self.random.sample(ids, self.pick(1, 2, min(3, len(ids))))
            objects.append({
                "type": "observed-data", "spec_version": "2.1", "id": self.id("observed-data"),
                "first_observed": f"2020-01-01T00:00:{first:02}Z",
                "last_observed": f"2020-01-01T00:00:{first + length:02}Z",
                "number_observed": self.pick(1, 1, 1, 2, 3), "object_refs": names,
            })
        return objects

    def text(self, choices):
        value = self.pick(*choices)
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def number(self):
        return self.pick("0", "2", "3", "5", "-4", "2.0", "2.5", "12.658", "100000000000000000", "4", "12.6579")

    def octets(self):
        return self.pick("h'616c696365'", "b'YWxpY2U='", "h'00ff'", "h''", "'alice'", "'\u0103'", "h'626f62'")

    def path(self, *ends):
        way = self.pick("", "", "", "friend_ref.", "friend_refs[*].", "friend_refs[0].", "friend_ref.friend_refs[*].")
        return f"{self.pick('x-thing', 'x-thing', 'x-other')}:{way}{self.pick(*ends)}"

    def test(self):
        negated = self.pick("", "", "", "NOT ")
        equal = self.pick("=", "!=")
        order = self.pick("<", "<=", ">", ">=", "=", "!=")
        loose = ["any", "list[*]", "list[0]", "list[7]", "list", "deep.'a-b'.c[0]", "lists[*]", "deep"]
        names = ["name", "deep.'a-b'.c[*].name", "lists[*].name", "lists[2][*]", "lists[0].name"]
        scalar = self.pick(self.text(self.NAMES), self.number(), "true", "false", "h'616c696365'")
        kind = self.random.randrange(11)
        if kind == 0:
            return f"{self.path(*names)} {negated}{order} {self.text(self.NAMES)}"
        if kind == 1:
            return f"{self.path('number', 'any', 'list[*]')} {negated}{order} {self.number()}"
        if kind == 2:
            return f"{self.path('flag', 'any')} {negated}{equal} {self.pick('true', 'false')}"
        if kind == 3:
            return f"{self.path(*loose, 'friend_ref', 'friend_refs[*]')} {negated}{equal} {scalar}"
        if kind == 4:
            time = self.pick(*self.TIMES, "2018-01-01T00:00:00Z")
            return f"{self.path('seen', 'number', 'flag')} {negated}{order} t'{time}'"
        if kind == 5:
            return f"{self.path('octets_hex', 'octets_bin', 'name')} {negated}{order} {self.octets()}"
        if kind == 6:
            values = self.pick(
                [self.text(self.NAMES) for _ in range(3)], ["2", "3.0", "5", "2.5"], [], [f"t'{self.TIMES[0]}'", f"t'{self.TIMES[3]}'"]
            )
            seen = "t'" in "".join(values)
            return f"{self.path(*(['seen'] if seen else ['name', 'number', 'any', 'list[*]']))} {negated}IN ({', '.join(values)})"
        if kind == 7:
            like = self.pick("%", "a%", "%b", "_ob", "zo\u00eb", "zo_", "a.b", "a\\%b", "%l%c_", "")
            return f"{self.path(*names, 'number')} {negated}LIKE {self.text([like])}"
        if kind == 8:
            return f"{self.path(*names, 'any', 'octets_bin')} {negated}MATCHES '{self.pick(*self.REGEXES)}'"
        if kind == 9:
            span = self.pick("198.51.100.0/24", "203.0.113.7/32", "10.0.0.0/7", "203.0.113.64/25")
            return f"{self.path('address', 'number', 'flag')} {negated}ISSUBSET '{span}'"
        span = self.pick("198.51.100.7", "203.0.113.0/25", "10.9.8.7/9")
        return f"{self.path('range', 'range', 'number')} {negated}ISSUPERSET '{span}'"

    def comparison(self, depth=2):
        if depth and self.random.random() < 0.3:
            parts = [self.comparison(depth - 1) for _ in range(2)]
            joined = self.pick(" AND ", " OR ").join(parts)
            return f"({joined})" if self.random.random() < 0.5 else joined
        return self.test()

    def qualifier(self, used):
        kind = self.random.choice(sorted({"WITHIN", "REPEATS", "START"} - used))
        used.add(kind)
        if kind == "WITHIN":
            return f" WITHIN {self.pick('1', '2', '4.5', '10')} SECONDS"
        if kind == "REPEATS":
            return f" REPEATS {self.pick(1, 2, 2, 3)} TIMES"
        start, stop = self.random.randrange(12), self.random.randrange(1, 14)
        return f" START t'2020-01-01T00:00:{start:02}Z' STOP t'2020-01-01T00:00:{stop:02}Z'"

    def pattern(self, depth=2):
        if depth and self.random.random() < 0.55:
            operator = self.pick(" AND ", " OR ", " FOLLOWEDBY ")
            text = operator.join(self.pattern(depth - 1) for _ in range(self.pick(2, 2, 3)))
            if self.random.random() < 0.3:
                return text
            text = f"({text})"
        else:
            text = f"[{self.comparison()}]"
        used = set()
        for _ in range(self.random.choices([0, 1, 2], [60, 32, 8])[0]):
            text += self.qualifier(used)
        return text
