"""Write a new rule into a pack: a block at its end, and nothing else in it touched."""

import json
import re
import tomllib
from pathlib import Path

from tasks.errors import RulePackError, SettingError
from tasks.rules.load import Rules, load_rules
from tasks.rules.propose import Proposal

_ID = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
_TAKEN = ("learned", "layout", "model")
"""What spans name beside rules: ids that begin so would be mistaken for them."""
_ID_WORDS = 3
_LANGUAGE = re.compile(r"[a-z]{2}")


def propose_id(pack: Path, proposal: Proposal, language: str | None, rules: Rules) -> str:
    """An id that no rule has yet: the pack's name, then the first words of a line to remove."""
    words = re.findall(r"[^\W\d_]+", proposal.removes[0].casefold())[:_ID_WORDS]
    stem = "-".join(re.findall(r"[^\W_]+", pack.stem.casefold())) or "house"
    ending = "" if language is None else f".{language}"
    name = f"{stem}.{'-'.join(words) or 'line'}"
    taken = {rule.id for rule in rules.rules}
    found, number = f"{name}{ending}", 2
    while found in taken:
        found, number = f"{name}-{number}{ending}", number + 1
    return found


def check_id(rule_id: str, rules: Rules) -> None:
    """Refuse an id that cannot be a new rule's.

    Raises:
        SettingError: saying why, and what to give instead.
    """
    if not _ID.fullmatch(rule_id):
        message = (
            f"--name {rule_id}: not an id. Give words parted by dots and hyphens, such as "
            "teaser.podcast."
        )
        raise SettingError(message)
    if rule_id.partition(".")[0] in _TAKEN:
        message = (
            f"--name {rule_id}: ids that begin with {rule_id.partition('.')[0]} are not rules'. "
            "Give another."
        )
        raise SettingError(message)
    if any(rule.id == rule_id for rule in rules.rules):
        message = f"--name {rule_id}: a rule has this id already. Give another."
        raise SettingError(message)


def check_language(language: str | None) -> None:
    """Refuse what is no code of a language.

    Raises:
        SettingError: saying what to give instead.
    """
    if language is not None and not _LANGUAGE.fullmatch(language):
        message = f"--language {language}: give two letters of ISO 639-1, such as de."
        raise SettingError(message)


def render_rule(rule_id: str, why: str, proposal: Proposal) -> str:
    """The TOML block of a rule for lines."""
    pattern = proposal.match
    match = _quote(pattern) if "'" in pattern or not pattern.isprintable() else f"'{pattern}'"
    return "\n".join(
        [
            "[[rule]]",
            f"id      = {_quote(rule_id)}",
            f"why     = {_quote(why)}",
            'scope   = "line"',
            f"match   = {match}",
            f"removes = [{', '.join(map(_quote, proposal.removes))}]",
            f"keeps   = [{', '.join(map(_quote, proposal.keeps))}]",
            "",
        ]
    )


def append_rule(pack: Path, block: str) -> None:
    """Put a block at the end of a pack, which is made where it is not there.

    Raises:
        RulePackError: where the pack cannot be written, or would not load with it; then it is as
            before.
    """
    try:
        old = pack.read_bytes() if pack.exists() else b""
        gap = b"" if not old else b"\n" if old.endswith(b"\n") else b"\n\n"
        tomllib.loads((old + gap + block.encode()).decode())
        with pack.open("ab") as file:
            file.write(gap + block.encode())
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"{pack}: cannot be added to ({reason}).\nGive --pack another file."
        raise RulePackError(message) from error
    load_rules([pack], prove_all=True)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
