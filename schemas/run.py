"""A run: one pass of the pipeline over its inputs, and the manifest that tells what came of it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal

Counted = Literal[
    "read", "articles", "duplicates", "seen", "rejects", "rejects_seen", "crowded_passages", "failed_requests"
]
_UNBALANCED = ("crowded_passages", "failed_requests")
"""Told of a run, and no items of it: a failed request is among the rejects already."""

_GIVEN_UP = ("host-resting", "retired")
"""Outcomes of polls that asked for nothing, and do not say that the feed is well."""


@dataclass(frozen=True, slots=True)
class Run:
    """What every stage must know of the run it works for."""

    id: str
    output: str
    started_at: datetime

    @property
    def staging(self) -> str:
        """Folder for all that is not committed yet."""
        return f"{self.output}/_staging/{self.id}"

    @property
    def manifest(self) -> str:
        """The run's record among the tables, written last."""
        return f"{self.output}/runs/{self.id}.json"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of something, from one source. Counts travel as data: a metric may count a retried bundle twice."""

    counted: Counted
    source: str
    count: int


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A complete file in staging. ``path`` is relative to the output folder: where it is going."""

    table: str
    path: str
    rows: int


@dataclass(frozen=True, slots=True)
class Poll:
    """How one request for a feed, or for the page behind a teaser, ended: an outcome of ``docs/feeds.md``."""

    url: str
    name: str | None
    outcome: str
    message: str
    state: str | None = None
    """The feed's state as JSON, to be saved once what the feed brought is committed."""


class UnbalancedRunError(Exception):
    """Items went missing, or were counted twice, between reading and writing: a bug, and nothing is committed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run read, wrote and replaced."""

    run_id: str
    started_at: str
    versions: dict[str, str]
    options: dict[str, object]
    counts: dict[str, int]
    sources: dict[str, dict[str, int]]
    files: list[WrittenFile]
    replaced: list[str] = field(default_factory=list)
    """Files of an earlier run of the same id that this one does not write again."""
    polls: list[Poll] = field(default_factory=list)
    """The feeds asked, or left alone."""

    @property
    def reject_ratio(self) -> float:
        """The refused share of what was read, whether or not an earlier run had recorded the refusal.

        A request that failed is nothing read: one feed of many that is down, while the others have nothing new, is
        no cause for alarm. All of it, if every feed failed and there was nothing else.
        """
        failed = self.counts.get("failed_requests", 0)  # older manifests have none
        refused = self.counts["rejects"] + self.counts["rejects_seen"] - failed
        if read := self.counts["read"] - failed:
            return refused / read
        tried = [poll for poll in self.polls if poll.outcome not in _GIVEN_UP]
        return 1.0 if failed and failed == len(tried) else 0.0

    def to_json(self) -> str:
        """As text, with sorted keys."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Manifest":
        """The inverse of ``to_json``. Errors: ``KeyError``, ``TypeError`` or ``ValueError`` if it is none."""
        fields = json.loads(text)
        fields["files"] = [WrittenFile(**file) for file in fields["files"]]
        fields["polls"] = [Poll(**poll) for poll in fields["polls"]]
        return cls(**fields)


def balance(tallies: Iterable[Tally]) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Totals, and totals by source, of a run in which every item read came out exactly once.

    ``seen`` counts what an earlier run, or this one, already holds: articles told again word for word, and
    refusals already recorded. Errors: ``UnbalancedRunError``.
    """
    zero: dict[str, int] = dict.fromkeys(("read", "articles", "duplicates", "seen", "rejects", "rejects_seen"), 0)
    counts = zero | dict.fromkeys(_UNBALANCED, 0)
    sources: dict[str, dict[str, int]] = {}
    for tally in tallies:
        counts[tally.counted] += tally.count
        if tally.counted not in {"seen", *_UNBALANCED}:  # a claim does not know its source
            sources.setdefault(tally.source, dict(zero))[tally.counted] += tally.count
    counts["seen"] += counts["rejects_seen"]
    accounted = counts["articles"] + counts["duplicates"] + counts["seen"] + counts["rejects"]
    if counts["read"] != accounted:
        raise UnbalancedRunError(
            f"{counts['read']:,} items were read but {accounted:,} are accounted for ({counts}). "
            "Nothing was committed. This is a bug in naba or its runner: please report it with this line."
        )
    for source in sources.values():  # what is left was seen
        source["seen"] = source["read"] - source["articles"] - source["duplicates"] - source["rejects"]
    return counts, dict(sorted(sources.items()))


def new_run_id(now: datetime | None = None) -> str:
    """An id that sorts by time: ``20260212T093000-123456Z``."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S-%fZ}"
