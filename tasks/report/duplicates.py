"""Copies and revisions beside what they were verified against, for a person or a program."""

import dataclasses
import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from tasks.dedupe.verdicts import Verdict, judge
from tasks.lake.layout import Lake
from tasks.lake.pairs import Pair, find_groups, find_pairs
from tasks.report.listing import print_table
from tasks.report.shown import visible
from tasks.report.side_by_side import find_differences, put_side_by_side

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""
PAIRS_SHOWN = 5
"""Of a group; the others are listed."""


def list_groups(lake: Lake, limit: int, *, as_json: bool = False) -> None:
    """Print the published articles that have most copies, most first.

    Raises:
        LakeError: where there is no lake, or a newer one.
    """
    groups = find_groups(lake, limit)
    if as_json:
        for group in groups:
            _print_json(dataclasses.asdict(group))
        return
    if not groups:
        print("No article is withheld in this lake.")
        return
    rows = [
        [
            group.copies,
            ", ".join(f"{kind} {count}" for kind, count in group.kinds.items()),
            f"{group.least_jaccard:.2f}",
            group.kept_article_id,
            visible(group.kept_source_uri),
        ]
        for group in groups
    ]
    print_table(["copies", "kinds", "least Jaccard", "kept", "read at"], rows)


def show_article(lake: Lake, article: str, *, as_json: bool = False) -> None:
    """Print the pairs that an article is in: both texts side by side, and the measures.

    Args:
        lake: Where it is.
        article: Its id, or an unambiguous beginning of it.
        as_json: Print an object a pair, one a line.

    Raises:
        SettingError: where no article, or several, have that id, or it is in no pair.
        LakeError: where there is no lake, or a newer one.
    """
    pairs = find_pairs(lake, article)
    if as_json:
        for pair in pairs:
            _print_json(_as_json(pair))
        return
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH, no_color=True)
    for pair in pairs[:PAIRS_SHOWN]:
        _print_pair(console, pair)
    for pair in pairs[PAIRS_SHOWN:]:
        console.print(f"{_measures(pair)}: {pair.copy['article_id']}", markup=False)
    if rest := pairs[PAIRS_SHOWN:]:
        console.print(f"{len(rest)} more: `copydesk duplicates ID` shows each.", markup=False)


def _print_pair(console: Console, pair: Pair) -> None:
    verdict = judge(pair.copy["text"], pair.kept["text"])
    console.print(_headline(pair), style="bold", markup=False)
    console.print(f"  {_measures(pair, verdict)}; {verdict.reason}", markup=False)
    names = ("older", "newer") if pair.kind == "revision" else ("withheld", "kept")
    for name, article in zip(names, (pair.copy, pair.kept), strict=True):
        for line in _facts(name, article):
            console.print(f"  {visible(line)}", markup=False, soft_wrap=True)
    texts = pair.copy["text"], pair.kept["text"]
    console.print(put_side_by_side(*texts, names, colour=console.is_terminal))


def _headline(pair: Pair) -> str:
    if pair.kind == "revision":
        return "revision: both are published, the newer supersedes the older"
    return f"{pair.kind}: withheld as a copy of the kept article"


def _measures(pair: Pair, verdict: Verdict | None = None) -> str:
    found = verdict or judge(pair.copy["text"], pair.kept["text"])
    jaccard = found.jaccard if pair.jaccard is None else pair.jaccard
    containment = found.containment if pair.containment is None else pair.containment
    return f"Jaccard {jaccard:.3f}, containment {containment:.3f}"


def _facts(name: str, article: dict[str, Any]) -> Iterator[str]:
    date = article["published_at"]
    told = [
        article["title"] or "(no title)",
        article["source"],
        f"{date:%Y-%m-%d %H:%M} UTC" if date else "no date",
        f"{article['words']:,} words",
        *article["quality_flags"],
    ]
    yield f"{name:<8} {article['article_id']}  {article['source_uri']}"
    yield f"{'':<8} {' · '.join(told)}"


def _as_json(pair: Pair) -> dict[str, Any]:
    verdict = judge(pair.copy["text"], pair.kept["text"])
    differences = find_differences(pair.copy["text"], pair.kept["text"])
    return {
        "kind": pair.kind,
        "jaccard": verdict.jaccard if pair.jaccard is None else pair.jaccard,
        "containment": verdict.containment if pair.containment is None else pair.containment,
        "reason": verdict.reason,
        "copy": pair.copy,
        "kept": pair.kept,
        "differences": [{"copy": one.left, "kept": one.right} for one in differences],
    }


def _print_json(told: dict[str, Any]) -> None:
    line = json.dumps(told, ensure_ascii=False, default=str)
    sys.stdout.buffer.write(f"{line}\n".encode())
