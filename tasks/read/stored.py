"""A stored page as its reader first gave it: its text, and what its bytes say beside it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tasks.read.fields import make_record_page
from tasks.read.formats import format_of
from tasks.read.html import make_html_page
from tasks.read.origins import declare
from tasks.read.refs import Declared, Page
from tasks.read.uris import folder_name, split_record
from tasks.text.page import Given

_CHARSETS = ("utf-8", "windows-1252", "windows-1251", "gb18030", "shift_jis", "euc-kr", "big5")
"""Tried in turn for a page whose charset only its HTTP header told, which is not kept."""


def restore_page(row: Mapping[str, Any]) -> Page:
    """The page of a row of ``pages``, its text as it is there."""
    raw = row["raw"]
    given = Given(fetched_at=row["fetched_at"])
    if raw is not None:
        given = _read_given(row, raw) or given
    said = row["declared"]
    declared = said and Declared(said["zone"], said["language"], tuple(said["rules"]))
    page = Page(
        source_uri=row["source_uri"],
        page_id=row["page_id"],
        source=row["source"],
        text=row["text"],
        encoding=row["encoding"],
        raw=raw,
        url=row["url"],
        given=given,
    )
    return declare(page, declared)


def _read_given(row: Mapping[str, Any], raw: bytes) -> Given | None:
    """What a record's fields, or a page's markup, say beside the text."""
    input_uri, _ = split_record(row["source_uri"])
    kind, _ = format_of(input_uri)
    if kind.name in {"HTML", "WARC"}:
        return _read_markup(row, raw, input_uri)
    if kind.name in {"jsonl", "Parquet"}:
        record = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
        found = make_record_page(
            row["source_uri"], record, raw, row["page_id"], folder_name(input_uri)
        )
        if isinstance(found, Page):
            return replace(found.given, fetched_at=row["fetched_at"])
    return None


def _read_markup(row: Mapping[str, Any], raw: bytes, input_uri: str) -> Given | None:
    """What the markup says, decoded so that it gives the page's text, if it can be."""
    first: Given | None = None
    for charset in (None, *_CHARSETS):
        found = make_html_page(
            row["source_uri"],
            raw,
            folder_name(input_uri),
            url=row["url"],
            content_type=None if charset is None else f"text/html; charset={charset}",
            fetched_at=row["fetched_at"],
        )
        if isinstance(found, Page):
            if found.text == row["text"]:
                return found.given
            # A newer reader may render the text otherwise; its title is the same.
            first = first or found.given
    return first
