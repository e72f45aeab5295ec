"""`copydesk rules`: what was learned, a person's word on it, and what the packs are worth."""

from pathlib import Path
from typing import Annotated

import typer

from flows.options import RULES_VARIABLE, LakeOption, LockWaitOption, RulesOption, login_name

app = typer.Typer(
    name="rules",
    help="What cuts boilerplate: rule packs, to write, check and try; and lines that a source's "
    "pages taught.",
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
    "  copydesk rules new\n\n"
    "  copydesk rules new --pack mine.toml --remove 'Listen to our podcast' "
    "--remove 'LISTEN TO THE PODCAST »' --keep 'Listen to the podcast, she said.' --yes"
)
def new(
    pack: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, help="The pack that it goes to, at its end; may be new."
        ),
    ] = Path("rules.toml"),
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="LINE", help="A line that it must cut; repeatable."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="LINE", help="One that looks like it and must stay; repeatable."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Its id.", show_default="of the pack's name and the line"),
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why such a line is no part of a story.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Of the lines, such as de: ends the id.")
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="Take this RE2 pattern, and propose none."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it without asking.")] = False,
    rules: RulesOption = None,
) -> None:
    """Write a rule from a line to remove and a line to keep; asks for what is not given.

    Shows the rule and what it matches first. A pack is only added to. Exit code 2 where no pattern
    does what the lines ask.
    """
    from tasks.report.rules_new import Wanted, make_rule

    wanted = Wanted(pack, tuple(remove or ()), tuple(keep or ()), name, why, language, match)
    make_rule(wanted, rules or [], is_sure=yes)


@app.command(
    "try",
    epilog="Examples:\n\n"
    "  copydesk rules try mine.toml seeds\n\n"
    "  copydesk rules try mine.toml 'feeds/valley/**/*.jsonl.gz' --show 20\n\n"
    "  copydesk rules try mine.toml valleywire.example --lake /srv/lake",
)
def try_(
    pack: Annotated[
        Path, typer.Argument(metavar="PACK", help="The rule pack (TOML) to try.", dir_okay=False)
    ],
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Files, folders, addresses or patterns; or a source of the lake: `pages.source`.",
        ),
    ],
    lake: LakeOption = None,
    pages: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="Pages of each SOURCE at most.")
    ] = 2_000,
    show: Annotated[
        int, typer.Option(min=0, metavar="LINES", help="Changed lines of each rule to show.")
    ] = 5,
    rules: RulesOption = None,
) -> None:
    """Show what a rule pack would change on real pages, line by line. Writes nothing."""
    from tasks.lake.layout import locate_lake
    from tasks.report.rules_try import try_pack

    try_pack(pack, rules or [], sources, locate_lake(lake), pages, show)


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
            envvar=RULES_VARIABLE,
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
    """Run the packs' examples; show what they cost, shadowed rules, and what each changes on pages.

    Exit code 1 where a pack cannot be used or an example fails.
    """
    from tasks.report.rules import check_rules

    check_rules(packs or [], pages)
