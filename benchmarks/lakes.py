"""Lakes of any size for benchmarks: generated variants of real texts, written in bulk.

A variant has a quarter of its words replaced by others of the corpus, by a seeded draw: two
variants of one text are no copies (Jaccard about .1), and read as no one's prose. Fingerprints,
keys and files are as a run makes them; language and scores are not measured.
"""

import gzip
import hashlib
import json
import random
import re
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.dedupe.fingerprint import Fingerprint, fingerprint_words, hash_words
from tasks.dedupe.folding import split_words
from tasks.lake.earlier import next_number, number_rows
from tasks.lake.files import write_rows
from tasks.lake.layout import Lake
from tasks.lake.publish import Added, carry_out
from tasks.lake.runs import Run, run_row, run_rows
from tasks.lake.staging import claim_staging
from tasks.lake.tables import create_tables
from tasks.schemas import INDEX_TABLES, STAGED, TABLES
from tasks.versions import run_versions
from tasks.work.rows import article_id, fingerprint_row
from tasks.work.spawn import spawn_workers

REPLACED = 0.25
FILE_ROWS, RUN_ROWS = 10_000, 50_000
PROCESSES = 4
PARTS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Base:
    """A text taken apart, so that variants and their fingerprints are made fast."""

    parts: list[str]
    words: list[str]
    hashes: Any
    slots: list[int]
    """Places in ``parts`` of what is one word."""
    places: list[int]
    """Their places in ``words``."""


class Variants:
    """Texts drawn from bases, each with its fingerprint."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._bases = [base for text in texts if (base := take_apart(text)) is not None]
        self._vocabulary = sorted({word for base in self._bases for word in base.words})
        self._hashes = hash_words(self._vocabulary)

    def draw(self, seed: int, count: int) -> list[tuple[str, Fingerprint]]:
        """Variants of one base after the other; the same for the same seed."""
        chance = np.random.default_rng(seed)
        first = int(chance.integers(len(self._bases)))
        return [
            self._vary(self._bases[(first + at) % len(self._bases)], chance) for at in range(count)
        ]

    def _vary(self, base: Base, chance: np.random.Generator) -> tuple[str, Fingerprint]:
        chosen = np.flatnonzero(chance.random(len(base.slots)) < REPLACED)
        drawn = chance.integers(len(self._vocabulary), size=len(chosen))
        parts, words, hashes = base.parts.copy(), base.words.copy(), base.hashes.copy()
        for slot, word in zip(chosen.tolist(), drawn.tolist(), strict=True):
            parts[base.slots[slot]] = words[base.places[slot]] = self._vocabulary[word]
        hashes[[base.places[slot] for slot in chosen]] = self._hashes[drawn]
        return "".join(parts), fingerprint_words(words, hashes)


def take_apart(text: str) -> Base | None:
    """A text's parts and words; None for one that is short or not plain."""
    parts = PARTS.findall(text.strip())
    words: list[str] = []
    slots, places = [], []
    for at, part in enumerate(parts):
        found = split_words(part)
        if len(found) == 1 and part.isalpha():
            slots.append(at)
            places.append(len(words))
        words += found
    is_plain = text.isascii() and "&" not in text and "[" not in text and words == split_words(text)
    # Tables of figures have few words to replace: their variants would be copies.
    if not is_plain or len(words) < 60 or len(slots) < 0.75 * len(words):
        return None
    return Base(parts, words, hash_words(words), slots, places)


def read_texts(corpus: Path | None, most: int = 20_000) -> list[str]:
    """Texts to vary: the corpus's, else invented ones."""
    if corpus is not None:
        with gzip.open(corpus, "rt", encoding="utf-8") as source:
            return [json.loads(line)["text"] for line in islice(source, most)]
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices("aeioubdgklmnprst", k=7)) for _ in range(20_000)]
    return [" ".join(chance.choices(vocabulary, k=chance.randint(80, 500))) for _ in range(2_000)]


@cache
def variants_of(corpus: Path | None, part: int) -> Variants:
    """Variants of one part in ``PROCESSES`` of the texts, each the work of one process."""
    return Variants(read_texts(corpus)[part::PROCESSES])


def change_slightly(text: str, chance: random.Random) -> str:
    """A copy with two words in a hundred left out."""
    return " ".join(word for word in text.split(" ") if chance.random() > 0.02)


def grow_lake(lake: Lake, corpus: Path | None, size: int) -> None:
    """Add articles until the lake has ``size`` of them, 50,000 in a run, 10,000 in a file."""
    create_tables(lake)
    with ExitStack() as stack:
        pools = [stack.enter_context(spawn_workers(1)) for _ in range(PROCESSES)]
        while (first := next_number(lake)) < size:
            started = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=first // 10_000)
            name = f"generated {first}"
            versions = run_versions()
            run = Run(str(uuid.uuid4()), name, "ingest", started, lake, "{}", versions)
            with claim_staging(lake, run.run_id, run.facts) as folder:
                files = range(first, min(first + RUN_ROWS, size), FILE_ROWS)
                staged = []
                for at in files:
                    part = at // FILE_ROWS % PROCESSES
                    count = min(FILE_ROWS, size - at)
                    staged.append(
                        pools[part].submit(stage_file, run, folder, corpus, part, at, count)
                    )
                added = [one for future in staged for one in future.result()]
                _publish(run, folder, added, first)


def _publish(run: Run, folder: Path, added: list[Added], first: int) -> None:
    prints = [one for one in added if one.table == "fingerprints"]
    rows = pa.concat_tables([pq.ParquetFile(one.staged).read() for one in prints])
    dates = pa.repeat(pa.scalar(run.ingest_date), len(rows))
    indexed = dict(zip(INDEX_TABLES, number_rows(rows, dates, first), strict=True))
    indexed["runs"] = run_rows([run_row(run, "completed", {}, {}, {})])
    files = [one for one in added if one.table != "fingerprints"]
    for name, content in indexed.items():
        path = folder / f"{name}-index.staged"
        write_rows(content, path, TABLES[name], run.versions)
        files.append(Added(name, path, "index"))
    carry_out(run, run.run_id, files, {})


def stage_file(
    run: Run, folder: Path, corpus: Path | None, part: int, first: int, count: int
) -> list[Added]:
    """Stage a file's worth of generated articles; work of a process of its own."""
    added = []
    some = variants_of(corpus, part).draw(first, count)
    for name, content in table_rows(first, some, run).items():
        path = folder / f"{name}-{first}.staged"
        write_rows(content, path, STAGED[name], run.versions)
        added.append(Added(name, path, f"shard-{first:09d}"))
    return added


def table_rows(
    first: int, some: Sequence[tuple[str, Fingerprint]], run: Run
) -> dict[str, pa.Table]:
    """Rows of ``pages``, ``articles``, ``inputs`` and staged ``fingerprints``."""
    uri = f"file:///generated/part-{first:09d}.jsonl"
    uris = [f"{uri}#L{line}" for line in range(1, len(some) + 1)]
    texts = [text for text, _ in some]
    page_ids = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    identities = [article_id(*one, 0) for one in zip(uris, page_ids, strict=True)]
    sizes = [len(text) for text in texts]
    words = [text.count(" ") + 1 for text in texts]
    given: dict[str, Any] = {
        "article_id": identities,
        "page_id": page_ids,
        "run_id": [run.run_id] * len(some),
        "source_uri": uris,
        "source": [f"site-{number % 200}.example" for number in range(len(some))],
        "position": [0] * len(some),
        "articles_in_page": [1] * len(some),
        "title": [text[:60] for text in texts],
        "authors": [[]] * len(some),
        "summary": [[]] * len(some),
        "quality_flags": [["generated"]] * len(some),
        "text": texts,
        "text_sha256": page_ids,
        "language": ["en"] * len(some),
        "characters": sizes,
        "words": words,
        "sentences": [1] * len(some),
        "reading_seconds": [0.0] * len(some),
        "readability": [{}] * len(some),
        "boilerplate_share": [0.0] * len(some),
        "ingested_at": [run.started_at] * len(some),
        "encoding": ["utf-8"] * len(some),
        "spans": [[{"start": 0, "end": size, "label": "body", "article": 0}] for size in sizes],
        "family": ["none"] * len(some),
        "family_confidence": [0.0] * len(some),
        "articles": [1] * len(some),
        "rules_version": ["generated"] * len(some),
        "received_at": [run.started_at] * len(some),
    }
    tables = {name: _table(name, given, len(some)) for name in ("pages", "articles")}
    facts = {
        "input_uri": [uri],
        "size": [sum(sizes)],
        "records": [len(some)],
        "run_id": [run.run_id],
    }
    tables["inputs"] = _table("inputs", facts, 1)
    prints = [
        fingerprint_row(identity, uri, one, run.run_id)
        for identity, uri, (_, one) in zip(identities, uris, some, strict=True)
    ]
    tables["fingerprints"] = pa.Table.from_pylist(prints, schema=STAGED["fingerprints"].schema)
    return tables


def _table(name: str, given: dict[str, Any], size: int) -> pa.Table:
    schema = TABLES[name].schema
    columns = {field.name: given.get(field.name, [None] * size) for field in schema}
    return pa.table(columns, schema=schema)
