"""An explained page as one HTML file: no network, no script, light and dark."""

from collections.abc import Iterator, Sequence
from html import escape

from tasks.report.explained import Explained, ExplainedLine
from tasks.report.shown import facts_of, percent, visible

# Each pair of text and ground has a contrast of 7:1 or more; see tests/test_explain.py.
LIGHT = {
    "ground": "#ffffff",
    "panel": "#f2f2f0",
    "text": "#1a1a1a",
    "quiet": "#454545",
    "cut": "#8a1414",
    "meta": "#0a4478",
    "line": "#767676",
}
DARK = {
    "ground": "#14171a",
    "panel": "#1f2327",
    "text": "#ececec",
    "quiet": "#bdbdbd",
    "cut": "#ffb4ab",
    "meta": "#9ecbff",
    "line": "#8c8c8c",
}
LEGEND = {
    "kept": "Text of an article: body and headings, in plain letters.",
    "metadata": "Title, byline, date and the like, in italics: kept, beside the text.",
    "cut": "Boilerplate, struck through, with the rule that cut it and why.",
}

_STYLE = """
:root { color-scheme: light dark; %s }
@media (prefers-color-scheme: dark) { :root { %s } }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.15rem; } h3 { font-size: 1.05rem; margin: .3rem 0; }
a { color: inherit; } ol, ul { list-style: none; margin: 0; padding: 0; }
table { border-collapse: collapse; width: 100%%; }
th, td { text-align: start; padding: .2rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0; }
dt { color: var(--quiet); } dd { margin: 0; }
.story { border: 2px solid var(--line); border-radius: .4rem; margin: 1rem 0; padding: .6rem; }
.story header { background: var(--panel); padding: .4rem .6rem; }
.lines li { display: grid; grid-template-columns: 3.2rem 6.5rem 1fr; gap: .2rem .6rem;
  padding: .1rem 0; }
.lines li:target { outline: 2px solid var(--meta); }
.n, .label { color: var(--quiet); font-size: .85rem; } .n { text-align: end; }
.said { white-space: pre-wrap; } .heading .said { font-weight: 700; }
.metadata .said, .metadata .label { color: var(--meta); font-style: italic; }
.title .said { font-weight: 700; }
.cut del, .cut .label, .cut .why { color: var(--cut); }
.why { grid-column: 3; font-size: .85rem; color: var(--quiet); }
.lines .sure { color: var(--quiet); font-size: .85rem; }
@media (max-width: 40rem) { .lines li { grid-template-columns: 3rem 1fr; }
  .said, .why { grid-column: 1 / -1; } }
"""


def render_html(explained: Explained) -> str:
    """The page, complete: cut lines struck through, articles boxed, the books at the end."""
    return "\n".join(_render(explained)) + "\n"


def _render(explained: Explained) -> Iterator[str]:
    name = _text(explained.source_uri)
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Explained: {name}</title>"
    yield f"<style>{_STYLE % (_variables(LIGHT), _variables(DARK))}</style>\n</head>\n<body>"
    yield f"<h1>What became of {name}</h1>"
    yield from _outcome(explained)
    yield from _legend()
    yield '<main>\n<h2 id="lines">The page, line by line</h2>'
    yield from _lines(explained)
    yield "</main>"
    yield from _books(explained)
    yield "</body>\n</html>"


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def _text(text: str) -> str:
    return escape(visible(text))


def _outcome(explained: Explained) -> Iterator[str]:
    articles = len(explained.articles)
    noun = "article" if articles == 1 else "articles"
    yield (
        f"<p><strong>{articles} {noun}</strong>, read as the page family "
        f"<strong>{_text(explained.family)}</strong> with a confidence of "
        f"{explained.confidence:.2f}.</p>"
    )
    if explained.evidence:
        yield "<ul>"
        yield from (f"<li>{_text(why)}</li>" for why in explained.evidence)
        yield "</ul>"


def _legend() -> Iterator[str]:
    yield '<section aria-labelledby="legend">\n<h2 id="legend">Legend</h2>\n<ul class="lines">'
    for decision, meaning in LEGEND.items():
        said = _said(decision, _text(meaning), "")
        label = f'<span class="label">{decision}</span>'
        yield f'<li class="{decision}"><span></span>{label}{said}</li>'
    yield (
        "</ul>\n<p>A percentage is the confidence in the decision; a rule matches or does not, "
        "and has none. Blank lines are left out.</p>\n</section>"
    )


def _lines(explained: Explained) -> Iterator[str]:
    """The lines, those from an article's first to its last in a box of its own."""
    shown = [line for line in explained.lines if line.decision != "blank"]
    last = {line.article: line.number for line in shown if line.article is not None}
    opened: int | None = None
    before: str | None = None
    yield '<ol class="lines">'
    for line in shown:
        if opened is None and line.article is not None and line.article in last:
            opened = line.article
            yield "</ol>"
            yield from _open_story(explained, opened)
        yield _line(line, is_first=line.rule != before)
        before = line.rule
        if opened is not None and line.number >= last[opened]:
            yield '</ol>\n</section>\n<ol class="lines">'
            opened = None
    yield "</ol>"


def _open_story(explained: Explained, position: int) -> Iterator[str]:
    article, number = explained.articles[position], position + 1
    yield f'<section class="story" aria-labelledby="story-{number}">\n<header>'
    title = f'<bdi dir="auto">{_text(article.title or "(no title)")}</bdi>'
    yield f'<h3 id="story-{number}">Article {number}: {title}</h3>\n<dl>'
    for name, value in facts_of(article, explained.changes[position]):
        yield f'<dt>{name}</dt><dd dir="auto">{_text(value)}</dd>'
    yield '</dl>\n</header>\n<ol class="lines">'


def _line(line: ExplainedLine, *, is_first: bool) -> str:
    """A line; why it was cut stands under the first of a run, and in a tooltip on each."""
    sure = "" if line.confidence is None else percent(line.confidence)
    said = _said(line.decision, _text(line.text), _text(_tooltip(line)))
    parts = [
        f'<li id="L{line.number}" class="{line.decision} {line.label}">',
        f'<span class="n">{line.number}</span><span class="label">{line.label}</span>{said}',
    ]
    if line.rule is not None:
        why = f" {_text(line.why)}" if is_first else ""
        rule = f'<a href="#rule-{_text(line.rule)}">{_text(line.rule)}</a>'
        parts.append(f'<span class="why">{rule} {sure}{why}</span>')
    elif sure:
        parts.append(f'<span class="why sure">{sure}</span>')
    return "".join([*parts, "</li>"])


def _said(decision: str, text: str, tooltip: str) -> str:
    title = f' title="{tooltip}"' if tooltip else ""
    tag = "del" if decision == "cut" else "span"
    return f'<{tag} class="said" dir="auto"{title}>{text}</{tag}>'


def _tooltip(line: ExplainedLine) -> str:
    return f"{line.rule}: {line.why}" if line.rule else line.why


def _books(explained: Explained) -> Iterator[str]:
    yield '<section aria-labelledby="books">\n<h2 id="books">Books</h2>'
    yield "<p>Every character of the page, without white space.</p>\n<table>\n<thead><tr>"
    heads: Sequence[str] = ("Decision", "By", "Why", "Lines", "Characters", "Share")
    yield from (f'<th scope="col">{head}</th>' for head in heads)
    yield "</tr></thead>\n<tbody>"
    for book in explained.books:
        decision = "cut" if book.is_cut else "kept"
        anchor = f' id="rule-{_text(book.cause)}"' if book.is_cut else ""
        yield (
            f'<tr{anchor}><td>{decision}</td><th scope="row">{_text(book.cause)}</th>'
            f"<td>{_text(book.why)}</td>"
            f'<td class="number">{book.lines:,}</td><td class="number">{book.characters:,}</td>'
            f'<td class="number">{escape(percent(book.share))}</td></tr>'
        )
    yield "</tbody>\n</table>\n</section>"
