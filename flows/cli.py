"""The `copydesk` command. Prefect is imported inside the commands that need it, not here."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from flows import duplicates_cli, index_cli, rejects_cli, report_cli, rules_cli
from flows.options import (
    GuardOption,
    LakeOption,
    LockWaitOption,
    RulesOption,
    WorkersOption,
    login_name,
)
from tasks.errors import CopydeskError, RulePackError, SettingError

FAILED, WRONG_USAGE = 1, 2

DAILY, RULES = "Ingest pages, and look at what came of it", "Say what is cut"
SERVICE, UPKEEP = "Run it every hour", "Look after a lake"
"""How the help groups the commands."""

app = typer.Typer(
    name="copydesk",
    help="Raw news pages in; one clean, scored, deduplicated article a row out, in Parquet.\n\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage.",
    epilog="Begin with `copydesk ingest SOURCE`; `copydesk explain PAGE` shows what it does to one "
    "page, and needs no lake. Each command's --help has examples.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from tasks import __version__
        from tasks.compiled import is_compiled

        print(f"copydesk {__version__}")
        if not is_compiled():
            print("not compiled: no C compiler at installation; results are the same, later")
        raise typer.Exit


@app.callback()
def copydesk(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """What holds for all commands: that the version may be asked for."""


@app.command(
    rich_help_panel=DAILY,
    epilog="Examples:\n\n"
    "  copydesk ingest seeds\n\n"
    "  copydesk ingest '/feeds/**/*.txt' wire.jsonl.gz --lake /srv/lake --workers 4\n\n"
    "  copydesk ingest archive --dedupe off --max-rejected 0.5\n\n"
    "  copydesk ingest --sources sources.toml --lake s3://news/lake --limit 50000",
)
def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE", help="Files, folders, s3:// and other addresses, or glob patterns."
        ),
    ] = None,
    lake: LakeOption = None,
    sources_file: Annotated[
        Path | None,
        typer.Option(
            "--sources",
            metavar="FILE",
            help="A TOML file with a [[source]] block each: where it is, name, zone, language …",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="PAGES",
            help="New pages to take on, oldest inputs first; the next run goes on from there.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only inputs last changed since then; UTC."),
    ] = None,
    dedupe: Annotated[
        str,
        typer.Option(
            metavar="near|exact|off",
            help="What is withheld as a copy: verified near-copies too, equal words only, nothing.",
        ),
    ] = "near",
    contained: Annotated[
        str,
        typer.Option(
            metavar="never|same-source|always",
            help="Where an excerpt counts as a copy of the longer article that holds it.",
        ),
    ] = "same-source",
    workers: WorkersOption = 0,
    engine: Annotated[
        str,
        typer.Option(
            metavar="local|dask", help="Who cuts: processes of this machine, or a Dask cluster's."
        ),
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of the Dask scheduler: tcp://HOST:8786."),
    ] = None,
    max_rejected: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Share of 20 or more new pages that may be rejected before nothing is published.",
        ),
    ] = 0.1,
    lock_wait: LockWaitOption = 600.0,
    guard: GuardOption = True,
    rules: RulesOption = None,
) -> None:
    """Cut, score and deduplicate the pages of SOURCE… and publish what is new to the lake."""
    from flows.console import run_ingest
    from flows.settings import IngestSettings, make_settings

    settings = make_settings(
        IngestSettings,
        sources=sources or [],
        sources_file=sources_file,
        limit=limit,
        since=since,
        lake=lake,
        dedupe=dedupe,
        contained=contained,
        workers=workers,
        engine=engine,
        scheduler=scheduler,
        max_rejected=max_rejected,
        lock_wait_seconds=lock_wait,
        guard=guard,
        rule_packs=rules or [],
    )
    run_ingest(settings)


@app.command(
    rich_help_panel=DAILY,
    epilog="Examples:\n\n"
    "  copydesk explain seeds/harbour-courier/coast-news.txt\n\n"
    "  copydesk explain wire.jsonl.gz#L17\n\n"
    "  copydesk explain page.html --html explained.html\n\n"
    "  curl -s … | copydesk explain - --json | jq 'select(.decision == \"cut\")'",
)
def explain(
    page: Annotated[
        str,
        typer.Argument(metavar="PAGE", help="A file, a record (FILE#L17), or - for stdin."),
    ],
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write it as one HTML page; - for stdout."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print JSON: an object a line, an article, and the page."),
    ] = False,
    rules: RulesOption = None,
) -> None:
    """Show one page line by line: kept, metadata, or cut, by which rule, and why. Needs no lake.

    Colours and strike-through are for terminals; elsewhere the output is plain.
    """
    from tasks.report.explain import explain_page

    if as_json and html is not None:
        message = "--json and --html: give one of them."
        raise SettingError(message)
    explain_page(page, tuple(rules or ()), html=html, as_json=as_json)


@app.command(
    rich_help_panel=UPKEEP,
    epilog="Example:\n\n"
    "  copydesk rebuild 3f0c…e1 > page.txt   # any unambiguous beginning will do",
)
def rebuild(
    page_id: Annotated[str, typer.Argument(metavar="PAGE_ID", help="From `pages.page_id`.")],
    lake: LakeOption = None,
) -> None:
    """Write a page to standard output, byte for byte as it was received."""
    from tasks.lake.layout import locate_lake
    from tasks.lake.restore import rebuild_page

    sys.stdout.buffer.write(rebuild_page(locate_lake(lake), page_id))


@app.command(
    rich_help_panel=RULES,
    epilog="Examples:\n\n"
    "  copydesk reprocess --dry-run --show 20\n\n"
    "  copydesk reprocess --source paper.example --since 2026-11-01\n\n"
    "  copydesk reprocess --all --source paper.example   # after `rules approve`",
)
def reprocess(
    lake: LakeOption = None,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="Only of this source: `pages.source`; repeatable."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only pages received on this day (UTC) or later."),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Also pages cut by today's rules: for lines learned or decided on since."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option(help="Show what would change, and change nothing.")
    ] = False,
    show: Annotated[int, typer.Option(min=0, help="How many differences to show.")] = 5,
    workers: WorkersOption = 0,
    lock_wait: LockWaitOption = 600.0,
    guard: GuardOption = True,
    rules: RulesOption = None,
) -> None:
    """Cut stored pages again with today's rules, and replace what changes.

    Verdicts that hung on a changed article are taken again; nothing is read from the sources.
    """
    from flows.console import run_reprocess
    from flows.settings import ReprocessSettings, make_settings

    settings = make_settings(
        ReprocessSettings,
        lake=lake,
        sources=source or [],
        since=since,
        every=every,
        dry_run=dry_run,
        workers=workers,
        lock_wait_seconds=lock_wait,
        guard=guard,
        rule_packs=rules or [],
    )
    run_reprocess(settings, show)


@app.command(
    rich_help_panel=UPKEEP,
    epilog="Examples:\n\n  copydesk maintain\n\n  copydesk maintain --keep-old 24",
)
def maintain(
    lake: LakeOption = None,
    keep_old: Annotated[
        int,
        typer.Option(
            min=0, metavar="HOURS", help="Keep replaced files for readers of older Delta versions."
        ),
    ] = 0,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Put a lake's small files together, remove what nobody reads, clear up after dead runs.

    For every night; safe beside an ingest. Today's partition is left alone.
    """
    from flows.console import run_maintain
    from flows.settings import MaintainSettings, make_settings

    settings = make_settings(
        MaintainSettings, lake=lake, keep_old_hours=keep_old, lock_wait_seconds=lock_wait
    )
    run_maintain(settings)


@app.command(
    rich_help_panel=UPKEEP,
    epilog="Examples:\n\n"
    "  copydesk forget --url https://paper.example/story --why 'the author asked' --dry-run\n\n"
    "  copydesk forget --article 3f0c91e2a4 --with-copies --why 'court order 12/26'\n\n"
    "  copydesk forget --source paper.example --why 'licence ended'",
)
def forget(
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason; `runs` keeps it.")],
    article: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="An article_id, or its beginning; repeatable."),
    ] = None,
    url: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A page's address; repeatable.")
    ] = None,
    source_uri: Annotated[
        list[str] | None,
        typer.Option(metavar="URI", help="Where a page was read, or a whole file; repeatable."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="All of a source: `pages.source`; repeatable."),
    ] = None,
    lake: LakeOption = None,
    with_copies: Annotated[
        bool,
        typer.Option(help="Forget withheld copies too; else one is published in its place."),
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be done.")] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who asks.", show_default="the login name"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask at a terminal.")] = False,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Take articles, pages or a whole source out of every table and file, for good.

    They are never ingested again: a list of hashes remembers them. There is no undo.
    """
    from tasks.report.takedown import take_down

    take_down(
        lake,
        articles=article or (),
        urls=url or (),
        source_uris=source_uri or (),
        sources=source or (),
        why=why,
        by=by or login_name(),
        with_copies=with_copies,
        dry_run=dry_run,
        ask=not yes,
        wait_seconds=lock_wait,
    )


@app.command(rich_help_panel=DAILY, epilog="Example:\n\n  copydesk runs --last 5")
def runs(
    lake: LakeOption = None,
    last: Annotated[int, typer.Option(min=1, help="How many runs to show.")] = 20,
) -> None:
    """List the runs of a lake, newest first, with their books."""
    from tasks.report.listing import list_runs

    list_runs(lake, last)


@app.command(
    rich_help_panel=DAILY,
    epilog="Examples:\n\n"
    '  copydesk sql "select title, words from articles order by words desc limit 5"\n\n'
    '  copydesk sql "select reason, count(*) from rejects group by all" --format csv',
)
def sql(
    query: Annotated[str, typer.Argument(help="SQL for DuckDB over the lake's tables.")],
    lake: LakeOption = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="table|csv|json", help="How to print the rows.")
    ] = "table",
) -> None:
    """Ask the lake's tables with DuckDB: articles, pages, duplicates, rejects, runs and others."""
    from tasks.report.listing import print_query

    print_query(lake, query, format_)


@app.command(rich_help_panel=SERVICE, epilog="Example:\n\n  copydesk ui --port 4300")
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 4200,
) -> None:
    """Serve the Prefect UI with the history of all runs, until Ctrl-C."""
    from flows.console import serve_ui

    serve_ui(port)


@app.command(
    rich_help_panel=SERVICE,
    epilog="Examples:\n\n"
    "  copydesk up '/feeds/**/*.txt' --lake /srv/lake\n\n"
    "  copydesk up --sources sources.toml --port 4300\n\n"
    "  copydesk up --database postgresql://prefect@127.0.0.1/prefect",
)
def up(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE", help="What the hourly ingest reads; as prefect.yaml says if none."
        ),
    ] = None,
    lake: LakeOption = None,
    sources_file: Annotated[
        Path | None,
        typer.Option("--sources", metavar="FILE", help="A TOML file with a [[source]] block each."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 4200,
    database: Annotated[
        str | None,
        typer.Option(
            envvar="PREFECT_SERVER_DATABASE_CONNECTION_URL",
            metavar="URL",
            help="PostgreSQL for Prefect's own history.",
            show_default="SQLite in PREFECT_HOME",
        ),
    ] = None,
) -> None:
    """Start a Prefect server, the deployments of ./prefect.yaml and a worker, on loopback."""
    from flows.service import bring_up

    bring_up(port, lake, sources or (), sources_file, database)


@app.command(rich_help_panel=SERVICE, epilog="Example:\n\n  copydesk down")
def down() -> None:
    """Stop what `copydesk up` started, and nothing else."""
    from flows.service import take_down

    take_down()


@app.command(rich_help_panel=SERVICE, epilog="Example:\n\n  copydesk status || copydesk up")
def status() -> None:
    """Tell whether `copydesk up` is up, and where; exit code 1 where it is not."""
    from flows.service import show_status

    if not show_status():
        raise typer.Exit(FAILED)


app.command(rich_help_panel=DAILY, epilog=report_cli.EXAMPLES)(report_cli.report)
app.command(rich_help_panel=DAILY, epilog=duplicates_cli.EXAMPLES)(duplicates_cli.duplicates)
app.command(rich_help_panel=UPKEEP, epilog=index_cli.EXAMPLE)(index_cli.reindex)
app.add_typer(rules_cli.app, rich_help_panel=RULES)
app.add_typer(rejects_cli.app, rich_help_panel=UPKEEP)


def main() -> NoReturn:
    """Run the command; turn our own errors into a message and an exit code."""
    try:
        app()
    except (SettingError, RulePackError) as error:
        _fail(error, WRONG_USAGE)
    except CopydeskError as error:
        _fail(error, FAILED)
    except BrokenPipeError:  # `copydesk sql … | head`
        sys.stderr.close()
        sys.exit(FAILED)
    sys.exit(0)


def _fail(error: Exception, code: int) -> NoReturn:
    print(f"copydesk: {error}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
