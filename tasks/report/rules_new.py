"""`copydesk rules new`: what to remove and to keep is asked for, and a rule made of it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import CopydeskError, RulePackError, SettingError
from tasks.rules.load import Rules, load_rules
from tasks.rules.propose import Proposal, propose, prove
from tasks.rules.write import append_rule, check_id, check_language, propose_id, render_rule

WHY = "A line of the site, and no part of its stories."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person said of a new rule; what is not said is asked for at a terminal."""

    pack: Path
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    name: str | None = None
    why: str | None = None
    language: str | None = None
    match: str | None = None
    """In the place of the pattern that would be proposed."""


def make_rule(wanted: Wanted, packs: Sequence[Path], *, is_sure: bool) -> None:
    """Propose a rule, show what it matches, and append it to its pack.

    Without a terminal and without ``is_sure`` the rule is printed and nothing is written.

    Args:
        wanted: What is known of it.
        packs: Packs that are in use beside ours and the one that it goes to.
        is_sure: Write it without asking.

    Raises:
        RulePackError: where no pattern does what the lines ask, or a pack cannot be used.
        SettingError: where lines are missing and there is nobody to ask.
        CopydeskError: where the answer is no.
    """
    is_asking = sys.stdin.isatty() and not is_sure
    check_language(wanted.language)
    rules = _load(wanted.pack, packs)
    if wanted.name is not None:
        check_id(wanted.name, rules)
    if is_asking:
        wanted = _ask_lines(wanted)
    if not wanted.removes or not wanted.keeps:
        missing = "--remove" if not wanted.removes else "--keep"
        message = (
            f"{missing} LINE is missing. A rule is written from a line that it must remove and "
            "from one that looks like it and must stay."
        )
        raise SettingError(message)
    if wanted.match is None:
        proposal = propose(wanted.removes, wanted.keeps)
    else:
        proposal = prove(wanted.match, wanted.removes, wanted.keeps)
    if is_asking:
        proposal = _ask_pattern(proposal)
    rule_id = wanted.name or propose_id(wanted.pack, proposal, wanted.language, rules)
    why = wanted.why or WHY
    if is_asking:
        rule_id = _ask_id(wanted.name, rule_id, rules)
        why = wanted.why or _ask("Why is it no part of a story?", WHY)
    block = render_rule(rule_id, why, proposal)
    _show(block, proposal, rules)
    if not is_sure and not is_asking:
        print("\nNothing is written: there is no terminal to ask at. --yes writes it.")
        return
    if is_asking and not _agrees(f"\nAppend it to {wanted.pack}? [Y/n] "):
        message = "Nothing was written."
        raise CopydeskError(message)
    append_rule(wanted.pack, block)
    print(f"\n{rule_id} is in {wanted.pack} now. See what it changes on pages of yours:")
    print(f"  copydesk rules try {wanted.pack} SOURCE")


def _load(pack: Path, packs: Sequence[Path]) -> Rules:
    """All rules whose ids are taken."""
    others = [one for one in packs if one.absolute() != pack.absolute()]
    return load_rules([*others, *([pack] if pack.exists() else [])])


def _ask_lines(wanted: Wanted) -> Wanted:
    removes = wanted.removes or _ask_many("A line to remove, as the page has it", "remove")
    keeps = wanted.keeps or _ask_many("A line that looks like it and must stay", "keep")
    return Wanted(
        wanted.pack,
        removes,
        keeps,
        wanted.name,
        wanted.why,
        wanted.language,
        wanted.match,
    )


def _ask_many(what: str, verb: str) -> tuple[str, ...]:
    found: list[str] = []
    while True:
        answer = input(f"{what}: " if not found else f"Another line to {verb}, or Enter: ")
        if answer.strip():
            found.append(answer)
        elif found:
            return tuple(found)


def _ask_pattern(proposal: Proposal) -> Proposal:
    """Another pattern if somebody writes one; asked again until it does what the lines ask."""
    print(f"\nPattern: {proposal.match}")
    while answer := input("Enter takes it; or write another: ").strip():
        try:
            return prove(answer, proposal.removes, proposal.keeps)
        except RulePackError as error:
            print(error)
    return proposal


def _ask_id(given: str | None, proposed: str, rules: Rules) -> str:
    while given is None:
        answer = _ask("Its id", proposed)
        try:
            check_id(answer, rules)
        except SettingError as error:
            print(str(error).removeprefix("--name "))
        else:
            return answer
    return given


def _ask(what: str, default: str) -> str:
    return input(f"{what} [{default}]: ").strip() or default


def _agrees(question: str) -> bool:
    return input(question).strip().lower() in {"", "y", "yes"}


def _show(block: str, proposal: Proposal, rules: Rules) -> None:
    print(block)
    for line in proposal.removes:
        print(f"  removes  {line}{_already(line, rules)}")
    for line in proposal.keeps:
        print(f"  keeps    {line}{_already(line, rules)}")


def _already(line: str, rules: Rules) -> str:
    """That a rule which is there cuts the line, whatever the new one does."""
    cutting = [rule.id for rule in rules.find(line) if rule.scope == "line"]
    return f"   (cut by {cutting[0]} already)" if cutting else ""
