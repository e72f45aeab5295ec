"""The sentences of a page, asked for a word."""

from dataclasses import dataclass

from tasks.text.marks import Page


@dataclass(frozen=True, slots=True)
class Prose:
    """The sentences of a page."""

    text: str
    """All of them, as they are, with a space at each end."""

    def has(self, word: str) -> bool:
        """Whether they have a word, letter by letter: one in small letters is no name."""
        at = self.text.find(word)
        while at >= 0:
            if not self.text[at - 1].isalpha() and not self.text[at + len(word)].isalpha():
                return True
            at = self.text.find(word, at + 1)
        return False


def read_prose(page: Page) -> Prose:
    """The sentences of a page, of eight words and more."""
    words, texts, is_ended = page.words, page.texts, page.is_ended
    told = [texts[i] for i in page.said if words[i] >= 8 and (words[i] >= 24 or is_ended[i])]
    return Prose(f" {' '.join(told)} ")
