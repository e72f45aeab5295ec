"""Cut a page into stories by the marks of its layout. Says which family it took it for, and why."""

from collections.abc import Callable

from tasks.text.blocks import read_follow, read_published
from tasks.text.marks import Page
from tasks.text.story import Layout
from tasks.text.stretches import read_bare, read_ended, read_headed, read_ruled, read_signed


def read_layout(page: Page) -> Layout | None:
    """The page's stories, if its layout marks them; None for a page that shows no known layout."""
    for read in _READERS:
        layout = read(page)
        if layout is not None:
            return layout
    return None


_READERS: tuple[Callable[[Page], Layout | None], ...] = (
    read_published,
    read_follow,
    read_signed,
    read_ended,
    read_bare,
    read_ruled,
    read_headed,
)
