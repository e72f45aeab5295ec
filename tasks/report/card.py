"""The dataset card: a README.md beside the tables, in the form that the Hugging Face hub reads.

It tells of the tables as they are, from their logs and a few narrow columns: no text is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from tasks.columns import COLUMNS
from tasks.lake.layout import Lake
from tasks.lake.tables import log_rows, open_table, read
from tasks.rules.load import CUTTER_VERSION
from tasks.schemas import ARTICLES, LAKE_VERSION, TABLES

NAME = "README.md"
MARK = "<!-- Copydesk writes this file anew after every run, as long as this line is in it. -->"
"""What tells our card from a README.md that somebody wrote; that one is left alone."""

SHOWN = ("articles", "duplicates", "pages", "rejects")
"""Tables that are for readers, the first of them being what most come for."""

MOST_SOURCES = 20
_TITLE = "News articles, cut by Copydesk"
_TRIES = 3
"""A run that publishes while the card is written writes its own; the last one has to be right."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card tells, as of one state of the lake."""

    version: int
    """Of the table `runs`, which is committed last."""
    rows: Mapping[str, int]
    """By table."""
    stored: Mapping[str, int]
    """Bytes by table, compressed."""
    languages: Mapping[str, int]
    """Published articles by ISO 639-1 code, most first; `und` where it could not be told."""
    sources: Mapping[str, int]
    """Published articles by source, most first."""
    words: int
    """In all published articles."""
    published: tuple[datetime, datetime] | None
    """Dates of the earliest and the latest article, UTC; None where no article has one."""
    ingested: tuple[date, date] | None
    """First and last day on which articles came in, UTC; None without an article."""
    written_at: datetime
    """Start of the last run, UTC."""
    versions: Mapping[str, str]
    """What the last run worked with; keys as in ``runs.versions``."""


def refresh_card(lake: Lake) -> str | None:
    """Write the card of a lake anew, whole or not at all; a README.md of others is left alone.

    Returns:
        What went wrong, for a log; None where all is well. It raises nothing: what was published
        is published, and the next run writes the card again.
    """
    try:
        for _ in range(_TRIES):
            facts = read_facts(lake)
            if not _put(lake, write_card(facts)):
                break
            if open_table(lake, "runs").version() == facts.version:
                break
    except Exception as error:
        return f"{lake}/{NAME}: not written, the next run tries again ({error})."
    return None


def read_facts(lake: Lake) -> Facts:
    """What there is to tell of a lake.

    Raises:
        LakeError: where there is no lake.
    """
    version = open_table(lake, "runs").version()
    logs = {name: log_rows(lake, name) for name in TABLES}
    articles = read(lake, ARTICLES.name, ["language", "source", "words"])
    runs = read(lake, "runs", ["started_at", "versions"]).to_pylist()
    last = max(runs, key=lambda run: run["started_at"])
    log = logs[ARTICLES.name]
    return Facts(
        version=version,
        rows={name: pc.sum(log["num_records"]).as_py() or 0 for name, log in logs.items()},
        stored={name: pc.sum(log["size_bytes"]).as_py() or 0 for name, log in logs.items()},
        languages=_count(articles["language"]),
        sources=_count(articles["source"]),
        words=pc.sum(articles["words"]).as_py() or 0,
        published=_range(log, "min.published_at", "max.published_at"),
        ingested=_range(log, "partition.ingest_date", "partition.ingest_date"),
        written_at=last["started_at"],
        versions=dict(last["versions"]),
    )


def write_card(facts: Facts) -> str:
    """The card: YAML for the hub, then Markdown for people."""
    return "\n".join(
        [
            f"---\n{_front_matter(facts)}---\n\n# {_TITLE}\n\n{MARK}\n",
            *_summary(facts),
            *_tables(facts),
            *_counts("Languages", "language", facts.languages, len(facts.languages)),
            *_counts("Sources", "source", facts.sources, MOST_SOURCES),
            *_columns(),
            *_provenance(facts),
            *_LICENCE,
        ]
    )


def _put(lake: Lake, card: str) -> bool:
    """Replace the card; False where the README.md is not ours."""
    there = lake.storage.read(NAME)
    if there is not None and MARK.encode() not in there:
        return False
    if there != card.encode():
        lake.storage.replace(NAME, card.encode(), lambda: None)
    return True


def _count(column: pa.ChunkedArray) -> dict[str, int]:
    counted = ((one["values"], one["counts"]) for one in pc.value_counts(column).to_pylist())
    return dict(sorted(counted, key=lambda item: (-item[1], item[0])))


def _range(log: pa.Table, least: str, greatest: str) -> tuple[Any, Any] | None:
    """Least and greatest value of a column of the log; it has none where no file has a value."""
    if not {least, greatest} <= set(log.column_names):
        return None
    bounds = (pc.min(log[least]).as_py(), pc.max(log[greatest]).as_py())
    return None if None in bounds else bounds


def _front_matter(facts: Facts) -> str:
    configs = [
        {
            "config_name": name,
            **({"default": True} if name == ARTICLES.name else {}),
            "data_files": [{"split": "train", "path": _pattern(name)}],
        }
        for name in SHOWN
        if facts.rows[name]
    ]
    told = [language for language in facts.languages if language != "und"]
    return str(
        yaml.safe_dump(
            {
                "pretty_name": _TITLE,
                "language": sorted(told),
                "license": "other",
                "license_name": "of-the-publishers",
                "size_categories": [size_category(facts.rows[ARTICLES.name])],
                "tags": ["news", "copydesk"],
                "configs": configs,
            },
            sort_keys=False,
            allow_unicode=True,
        )
    )


def size_category(rows: int) -> str:
    """The hub's name for so many rows: ``10K<n<100K``."""
    steps = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    above = next((step for step in range(len(steps)) if rows < 1000 * 10**step), len(steps))
    if above == 0:
        return "n<1K"
    return "n>1T" if above == len(steps) else f"{steps[above - 1]}<n<{steps[above]}"


def _pattern(name: str) -> str:
    """Where the files of a table lie, as the hub matches names; `_delta_log` is left out."""
    table = TABLES[name]
    return f"{name}/*.parquet" if table.partition is None else f"{name}/*/*.parquet"


def _summary(facts: Facts) -> list[str]:
    dates = ""
    if facts.published is not None:
        first, last = (one.date().isoformat() for one in facts.published)
        dates = f", dated {first} to {last}"
    ingested = ""
    if facts.ingested is not None:
        first, last = (one.isoformat() for one in facts.ingested)
        ingested = f" They came in from {first} to {last}."
    count = facts.rows
    return [
        f"{count['articles']:,} articles of {facts.words:,} words from {len(facts.sources):,} "
        f"sources in {len(facts.languages):,} languages{dates}: one story a row, without the "
        f"page around it.{ingested} As of {facts.written_at:%Y-%m-%d %H:%M} UTC.",
        "",
        "Each has its title, authors, date, language, readability scores and quality flags. "
        f"{count['duplicates']:,} more were withheld as copies, each with the article it is a "
        "copy of and the measure. Unknown is null.",
        "",
    ]


def _tables(facts: Facts) -> list[str]:
    rows = (
        (f"`{name}`", TABLES[name].row, f"{facts.rows[name]:,}", f"{facts.stored[name]:,}")
        for name in SHOWN
    )
    return [
        "## Tables",
        "",
        *_table(("table", "one row is", "rows", "bytes"), rows),
        "They are Delta tables, whose Parquet files anything reads. `ingest_date` of `articles` "
        "is in its files' paths. The other folders serve the next run.",
        "",
    ]


def _counts(title: str, of: str, counted: Mapping[str, int], most: int) -> list[str]:
    total = max(sum(counted.values()), 1)
    shown = list(counted.items())[:most]
    rows = ((f"`{name}`", f"{number:,}", f"{number / total:.1%}") for name, number in shown)
    lines = [f"## {title}", "", *_table((of, "articles", "share"), rows)]
    if left := len(counted) - len(shown):
        lines += [f"And {left:,} more.", ""]
    return lines


def _columns() -> list[str]:
    rows = (
        (
            f"`{field.name}`",
            str(field.type) if not pa.types.is_struct(field.type) else "struct",
            field.metadata[b"comment"].decode(),
            COLUMNS[ARTICLES.name][field.name].null or "never",
        )
        for field in ARTICLES.full_schema
    )
    return ["## Columns of `articles`", "", *_table(("column", "type", "what", "null"), rows)]


def _provenance(facts: Facts) -> list[str]:
    versions = {"lake": str(LAKE_VERSION), "cutter": CUTTER_VERSION, **facts.versions}
    return [
        "## Where it comes from",
        "",
        "Pages were read from files and feeds, decoded, cut into stories, and cleaned of "
        "boilerplate by rules and a small model; then told by language, scored, flagged, and "
        "compared with all earlier articles. `source_uri` says where each page was read, "
        "`pages` has its whole text with a label for every character, and `rejects` what could "
        "not be read. Cutting, language, authors and dates are told by program, and err: "
        "`boilerplate_share`, `language_confidence` and `quality_flags` help to find where.",
        "",
        "The last run worked with:",
        "",
        *_table(("what", "version"), ((name, f"`{one}`") for name, one in versions.items())),
    ]


_LICENCE = [
    "## Licence",
    "",
    "The texts belong to their publishers. Copydesk's own licence covers the program and nothing "
    "that it read: whoever passes these tables on, or trains on them, has to see what each "
    "source allows. `source` and `url` say whose an article is. They hold names of persons, as "
    "news does.",
    "",
]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(head)
    lines = [_row(names), _row("---" for _ in names), *map(_row, rows)]
    return [*lines, ""]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
