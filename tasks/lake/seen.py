"""What the lake has already: inputs, pages and rejects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.layout import Lake
from tasks.lake.retries import Retries
from tasks.lake.tables import read
from tasks.read.refs import Page, Reject
from tasks.read.rejects import reject_id


@dataclass(frozen=True, slots=True)
class Seen:
    """What the lake has of some inputs: pages by URI and bytes, and rejects by their id."""

    pages: frozenset[tuple[str, str]] = frozenset()
    """(source_uri, page_id)."""
    rejects: frozenset[str] = frozenset()
    """reject_id."""

    def has_page(self, page: Page) -> bool:
        """Whether the same bytes were read under the same URI."""
        return (page.source_uri, page.page_id) in self.pages

    def has_reject(self, reject: Reject) -> bool:
        """Whether the same bytes were rejected under the same URI; errors of access are new."""
        if reject.is_access:
            return False
        return reject_id(reject.source_uri, reject.page_id, reject.head) in self.rejects


def seen_pages(lake: Lake, input_uris: Sequence[str], retries: Retries | None = None) -> Seen:
    """What the lake has of these inputs and of records in them.

    Reads keys only, and only of files whose range of ``source_uri`` can hold them. Rejects that
    are to be tried again count as not seen.
    """
    if not input_uris:
        return Seen()
    # '#' + 1 == '$': the URIs of an input's records lie before `input$`. Between the first input
    # and the last may lie all others of the lake: they are left out while the files are read.
    last = f"{max(input_uris)}$"
    uri = pc.field("source_uri")
    input_uri = pc.replace_substring_regex(uri, pattern="#L[0-9]+$", replacement="")
    is_wanted = input_uri.isin(pa.array(input_uris, pa.string()))
    of_inputs = (uri >= min(input_uris)) & (uri < last) & is_wanted
    pages = read(lake, "pages", ["source_uri", "page_id"], of_inputs)
    is_known = of_inputs if retries is None else of_inputs & ~retries.is_due
    rejects = read(lake, "rejects", ["reject_id"], is_known)
    return Seen(
        frozenset(zip(pages["source_uri"].to_pylist(), pages["page_id"].to_pylist(), strict=True)),
        frozenset(rejects["reject_id"].to_pylist()),
    )


@dataclass(frozen=True, slots=True)
class KnownInput:
    """An input as the lake saw it last."""

    state: tuple[int, datetime | None, str | None]
    """Size, time of last change, entity tag: the same three, and nothing has changed."""
    records: int


def known_inputs(lake: Lake, uris: Sequence[str]) -> dict[str, KnownInput]:
    """What ``inputs`` has of these, by URI; reads only files whose range of URIs meets theirs."""
    if not uris:
        return {}
    columns = ["input_uri", "size", "modified", "etag", "records"]
    uri = pc.field("input_uri")
    in_range = (uri >= min(uris)) & (uri <= max(uris))
    is_wanted = in_range & uri.isin(pa.array(uris, pa.string()))
    rows = read(lake, "inputs", columns, is_wanted).to_pylist()
    return {
        row["input_uri"]: KnownInput((row["size"], row["modified"], row["etag"]), row["records"])
        for row in rows
    }
