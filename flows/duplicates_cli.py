"""`copydesk duplicates`: what was withheld, side by side with what it is a copy of."""

from typing import Annotated

import typer

from flows.options import LakeOption

EXAMPLES = (
    "Examples:\n\n"
    "  copydesk duplicates\n\n"
    "  copydesk duplicates 3f0c91e2   # any unambiguous beginning will do\n\n"
    "  copydesk duplicates 3f0c91e2 --json | jq .differences"
)


def duplicates(
    article: Annotated[
        str | None,
        typer.Argument(
            metavar="ARTICLE",
            help="`article_id` of one withheld, one that has copies, or a revision; without it the "
            "largest groups are listed.",
            show_default=False,
        ),
    ] = None,
    lake: LakeOption = None,
    largest: Annotated[int, typer.Option("--largest", min=1, help="How many groups to list.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: an object a pair, or a group.")
    ] = False,
) -> None:
    """Show an article beside its copies: both texts, what differs, and the measures.

    What differs is in colour on a terminal; elsewhere it stands between [- -] and {+ +}.
    """
    from tasks.lake.layout import locate_lake
    from tasks.report.duplicates import list_groups, show_article

    if article is None:
        list_groups(locate_lake(lake), largest, as_json=as_json)
    else:
        show_article(locate_lake(lake), article, as_json=as_json)
