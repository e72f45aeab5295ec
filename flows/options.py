"""Options that several commands have."""

from typing import Annotated

import typer

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
