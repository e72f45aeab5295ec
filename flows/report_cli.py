"""`copydesk report`: what came of a run, as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from flows.options import LakeOption

EXAMPLES = (
    "Examples:\n\n"
    "  copydesk report --open\n\n"
    "  copydesk report 3f0c91e2   # any unambiguous beginning of a run's id will do\n\n"
    "  copydesk report 3f0c91e2 --output tuesday.html"
)


def report(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="`run_id` of an ingest or a reprocess; without it the newest.",
            show_default=False,
        ),
    ] = None,
    lake: LakeOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write it.",
            show_default="_copydesk/reports/RUN.html in the lake",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
) -> None:
    """Write the report of a run: one HTML file to look at, which asks the network for nothing.

    Its books as a flow, trends, lengths, readability, sources, what rules cut, copies side by side.
    """
    from tasks.lake.layout import locate_lake
    from tasks.report.html.command import make_report

    make_report(locate_lake(lake), run, output, show=show)
