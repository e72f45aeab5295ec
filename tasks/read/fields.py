"""A page's fields, as a record of JSON Lines or Parquet has them: its ``text`` and the rest."""

from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlsplit

from tasks.read.encoding import too_many_controls
from tasks.read.refs import HEAD_BYTES, Page, Reason, Reject
from tasks.text.page import Given


def make_record_page(
    uri: str, record: dict[str, Any], data: bytes, page_id: str, folder: str
) -> Page | Reject:
    """The page that a record is, or why it is none.

    Args:
        uri: Of the record.
        record: Its fields: ``text``, and maybe ``url title published source language``.
        data: Its bytes, to be kept.
        page_id: sha256 of them, hex.
        folder: The source of a page that names none and has no address.
    """
    text = record.get("text")
    wrong = _explain(text)
    if wrong is not None or not isinstance(text, str):
        reason, detail = wrong or ("bad-record", "The record has no `text`.")
        return Reject(uri, reason, detail, data[:HEAD_BYTES], page_id)
    url = _optional(record, "url")
    return Page(
        source_uri=uri,
        page_id=page_id,
        source=_optional(record, "source") or (registered_domain(url) if url else None) or folder,
        text=text,
        encoding="utf-8",
        raw=data,
        url=url,
        given=_given(record),
    )


def _given(record: dict[str, Any]) -> Given:
    """What it says of itself; one and the same for all that say nothing."""
    title, published, language = map(partial(_optional, record), _TOLD)
    if title is published is language is None:
        return _NOTHING
    return Given(title=title, published=published, language=language)


_TOLD = ("title", "published", "language")
_NOTHING = Given()


def registered_domain(url: str) -> str | None:
    """The domain that was registered for a URL: ``bbc.co.uk``; None where there is none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return _registered(host) if host else None


@lru_cache(maxsize=4096)
def _registered(host: str) -> str | None:
    return _extractor()(host).top_domain_under_public_suffix or None


@lru_cache(maxsize=1)
def _extractor() -> Any:
    import tldextract  # 0.1 s, and most inputs bring no URL

    # The list of suffixes that comes with the package: no network, no cache on disk.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def _explain(text: object) -> tuple[Reason, str] | None:
    """Why a record's text is none; None where it is text."""
    if not isinstance(text, str):
        missing = "The record has no `text`." if text is None else "Its `text` is no string."
        return "bad-record", missing
    if not _is_encodable(text):
        return "surrogate", "Its `text` holds half of a surrogate pair."
    if not text or text.isspace():
        return "empty", "Its `text` is empty, or only white space."
    if too_many_controls(text):
        return "binary", "Over 1% of its `text` are control characters."
    return None


def _optional(record: dict[str, Any], name: str) -> str | None:
    """A field beside the text, stripped; None where it is missing, blank or cannot be stored."""
    value = record.get(name)
    if not isinstance(value, str) or not _is_encodable(value):
        return None
    return value.strip() or None


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
