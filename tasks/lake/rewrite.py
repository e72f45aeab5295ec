"""Rows taken out of the lake's tables and put in: files are rewritten whole, one at a time."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.earlier import next_number, number_rows
from tasks.lake.files import DENSE_LEVEL, write_rows
from tasks.lake.intent import RemovedFile
from tasks.lake.publish import Added, carry_out, name_publication
from tasks.lake.runs import Run
from tasks.lake.tables import dataset, read
from tasks.schemas import TABLES


class Rewrite:
    """What one publication changes in rows that are there; nothing happens before ``publish``.

    Use it under the lake's lock: it holds on to the files that it found.
    """

    def __init__(
        self, run: Run, folder: Path, *, is_rewrite: bool = False, keep_files: bool = False
    ) -> None:
        """Begin with no changes.

        Args:
            run: The run that publishes them.
            folder: Its staging folder.
            is_rewrite: Whether the rows stay what they are, in other files.
            keep_files: Whether files that are replaced stay for readers of older versions.
        """
        self.run = run
        self._is_rewrite, self._keep_files = is_rewrite, keep_files
        self._out = folder / "publish"
        self._added: list[Added] = []
        self._removed: defaultdict[str, list[RemovedFile]] = defaultdict(list)

    def take_out(
        self,
        name: str,
        where: pc.Expression,
        change: Callable[[pa.Table], pa.Table] | None = None,
    ) -> int:
        """Take rows out of a table; how many they are. Once a table.

        Args:
            name: The table.
            where: Which rows, over its files' columns. A row for which it is null stays.
            change: What becomes of them; without it they are gone.
        """
        assert name not in self._removed, f"{name} is rewritten twice"
        table, taken = TABLES[name], 0
        is_hit = pc.coalesce(where, pa.scalar(False))
        for fragment in dataset(self.run.lake, name).get_fragments(filter=where):
            hits = fragment.count_rows(filter=where)
            if not hits:
                continue
            taken += hits
            rows = fragment.to_table(schema=table.schema)
            left = rows.filter(~is_hit)
            if change is not None:
                left = pa.concat_tables([left, change(rows.filter(is_hit)).cast(table.schema)])
            path = unquote(fragment.path)
            if left.num_rows:
                number = len(self._removed[name]) + 1
                self._add(name, left, f"left-{number:04d}", _partition(path))
            self._drop(name, path)
        return taken

    def merge(self, name: str, bins: Sequence[Sequence[str]], order: Sequence[str] = ()) -> None:
        """Put the rows of several files into one.

        Args:
            name: The table.
            bins: Paths below the table's folder; those of a bin are of one partition.
            order: Columns to sort the rows by; without, they stay in the files' order.
        """
        fragments = {unquote(one.path): one for one in dataset(self.run.lake, name).get_fragments()}
        schema = TABLES[name].schema
        for number, paths in enumerate(bins, 1):
            rows = pa.concat_tables(fragments[path].to_table(schema=schema) for path in paths)
            if order:
                rows = rows.sort_by([(column, "ascending") for column in order])
            if rows.num_rows:
                self._add(name, rows, f"merged-{number:04d}", _partition(paths[0]))
            for path in paths:
                self._drop(name, path)

    def put_in(
        self, name: str, rows: pa.Table, file: str = "rows", partition: date | None = None
    ) -> None:
        """Add rows to a table.

        Args:
            name: The table.
            rows: Of its files' schema.
            file: Names them among the others that are put in there.
            partition: Where they go, in a table of partitions; None is the run's own day.
        """
        if rows.num_rows:
            self._add(name, rows, file, partition)

    def put_in_index(self, prints: pa.Table, dates: pa.Array | None = None) -> None:
        """Add published articles' fingerprints, and their look-up keys. Once.

        Args:
            prints: Rows as a shard stages them.
            dates: The partition of each one's article; None is the run's own day for all.
        """
        if prints.num_rows:
            if dates is None:
                dates = pa.repeat(pa.scalar(self.run.ingest_date), prints.num_rows)
            numbered, bands = number_rows(prints, dates, next_number(self.run.lake))
            self.put_in("fingerprints", numbered, "index")
            self.put_in("bands", bands, "index")

    def take_out_of_index(self, article_ids: Collection[str]) -> None:
        """Take articles' fingerprints out, and their look-up keys."""
        gone = pc.field("article_id").isin(pa.array(sorted(article_ids), pa.string()))
        numbers = read(self.run.lake, "fingerprints", ["number"], gone)["number"]
        self.take_out("fingerprints", gone)
        self.take_out("bands", pc.field("number").isin(numbers.combine_chunks()))

    def publish(self) -> None:
        """Write the intent, and carry it out."""
        removed = {name: tuple(files) for name, files in self._removed.items()}
        carry_out(
            self.run,
            name_publication(self.run),
            self._added,
            removed,
            is_rewrite=self._is_rewrite,
            keep_files=self._keep_files,
        )

    def _drop(self, name: str, path: str) -> None:
        partition = _partition(path)
        values = {} if partition is None else {"ingest_date": partition.isoformat()}
        size = self.run.lake.storage.size(f"{name}/{path}")
        self._removed[name].append(RemovedFile(path, size, values))

    def _add(self, name: str, rows: pa.Table, file: str, partition: date | None) -> None:
        path = self._out / f"{name}-{file}.staged"
        write_rows(rows, path, TABLES[name], self.run.versions, level=DENSE_LEVEL)
        self._added.append(Added(name, path, file, partition))


def _partition(path: str) -> date | None:
    """The day of the partition that a file lies in; None where its table has none."""
    folder, _, _ = path.rpartition("/")
    return date.fromisoformat(folder.removeprefix("ingest_date=")) if folder else None
