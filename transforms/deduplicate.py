"""Deduplicate: of all that tells the same, within the run and against what is written, one article stays.

Two articles are linked if they have one identity, or if, within the look-back window, their text is equal
(``link_claims``) or alike (``transforms.near``). What follows from the links: ``transforms.judge``.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.windowed_value import WindowedValue

from schemas.duplicate import Duplicate, DuplicateKind
from schemas.run import Run, Tally
from transforms.judge import (
    CONTAINED,
    FRESH,
    MERGED,
    NEAR,
    PLACE,
    REVISION,
    SAME_TEXT,
    SEEN,
    VERDICT,
    judge_links,
    link,
)
from transforms.near import LinkNear
from transforms.remember import RememberClaims
from transforms.stage import CLAIM, DAY, SIGNED, day_of, load_rows

SHARDS = 16
PART_ARTICLES = 4000
PART_SIZE = 32 << 20
"""Bounds of one part, in articles and code points: a writer holds one part at a time."""
LOADED = 0.5
"""What small parts are loaded together, as a share of one that is full: they lie in the same chunks."""

_KINDS: dict[int, DuplicateKind] = {
    REVISION: "revision",
    SAME_TEXT: "same-text",
    NEAR: "near",
    CONTAINED: "contained",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Articles and duplicates of one day, enough for one file: ``duplicates[i]`` judges row ``i`` of ``articles``."""

    day: str
    ordinal: int
    articles: pa.Table
    duplicates: tuple[Duplicate | None, ...]


Plan: TypeAlias = tuple[str, int, float, bytes]
"""Day and ordinal of a part, the share it has of a full one, and its rows as a ``VERDICT`` array."""


class Judged(NamedTuple):
    """What deduplication yields."""

    parts: beam.PCollection[Part]
    tallies: beam.PCollection[Tally]


@dataclass
class Deduplicate(beam.PTransform):
    """Judge every claim, and load what is to be written, a part at a time."""

    run: Run
    lookback_days: int

    def expand(self, new: beam.PCollection[bytes]) -> Judged:
        claims = new | "Days" >> beam.FlatMap(split_days).with_output_types(tuple[str, bytes])
        known = claims | RememberClaims(self.run, self.lookback_days)
        signed = (new, known) | "Rivals" >> beam.Flatten()
        same = (
            signed
            | "Split" >> beam.FlatMap(split_claims)
            | "ByHash" >> beam.GroupByKey()
            | "Link" >> beam.FlatMap(link_claims, self.lookback_days).with_output_types(bytes)
        )
        near = signed | LinkNear(self.lookback_days)
        verdicts = (
            (same, near.links)
            | "Links" >> beam.Flatten()
            | "Together" >> beam.WithKeys(0).with_output_types(tuple[int, bytes])
            | "ByCluster" >> beam.GroupByKey()
            | "Judge" >> beam.FlatMapTuple(judge_links).with_output_types(tuple[str, bytes])
        )
        plans = (
            {"claims": claims, "verdicts": verdicts}
            | "ByDay" >> beam.CoGroupByKey()
            | "Plan" >> beam.FlatMapTuple(plan_parts).with_outputs("seen", main="plans")
        )
        parts = plans.plans | "Spread" >> beam.Reshuffle() | "Load" >> beam.ParDo(_Load(self.run))
        return Judged(parts, (plans.seen, near.crowded) | "Tallies" >> beam.Flatten())


class _Load(beam.DoFn):
    def __init__(self, run: Run) -> None:
        self._run = run
        self._fresh = Metrics.counter(Deduplicate, "articles")
        self._duplicates = Metrics.counter(Deduplicate, "duplicates")
        self._plans: list[Plan] = []
        self._share = 0.0

    def start_bundle(self) -> None:
        self._plans, self._share = [], 0.0

    def process(self, plan: Plan) -> Iterator[Part]:
        if self._share + plan[2] > LOADED:
            yield from self._flush()
        self._plans.append(plan)
        self._share += plan[2]

    def finish_bundle(self) -> Iterator[WindowedValue]:
        yield from map(GlobalWindows.windowed_value_at_end_of_window, self._flush())

    def _flush(self) -> Iterator[Part]:
        plans, self._plans, self._share = self._plans, [], 0.0
        for part in load_parts(self._run, plans) if plans else ():
            fresh = part.duplicates.count(None)
            self._fresh.inc(fresh)
            self._duplicates.inc(len(part.duplicates) - fresh)
            yield part


def load_parts(run: Run, plans: list[Plan]) -> Iterator[Part]:
    """What was planned, with its articles; of each chunk that the parts share the file is opened once."""
    judged = [np.frombuffer(packed, VERDICT) for *_, packed in plans]
    kept = [verdicts[verdicts["kind"] != MERGED] for verdicts in judged]
    rows = load_rows(run, np.concatenate(kept))
    start = 0
    for (day, ordinal, *_), verdicts, own in zip(plans, judged, kept, strict=True):
        also: dict[tuple[int, ...], list[str]] = {}
        for merged in verdicts[verdicts["kind"] == MERGED]:
            also.setdefault(merged[PLACE].item(), []).append(_hex(merged["of"]))
        duplicates = tuple(map(read_verdict, own, (also.get(place, []) for place in own[PLACE].tolist())))
        yield Part(day, ordinal, rows.slice(start, len(own)), duplicates)
        start += len(own)


def read_verdict(verdict: np.void, also: list[str]) -> Duplicate | None:
    """A ``VERDICT`` as a record, with the other articles it is noted to be of; ``None`` for an article."""
    if verdict["kind"] == FRESH:
        return None
    similarity = float(verdict["similarity"])
    return Duplicate(
        _hex(verdict["of"]),
        _KINDS[int(verdict["kind"])],
        None if math.isnan(similarity) else similarity,
        _hex(verdict["via"]) if verdict["via"] else None,
        tuple(also),
    )


def _hex(hash_: bytes) -> str:
    return bytes(hash_).ljust(16, b"\0").hex()  # numpy drops trailing zero bytes


def split_days(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """The ``CLAIM`` arrays of a chunk, by day."""
    claims = np.frombuffer(packed, SIGNED)["claim"]
    day = claims["published"] // DAY
    for number in np.unique(day):
        yield day_of(int(number) * DAY), claims[day == number].tobytes()


def split_claims(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """A chunk's claims twice: by hash of identity (even keys) and by hash of text (odd keys)."""
    claims = np.frombuffer(packed, SIGNED)["claim"]
    for parity, name in enumerate(("id", "text")):
        shard = claims[name].copy().view("u1").reshape(-1, 16)[:, 0] % SHARDS
        for number in np.unique(shard):
            yield 2 * int(number) + parity, claims[shard == number].tobytes()


def link_claims(sharded: tuple[int, Iterable[bytes]], lookback_days: int) -> Iterator[bytes]:
    """``LINK`` arrays of the claims of one shard that have one identity, or equal text within the window.

    In a bucket of equal hashes each claim is linked to the next by time, never all to all.
    """
    shard, packed = sharded
    name, kind = ("text", SAME_TEXT) if shard % 2 else ("id", REVISION)
    claims = np.frombuffer(b"".join(packed), CLAIM)
    claims = claims[np.lexsort((claims["tie"], claims["id"], claims["published"], claims[name]))]
    one, next_ = claims[:-1], claims[1:]
    linked = one[name] == next_[name]
    if name == "text":
        linked &= next_["published"] // DAY - one["published"] // DAY <= lookback_days
        linked &= (one["of"] == b"") | (next_["of"] == b"")  # what is written has its verdict
    if linked.any():
        yield link(one[linked], next_[linked], kind).tobytes()


def plan_parts(day: str, grouped: dict[str, Iterable[bytes]]) -> Iterator[Plan | TaggedOutput[Literal["seen"], Tally]]:
    """Give a day's rows, less what was seen, to parts; tally the seen."""
    claims = np.frombuffer(b"".join(grouped["claims"]), CLAIM)
    judged = np.frombuffer(b"".join(grouped["verdicts"]), VERDICT)
    verdicts = np.zeros(len(claims), VERDICT)
    for name in PLACE:
        verdicts[name] = claims[name]
    at = {place: index for index, place in enumerate(claims[PLACE].tolist())}
    merged = judged[judged["kind"] == MERGED]
    judged = judged[judged["kind"] != MERGED]
    verdicts[[at[place] for place in judged[PLACE].tolist()]] = judged
    seen = verdicts["kind"] == SEEN
    if seen.any():
        yield TaggedOutput("seen", Tally("seen", "", int(seen.sum())))
    order = np.lexsort((claims["tie"], claims["id"], claims["published"]))
    order = order[~seen[order]]
    ends = np.maximum(np.arange(1, len(order) + 1) / PART_ARTICLES, np.cumsum(claims["size"][order]) / PART_SIZE)
    number = np.floor(np.append(0, ends[:-1])).astype(int) if len(order) else np.zeros(0, int)
    for ordinal, part in enumerate(np.unique(number)):
        of_part = order[number == part]
        share = max(len(of_part) / PART_ARTICLES, int(claims["size"][of_part].sum()) / PART_SIZE)
        rows = verdicts[of_part]
        notes = merged[np.isin(merged[PLACE], rows[PLACE])]
        yield day, ordinal, share, np.concatenate((rows, notes)).tobytes()
