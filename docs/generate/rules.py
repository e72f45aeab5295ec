"""The page of rule packs, from the packs themselves."""

import tomllib
from importlib.resources import files
from typing import Any

from generate.markdown import code, table

HEAD = """# Rule packs

Written from the packs in `tasks/rules/`, which every run reads. A rule is asked about a whole
line. `scope` says what follows where it matches: `line` cuts the line; `tail` cuts the line and
what follows it, if it ends a story; `mark` cuts nothing by itself and is evidence of the page's
layout, by its `role`. Each rule stands beside lines that it must match and lines that look like
it and must survive; the first of each are shown. How to write one is on [a page of its
own](../how-to/rule.md).
"""


def rules_page() -> str:
    """Every rule of every pack: what it is for, and one line that it cuts and one that it keeps."""
    lines = [HEAD]
    packs = [one for one in files("tasks.rules").iterdir() if one.name.endswith(".toml")]
    for pack in sorted(packs, key=lambda one: one.name):
        rules = tomllib.loads(pack.read_text(encoding="utf-8"))["rule"]
        lines += [f"## {pack.name.removesuffix('.toml')}", "", *_rows(rules)]
    return "\n".join(lines)


def _rows(rules: list[dict[str, Any]]) -> list[str]:
    rows = (
        (
            code(one["id"]),
            f"{one['scope']}, {code(one['role'])}" if "role" in one else one["scope"],
            one["why"],
            code(one["removes"][0]),
            code(one["keeps"][0]),
        )
        for one in rules
    )
    return table(("rule", "scope", "what such a line is", "matches", "and spares"), rows)
