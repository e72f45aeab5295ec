"""Zstandard data that may be damaged: what is good comes out, in pieces of bounded size."""

from collections.abc import Iterator

import zstandard

WINDOW_BYTES = 1 << 27
"""The most memory that a frame may ask for, as with ``zstd`` itself unless it is told otherwise."""
_SLICE_BYTES = 256
"""Fed at once: four bytes can be a block of 128 KB, so a slice is at most 8 MB."""


class Unzstd:
    """Zstandard data in, decompressed bytes out; the same to callers as ``gunzip.Inflater``."""

    def __init__(self) -> None:
        self.damage = ""
        """What is wrong with the data met so far; empty where nothing is."""
        self.rest = b""
        """What was fed and not decompressed, where there is damage."""
        self.is_too_large = False
        """Whether the damage is that a frame asks for more than ``WINDOW_BYTES`` of memory."""
        self.is_lost = True
        """Whether nothing came out of the frame that is being read."""
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)
        self._frame = self._decompressor.decompressobj()
        self._begun = False
        self._frames = 0

    @property
    def at_end(self) -> bool:
        """Whether the data may stop here: after at least one whole frame."""
        return self._frames > 0 and not self._begun

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` decompresses to; sets ``damage`` and stops where it is no Zstandard.

        Of the 256 bytes before the damage, the last blocks may be lost.
        """
        for at in range(0, len(data), _SLICE_BYTES):
            rest = data[at : at + _SLICE_BYTES]
            while rest:
                self._begun = True
                try:
                    chunk = self._frame.decompress(rest)
                except zstandard.ZstdError as error:
                    self.rest = data[at:]
                    self.damage = str(error).rpartition(": ")[2]
                    self.is_too_large = "too much memory" in self.damage
                    return
                rest = b""
                if self._frame.eof:
                    rest = self._frame.unused_data
                    self._frame = self._decompressor.decompressobj()
                    self._begun, self._frames = False, self._frames + 1
                self.is_lost = not self._begun or (self.is_lost and not chunk)
                if chunk:
                    yield chunk
