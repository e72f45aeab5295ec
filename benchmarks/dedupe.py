#!/usr/bin/env python3
"""What is withheld of 20,268 newswire texts, against an exhaustive count, and samples to read.

    python benchmarks/dedupe.py                    all figures; under a minute
    python benchmarks/dedupe.py --lake DIR         of the articles cut out of them, in this lake;
                                                   it is made if not there, in some 5 minutes
    python benchmarks/dedupe.py --show withheld    print the pairs of a sample, to read them
    python benchmarks/dedupe.py --show twins

The texts (ids ``reuters-`` and ``bbc-`` of the shared corpus) are taken as they are, so that the
figures don't hang on the cutter. What was read of the samples, and how it was judged, is in
``dedupe-read-pairs.tsv`` beside this script: ids and measures, no text. Without the corpus it says
so, and ends with 0.
"""

import argparse
import csv
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.dedupe.candidates import Candidate, Candidates, Earlier, MemoryIndex, MemoryTexts
from tasks.dedupe.decide import Decision, decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.folding import split_words
from tasks.dedupe.twins import are_apart_by_titles
from tasks.dedupe.verdicts import judge
from tasks.lake.layout import Lake
from tasks.lake.tables import dataset, exists

ROOT = Path(__file__).parents[1]
READ = Path(__file__).with_name("dedupe-read-pairs.tsv")
SOURCES = ("reuters", "bbc")

SEED = 4_051
WITHHELD_READ = 200
TWINS_READ = 50
SPLITS = (1, 3, 10)
WORDS = 5
ALIKE = 0.8
"""5-word-shingle Jaccard from which a pair must be found, or be a template twin."""
LEAST = 0.5

FACTS = ["source_uri", "source", "words", "title", "published_at", "url"]

Pair = tuple[str, str]
Shingles = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The articles, under the corpus's ids."""

    candidates: Sequence[Candidate]
    texts: Mapping[str, str]


def main() -> None:
    """Print the figures, or a sample."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--show", choices=["withheld", "twins"])
    options = parser.parse_args()
    shared = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    source = shared / "corpus" / "bench.jsonl.gz"
    if not source.exists():
        print(f"no corpus in {shared}: nothing was measured; set COPYDESK_SHARED")
        return
    rows = read_rows(source)
    if options.lake is not None:
        make_lake(rows, options.lake)
        rows = read_articles([row["article_id"] for row in rows], options.lake)
    corpus = make_corpus(rows)
    started = time.perf_counter()
    decision = decide(Candidates.of(corpus.candidates), MemoryIndex(), MemoryTexts(corpus.texts))
    seconds = time.perf_counter() - started
    alike = find_alike(corpus.texts)
    twins = sorted(pair for pair in alike if not is_found(pair, decision))
    samples = {
        "withheld": draw(withheld_pairs(decision), WITHHELD_READ),
        "twins": draw(twins, TWINS_READ),
    }
    if options.show:
        show(samples[options.show], corpus.texts)
        return
    kinds = Counter(one.kind for one in decision.withheld.values())
    print(f"articles {len(corpus.texts):,}; withheld {len(decision.withheld):,} in {seconds:.0f} s")
    print(f"  kinds {dict(kinds)}; compared {decision.compared:,}; capped {decision.capped:,}")
    titles = {one.article_id: one.title for one in corpus.candidates}
    report_alike(alike, twins, titles, corpus.texts)
    report_near(decision, corpus.texts)
    for name, pairs in samples.items():
        report_read(name, pairs)
    report_splits(corpus, decision)


Row = dict[str, Any]


def read_rows(source: Path) -> list[Row]:
    """The texts as they are, under the names of columns of ``articles``."""
    with gzip.open(source, "rt", encoding="utf-8") as file:
        found = [row for row in map(json.loads, file) if row["id"].startswith(SOURCES)]
    return [
        dict.fromkeys(FACTS)
        | {
            "article_id": row["id"],
            "source_uri": row["id"],
            "source": row["id"].partition("-")[0],
            "words": len(row["text"].split()),
            "text": row["text"],
        }
        for row in found
    ]


def make_lake(rows: Sequence[Row], lake: Path) -> None:
    """Cut the texts into a lake, unless it is there."""
    if exists(Lake(lake)):
        return
    with tempfile.TemporaryDirectory(prefix="copydesk-dedupe-") as folder:
        pages = Path(folder) / "wire.jsonl"
        lines = (json.dumps({name: row[name] for name in ("source", "text")}) for row in rows)
        pages.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "flows.cli", "ingest", str(pages), "--dedupe", "off"]
        environment = {**os.environ, "PREFECT_HOME": str(Path(folder) / "prefect")}
        command += ["--lake", str(lake)]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=sys.stderr)


def read_articles(ids: Sequence[str], lake: Path) -> list[Row]:
    """The articles of a lake under the corpus's ids: line 17 is the 17th of them."""
    columns = [*FACTS, "position", "text"]
    rows: list[Row] = dataset(Lake(lake), "articles").to_table(columns=columns).to_pylist()
    for row in rows:
        position = row.pop("position")
        name = ids[int(row["source_uri"].rpartition("#L")[2]) - 1]
        row["article_id"] = name + (f"/{position}" if position else "")
    return rows


def make_corpus(rows: Sequence[Row]) -> Corpus:
    """Candidates with fingerprints of today, whatever made the lake."""
    candidates = []
    for row in rows:
        prints = fingerprint(row["text"])
        candidates.append(
            Candidate(
                article_id=row["article_id"],
                text_hash=prints.text_hash,
                signature=prints.signature,
                shingles=prints.shingles,
                **{fact: row[fact] for fact in FACTS},
            )
        )
    return Corpus(candidates, {row["article_id"]: row["text"] for row in rows})


def find_alike(texts: Mapping[str, str]) -> dict[Pair, float]:
    """Every pair whose 5-word-shingle Jaccard is ``ALIKE`` or more, by an inverted index.

    Exhaustive: two sets that share so much have a shingle in common among the first few of each,
    the rarest first (prefix filtering: Bayardo, Ma and Srikant 2007), so only pairs that do are
    measured. Shingles are counted here without the code that is being measured but for its words.
    """
    names = sorted(texts)
    sets = [shingles(texts[name]) for name in names]
    values, counts = np.unique(np.concatenate(sets), return_counts=True)
    owners = defaultdict(list)
    for at, one in enumerate(sets):
        if len(one):
            rarity = counts[np.searchsorted(values, one)]
            prefix = len(one) - int(np.ceil(ALIKE * len(one))) + 1
            for key in one[np.lexsort((one, rarity))][:prefix].tolist():
                owners[key].append(at)
    pairs = {(a, b) for group in owners.values() for a in group for b in group if a < b}
    measured = {pair: jaccard(sets[pair[0]], sets[pair[1]]) for pair in pairs}
    return {(names[a], names[b]): one for (a, b), one in measured.items() if one >= ALIKE}


def shingles(text: str) -> Shingles:
    """Hashes of a text's distinct runs of five words; of all of them, where there are fewer."""
    words = split_words(text)
    runs = {" ".join(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1))}
    hashes = [hashlib.blake2b(one.encode(), digest_size=8).digest() for one in runs if one]
    return np.unique(np.frombuffer(b"".join(hashes), dtype="<i8"))


def jaccard(a: Shingles, b: Shingles) -> float:
    """Shared over all, 0..1."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / max(len(a) + len(b) - shared, 1)


def is_found(pair: Pair, decision: Decision) -> bool:
    """Whether one of the two is withheld, so that not both are published."""
    return pair[0] in decision.withheld or pair[1] in decision.withheld


def withheld_pairs(decision: Decision) -> list[Pair]:
    """Each withheld article with the one it was verified against."""
    return sorted((name, one.kept_article_id) for name, one in decision.withheld.items())


def draw(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """A sample without return, by the stated seed: the pairs whose hash with it is the least.

    So it hardly changes with a verdict or two.
    """
    return sorted(
        sorted(pairs, key=lambda pair: hashlib.sha256(f"{SEED} {pair}".encode()).digest())[:count]
    )


def report_alike(
    alike: Mapping[Pair, float],
    open_: Sequence[Pair],
    titles: Mapping[str, str | None],
    texts: Mapping[str, str],
) -> None:
    """How many of the pairs that are alike were found, and why the others were not."""
    reasons = Counter(why_two(pair, titles, texts) for pair in open_)
    print(
        f"pairs with 5-word Jaccard >= {ALIKE}: {len(alike):,}; found {len(alike) - len(open_):,}"
    )
    print(f"  both published: {len(open_):,} ({len(open_) / len(alike):.1%}), {dict(reasons)}")


def why_two(pair: Pair, titles: Mapping[str, str | None], texts: Mapping[str, str]) -> str:
    """Why both of a pair are published, in two words."""
    a, b = pair
    verdict = judge(texts[a], texts[b])
    if verdict.kind is None:
        return verdict.reason.partition(":")[0]
    is_apart = are_apart_by_titles(titles[a], texts[a], titles[b], texts[b])
    return "template twin by title" if is_apart else "not found"


def report_near(decision: Decision, texts: Mapping[str, str]) -> None:
    """The least Jaccard of what is withheld as near: as recorded, and of five words."""
    near = {name: one for name, one in decision.withheld.items() if one.kind == "near"}
    five = [
        jaccard(shingles(texts[a]), shingles(texts[b.kept_article_id])) for a, b in near.items()
    ]
    below = sum(one < LEAST for one in five)
    least = min(one.jaccard for one in near.values())
    print(f"near: least recorded Jaccard {least:.3f}; of 5 words {min(five):.3f}, {below} below")


def report_read(name: str, pairs: Sequence[Pair]) -> None:
    """Judgements on a sample."""
    judged = {}
    if READ.exists():
        with READ.open(encoding="utf-8") as file:
            judged = {
                (row["a"], row["b"]): row["judgement"]
                for row in csv.DictReader(file, delimiter="\t")
                if row["sample"] == name
            }
    found = Counter(judged.get(pair, "not read") for pair in pairs)
    print(f"sample {name}, seed {SEED}: {len(pairs)} pairs, {dict(found)}")


def report_splits(corpus: Corpus, whole: Decision) -> None:
    """The same texts in several runs: what is published, and whether each group is represented."""
    groups = defaultdict(set)
    for name, one in whole.withheld.items():
        groups[one.kept_article_id] |= {name, one.kept_article_id}
    everything = len(corpus.candidates)
    published_at_once = everything - len(whole.withheld)
    for runs in SPLITS:
        withheld = split_decide(corpus, runs)
        published = everything - len(withheld)
        lost = sum(1 for group in groups.values() if group <= withheld.keys())
        astray = sum(1 for kept in withheld.values() if kept in withheld)
        share = published / published_at_once - 1
        print(
            f"{runs:>2} runs: published {published:,} ({share:+.2%}); of {len(groups):,} groups "
            f"{lost} without a published member; {astray} withheld for one that is not published"
        )


def split_decide(corpus: Corpus, runs: int) -> dict[str, str]:
    """Withheld articles and what they point at, after so many runs over a shuffled corpus."""
    shuffled = sorted(corpus.candidates, key=lambda one: one.article_id)
    random.Random(SEED).shuffle(shuffled)
    withheld: dict[str, str] = {}
    earlier: list[Earlier] = []
    for at in range(runs):
        part = shuffled[at::runs]
        decision = decide(Candidates.of(part), MemoryIndex(earlier), MemoryTexts(corpus.texts))
        withheld |= {name: one.kept_article_id for name, one in decision.withheld.items()}
        earlier += [_published(one) for one in part if one.article_id not in decision.withheld]
    return withheld


def _published(one: Candidate) -> Earlier:
    return Earlier(**{slot: getattr(one, slot) for slot in Earlier.__slots__})


def show(pairs: Sequence[Pair], texts: Mapping[str, str]) -> None:
    """Print pairs for reading: measures, and what differs with a few words around it."""
    for a, b in pairs:
        verdict = judge(texts[a], texts[b])
        five = jaccard(shingles(texts[a]), shingles(texts[b]))
        measures = "\t".join(f"{one:.3f}" for one in (verdict.jaccard, verdict.containment, five))
        print(f"\n=== {a}\t{b}\t{verdict.kind}\t{measures}")
        print(f"    {verdict.reason}")
        for line in differences(texts[a].split(), texts[b].split()):
            print(f"  {line}")


def differences(a: Sequence[str], b: Sequence[str], shown: int = 40) -> Iterator[str]:
    """The beginning of one text, then each stretch that differs."""
    yield "| " + " ".join(a[:shown])
    for tag, a_from, a_to, b_from, b_to in SequenceMatcher(
        None, a, b, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            old, new = a[a_from:a_to], b[b_from:b_to]
            yield f"@{a_from}/{len(a)} [{_short(old)}] → [{_short(new)}]"


def _short(words: Sequence[str], limit: int = 30) -> str:
    if len(words) <= limit:
        return " ".join(words)
    return (
        f"{' '.join(words[: limit // 2])} …{len(words) - limit}… {' '.join(words[-limit // 2 :])}"
    )


if __name__ == "__main__":
    main()
