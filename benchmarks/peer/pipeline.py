"""What people put together today: datatrove with langdetect and textstat as a step.

    python pipeline.py FOLDER_OF_JSONL WORK_FOLDER WORKERS

Runs in the environment that ``environment.py`` builds. Reads, tells languages, computes nine
readability scores, finds near-duplicates by datatrove's four MinHash stages (14x8, word 5-grams)
and writes Parquet. Prints one line of JSON: seconds by stage, texts read and texts written.
"""

import json
import sys
import time
from pathlib import Path

import langdetect
import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader, ParquetReader
from datatrove.pipeline.writers import ParquetWriter
from textstat.textstat import textstatistics

SCORES = (
    "flesch_reading_ease",
    "flesch_kincaid_grade",
    "smog_index",
    "automated_readability_index",
    "coleman_liau_index",
    "gunning_fog",
    "dale_chall_readability_score",
    "linsear_write_formula",
    "spache_readability",
)


class LanguageAndScores(PipelineStep):
    """langdetect's language and nine of textstat's scores, into each document's metadata."""

    name = "language and scores"
    type = "annotator"

    def run(self, data, rank=0, world_size=1):
        """Annotate; as people write it, a call a score."""
        langdetect.DetectorFactory.seed = 0
        measure = textstatistics()
        for document in data:
            with self.track_time():
                try:
                    language = langdetect.detect(document.text)
                except langdetect.LangDetectException:
                    language = "und"
                document.metadata["language"] = language
                for name in SCORES:
                    document.metadata[name] = float(getattr(measure, name)(document.text))
            yield document


def main() -> None:
    """Run the stages one after the other, each over all files, and time them."""
    source, work, workers = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    files = len(list(Path(source).glob("*.jsonl")))
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    scored, signatures = str(work / "scored"), str(work / "signatures")
    buckets, removed = str(work / "buckets"), str(work / "removed")
    stages = {
        "language and scores": (
            files,
            [JsonlReader(source), LanguageAndScores(), ParquetWriter(scored)],
        ),
        "signatures": (
            files,
            [ParquetReader(scored), MinhashDedupSignature(signatures, config=config)],
        ),
        "buckets": (
            config.num_buckets,
            [MinhashDedupBuckets(signatures, buckets, config=config)],
        ),
        "cluster": (1, [MinhashDedupCluster(buckets, removed, config=config)]),
        "filter and write": (
            files,
            [
                ParquetReader(scored),
                MinhashDedupFilter(removed),
                ParquetWriter(str(work / "out")),
            ],
        ),
    }
    seconds = {}
    for number, (name, (tasks, pipeline)) in enumerate(stages.items()):
        started = time.perf_counter()
        logs = str(work / f"logs-{number}")
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, logging_dir=logs).run()
        seconds[name] = time.perf_counter() - started
    count = {name: _count(work / name) for name in ("scored", "out")}
    print(json.dumps({"seconds": seconds, "texts": count["scored"], "written": count["out"]}))


def _count(folder: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


if __name__ == "__main__":
    main()
