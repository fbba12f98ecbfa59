"""Generated posts, and what is done to posts before they are posted again. Same seed, same posts."""

import random

SYLLABLES = [start + middle + end
             for start in ("b", "d", "f", "gr", "k", "l", "m", "pr", "r", "s", "st", "t", "v")
             for middle in ("a", "e", "i", "o", "u", "ai", "ou")
             for end in ("", "l", "n", "r", "s", "nd")]
ALIKE = {"a": "а4@á", "e": "е3é", "i": "і1í", "o": "о0ö", "s": "ѕ5$", "t": "7", "b": "8"}


class Posts:
    """Posts of words that are drawn as in ordinary language: few are common, most are rare."""

    def __init__(self, seed, words=20_000):
        self.random = random.Random(seed)
        vocabulary = random.Random(7)
        self.words = ["".join(vocabulary.choices(SYLLABLES, k=vocabulary.choice((1, 2, 2, 3)))) for _ in range(words)]

    def sentence(self, count):
        size = len(self.words)
        return " ".join(self.words[int(size * self.random.random() ** 3)] for _ in range(count))

    def post(self):
        return self.sentence(self.random.randint(30, 50))

    def edited(self, post, share=0.15):
        """A share of the words changed, left out, or swapped with the next."""
        words = post.split()
        for at in range(len(words)):
            if self.random.random() >= share:
                continue
            choice = self.random.randrange(3)
            if choice == 0 and at + 1 < len(words):
                words[at], words[at + 1] = words[at + 1], words[at]
            else:
                words[at] = "" if choice == 1 else self.sentence(1)
        return " ".join(word for word in words if word)

    def wrapped(self, post, times):
        """Inside other text, `times` its words in all."""
        others = len(post.split()) * (times - 1)
        before = self.random.randint(0, others)
        return " ".join((self.sentence(before), post, self.sentence(others - before))).strip()

    def disguised(self, post):
        """Look-alike letters, leet, capitals, invisible characters, letters drawn out."""
        made = []
        for char in post:
            draw = self.random.random()
            if draw < 0.15 and char in ALIKE:
                char = self.random.choice(ALIKE[char])
            elif draw < 0.3:
                char = char.upper()
            elif draw < 0.35:
                char += "\u200b"
            elif draw < 0.4 and char.isalpha():
                char *= 3
            made.append(char)
        return "".join(made)
