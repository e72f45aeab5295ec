"""What a reader sees of an HTML page, as lines: the page's text, before anything is cut.

Follows the standard's ``innerText`` (WHATWG HTML, 3.2.7) without style sheets: a line for each
block element, a blank line around paragraphs, cells of a data table parted by tabs; and, as text
browsers do, a bullet or number before the items of a list.
"""

import re
from dataclasses import dataclass, field

from tasks.read.markup import BLOCKS, HIDDEN, Element

_SPACED_NAMES = "p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote figure pre article section"
_SPACED = frozenset(_SPACED_NAMES.split())
"""Elements with a blank line before and after."""
_LINKS = frozenset({"a", "button"})
_INVISIBLE = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_CAPTION = re.compile(r"(?i)(?:^|[\s_-])(?:img|image|photo|wp|media|picture)[\w-]*caption")
_SPACES = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's visible text."""

    text: str
    """Lines parted by ``\\n``, none with blanks around it but the indent of nested lists."""
    captions: frozenset[str]
    """Lines, stripped, that stand under a picture."""


def render(root: Element) -> Rendered:
    """The visible text under ``root``.

    Left out is what a browser would not show (scripts, styles, ``hidden``, ``display: none`` on
    the element itself), fields of forms, and alternatives for browsers without scripts.
    """
    writer = _Writer()
    _walk(root, writer)
    writer.end_line()
    text = "\n".join(writer.lines).strip("\n")
    return Rendered(text + "\n" if text else "", frozenset(writer.captions))


@dataclass(slots=True)
class _Writer:
    """Lines so far, and the one being written."""

    lines: list[str] = field(default_factory=list)
    captions: set[str] = field(default_factory=set)
    marker: str = ""
    """Bullet or number that the next line begins with."""
    lists: list[int | None] = field(default_factory=list)
    """For each list that is open, the number of its last item; None without numbers."""
    caption_depth: int = 0
    pre_depth: int = 0
    _pieces: list[str] = field(default_factory=list)
    _blank: bool = False

    def write(self, text: str | None) -> None:
        if not text:
            return
        if not self.pre_depth:
            self._pieces.append(text)
            return
        first, *others = text.splitlines() or [""]
        self._pieces.append(first)
        for line in others:
            self.end_line()
            self._pieces.append(line)

    def end_line(self, *, blank: bool = False) -> None:
        line = _SPACES.sub(" ", "".join(self._pieces)).strip(" ")
        self._pieces = []
        if line:
            if self._blank and self.lines:
                self.lines.append("")
            self._blank = False
            self.lines.append(self.marker + line)
            if self.caption_depth:
                self.captions.add(self.lines[-1].strip())
            self.marker = ""
        self._blank = self._blank or blank

    def begin_item(self) -> None:
        indent = "  " * max(len(self.lists) - 1, 0)
        number = self.lists[-1] if self.lists else None
        if number is None:
            self.marker = f"{indent}* "
        else:
            self.lists[-1] = number + 1
            self.marker = f"{indent}{number + 1}. "


def _walk(element: Element, writer: _Writer) -> None:
    """Write an element, without its tail. The parser lets nothing nest deeper than 256."""
    tag = element.tag
    if tag in HIDDEN or _is_hidden(element):
        return
    if tag == "br":
        writer.end_line()
        return
    if tag == "tr" and _write_row(element, writer):
        return
    is_block, is_caption = tag in BLOCKS, _is_caption(element)
    blank = tag in _SPACED and not writer.lists
    if is_block:
        writer.end_line(blank=blank)
    elif tag in _LINKS and _touches_link(element):
        writer.write(" ")
    writer.caption_depth += is_caption
    writer.pre_depth += tag == "pre"
    if tag in {"ul", "ol", "menu"}:
        writer.lists.append(0 if tag == "ol" else None)
    elif tag == "li":
        writer.begin_item()
    _write_content(element, writer)
    if is_block or is_caption:
        writer.end_line(blank=blank)
    if tag in {"ul", "ol", "menu"}:
        writer.lists.pop()
    if tag == "li":
        writer.marker = ""
    writer.pre_depth -= tag == "pre"
    writer.caption_depth -= is_caption


def _write_content(element: Element, writer: _Writer) -> None:
    writer.write(element.text)
    for child in element:
        if isinstance(child.tag, str):
            _walk(child, writer)
        writer.write(child.tail)


def _write_row(row: Element, writer: _Writer) -> bool:
    """Write a row of a table of data as one line; False where cells hold blocks: a layout."""
    cells = [cell for cell in row if cell.tag in {"td", "th"} and not _is_hidden(cell)]
    if len(cells) < 2 or any(
        part.tag in BLOCKS for cell in cells for part in cell.iterdescendants()
    ):
        return False
    writer.end_line()
    for at, cell in enumerate(cells):
        if at:
            writer.write("\v")
        _write_content(cell, writer)
    writer.end_line()
    if writer.lines and "\v" in writer.lines[-1]:
        said = filter(None, (cell.strip() for cell in writer.lines[-1].split("\v")))
        writer.lines[-1] = "\t".join(said)
        if not writer.lines[-1]:
            writer.lines.pop()
    return True


def _is_hidden(element: Element) -> bool:
    get = element.get
    if get("hidden") is not None and get("hidden") != "until-found":
        return True
    if element.tag == "dialog" and get("open") is None:
        return True
    style = get("style")
    return style is not None and _INVISIBLE.search(style[:1000]) is not None


def _is_caption(element: Element) -> bool:
    if element.tag == "figcaption":
        return True
    name = element.get("class")
    return name is not None and _CAPTION.search(name[:500]) is not None


def _touches_link(element: Element) -> bool:
    """Whether another link stands right before this one: a menu, whose gaps are only style."""
    before = element.getprevious()
    return before is not None and before.tag in _LINKS and not before.tail
