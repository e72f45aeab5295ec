"""Verdicts on pairs: copies, excerpts, template twins."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.align import align
from tasks.dedupe.candidates import Candidate, Candidates, MemoryIndex, MemoryTexts
from tasks.dedupe.decide import decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.folding import split_words
from tasks.dedupe.twins import are_apart_by_titles, count_changes
from tasks.dedupe.verdicts import MIN_CONTAINMENT, MIN_JACCARD, judge

PAIRS = json.loads((Path(__file__).parent / "data" / "twins.json").read_text("utf8"))
TWINS = [pytest.param(p, id=f"{p['id']}-{p['what']}") for p in PAIRS if p["kind"] == "twin"]
COPIES = [pytest.param(p, id=f"{p['id']}-{p['what']}") for p in PAIRS if p["kind"] == "copy"]

STORY = """Health officials have closed two swimming pools after eighteen people fell ill.

All of the patients had visited the Mill Lane baths, said Dr Anita Rowe of the county's team. Most
were children, and four were kept in hospital overnight as a precaution.

Samples of the water are being tested. Results are expected on Thursday."""

SAMPLED = "the a of Rome Paris 12 3.5 said rain sun in and two"
WORDS = st.lists(st.sampled_from(SAMPLED.split()), max_size=40)
LETTERS = st.lists(st.sampled_from("abcdef"), max_size=60)


@pytest.mark.parametrize("pair", TWINS)
def test_template_twins_are_two_stories(pair):
    """Stories of one template with other names and numbers are not copies, whatever they share."""
    assert judge(pair["a"], pair["b"]).kind is None


@pytest.mark.parametrize("pair", COPIES)
def test_copies_with_small_edits_are_copies(pair):
    """A changed dateline, a fixed typo, a credit or a paragraph more leave the story the same."""
    assert judge(pair["a"], pair["b"]).kind in {"near", "exact"}


def test_labelled_pairs_are_enough_and_hard_enough():
    """At least 60 twins and 40 copies, and 40 twins that overlap as much as copies do."""
    hard = [p.id for p in TWINS if judge(*_texts(p)).jaccard >= MIN_JACCARD]
    assert len(TWINS) >= 60
    assert len(COPIES) >= 40
    assert len(hard) >= 40


@pytest.mark.parametrize(
    "language", ["German", "French", "Spanish", "Arabic", "Chinese", "Japanese"]
)
def test_labelled_pairs_are_in_more_than_one_language(language):
    """Twins and copies, in scripts with and without capitals, and without spaces."""
    assert sum(language in p.id for p in TWINS) >= 4
    assert sum(language in p.id for p in COPIES) >= 2


def test_in_a_run_of_all_labelled_pairs_no_twin_is_withheld_for_the_other():
    """Copies are: the whole decision, not the verdict alone."""
    texts = {f"{p['id']}.{side}": p[side] for p in PAIRS for side in "ab"}
    prints = {one: fingerprint(text) for one, text in texts.items()}
    candidates = [
        Candidate(
            article_id=one,
            source_uri=f"file:///{one}",
            source="site",
            words=len(split_words(text)),
            text_hash=prints[one].text_hash,
            signature=prints[one].signature,
            shingles=prints[one].shingles,
        )
        for one, text in texts.items()
    ]
    withheld = decide(Candidates.of(candidates), MemoryIndex(), MemoryTexts(texts)).withheld
    pair_of = {one: one.partition(".")[0] for one in texts}
    twins = [one for one in withheld if one.startswith("twin")]
    assert not [one for one in twins if pair_of[one] == pair_of[withheld[one].kept_article_id]]
    copies = {p["id"] for p in PAIRS if p["kind"] == "copy"}
    assert copies <= {pair_of[one] for one in withheld}


def test_equal_words_are_exact():
    """Quotes, dashes, case and lines do not make another text."""
    assert judge(STORY, STORY.upper().replace("\n", " ").replace("'", "’")).kind == "exact"


def test_other_stories_are_none():
    """Two stories that share a few words are two stories, and the reason says so."""
    verdict = judge(STORY, "A retired postman has given nine thousand tickets to the museum.")
    assert (verdict.kind, verdict.reason) == (None, "too little in common")


def test_an_excerpt_is_contained():
    """The shorter's shingles lie in the longer, which has much more."""
    longer = STORY + "\n\n" + " ".join(f"More{n} was said of it." for n in range(60))
    verdict = judge(STORY, longer)
    assert verdict.kind == "contained"
    assert verdict.containment == 1.0
    assert verdict.jaccard < MIN_JACCARD


@pytest.mark.parametrize("other", ["", "…", STORY])
def test_a_text_without_words_is_no_copy(other):
    """Nothing can be verified of it, not even against itself."""
    assert judge("— !", other).kind is None


@given(WORDS, WORDS)
def test_verdicts_do_not_depend_on_order(a, b):
    """A pair has one verdict, whichever text comes first."""
    one, other = judge(" ".join(a), " ".join(b)), judge(" ".join(b), " ".join(a))
    assert (one.jaccard, one.containment) == (other.jaccard, other.containment)
    assert one.kind == other.kind


@given(WORDS, WORDS)
def test_verdicts_keep_to_their_measures(a, b):
    """No copy is found below the set measures."""
    verdict = judge(" ".join(a), " ".join(b))
    assert 0 <= verdict.jaccard <= verdict.containment <= 1
    if verdict.kind == "near":
        assert verdict.jaccard >= MIN_JACCARD
    if verdict.kind == "contained":
        assert verdict.containment >= MIN_CONTAINMENT


@given(LETTERS, LETTERS)
def test_an_alignment_covers_both_texts(a, b):
    """Stretches follow one another without gap, and the same is the same."""
    a_at = b_at = 0
    for one in align(a, b):
        assert (one.a_start, one.b_start) == (a_at, b_at)
        a_at, b_at = one.a_end, one.b_end
        if one.is_same:
            assert a[one.a_start : one.a_end] == b[one.b_start : one.b_end]
    assert (a_at, b_at) == (len(a), len(b))


def test_changed_facts_are_counted():
    """Numbers and names that stand for others count; what stays counts as kept."""
    changes = count_changes(
        "Rain fell in Ashgate and 12 roads were shut.",
        "Rain fell in Lindhall and 30 roads were shut.",
    )
    assert (changes.numbers_changed, changes.names_changed) == (1, 1)
    assert changes.examples == ("Ashgate → Lindhall", "12 → 30")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("see [3] for the Ashgate case", "see [1] for the Ashgate case"),
        ("sales of 12,141,000 in Ashgate", "sales of 12.1 in Ashgate"),
        ("sales of 747.0 million", "sales of 747 million"),
        ("three boats came to Ashgate", "3 boats came to Ashgate"),
        ("the U.S. said so", "the US said so"),
        ("said Dr Anita Rowe there", "said Dr Anita Rwoe there"),
    ],
)
def test_spelling_is_no_change_of_facts(a, b):
    """Link numbers, rounding, number words, initials and typos are spared."""
    changes = count_changes(a, b)
    assert changes.numbers_changed + changes.names_changed == 0


NOTE = "Qtly div five cts vs five cts prior. Pay July 10. Record June 30."


@pytest.mark.parametrize(
    ("a", "b", "are_apart"),
    [
        ("ACME SETS QTLY DIVIDEND", "BOLT SETS QTLY DIVIDEND", True),
        (
            "Brandt Oil Corp has received a 107.2",
            "Varley Co of Ashgate has been given a 99.2",
            True,
        ),
        ("ACME SETS QTLY DIVIDEND", "Acme sets quarterly dividend", False),
        ("Storm hits coast", "Coast battered by storm", False),
        (None, "Storm hits coast", False),
    ],
)
def test_titles_tell_notes_apart(a, b, are_apart):
    """The title says whose dividend it is; another wording of one title does not."""
    assert are_apart_by_titles(a, NOTE, b, NOTE) == are_apart


FUND = "Mthly div 7 cts. Pay March 31. NOTE: Brandt High-Yield Income Fund. Record March 16."
MALT = "ROSTOK MALT - JUNE 7. Pale 255 sellers, prev 251. Dark 270 sellers, prev 266."


@pytest.mark.parametrize(
    ("a", "b"),
    [(FUND, FUND.replace("High-Yield ", "")), (MALT, MALT.replace("JUNE 7", "JUNE 8"))],
)
def test_a_note_with_a_fact_more_or_less_is_another_s(a, b):
    """A fund's name put in, or another day, makes another note."""
    assert judge(a, b).kind is None


def _texts(param):
    pair = param.values[0]
    return pair["a"], pair["b"]
