"""Who is withheld as a copy of whom, in one run and across runs."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dedupe import decide as decide_module
from tasks.dedupe import texts as texts_module
from tasks.dedupe.buckets import BUCKET_LIMIT
from tasks.dedupe.candidates import Candidate, Candidates, Earlier, MemoryIndex, MemoryTexts, rank
from tasks.dedupe.decide import VERIFY_LIMIT, decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.verdicts import judge

BASE = """The harbour board approved a plan on Monday to replace the old swing bridge with a fixed
crossing, ending a dispute that has lasted for eleven years. Work on the approach roads is to begin
in the spring, engineer Ruth Calder told the meeting, and the new bridge should open to traffic
within thirty months. Fishermen had argued that a fixed bridge would shut larger boats out of the
inner basin. The answer of the board is a new quay outside the bridge, with cold stores and a slip
for boats that are too tall to pass, and with a crane that the boats may use without charge."""
OTHER = """A retired postman has given his collection of nine thousand railway tickets to the town
museum, which will show a first selection from it this summer, and is looking for helpers who know
the lines of the county well enough to put the older tickets in their order."""


def candidate(article_id, text, **facts):
    """An article of this run; facts that are not given are the same for all."""
    prints = fingerprint(text)
    given_facts = {"source": "site", "words": len(text.split()), "title": "T"} | facts
    return Candidate(
        article_id=article_id,
        source_uri=f"file:///{article_id}.txt",
        text_hash=prints.text_hash,
        signature=prints.signature,
        shingles=prints.shingles,
        **given_facts,
    )


BARE = candidate("bare", "")


def earlier(article_id, text, source="site", title=None):
    """An article that was published by an earlier run."""
    prints = fingerprint(text)
    uri = f"file:///earlier/{article_id}.txt"
    return Earlier(
        article_id, uri, source, prints.text_hash, prints.signature, prints.shingles, title
    )


def run(texts, published=None, **options):
    """Decide on texts by id, with earlier published texts by id."""
    published = published or {}
    return decide(
        Candidates.of([candidate(one, text) for one, text in texts.items()]),
        MemoryIndex([earlier(one, text) for one, text in published.items()]),
        MemoryTexts({**published, **texts}),
        **options,
    )


def drop_word(text, at):
    """The text with one word left out."""
    words = text.split()
    return " ".join(words[:at] + words[at + 1 :])


def test_an_exact_copy_is_withheld():
    """Of two equal texts the second in order is withheld, with the evidence."""
    decision = run({"a": BASE, "b": BASE.upper(), "c": OTHER})
    (withheld,) = decision.withheld.values()
    assert list(decision.withheld) == ["b"]
    assert (withheld.kept_article_id, withheld.kept_source_uri) == ("a", "file:///a.txt")
    assert (withheld.kind, withheld.jaccard, withheld.containment) == ("exact", 1.0, 1.0)


def test_a_near_copy_is_withheld_with_measures_that_can_be_made_again():
    """The evidence of each withheld article is what ``judge`` says of the two texts."""
    texts = {"a": BASE, "b": drop_word(BASE, 40), "c": drop_word(BASE, 5) + " The end."}
    decision = run(texts)
    assert len(decision.withheld) == 2
    for article_id, one in decision.withheld.items():
        verdict = judge(texts[article_id], texts[one.kept_article_id])
        assert (one.kind, one.jaccard, one.containment) == (
            verdict.kind,
            verdict.jaccard,
            verdict.containment,
        )


def test_mode_exact_withholds_equal_words_only():
    """A near copy is published under ``exact``."""
    decision = run({"a": BASE, "b": BASE.upper(), "c": drop_word(BASE, 9)}, mode="exact")
    assert {one: two.kind for one, two in decision.withheld.items()} == {"b": "exact"}


def test_mode_off_withholds_nothing():
    """Not even equal texts."""
    assert run({"a": BASE, "b": BASE}, mode="off").withheld == {}


def test_nothing_comes_of_nothing():
    """A run without candidates is decided."""
    assert run({}).withheld == {}


def test_texts_without_words_are_published():
    """Two pages of dashes cannot be shown to be copies."""
    assert run({"a": "—", "b": "—"}).withheld == {}


def test_an_article_whose_text_is_missing_is_published():
    """What cannot be verified is not withheld."""
    decision = decide(
        Candidates.of([candidate("a", BASE), candidate("b", BASE)]),
        MemoryIndex(),
        MemoryTexts({"a": BASE}),
    )
    assert decision.withheld == {}


def test_an_excerpt_is_withheld_within_one_source():
    """By default an excerpt counts as a copy where both are from one source."""
    excerpt = " ".join(BASE.split()[:60])
    longer = BASE + " " + " ".join(f"More{n} was said of it by all." for n in range(60))
    texts = {"long": longer, "short": excerpt}
    articles = [candidate("long", longer), candidate("short", excerpt, source="elsewhere")]

    def kinds(candidates, contained):
        columns = Candidates.of(candidates)
        decision = decide(columns, MemoryIndex(), MemoryTexts(texts), "near", contained)
        return {one: two.kind for one, two in decision.withheld.items()}

    assert kinds(articles, "same-source") == {}
    assert kinds(articles, "always") == {"short": "contained"}
    articles[1] = candidate("short", excerpt)
    assert kinds(articles, "same-source") == {"short": "contained"}
    assert kinds(articles, "never") == {}


def test_what_is_published_stays_published():
    """An earlier run's article is kept, though the new copy has a title and more words."""
    decision = run({"a": BASE + " The end."}, published={"z": BASE})
    assert decision.withheld["a"].kept_article_id == "z"
    assert decision.withheld["a"].kept_source_uri == "file:///earlier/z.txt"


def test_an_excerpt_published_earlier_does_not_withhold_the_whole():
    """The longer text that holds an earlier one brings something new."""
    longer = BASE + " " + " ".join(f"More{n} was said of it by all." for n in range(60))
    assert run({"a": longer}, published={"z": BASE}).withheld == {}


def test_an_article_is_no_copy_of_itself():
    """One that the index already has, by its id, is not withheld for that."""
    assert run({"a": BASE}, published={"a": BASE}).withheld == {}


def test_copies_of_a_copy_point_at_the_kept_one():
    """There are no chains: each points at a published article that is like it."""
    steps = [BASE]
    for at in range(0, 80, 4):
        steps.append(drop_word(steps[-1], at))
    texts = {f"s{at:02}": text for at, text in enumerate(steps)}
    withheld = run(texts).withheld
    assert withheld
    for article_id, one in withheld.items():
        assert one.kept_article_id not in withheld
        assert judge(texts[article_id], texts[one.kept_article_id]).kind is not None


def test_the_best_match_wins():
    """Of two kept originals the one that is more alike is named."""
    near, nearer = drop_word(BASE, 20), BASE
    published = {"p": near + " And something else was said about the matter.", "q": nearer}
    assert run({"a": drop_word(BASE, 3)}, published=published).withheld["a"].kept_article_id == "q"


def test_notes_with_titles_of_one_pattern_are_published():
    """A dividend note of equal words is another company's if its title says so."""
    note = "Qtly div five cts vs five cts prior. Pay July 10. Record June 30."
    articles = [
        candidate("a", note, title="ACME CORP SETS QTLY DIVIDEND"),
        candidate("b", note, title="BOLT INC SETS QTLY DIVIDEND"),
        candidate("c", note, title="Bolt Inc sets qtly dividend"),
    ]
    texts = MemoryTexts(dict.fromkeys("abc", note))
    decision = decide(Candidates.of(articles), MemoryIndex(), texts)
    assert {one: two.kept_article_id for one, two in decision.withheld.items()} == {"c": "b"}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"words": 200}, {"words": 150}),
        ({"title": "T"}, {"title": None}),
        ({"published_at": datetime(2024, 1, 2, tzinfo=UTC)}, {"published_at": None}),
        (
            {"published_at": datetime(2024, 1, 2, tzinfo=UTC)},
            {"published_at": datetime(2024, 1, 3, tzinfo=UTC)},
        ),
        ({"words": 200, "title": "T"}, {"words": 201, "title": None}),
    ],
)
def test_the_more_complete_is_kept(better, worse):
    """More words in steps of a tenth, then a title, a date, the earlier date."""
    assert rank(candidate("z", BASE, **better)) < rank(candidate("a", BASE, **worse))


ranked_facts = st.fixed_dictionaries(
    {
        "words": st.sampled_from([0, 1, 99, 100, 101, 110, 121]),
        "title": st.sampled_from([None, "T"]),
        "published_at": st.none() | st.datetimes(timezones=st.just(UTC)),
        "text_hash": st.integers(-1, 1),
        "shingles": st.integers(0, 2),
    }
)


@settings(deadline=None)
@given(st.lists(ranked_facts, max_size=12), st.randoms())
def test_columns_are_ranked_as_articles_are(facts, chance):
    """All that have words."""
    names = [f"é{at}" if at % 2 else f"a{at}" for at in range(len(facts))]
    chance.shuffle(names)
    articles = [
        replace(BARE, article_id=name, **one) for name, one in zip(names, facts, strict=True)
    ]
    expected = sorted((one for one in articles if one.shingles), key=rank)
    candidates = Candidates.of(articles)
    assert candidates.listed(candidates.ranked()) == expected


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_outcome_does_not_depend_on_order_or_shards(data):
    """Any permutation of the candidates, cut into any shards, has the same copies and originals."""
    edits = data.draw(st.lists(st.integers(0, 90), min_size=2, max_size=12))
    texts = {}
    for at, edit in enumerate(edits):
        start = data.draw(st.sampled_from([BASE, OTHER, *texts.values()]))
        texts[f"t{at:02}"] = drop_word(start, edit)
    articles = [candidate(one, text) for one, text in texts.items()]
    shuffled = data.draw(st.permutations(articles))
    cut = data.draw(st.integers(0, len(shuffled)))
    first = decide(Candidates.of(articles), MemoryIndex(), MemoryTexts(texts))
    others = Candidates.of([*shuffled[cut:], *shuffled[:cut]])
    second = decide(others, MemoryIndex(), MemoryTexts(texts))
    assert first == second
    for one in first.withheld.values():
        assert one.kept_article_id not in first.withheld


def test_the_outcome_does_not_depend_on_batches(monkeypatch):
    """Texts fetched a few at a time, or all at once, decide the same."""
    rng = random.Random(7)
    texts = {
        f"t{at:03}": drop_word(drop_word(rng.choice([BASE, OTHER]), rng.randrange(90)), 3)
        for at in range(60)
    }
    whole = run(texts)
    monkeypatch.setattr(decide_module, "BATCH", 7)
    monkeypatch.setattr(texts_module, "SHINGLES_KEPT", 500)
    assert run(texts).withheld == whole.withheld


def test_a_crowd_of_twins_is_not_compared_all_with_all():
    """Each of many stories of one template is verified against a few, and the record says so."""
    count = BUCKET_LIMIT // 4
    texts = {
        f"t{at:04}": f"{BASE} The price was {at * 37} crowns, {at * 13} less than in {at + 1500}, "
        f"said Mr Name{at} of Town{at}, where {at * 7} of {at * 11} had come."
        for at in range(count)
    }
    decision = run(texts)
    assert decision.withheld == {}
    assert decision.compared <= count * VERIFY_LIMIT
    assert decision.capped > 0
