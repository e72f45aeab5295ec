"""What a person sees of a run: a bar on a terminal, plain lines elsewhere, and the summary."""

import sys
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tasks.read.uris import path_to_uri
from tasks.report.shown import visible
from tasks.report.summary import Summary, books_lines, top_rules

TOP_RULES = 12


class TerminalProgress:
    """Progress on standard error: a bar where that is a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar: Progress | None = None
        self._pages = self._done = self._told = 0

    def __enter__(self) -> "TerminalProgress":
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("…", total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, message: str) -> None:
        """Show what is being done."""
        if self._bar is None:
            print(message, file=sys.stderr, flush=True)
        else:
            self._bar.update(self._task, description=message)

    def warn(self, message: str) -> None:
        """Show what happened, and leave it there."""
        self._console.print(visible(message), soft_wrap=True, markup=False, highlight=False)

    def begin(self, pages: int) -> None:
        """Cutting begins."""
        self._pages = pages
        self.say(f"Cutting {pages:,} pages …")
        if self._bar is not None:
            self._bar.update(self._task, total=pages, completed=0)

    def advance(self, pages: int) -> None:
        """So many more pages are cut; a plain line at each tenth of them."""
        self._done += pages
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
        elif self._done - self._told >= self._pages / 10:
            self._told = self._done
            print(f"  {self._done:,} of {self._pages:,} pages", file=sys.stderr, flush=True)


def print_summary(summary: Summary) -> None:
    """Print what a run did, to standard output."""
    out = Console(highlight=False, soft_wrap=True)
    if summary.state == "nothing-new":
        is_empty = not summary.counts.get("pages_in", 0)
        why = "No page was found there" if is_empty else "Every page was seen before"
        out.print(f"[bold]Nothing new.[/bold] {why}; only `runs` has a new row.")
    for line in books_lines(summary.counts):
        out.print(line)
    for note in summary.notes:
        out.print(note, markup=False)
    _print_examples(out, summary)
    if summary.rules:
        out.print("\n[bold]cut by rule[/bold] (lines)")
        for rule, lines in top_rules(summary.rules)[:TOP_RULES]:
            out.print(f"  {lines:>8,}  {rule}", markup=False)
        if len(summary.rules) > TOP_RULES:
            out.print(f"            and {len(summary.rules) - TOP_RULES} more rules")
    out.print(f"\n[bold]lake[/bold] {summary.lake}")
    out.print("  " + " · ".join(f"{name} {rows:,}" for name, rows in summary.rows.items()))
    if summary.report is not None:
        out.print(f"\n[bold]report[/bold] {summary.report}")
    out.print(f"\nrun {summary.run_id}: see it with `copydesk ui`; look inside the tables with")
    out.print('  copydesk sql "select title, language, words from articles"', markup=False)


def short_uri(uri: str) -> str:
    """A URI as a person reads it: below the working directory as a path, else as it is."""
    here = f"{path_to_uri(Path.cwd())}/"
    return unquote(uri.removeprefix(here)) if uri.startswith(here) else uri


def _print_examples(out: Console, summary: Summary) -> None:
    if summary.rejects:
        out.print("\n[bold]rejected[/bold]")
        for one in summary.rejects:
            page = short_uri(one["source_uri"])
            out.print(f"  {one['reason']}: {page}: {one['detail']}", markup=False)
    if summary.duplicates:
        out.print("\n[bold]withheld[/bold]")
        for one in summary.duplicates:
            measures = f"Jaccard {one['jaccard']:.2f}, containment {one['containment']:.2f}"
            title = one["title"] or "(no title)"
            out.print(f"  {one['kind']}: {short_uri(one['source_uri'])}: {title}", markup=False)
            out.print(f"    copy of {short_uri(one['kept_source_uri'])} ({measures})", markup=False)
