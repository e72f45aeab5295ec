"""What must hold of a lake after every recovery: no article lost, none twice, the books balance."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from invented import Feed

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.read.encoding import rebuild_bytes
from tasks.report.summary import check_balance
from tasks.schemas import TABLES
from tasks.text.page import Span, rebuild

OF_A_RUN = {"run_id", "first_run_id", "ingested_at", "received_at", "ingest_date"}
"""Columns that may differ from run to run."""


def find_violations(lake: Lake, feed: Feed) -> list[str]:
    """What does not hold, a line each; nothing where all is well. No run may be under way."""
    return [
        *_articles(lake, feed),
        *_pages(lake, feed),
        *_index(lake),
        *_books(lake, feed),
        *_remains(lake),
    ]


def find_differences(lake: Lake, undisturbed: Lake, feed: Feed) -> list[str]:
    """Where a lake differs from one that took all in at once, with nobody in its way.

    Which of several equal stories is published depends on which came first: of those that have
    copies only the texts are compared.
    """
    alone = {uri for uris in feed.stories.values() if len(uris) == 1 for uri in uris}
    found: list[str] = []
    for name in ("pages", "articles", "duplicates"):
        ours, theirs = (_contents(one, name, alone) for one in (lake, undisturbed))
        found += [
            f"{name} {key}: not as in an undisturbed run"
            for key in sorted(ours.keys() | theirs.keys())
            if ours.get(key) != theirs.get(key)
        ]
    texts = [
        sorted(read(one, "articles", ["text"])["text"].to_pylist()) for one in (lake, undisturbed)
    ]
    return found if texts[0] == texts[1] else [*found, "articles: other texts than undisturbed"]


def _contents(lake: Lake, name: str, alone: set[str]) -> dict[str, str]:
    """By key the rows, but for what belongs to a run."""
    return {
        str([row[column] for column in TABLES[name].key]): json.dumps(
            {column: value for column, value in row.items() if column not in OF_A_RUN},
            default=str,
        )
        for row in read(lake, name).to_pylist()
        if name == "pages" or row["source_uri"] in alone
    }


def _articles(lake: Lake, feed: Feed) -> Iterator[str]:
    published = _rows(lake, "articles", ["article_id", "source_uri"])
    withheld = _rows(lake, "duplicates", ["article_id", "source_uri", "kept_article_id"])
    yield from _same("articles and duplicates", feed.pages, published + withheld)
    by_uri = {row["source_uri"]: row["article_id"] for row in published}
    kept = {row["source_uri"]: row["kept_article_id"] for row in withheld}
    for number, uris in feed.stories.items():
        out = [by_uri[uri] for uri in uris if uri in by_uri]
        if len(out) != 1 and not feed.forgotten.intersection(uris):
            yield f"story {number}: published {len(out)} times, of {len(uris)} pages"
        for uri in uris:
            if uri in kept and kept[uri] not in out:
                yield f"{uri}: withheld for {kept[uri]}, which is not published"
    files = sorted(lake.table("articles").glob("ingest_date=*/*.parquet"))
    plain = [pq.ParquetFile(file).read(["article_id"])["article_id"].to_pylist() for file in files]
    ids = sorted(one for ids in plain for one in ids)
    if ids != sorted(by_uri.values()):
        yield f"plain readers see {len(ids)} articles, Delta has {len(by_uri)}"


def _pages(lake: Lake, feed: Feed) -> Iterator[str]:
    columns = ["source_uri", "text", "encoding", "raw", "spans"]
    rows = _rows(lake, "pages", columns)
    yield from _same("pages", feed.pages, rows)
    for row in rows:
        spans = [Span(**span) for span in row["spans"]]
        text = rebuild(row["text"], spans)
        ends = [0, *(span.end for span in spans)]
        if [span.start for span in spans] != ends[:-1] or ends[-1] != len(row["text"]):
            yield f"{row['source_uri']}: its spans leave a gap, or overlap"
        if rebuild_bytes(text, row["encoding"], row["raw"]) != feed.pages.get(row["source_uri"]):
            yield f"{row['source_uri']}: does not rebuild"


def _index(lake: Lake) -> Iterator[str]:
    articles = _rows(lake, "articles", ["article_id"])
    prints = _rows(lake, "fingerprints", ["article_id", "number"])
    ids = sorted(row["article_id"] for row in prints)
    if ids != sorted(row["article_id"] for row in articles):
        yield f"{len(ids)} fingerprints of {len(articles)} articles, or of others"
    numbers = {row["number"] for row in prints}
    if len(numbers) != len(prints):
        yield "two fingerprints have one number"
    if not numbers >= set(read(lake, "bands", ["number"])["number"].to_pylist()):
        yield "bands of articles that have no fingerprint"


def _books(lake: Lake, feed: Feed) -> Iterator[str]:
    runs = _rows(lake, "runs", ["run_id", "flow", "state", "recovered_by", "counts"])
    ids = [row["run_id"] for row in runs]
    if len(set(ids)) != len(ids):
        yield "runs: a run has two rows"
    new = 0
    for row in runs:
        counts = dict(row["counts"])
        if row["state"] == "crashed":
            if row["recovered_by"] not in ids:
                yield f"run {row['run_id']}: crashed, and recovered by no run that is known"
        elif row["flow"] == "ingest":
            new += counts.get("pages_new", 0)
            if wrong := check_balance(counts):
                yield f"run {row['run_id']}: {wrong}"
    if new != len(feed.pages) + len(feed.forgotten):
        yield f"runs: {new} new pages in all, of {len(feed.pages) + len(feed.forgotten)}"
    rejects = _rows(lake, "rejects", ["source_uri"])
    yield from _same("rejects", dict.fromkeys(feed.rejected, b""), rejects)
    inputs = [row["input_uri"] for row in _rows(lake, "inputs", ["input_uri"])]
    if len(set(inputs)) != len(inputs):
        yield "inputs: an input has two rows"


def _remains(lake: Lake) -> Iterator[str]:
    if lake.intent.exists():
        yield "an intent is left"
    for left in lake.staging.iterdir():
        yield f"staging is left: {left.name}"
    for name in TABLES:
        on_disk = set(map(str, lake.table(name).rglob("*.parquet")))
        uris = DeltaTable(str(lake.table(name))).file_uris()
        in_log = {uri.removeprefix("file://") for uri in uris}
        for path in {one for one in on_disk if "_delta_log" not in one} ^ in_log:
            yield f"{path}: in the folder or in the log, not in both"


def _same(what: str, wanted: Mapping[str, bytes], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Whether each page that came has its row, once, and nothing else has one."""
    found = [row["source_uri"] for row in rows]
    for uri in sorted(wanted.keys() - set(found)):
        yield f"{what}: lost {uri}"
    for uri in sorted(set(found) - wanted.keys()):
        yield f"{what}: {uri} should not be there"
    for uri in sorted({one for one in found if found.count(one) > 1}):
        yield f"{what}: {found.count(uri)} times {uri}"


def _rows(lake: Lake, name: str, columns: list[str]) -> list[dict[str, Any]]:
    rows: pa.Table = read(lake, name, columns)
    return rows.to_pylist()
