#!/usr/bin/env python3
"""How right the pipeline is on the gold, against floors that it must not fall below.

    python benchmarks/accuracy.py            compare with benchmarks/floors.json; 1 if below
    python benchmarks/accuracy.py --raise    write floors where they are higher than before
    python benchmarks/accuracy.py --lower    write them even where lower; say why in the commit

The pages go through the command as users run it: a source for each publisher, a lake for each
renderer, dedupe off where articles recur from page to page. Without the gold it says so, and ends
with 0.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[1]
FLOORS = Path(__file__).with_name("floors.json")
RENDERERS = ("lynx", "inscriptis", "bs4")

SLACK = 0.002
"""Below what was reached, a floor is set by this much: a figure may move by a page or two."""

WHOLE = {"seeds"}
"""Sets whose figures are counts of facts: not one may be lost."""


def main() -> None:
    """Score and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raise", dest="lift", action="store_true")
    parser.add_argument("--lower", action="store_true")
    options = parser.parse_args()
    shared = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    if not (shared / "gold" / "score.py").exists():
        print(f"no gold in {shared}: accuracy was not measured; set COPYDESK_SHARED")
        return
    found = measure(shared)
    floors = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    below = compare(found, floors)
    if options.lift or options.lower:
        FLOORS.write_text(json.dumps(new_floors(found, floors, options.lower), indent=1) + "\n")
    elif below:
        sys.exit("below the floor: " + ", ".join(below))


def measure(shared: Path) -> dict[str, dict[str, Any]]:
    """Ingest each set of the gold, and score it."""
    score = load_score(shared)
    with tempfile.TemporaryDirectory(prefix="copydesk-accuracy-") as folder:
        place = Path(folder)
        environment = {**os.environ, "PREFECT_HOME": str(place / "prefect")}
        environment.pop("PREFECT_API_URL", None)
        for name in ("pages", "rolls", "neardup"):
            score.materialize(name, place / name)
        ingest(shared / "seeds", place / "lake-seeds", environment)
        ingest(place / "rolls", place / "lake-rolls", environment, "--dedupe", "off")
        ingest(place / "neardup", place / "lake-neardup", environment)
        for renderer in RENDERERS:
            lake = place / f"lake-{renderer}"
            ingest(place / "pages" / renderer, lake, environment, "--dedupe", "off")
        found = {
            "seeds": score.score_seeds(place / "lake-seeds"),
            "rolls": score.score_rolls(place / "lake-rolls"),
            "neardup": score.score_neardup(place / "lake-neardup"),
            "pages": pages_together(
                [score.score_pages(place / f"lake-{one}", one) for one in RENDERERS]
            ),
        }
    found["seeds"] = {name: value for name, value in found["seeds"].items() if name != "wrong"}
    return found


def load_score(shared: Path) -> ModuleType:
    """The gold's own script, as a module."""
    spec = importlib.util.spec_from_file_location("score", shared / "gold" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ingest(source: Path, lake: Path, environment: dict[str, str], *options: str) -> None:
    """Run the command."""
    command = [sys.executable, "-m", "flows.cli", "ingest", str(source), "--lake", str(lake)]
    done = subprocess.run(
        [*command, *options], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"ingest of {source} ended with {done.returncode}\n{done.stderr}")


def pages_together(scores: list[dict[str, Any]]) -> dict[str, Any]:
    """One score of all renderers, each weighing as many pages as it has."""
    names = {name for one in scores for name in one if "[" not in name} - {"pages"}
    total = sum(one["pages"] for one in scores)
    together: dict[str, Any] = {"pages": total}
    for name in sorted(names):
        weighed = [(one[name], one["pages"]) for one in scores if one.get(name) is not None]
        together[name] = sum(value * pages for value, pages in weighed) / sum(
            pages for _, pages in weighed
        )
    return together


def compare(found: dict[str, dict[str, Any]], floors: dict[str, dict[str, float]]) -> list[str]:
    """Print figures beside their floors; name those below."""
    below = []
    for group, figures in found.items():
        print(group)
        for name, value in figures.items():
            floor = floors.get(group, {}).get(name)
            mark = "" if floor is None else f"  floor {floor:g}"
            if floor is not None and value < floor:
                below.append(f"{group}.{name}")
                mark += "  BELOW"
            print(f"  {name:<22} {value:>9.4f}{mark}")
    return below


def new_floors(
    found: dict[str, dict[str, Any]], floors: dict[str, dict[str, float]], may_lower: bool
) -> dict[str, dict[str, float]]:
    """Floors a little below what was found; none lower than before unless that is asked for."""
    fresh: dict[str, dict[str, float]] = {}
    for group, figures in found.items():
        fresh[group] = {}
        for name, value in figures.items():
            floor = value if group in WHOLE else round(max(value - SLACK, 0.0), 4)
            before = floors.get(group, {}).get(name, 0.0)
            fresh[group][name] = floor if may_lower else max(floor, before)
    return fresh


if __name__ == "__main__":
    main()
