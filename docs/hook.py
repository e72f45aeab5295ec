"""MkDocs calls this before it builds: the pages that are made of the code, not written by hand."""

from collections.abc import Callable
from pathlib import Path

from generate.commands import commands_page
from generate.lists import lists_page
from generate.rules import rules_page
from generate.settings import settings_page
from generate.tables import tables_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PAGES: dict[str, Callable[[], str]] = {
    "how-to/read.md": lambda: (Path(__file__).parents[1] / "data" / "README.md").read_text("utf-8"),
    "reference/commands.md": commands_page,
    "reference/settings.md": settings_page,
    "reference/tables.md": tables_page,
    "reference/rules.md": rules_page,
    "reference/lists.md": lists_page,
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those that lie in the folder."""
    for place, write in PAGES.items():
        files.append(File.generated(config, place, content=write()))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of the search as a script too: a page in a folder may load no other file."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    script = f"var __index = {index.read_text('utf-8')}"
    index.with_suffix(".js").write_text(script, encoding="utf-8")
