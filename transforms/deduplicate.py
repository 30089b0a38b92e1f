"""Deduplicate: of all that tells the same, within the run and against what is written, one article stays.

Two articles are linked if they have one identity, or equal text within the look-back window. Linked articles are
a cluster; what is already written is its canonical article, else the one published first. Every verdict is a
function of the set of claims alone: not of their order, nor of how they were spread over workers.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.duplicate import Duplicate, DuplicateKind
from schemas.run import Run, Tally
from transforms.remember import RememberClaims
from transforms.stage import CLAIM, DAY, Claims, day_of, load_rows

SHARDS = 16
PART_ARTICLES = 4000
PART_SIZE = 32 << 20
"""Bounds of one part, in articles and code points: a writer holds one part at a time."""

FRESH, SEEN, SAME_TEXT, REVISION = range(4)
_KINDS: dict[int, DuplicateKind] = {SAME_TEXT: "same-text", REVISION: "revision"}

_PLACE = ["chunk", "batch", "row"]


class Claim(NamedTuple):
    """A ``CLAIM`` as a record."""

    id: bytes
    content: bytes
    text: bytes
    of: bytes
    published: int
    tie: int
    chunk: int
    batch: int
    row: int
    size: int


class Verdict(NamedTuple):
    """What became of a new article; ``similarity`` is NaN where it was not measured."""

    chunk: int
    batch: int
    row: int
    of: bytes
    kind: int
    similarity: float


VERDICT = np.dtype([(n, CLAIM[n]) for n in (*_PLACE, "of")] + [("kind", "u1"), ("similarity", "<f4")])
"""The same as bytes."""


@dataclass(frozen=True, slots=True)
class Part:
    """Articles and duplicates of one day, enough for one file: ``duplicates[i]`` judges row ``i`` of ``articles``."""

    day: str
    ordinal: int
    articles: pa.Table
    duplicates: tuple[Duplicate | None, ...]


class Judged(NamedTuple):
    """What deduplication yields."""

    parts: beam.PCollection[Part]
    seen: beam.PCollection[Tally]


@dataclass
class Deduplicate(beam.PTransform):
    """Judge every claim, and load what is to be written, a part at a time."""

    run: Run
    lookback_days: int

    def expand(self, claims: beam.PCollection[tuple[str, bytes]]) -> Judged:
        known = claims | RememberClaims(self.run, self.lookback_days)
        verdicts = (
            (
                claims | "Split" >> beam.FlatMapTuple(split_claims),
                known | "SplitKnown" >> beam.FlatMapTuple(split_claims),
            )
            | "Rivals" >> beam.Flatten()
            | "ByHash" >> beam.GroupByKey()
            | "Link" >> beam.FlatMap(link_claims, self.lookback_days).with_output_types(tuple[int, bytes])
            | "ByCluster" >> beam.GroupByKey()
            | "Judge" >> beam.FlatMapTuple(judge_links).with_output_types(tuple[str, bytes])
        )
        plans = (
            {"claims": claims, "verdicts": verdicts}
            | "ByDay" >> beam.CoGroupByKey()
            | "Plan" >> beam.FlatMapTuple(plan_parts).with_outputs("seen", main="plans")
        )
        parts = plans.plans | "Spread" >> beam.Reshuffle() | "Load" >> beam.ParDo(_Load(self.run))
        return Judged(parts, plans.seen)


class _Load(beam.DoFn):
    def __init__(self, run: Run) -> None:
        self._run = run
        self._fresh = Metrics.counter(Deduplicate, "articles")
        self._duplicates = Metrics.counter(Deduplicate, "duplicates")

    def process(self, plan: tuple[str, int, bytes]) -> Iterator[Part]:
        day, ordinal, packed = plan
        verdicts = np.frombuffer(packed, VERDICT)
        part = Part(day, ordinal, load_rows(self._run, verdicts), tuple(map(_duplicate, verdicts)))
        fresh = part.duplicates.count(None)
        self._fresh.inc(fresh)
        self._duplicates.inc(len(verdicts) - fresh)
        yield part


def _duplicate(verdict: np.void) -> Duplicate | None:
    if verdict["kind"] == FRESH:
        return None
    similarity = float(verdict["similarity"])
    return Duplicate(_hex(verdict["of"]), _KINDS[int(verdict["kind"])], None if math.isnan(similarity) else similarity)


def _hex(hash_: bytes) -> str:
    return bytes(hash_).ljust(16, b"\0").hex()  # numpy drops trailing zero bytes


def split_claims(_day: str, packed: bytes) -> Iterator[tuple[int, bytes]]:
    """A day's claims twice: by hash of identity (even keys) and by hash of text (odd keys)."""
    claims = np.frombuffer(packed, CLAIM)
    for parity, name in enumerate(("id", "text")):
        shard = claims[name].copy().view("u1").reshape(-1, 16)[:, 0] % SHARDS
        for number in np.unique(shard):
            yield 2 * int(number) + parity, claims[shard == number].tobytes()


def link_claims(sharded: tuple[int, Iterable[bytes]], lookback_days: int) -> Iterator[tuple[int, bytes]]:
    """Links between the claims of one shard, as pairs of claims, all under one key.

    In a bucket of equal hashes each claim is linked to the next by time, never all to all.
    """
    shard, packed = sharded
    name = "text" if shard % 2 else "id"
    claims = np.frombuffer(b"".join(packed), CLAIM)
    claims = claims[np.lexsort((claims["tie"], claims["id"], claims["published"], claims[name]))]
    one, next_ = claims[:-1], claims[1:]
    linked = one[name] == next_[name]
    if name == "text":
        linked &= next_["published"] - one["published"] <= lookback_days * DAY
        linked &= (one["of"] == b"") | (next_["of"] == b"")  # what is written has its verdict
    if linked.any():
        yield 0, np.stack((one[linked], next_[linked]), axis=1).tobytes()


def judge_links(_key: int, packed: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Verdicts on all new articles that are linked to another, packed by day."""
    links = np.frombuffer(b"".join(packed), CLAIM).reshape(-1, 2)
    days: dict[str, list[Verdict]] = {}
    for cluster in clusters(links):
        for claim, verdict in judge_cluster(cluster):
            days.setdefault(day_of(claim.published), []).append(verdict)
    for day, verdicts in days.items():
        yield day, np.array(verdicts, VERDICT).tobytes()


def clusters(links: Claims) -> Iterator[list[Claim]]:
    """Connected claims, each once, in canonical order: written before new, then by time, identity and place."""
    claims, ends = np.unique(links.reshape(-1), return_inverse=True)
    parent = list(range(len(claims)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for a, b in ends.reshape(-1, 2).tolist():
        parent[root(b)] = root(a)
    roots = np.array([root(node) for node in range(len(claims))])
    order = np.lexsort((claims["tie"], claims["id"], claims["published"], claims["of"] == b"", roots))
    in_order = zip(roots[order].tolist(), map(Claim._make, claims[order].tolist()), strict=True)
    for _, cluster in groupby(in_order, key=itemgetter(0)):
        yield [claim for _, claim in cluster]


def judge_cluster(cluster: list[Claim]) -> Iterator[tuple[Claim, Verdict]]:
    """Judge the new claims of a cluster that is in canonical order; the first claim is the canonical article."""
    canonical = cluster[0]
    of = canonical.of or canonical.id
    if canonical.of and not any(claim.of and claim.id == of for claim in cluster):
        # The article it names is not held any more: its run is being repeated, and brings it back.
        canonical = next((claim for claim in cluster if claim.id == of), canonical)
    ids_of_text: dict[bytes, set[bytes]] = {}
    for claim in cluster:
        ids_of_text.setdefault(claim.text, set()).add(claim.id)
    told: set[tuple[bytes, bytes]] = set()
    for claim in cluster:
        content = (claim.id, claim.content)
        if not claim.of:
            if content in told:
                kind = SEEN
            elif claim is canonical:
                kind = FRESH
            else:
                kind = SAME_TEXT if claim.id != of and len(ids_of_text[claim.text]) > 1 else REVISION
            similarity = 1.0 if claim.text == canonical.text else math.nan
            yield claim, Verdict(claim.chunk, claim.batch, claim.row, of, kind, similarity)
        told.add(content)


def plan_parts(
    day: str, grouped: dict[str, Iterable[bytes]]
) -> Iterator[tuple[str, int, bytes] | TaggedOutput[Literal["seen"], Tally]]:
    """Give a day's rows, less what was seen, to parts: ``(day, ordinal, VERDICT array as bytes)``; tally the seen."""
    claims = np.frombuffer(b"".join(grouped["claims"]), CLAIM)
    verdicts = np.zeros(len(claims), VERDICT)
    for name in _PLACE:
        verdicts[name] = claims[name]
    at = {place: index for index, place in enumerate(claims[_PLACE].tolist())}
    for judged in np.frombuffer(b"".join(grouped["verdicts"]), VERDICT):
        verdicts[at[judged[_PLACE].item()]] = judged
    seen = verdicts["kind"] == SEEN
    if seen.any():
        yield TaggedOutput("seen", Tally("seen", "", int(seen.sum())))
    order = np.lexsort((claims["tie"], claims["id"], claims["published"]))
    order = order[~seen[order]]
    ends = np.maximum(np.arange(1, len(order) + 1) / PART_ARTICLES, np.cumsum(claims["size"][order]) / PART_SIZE)
    number = np.floor(np.append(0, ends[:-1])).astype(int) if len(order) else np.zeros(0, int)
    for ordinal, part in enumerate(np.unique(number)):
        yield day, ordinal, verdicts[order[number == part]].tobytes()
