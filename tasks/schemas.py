"""The Arrow schema of every table in the lake, each field described. This is the contract.

Files are written with these schemas less the partition column; Delta keeps the descriptions as
column comments. ``ingest_date`` is in the paths of ``articles``, not in its files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from tasks.arrow import leave_pandas

leave_pandas()  # here, as all that reads or writes rows imports this module

LAKE_VERSION = 2
"""Version of the tables' layout; every table's configuration carries it."""

INDEX_VERSION = 2
"""The least version that `fingerprints` and `bands` must have: an older index is rebuilt."""

UTC = pa.timestamp("us", tz="UTC")

READABILITY_SCORES: tuple[str, ...] = (
    "flesch_reading_ease",
    "flesch_kincaid_grade",
    "smog_index",
    "automated_readability_index",
    "coleman_liau_index",
    "gunning_fog",
    "dale_chall_readability_score",
    "linsear_write_formula",
    "spache_readability",
    "lix",
    "rix",
    "wiener_sachtextformel",
    "fernandez_huerta",
    "szigriszt_pazos",
    "gutierrez_polini",
    "crawford",
    "gulpease_index",
    "osman",
)
"""textstat's names of the scores that are numbers; ``text_standard`` is a string beside them."""


@dataclass(frozen=True, slots=True)
class Table:
    """One Delta table of the lake."""

    name: str
    row: str
    """What one row is."""
    schema: pa.Schema
    """Of its files."""
    key: tuple[str, ...]
    partition: pa.Field | None = None
    """In the files' paths and last in the Delta schema; None where the table has no partitions."""
    statistics: tuple[str, ...] = ()
    """Columns whose least and greatest value go into the Delta log, to skip files by."""
    # Some 2 kB of text an article make a row group of ~20 MB before compression: large enough to
    # compress well, small enough to be skipped and read in pieces.
    row_group_rows: int = 10_000
    encodings: Mapping[str, str] = field(default_factory=dict)
    """Parquet encodings of columns that neither a dictionary nor compression makes smaller."""

    @property
    def full_schema(self) -> pa.Schema:
        """The schema that readers see: the files' and the partition column."""
        return self.schema if self.partition is None else self.schema.append(self.partition)


def _field(name: str, kind: pa.DataType, comment: str, *, null: bool = True) -> pa.Field:
    return pa.field(name, kind, nullable=null, metadata={"comment": comment})


def _always(name: str, kind: pa.DataType, comment: str) -> pa.Field:
    return _field(name, kind, comment, null=False)


SPAN = pa.struct(
    [
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("article", pa.int32()),
        pa.field("rule", pa.string()),
    ]
)

DECLARED = pa.struct(
    [
        pa.field("zone", pa.string()),
        pa.field("language", pa.string()),
        pa.field("rules", pa.list_(pa.string())),
    ]
)

READABILITY = pa.struct(
    [pa.field(name, pa.float64()) for name in READABILITY_SCORES]
    + [pa.field("text_standard", pa.string())]
)

_RUN_ID = _always("run_id", pa.string(), "The Prefect flow run that wrote the row: `runs.run_id`.")
_SOURCE_URI = _always(
    "source_uri",
    pa.string(),
    "Where the page was read: absolute, percent-encoded; a record is `…/b.jsonl.gz#L17`.",
)
_PAGE_ID = _always("page_id", pa.string(), "sha256, hex, of the page's bytes.")
_SOURCE = _always(
    "source",
    pa.string(),
    "The site or feed: the record's `source`, else its URL's registered domain, else the folder.",
)
_URL = _field("url", pa.string(), "The page's address, where its record brought one.")

ARTICLE_FIELDS: tuple[pa.Field, ...] = (
    _always("article_id", pa.string(), "sha256, hex, of source_uri, page_id and position."),
    _PAGE_ID,
    _RUN_ID,
    _SOURCE_URI,
    _SOURCE,
    _URL,
    _always("position", pa.int32(), "The article's place in its page, from 0."),
    _always("articles_in_page", pa.int32(), "How many articles the page was cut into."),
    _field("title", pa.string(), "Headline; null where the page has none."),
    _always("authors", pa.list_(pa.string()), "Persons named as authors, in order; may be empty."),
    _field("section", pa.string(), "The section or category the page names."),
    _field("dateline", pa.string(), "Place at the story's start, as in `DUBAI: …`."),
    _field(
        "published_at",
        UTC,
        "Published, else updated; without time 00:00, without zone the source's zone, else UTC; "
        "a relative time counts where the page brings its own fetch time; null without a date.",
    ),
    _field("published_text", pa.string(), "The whole line that the date was read from."),
    _always("summary", pa.list_(pa.string()), "Summary bullets above the body; may be empty."),
    _always(
        "text",
        pa.string(),
        "Headings and body, paragraphs parted by one blank line; dateline and in-line byline "
        "included; without title, summary, captions.",
    ),
    _always("text_sha256", pa.string(), "sha256, hex, of `text` in UTF-8."),
    _always("language", pa.string(), "ISO 639-1; `und` where it cannot be told."),
    _field("language_confidence", pa.float64(), "0..1; null for `und`."),
    _always("characters", pa.int64(), "textstat's char_count: without white space."),
    _always("words", pa.int64(), "textstat's lexicon_count."),
    _always("sentences", pa.int64(), "textstat's sentence_count."),
    _always("reading_seconds", pa.float64(), "textstat's reading_time, in seconds."),
    _always(
        "readability",
        READABILITY,
        "textstat's scores by its own names; null where a formula is not for the language.",
    ),
    _always(
        "quality_flags",
        pa.list_(pa.string()),
        "Names of the quality rules that the article meets badly; they inform, they drop nothing.",
    ),
    _always(
        "boilerplate_share",
        pa.float64(),
        "Characters cut as boilerplate over all characters of the page that are not blank, 0..1.",
    ),
    _field("supersedes", pa.string(), "article_id of the earlier revision; null where none."),
    _always("ingested_at", UTC, "Start of the run that published it."),
)

INGEST_DATE = _always("ingest_date", pa.date32(), "UTC date of the run's start; the partition.")

INPUTS = Table(
    "inputs",
    "a file or object seen: what discovery compares with",
    pa.schema(
        [
            _always("input_uri", pa.string(), "Absolute, percent-encoded."),
            _always("size", pa.int64(), "Bytes as stored."),
            _field("modified", UTC, "Time of last change; null where the store does not say."),
            _field("etag", pa.string(), "The object store's entity tag; null for files."),
            _field("sha256", pa.string(), "Hex, of the bytes as stored; null if not read whole."),
            _always("records", pa.int64(), "Pages or records in it, rejected ones included."),
            _RUN_ID,
        ]
    ),
    key=("input_uri",),
    statistics=("input_uri",),
)

PAGES = Table(
    "pages",
    "a page as received, and what was cut of it",
    pa.schema(
        [
            _SOURCE_URI,
            _PAGE_ID,
            _SOURCE,
            _URL,
            _always(
                "encoding", pa.string(), "Codec that turns `text` back into bytes: a closed list."
            ),
            _field("raw", pa.binary(), "The bytes, where text and encoding do not give them back."),
            _always("text", pa.string(), "The page's decoded text: what `spans` count in."),
            _always(
                "spans",
                pa.list_(SPAN),
                "Cover `text` without gap or overlap: start, end (exclusive) in characters, label, "
                "article (position or null), rule (id of what cut it, or null).",
            ),
            _always("family", pa.string(), "Page family that the layout was read as; `none`."),
            _always("family_confidence", pa.float64(), "0..1."),
            _always("articles", pa.int32(), "How many articles were cut out of it; 0 is a page."),
            _always("rules_version", pa.string(), "Digest of the rule packs that cut it."),
            _RUN_ID,
            _always("received_at", UTC, "Start of the run that read it."),
            _field(
                "fetched_at",
                UTC,
                "When it was fetched, where its record says so: relative times count from it.",
            ),
            _field(
                "declared",
                DECLARED,
                "What the sources file said of it: zone of times without one, language, further "
                "rule packs; null where nothing.",
            ),
        ]
    ),
    key=("source_uri", "page_id"),
    statistics=("source_uri", "page_id"),
)

ARTICLES = Table(
    "articles",
    "a published article",
    pa.schema(list(ARTICLE_FIELDS)),
    key=("article_id",),
    partition=INGEST_DATE,
    statistics=("article_id", "source_uri", "source", "published_at", "language"),
    # An earlier article's text is read to verify a copy: it costs 2 MB of reading.
    row_group_rows=1_000,
)

DUPLICATES = Table(
    "duplicates",
    "an article withheld, with the evidence",
    pa.schema(
        [
            *ARTICLE_FIELDS,
            _always("kept_article_id", pa.string(), "The article it was verified against."),
            _always("kept_source_uri", pa.string(), "Where that one was read."),
            _always("kind", pa.string(), "`exact`, `near` or `contained`."),
            _always("jaccard", pa.float64(), "Of the two texts' shingles, 0..1."),
            _always("containment", pa.float64(), "Share of the smaller's shingles in the other."),
        ]
    ),
    key=("article_id",),
    statistics=("article_id", "kept_article_id", "source_uri"),
)

REJECTS = Table(
    "rejects",
    "an input or record that could not be worked",
    pa.schema(
        [
            _always("reject_id", pa.string(), "sha256, hex, of the URI and the bytes read."),
            _SOURCE_URI,
            _field("page_id", pa.string(), "sha256, hex, of all bytes; null if not all were read."),
            _always("reason", pa.string(), "Reason code, from a closed list."),
            _always("detail", pa.string(), "What went wrong, for a person."),
            _field("head", pa.binary(), "Its first bytes, at most 256."),
            _always("attempts", pa.int32(), "In how many runs it was tried."),
            _always("first_run_id", pa.string(), "The run that first met it."),
            _always("run_id", pa.string(), "The run that met it last."),
            _field(
                "tried_with",
                pa.string(),
                "Reader's version and digest of the rules at the last try: with others it is "
                "tried again by itself, a few times.",
            ),
            _field(
                "discarded_by",
                pa.string(),
                "Who said that it needs no further try; null while it is open.",
            ),
        ]
    ),
    key=("reject_id",),
    statistics=("source_uri",),
)

_INDEXED = (
    _always("article_id", pa.string(), "The article."),
    _SOURCE_URI,
    _always("text_hash", pa.int64(), "64-bit hash of the normalised text."),
    _always(
        "signature",
        pa.binary(),
        "MinHash, 128 uint32, then the keys of its passages, int64; all little-endian.",
    ),
    _always("shingles", pa.int32(), "How many distinct shingles the text has."),
    _always("parameters", pa.string(), "Name and version of shingling and hashing."),
    _RUN_ID,
)

FINGERPRINTS = Table(
    "fingerprints",
    "a published article's exact hash and MinHash signature; sorted by number",
    pa.schema(
        [
            _always("number", pa.int32(), "The article's number in the index, from 0: `bands`."),
            _always("ingest_date", pa.date32(), "The partition of `articles` that has it."),
            *_INDEXED,
        ]
    ),
    key=("article_id",),
    statistics=("number", "parameters"),
    # Signatures are 650 bytes: one that is looked up costs 0.7 MB of reading.
    row_group_rows=1_024,
    encodings={"number": "DELTA_BINARY_PACKED", "signature": "PLAIN"},
)

BANDS = Table(
    "bands",
    "a look-up key of a published article: of a band of its signature, of a passage (band 42, "
    "several rows an article), of its text (band 43); sorted by band, key and number",
    pa.schema(
        [
            _always("band", pa.int16(), "0 to 41; 42 stands for passages, 43 for the whole text."),
            _always("key", pa.int32(), "32 bits of the hash of what the band covers."),
            _always("number", pa.int32(), "The article: `fingerprints.number`."),
        ]
    ),
    key=("number", "band", "key"),
    statistics=("band", "key"),
    # Sorted keys lie close together: the deltas make 4.6 bytes a row of ten.
    row_group_rows=65_536,
    encodings={"key": "DELTA_BINARY_PACKED", "number": "DELTA_BINARY_PACKED"},
)

LEARNED = Table(
    "learned",
    "a line template that a source's pages taught; one row a source, without template, counts "
    "its pages",
    pa.schema(
        [
            _SOURCE,
            _always(
                "template",
                pa.string(),
                "The line, numbers and dates masked; empty in the row of the source itself.",
            ),
            _always("pages", pa.int64(), "On how many of the source's pages it was seen."),
            _always(
                "source_pages",
                pa.int64(),
                "Of how many pages of the source an article was published: copies teach nothing.",
            ),
            _always(
                "pages_before",
                pa.int64(),
                "How many of them there were before the run that first saw it.",
            ),
            _always("position", pa.float64(), "Mean place in the page, 0 top to 1 bottom."),
            _always("kept", pa.int64(), "On how many pages the cutter took it for a story's text."),
            _always("within", pa.int64(), "On how many of these between paragraphs of the story."),
            _field("example", pa.string(), "A line that it stands for; null where it is the line."),
            _always("first_seen", UTC, "Start of the first run that saw it."),
            _always("last_seen", UTC, "Start of the last run that saw it."),
            _always(
                "state",
                pa.string(),
                "`seen` (on too few pages), `proposed`, `active` (is cut) or `revoked`.",
            ),
            _field(
                "decided_by", pa.string(), "Who approved or revoked it; null where counts decide."
            ),
            _RUN_ID,
        ]
    ),
    key=("source", "template"),
    statistics=("source",),
)

RUNS = Table(
    "runs",
    "a run of a flow",
    pa.schema(
        [
            _always(
                "run_id",
                pa.string(),
                "The Prefect flow run's id; of `rules`, one of its own.",
            ),
            _always("name", pa.string(), "The flow run's name."),
            _always("flow", pa.string(), "`ingest`, `reprocess`, `maintain` or `rules`."),
            _always("started_at", UTC, "When it began."),
            _field("ended_at", UTC, "When it was ready to publish, or stopped."),
            _always("state", pa.string(), "`completed`, `nothing-new`, `stopped` or `crashed`."),
            _field("message", pa.string(), "Why it stopped, or what was decided; else null."),
            _field("recovered_by", pa.string(), "run_id of the run that took over its work."),
            _always("settings", pa.string(), "JSON of the run's settings."),
            _always(
                "versions",
                pa.map_(pa.string(), pa.string()),
                "copydesk, reader, rules digest, textstat, langdetect, fingerprints.",
            ),
            _always(
                "counts",
                pa.map_(pa.string(), pa.int64()),
                "The books: pages_in, pages_new, pages_seen, pages_rejected, articles_cut, "
                "articles_published, articles_withheld, and by reason and kind.",
            ),
            _always(
                "rules", pa.map_(pa.string(), pa.int64()), "Lines cut by each rule in this run."
            ),
            _always(
                "seconds",
                pa.map_(pa.string(), pa.float64()),
                "Seconds by stage: on the clock; `worker.…` of all workers together; `shard.…` of "
                "the ten shards that took longest.",
            ),
        ]
    ),
    key=("run_id",),
    statistics=("started_at",),
)

FORGOTTEN = Table(
    "forgotten",
    "what must never be ingested again, by its hash and without its content",
    pa.schema(
        [
            _always("kind", pa.string(), "`source_uri`, `url`, `source` or `text`."),
            _always(
                "hash",
                pa.string(),
                "sha256, hex, of it; of a text the 64-bit hash of its words, as in `fingerprints`.",
            ),
            _RUN_ID,
        ]
    ),
    key=("kind", "hash"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        # in the order in which a publish commits them
        PAGES,
        FINGERPRINTS,
        BANDS,
        DUPLICATES,
        ARTICLES,
        LEARNED,
        REJECTS,
        INPUTS,
        FORGOTTEN,
        RUNS,
    )
}
"""Every table of the lake by name, in the order of commits: ``runs`` last, so that a row there
says that all the others are in."""

INDEX_TABLES = (FINGERPRINTS.name, BANDS.name)
"""The index of duplicates: it can be rebuilt from ``articles``."""

LINES = Table(
    "lines",
    "a line of a staged page that may be furniture; one row a page, without template, counts it",
    pa.schema(
        [
            _always("page", pa.int32(), "Row of the shard's `pages` that it stands on, from 0."),
            _field("template", pa.string(), "The line masked; null in the row of the page itself."),
            _field("example", pa.string(), "The line; null where the template is the line."),
            _always("position", pa.float64(), "Place in the page, 0 top to 1 bottom."),
            _always("kept", pa.bool_(), "Whether the cutter took it for a story's text."),
            _always("within", pa.bool_(), "Whether between paragraphs of the story."),
        ]
    ),
    key=("page", "template"),
)

STAGED: dict[str, Table] = {
    **TABLES,
    FINGERPRINTS.name: replace(
        FINGERPRINTS, schema=pa.schema(list(_INDEXED)), statistics=(), encodings={}
    ),
    LINES.name: LINES,
}
"""What a shard stages: rows of the tables, fingerprints not yet numbered, and the lines from which
``learned`` is counted."""
