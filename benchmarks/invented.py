"""Invented feeds for the harness: pages that arrive in batches, and what must become of each."""

import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tasks.read.uris import path_to_uri, record_uri

NOUNS = re.findall(
    r"\w+",
    "harbour bridge council orchard school ferry market tunnel museum river library station bakery "
    "theatre quarry hospital garden railway village factory lighthouse reservoir",
)
VERBS = re.findall(
    r"\w+",
    "reopened closed expanded repaired inspected painted surveyed measured sold visited flooded "
    "restored rebuilt leased cleaned lit fenced moved",
)
ENDS = (
    "after a long winter",
    "before the first frost",
    "without any warning",
    "at the council's expense",
    "despite the engineers' doubts",
    "under a new agreement",
    "with the help of volunteers",
    "for the third time this decade",
)
FIRST_NAMES = re.findall(r"\w+", "Ilse Bram Odile Tamsin Joris Perpetua Wendel Alba Corin Hedda")
LAST_NAMES = re.findall(r"\w+", "Tornquist Vael Ambrose Lindqvist Okoro Marchetti Szabo Hale")
FILES, RECORDS = 9, 5
"""New stories of a batch: in files of their own, and in one file of records."""


def make_story(number: int) -> str:
    """A page of one story; two of different numbers share hardly a phrase."""
    chance = random.Random(number)

    def sentence() -> str:
        first, second, third = chance.sample(NOUNS, 3)
        did, done = chance.sample(VERBS, 2)
        end = chance.choice(ENDS)
        return f"The {first} beside the old {second} was {did} and the {third} {done} {end}."

    title = f"The {chance.choice(NOUNS)} of ward {number} is {chance.choice(VERBS)} again"
    paragraphs = [" ".join(sentence() for _ in range(4)) for _ in range(3)]
    byline = f"By {chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    return "\n\n".join([title, byline, f"March {number % 31 + 1}, 2025", *paragraphs]) + "\n"


@dataclass
class Feed:
    """A folder into which pages come, and the books that must come of them."""

    folder: Path
    chance: random.Random
    stories: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By story the URIs that it came under: one is published, the others are its copies."""
    pages: dict[str, bytes] = field(default_factory=dict)
    """By URI what the page is, byte for byte."""
    rejected: set[str] = field(default_factory=set)
    """URIs of what is no page."""
    forgotten: set[str] = field(default_factory=set)
    """URIs that were taken down: they stay in the folder, and out of the lake."""
    batches: int = 0

    def deliver(self) -> None:
        """Let a batch come in: new stories, copies of stories, and something that is no page."""
        self.batches += 1
        begin = self.batches * 100
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in range(begin, begin + FILES):
            self._put_file(f"{number}.txt", number)
        for copy in range(self.chance.randrange(3)):
            # Never of the first two of a batch: those are what a takedown may take.
            original = self.chance.choice([one for one in self.stories if one % 100 > 1])
            self._put_file(f"{begin}-copy-{copy}.txt", original)
        self._put_records(begin)
        if self.chance.random() < 0.3:
            empty = self.folder / f"{begin}-empty.txt"
            empty.touch()
            self.rejected.add(path_to_uri(empty))

    def choose_to_forget(self) -> str:
        """A page that has no copy."""
        known = [one for one in sorted(self.stories) if one % 100 < 2]
        left = [uri for one in known for uri in self.stories[one] if uri not in self.forgotten]
        return self.chance.choice(left)

    def forget(self, uri: str) -> None:
        """Note that a page was taken down."""
        self.forgotten.add(uri)
        del self.pages[uri]

    def _put_file(self, name: str, number: int) -> None:
        path, text = self.folder / name, make_story(number).encode()
        path.write_bytes(text)
        self._note(path_to_uri(path), number, text)

    def _put_records(self, begin: int) -> None:
        path = self.folder / f"{begin}-wire.jsonl"
        lines = ["{not json"]
        self.rejected.add(record_uri(path_to_uri(path), 1))
        for number in range(begin + 50, begin + 50 + RECORDS):
            lines.append(json.dumps({"text": make_story(number)}))
            self._note(record_uri(path_to_uri(path), len(lines)), number, lines[-1].encode())
        path.write_text("\n".join(lines))

    def _note(self, uri: str, number: int, data: bytes) -> None:
        self.stories[number].append(uri)
        self.pages[uri] = data
