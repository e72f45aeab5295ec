"""A run's staging where every later run finds it: in the lake's object store, beside this machine.

Of a lake that is a folder the staging lies in the lake itself, and there is nothing to mirror.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.errors import LakeError
from tasks.lake.layout import Lake

MANIFEST = "shard.json"
"""In the folder of a finished shard; whatever else is in it was there before."""

_CLAIM = ".lease"


class Mirror:
    """The staging of a lake that is a folder: it is there already."""

    @staticmethod
    def of(lake: Lake) -> "Mirror":
        """The lake's mirror."""
        return Mirror() if lake.address is None else _BucketMirror(lake)

    @contextmanager
    def claim(self, run_id: str) -> Iterator[None]:
        """Let others see that a run lives, for as long as the block runs."""
        yield

    def is_claimed(self, run_id: str) -> bool:
        """Whether a run lives, as far as only the store can tell."""
        return False

    def remove_claim(self, run_id: str) -> None:
        """Remove what a dead run claimed."""

    def put(self, file: Path) -> None:
        """Bring a file there, over what there was."""

    def put_shard(self, folder: Path) -> None:
        """Bring a finished shard there, so that it is seen whole or not at all."""

    def keep(self, names: Iterable[str]) -> None:
        """Bring staged files there that are not, by their names below the lake's root."""

    def remove_folder(self, folder: Path) -> None:
        """Remove a run's files there."""

    def fetch(self, files: Iterable[Path]) -> None:
        """Bring files here that a living run put there, as far as they are not here."""

    def fetch_folder(self, folder: Path) -> None:
        """Bring all of a shard here that another machine has finished."""

    def fetch_dead(self) -> None:
        """Bring the staging of dead runs to this machine, as far as it is not here."""


class _BucketMirror(Mirror):
    """The staging of a lake in an object store."""

    def __init__(self, lake: Lake) -> None:
        from tasks.lake.bucket import BucketStorage

        assert isinstance(lake.storage, BucketStorage)
        self._lake = lake
        self._storage = lake.storage
        self._top = lake.name_of(lake.staging)

    @contextmanager
    def claim(self, run_id: str) -> Iterator[None]:
        from tasks.lake.lease import LEASE_SECONDS, Lease, keep_lease

        name = self._claim_of(run_id)
        lease = Lease(self._storage, name, {"holder": run_id})
        # A run that is tried again may find its own, of a process that died on another machine.
        if lease.take(LEASE_SECONDS + 5) is not None:
            message = f"{self._lake}: run {run_id} is under way elsewhere. Let it end, or stop it."
            raise LakeError(message)
        with keep_lease(self._storage, name, lease):
            yield
        self.remove_claim(run_id)

    def is_claimed(self, run_id: str) -> bool:
        from tasks.lake.lease import is_leased

        return is_leased(self._storage, self._claim_of(run_id))

    def remove_claim(self, run_id: str) -> None:
        self._storage.remove(self._claim_of(run_id))

    def put(self, file: Path) -> None:
        self._storage.upload(self._lake.name_of(file))

    def put_shard(self, folder: Path) -> None:
        names = [self._lake.name_of(file) for file in sorted(folder.iterdir())]
        manifest = self._lake.name_of(folder / MANIFEST)
        self._storage.remove(manifest)  # of an earlier attempt
        self._storage.upload_all(name for name in names if name != manifest)
        self._storage.upload(manifest)

    def keep(self, names: Iterable[str]) -> None:
        self._storage.upload_all([name for name in names if not self._is_kept(name)])

    def _is_kept(self, name: str) -> bool:
        # A finished shard is there since it was finished, unless this run was held to be dead.
        # What a publication writes may be of the same size as what an earlier try left.
        is_finished = ((self._lake.root / name).parent / MANIFEST).exists()
        return is_finished and self._storage.has(name)

    def remove_folder(self, folder: Path) -> None:
        self._storage.remove_all(self._lake.name_of(folder))

    def fetch(self, files: Iterable[Path]) -> None:
        self._fetch([self._lake.name_of(file) for file in files])

    def fetch_folder(self, folder: Path) -> None:
        self._fetch(self._storage.names(f"{self._lake.name_of(folder)}/"))

    def fetch_dead(self) -> None:
        found: dict[str, list[str]] = {}
        for name in self._storage.names(self._top):
            run_id, _, rest = name.removeprefix(f"{self._top}/").partition("/")
            found.setdefault(run_id.removesuffix(_CLAIM), []).extend([name] if rest else [])
        for run_id, names in found.items():
            if not self.is_claimed(run_id):
                self._fetch(names)
                if not names:  # it died before it left anything
                    self.remove_claim(run_id)

    def _fetch(self, names: Iterable[str]) -> None:
        """Bring files here, each folder's manifest when all its others are."""
        for name in sorted(names, key=lambda name: name.endswith(f"/{MANIFEST}")):
            if not (self._lake.root / name).exists():
                self._storage.fetch(name)

    def _claim_of(self, run_id: str) -> str:
        return f"{self._top}/{run_id}{_CLAIM}"
