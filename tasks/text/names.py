"""Tell the persons in a byline from the organisations, places and labels around them."""

import re
from functools import lru_cache

from tasks.compiled import twin
from tasks.text.dates import MONTHS, find_date
from tasks.text.given_names import is_given_name
from tasks.text.lines import bare, has_digit
from tasks.text.uncased import read_uncased
from tasks.text.words import (
    BYLINES_BEGIN,
    MONTH_NAMES,
    NAME_PARTICLES,
    NO_NAME,
    OFFICES,
    WEEKDAYS,
)

_compiled = twin(__name__)

LONGEST_BYLINE = 160
"""Characters: a byline with three authors and their desks stays under it."""

_ROLES = """
columnists contributors correspondents editors reporters writers journalist journalistin
journalisten reporterin autoren periodista redactor redactora reportero corresponsal enviado
enviada journaliste rédacteur rédactrice correspondant correspondante envoyé envoyée giornalista
redattore redattrice inviato inviata corrispondente jornalista repórter redator redatora
verslaggever redacteur dziennikarz dziennikarka redaktor redaktorka журналист журналистка
корреспондент обозреватель редактор muhabir muhabiri editör journalistka toimittaja novinář
"""
ROLES = OFFICES.union(_ROLES.split())
"""Words of what a person in a byline is, in more languages."""
_ROLES_BEGIN = frozenset(re.split(r"\W", role)[0] for role in ROLES)
_LETTERS = "".join(char if char.isalpha() else " " for char in map(chr, range(128)))
"""What stands for each ASCII character where letters alone are read."""
_NO_PERSON = NO_NAME | WEEKDAYS | (MONTHS.keys() - MONTH_NAMES)
_NO_NAMES = _NO_PERSON | ROLES
_BY = re.compile(r"(?i)\b(?:by|von|par|por|di|door)\s+(?=\S)")
_AGO = re.compile(r"(?i)\b\d+\s?\w+ ago\b|\bvor \d+ \w+")
_HONORIFIC = re.compile(
    r"(?i)^(?:(?:(?:dr|prof|professor|rev|sir|ing)\.?"
    r"|dipl(?:\.?-\w*\.?|\.?\w+\.?|\.{0,2}))\s+)+(?=\S)"
)
_MISTER = re.compile(r"(?i)^(?:mr|mrs|ms|miss|herr|frau)\.?\s+(?=\S)")
_HONORIFICS_BEGIN = frozenset({"dr", "pr", "re", "si", "di", "in"})
_MISTERS_BEGIN = "mMhHfF"
_GLUED = re.compile(r"[a-zà-ÿ][A-Z]")
_JOINED = re.compile(
    r"(?<=[a-zà-ÿ])(?=(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Published|Updated|Posted|Twitter|Facebook|LinkedIn|Instagram|Follow|Share|Email)(?![a-z]))"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’.\-‐][^\W\d_]+)*\.?")
# Each text matches in one way at most: a list of words in capitals would else be tried in 2^n ways.
_CREDENTIAL = re.compile(r"(?:,\s*(?:[A-Z][a-z]*\.?(?:[A-Z][a-z]*\.?)+|[JS]r\.?))+$")
PREFIX = re.compile(
    r"(?i)^\W*(?:(?:(?:re)?posted|published|updated|medically reviewed|reviewed|edited)?\s*"
    r"(?:(?:article|story|words|text|report|analysis|opinion|guide|recipe|post|(?:eine?\s+)?(?:artikel|analyse|kommentar|kolumne|interview|gastbeitrag|bericht))\s+)?"
    r"(?:written\s+|contributed\s+)?(?:by|von|par|por|di|door|av|af|przez)|authors?|autor(?:in|en)?|auteur|autore|text|"
    r"words|reporter|escrito por|geschrieben von|writer|story)"
    r"(?:\s*[:|]\s*|\s+(?:by\s+)?)|(?-i:^[Bb]y(?=[A-Z][a-z]))"
)
_FIRST_TWO = frozenset(word[:2] for word in BYLINES_BEGIN)
_BEGINS = tuple(BYLINES_BEGIN)
_MARKS = "".join(char for char in map(chr, range(128)) if not (char.isalnum() or char == "_"))
REVIEW_LINE = re.compile(
    r"(?i)\W*(?:(?:medically|clinically|expert|fact|last|legally|technically|image|video)[ -])?"
    r"(?:reviewed|checked|edited|translated|approved|photos?|fotos?|image|bild|video|review"
    r"|fact.check)\w*(?: by| von|:)"
)
_WRITTEN_BY = re.compile(
    r"(?i)\b(?:written|posted|contributed|words|text|article|story|post|verfasst|geschrieben)"
    r" (?:by|von)\s+(?=\S)"
)
_PICTURE = re.compile(
    r"(?i)^\W*(?:(?:picture|photo|image|avatar|portrait|profile|bild|foto) (?:of|for|von|de)\s+"
    r"|author image\s+)"
    r"|(?:['’]s)? (?:avatar|image|picture|photo|profile|headshot|portrait)$"
)
# Parts of its words, without letters that have odd forms: i, k and s.
_OF_PICTURES = ("ture", "oto", "mage", "avatar", "portra", "prof", "ld", "head")
_DIGIT = re.compile(r"\d")
_BETWEEN = re.compile(r"\s*(?:[^\w\s.,;:'’\"“”&+‐-]|\d)+[.,;:]?\s*|\s+-\s+|\s{2,}|\t|\s+in$")
_MARK = re.compile(r"[^\w .,;:'’\"“”&+‐-]")
_STOP = re.compile(
    r"\s*(?:[^\w\s.,;:'’\"“”&+‐-]|\d|\s-\s|\b(?:published|updated|posted|last|for|on|in|at|with|via|from|is|am|um|aktualisiert|"
    r"veröffentlicht|first|medically|reviewed|read|view|follow|share|min|our|the|Published|Updated|Posted|Last|On|"
    r"PUBLISHED|UPDATED|POSTED|Reviewed|Medically|First|Read|Follow)\b)",
)
_MONTH_END = re.compile(rf"(?i)\b(?:{'|'.join(MONTHS)})\.?$")
_SMALL = NAME_PARTICLES | {"and", "und", "et", "y", "e", "en", "och", "og", "i"}
_AND = re.compile(r"\s*(?:,|;|&|\+|\b(?:and|und|et|y|e|en|och|og|i)\b)\s*")


_AROUND = "\"'“”‘’()[]{}.,;:!?*#|•·–—-"


def is_person(text: str) -> bool:
    """Whether the text is a name: two to five capitalised words, none of them of another kind.

    A single word is never taken for a person, nor is a name with digits. By shape alone, so an
    organisation that is named like a person passes.
    """
    two = text[:2].lower()
    if two in _HONORIFICS_BEGIN or not two.isascii():
        words = text.split()
        if len(words) < 2 or _ends_small(words[-1]):
            return False
        text = _HONORIFIC.sub("", text)
    found: bool = (_is_person if _compiled is None else _compiled.is_person)(text)
    return found


def _is_person(text: str) -> bool:
    """The same for a text without an honorific before it."""
    words = text.split()
    if len(words) < 2 or _ends_small(words[-1]):
        return False
    if not 2 <= len(words) <= 5 or not 4 <= len(text) <= 48 or has_digit(text):
        return False
    full = 0
    for word in words:
        plain = word.casefold().strip(".")
        if plain in NAME_PARTICLES and word != words[0]:
            full += word[0].isupper()
            continue
        if not _WORD.fullmatch(word) or not word[0].isupper():
            return False
        if len(word) == 2 and word[1] == ".":
            continue
        if plain in _NO_PERSON or plain.endswith(("'s", "’s")):
            return False
        full += len(word.strip(".")) > 1
    if text.isupper() and len(words) > 3:
        return False
    is_whole = len(words[-1].strip(".")) > 1 or is_given_name(words[0])
    return full >= 1 and is_whole


def _ends_small(word: str) -> bool:
    """Whether a text that ends in a word is no name for that word's first letter."""
    if word[0].isupper():
        return False
    return word.islower() or word.casefold().strip(".") not in NAME_PARTICLES


def clean_name(text: str) -> str:
    """The name without credentials and marks around it, and once where it stands there twice."""
    text = text.strip(" \t\xa0.,;:|-–—*•·")
    if text[:1] in _MISTERS_BEGIN:
        text = _MISTER.sub("", text)
    words = (_CREDENTIAL.sub("", text) if "," in text else text).split()
    name = " ".join(words)
    for size in (1, 2, 3, 4):
        if len(words) <= size:
            break
        if words[size] == words[0] and words[:size] * (len(words) // size) == words:
            return " ".join(words[:size])
    return name


def read_names(text: str) -> tuple[str, ...]:
    """The persons that a list such as ``A. Person, B. Person and C. Person`` names.

    The list ends at a date, a bar or a word that begins something else.
    """
    text = text[:LONGEST_BYLINE]
    if _GLUED.search(text):
        text = _JOINED.sub(" | ", text)
    if "," in text:
        text = _CREDENTIAL.sub("", text)
    names = []
    for part in _AND.split(text):
        if is_person(part):
            names.append(clean_name(part))
            continue
        stop = _STOP.search(part)
        if stop and stop.group().strip().isdigit() and _MONTH_END.search(part[: stop.start()]):
            part = part[: stop.start()].rpartition(" ")[0]
        shown = clean_name(part[: stop.start()] if stop else part)
        name = _without_office(shown)
        if is_person(name):
            names.append(name)
        elif names:
            break
        if stop or name != shown:
            break
    return tuple(dict.fromkeys(names))


def _without_office(name: str) -> str:
    """The name without what the person is: ``A. Person Senior Reporter``."""
    words = name.split()
    for place, word in enumerate(words):
        if place >= 2 and word.casefold() in _NO_NAMES:
            return " ".join(words[:place])
    return name


# A page's lines that name somebody are asked twice: what they name, and whether they do no more.
@lru_cache(maxsize=1 << 9)
def read_name_line(text: str) -> str | None:
    """The person of a line that is a name, or a name, a comma and an office; else None."""
    name = clean_name(text)
    if is_person(name):
        return name
    before, comma, office = text.partition(",")
    if not comma or len(text) > 100:
        return None
    before = clean_name(before)
    is_office = not ROLES.isdisjoint(office.casefold().split())
    return before if is_person(before) and is_office else None


def read_byline(text: str) -> tuple[str, ...]:
    """The persons of a line such as ``By A. Person | May 3, 2024``; () for any other line."""
    if len(text) > LONGEST_BYLINE or (_compiled and not _compiled.begins_byline(text)):
        return ()
    shown = bare(text)
    found = _match_prefix(shown)
    if not found:
        return ()
    return read_names(shown[found.end() :])


def _match_prefix(shown: str) -> re.Match[str] | None:
    """What PREFIX matches of a line, which is asked only where it begins with a word for *by*."""
    start = shown.lstrip(_MARKS)
    two = start[:2]
    if two.isascii() and (
        two.lower() not in _FIRST_TWO
        or (start.isascii() and not start[:12].lower().startswith(_BEGINS))
    ):
        return None
    return PREFIX.match(shown)


def read_authors(text: str) -> tuple[str, ...]:
    """The persons that a line of a head names, with or without a word for *by*.

    Looks at the line whole, and then at its parts between marks, figures, wide gaps and dates.
    Names in scripts without capitals are read only beside a word for *by* or for a reporter.
    """
    if len(text) > LONGEST_BYLINE:
        return ()
    if may_name(text):
        return _read_authors(text)
    return () if text.isascii() else read_uncased(text)


# The lines of a site's menus recur from page to page.
@lru_cache(maxsize=1 << 13)
def _read_authors(text: str) -> tuple[str, ...]:
    if found := read_byline(text):
        return found
    plain = bare(text)
    shown = _without_picture(plain)
    if name := read_name_line(shown):
        return (_without_office(name),)
    has_digits = _DIGIT.search(text) is not None
    parts = _parts(shown if plain == text else _without_picture(text))
    if parts != [text]:
        for part in parts:
            if found := read_byline(part):
                return found
    if has_digits and (found := read_dated_names(text)):
        return found
    lowered = shown.lower()
    if (" by" in lowered or " von" in lowered) and _WRITTEN_BY.search(shown):
        return read_written_by(shown)
    may_be_office = _may_have_role(shown if plain == text else text)
    for part in parts:
        if found := _whole_names(part, may_be_office=may_be_office):
            return found
    is_dated = has_digits and (find_date(shown) is not None or _AGO.search(shown) is not None)
    leads = (read_names(part) for part in parts) if is_dated else ()
    return next((names for names in leads if names), ())


def read_written_by(text: str) -> tuple[str, ...]:
    """The persons after the *written by* that stands anywhere in a line; () where none does."""
    by = _WRITTEN_BY.search(text)
    return read_names(text[by.end() :]) if by else ()


def _without_picture(text: str) -> str:
    """The line without the words that tell whose picture it names."""
    lowered = text.lower()
    if any(map(lowered.__contains__, _OF_PICTURES)):
        return _PICTURE.sub("", text)
    return text


def may_name(text: str) -> bool:
    """Whether a line may name a person: two words in a row that a name could have, capitalised.

    A word with a capital within it may be two that a renderer ran together.
    """
    return _may_name(text) if _compiled is None else _compiled.find_name(text)


def _may_name(text: str) -> bool:
    run = False
    for word in text.split():
        lowered = word.lower()
        if lowered == word:
            run = run and word in NAME_PARTICLES
            continue
        if run and lowered in NAME_PARTICLES:
            return True
        is_initial = len(word) == 2 and word[1] == "."  # the A. of John A. Alder is no article
        is_name = is_initial or lowered.strip(_AROUND) not in NO_NAME
        if is_name and run:
            return True
        run = is_name
    return False


def _parts(text: str) -> list[str]:
    """The parts of a line between bars, bullets, brackets, wide gaps and around a date."""
    found = find_date(text)
    if found:
        text = f"{text[: found.start]} | {text[found.end :]}"
    elif not _may_part(text):
        return [alone] if (alone := text.strip()) else []
    return [part for part in map(str.strip, _BETWEEN.split(text)) if part]


def _may_part(text: str) -> bool:
    """Whether something may part a text that gives no date."""
    if "  " in text or " - " in text or text.endswith(" in"):
        return True
    return _MARK.search(text) is not None or _DIGIT.search(text) is not None


def _whole_names(text: str, *, may_be_office: bool) -> tuple[str, ...]:
    """The persons of a text that is a list of names, or a name and an office; else ()."""
    words = text.split()
    has_small = any(word.islower() and word not in _SMALL for word in words)
    if has_small and not (may_be_office and _has_role(text)):
        return ()
    names = read_names(text)
    if not names:
        return ()
    rest = text[len(names[-1]) :] if len(names) == 1 else ""
    spoken = sum(len(name.split()) for name in names) + len(names) - 1
    is_office = len(words) > spoken and may_be_office and _has_role(rest) and _has_role(text)
    return names if is_office or len(words) <= spoken else ()


def _may_have_role(text: str) -> bool:
    """Whether a part of a text could have a word of what a person is."""
    if not text.isascii():
        return True
    return not _ROLES_BEGIN.isdisjoint(text.lower().translate(_LETTERS).split())


def _has_role(text: str) -> bool:
    return not ROLES.isdisjoint(_WORD.findall(text.casefold()))


def read_dated_names(text: str) -> tuple[str, ...]:
    """The persons in a head's line that also tells when: ``A. Person • May 3, 2024``."""
    if len(text) > LONGEST_BYLINE:
        return ()
    shown = bare(text)
    found = find_date(shown)
    ago = _AGO.search(shown)
    if found is None and ago is None:
        return ()
    start = found.start if found else ago.start() if ago else 0
    end = found.end if found else ago.end() if ago else 0
    if names := read_names(shown[:start]):
        return names
    by = _BY.search(shown, end)
    return read_names(shown[by.end() :]) if by else ()


def is_byline(text: str) -> bool:
    """Whether a whole line is a byline: its word for *by*, and then persons or one organisation."""
    if _compiled is not None:
        return _compiled.begins_byline(text) and _is_byline(text)
    two = text[:2]
    is_other = two.isascii() and two.isalpha() and two.lower() not in _FIRST_TWO
    return not is_other and len(text) <= LONGEST_BYLINE and _is_byline(text)


# The lines of a site's menus recur from page to page, and each is asked several times.
@lru_cache(maxsize=1 << 13)
def _is_byline(text: str) -> bool:
    shown = bare(text)
    found = _match_prefix(shown)
    if not found:
        return False
    rest = shown[found.end() :]
    if read_names(rest):
        return True
    words = rest.split()
    lowered = shown[: found.end()].strip().casefold()
    return (
        lowered in ("by", "von", "par", "por", "posted by", "written by", "published by")
        and 1 <= len(words) <= 6
        and not rest.endswith((".", "!", "?", ":", ","))
        and (words[0][0].isupper() or words[0] == "admin")
        and words[0].casefold() not in WEEKDAYS
        and words[0].casefold() not in MONTHS
        and (len(words) == 1 or find_date(rest) is not None or all(w[0].isupper() for w in words))
    )
