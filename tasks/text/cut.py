"""Cut a page: from plain text to spans and articles."""

from tasks.rules import Rules
from tasks.text.lines import split_lines
from tasks.text.page import Article, Cut, Given, Span


def cut(text: str, rules: Rules, given: Given = Given()) -> Cut:  # noqa: B008
    """The page's spans and articles."""
    lines = split_lines(text)
    spans = []
    body = []
    for line in lines:
        found = rules.find(line.text)
        if not line.text:
            spans.append(Span(line.start, line.end, "blank"))
        elif found:
            spans.append(Span(line.start, line.end, "boilerplate", 0, found[0].id))
        else:
            spans.append(Span(line.start, line.end, "body", 0))
            body.append(line.text)
    if not body:
        return Cut(tuple(spans), ())
    article = Article(0, "\n\n".join(body), title=given.title)
    return Cut(tuple(spans), (article,), "plain", 0.5, ("thin",))
