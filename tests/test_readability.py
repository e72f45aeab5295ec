import threading

import pytest
import textstat
from hypothesis import given
from hypothesis import strategies as st

from tasks.schemas import READABILITY_SCORES
from tasks.text.readability import (
    ENGLISH_SCORES,
    NO_LIX,
    SCORES_OF,
    Counts,
    count_text,
    score_readability,
)

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
    "ru": "С апреля паром снова будет ходить по вечерам. Совет принял решение в понедельник.",
}
KEYS = {*READABILITY_SCORES, "text_standard"}


def _given(text, language):
    return {k: v for k, v in score_readability(text, language).items() if v is not None}


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
    """The scores of other languages are textstat's, set to that language."""
    textstat.set_lang(language)
    try:
        for name in {*SCORES_OF[language], "lix", "rix"} - {"wiener_sachtextformel"}:
            expected = getattr(textstat, name)(OTHERS[language])
            assert score_readability(OTHERS[language], language)[name] == expected
    finally:
        textstat.set_lang("en_US")


def test_wiener_sachtextformel_is_the_first_variant():
    """Of the four Vienna formulas, the row holds the first."""
    textstat.set_lang("de")
    try:
        expected = textstat.wiener_sachtextformel(OTHERS["de"], 1)
    finally:
        textstat.set_lang("en_US")
    assert score_readability(OTHERS["de"], "de")["wiener_sachtextformel"] == expected


def test_a_language_without_formulas_has_lix_and_rix():
    """LIX and RIX are for any language with spaces and full stops."""
    polish = "Prom znów będzie pływał wieczorem od kwietnia. Rada zdecydowała o tym w poniedziałek."
    assert _given(polish, "pl").keys() == {"lix", "rix"}


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
    assert count_text(ENGLISH, "en") == Counts(
        characters=textstat.char_count(ENGLISH),
        words=textstat.lexicon_count(ENGLISH),
        sentences=textstat.sentence_count(ENGLISH),
        reading_seconds=textstat.reading_time(ENGLISH),
    )


def test_nothing_counts_as_nothing():
    """An empty text has zeros."""
    assert count_text("", "und") == Counts(0, 0, 0, 0.0)


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
