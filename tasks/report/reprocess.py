"""What a reprocess did, or would do: counts and differences, for a terminal and a run's page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from tasks.lake.runs import Run
from tasks.work.recut import Recut

MOST_DIFFS = 200
"""Differences that a run's page and the terminal can show."""

_STYLES = {"-": "red", "+": "green"}


@dataclass(frozen=True, slots=True)
class Reprocessed:
    """The outcome of a reprocess."""

    run_id: str
    lake: str
    is_dry: bool
    counts: dict[str, int]
    diffs: tuple[Mapping[str, Any], ...]
    """``article_id source_uri title lines``; not all, where there are many."""

    @classmethod
    def of(
        cls, run: Run, shards: Sequence[Recut], counts: Mapping[str, int] | None
    ) -> "Reprocessed":
        """From the shards, and the counts of what was published; None in a dry run."""
        total = Counter(dict(counts or {}))
        if counts is None:
            for shard in shards:
                total.update(shard.counts)
        diffs: list[Mapping[str, Any]] = []
        for shard in shards:
            diffs += shard.diffs[: MOST_DIFFS - len(diffs)]
        return cls(run.run_id, str(run.lake), counts is None, dict(total), tuple(diffs))


def summary_lines(done: Reprocessed) -> list[str]:
    """The outcome in a few lines."""
    count = done.counts.get
    would = "would change" if done.is_dry else "changed"
    lines = [
        f"{count('pages_examined', 0):,} pages cut again; {count('pages_changed', 0):,} {would}.",
        f"Articles: {count('articles_changed', 0):,} {would}, "
        f"{count('articles_added', 0):,} more, {count('articles_removed', 0):,} fewer.",
    ]
    if not done.is_dry and count("pages_changed", 0):
        lines.append(
            f"Of these pages {count('articles_published', 0):,} articles are published now "
            f"({count('articles_released', 0):,} copies in the place of one that is gone), "
            f"{count('articles_withheld', 0):,} withheld."
        )
    if left := count("pages_left_alone", 0):
        lines.append(f"{left:,} pages were rewritten by somebody else meanwhile: left alone.")
    if slow := count("pages_timeout", 0):
        lines.append(f"{slow:,} pages took too long: left as they are.")
    return lines


def print_reprocessed(done: Reprocessed, show: int) -> None:
    """Print the outcome and some differences: what goes in red, what comes in green."""
    console = Console(highlight=False, soft_wrap=True)
    for one in done.diffs[:show]:
        console.print(
            f"{one['article_id'][:12]}  {one['title'] or one['source_uri']}", markup=False
        )
        for line in one["lines"]:
            console.print(Text(f"    {line}", _STYLES.get(line[:1], "dim")))
    hidden = sum(
        done.counts.get(name, 0)
        for name in ("articles_changed", "articles_added", "articles_removed")
    ) - min(show, len(done.diffs))
    if hidden > 0:
        console.print(f"… and {hidden:,} more articles; --show N shows others of them.")
    for line in summary_lines(done):
        console.print(line, markup=False)


def reprocess_markdown(done: Reprocessed) -> str:
    """The outcome for the run's page."""
    lines = ["\n".join(f"- {line}" for line in summary_lines(done)), ""]
    for one in done.diffs[:MOST_DIFFS]:
        shown = "\n".join(one["lines"]).replace("```", "'''")
        lines += [f"**{one['title'] or one['source_uri']}**", "", f"```diff\n{shown}\n```", ""]
    return "\n".join(lines)
