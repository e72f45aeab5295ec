"""Decode characters that a text has as references of HTML, as ``&#8220;`` or ``&amp;``."""

import html
import re

# Python refuses to read a number of more than 4,300 digits; what has more than seven beside the
# zeros before it names no character, whatever they are.
_NUMBER = re.compile(r"(&#)0*([0-9]{1,8})[0-9]*+")


def decode_entities(text: str) -> str:
    """The text with the characters that its references stand for, as a browser shows them.

    A number that is no character's becomes U+FFFD, however long it is: ``html.unescape``, whose
    result it is otherwise, raises ``ValueError`` for one of more than 4,300 digits.
    """
    try:
        return html.unescape(text)
    except ValueError:
        return html.unescape(_NUMBER.sub(r"\1\2", text))
