"""The sentences of a page, asked for a word."""

from tasks.text.marks import Page


class Prose:
    """The sentences of a page, of eight words and more; read when they are first asked."""

    __slots__ = ("_page", "_text")

    def __init__(self, page: Page) -> None:
        self._page = page
        self._text: str | None = None

    @property
    def text(self) -> str:
        """All of them, as they are, with a space at each end."""
        if self._text is None:
            page = self._page
            words, texts, is_ended = page.words, page.texts, page.is_ended
            told = [
                texts[i] for i in page.said if words[i] >= 8 and (words[i] >= 24 or is_ended[i])
            ]
            self._text = f" {' '.join(told)} "
        return self._text

    def has(self, word: str) -> bool:
        """Whether they have a word, letter by letter: one in small letters is no name."""
        text = self.text
        at = text.find(word)
        while at >= 0:
            if not text[at - 1].isalpha() and not text[at + len(word)].isalpha():
                return True
            at = text.find(word, at + 1)
        return False
