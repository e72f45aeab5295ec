"""`copydesk rejects`: what could not be worked, why, and what becomes of it."""

from typing import Annotated

import typer

from flows.options import LakeOption, LockWaitOption, WorkersOption, login_name

app = typer.Typer(
    name="rejects",
    help="Inputs and records that could not be worked: look at them, try them again, let them be.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="As `rejects list` has it; a beginning will do."),
]
ReasonOption = Annotated[
    str | None, typer.Option(metavar="REASON", help="All that are open for this reason.")
]
AllOption = Annotated[bool, typer.Option("--all", help="All that are open.")]


@app.command(
    "list",
    epilog="Examples:\n\n  copydesk rejects list\n\n"
    "  copydesk rejects list --reason undecodable --last 500",
)
def list_(
    lake: LakeOption = None,
    reason: Annotated[
        str | None, typer.Option(metavar="REASON", help="For this reason only.")
    ] = None,
    discarded: Annotated[
        bool, typer.Option(help="Those that somebody discarded, in place of the open ones.")
    ] = False,
    last: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
) -> None:
    """List what could not be worked, with the reason, the place and how often it was tried."""
    from tasks.lake.layout import locate_lake
    from tasks.report.rejects import list_rejects

    list_rejects(locate_lake(lake), reason, discarded, last)


@app.command(epilog="Example:\n\n  copydesk rejects show 3f0c91e2a4b7")
def show(
    reject: Annotated[str, typer.Argument(metavar="ID", help="As `rejects list` has it.")],
    lake: LakeOption = None,
) -> None:
    """Show one reject: where, why, its first bytes, its runs, and when it is tried again."""
    from tasks.lake.layout import locate_lake
    from tasks.report.rejects import show_reject

    show_reject(locate_lake(lake), reject)


@app.command(
    epilog="Examples:\n\n  copydesk rejects replay 3f0c91e2a4b7\n\n"
    "  copydesk rejects replay --reason timeout\n\n  copydesk rejects replay --all"
)
def replay(
    ids: IdsArgument = None,
    reason: ReasonOption = None,
    every: AllOption = False,
    lake: LakeOption = None,
    workers: WorkersOption = 0,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Try rejects again now, in a run of their own; those that go through leave the list."""
    from flows.console import run_ingest
    from flows.settings import IngestSettings, make_settings
    from tasks.lake.layout import locate_lake
    from tasks.report.rejects import choose_rejects
    from tasks.work.replay import places_to_read

    place = locate_lake(lake)
    chosen = choose_rejects(place, ids or (), reason, every=every)
    there, missing = places_to_read(chosen)
    for uri in missing:
        print(f"Not there any more: {uri}")
    if not there:
        print("Nothing to try again.")
        return
    settings = make_settings(
        IngestSettings,
        sources=there,
        lake=lake,
        workers=workers,
        lock_wait_seconds=lock_wait,
        replay=[row["reject_id"] for row in chosen],
    )
    run_ingest(settings)


@app.command(
    epilog="Examples:\n\n  copydesk rejects discard 3f0c91e2a4b7\n\n"
    "  copydesk rejects discard --reason empty --by lena"
)
def discard(
    ids: IdsArgument = None,
    reason: ReasonOption = None,
    every: AllOption = False,
    lake: LakeOption = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who decides.", show_default="the login name"),
    ] = None,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Say that rejects need no further try. They stay in the table, and are not listed."""
    from tasks.lake.layout import locate_lake
    from tasks.report.rejects import choose_rejects
    from tasks.work.discard import discard_rejects

    place = locate_lake(lake)
    chosen = [row["reject_id"] for row in choose_rejects(place, ids or (), reason, every=every)]
    if chosen:
        discard_rejects(place, chosen, by or login_name(), lock_wait)
    print(f"Discarded {len(chosen)} rejects.")
