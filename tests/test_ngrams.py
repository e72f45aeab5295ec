"""Langdetect's answer is its own, from its own profiles."""

import random
from pathlib import Path

import langdetect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdetect import DetectorFactory, LangDetectException

from tasks.text import ngrams
from tasks.text.ngrams import probabilities

TEXTS = [
    "The harbour opened again on Tuesday, and three ships came in before noon.",
    "Radio taxi hotel restaurant",
    "Der Hafen wurde am Dienstag wieder geöffnet.",
    "HARBOUR OPENED, said Ms. McQueen of the BBC's office in ABERDEEN",
    "Bến cảng đã mở cửa trở lại vào thứ Ba.",
    "Be\u0302\u0301n ca\u0309ng mo\u031b\u0309 cu\u031b\u0309a tro\u031b\u0309 la\u0323i",
    "Portul a fost redeschis marți, iar trei nave au intrat înainte de prânz și după.",
    "港は火曜日に再開し、正午までに三隻の船が入った。ポート",
    "항구는 화요일에 다시 열렸고 정오 전에 배 세 척이 들어왔다. The Port",
    "港口星期二重新开放，中午以前有三艘船进港。",
    "أعيد فتح الميناء يوم الثلاثاء ودخلت ثلاث سفن قبل الظهر. Reuters ABC",
    "Порт снова открылся во вторник, см. https://example.org/port и mail@example.org.",
    "zq xw",
    "ąž",
    "12 - 40",
    "",
]


@pytest.fixture(scope="module")
def langdetects():
    """Langdetect's probabilities of a text by language, and without some languages."""
    folder = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([p.read_text("utf-8") for p in sorted(folder.iterdir())])
    factory.set_seed(0)

    def ask(text, without=()):
        detector = factory.create()
        if without:
            detector.set_prior_map({name: 1.0 for name in detector.langlist if name not in without})
        detector.append(text)
        try:
            return {found.lang: found.prob for found in detector.get_probabilities()}
        except LangDetectException:
            return {}

    return ask


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("without", [(), ("ko",), ("en", "de")])
def test_the_answer_is_langdetects(langdetects, text, without):
    """Whatever the script, and whichever languages are left out."""
    assert probabilities(text, without) == pytest.approx(langdetects(text, without), abs=1e-9)


@given(text=st.text(max_size=60) | st.text(st.sampled_from("aE é'ñB\n.żđщئ東あ한"), max_size=80))
def test_any_text_has_langdetects_answer(langdetects, text):
    """Of the same languages, with the same probabilities."""
    assert probabilities(text) == pytest.approx(langdetects(text), abs=1e-9)


@pytest.mark.parametrize("sides", [1, 2, 3, 64, 65, 1000, 1025])
def test_draws_are_those_of_python(sides):
    """Numbers of a bell curve and of so many sides come as `random.Random(0)` gives them."""
    ours, theirs = ngrams._Dice(sides), random.Random(0)
    for count in (1, 26, 101, 101, 7):
        assert ours.bell() == theirs.gauss(0, 1)
        drawn = ours.draws(101)
        ours.keep(count)
        assert drawn[:count].tolist() == [theirs.choice(range(sides)) for _ in range(count)]


@pytest.mark.parametrize("sides", [2**bits + 1 for bits in range(12)])
def test_there_are_numbers_for_the_longest_search(sides):
    """Where no trial ends early, and every second number is passed over, all are at hand."""
    dice = ngrams._Dice(sides)
    for _ in range(ngrams.TRIALS):
        dice.bell()
        for count in (101, *[100] * 9):
            assert len(dice.draws(count)) == count
            dice.keep(count)


@pytest.mark.skipif(ngrams._compiled is None, reason="the trials are not compiled")
@given(st.text(max_size=90))
def test_the_compiled_twin_tries_alike(text):
    """Python's own trials give the same languages."""
    ours = probabilities(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams, "_compiled", None)
        assert probabilities(text) == pytest.approx(ours, abs=1e-12)
