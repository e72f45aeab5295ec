import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.language import UNKNOWN, Language
from tasks.text.quality import RULES, Facts, flag_quality
from tasks.text.readability import count_text
from tasks.text.repetition import Runs

ENGLISH = """\
The ferry between the two villages will sail again in the evening from April. The council decided \
on Monday to pay a second ferryman, a post that had been empty for three years.

Until now the last boat left at half past six. “Whoever came later had to drive round by the \
bridge, and that is eighteen kilometres,” said the mayor, Roswitha Dürrkamp.

Costs and doubts

Four of seventeen members voted against the plan. They would rather have seen the money spent on \
the road to the station, of which one half has been closed since the flood."""

GERMAN = """\
Die Fähre zwischen den beiden Dörfern fährt von April an wieder auch am Abend. Der Gemeinderat hat \
am Montag beschlossen, die Stelle eines zweiten Fährmanns zu bezahlen, die lange leer stand.

„Wer später kam, musste den Umweg über die Brücke nehmen, und der ist achtzehn Kilometer lang“, \
sagte Bürgermeisterin Roswitha Dürrkamp.

Gegen den Beschluss stimmten vier von siebzehn Räten. Sie hätten das Geld lieber für die Straße \
zum Bahnhof ausgegeben, die seit dem Hochwasser nur halbseitig befahrbar ist."""

PARAGRAPHS = ENGLISH.split("\n\n")
SENTENCE = "The boat was late again on Friday because of fog."
WORDS = ENGLISH.split()


def _facts(
    text, *, code="en", confidence=0.99, title="The evening ferry", share=0.3, is_repaired=False
):
    language = Language(code, confidence) if code != "und" else UNKNOWN
    return Facts(text, count_text(text, code), language, title, share, is_repaired)


# flag: text that gets it, text that comes close and does not
CASES = {
    "gopher-word-count": (" ".join(WORDS[:49]), " ".join(WORDS[:50])),
    "gopher-mean-word-length": (
        "Verkehrswegeplanungsbeschleunigungsgesetz gilt. " * 20,
        "Verkehrswegeplanungsgesetz gilt nun bald auch hier. " * 20,
    ),
    "gopher-symbol-to-word": (
        ENGLISH + " #ferry #boat #night #river" * 3,
        ENGLISH + " #ferry #boat #night",
    ),
    "gopher-bullet-lines": (
        "\n".join(f"• Item {number} of the list came late." for number in range(10)),
        ENGLISH + "\n\n• Boats sail at seven.\n• Boats sail at nine.",
    ),
    "gopher-ellipsis-lines": (
        "\n\n".join([*PARAGRAPHS, "Read on…", "There is more...", "And more…"]),
        ENGLISH + "\n\nIt was late…",
    ),
    "gopher-alpha-words": (
        ENGLISH + " 12 14 16 18 20 22 24 26" * 4,
        ENGLISH + " 12 14 16 18 20 22 24 26",
    ),
    "gopher-stop-words": (
        "Ferry times this week: Monday seven, Tuesday nine, Wednesday noon. " * 3,
        "Ferry times this week: Monday to Friday, seven and nine.",
    ),
    "gopher-dup-lines": (
        f"{ENGLISH}\n" + "Ask us.\n" * 4,
        f"{ENGLISH}\n" + "Ask us.\n" * 2,
    ),
    "gopher-dup-paragraphs": (
        f"{ENGLISH}\n\n" + "Ask us.\n\n" * 4,
        f"{ENGLISH}\n\n" + "Ask us.\n" * 4,
    ),
    "gopher-dup-line-characters": (
        "\n".join([*PARAGRAPHS, PARAGRAPHS[0], PARAGRAPHS[1]]),
        "\n".join([*PARAGRAPHS, "Costs and doubts", SENTENCE]),
    ),
    "gopher-dup-paragraph-characters": (
        "\n\n".join([*PARAGRAPHS, PARAGRAPHS[0], PARAGRAPHS[1]]),
        "\n".join([*PARAGRAPHS, PARAGRAPHS[0], PARAGRAPHS[1]]),
    ),
    "gopher-top-2-gram": ("Good morning! " * 6 + SENTENCE, "Good morning! " + ENGLISH),
    "gopher-top-3-gram": ("Buy one now! " * 6 + SENTENCE, "Buy one now! " * 2 + ENGLISH),
    "gopher-top-4-gram": ("Buy one ticket now! " * 6 + SENTENCE, ENGLISH),
    **{
        f"gopher-dup-{size}-gram": (
            f"{ENGLISH} {' '.join(WORDS[:40])}",
            f"{ENGLISH} {SENTENCE} {SENTENCE}",
        )
        for size in range(5, 11)
    },
    "c4-no-terminal-punctuation": (
        "Boats sail at seven\nBoats sail at nine",
        "He said “no”\nand left",
    ),
    "c4-few-sentences": (
        "Prices rose 3.5 per cent, to 2.1 crowns. Boats did not sail.",
        "Prices rose. Boats did not sail (nor did ferries!) Nobody knows why.",
    ),
    "c4-lorem-ipsum": (ENGLISH + " Lorem ipsum dolor.", ENGLISH + " Lorem, said the printer."),
    "c4-curly-brace": (ENGLISH + " .ad { display: none", ENGLISH + " (in brackets) [sic]"),
    "c4-javascript": (ENGLISH + " Please enable JavaScript.", ENGLISH + " A java-like script."),
    "c4-policy": (ENGLISH + " Our Privacy Policy.", ENGLISH + " Her policy on privacy."),
    "fineweb-line-punctuation": (
        "\n".join(["Boats sail at seven"] * 22 + [SENTENCE] * 3),
        "\n".join(["Boats sail at seven"] * 21 + [SENTENCE] * 3),
    ),
    "fineweb-short-lines": (
        "\n".join(["Boats sail at seven."] * 68 + [SENTENCE] * 33),
        "\n".join(["Boats sail at seven."] * 66 + [SENTENCE] * 34),
    ),
    "fineweb-char-duplicates": (
        "\n\n".join([*PARAGRAPHS, SENTENCE, SENTENCE, SENTENCE]),
        "\n\n".join([*PARAGRAPHS, "Costs and doubts"]),
    ),
    "short": ("Boats will not sail today.", ENGLISH[:200]),
}


@pytest.mark.parametrize("flag", CASES)
def test_what_is_odd_is_flagged(flag):
    """A text that a rule is about gets its flag."""
    assert flag in flag_quality(_facts(CASES[flag][0]))


@pytest.mark.parametrize("flag", CASES)
def test_what_comes_close_is_spared(flag):
    """A text that looks like it, on the right side of the threshold, does not."""
    assert flag not in flag_quality(_facts(CASES[flag][1]))


@pytest.mark.parametrize(
    ("flag", "odd", "close"),
    [
        ("no-title", {"title": None}, {"title": "Ferry"}),
        ("mostly-boilerplate", {"share": 0.81}, {"share": 0.8}),
        ("low-language-confidence", {"confidence": 0.86}, {"confidence": 0.9}),
        ("low-language-confidence", {"code": "und"}, {}),
        ("mojibake-repaired", {"is_repaired": True}, {"is_repaired": False}),
    ],
)
def test_facts_beside_the_text_are_flagged(flag, odd, close):
    """Title, boilerplate and language give flags of their own."""
    assert flag_quality(_facts(ENGLISH, **odd)) == (flag,)
    assert flag_quality(_facts(ENGLISH, **close)) == ()


def test_every_rule_has_a_case():
    """No rule stands without examples in this file."""
    others = {"no-title", "mostly-boilerplate", "low-language-confidence", "mojibake-repaired"}
    assert {rule.flag for rule in RULES} == CASES.keys() | others


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.flag)
def test_consumers_are_told_of_every_flag(rule):
    """The table in data/README.md names each flag, whose it is and what for."""
    readme = (Path(__file__).parents[1] / "data" / "README.md").read_text("utf-8")
    assert f"| `{rule.flag}` | {rule.source.partition(':')[0]} | {rule.says} |" in readme


def test_flags_are_distinct():
    """A flag names one rule."""
    flags = [rule.flag for rule in RULES]
    assert len(flags) == len(set(flags))


@pytest.mark.parametrize(("text", "code"), [(ENGLISH, "en"), (GERMAN, "de")])
def test_a_clean_article_has_no_flag(text, code):
    """Plain news prose, with a heading and quotations, is not odd."""
    assert flag_quality(_facts(text, code=code)) == ()


def test_german_is_not_asked_for_english_stop_words():
    """The stop-word rule is for English only."""
    assert "gopher-stop-words" in flag_quality(_facts(GERMAN, code="en"))
    assert "gopher-stop-words" not in flag_quality(_facts(GERMAN, code="de"))


def test_a_chinese_article_has_no_flag():
    """Rules that count words are left out where words are not parted by spaces."""
    sentences = [
        f"港口在{day}日重新开放，中午以前有{day}艘船进港，市长说今年的春天来得很晚，渔民已经等了三个星期。"
        for day in ("十二", "十三", "十四", "十五")
    ]
    assert flag_quality(_facts("\n\n".join(sentences), code="zh")) == ()


def test_flags_come_in_the_order_of_the_table():
    """Published rules first, ours last, so that lists of flags compare."""
    flags = flag_quality(_facts("Boats", title=None))
    order = [rule.flag for rule in RULES]
    assert sorted(flags, key=order.index) == list(flags)
    assert flags[-1] == "no-title"


@given(st.text(max_size=300), st.sampled_from(["en", "de", "zh", "und"]))
def test_any_text_can_be_flagged(text, code):
    """No text raises, and every flag is one of the table."""
    assert set(flag_quality(_facts(text, code=code))) <= {rule.flag for rule in RULES}


def _share_in_top_run(words, size):
    """Gopher's rule, word for word."""
    counts = Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))
    most = max(counts.values(), default=0)
    if most < 2:
        return 0.0
    longest = max(sum(map(len, run)) for run, count in counts.items() if count == most)
    return most * longest / sum(map(len, words))


def _share_in_repeated_runs(words, size):
    """Gopher's rule, word for word."""
    seen, repeated, start = set(), 0, 0
    while start + size <= len(words):
        run = tuple(words[start : start + size])
        if run in seen:
            repeated += sum(map(len, run))
            start += size
        else:
            seen.add(run)
            start += 1
    return repeated / sum(map(len, words)) if words else 0.0


REPETITIVE = st.lists(
    st.sampled_from(["a", "bb", "ccc", "ć", "Ω" * 9]) | st.sampled_from("abcdefghijklmno"),
    max_size=80,
)
LIMITS = st.sampled_from([0.1, 0.15, 0.2, 0.5])
SPACES = st.sampled_from([" ", "\n\n", "\u3000"])


@given(REPETITIVE, SPACES, st.integers(5, 10), LIMITS)
def test_runs_that_stood_before_are_counted(words, space, size, limit):
    """Hashes hide no repetition, and invent none; five words bound all longer runs."""
    runs, held = Runs(space.join(words)), _share_in_repeated_runs(words, size)
    assert runs.hold_in_repeated(size, limit) == (held > limit)
    assert held <= runs.repeated_at_most + 1e-12


@given(REPETITIVE, SPACES, st.integers(2, 4), LIMITS)
def test_the_run_that_recurs_most_is_found(words, space, size, limit):
    """What its pairs bound is never less than what it holds."""
    runs = Runs(space.join(words))
    assert runs.hold_in_top(size, limit) == (_share_in_top_run(words, size) > limit)


@pytest.mark.parametrize("unit", ["a ", "boat ", "…", "{", "\n \n", "• a\n", "a. ", ".”", "'"])
def test_a_long_text_takes_linear_time(unit):
    """Half a million characters of anything are flagged in seconds, not in minutes."""
    facts = _facts(unit * (500_000 // len(unit)) + "a")
    start = time.process_time()
    flag_quality(facts)
    assert time.process_time() - start < 10
