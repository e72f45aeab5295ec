"""A language that somebody declared, against the one that was detected."""

from tasks.text.language import Language

SURE = 0.95
"""From this confidence on detection is right on 99 of 100 articles, and is believed even against
what the source is said to be in: it may carry a story in another language."""


def prefer_declared(found: Language, declared: str) -> Language:
    """The declared language where detection found none, or is not sure of another.

    Its confidence is None: nobody measured it.
    """
    if found.code == declared or (found.confidence or 0.0) >= SURE:
        return found
    return Language(declared, None)
