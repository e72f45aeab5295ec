#!/usr/bin/env python3
"""Readability and language of the corpus, against textstat and langdetect, side by side.

    python benchmarks/scores.py [--texts N]

Blocks of texts go by turns through ours and theirs, each text once, with caches cold at the start;
what is printed is medians of blocks and their ratios. Scores are compared to 1e-9, languages
counted where they differ. Without the corpus it says so, and ends with 0.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import langdetect
from textstat.textstat import textstatistics

from tasks.text.language import detect_language
from tasks.text.readability import ENGLISH_SCORES, count_text, score_counts

ROOT = Path(__file__).parents[1]
BLOCK = 100
T = TypeVar("T")
LEAST_CHARACTERS = 1_000
"""Texts of so many characters are taken for whole articles where languages are told."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=2_000)
    options = parser.parse_args()
    shared = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    corpus = shared / "corpus" / "bench.jsonl.gz"
    if not corpus.exists():
        print(f"no corpus at {corpus}: nothing was measured; set COPYDESK_SHARED")
        return
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        texts = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
    random.Random(1).shuffle(texts)
    langdetect.DetectorFactory.seed = 0
    measure = textstatistics()

    def textstats(text: str) -> list[float]:
        return [getattr(measure, name)(text) for name in ENGLISH_SCORES]

    # lists of words, patterns and models are loaded, but no text was seen
    for warm in (ours, textstats, tell, theirs):
        warm("The harbour opened again on Tuesday, and three ships came in before noon.")
        warm("Radio taxi hotel restaurant")  # which is for langdetect to tell
    some = texts[: options.texts]
    scored = compare("readability", some, ours, textstats)
    wrong = sum(
        abs(a - b) > 1e-9
        for mine, other in scored
        for a, b in zip(mine or other, other, strict=True)
    )
    print(f"  scores that differ by more than 1e-9: {wrong} of {len(scored) * len(ENGLISH_SCORES)}")
    compare("language", some, tell, theirs)
    articles = [text for text in texts if len(text) >= LEAST_CHARACTERS][: options.texts // 2]
    told = compare(f"language, {LEAST_CHARACTERS} characters and more", articles, tell, theirs)
    differ = sum(mine != other for mine, other in told)
    print(f"  texts told otherwise: {differ} of {len(told)}")


def ours(text: str) -> list[float]:
    """Our nine scores; none where there is no word, for which textstat has a number."""
    scores = score_counts(count_text(text, "en"), "en")
    found = [scores[name] for name in ENGLISH_SCORES]
    return [score for score in found if isinstance(score, float)]


def tell(text: str) -> str:
    """Our language."""
    return detect_language(text).code


def theirs(text: str) -> str:
    """Langdetect's language of the whole text."""
    try:
        return str(langdetect.detect(text)).partition("-")[0]
    except langdetect.LangDetectException:
        return "und"


def compare(
    name: str, texts: Sequence[str], ours: Callable[[str], T], theirs: Callable[[str], T]
) -> list[tuple[T, T]]:
    """Time both by turns, print, and return the pairs of results."""
    pairs: list[tuple[T, T]] = []
    times: list[tuple[float, float]] = []
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        begun = time.process_time()
        mine = [ours(text) for text in block]
        between = time.process_time()
        others = [theirs(text) for text in block]
        times.append((between - begun, time.process_time() - between))
        pairs += zip(mine, others, strict=True)
    mean = [sum(column) / len(texts) * 1000 for column in zip(*times, strict=True)]
    ratio = statistics.median(other / mine for mine, other in times)
    print(
        f"{name}: {len(texts)} texts, ours {mean[0]:.3f} ms a text, theirs {mean[1]:.2f} ms; "
        f"{mean[1] / mean[0]:.1f} times as fast, median of blocks {ratio:.1f}"
    )
    return pairs


if __name__ == "__main__":
    main()
