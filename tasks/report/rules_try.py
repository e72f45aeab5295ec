"""What `copydesk rules try` prints: what a pack would change on real pages, line by line."""

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tasks.lake.layout import Lake
from tasks.report.listing import print_table
from tasks.report.shown import visible
from tasks.report.terminal import short_uri
from tasks.rules.trial import Change, Outcome, Trial
from tasks.text.page import Span
from tasks.work.sample import Sampled, sample_pages

_SHOWN = 160
"""Characters of a line."""


def try_pack(
    pack: Path, packs: Sequence[Path], sources: Sequence[str], lake: Lake, limit: int, show: int
) -> None:
    """Cut pages without a pack and with it, and print what differs. Nothing is written.

    Args:
        pack: What is tried.
        packs: Packs that are in use already.
        sources: Files, folders, addresses, patterns, or sources of the lake.
        lake: Where sources are looked up.
        limit: Pages of each at most.
        show: Changed lines of each rule to print.

    Raises:
        RulePackError: where a pack cannot be used.
        SettingError: where a source names nothing.
    """
    trial = Trial(pack, packs)
    for sampled in _each_in_turn([sample_pages(one, lake, limit) for one in sources]):
        page = sampled.page
        declared = () if page.declared is None else page.declared.rules
        trial.add(page.source_uri, page.text, page.given, declared, sampled.learned)
    _print(trial.outcome, pack, sources, show)


def _each_in_turn(samples: Sequence[Iterator[Sampled]]) -> Iterator[Sampled]:
    """A page of each source, then the next of each: so the lines shown are not all of one."""
    turns = chain.from_iterable(zip_longest(*samples))
    return (one for one in turns if one is not None)


def _print(outcome: Outcome, pack: Path, sources: Sequence[str], show: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    where = ", ".join(sources)
    console.print(
        f"{pack} on {outcome.pages:,} pages of {where}; nothing is written.", markup=False
    )
    print_table(
        ["rule", "lines matched", "on pages", "cut by it", "cut already", "left alone"],
        [
            [rule_id, one.matched, one.pages, one.cut, one.already, one.spared]
            for rule_id, one in outcome.rules.items()
        ],
    )
    for rule_id, one in outcome.rules.items():
        _print_changes(console, f"{rule_id} cuts", one.changes, one.cut, show)
    what = "Other lines that change with them"
    _print_changes(console, what, outcome.other_changes, outcome.others, show)
    console.print()
    for line in _sum_up(outcome):
        console.print(line, markup=False)


def _print_changes(
    console: Console, head: str, changes: Sequence[Change], count: int, show: int
) -> None:
    if not changes or not show:
        return
    console.print(Text(f"\n{head}:", "bold"))
    for change in changes[:show]:
        place = f"{short_uri(change.source_uri)}, line {change.number}"
        console.print(f"  {place}: {_told(change.before)} → {_told(change.after)}", markup=False)
        sign, style = ("-", "red") if change.after.label == "boilerplate" else ("+", "green")
        for mark, text, colour in (
            (" ", change.above, "dim"),
            (sign, change.text, style),
            (" ", change.below, "dim"),
        ):
            if text:
                console.print(Text(f"    {mark} {_short(text)}", colour))
    if count > show:
        console.print(f"  … and {count - show:,} more lines; --show N shows others of them.")


def _told(span: Span) -> str:
    """A label, and what decided it."""
    return span.label if span.rule is None else f"{span.label} ({span.rule})"


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _sum_up(outcome: Outcome) -> Iterator[str]:
    yield (
        f"{outcome.changed_pages:,} of {outcome.pages:,} pages would change; articles: "
        f"{outcome.articles_changed:,} otherwise, {outcome.articles_added:,} more, "
        f"{outcome.articles_removed:,} fewer."
    )
    if unmatched := [rule_id for rule_id, one in outcome.rules.items() if not one.matched]:
        yield f"No line here is matched by {', '.join(unmatched)}."
    if idle := [i for i, one in outcome.rules.items() if one.matched and not one.cut]:
        yield f"Matches lines and cuts none that was not cut already: {', '.join(idle)}."
