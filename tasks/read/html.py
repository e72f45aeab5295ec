"""HTML: the text a reader sees is the page's, whole; what its markup tells goes beside it."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from tasks.read.charset import decode_html
from tasks.read.encoding import Undecoded, too_many_controls
from tasks.read.extract import find_main_lines
from tasks.read.fields import registered_domain
from tasks.read.head import read_head
from tasks.read.markup import parse_html, strip_tags
from tasks.read.plain import read_whole
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reject
from tasks.read.render import render
from tasks.read.streams import Stored
from tasks.read.uris import folder_name
from tasks.text.page import Given


def read_html(stored: Stored, part: Part, limits: Limits) -> Iterator[Page | Reject]:
    """The file as one page, or why it is none. Reads no further than ``limits.page_bytes``."""
    data = read_whole(stored, part, limits)
    if isinstance(data, Reject):
        yield data
        return
    declared = f"text/html; charset={limits.encoding}" if limits.encoding else None
    folder = folder_name(part.input.uri)
    yield make_html_page(part.input.uri, data, folder, content_type=declared)


def make_html_page(
    uri: str,
    data: bytes,
    folder: str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    fetched_at: datetime | None = None,
) -> Page | Reject:
    """The page that ``data`` is: its text rendered, ``raw`` its bytes.

    A page that cannot be parsed within bounds is its text without tags, and brings no metadata.

    Args:
        uri: Of the page.
        data: The bytes, decompressed.
        folder: The source of a page that gives no address.
        url: Where it was fetched; else the address that the page gives itself.
        content_type: Of the HTTP header.
        fetched_at: When, UTC.
    """
    page_id, head = hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES]
    source = decode_html(data, content_type)
    if isinstance(source, Undecoded):
        return Reject(uri, source.reason, source.detail, head, page_id)
    text, given, canonical = _read_page(source, fetched_at)
    if not text.strip():
        detail = "It shows no text." if data else "It is empty."
        return Reject(uri, "empty", detail, head, page_id)
    if too_many_controls(text):
        return Reject(uri, "binary", "Over 1% of it are control characters.", head, page_id)
    url = url or canonical
    return Page(
        source_uri=uri,
        page_id=page_id,
        source=(registered_domain(url) if url else None) or folder,
        text=text,
        encoding="utf-8",
        raw=data,
        url=url,
        given=given,
    )


def _read_page(source: str, fetched_at: datetime | None) -> tuple[str, Given, str | None]:
    """A page's text, what it says of itself, and its own address."""
    root = parse_html(source)
    if root is None:
        return strip_tags(source), Given(fetched_at=fetched_at), None
    rendered = render(root)
    head = read_head(root)
    given = Given(
        title=head.title,
        published=head.published,
        language=head.language,
        authors=head.authors,
        site=head.site,
        section=head.section,
        fetched_at=fetched_at,
        main_lines=find_main_lines(root, source, rendered.text),
        caption_lines=rendered.captions,
    )
    return rendered.text, given, head.url
