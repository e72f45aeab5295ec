"""Mojibake: what is repaired, what is left alone, and what it costs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.text.page import Article
from tasks.text.repair import Repaired, repair, repair_article

REPAIRED = {
    "latin-1": ("Der FÃ¤hrmann fuhr fÃ¼r 3 Kronen.", "Der Fährmann fuhr für 3 Kronen."),
    "windows-1252": ("It donâ€™t cost â‚¬ 3.", "It don’t cost € 3."),
    "a lost no-break space": ("Ã  la carte, au cafÃ©", "à la carte, au café"),
    "c1 controls": ("the ferryman\x92s \x93boat\x94", "the ferryman’s “boat”"),
    "twice": ("lâ€™ÃƒÂ©tÃƒÂ©", "l’été"),
    "beside right quotes": ("He said “yes”, and donâ€™t ask.", "He said “yes”, and don’t ask."),
    "polish": ("Å¼Ã³Å‚w na Å‚Ä…ce", "żółw na łące"),
    "arabic": ("ÙˆØ²ÙŠØ± Ø§Ù„Ø®Ø§Ø±Ø¬ÙŠØ©", "وزير الخارجية"),
    "windows-1251": ("РџСЂРёРІРµС‚, РјРёСЂ", "Привет, мир"),
    "mac roman": ("‚Äúcaf√©‚Äù", "“café”"),
}

RIGHT = {
    "german": "„Schöne Grüße“, sagte Frau Ößler – für 3 € fährt die Fähre über die Straße …",
    "german in capitals": "ÖFFENTLICHE ÄMTER ÜBEN: STRAẞE, GROẞ, Äußerst ‚ÄLTERE‘ Leute",
    "french": "« L’été dernier », dit-il, « l’âge d’Œdipe… ça coûte 3 € : voilà ! » Où ? Âge.",
    "french, set": "La qualité\xa0: «\xa0la bonté\xa0», l’intérêt… et l’«\xa0été\xa0» à\xa0Noël",
    "spanish": "¿Cuánto cuesta? ¡3 €! «Mañana» — dijo el niño — en Córdoba, 25 °C.",
    "portuguese": "SÃO PAULO: A ELEIÇÃO NÃO FOI CANCELADA. “Não”, disse João. IRMÃ, AVÓ E PÃO",
    "polish": "„Zażółć gęślą jaźń”, powiedział burmistrz Łodzi – to kosztuje 3 €.",
    "romanian": "ÎN ȚARĂ: „Învățământul” costă 3 €. ÂNTÂI, ROMÂNIA, ĂSTA",
    "turkish": "İSTANBUL’da “ığdır” – Şişli, Çağrı, Âlâ, 3 €",
    "czech": "„Příliš žluťoučký kůň“ úpěl ďábelské ódy – 3 €",
    "arabic": "قال الوزير: «إنّ الطريق سيُفتح غدًا»، وكلفته 3 € — ١٢٪ من الميزانية؟",
    "urdu": "وزیرِ اعلیٰ نے کہا: ”پل کل کھلے گا“ اور خرچ 3 € ہے۔",
    "chinese": "市长说：“桥明天开放”，费用为３€……（全文完）",
    "japanese": "「橋は明日開通」と市長。ﾊﾝｶｸ　ＡＢＣ",
    "russian": "Мэр сказал: «Ёлка — 3 €, №5, 25 °C». Сёла, Рёв.",
    "ukrainian": "Річка Їжак: «Ґанок», 3 €, Єва",
    "greek": "Ο δήμαρχος είπε: «το σχολείο ανοίγει» — 3 €, Ξάνθη",
    "vietnamese": "Thị trưởng nói: “Cầu mở cửa” – ÂN, LÃ, 3 €",
    "swedish": "ÅSA ÄR PÅ ÖN: ”Å, nej” – 3 €",
    "ligatures and widths": "ﬁsh, ﬂour, Ｆｕｌｌ, ½, ², e\u0301, \u200bzero\u00ad",
    "signs": "© 2025, ® ™ § ¶ £5 ¥9 ±3 µm ×2 ÷ “A” ‘b’ „c“ …",
    "entities": "R&amp;D &lt;b&gt; caf&eacute;",
    "emoji": "😀 👨‍👩‍👧 🇩🇪 ☎️",
    "formulas": "x = √2, y ≈ 3, √(a), ≥ 4, ∞",
    "a character lost": "He said â€? and left",
}


@pytest.mark.parametrize("name", REPAIRED)
def test_mojibake_is_repaired(name):
    """Text that went through a wrong encoding comes out as it was written, with the change."""
    before, after = REPAIRED[name]
    repaired = repair(before)
    assert repaired.text == after
    (change,) = repaired.changes
    assert (change.before, change.after) == (before, after)
    assert change.steps


@pytest.mark.parametrize("name", RIGHT)
def test_right_text_stays_as_it_is(name):
    """Letters, quotes, widths and signs of any language are nobody's mistake."""
    assert repair(RIGHT[name]) == Repaired(RIGHT[name])


def test_only_the_lines_that_need_it_are_changed():
    """One paragraph from elsewhere does not put the others in doubt."""
    right, wrong = RIGHT["german"], REPAIRED["latin-1"][0]
    repaired = repair(f"{right}\n\n{wrong}\n\n{right}")
    assert repaired.text == f"{right}\n\n{REPAIRED['latin-1'][1]}\n\n{right}"
    assert [change.before for change in repaired.changes] == [wrong]


def test_an_article_is_repaired_in_all_it_says():
    """Title, authors, section, dateline, summary and text; the date's line stays as received."""
    wrong, right = "JÃ¶rg MÃ¼ller", "Jörg Müller"
    article = Article(
        2, wrong, wrong, (wrong,), wrong, wrong, published_text=wrong, summary=(wrong,)
    )
    better, changes = repair_article(article)
    assert better == Article(
        2, right, right, (right,), right, right, published_text=wrong, summary=(right,)
    )
    assert len(changes) == 6


def test_an_article_without_mojibake_is_the_same():
    """And has nothing on record."""
    article = Article(0, RIGHT["french"], title=RIGHT["arabic"])
    assert repair_article(article) == (article, ())


@given(st.text())
def test_any_text_can_be_repaired(text):
    """No text raises, and no line is joined, torn or lost."""
    repaired = repair(text)
    assert repaired.text.count("\n") == text.count("\n")
    assert (repaired.text != text) == bool(repaired.changes)


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])))
def test_what_was_read_as_latin_1_comes_back_or_stays(text):
    """Repair knows the way back or leaves the line; it makes no third thing of it."""
    broken = text.encode().decode("latin-1")
    for change in repair(broken).changes:
        assert "\ufffd" not in change.after


@pytest.mark.parametrize("name", ["german", "french, set", "arabic", "polish", "chinese"])
def test_a_text_without_suspects_costs_hardly_anything(name):
    """5 kB take some 20 µs, against 1 ms of ftfy's own look; here with room for a busy machine."""
    text = (RIGHT[name] + "\n\n") * (5000 // len(RIGHT[name]))
    took = []
    for _ in range(200):
        start = time.perf_counter()
        repair(text)
        took.append(time.perf_counter() - start)
    assert min(took) < 200e-6


@pytest.mark.parametrize("unit", ["Ã©", "â€™ ", "Ã", "Ã ", "é\x92", "Р°", "√©", "â€\n"])
def test_a_long_text_takes_linear_time(unit):
    """200,000 characters of suspects are repaired in seconds."""
    start = time.process_time()
    repair(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 10


def test_the_lake_has_the_article_repaired_and_the_page_as_received(desk, story, tmp_path):
    """The flag is the record of it, and the page's spans still cover what came."""
    received = story(1).replace("is", "isnâ€™t", 1) + "\nIt wasnâ€™t lit, she said.\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(received)
    (tmp_path / "in" / "b.txt").write_text(story(2))
    with desk(tmp_path / "lake", "run", tmp_path / "in") as ingest:
        ingest.work_through()
    lake = Lake(tmp_path / "lake")
    first, second = sorted(
        read(lake, "articles").to_pylist(), key=lambda article: article["source_uri"]
    )
    assert "isn’t" in first["title"]
    assert "It wasn’t lit, she said." in first["text"]
    assert "mojibake-repaired" in first["quality_flags"]
    assert "mojibake-repaired" not in second["quality_flags"]
    (page,) = (page for page in read(lake, "pages").to_pylist() if "â" in page["text"])
    assert page["text"] == received
