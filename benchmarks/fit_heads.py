#!/usr/bin/env python3
"""Fit the weights by which a page's title, date and authors are told, and say how they do.

    python benchmarks/fit_heads.py            fit on 7 publishers of 10, and write the weights
    python benchmarks/fit_heads.py --all      fit on all of them, and write the weights

Prints the share of pages with the right line, among publishers fitted on and among those held
back. Data: ``gold/pages.jsonl.gz`` (914 pages of the web-content-extraction-benchmark, CC-BY-4.0,
and of fundus' parser tests, MIT). Each page is shown twice: with the text that the cutter finds in
it, and with the gold one. A page's lines, and none of them, are the choices of a conditional logit.
"""

import argparse
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import load_score

from tasks.rules.load import load_rules
from tasks.text import signatures, signs, titles
from tasks.text.boilerplate import best_stretch
from tasks.text.layout import read_layout
from tasks.text.marks import Page, read_page
from tasks.text.page import Given
from tasks.text.single import weigh_lines
from tasks.text.story import Story

ROOT = Path(__file__).parents[1]
STEPS, RATE, PENALTY = 400, 0.05, 0.6
DATE_MARGIN, NAME_MARGIN = 0.2, 0.5
"""Log-odds by which a date or a name must be likelier than none: inventing one is worse."""
SCORE: Any = load_score(Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared")))
RULES = load_rules()

Choices = list[tuple[dict[str, float], bool]]


@dataclass
class View:
    """A page with the place of its text."""

    row: dict[str, Any]
    page: Page
    kept: list[int]

    @property
    def start(self) -> int:
        """Place of the text's first line."""
        return self.page.said.index(self.kept[0])

    @property
    def is_held(self) -> bool:
        """Whether its publisher is one of those held back."""
        digest = hashlib.sha256(self.row["publisher"].encode()).hexdigest()
        return int(digest, 16) % 10 < 3


def views() -> Iterator[View]:
    """Each page without known layout, with its text as found and as it is."""
    for row in SCORE.rows("pages"):
        page = read_page(row["text"], RULES)
        if read_layout(page):
            continue
        stretch = best_stretch(page, weigh_lines(page, None))
        found = [index for index, is_kept in zip(page.said, stretch, strict=True) if is_kept]
        title = SCORE.plain(row["title"])
        main = set(row["main_lines"])
        gold = [i for i in page.said if i in main and SCORE.plain(page.text(i)) != title]
        yield from (View(row, page, kept) for kept in (found, gold) if kept)


def title_choices(view: View) -> Choices | None:
    """The lines that may be the title; None where the gold one is none of the page's lines."""
    page, wanted = view.page, SCORE.plain(view.row["title"])
    if wanted and wanted not in {SCORE.plain(page.text(i)) for i in page.said}:
        return None
    around = titles.look_around(page, view.start, view.kept, titles.common_words(page))
    first = max(0, view.start - titles.HEAD_LINES)
    places = range(first, min(view.start + titles.FIRST_LINES, len(page.said)))
    return [
        (titles.describe(page, place, around), SCORE.plain(page.text(page.said[place])) == wanted)
        for place in places
        if titles.may_be_title(page, page.said[place])
    ]


def look(view: View) -> signs.Around:
    """The dates and names around the text, with the title that today's weights find."""
    page, story, common = view.page, Story(), titles.common_words(view.page)
    place = titles.find_title(page, view.start, view.kept, Given(), common)
    if place is not None:
        story.set(page.said[place], "title")
    stop = page.said.index(view.kept[-1]) + 1
    at = view.start if place is None else place
    return signs.look_for(page, story, view.start, stop, at, common)


def date_choices(view: View) -> Choices | None:
    """The lines with a date; None where the page does not give the gold one."""
    around, row = look(view), view.row
    day = date.fromisoformat(row["date"]).toordinal() if row["date"] else None
    choices = [
        (signs.describe_date(view.page, place, around), day is not None and abs(at - day) <= 1)
        for place, at in around.dates.items()
    ]
    is_known = day is None or any(right for _, right in choices)
    return choices if is_known or SCORE.names_the_day(row["text"], row["date"]) else None


def name_choices(view: View) -> Choices | None:
    """The lines with names; None where no line that is read names the gold authors."""
    around, gold = look(view), SCORE.plains(view.row["authors"])
    choices = [
        (signs.describe_names(view.page, place, around), SCORE.plains(names) <= gold)
        for place, names in around.names.items()
    ]
    return choices if not gold or any(right for _, right in choices) else None


def fit(pages: list[Choices], names: list[str]) -> tuple[np.ndarray, float]:
    """Weights, and the worth of none, that make the right choices likeliest; by Adam."""
    pages = [choices for choices in pages if choices]
    rows = np.array([[float(known[name]) for name in names] for page in pages for known, _ in page])
    right = np.array([float(is_right) for page in pages for _, is_right in page])
    sizes = [len(page) for page in pages]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    of = np.repeat(np.arange(len(pages)), sizes)
    is_told = np.add.reduceat(right, first) > 0
    values, mean, square = (np.zeros(len(names) + 1) for _ in range(3))
    for step in range(1, STEPS + 1):
        worth = rows @ values[:-1]
        top = np.maximum(np.maximum.reduceat(worth, first), values[-1])
        odds, none = np.exp(worth - top[of]), np.exp(values[-1] - top)
        total = np.add.reduceat(odds, first) + none
        good = np.maximum(np.add.reduceat(odds * right, first), 1e-300)
        pull = odds / total[of] - np.where(is_told[of], odds * right / good[of], 0.0)
        slope = rows.T @ pull + 2 * PENALTY * values[:-1]
        slope = np.append(slope, np.sum(none / total - ~is_told))
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        rate = RATE * (1 if step < 0.6 * STEPS else 0.3 if step < 0.85 * STEPS else 0.1)
        move = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-9)
        values = values - rate * move
    return values[:-1], float(values[-1])


def share_right(pages: list[Choices], weights: dict[str, float], least: float) -> float:
    """Share of the pages with a right line whose best line is right."""
    hits = []
    for choices in pages:
        if any(right for _, right in choices):
            worth = [sum(weights[name] * known[name] for name in weights) for known, _ in choices]
            best = int(np.argmax(worth))
            hits.append(worth[best] > least and choices[best][1])
    return float(np.mean(hits))


def write(path: Path, table: str, threshold: str, weights: dict[str, float], least: float) -> None:
    items = [f'"{name}": {value:.2f}' for name, value in weights.items()]
    lines = [", ".join(items[at : at + 4]) + "," for at in range(0, len(items), 4)]
    body = "".join(f"\n    {line}" for line in lines)
    text = path.read_text(encoding="utf-8")
    text = re.sub(rf"(?s)(^|\n)({table}: [^{{]*{{).*?\n}}", rf"\1\2{body}\n}}", text, count=1)
    text = re.sub(rf"\n{threshold} = .*", f"\n{threshold} = {least:.2f}", text, count=1)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="fit on the held publishers too")
    is_all = parser.parse_args().all
    seen = list(views())
    kinds: list[tuple[Any, str, str, Callable[[View], Choices | None], float]] = [
        (titles, "WEIGHTS", "LEAST_TITLE", title_choices, 0.0),
        (signatures, "DATE_WEIGHTS", "LEAST_DATE", date_choices, DATE_MARGIN),
        (signatures, "NAME_WEIGHTS", "LEAST_NAME", name_choices, NAME_MARGIN),
    ]
    for module, table, threshold, choose, margin in kinds:
        pages = [(view.is_held, choices) for view in seen if (choices := choose(view))]
        names = sorted(pages[0][1][0][0])
        found, none = fit([choices for held, choices in pages if is_all or not held], names)
        weights, least = dict(zip(names, found.tolist(), strict=True)), none + margin
        for label, is_held in (("fitted on", False), ("held back", True)):
            part = [choices for held, choices in pages if held == is_held]
            print(f"{table} {label}: {share_right(part, weights, least):.3f}")
        write(Path(module.__file__), table, threshold, weights, least)
        # dates and names are looked for around the title that the new weights find
        setattr(module, table, weights)
        setattr(module, threshold, least)


if __name__ == "__main__":
    main()
