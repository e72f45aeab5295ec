"""The end of a run, under the lake's lock: settle what is new, decide on copies, publish."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.ahead import Ahead
from tasks.dedupe.decide import Contained, Decision, Mode, Withheld, decide
from tasks.dedupe.guard import check_guard
from tasks.dedupe.index import ArticleTexts, ChainedTexts, read_candidates
from tasks.dedupe.lookup import FindHits
from tasks.errors import RunStoppedError
from tasks.lake.commit import roll_forward
from tasks.lake.earlier import open_index
from tasks.lake.files import read_json, write_json
from tasks.lake.publish import name_publication, publish
from tasks.lake.recovery import Recovered, crashed_rows
from tasks.lake.runs import Run, State, run_row, slowest_shards
from tasks.lake.settle import Settled, count_books, settle
from tasks.lake.staging import StagedShard
from tasks.lake.tables import count_rows, read
from tasks.memory import give_back
from tasks.report.summary import EXAMPLES, Summary, check_balance, largest_groups
from tasks.schemas import STAGED
from tasks.work.plan import RunPlan

MIN_PAGES_TO_STOP = 20
"""With fewer new pages a share of rejects says nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What stops a run before it publishes, and what it may withhold."""

    max_rejected: float
    """Share of the new pages, 0..1."""
    guard: bool
    max_group: int
    max_source_share: float
    contained: Contained = "same-source"
    """Where an excerpt counts as a copy."""
    start: Callable[[], Executor] | None = None
    """Starts what verifies copies; without it this process does it alone."""
    find: FindHits | None = None
    """Looks up bands of earlier articles; without it this process does it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A run settled and decided, not yet published."""

    settled: Settled
    publication: str
    """Its name: a second try of the same one does nothing twice."""
    verdicts: str
    """Path of the decision, as JSON."""
    counts: dict[str, int]
    """The books."""


def decide_run(
    run: Run,
    plan: RunPlan,
    shards: Sequence[StagedShard],
    mode: Mode,
    limits: Limits,
    folder: Path,
) -> Decided:
    """Settle the shards and decide which articles are withheld.

    Raises:
        RunStoppedError: by the share of rejects, by the guard, or where the books don't balance.
    """
    roll_forward(run.lake)  # of a run that died while this one was cutting
    with Ahead(limits.start) as ahead:
        if mode != "off":
            ahead.begin(sum(shard.counts.get("pages_in", 0) for shard in shards))
        settled = settle(run, shards, plan.pages_version, folder)
        books = count_books(settled, plan.unchanged_records)
        _check_rejects(run, settled, books, limits.max_rejected)
        decision = _decide(run, settled, mode, limits, folder, ahead)
    give_back()
    withheld = decision.withheld
    books["articles_withheld"] = len(withheld)
    books["articles_published"] = books["articles_cut"] - len(withheld)
    for one in withheld.values():
        books[f"withheld.{one.kind}"] += 1
    books["articles_superseding"] = len(decision.supersedes)
    books["withheld.better_copy"] = sum(one.is_better for one in withheld.values())
    books["dedupe_compared"] = decision.compared
    books["dedupe_capped"] = decision.capped
    books["inputs"] = plan.inputs
    books["inputs_unchanged"] = plan.unchanged_inputs
    if plan.inputs_left:
        books["inputs_left"] = plan.inputs_left
    if wrong := check_balance(books):
        message = (
            f"The books of run {run.run_id} do not balance: {wrong}. Nothing was published; this "
            "is a fault of copydesk: please report it with the run's log."
        )
        raise RunStoppedError(message)
    verdicts = folder / "verdicts.json"
    write_json(verdicts, _facts(decision))
    return Decided(settled, name_publication(run), str(verdicts), dict(books))


def publish_run(
    run: Run,
    decided: Decided,
    recovered: Recovered,
    seconds: Mapping[str, float],
    folder: Path,
) -> Summary:
    """Publish what was decided, and say what was done. Safe to call again after it failed."""
    decision = _read_decision(Path(decided.verdicts))
    rules: Counter[str] = Counter()
    spent = defaultdict[str, float](float, seconds)
    for shard in decided.settled.shards:
        rules.update(shard.rules)
        for stage, taken in shard.seconds.items():
            spent[f"worker.{stage}"] += taken
    spent.update(slowest_shards({one.name: one.seconds for one in decided.settled.shards}))
    counts = decided.counts
    is_new = counts["pages_new"] or counts["pages_rejected"]
    state: State = "completed" if is_new else "nothing-new"
    row = run_row(run, state, counts, rules, spent)
    summary = Summary(
        run_id=run.run_id,
        name=run.name,
        state=state,
        lake=str(run.lake),
        counts=counts,
        rules=dict(rules),
        seconds=dict(spent),
        rejects=_reject_examples(decided.settled),
        duplicates=_duplicate_examples(decided.settled, decision.withheld),
        groups=largest_groups(decision.withheld),
        notes=_notes(recovered, counts.get("inputs_left", 0)),
    )
    rows = [*crashed_rows(recovered, run), row]
    publish(run, decided.publication, decided.settled, decision, rows, folder)
    give_back()
    return _with_rows(summary, run)


def record_stop(run: Run, recovered: Recovered, message: str, folder: Path) -> None:
    """Write the row of a run that was stopped, and nothing else."""
    row = run_row(run, "stopped", {}, {}, {}, message)
    nothing = Settled((), 0, 0)
    publish(
        run,
        name_publication(run),
        nothing,
        Decision({}),
        [*crashed_rows(recovered, run), row],
        folder,
    )


def _decide(
    run: Run, settled: Settled, mode: Mode, limits: Limits, folder: Path, ahead: Ahead
) -> Decision:
    articles = _staged(settled, "articles")
    candidates = read_candidates(articles, _staged(settled, "fingerprints"), folder)
    index = open_index(run.lake, limits.find)
    decision = decide(
        candidates,
        index,
        ChainedTexts(ArticleTexts(articles, folder), index),
        mode,
        limits.contained,
        ahead,
    )
    give_back()
    if limits.guard:
        trip = check_guard(
            decision,
            candidates.facts,
            max_group=limits.max_group,
            max_source_share=limits.max_source_share,
        )
        if trip is not None:
            raise RunStoppedError(trip.message)
    return decision


def _facts(decision: Decision) -> dict[str, Any]:
    """A decision as JSON has it; ``asdict`` would copy each verdict's values one by one."""
    names = [field.name for field in fields(Withheld)]
    withheld = {
        identity: {name: getattr(one, name) for name in names}
        for identity, one in decision.withheld.items()
    }
    return asdict(replace(decision, withheld={})) | {"withheld": withheld}


def _read_decision(path: Path) -> Decision:
    facts = read_json(path)
    withheld = {identity: Withheld(**one) for identity, one in facts.pop("withheld").items()}
    return Decision(withheld, **facts)


def _staged(settled: Settled, table: str) -> ds.Dataset:
    paths = [str(shard.file(table)) for shard in settled.shards if shard.file(table).exists()]
    return ds.dataset(paths, schema=STAGED[table].schema, format="parquet")


def _check_rejects(run: Run, settled: Settled, books: Mapping[str, int], most: float) -> None:
    rejected = books["pages_rejected"]
    if books["pages_new"] + rejected < MIN_PAGES_TO_STOP or not rejected:
        return
    rejected -= _count_known(run, settled)
    tried = books["pages_new"] + rejected
    if tried < MIN_PAGES_TO_STOP or rejected <= most * tried:
        return
    share = rejected / tried
    examples = "\n".join(
        f"  {one['reason']}: {one['source_uri']}: {one['detail']}"
        for one in _reject_examples(settled)[:5]
    )
    message = (
        f"{rejected} of {tried} new pages ({share:.0%}) were rejected, more than "
        f"--max-rejected {most:g}; nothing was published.\n{examples}\n"
        f"Look whether SOURCE is what you meant. If it is, run again with --max-rejected "
        f"{min(1.0, round(share + 0.05, 2)):g}: what was cut is kept and not cut again."
    )
    raise RunStoppedError(message)


def _count_known(run: Run, settled: Settled) -> int:
    """Rejects of this run that were tried again: no news, and no sign of a wrong SOURCE."""
    known = read(run.lake, "rejects", ["reject_id"])["reject_id"].combine_chunks()
    shards = [shard.rows("rejects", ["reject_id"])["reject_id"] for shard in settled.shards]
    return sum(pc.sum(pc.is_in(ids, known)).as_py() or 0 for ids in shards)


def _reject_examples(settled: Settled) -> tuple[Mapping[str, Any], ...]:
    found: list[Mapping[str, Any]] = []
    for shard in settled.shards:
        rows = shard.rows("rejects", ["source_uri", "reason", "detail"])
        found += rows.slice(0, EXAMPLES - len(found)).to_pylist()
        if len(found) >= EXAMPLES:
            break
    return tuple(found)


def _duplicate_examples(
    settled: Settled, withheld: Mapping[str, Withheld]
) -> tuple[Mapping[str, Any], ...]:
    found: list[Mapping[str, Any]] = []
    if not withheld:
        return ()
    for shard in settled.shards:
        rows = shard.rows("articles", ["article_id", "title", "source_uri"])
        for row in rows.to_pylist():
            one = withheld.get(row["article_id"])
            if one is not None:
                found.append({**row, **asdict(one)})
                if len(found) == EXAMPLES:
                    return tuple(found)
    return tuple(found)


def _notes(recovered: Recovered, inputs_left: int) -> tuple[str, ...]:
    notes = []
    if recovered.rolled_forward is not None:
        notes.append(f"Finished the publication that run {recovered.rolled_forward} began.")
    notes += [
        f"Took over from run {facts['run_id']}, which died: {facts['shards']} finished shards."
        for facts in recovered.crashed
    ]
    if inputs_left:
        notes.append(
            f"Left {inputs_left} inputs for the next run: this one has as many pages as "
            "its limit says."
        )
    return tuple(notes)


def _with_rows(summary: Summary, run: Run) -> Summary:
    return replace(summary, rows=count_rows(run.lake))
