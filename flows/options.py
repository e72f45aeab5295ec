"""Options that several commands have."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

RULES_VARIABLE = "COPYDESK_RULES"
"""Rule packs of all commands and runs that are told no others, parted like PATH."""

LakeOption = Annotated[
    str | None,
    typer.Option(
        "--lake",
        envvar="COPYDESK_LAKE",
        metavar="DIR",
        help="Folder of the lake, or s3://BUCKET/PREFIX.",
        show_default="data/lake",
    ),
]

WorkersOption = Annotated[
    int, typer.Option(min=0, max=64, help="Worker processes; 0 is one a core.")
]

LockWaitOption = Annotated[
    float, typer.Option(min=0, help="Seconds to wait for another writer of the lake.")
]

GuardOption = Annotated[
    bool, typer.Option(help="Stop where one kept article would swallow too many others.")
]

RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        envvar=RULES_VARIABLE,
        metavar="PACK",
        help="A further rule pack (TOML); repeatable. Several in the variable are parted by "
        f"'{os.pathsep}'.",
    ),
]


def login_name() -> str:
    """Who sits at the terminal; a container's user may have no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
