"""Know the given names that people of many countries have."""

import importlib
import pkgutil
from functools import cache

_FIELDS = "first_name"
"""How the fields with given names begin in a locale of Faker's."""


@cache
def given_names() -> frozenset[str]:
    """Given names in small letters, some 31,000, of the 90 locales that Faker knows.

    Read when first asked for, in .2 s: a page may name nobody.
    """
    from faker.providers import person

    names: set[str] = set()
    for locale in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{locale.name}").Provider
        for field in dir(provider):
            values = getattr(provider, field)
            if field.startswith(_FIELDS) and isinstance(values, tuple | list | dict):
                for one in values:  # in Japanese with its readings: (晃, アキラ, Akira)
                    names.update(map(str.casefold, (one,) if isinstance(one, str) else one))
    return frozenset(names)


def is_given_name(word: str) -> bool:
    """Whether a word is the given name of somebody somewhere; ``A.`` is not."""
    return word.casefold() in given_names()
