#!/usr/bin/env python3
"""Fit the weights by which a page's title, date and authors are told, and say how they do.

    python benchmarks/fit_heads.py            fit on all publishers, and write the weights
    python benchmarks/fit_heads.py --cross    first cut each page with weights fitted on the others'

With ``--cross`` it prints what score.py would say of titles, dates and authors, each page cut with
weights that its publisher had no part in, and how many pages without got an author or a date.
Data: ``gold/pages.jsonl.gz`` (914 pages of the web-content-extraction-benchmark, CC-BY-4.0,
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
from tasks.text import describe, signatures, signs, titles
from tasks.text.boilerplate import best_stretch
from tasks.text.cut import cut
from tasks.text.layout import read_layout
from tasks.text.marks import Page, read_page
from tasks.text.page import Article, Given
from tasks.text.prose import Prose
from tasks.text.single import weigh_lines
from tasks.text.story import Story

ROOT = Path(__file__).parents[1]
STEPS, RATE, PENALTY = 400, 0.05, 0.6
FOLDS = 5
DATE_MARGIN, NAME_MARGIN = 0.5, 0.35
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
    def fold(self) -> int:
        """Which part of the publishers its own is in."""
        return fold_of(self.row)


def fold_of(row: dict[str, Any]) -> int:
    digest = hashlib.sha256(row["publisher"].encode()).hexdigest()
    return int(digest, 16) % FOLDS


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
    around = titles.look_around(page, view.start, view.kept, Prose(page))
    first = max(0, view.start - titles.HEAD_LINES)
    places = range(first, min(view.start + titles.FIRST_LINES, len(page.said)))
    return [
        (titles.describe(page, place, around), SCORE.plain(page.text(page.said[place])) == wanted)
        for place in around.able
        if place in places
    ]


def look(view: View) -> signs.Around | None:
    """The dates and names around the text, with the title that today's weights find, if any."""
    page, story, prose = view.page, Story(), Prose(view.page)
    place = titles.find_title(page, view.start, view.kept, Given(), prose)
    if place is not None:
        story.set(page.said[place], "title")
    stop = page.said.index(view.kept[-1]) + 1
    at = view.start if place is None else place
    return signs.look_for(page, story, view.start, stop, at, prose)


def date_choices(view: View) -> Choices | None:
    """The lines with a date; None where the page does not give the gold one."""
    around, row = look(view), view.row
    day = date.fromisoformat(row["date"]).toordinal() if row["date"] else None
    choices = [
        (describe.describe_date(view.page, place, around), day is not None and abs(at - day) <= 1)
        for place, at in (around.dates.items() if around else ())
    ]
    is_known = day is None or any(right for _, right in choices)
    return choices if is_known or SCORE.names_the_day(row["text"], row["date"]) else None


def name_choices(view: View) -> Choices | None:
    """The lines with names; None where no line that is read names the gold authors."""
    around, gold = look(view), SCORE.plains(view.row["authors"])
    choices = [
        (describe.describe_names(view.page, place, around), is_right(named(around, places), gold))
        for place, places in (around.groups.items() if around else ())
    ]
    return choices if not gold or any(right for _, right in choices) else None


def named(around: signs.Around, places: tuple[int, ...]) -> set[str]:
    found: set[str] = SCORE.plains([name for place in places for name in around.names[place]])
    return found


def is_right(names: set[str], gold: set[str]) -> bool:
    """Whether names are some of the gold ones, or all and more."""
    return bool(gold) and (names <= gold or names >= gold)


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


def write(path: Path, table: str, threshold: str, weights: dict[str, float], least: float) -> None:
    items = [f'"{name}": {value:.2f}' for name, value in weights.items()]
    lines = [", ".join(items[at : at + 4]) + "," for at in range(0, len(items), 4)]
    body = "".join(f"\n    {line}" for line in lines)
    text = path.read_text(encoding="utf-8")
    text = re.sub(rf"(?s)(^|\n)({table}: [^{{]*{{).*?\n}}", rf"\1\2{body}\n}}", text, count=1)
    text = re.sub(rf"\n{threshold} = .*", f"\n{threshold} = {least:.2f}", text, count=1)
    path.write_text(text, encoding="utf-8")


def fit_all(seen: list[View], out: int | None = None) -> None:
    """Fit weights on all views, or on those outside of one fold, and let the cutter use them."""
    for module, table, threshold, choose, margin in KINDS:
        pages = [choices for view in seen if view.fold != out and (choices := choose(view))]
        names = sorted({name for choices in pages for known, _ in choices for name in known})
        found, none = fit(pages, names)
        # dates and names are looked for around the title that the new weights find
        setattr(module, table, dict(zip(names, found.round(2).tolist(), strict=True)))
        setattr(module, threshold, round(none + margin, 2))


def judge(row: dict[str, Any], found: list[Article]) -> Iterator[tuple[str, bool]]:
    """What score.py asks of the article with the most of the gold text, and what is invented."""
    plain, plains = SCORE.plain, SCORE.plains
    best = max(found, key=lambda a: SCORE.overlap(a.text, row["gold_text"])[2], default=None)
    title, authors = (best.title, best.authors) if best else (None, ())
    day = best.published_at if best else None
    text, wanted = plain(row["text"]), [plain(name) for name in row["authors"] or ()]
    if row["title"] and plain(row["title"]) in map(plain, row["text"].split("\n")):
        yield "title", plain(title) == plain(row["title"])
    if row["date"] and SCORE.names_the_day(row["text"], row["date"]):
        yield "date", SCORE.near_day(day, row["date"])
    if wanted and all(name in text for name in wanted):
        yield "authors", plains(authors) == set(wanted)
    if not wanted:
        yield "authors invented", bool(authors)
    if not row["date"]:
        yield "date invented", day is not None


def cross(seen: list[View]) -> None:
    """Cut each page with weights fitted on other publishers' pages, and print how it went."""
    told: dict[str, list[bool]] = {}
    for fold in range(FOLDS):
        fit_all(seen, fold)
        for row in SCORE.rows("pages"):
            if fold_of(row) == fold:
                for name, is_so in judge(row, list(cut(row["text"], RULES).articles)):
                    told.setdefault(name, []).append(is_so)
    for name, values in sorted(told.items()):
        print(f"{name}: {np.mean(values):.4f} of {len(values)} pages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cross", action="store_true", help="say how other publishers' pages do")
    is_crossed = parser.parse_args().cross
    seen = list(views())
    if is_crossed:
        cross(seen)
    fit_all(seen)
    for module, table, threshold, _, _ in KINDS:
        weights, least = getattr(module, table), getattr(module, threshold)
        write(Path(module.__file__), table, threshold, weights, least)


KINDS: list[tuple[Any, str, str, Callable[[View], Choices | None], float]] = [
    (titles, "WEIGHTS", "LEAST_TITLE", title_choices, 0.0),
    (signatures, "DATE_WEIGHTS", "LEAST_DATE", date_choices, DATE_MARGIN),
    (signatures, "NAME_WEIGHTS", "LEAST_NAME", name_choices, NAME_MARGIN),
]


if __name__ == "__main__":
    main()
