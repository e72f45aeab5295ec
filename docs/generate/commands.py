"""The page of commands, from the Typer application that runs them."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from flows.cli import app
from generate.markdown import code, table

HEAD = """# Commands

Written from the command itself, like `copydesk --help`. Every command takes `-h`. It ends with 0
where all is done, with 1 where it failed, with 2 where it was used wrongly; what went wrong goes
to standard error.
"""


def commands_page() -> str:
    """Every command, with its arguments, options, and examples."""
    root = typer.main.get_command(app)
    lines = [HEAD]
    for path, command in walk(("copydesk",), root):
        lines += _section(path, command)
    return "\n".join(lines)


def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by its words, in the order of the help."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from walk((*path, name), child)


def _section(path: tuple[str, ...], command: Any) -> list[str]:
    words = [_usage(one) for one in command.params if one.param_type_name == "argument"]
    lines = [f"## {' '.join(path)}", "", *_paragraphs(command.help), ""]
    lines += ["```text", " ".join([*path, *words, "[OPTIONS]"]), "```", ""]
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    if arguments:
        rows = [(code(_usage(one)), _plain(one.help)) for one in arguments]
        lines += table(("argument", "what it is"), rows)
    options = [one for one in command.params if one.param_type_name == "option"]
    if shown := [one for one in options if one.name != "help"]:
        rows = [(_names(one), _plain(one.help), _default(one)) for one in shown]
        lines += table(("option", "what it does", "default"), rows)
    if command.epilog:
        examples = [one.strip() for one in command.epilog.split("\n\n")[1:]]
        lines += ["```sh", *examples, "```", ""]
    return lines


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    several = "…" if argument.nargs == -1 else ""
    return f"{name}{several}" if argument.required else f"[{name}{several}]"


def _names(option: Any) -> str:
    names = ", ".join(code(name) for name in option.opts)
    if option.secondary_opts:
        names += " / " + ", ".join(code(name) for name in option.secondary_opts)
    kind = "" if option.is_flag else f" {option.metavar or 'NUMBER'}"
    again = ", repeatable" if option.multiple and "repeatable" not in (option.help or "") else ""
    return f"{names}{kind}{again}"


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        told = option.show_default
    elif option.required:
        told = "must be given"
    elif option.is_flag:
        told = (
            code(option.opts[0])
            if option.default
            else (code(option.secondary_opts[0]) if option.secondary_opts else "off")
        )
    else:
        told = "" if option.default is None else code(option.default)
    return f"{told} (or {code(option.envvar)})" if option.envvar else told


def _paragraphs(text: str) -> list[str]:
    return [*re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip()).split("\n")]


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
