"""Load rule packs: TOML files of patterns, each beside the examples that prove it."""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args

import re2

from tasks.compiled import twin
from tasks.errors import RulePackError
from tasks.text.lines import make_bare

CUTTER_VERSION = "4"
"""Goes up with every change of the code that may cut a page otherwise than before."""

LONGEST_LINE = 240
"""Characters: longer lines are prose, and no rule is asked about them."""
LONGEST_ASKED = 1000
"""Characters of a line that may be as short as that once it is bare."""

Scope = Literal["line", "tail", "mark"]
"""``line``: the line is boilerplate; ``tail``: so is what follows it, if it ends an article;
``mark``: a word of a layout, which the page grammar reads by its role."""

Role = Literal[
    "page-head",
    "page-foot",
    "story-end",
    "published",
    "published-label",
    "on",
    "by",
    "byline",
    "posted-by",
    "updated",
    "relative-time",
    "follow",
    "short-url",
    "share",
    "share-name",
    "comments",
    "labels",
    "date-control",
    "menu",
]

_KEYS = {"id", "why", "scope", "role", "match", "longest", "removes", "keeps"}
# A set of some hundred case-blind patterns outgrows RE2's 8 MB; past the limit it would not match.
_MEMORY_BYTES = 256 << 20
_compiled = twin(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern and its proof."""

    id: str
    """Dotted, unique among all packs: ``teaser.continue-reading``."""
    why: str
    """What such a line is and why it is no part of an article."""
    scope: Scope
    match: str
    """RE2 pattern of the whole line, as ``tasks.text.lines.bare`` gives it."""
    removes: tuple[str, ...]
    """Lines that it must match."""
    keeps: tuple[str, ...]
    """Lines that look like it and that it must not match."""
    role: Role | None = None
    """What the page grammar takes the line for; None unless ``scope`` is ``mark``."""
    longest: int = LONGEST_LINE
    """Characters of the longest line that it matches. Counting in the pattern itself, as
    ``.{0,80}`` does, makes all patterns together ten times as slow to compile."""


@dataclass(frozen=True)
class Rules:
    """All rules of all packs, ready to be asked. Pickles; is compiled at first use."""

    rules: tuple[Rule, ...]
    digest: str
    """sha256, hex, of the packs' content and ``CUTTER_VERSION``."""

    def find_all(self, lines: Sequence[str]) -> list[tuple[Rule, ...]]:
        """The rules that match each line of a page once it is bare; none for a blank line."""
        ask = self._ask
        if self._sieve is not None:
            found: list[tuple[Rule, ...]] = [()] * len(lines)
            for index in self._sieve.able(lines):
                found[index] = ask(lines[index])
            return found
        return [ask(line) if 0 < len(line) <= LONGEST_ASKED else () for line in lines]

    # The lines of a site's menus recur from page to page.
    @cached_property
    def _ask(self) -> Callable[[str], tuple[Rule, ...]]:
        return lru_cache(maxsize=1 << 13)(lambda line: self.find(make_bare(line)))

    def find(self, line: str) -> tuple[Rule, ...]:
        """The rules that match a whole bare line, in the packs' order; none for a long line."""
        if not line or len(line) > LONGEST_LINE:
            return ()
        numbers = self._set.Match(line.encode())
        if not numbers:
            return ()
        found = [self.rules[number] for number in sorted(numbers)]
        return tuple(rule for rule in found if len(line) <= rule.longest)

    @cached_property
    def _sieve(self) -> Any:
        """What tells lines that no rule can match; None where that is not compiled."""
        if _compiled is None:
            return None
        patterns = [rule.match for rule in self.rules]
        return _compiled.Sieve(patterns, LONGEST_LINE, LONGEST_ASKED)

    @cached_property
    def _set(self) -> Any:
        return _compile(self.rules)

    def __getstate__(self) -> dict[str, object]:
        return {"rules": self.rules, "digest": self.digest}


def load_rules(extra_packs: Sequence[Path] = (), *, prove_all: bool = False) -> Rules:
    """The packs of this package, in the order of their names, and then the extra ones.

    An extra pack is proved by its examples each time; ours are by the tests, which costs a worker
    nothing, and here where ``prove_all`` asks for it. One that is given twice, or is ours, is read
    once.

    Raises:
        RulePackError: a pack cannot be used; the message gives file, rule, and what to do.
    """
    home = files("tasks.rules")
    packs: list[tuple[str, Traversable]] = [
        (f"tasks/rules/{pack.name}", pack)
        for pack in sorted(home.iterdir(), key=lambda pack: pack.name)
        if pack.name.endswith(".toml")
    ]
    own = {Path(str(pack)).resolve() for _, pack in packs}
    extra = [path for path in dict.fromkeys(extra_packs) if path.resolve() not in own]
    packs += [(str(path), path) for path in extra]
    hashed = hashlib.sha256(CUTTER_VERSION.encode())
    rules: dict[str, tuple[str, Rule]] = {}
    for name, pack in packs:
        content = _read(name, pack)
        hashed.update(b"\0" + content)
        for rule in _parse(name, content):
            if rule.id in rules:
                taken = f"has an id that is taken in {rules[rule.id][0]}"
                raise _refuse(name, rule.id, taken, "Give it an id of its own.")
            rules[rule.id] = (name, rule)
    loaded = Rules(tuple(rule for _, rule in rules.values()), hashed.hexdigest())
    ours = {name for name, _ in packs[: len(packs) - len(extra)]}
    _prove(loaded, [named for named in rules.values() if prove_all or named[0] not in ours])
    return loaded


def _read(name: str, pack: Traversable) -> bytes:
    try:
        return pack.read_bytes()
    except OSError as error:
        message = f"{name}: cannot be read ({error.strerror}).\nCheck the path and permissions."
        raise RulePackError(message) from error


def _parse(name: str, content: bytes) -> list[Rule]:
    try:
        pack = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{name}: is not TOML in UTF-8: {error}.\nCorrect it there."
        raise RulePackError(message) from error
    if unknown := set(pack) - {"rule"}:
        message = f"{name}: unknown key '{min(unknown)}'.\nA pack holds [[rule]] tables only."
        raise RulePackError(message)
    tables = pack.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        message = f"{name}: `rule` is no list of tables.\nWrite each rule under [[rule]]."
        raise RulePackError(message)
    return [_rule(name, number, table) for number, table in enumerate(tables, 1)]


def _rule(name: str, number: int, table: dict[str, object]) -> Rule:
    def text(key: str, otherwise: str | None = None) -> str:
        value = table.get(key, otherwise)
        if not isinstance(value, str) or not value:
            raise _refuse(name, known, f"has no `{key}`", f"Give `{key}` as a string.")
        return value

    def examples(key: str, missing: str) -> tuple[str, ...]:
        value = table.get(key)
        if not isinstance(value, list) or not value:
            raise _refuse(name, known, f"has no `{key}` example", missing)
        if not all(isinstance(example, str) for example in value):
            raise _refuse(name, known, f"has a `{key}` example that is no string", "Quote it.")
        return tuple(value)

    known = str(table.get("id", f"number {number}"))
    if unknown := set(table) - _KEYS:
        keys = ", ".join(sorted(_KEYS))
        raise _refuse(name, known, f"has an unknown key '{min(unknown)}'", f"Known are {keys}.")
    scope = _one_of(name, known, "scope", text("scope"), get_args(Scope))
    role = None
    if scope == "mark":
        role = _one_of(name, known, "role", text("role", "?"), get_args(Role))
    elif "role" in table:
        raise _refuse(name, known, "has a `role` but is no mark", "Drop it, or use scope 'mark'.")
    longest = table.get("longest", LONGEST_LINE)
    if not isinstance(longest, int) or not 0 < longest <= LONGEST_LINE:
        hint = f"Give characters, 1 to {LONGEST_LINE}."
        raise _refuse(name, known, f"has no usable `longest` ('{longest}')", hint)
    return Rule(
        id=text("id"),
        why=text("why"),
        scope=scope,
        match=text("match"),
        removes=examples("removes", "Add one line that it must match."),
        keeps=examples("keeps", "Add one line that looks like it and must survive."),
        role=role,
        longest=longest,
    )


def _one_of(name: str, known: str, key: str, value: str, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        hint = f"Use one of {', '.join(allowed)}."
        raise _refuse(name, known, f"has no known `{key}` ('{value}')", hint)
    return value


def _prove(loaded: Rules, named: Iterable[tuple[str, Rule]]) -> None:
    """Raise unless every pattern compiles and behaves as its examples say."""
    for name, rule in named:
        try:
            re2.compile(rule.match, _options())
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            hint = "Write it in RE2's syntax: no look-around, no back-reference."
            raise _refuse(
                name, rule.id, f"has a pattern that RE2 refuses: {reason}", hint
            ) from error
    for name, rule in named:
        for example in rule.removes:
            if rule not in loaded.find(example):
                hint = "Correct the pattern or the example."
                raise _refuse(name, rule.id, f"does not match its `removes` '{example}'", hint)
        for example in rule.keeps:
            if rule in loaded.find(example):
                hint = "Make the pattern narrower."
                raise _refuse(name, rule.id, f"matches its `keeps` '{example}'", hint)


def _refuse(name: str, rule: str, what: str, hint: str) -> RulePackError:
    return RulePackError(f"{name}: rule '{rule}' {what}.\n{hint}")


def _compile(rules: Iterable[Rule]) -> Any:
    compiled = re2.Set.FullMatchSet(_options())
    for rule in rules:
        compiled.Add(rule.match)
    compiled.Compile()
    return compiled


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    return options
