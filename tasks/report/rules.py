"""What `copydesk rules check` prints of the packs."""

import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from tasks.errors import CopydeskError, RulePackError
from tasks.read.discover import list_inputs
from tasks.read.pages import PartReader
from tasks.read.refs import InputRef, Page, Part
from tasks.report.listing import print_table
from tasks.rules.check import Cost, find_shadowed, measure_cost, measure_effects, measure_sizes
from tasks.rules.load import Rules, load_rules
from tasks.text.page import Given

_LARGEST = 5
_LARGE = 10_000
"""RE2 instructions: of ours the largest has 8,087, and half have below 600."""


def check_rules(packs: Sequence[Path], folder: Path | None) -> None:
    """Run the examples of our packs and the given ones, and print what each rule is worth.

    Args:
        packs: Packs to check beside our own.
        folder: Pages that the rules were not written from: what each rule changes there is shown.

    Raises:
        CopydeskError: where a pack cannot be used or an example fails; says which.
        SettingError: where there are no pages.
    """
    try:
        rules = load_rules(packs, prove_all=True)
    except RulePackError as error:
        raise CopydeskError(str(error)) from error
    _print_packs(packs)
    _print_cost(rules, packs)
    if shadowed := find_shadowed(rules):
        print("\nShadowed: an earlier rule of the same kind matches all their `removes` too.")
        print_table(["rule", "shadowed by"], [list(pair) for pair in shadowed.items()])
    if folder is not None:
        _print_effects(rules, folder)


def _print_packs(packs: Sequence[Path]) -> None:
    ours = [pack for pack in files("tasks.rules").iterdir() if pack.name.endswith(".toml")]
    rows = []
    for pack in [*sorted(ours, key=lambda pack: pack.name), *packs]:
        rules = tomllib.loads(pack.read_text(encoding="utf-8")).get("rule", [])
        removes = sum(len(rule["removes"]) for rule in rules)
        keeps = sum(len(rule["keeps"]) for rule in rules)
        rows.append([pack.name, len(rules), removes, keeps, "ok"])
    print_table(["pack", "rules", "removes", "keeps", "examples"], rows)


def _print_cost(rules: Rules, packs: Sequence[Path]) -> None:
    """What the given packs add to the cost of ours; without one, which of ours are the largest."""
    ours = load_rules()
    print(f"\nCost: {_told(measure_cost(rules))}.")
    if packs:
        print(f"Without the packs given: {_told(measure_cost(ours))}.")
    known = {rule.id for rule in ours.rules}
    sizes = [one for one in measure_sizes(rules).items() if not packs or one[0] not in known]
    sizes.sort(key=lambda one: -one[1])
    print_table(["largest patterns", "RE2 instructions"], [list(one) for one in sizes[:_LARGEST]])
    if sizes and sizes[0][1] > _LARGE:
        print(
            f"{sizes[0][0]} is large: counts such as {{0,80}} in a pattern make it so. `longest` "
            "in the rule does the same for nothing."
        )


def _told(cost: Cost) -> str:
    compiled, line = cost.compile_seconds * 1e3, cost.line_seconds * 1e6
    return f"{compiled:.0f} ms to compile, {line:.1f} µs a line that was not met before"


def _print_effects(rules: Rules, folder: Path) -> None:
    count = 0

    def pages() -> Iterator[tuple[str, Given]]:
        nonlocal count
        for ref in list_inputs([folder]):
            for item in PartReader(Part(ref)) if isinstance(ref, InputRef) else ():
                if isinstance(item, Page):
                    count += 1
                    yield item.text, item.given

    effects = measure_effects(rules, pages())
    print(f"\nOn {count} pages of {folder}: what each rule changes that nothing else would.")
    print_table(
        ["rule", "lines matched", "cut by it alone", "other labels changed", "pages changed"],
        [
            [rule_id, one.matched, one.alone, one.relabelled, one.pages]
            for rule_id, one in effects.items()
        ],
    )
    unmatched = sum(not one.matched for one in effects.values())
    idle = sum(one.changes_nothing for one in effects.values()) - unmatched
    print(
        f"\n{len(effects)} rules: {unmatched} match no line of these pages, "
        f"{idle} match some and change nothing."
    )
