"""Texts for benchmarks: more of a corpus, with its share of copies, or invented from nothing."""

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

SEED = 1
KEPT_LENGTH = 3
"""Words up to this long stay: mostly grammar, by which languages are told."""
_WORD = re.compile(r"[^\W\d_]+")


def generate(path: Path, texts: int, source: Path | None = None) -> Path:
    """Write so many texts as gzipped JSONL: from ``source`` where there is one, else invented.

    Each further round through the source exchanges the longer words for others of the same length
    and ending, all through the round alike: copies within a round stay copies, between rounds
    there are none, and the share of copies stays the same.
    """
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as sink:
        if source is None:
            _invent(sink, texts)
            return path
        with gzip.open(source, "rt", encoding="utf-8") as lines:
            originals = [json.loads(line)["text"] for line in lines]
        words = sorted({word.lower() for text in originals for word in _WORD.findall(text)})
        for number in range(texts):
            turn, place = divmod(number, len(originals))
            if not place:
                exchange = _exchange(words, turn)
            text = originals[place] if not turn else _WORD.sub(_replace(exchange), originals[place])
            sink.write(json.dumps({"id": f"{turn}-{place}", "text": text}) + "\n")
    return path


def _exchange(words: list[str], turn: int) -> dict[str, str]:
    """For each longer word another of the same length and ending; no two words get the same."""
    alike: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for word in words:
        if len(word) > KEPT_LENGTH:
            alike[len(word), word[-2:]].append(word)
    chance = random.Random(SEED + turn)
    exchange = {}
    for group in alike.values():
        exchange.update(zip(group, chance.sample(group, len(group)), strict=True))
    return exchange


class _replace:  # noqa: N801  # used as a function
    def __init__(self, exchange: Mapping[str, str]) -> None:
        self._exchange = exchange

    def __call__(self, match: re.Match[str]) -> str:
        word = match.group()
        other = self._exchange.get(word.lower(), word)
        if word.isupper():
            return other.upper()
        return other[:1].upper() + other[1:] if word[0].isupper() else other


def _invent(sink: TextIO, texts: int) -> None:
    chance = random.Random(SEED)
    words = "the of a harbour council ferry bridge market winter said engineer river vote"
    vocabulary = words.split(" ")
    for number in range(texts):
        sentences = [
            " ".join(chance.choices(vocabulary, k=chance.randint(8, 18))).capitalize() + "."
            for _ in range(25)
        ]
        sink.write(json.dumps({"id": number, "text": " ".join(sentences)}) + "\n")
