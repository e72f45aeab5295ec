"""What is withheld can be proved again: on record, in one run and over several, and in the docs."""

import gzip
import json
import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dedupe import decide as decide_module
from tasks.dedupe import texts as texts_module
from tasks.dedupe.candidates import Candidate, Candidates, Earlier, MemoryIndex, MemoryTexts
from tasks.dedupe.decide import decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.verdicts import MIN_CONTAINMENT, MIN_JACCARD, judge
from tasks.lake.layout import Lake
from tasks.lake.query import query
from tasks.lake.tables import read
from tasks.work.finish import Limits, decide_run

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
GOLD = SHARED / "gold" / "neardup.jsonl.gz"
GOLD_PAGES = 150
"""Of the gold's 2,215: some 20 articles as several extractors saw each."""

OPENINGS = ["The ferry", "A baker", "The council", "Two brothers", "The old mill", "A teacher"]
MIDDLES = ["was seen", "came home", "asked for help", "lost a wheel", "found a map", "sang"]
ENDS = ["by the river", "after the storm", "before noon", "with a lantern", "for a week", "again"]


def story(number):
    """A text of some 120 words; two of different numbers share hardly a shingle in ten."""
    rng = random.Random(number)
    sentences = [
        f"{rng.choice(OPENINGS)} of {rng.choice('ABCDEFGH')}{rng.randrange(90)} "
        f"{rng.choice(MIDDLES)} {rng.choice(ENDS)}, and {rng.randrange(900)} people watched."
        for _ in range(9)
    ]
    return "\n\n".join(" ".join(sentences[at : at + 3]) for at in range(0, 9, 3))


def edit(text, how):
    """A copy as extractors and editors make them."""
    words = text.split(" ")
    return {
        0: text,
        1: text.upper(),
        2: " ".join(words[: len(words) - 4]),
        3: "HARBOURTON (Agency) — " + text,
        4: " ".join([*words[:20], *words[21:]]),
        5: text + "\n\nRead more stories like this one in our weekly letter.",
    }[how]


def make_texts(picks):
    """Texts by id, of pairs (story, edit)."""
    return {f"t{at:02}": edit(story(number), how) for at, (number, how) in enumerate(picks)}


def candidate(article_id, text):
    """An article of this run."""
    prints = fingerprint(text)
    return Candidate(
        article_id=article_id,
        source_uri=f"file:///{article_id}.txt",
        source="site",
        words=len(text.split()),
        text_hash=prints.text_hash,
        signature=prints.signature,
        shingles=prints.shingles,
    )


def in_runs(texts, runs):
    """What is withheld, and for what, after the texts came in so many runs."""
    earlier, withheld = [], {}
    ids = sorted(texts)
    for at in range(runs):
        part = [candidate(one, texts[one]) for one in ids[at::runs]]
        found = decide(Candidates.of(part), MemoryIndex(earlier), MemoryTexts(texts)).withheld
        withheld |= found
        kept = [one for one in part if one.article_id not in found]
        slots = Earlier.__slots__
        earlier += [Earlier(**{slot: getattr(one, slot) for slot in slots}) for one in kept]
    return withheld


def prove(rows, texts, published):
    """Make the measures of withheld rows again, and ask for what each kind must have."""
    for article_id, row in rows.items():
        verdict = judge(texts[article_id], texts[row["kept_article_id"]])
        assert row["kept_article_id"] in published
        assert (row["kind"], row["jaccard"], row["containment"]) == (
            verdict.kind,
            verdict.jaccard,
            verdict.containment,
        )
        if row["kind"] == "near":
            assert row["jaccard"] >= MIN_JACCARD
        if row["kind"] == "contained":
            assert row["containment"] >= MIN_CONTAINMENT


def prove_lake(lake):
    """``prove``, of all that a lake has withheld; how many rows that is."""
    articles = read(lake, "articles", ["article_id", "text"]).to_pylist()
    rows = {row["article_id"]: row for row in read(lake, "duplicates").to_pylist()}
    published = {row["article_id"]: row["text"] for row in articles}
    assert published.keys().isdisjoint(rows)
    prove(rows, published | {one: row["text"] for one, row in rows.items()}, published)
    return len(rows)


PICKS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=2, max_size=14)


@settings(max_examples=30, deadline=None)
@given(PICKS, st.data())
def test_the_outcome_is_a_function_of_the_set(picks, data):
    """Whatever the order, the number of articles a batch, and the texts kept in memory."""
    texts = make_texts(picks)
    articles = [candidate(one, text) for one, text in texts.items()]
    expected = decide(Candidates.of(articles), MemoryIndex(), MemoryTexts(texts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decide_module, "BATCH", data.draw(st.integers(1, 15)))
        patch.setattr(texts_module, "SHINGLES_KEPT", data.draw(st.integers(1, 900)))
        shuffled = data.draw(st.permutations(articles))
        found = decide(Candidates.of(shuffled), MemoryIndex(), MemoryTexts(texts))
    assert (found.withheld, found.supersedes) == (expected.withheld, expected.supersedes)


@settings(max_examples=30, deadline=None)
@given(PICKS, st.sampled_from([1, 3, 10]))
def test_in_any_number_of_runs_every_story_is_published_and_every_copy_proved(picks, runs):
    """Each withheld text points at a published one, and each story has a published text."""
    texts = make_texts(picks)
    withheld = in_runs(texts, runs)
    published = texts.keys() - withheld.keys()
    rows = {
        one: {name: getattr(verdict, name) for name in ("kind", "jaccard", "containment")}
        | {"kept_article_id": verdict.kept_article_id}
        for one, verdict in withheld.items()
    }
    prove(rows, texts, published)
    stories = {one: number for one, (number, _) in zip(texts, picks, strict=True)}
    assert {stories[one] for one in published} == set(stories.values())


def test_published_counts_hardly_differ_by_runs():
    """60 texts of 12 stories in 1, 3 and 10 runs: by no more than 5%."""
    rng = random.Random(5)
    texts = make_texts([(rng.randrange(12), rng.randrange(6)) for _ in range(60)])
    counts = [len(texts) - len(in_runs(texts, runs)) for runs in (1, 3, 10)]
    assert max(counts) <= 1.05 * min(counts)


@pytest.fixture(scope="module")
def lake(desk, tmp_path_factory):
    """The sample pages, copies of an invented story and its update, in two runs. Don't write."""
    folder = tmp_path_factory.mktemp("evidence")
    feed = folder / "feed"
    feed.mkdir()
    first = f"A day in town\n\nPublished 4 March 2025, 09:00 UTC\n\n{story(1)}"
    (feed / "first.txt").write_text(first)
    for how in range(1, 6):
        (feed / f"copy-{how}.txt").write_text(edit(story(2), how))
    (feed / "bare.txt").write_text(story(4))
    with desk(folder / "lake", "one", ROOT / "seeds", feed) as run:
        run.work_through()
    later = first.replace("4 March", "5 March") + "\n\n" + story(3).split("\n\n")[0]
    (feed / "later.txt").write_text(later)
    better = f"A lantern, a map and a ferry\n\nPublished 1 March 2025\n\n{story(4)}"
    (feed / "better.txt").write_text(better)
    with desk(folder / "lake", "two", feed) as run:
        run.work_through()
    return Lake(folder / "lake")


def test_every_row_of_the_sample_can_be_proved(lake):
    """Its measures are those of the two texts in the lake; what it points at is published."""
    assert prove_lake(lake) >= 6


def test_every_row_of_the_gold_can_be_proved(desk, tmp_path):
    """Some pages of the gold near-duplicates, as 28 extractors saw them."""
    if not GOLD.exists():
        pytest.skip("no gold beside the checkout; COPYDESK_SHARED says where it is")
    feed = tmp_path / "feed"
    feed.mkdir()
    with gzip.open(GOLD, "rt", encoding="utf-8") as file:
        rows = sorted((json.loads(line) for line in file), key=lambda row: row["cluster"])
    for row in rows[:GOLD_PAGES]:
        (feed / f"{row['id']}.txt").write_text(row["text"], encoding="utf-8")
    with desk(tmp_path / "lake", "one", feed) as run:
        run.work_through()
    assert prove_lake(Lake(tmp_path / "lake")) > GOLD_PAGES / 2


DOCS = (ROOT / "docs" / "duplicates.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("statement", re.findall(r'copydesk sql "([^"]+)"', DOCS))
def test_the_queries_that_the_docs_show_run(lake, statement):
    """Each gives rows, but for that on paragraphs: the sample has none that recurs."""
    assert query(lake, statement).rows or "learned" in statement


@pytest.mark.parametrize(("contained", "kinds"), [("never", []), ("always", ["contained"])])
def test_excerpts_are_switched_apart(desk, tmp_path, contained, kinds):
    """Across sources an excerpt is withheld only where that is asked for."""
    whole, excerpt = "\n\n".join(map(story, range(5, 9))), story(5)
    for source, text in (("long", whole), ("short", excerpt)):
        (tmp_path / "feed" / source).mkdir(parents=True)
        (tmp_path / "feed" / source / "page.txt").write_text(text)
    with desk(tmp_path / "lake", "one", tmp_path / "feed") as run:
        run.recover()
        run.plan()
        run.cut()
        limits = Limits(0.1, True, 100, 0.5, contained)
        run.decided = decide_run(run.run, run.work, run.shards, "near", limits, run.folder)
        run.publish()
    assert read(Lake(tmp_path / "lake"), "duplicates")["kind"].to_pylist() == kinds
