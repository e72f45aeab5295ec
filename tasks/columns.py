"""What a reader wants to know of a column beside its type and its comment in ``schemas``.

Beside the schemas and not in them: what is here may be corrected without a new version of the
lake. Most examples are of the sample pages in `seeds/`; hashes are shortened with ``…``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or a field within one."""

    example: Any
    """A value that it may have, as Python has it."""
    null: str = ""
    """When it is null; empty where it never is."""
    unit: str = ""
    """What it counts in; empty where it is no number, or a number without a unit."""


_RUN = Column("a9262e86-56a1-4a88-baf5-b5d19700f48f")
_STARTED = datetime(2026, 11, 22, 5, 28, 30, 879746, UTC)
_URI = Column("file:///srv/feeds/northern-herald/kelvale-night-bus.txt")
_PAGE_ID = Column("ec73d31970a2617a…")
_SOURCE = Column("northern-herald")
_URL = Column("https://northern-herald.example/kelvale-night-bus", "its record brought none")
_ARTICLE_ID = Column("6c5b56f235f24ac4…")

_OTHER_LANGUAGE = "the formula is not for the article's language, or there is no word"
_NO_SPACES = "words are not parted by spaces, or sentences do not end in . ! or ?"
_GRADE = "US school grade"

_READABILITY = {
    "flesch_reading_ease": Column(78.8, _OTHER_LANGUAGE, "higher is easier"),
    "flesch_kincaid_grade": Column(6.84, _OTHER_LANGUAGE, _GRADE),
    "smog_index": Column(9.06, _OTHER_LANGUAGE, _GRADE),
    "automated_readability_index": Column(8.14, _OTHER_LANGUAGE, _GRADE),
    "coleman_liau_index": Column(7.08, _OTHER_LANGUAGE, _GRADE),
    "gunning_fog": Column(8.86, _OTHER_LANGUAGE, _GRADE),
    "dale_chall_readability_score": Column(7.65, _OTHER_LANGUAGE, "higher is harder"),
    "linsear_write_formula": Column(11.0, _OTHER_LANGUAGE, _GRADE),
    "spache_readability": Column(4.51, _OTHER_LANGUAGE, _GRADE),
    "lix": Column(33.4, _NO_SPACES, "higher is harder"),
    "rix": Column(2.77, _NO_SPACES, "long words a sentence"),
    "wiener_sachtextformel": Column(6.1, _OTHER_LANGUAGE, "Austrian school grade"),
    "fernandez_huerta": Column(81.2, _OTHER_LANGUAGE, "higher is easier"),
    "szigriszt_pazos": Column(77.9, _OTHER_LANGUAGE, "higher is easier"),
    "gutierrez_polini": Column(42.5, _OTHER_LANGUAGE, "higher is easier"),
    "crawford": Column(3.1, _OTHER_LANGUAGE, "school years"),
    "gulpease_index": Column(58.3, _OTHER_LANGUAGE, "higher is easier"),
    "osman": Column(96.4, _OTHER_LANGUAGE, "higher is easier"),
    "text_standard": Column(
        "6th and 7th grade", "the language is not English, or there is no word"
    ),
}

_ARTICLE = {
    "article_id": _ARTICLE_ID,
    "page_id": _PAGE_ID,
    "run_id": _RUN,
    "source_uri": _URI,
    "source": _SOURCE,
    "url": _URL,
    "position": Column(0),
    "articles_in_page": Column(1, unit="articles"),
    "title": Column(
        "Kelvale buys its empty station for one crown and promises a night bus",
        "the page has none",
    ),
    "authors": Column(["Petra Vasconde"]),
    "section": Column("Coast News", "the page names none"),
    "dateline": Column("Kelvale", "the story does not begin with a place"),
    "published_at": Column(
        datetime(2025, 2, 12, 9, 40, tzinfo=UTC), "the page gives no absolute date"
    ),
    "published_text": Column("Published 12 February 2025, 09:40", "the page has no line with one"),
    "summary": Column([]),
    "text": Column("Kelvale: In a decision that surprised even its supporters, …"),
    "text_sha256": Column("21602fe649afcc9e…"),
    "language": Column("en"),
    "language_confidence": Column(
        1.0, "`language` is `und`, or the sources file said it", "share that is right, 0 to 1"
    ),
    "characters": Column(1034, unit="characters, white space left out"),
    "words": Column(239, unit="words"),
    "sentences": Column(13, unit="sentences"),
    "reading_seconds": Column(15.19, unit="seconds"),
    "readability": Column(None),
    **{f"readability.{name}": column for name, column in _READABILITY.items()},
    "quality_flags": Column(["no-title"]),
    "boilerplate_share": Column(0.394, unit="share, 0 to 1"),
    "supersedes": Column("0b55f3ffa05bd800…", "it updates no earlier article"),
    "ingested_at": Column(_STARTED),
}

COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "pages": {
        "source_uri": _URI,
        "page_id": _PAGE_ID,
        "source": _SOURCE,
        "url": _URL,
        "encoding": Column("utf-8"),
        "raw": Column(b'{"text": "Skip to \\u0063ontent', "text and encoding give the bytes back"),
        "text": Column("Skip to content\nHome\nNews\nSport\n…"),
        "spans": Column(None),
        "spans.start": Column(76, unit="characters of `text`, from 0"),
        "spans.end": Column(146, unit="characters of `text`, exclusive"),
        "spans.label": Column("title"),
        "spans.article": Column(0, "the stretch belongs to no article"),
        "spans.rule": Column("menu.skip.en", "nothing was cut"),
        "family": Column("single"),
        "family_confidence": Column(0.766, unit="share, 0 to 1"),
        "articles": Column(1, unit="articles"),
        "rules_version": Column("0f749f154184fd87…"),
        "run_id": _RUN,
        "received_at": Column(_STARTED),
        "fetched_at": Column(
            datetime(2025, 2, 12, 15, 0, tzinfo=UTC), "its record does not say when"
        ),
        "declared": Column(None, "the sources file says nothing of it"),
        "declared.zone": Column("Europe/Berlin", "it says no zone"),
        "declared.language": Column("en", "it says no language"),
        "declared.rules": Column(["/srv/copydesk/house.toml"], "it names no rule pack"),
    },
    "fingerprints": {
        "number": Column(0),
        "ingest_date": Column(date(2026, 11, 22)),
        "article_id": _ARTICLE_ID,
        "source_uri": _URI,
        "text_hash": Column(4019081098742804528),
        "signature": Column(b"\x7f\x1bDR\xe2\x99\xc3\x05"),
        "shingles": Column(165, unit="shingles"),
        "parameters": Column("w3c5.p128.b42x3.k8w32.s20141.rensa2.v2"),
        "run_id": _RUN,
    },
    "bands": {
        "band": Column(0),
        "key": Column(-2076868932),
        "number": Column(10),
    },
    "duplicates": {
        **_ARTICLE,
        "kept_article_id": _ARTICLE_ID,
        "kept_source_uri": _URI,
        "kind": Column("near"),
        "jaccard": Column(0.952, unit="share, 0 to 1"),
        "containment": Column(0.978, unit="share, 0 to 1"),
    },
    "articles": {**_ARTICLE, "ingest_date": Column(date(2026, 11, 22))},
    "learned": {
        "source": _SOURCE,
        "template": Column("Read # more stories"),
        "pages": Column(12, unit="pages"),
        "source_pages": Column(20, unit="pages"),
        "pages_before": Column(0, unit="pages"),
        "position": Column(0.96, unit="share of the page, from its top"),
        "kept": Column(0, unit="pages"),
        "within": Column(0, unit="pages"),
        "example": Column("Read 14 more stories", "the template is the line itself"),
        "first_seen": Column(_STARTED),
        "last_seen": Column(_STARTED),
        "state": Column("active"),
        "decided_by": Column("lena", "its counts decide"),
        "run_id": _RUN,
    },
    "rejects": {
        "reject_id": Column("63f6465d2cbd0985…"),
        "source_uri": Column("file:///srv/feeds/gulf-ledger/harbour-photo.txt"),
        "page_id": Column("aee6ed51ebacc61a…", "not all of its bytes were read"),
        "reason": Column("binary"),
        "detail": Column("Over 1% of it are control characters."),
        "head": Column(b"\x89IMG\r\n\x1a\n", "nothing could be read, or it is empty"),
        "attempts": Column(1, unit="runs"),
        "first_run_id": _RUN,
        "run_id": _RUN,
        "tried_with": Column("reader 3, rules 0f749f15…", "it was out of reach"),
        "discarded_by": Column("lena", "it is open"),
    },
    "inputs": {
        "input_uri": _URI,
        "size": Column(1247, unit="bytes"),
        "modified": Column(datetime(2026, 11, 22, 5, 27, 13, 703192, UTC), "the store says none"),
        "etag": Column('"9b2cf535f27731c9…"', "it is a file, or the store says none"),
        "sha256": Column("b99889bc9f14390b…", "it was not read whole"),
        "records": Column(1, unit="pages and rejects"),
        "run_id": _RUN,
    },
    "forgotten": {
        "kind": Column("source_uri"),
        "hash": Column("5d41402abc4b2a76…"),
        "run_id": _RUN,
    },
    "runs": {
        "run_id": _RUN,
        "name": Column("ingest 2026-11-22 05:28:30"),
        "flow": Column("ingest"),
        "started_at": Column(_STARTED),
        "ended_at": Column(datetime(2026, 11, 22, 5, 28, 44, 259779, UTC), "it crashed"),
        "state": Column("completed"),
        "message": Column("lena: the author asked", "there is nothing to say"),
        "recovered_by": Column("74bdc2f8-b8c0-4f24-83d0-2d026899d0be", "nobody took over its work"),
        "settings": Column('{"sources":["seeds"],"dedupe":"near", …}'),
        "versions": Column({"copydesk": "0.1.0", "textstat": "0.7.8"}),
        "counts": Column({"pages_in": 12, "pages_new": 10, "pages_rejected": 2}),
        "rules": Column({"share.network": 6, "legal.copyright": 3}, unit="lines"),
        "seconds": Column({"cut": 1.8, "decide": 0.2}, unit="seconds"),
    },
}
"""By table and column, in the order of the schemas; a field of a struct follows it, dotted."""
