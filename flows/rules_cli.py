"""`copydesk rules`: what was learned, a person's word on it, and what the packs are worth."""

from pathlib import Path
from typing import Annotated

import typer

from flows.options import LakeOption, LockWaitOption, login_name

app = typer.Typer(
    name="rules",
    help="What cuts boilerplate: lines that a source's pages taught, and rule packs.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

IdArgument = Annotated[
    str,
    typer.Argument(metavar="ID", help="As `rules learned` and a page's spans have it."),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who decides.", show_default="the login name"),
]


@app.command(
    epilog="Examples:\n\n"
    "  copydesk rules learned\n\n"
    "  copydesk rules learned --source valleywire.example --state active"
)
def learned(
    lake: LakeOption = None,
    source: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="Of this source only: `pages.source`.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            metavar="proposed|active|revoked|seen|all",
            help="In this state only; `seen` is on too few pages to be proposed.",
            show_default="proposed, active and revoked",
        ),
    ] = None,
) -> None:
    """List the lines that sources' pages taught: on how many pages, where, and an example.

    A line is proposed from 5 pages, and becomes active (is cut, from the next run on) by itself
    from 10 pages and half of its source's.
    """
    from tasks.lake.layout import locate_lake
    from tasks.report.learned import list_learned

    list_learned(locate_lake(lake), source, state)


@app.command(epilog="Example:\n\n  copydesk rules approve learned.valleywire.example.3f0c91e2")
def approve(
    rule_id: IdArgument,
    lake: LakeOption = None,
    by: ByOption = None,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Have a learned line cut from the next run on, on whatever share of pages it stands.

    On fewer than 5 pages of its source it is not cut yet, even so.
    """
    from tasks.lake.layout import locate_lake
    from tasks.lake.learn import MIN_PROPOSED
    from tasks.work.judge import judge_template

    judged = judge_template(locate_lake(lake), rule_id, "active", by or login_name(), lock_wait)
    line = judged.template["example"] or judged.template["template"]
    print(f"Cut from the next run on: {line}")
    if (pages := judged.template["pages"]) < MIN_PROPOSED:
        print(f"Once it was seen on {MIN_PROPOSED} pages; so far on {pages}.")


@app.command(epilog="Example:\n\n  copydesk rules revoke learned.valleywire.example.3f0c91e2")
def revoke(
    rule_id: IdArgument,
    lake: LakeOption = None,
    by: ByOption = None,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Have a learned line left alone from the next run on, however often it is seen."""
    from tasks.lake.layout import locate_lake
    from tasks.work.judge import judge_template

    judged = judge_template(locate_lake(lake), rule_id, "revoked", by or login_name(), lock_wait)
    line = judged.template["example"] or judged.template["template"]
    print(f"Left alone from the next run on: {line}")


@app.command(
    epilog="Examples:\n\n"
    "  copydesk rules check\n\n"
    "  copydesk rules check house.toml --pages seeds/harbour-courier"
)
def check(
    packs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PACK",
            help="Rule packs (TOML) to check beside our own.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option(
            "--pages",
            metavar="FOLDER",
            help="Pages on which to show what each rule changes; a file will do.",
            exists=True,
        ),
    ] = None,
) -> None:
    """Run the packs' examples; show rules that others shadow, and what each changes on pages.

    Exit code 1 where a pack cannot be used or an example fails.
    """
    from tasks.report.rules import check_rules

    check_rules(packs or [], pages)
