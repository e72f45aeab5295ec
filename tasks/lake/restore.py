"""Give a page back as it was received."""

import pyarrow.compute as pc

from tasks.errors import LakeError, SettingError
from tasks.lake.layout import Lake
from tasks.lake.tables import dataset
from tasks.read.encoding import rebuild_bytes
from tasks.text.page import Span, rebuild
from tasks.text.redact import REDACTED_RULE


def rebuild_page(lake: Lake, page_id: str) -> bytes:
    """A page's bytes, put together from its spans, its encoding and, where it has them, its bytes.

    Args:
        lake: Where the page is.
        page_id: The whole id, or a beginning of 8 or more characters that no other page has.

    Raises:
        SettingError: where no page, or pages of different bytes, have that id, or where an
            article of the page was forgotten.
        LakeError: where the spans do not cover the text: the lake is damaged.
    """
    if len(page_id) < 8:
        message = f"{page_id!r}: too short. Give 8 or more characters of pages.page_id."
        raise SettingError(message)
    columns = ["page_id", "text", "encoding", "raw", "spans"]
    rows = dataset(lake, "pages").to_table(
        columns, filter=pc.starts_with(pc.field("page_id"), page_id)
    )
    found = {row["page_id"]: row for row in rows.to_pylist()}
    if not found:
        message = f"{page_id}: no such page in {lake}. `copydesk sql` over `pages` lists them."
        raise SettingError(message)
    if len(found) > 1:
        message = f"{page_id}: {len(found)} pages begin so. Give more characters of the id."
        raise SettingError(message)
    (page,) = found.values()
    if any(span["rule"] == REDACTED_RULE for span in page["spans"]):
        message = (
            f"page {page['page_id']}: an article of it was forgotten, so that its bytes are gone. "
            "`copydesk sql` over `runs` says why; what is left of it is `pages.text`."
        )
        raise SettingError(message)
    text = rebuild(page["text"], (Span(**span) for span in page["spans"]))
    if text != page["text"]:
        message = f"page {page['page_id']} of {lake}: its spans do not cover its text."
        raise LakeError(message)
    return rebuild_bytes(text, page["encoding"], page["raw"])
