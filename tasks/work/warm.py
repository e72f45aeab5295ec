"""Workers made ready before a run knows its shards: what they load does not hang on these."""

import gc
from collections.abc import Sequence
from pathlib import Path

BYTES_A_WORKER = 512 * 1024
"""Of sources: a second's work or more, in which the next worker starts."""

# A page with a bit of everything that a stage loads something for.
_PAGE = """Ferry company orders two ships

By Mara Lindqvist
Published: Tuesday, March 4, 2025

OAKHAVEN - The ferry company of the outer islands has ordered two ships that run on stored power,
its board said on Tuesday. They will carry 40 cars each and sail from the old harbour in the spring.

Councillors had asked for quieter ships since a storm broke the landing stage, and the harbour
master welcomed the news. "We have waited for this longer than anybody likes to remember," he said.

Read more stories
"""


def count_ahead(sources: Sequence[str], workers: int) -> int:
    """How many workers are surely of use: by the size of the files that are named; of a folder one.

    What is elsewhere, or named by a pattern, does not count: that takes longer to find out.
    """
    paths = [Path(source) for source in sources if "://" not in source]
    size = sum(path.stat().st_size for path in paths if path.is_file())
    return min(workers, size // BYTES_A_WORKER + any(path.exists() for path in paths))


def warm_up(rule_packs: tuple[Path, ...]) -> None:
    """Load what the text stages need: rules, models, word lists. For a worker's first work."""
    # Imported here: who starts workers needs none of it.
    from tasks.dedupe.fingerprint import fingerprint
    from tasks.text.cut import cut
    from tasks.text.language import detect_language
    from tasks.text.quality import Facts, flag_quality
    from tasks.text.readability import score_counts
    from tasks.text.tally import count_text
    from tasks.text.templates import seen_lines
    from tasks.work.cutter import cached_rules
    from tasks.work.shard import cut_shard as _  # noqa: F401  # all that a shard's work imports

    page = cut(_PAGE, cached_rules(rule_packs))
    seen_lines(_PAGE, page.spans)
    for article in page.articles:
        language = detect_language(article.text)
        counts = count_text(article.text, language.code)
        score_counts(counts, language.code)
        flag_quality(Facts(article.text, counts, language, article.title, 0.0, False))
        fingerprint(article.text)
    gc.freeze()  # all this stays: nobody needs to look through it for garbage
