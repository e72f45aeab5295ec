"""The page of settings, from the pydantic models that check them."""

from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from flows.options import RULES_VARIABLE
from flows.settings import FlowSettings, IngestSettings, MaintainSettings, ReprocessSettings
from generate.markdown import code, table
from tasks.lake.layout import DEFAULT_LAKE, LAKE_VARIABLE

HEAD = f"""# Settings

What a deployment's `settings` in `prefect.yaml` may hold, what the form under *Run → Custom run*
shows, and what the options of a command are turned into. They are checked before a run begins: an
unknown name or a value out of bounds ends it with what to write instead. The names of the options
are on the page of [commands](commands.md).

Two variables of the environment are read: `{LAKE_VARIABLE}`, the lake where none is given, else
`{DEFAULT_LAKE}` below the working directory; and `{RULES_VARIABLE}`, the rule packs where none is
given, parted like the folders of `PATH`. Where an object store is and who may is said by the
[usual variables](../how-to/s3.md).
"""

FLOWS: dict[str, tuple[type[FlowSettings], str]] = {
    "ingest": (IngestSettings, "What one run reads, how far it goes, and what stops it."),
    "reprocess": (ReprocessSettings, "Which stored pages are cut again."),
    "maintain": (MaintainSettings, "How long old files and dead runs' work stay."),
}


def settings_page() -> str:
    """Every setting of every flow: kind, default, bounds, what it does."""
    lines = [HEAD]
    for flow, (model, told) in FLOWS.items():
        lines += [f"## {flow}", "", told, ""]
        rows = [
            (code(name), _kind(field), _default(field), field.description or "")
            for name, field in model.model_fields.items()
        ]
        lines += table(("setting", "kind", "default", "what it does"), rows)
    return "\n".join(lines)


def _kind(field: FieldInfo) -> str:
    return _name(field.annotation) + "".join(_bound(one) for one in field.metadata)


def _name(kind: Any) -> str:
    """A type as a person says it, and as JSON has it."""
    arguments = [one for one in get_args(kind) if one is not type(None)]
    if get_origin(kind) is tuple:
        return f"list of {_name(arguments[0])}s"
    if get_origin(kind) is not None and all(isinstance(one, str) for one in arguments):
        return " or ".join(code(one) for one in arguments)
    if arguments:
        return _name(arguments[0])
    names = {"str": "text", "bool": "true or false", "int": "whole number", "float": "number"}
    return names.get(kind.__name__, kind.__name__.lower().replace("datetime", "date and time"))


def _bound(bound: Any) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = {name: getattr(bound, name) for name in signs if hasattr(bound, name)}
    return "".join(f", {signs[name]} {value}" for name, value in found.items())


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None or field.default in (None, ()):
        return "none"
    return code(str(field.default).lower() if isinstance(field.default, bool) else field.default)
