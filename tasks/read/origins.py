"""A sources file: one block a source, with where its pages are and what holds for all of them."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tasks.errors import SettingError
from tasks.read.charset import CODECS
from tasks.read.refs import Declared, InputRef, Limits, Page
from tasks.read.uris import is_remote


@dataclass(frozen=True, slots=True)
class Origin:
    """One block. What it does not say is None, or empty: then it is as without a block."""

    at: tuple[str, ...] = ()
    """Paths, addresses and patterns; local ones absolute."""
    name: str | None = None
    """What all its pages have as ``source``."""
    zone: str | None = None
    """IANA zone of times without one."""
    language: str | None = None
    """ISO 639-1: of articles too short to tell by, and of those that detection is unsure of."""
    encoding: str | None = None
    """Of its plain text and HTML without a byte order mark; what is not in it is told as ever."""
    rules: tuple[Path, ...] = ()
    """Rule packs for its pages only, after all others."""
    max_page_bytes: int | None = None
    page_seconds: float | None = None
    since: datetime | None = None
    """Inputs that were last changed before are left alone. UTC."""
    limit: int | None = None
    """How many new pages it may bring to a run, its oldest inputs first."""

    def limits(self, given: Limits) -> Limits:
        """What reading its inputs allows itself."""
        most = given.page_bytes if self.max_page_bytes is None else self.max_page_bytes
        return replace(given, page_bytes=most, encoding=self.encoding)

    def dress(self, page: Page) -> Page:
        """A page of it, with what the block says of it."""
        if self is NO_ORIGIN:
            return page
        return declare(replace(page, source=self.name or page.source), self._declared)

    @property
    def _declared(self) -> Declared | None:
        declared = Declared(self.zone, self.language, tuple(map(str, self.rules)))
        return None if declared == Declared() else declared

    def facts(self) -> dict[str, Any]:
        """What its pages' rows hang on: what makes shards of them interchangeable."""
        return {
            "name": self.name,
            "zone": self.zone,
            "language": self.language,
            "encoding": self.encoding,
            "max_page_bytes": self.max_page_bytes,
        }


def declare(page: Page, declared: Declared | None) -> Page:
    """A page with what a sources file said of it."""
    zone = None if declared is None else declared.zone
    given = page.given if zone is None else replace(page.given, zone=zone)
    return replace(page, declared=declared, given=given)


NO_ORIGIN = Origin()
"""Of inputs that no block names."""


def load_origins(path: Path) -> tuple[Origin, ...]:
    """The blocks of a sources file, in its order. Relative paths in it count from its folder.

    Raises:
        SettingError: naming file, line and what to write instead.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        message = f"{path}: {error.strerror}. Give --sources a TOML file."
        raise SettingError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path}: no TOML: {error}."
        raise SettingError(message) from error
    blocks = content.get("source")
    if set(content) != {"source"} or not isinstance(blocks, list) or not blocks:
        strange = ", ".join(f"`{name}`" for name in content if name != "source")
        message = f"{path}: one [[source]] block a source, and nothing else" + (
            f"; found {strange}." if strange else "."
        )
        raise SettingError(message)
    lines = _Lines(path, text)
    return tuple(_read_block(number, block, lines) for number, block in enumerate(blocks))


def is_since(ref: InputRef, since: datetime | None) -> bool:
    """Whether an input was changed since then; one whose time nobody knows was."""
    return since is None or ref.modified is None or ref.modified >= since


def parse_since(text: str) -> datetime:
    """A date, or a date and time, in ISO 8601; without zone it is in UTC.

    Raises:
        ValueError: where it is none.
    """
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


class _Lines:
    """Where in a file a block's key is."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()
        self._heads = [
            number
            for number, line in enumerate(self._lines)
            if re.match(r"\s*\[\[\s*(?:source|\"source\"|'source')\s*\]\]", line)
        ]

    def say(self, block: int, key: str, wrong: str) -> SettingError:
        """An error that names the key's line, or the block's where it has no such key."""
        first = self._heads[block] if block < len(self._heads) else 0
        stop = self._heads[block + 1] if block + 1 < len(self._heads) else len(self._lines)
        pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        numbers = (n for n in range(first, stop) if pattern.match(self._lines[n]))
        line = next(numbers, first) + 1
        return SettingError(f"{self.path}:{line}: `{key}`: {wrong}")


def _read_block(number: int, block: Any, lines: _Lines) -> Origin:
    found: dict[str, Any] = {}
    for key, value in block.items():
        if key not in _KEYS:
            wrong = f"no such key. There are {', '.join(_KEYS)}."
            raise lines.say(number, key, wrong)
        try:
            found[key] = _KEYS[key](value, lines.path.parent)
        except (ValueError, LookupError, TypeError) as error:
            raise lines.say(number, key, str(error)) from error
    if not found.get("at"):
        wrong = "say where the source's pages are: a path, an address, or a list of them."
        raise lines.say(number, "at", wrong)
    return Origin(**found)


def _places(value: object, folder: Path) -> tuple[str, ...]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        wrong = "a path, an address such as s3://bucket/feed, or a list of them."
        raise ValueError(wrong)
    return tuple(_place(one, folder) for one in given)


def _place(given: str, folder: Path) -> str:
    if is_remote(given) or given.startswith("file:"):
        return given
    return str(folder.absolute() / Path(given).expanduser())


def _packs(value: object, folder: Path) -> tuple[Path, ...]:
    return tuple(Path(one) for one in _places(value, folder))


def _name(value: object, folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        wrong = "a name, such as the site's domain."
        raise ValueError(wrong)
    return value.strip()


def _zone(value: object, folder: Path) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (LookupError, ValueError, OSError) as error:
        wrong = f"{value!r} is no time zone. Give an IANA name, such as Europe/Berlin."
        raise ValueError(wrong) from error


def _language(value: object, folder: Path) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2}", value):
        wrong = f"{value!r} is no language. Give two letters of ISO 639-1, such as de."
        raise ValueError(wrong)
    return value


def _encoding(value: object, folder: Path) -> str:
    if str(value).lower() not in CODECS:
        wrong = f"{value!r} is no encoding of pages. Give a name such as windows-1251 or shift_jis."
        raise ValueError(wrong)
    return str(value).lower()


def _seconds(value: object, folder: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        wrong = "a number of seconds, above 0."
        raise ValueError(wrong)
    return float(value)


def _count(value: object, folder: Path) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        wrong = "a whole number, above 0."
        raise ValueError(wrong)
    return value


def _since(value: object, folder: Path) -> datetime:
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time(), UTC)
        return parse_since(value.isoformat() if isinstance(value, datetime) else str(value))
    except ValueError as error:
        wrong = f"{value!r} is no date. Give one such as 2025-03-04."
        raise ValueError(wrong) from error


_KEYS: Mapping[str, Callable[[object, Path], Any]] = {
    "at": _places,
    "name": _name,
    "zone": _zone,
    "language": _language,
    "encoding": _encoding,
    "rules": _packs,
    "max_page_bytes": _count,
    "page_seconds": _seconds,
    "since": _since,
    "limit": _count,
}
