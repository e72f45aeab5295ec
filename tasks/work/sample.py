"""Pages to try something on: files and addresses, or what a lake holds of a source."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from glob import has_magic
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.learned import ActiveTemplates, snapshot_active
from tasks.lake.tables import check_version, dataset, exists
from tasks.read.discover import list_inputs
from tasks.read.pages import PartReader
from tasks.read.refs import InputRef, Limits, Page, Part, Reject
from tasks.read.stored import restore_page
from tasks.read.uris import is_remote
from tasks.work.selection import check_sources

_ROWS = 200
"""Rows of ``pages`` at a time: they hold the texts."""
_LIMITS = Limits(last_try=True)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A page, and what its source's other pages taught where the lake knows it."""

    page: Page
    learned: Mapping[str, str] = field(default_factory=dict)


def sample_pages(given: str, lake: Lake, limit: int) -> Iterator[Sampled]:
    """The first pages of what a person named: a path, address or pattern, else a lake's source.

    What cannot be read is left out. Nothing is written to the lake.

    Args:
        given: A file, a folder, an address, a pattern, or a value of ``pages.source``.
        lake: Where sources are looked up.
        limit: Pages at most.

    Raises:
        SettingError: where there is no such file and no such source.
        LakeError: where the lake was written by a newer copydesk.
    """
    if _is_place(given):
        return islice(_read_files(list_inputs([given])), limit)
    if not exists(lake):
        message = (
            f"{given}: no such file or folder, and no lake at {lake} that has it as a source.\n"
            "Check the path; --lake says where the lake is."
        )
        raise SettingError(message)
    check_version(lake)
    try:
        check_sources(lake, [given])
    except SettingError as error:
        message = f"{error}\nNor is there a file or folder of that name."
        raise SettingError(message) from error
    return islice(_read_lake(lake, given), limit)


def _is_place(given: str) -> bool:
    """Whether it names files rather than a source."""
    return is_remote(given) or given.startswith("file:") or has_magic(given) or Path(given).exists()


def _read_files(refs: Iterable[InputRef | Reject]) -> Iterator[Sampled]:
    for ref in refs:
        for item in PartReader(Part(ref), _LIMITS) if isinstance(ref, InputRef) else ():
            if isinstance(item, Page):
                yield Sampled(item)


def _read_lake(lake: Lake, source: str) -> Iterator[Sampled]:
    with TemporaryDirectory() as folder:
        snapshot_active(lake, Path(folder))
        learned = ActiveTemplates(Path(folder)).of(source)
    where = pc.field("source") == source
    for batch in dataset(lake, "pages").to_batches(filter=where, batch_size=_ROWS):
        for row in batch.to_pylist():
            yield Sampled(restore_page(row), learned)
