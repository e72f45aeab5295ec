#!/usr/bin/env python3
"""What cutting costs: milliseconds for 5 kB of plain and of menu-heavy page, and how it grows.

    python benchmarks/cutting.py [--gold FILE.jsonl.gz] [--largest BYTES]

``new`` is a page whose lines were never met, ``known`` the same page again: a worker remembers the
lines of a source's menus. The generated pages are invented here; ``--gold`` takes real ones from a
file of records with a ``text``. Growth is told for a page that goes on as it began and for lines
that were made to be slow, each ten times as long as the last: linear is a ratio of about 10.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in a worker; numpy reads it once

from tasks.rules.load import load_rules
from tasks.text.cut import cut

RULES = load_rules()
KILOBYTE, PAGES = 1000, 40
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "ro", "har", "lin", "mer", "ton")
FUNCTION = ("the", "of", "and", "to", "in", "that", "for", "was", "with", "on", "by", "from", "it")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--gold", type=Path, help="real pages; those of 4 to 6 kB are cut")
    parser.add_argument("--largest", type=int, default=10_000_000, help="bytes")
    options = parser.parse_args()
    cut("Once, so that rules and model are loaded.", RULES)
    chance = random.Random(1)
    report("plain pages", [plain(chance, 5 * KILOBYTE) for _ in range(PAGES)])
    report("menu-heavy pages", [with_menus(chance, 5 * KILOBYTE) for _ in range(PAGES)])
    if options.gold:
        with gzip.open(options.gold, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        report("real pages", [text for text in texts if 4000 < len(text.encode()) < 6000])
    for name, make in GROWING.items():
        report_growth(name, make, options.largest)


def report(name: str, pages: list[str]) -> None:
    """Print what 5 kB of such pages cost, when they are new and when their lines are known."""
    fifths = [len(page.encode()) / (5 * KILOBYTE) for page in pages]
    new = [milliseconds(page) / fifth for page, fifth in zip(pages, fifths, strict=True)]
    known = [
        min(milliseconds(page) for _ in range(3)) / fifth
        for page, fifth in zip(pages, fifths, strict=True)
    ]
    print(
        f"{name:<20} {len(pages):>4} pages   ms for 5 kB, median: "
        f"new {statistics.median(new):.2f}, known {statistics.median(known):.2f}"
    )


def report_growth(name: str, make: Callable[[int], str], largest: int) -> None:
    """Print the seconds for pages of 10 kB and on, each ten times as long as the last."""
    size, shown, before = 10 * KILOBYTE, [], 0.0
    while size <= largest:
        seconds = milliseconds(make(size)) / 1000
        ratio = f" (x{seconds / before:.1f})" if before else ""
        shown.append(f"{size // KILOBYTE:,} kB {seconds:.3f} s{ratio}")
        size, before = size * 10, seconds
    print(f"{name:<20} {', '.join(shown)}")


def milliseconds(text: str) -> float:
    """CPU time of cutting a text once."""
    start = time.process_time()
    cut(text, RULES)
    return (time.process_time() - start) * 1000


def plain(chance: random.Random, size: int) -> str:
    """A title, a date and paragraphs."""
    lines, length = [title(chance), "", "3 May 2024", ""], 0
    while length < size:
        lines += [" ".join(sentence(chance) for _ in range(3)), ""]
        length += len(lines[-2]) + 2
    return "\n".join(lines)


def with_menus(chance: random.Random, size: int) -> str:
    """Entries of menus, a story of a third of the page, teasers and a footer."""
    lines, length = [], 0
    while length < size // 3:
        lines.append(f"   * {title(chance, chance.randint(1, 4))}")
        length += len(lines[-1]) + 1
    lines += ["", f"By {title(chance, 2)}", "", *plain(chance, size // 3).split("\n")]
    while length < size * 2 // 3:
        lines += [title(chance, chance.randint(3, 9)), f"{chance.randint(1, 28)} May 2024", ""]
        length += len(lines[-3]) + 14
    return "\n".join([*lines, "© 2024 The Gazette", "Privacy policy"])


def word(chance: random.Random) -> str:
    """A word that is invented, or one that binds a sentence."""
    if chance.random() < 0.4:
        return chance.choice(FUNCTION)
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))


def title(chance: random.Random, words: int = 7) -> str:
    """Some words, the first letter of each a capital."""
    return " ".join(word(chance).capitalize() for _ in range(words))


def sentence(chance: random.Random) -> str:
    """Some words and a full stop."""
    return " ".join(word(chance) for _ in range(chance.randint(8, 20))).capitalize() + "."


def repeated(part: str) -> Callable[[int], str]:
    """Texts of one part over and over."""
    return lambda size: (part * (size // len(part) + 1))[:size]


GROWING: dict[str, Callable[[int], str]] = {
    "plain page": lambda size: plain(random.Random(2), size),
    "menu-heavy page": lambda size: with_menus(random.Random(3), size),
    "one letter": repeated("a"),
    "one space": repeated(" "),
    "blank lines": repeated("\n"),
    "one letter a line": repeated("a\n"),
    "open brackets": repeated("("),
    "nested marks": repeated("\"'([{«“*_-–—…·|"),
    "closing marks": repeated(".\"'”’»)] "),
    "figures": repeated("1.1/1-"),
    "dates": repeated("3 May 2024, "),
    "lines of dates": repeated("3 May 2024\n"),
    "heads alone": repeated("Low water at the quay\nBy Jo Park\n3 May 2024\n"),
    "bylines": repeated("By Jo Park and "),
    "lines of credentials": repeated("By Jo Park, MD, Ph.D., RN, FACP, Jr., BSc, MSc as told\n"),
    "lines of capitals": repeated("JO PARK, A.B.C, D.E.F, GH, IJ, KL, MN, OP, QR, ST, UV 3\n"),
    "references": repeated("&#7&#x7&amp"),
    "no-break spaces": repeated("\xa0\u200b "),
    "a script unspaced": repeated("港口"),
}


if __name__ == "__main__":
    main()
