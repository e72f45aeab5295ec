"""Settings of the flows: frozen, checked, described. They are the form in the Prefect UI."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from flows.options import RULES_VARIABLE
from tasks.errors import SettingError

Lake = Annotated[
    str | None,
    Field(
        description="Folder of the lake, or s3://bucket/prefix; COPYDESK_LAKE, else data/lake "
        "below the working directory, where this is empty."
    ),
]
Workers = Annotated[int, Field(ge=0, le=64, description="Worker processes; 0 is one a core.")]
LockWait = Annotated[
    float, Field(ge=0, description="How long to wait for another writer of the lake. Seconds.")
]


def packs_in_environment() -> tuple[Path, ...]:
    """The rule packs that ``COPYDESK_RULES`` names, in its order."""
    named = os.environ.get(RULES_VARIABLE, "").split(os.pathsep)
    return tuple(Path(one) for one in named if one)


RulePacks = Annotated[
    tuple[Path, ...],
    Field(
        default_factory=packs_in_environment,
        description="Further rule packs (TOML), read after our own; those of COPYDESK_RULES where "
        "none is given.",
    ),
]


class FlowSettings(BaseModel):
    """What a flow is told: settings of one kind a flow."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class IngestSettings(FlowSettings):
    """What one ingest is told."""

    sources: Annotated[
        tuple[str, ...],
        Field(
            description="Files, folders (read recursively), addresses such as s3://bucket/feed, or "
            "glob patterns.",
        ),
    ] = ()
    sources_file: Annotated[
        Path | None,
        Field(
            description="A TOML file with a [[source]] block each: where it is, and its name, "
            "zone, language, encoding, rule packs and limits."
        ),
    ] = None
    lake: Lake = None
    limit: Annotated[
        int | None,
        Field(
            ge=1,
            description="New pages to take on in this run, in whole inputs, the oldest first; the "
            "next run goes on from there. All where this is empty.",
        ),
    ] = None
    since: Annotated[
        datetime | None,
        Field(
            description="Inputs that were last changed before are left alone. A date, or a date "
            "and time; UTC where it has no zone."
        ),
    ] = None
    dedupe: Annotated[
        Literal["near", "exact", "off"],
        Field(
            description="What counts as a copy: near (verified near-copies too), exact (same "
            "words), off (nothing is withheld)."
        ),
    ] = "near"
    contained: Annotated[
        Literal["never", "same-source", "always"],
        Field(
            description="Where an excerpt counts as a copy of the longer article that holds it: "
            "nowhere, within one source, or across sources too. Only with near."
        ),
    ] = "same-source"
    workers: Workers = 0
    engine: Annotated[
        Literal["local", "dask"],
        Field(
            description="Where shards are cut and copies verified: by processes of this machine, "
            "or by the workers of a Dask cluster, which must see lake and sources."
        ),
    ] = "local"
    scheduler: Annotated[
        str | None,
        Field(description="Address of the Dask cluster's scheduler: tcp://HOST:8786."),
    ] = None
    max_rejected: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Of 20 or more new pages, the share that may be rejected before the run "
            "stops and publishes nothing.",
        ),
    ] = 0.1
    max_page_bytes: Annotated[
        int, Field(gt=0, description="A larger page is rejected as too-large. Bytes.")
    ] = 20_000_000
    page_seconds: Annotated[
        float, Field(gt=0, description="A page that takes longer is rejected as timeout. Seconds.")
    ] = 30.0
    lock_wait_seconds: LockWait = 600.0
    guard: Annotated[
        bool,
        Field(
            description="Stop where one kept article would swallow more than max_group others, or "
            "more than max_source_share of a source."
        ),
    ] = True
    max_group: Annotated[
        int, Field(ge=1, description="Copies of one article that the guard lets pass.")
    ] = 100
    max_source_share: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Share of a source's articles (20 or more in the run) that one kept "
            "article may swallow.",
        ),
    ] = 0.5
    rule_packs: RulePacks
    replay: Annotated[
        tuple[str, ...],
        Field(description="reject_ids of rejects in these sources that are to be tried again."),
    ] = ()

    @field_validator("since", mode="before")
    @classmethod
    def _is_since(cls, since: object) -> object:
        return _check_date(since)

    @field_validator("since", mode="after")
    @classmethod
    def _in_utc(cls, since: datetime | None) -> datetime | None:
        if since is None or since.tzinfo is not None:
            return since
        return since.replace(tzinfo=UTC)

    @model_validator(mode="after")
    def _has_sources(self) -> Self:
        if not self.sources and self.sources_file is None:
            wrong = "say what to read: SOURCE arguments, or --sources FILE"
            raise ValueError(wrong)
        return self

    @model_validator(mode="after")
    def _has_scheduler(self) -> Self:
        if self.engine == "dask" and self.scheduler is None:
            wrong = "say where the Dask cluster is: --scheduler tcp://HOST:8786"
            raise ValueError(wrong)
        if self.engine == "local" and self.scheduler is not None:
            wrong = "a scheduler is only asked with --engine dask"
            raise ValueError(wrong)
        return self


class ReprocessSettings(FlowSettings):
    """What one reprocess is told."""

    lake: Lake = None
    sources: Annotated[
        tuple[str, ...], Field(description="Only pages of these sources; none is all.")
    ] = ()
    since: Annotated[
        date | None, Field(description="Only pages received on this day (UTC) or later.")
    ] = None
    every: Annotated[
        bool,
        Field(
            description="Also pages that today's rules have cut: for lines that were learned, "
            "approved or revoked since."
        ),
    ] = False
    dry_run: Annotated[bool, Field(description="Say what would change, and change nothing.")] = (
        False
    )
    dedupe: Annotated[
        Literal["near", "exact", "off"],
        Field(description="What counts as a copy: near, exact, off."),
    ] = "near"
    workers: Workers = 0
    page_seconds: Annotated[
        float, Field(gt=0, description="A page that takes longer is left as it is. Seconds.")
    ] = 30.0
    lock_wait_seconds: LockWait = 600.0
    guard: Annotated[
        bool, Field(description="Stop where one kept article would swallow too many others.")
    ] = True
    rule_packs: RulePacks

    @field_validator("since", mode="before")
    @classmethod
    def _is_since(cls, since: object) -> object:
        return _check_date(since)


class MaintainSettings(FlowSettings):
    """What one maintenance is told."""

    lake: Lake = None
    keep_old_hours: Annotated[
        int,
        Field(
            ge=0,
            description="How long replaced files stay for readers of older Delta versions; until "
            "then, those who read the Parquet files without Delta count their rows twice. Hours.",
        ),
    ] = 0
    staging_days: Annotated[
        int,
        Field(
            ge=1,
            description="What a dead run had cut is given up when no run took it over for so long.",
        ),
    ] = 7
    lock_wait_seconds: LockWait = 600.0


def _check_date(given: object) -> object:
    """What pydantic reads of a date; it says of others that the input is too short."""
    if isinstance(given, str):
        try:
            datetime.fromisoformat(given)
        except ValueError:
            wrong = "give a date such as 2026-03-04"
            raise ValueError(wrong) from None
    return given


S = TypeVar("S", bound=FlowSettings)


def make_settings(kind: type[S], **values: Any) -> S:
    """Settings from a command's arguments.

    Raises:
        SettingError: naming each argument that cannot be used, and why.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        raise SettingError("\n".join(map(_tell, error.errors()))) from error


def _tell(wrong: ErrorDetails) -> str:
    if not wrong["loc"]:
        return f"{wrong['ctx']['error']}."
    name = ".".join(map(str, wrong["loc"]))
    return f"{name}: {wrong['msg'].removeprefix('Value error, ')} (given: {wrong['input']!r})"
