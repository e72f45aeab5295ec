"""Read names in scripts without capitals: beside a word for *by*, or for a reporter."""

import re

from tasks.text.lines import bare

_UNCASED = re.compile(
    r"(?:[\u0590-\u08ff\u0900-\u0dff]{2,14}[ \u200c]){1,3}[\u0590-\u08ff\u0900-\u0dff]{2,14}"
    r"|[\u0e00-\u0e7f]{2,20} [\u0e00-\u0e7f]{2,20}"
    r"|[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,3} ?[\u3040-\u30ff\u4e00-\u9fff]{1,4}"
    r"|[\u30a0-\u30ff]{2,8}[・ ][\u30a0-\u30ff]{2,8}|[\uac00-\ud7a3]{2,4}"
)
_UNCASED_AFTER = re.compile(
    r"\W*(?:بقلم|كتب(?:ت|ه)?|إعداد|تقرير|الكاتبة?|تحریر|مصنف|رپورٹ|نویسنده|लेखक|द्वारा|מאת|โดย|作者|記者|记者|"
    r"撰文|執筆|著者|筆者|文(?=\s*[:：/／|]))(?:\s*[:：/／|–—-]\s*|\s+|(?=[\u4e00-\u9fff]))"
)
_UNCASED_BEFORE = re.compile(
    r"\W*(?P<names>[\uac00-\ud7a3]{2,4}|[\u4e00-\u9fff]{2,4})\s?(?:기자|특파원|記者|记者)(?!\w)"
)
_UNCASED_AND = re.compile(r"\s*[,،、·・;]\s*|\s+و\s*(?=\S)|\s+(?:اور|ו)\s+")
_UNCASED_STOP = re.compile(r"\s*[\d/／|:：()（）\[\]【】–—-]|\s{2,}|\s(?:報導|报道|기자)")


def is_uncased_name(text: str) -> bool:
    """Whether the text could be a name in a script without capitals, by shape alone."""
    return _UNCASED.fullmatch(text) is not None


def read_uncased(text: str) -> tuple[str, ...]:
    """The persons of a line in a script without capitals that says *by* or *reporter*."""
    shown = bare(text)
    if found := _UNCASED_AFTER.match(shown):
        return read_uncased_names(shown[found.end() :])
    if found := _UNCASED_BEFORE.match(shown):
        return read_uncased_names(found.group("names"))
    return ()


def read_uncased_names(text: str) -> tuple[str, ...]:
    """The persons that a list in a script without capitals names; it ends at any other mark."""
    names = []
    for part in _UNCASED_AND.split(_UNCASED_STOP.split(text, maxsplit=1)[0])[:9]:
        name = " ".join(part.split())
        if not is_uncased_name(name):
            break
        names.append(name)
    return tuple(dict.fromkeys(names))
