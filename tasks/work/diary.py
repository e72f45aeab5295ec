"""A file that names the page being worked, for who must find out what a worker hung on."""

from pathlib import Path


class Diary:
    """A file that names the page being worked, for who must find out what a worker hung on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb", buffering=0)

    def note(self, source_uri: str) -> None:
        """Name the page that is begun; none with an empty string."""
        content = source_uri.encode()
        self._file.seek(0)
        self._file.write(content)
        self._file.truncate(len(content))

    def close(self) -> None:
        """Remove the file: the worker is done."""
        self._file.close()
        self.path.unlink(missing_ok=True)
