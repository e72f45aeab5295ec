"""Rejects tried again: where their bytes lie."""

from collections.abc import Iterable, Mapping
from typing import Any

from tasks.read.uris import is_remote, split_record, uri_to_path


def places_to_read(rejects: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """URIs of the inputs that rows of ``rejects`` are in: those to read, and those that are gone.

    Objects in a store are taken to be there: reading them tells.
    """
    inputs = sorted({split_record(row["source_uri"])[0] for row in rejects})
    there = [uri for uri in inputs if is_remote(uri) or uri_to_path(uri).exists()]
    return there, [uri for uri in inputs if uri not in set(there)]
