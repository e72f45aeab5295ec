"""The index across runs, in Arrow datasets as the lake has them."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tasks.dedupe.candidates import Asked, Candidate, Candidates
from tasks.dedupe.decide import decide
from tasks.dedupe.fingerprint import (
    PARAMETERS,
    fingerprint,
)
from tasks.dedupe.index import ArticleTexts, ChainedTexts, LakeIndex, read_candidates
from tasks.errors import LakeError
from tasks.lake.earlier import number_rows
from tasks.schemas import STAGED

TODAY = date(2025, 3, 4)
STORY = " ".join(f"word{at} of the story about the bridge" for at in range(40))
COPY = STORY.replace("word7 ", "word ")
OTHER = " ".join(f"note{at} from the museum of tickets" for at in range(40))


def articles_table(texts):
    """Rows of ``articles``, those columns that dedupe reads."""
    return pa.table(
        {
            "article_id": list(texts),
            "source_uri": [f"file:///{one}.txt" for one in texts],
            "source": ["site"] * len(texts),
            "words": pa.array([len(text.split()) for text in texts.values()], pa.int64()),
            "title": pa.array([None] * len(texts), pa.string()),
            "published_at": pa.array([None] * len(texts), pa.timestamp("us", tz="UTC")),
            "url": pa.array([None] * len(texts), pa.string()),
            "text": list(texts.values()),
        }
    )


def fingerprints_table(texts, parameters=PARAMETERS):
    """Rows of ``fingerprints`` as a shard stages them."""
    prints = [fingerprint(text) for text in texts.values()]
    return pa.table(
        {
            "article_id": list(texts),
            "source_uri": [f"file:///{one}.txt" for one in texts],
            "text_hash": [one.text_hash for one in prints],
            "signature": [one.signature for one in prints],
            "shingles": pa.array([one.shingles for one in prints], pa.int32()),
            "parameters": [parameters] * len(texts),
            "run_id": ["run"] * len(texts),
        },
        schema=STAGED["fingerprints"].schema,
    )


@pytest.fixture
def write(tmp_path):
    """Writes a table as Parquet with small row groups, and opens it as a dataset."""

    def written(name, table):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(table, path, row_group_size=50)
        return ds.dataset(path)

    return written


@pytest.fixture
def write_articles(tmp_path):
    """Writes ``articles`` as the lake has them: the day is in the path and not in the file."""

    def written(table):
        folder = tmp_path / "articles" / f"ingest_date={TODAY}"
        folder.mkdir(parents=True)
        pq.write_table(table, folder / "a.parquet", row_group_size=50)
        day = ds.partitioning(pa.schema([("ingest_date", pa.date32())]), flavor="hive")
        return ds.dataset(tmp_path / "articles", partitioning=day)

    return written


@pytest.fixture
def make_index(write, write_articles):
    """Makes an index of earlier articles, of which those of ``published`` are in the lake."""

    def made(texts, published, parameters=PARAMETERS):
        prints = fingerprints_table(texts, parameters)
        numbered, bands = number_rows(prints, pa.array([TODAY] * len(texts)), 7)
        return LakeIndex(
            write("fingerprints", numbered),
            write("bands", bands),
            write_articles(articles_table(published)),
        )

    return made


@pytest.fixture
def index(make_index):
    """An index of three earlier articles, of which one is no longer published."""
    texts = {"e1": STORY, "e2": OTHER, "gone": STORY}
    return make_index(texts, {"e1": STORY, "e2": OTHER})


def look_up(index, text, *, near=True):
    """The ids of the earlier articles that may be a text's original."""
    prints = fingerprint(text)
    new = Candidate("new", "", "", 1, prints.text_hash, prints.signature, prints.shingles)
    asked = Asked.of(Candidates.of([new]), np.array([0]), is_near=near)
    found = index.find_earlier(asked)
    return [one.article_id for one in found]


def test_an_equal_text_is_found_by_its_hash(index):
    """Without bands too; what is no longer published is left out."""
    assert look_up(index, STORY, near=False) == ["e1"]


def test_a_near_text_is_found_by_its_bands(index):
    """Its hash is another."""
    assert look_up(index, COPY, near=False) == []
    assert look_up(index, COPY) == ["e1"]


def test_an_excerpt_is_found_by_its_passages(index):
    """A tenth of a text shares no band with it."""
    assert look_up(index, " ".join(STORY.split()[60:110])) == ["e1"]


def test_an_unlike_text_is_not_found(index):
    """Nothing is read that does not share a key."""
    assert look_up(index, "nothing of the kind was ever published here before now") == []


def test_an_index_of_other_parameters_is_refused(make_index):
    """The message names both and says what to do."""
    index = make_index({"e1": STORY}, {"e1": STORY}, parameters="w5.p64")
    with pytest.raises(LakeError, match=r"'w5\.p64'.*\nRebuild the index with `copydesk reindex`"):
        look_up(index, STORY)


def test_texts_come_from_the_first_source_that_has_them(write, index):
    """Staged articles first, then the lake; an unknown id is left out."""
    look_up(index, STORY)
    staged = ArticleTexts(write("staged", articles_table({"a": COPY})))
    texts = ChainedTexts(staged, index).fetch_texts(["a", "e1", "c"])
    assert texts == {"a": COPY, "e1": STORY}


def test_a_run_is_decided_against_the_lake(write, index):
    """Candidates read from staged files, an earlier article kept."""
    new = {"n1": COPY, "n2": "Some news that nobody has had before this morning came in."}
    staged = write("staged", articles_table(new))
    candidates = read_candidates(staged, write("prints", fingerprints_table(new)))
    decision = decide(candidates, index, ChainedTexts(ArticleTexts(staged), index))
    assert {one: two.kept_article_id for one, two in decision.withheld.items()} == {"n1": "e1"}


def test_a_staged_article_without_fingerprint_stops(write):
    """A shard that was not staged whole is no ground for decisions."""
    staged = write("staged", articles_table({"n1": COPY}))
    prints = write("prints", fingerprints_table({}))
    with pytest.raises(LakeError, match=r"n1 .* has no fingerprint"):
        read_candidates(staged, prints)


def test_texts_are_read_once(write):
    """However often texts are asked for, what is staged is read through once."""

    class Counted:
        """A dataset that counts its readings."""

        def __init__(self, rows):
            self.rows, self.schema, self.readings = rows, rows.schema, 0

        def get_fragments(self):
            self.readings += 1
            return self.rows.get_fragments()

    rows = Counted(write("staged", articles_table({"a": "Ärger, ß", "b": "", "c": "Sturm 🌊"})))
    texts = ArticleTexts(rows)
    assert texts.fetch_texts(["c", "unknown"]) == {"c": "Sturm 🌊"}
    assert texts.fetch_texts(["b", "a"]) == {"b": "", "a": "Ärger, ß"}
    assert rows.readings == 1
