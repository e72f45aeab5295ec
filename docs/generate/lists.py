"""The page of closed lists: what a column of codes may hold."""

from typing import get_args

from generate.markdown import code, table
from tasks.read.encoding import ENCODINGS
from tasks.read.refs import ACCESS_REASONS, Reason
from tasks.text.page import LABELS

HEAD = """# Closed lists

What columns of codes may hold, from the code that writes them.
"""


def lists_page() -> str:
    """Labels of spans, reasons of rejects, encodings of pages."""
    reasons = [
        (
            code(one),
            "in the next run"
            if one in ACCESS_REASONS
            else "when it, the reader or the rules change",
        )
        for one in get_args(Reason)
    ]
    return "\n".join(
        [
            HEAD,
            "## Labels of spans\n",
            "In `pages.spans`: what a stretch of a page was taken for.\n",
            ", ".join(map(code, LABELS)) + ".\n",
            "## Reasons of rejects\n",
            "In `rejects.reason`.\n",
            *table(("reason", "is tried again"), reasons),
            "## Encodings\n",
            "In `pages.encoding`: the codec that turns the text back into the bytes.\n",
            ", ".join(map(code, ENCODINGS)) + ".",
        ]
    )
