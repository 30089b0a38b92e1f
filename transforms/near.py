"""Link articles that tell the same in other words, by their fingerprints; no text travels, and nothing is quadratic.

Articles that share a passage meet in its bucket, and make pairs there. A pair that met twice calls on the fingerprints
of its two articles, one after the other, and is compared.
The method and its cost: docs/decisions/0005-near-duplicates.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import apache_beam as beam
import numpy as np
import numpy.typing as npt
from apache_beam.pvalue import TaggedOutput

from schemas.run import Tally
from transforms.judge import CONTAINED, NEAR, link
from transforms.signature import SHORTEST, passage_keys
from transforms.similarity import SHARED, candidates, compare_pairs, count_pairs
from transforms.stage import DAY, SIGNED, SignedClaims

SHARDS = 64
"""Of the keys of passages, and of the numbers of articles: a worker holds one at a time."""

MINUTE = 60_000_000
"""Microseconds."""

VISIT = np.dtype(
    [
        ("key", "<i8"),
        ("number", "<i8"),  # of what the article says
        ("published", "<i4"),  # minutes since 1970, UTC
        ("is_written", "?"),
    ]
)
"""What an article brings to a bucket: 21 bytes for each of up to 32 passages."""

PAIR = np.dtype([("numbers", "<i8", 2), ("shared", "<i8")])
"""Two articles, and in how many passages of one shard they met."""

HALF = np.dtype([("one", SIGNED), ("other", "<i8")])
"""A pair that knows the fingerprint of its first article, and the number of the second."""

Numbers = npt.NDArray[np.int64]


class NearLinks(NamedTuple):
    """What comparing yields."""

    links: beam.PCollection[bytes]
    """``LINK`` arrays."""
    crowded: beam.PCollection[Tally]


@dataclass
class LinkNear(beam.PTransform):
    """Links of articles that are alike, and of which one at least has come in now, from ``SIGNED`` arrays."""

    lookback_days: int

    def expand(self, signed: beam.PCollection[bytes]) -> NearLinks:
        met = (
            signed
            | "Passages" >> beam.FlatMap(split_passages)
            | "ByPassage" >> beam.GroupByKey()
            | "Meet" >> beam.FlatMap(pair_passages, self.lookback_days).with_outputs("crowded", main="pairs")
        )
        by_number = signed | "Numbers" >> beam.FlatMap(split_numbers)
        halves = (
            {"signed": by_number, "pairs": met.pairs}
            | "ByFirst" >> beam.CoGroupByKey()
            | "First" >> beam.FlatMapTuple(take_first).with_output_types(tuple[int, bytes])
        )
        links = (
            {"signed": by_number, "halves": halves}
            | "BySecond" >> beam.CoGroupByKey()
            | "Compare" >> beam.FlatMapTuple(compare_halves).with_output_types(bytes)
        )
        return NearLinks(links, met.crowded)


def split_passages(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """What articles bring to the buckets, by shard of the key."""
    signed = np.frombuffer(packed, SIGNED)
    key, row = passage_keys(signed["fingerprint"])
    passages = np.zeros(len(key), VISIT)
    claims = signed["claim"][row]
    passages["key"], passages["number"] = key, number_claims(signed)[row]
    passages["published"], passages["is_written"] = claims["published"] // MINUTE, claims["of"] != b""
    yield from _by_shard(passages, passages["key"])


def split_numbers(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """Articles that are long enough to be compared, by shard of their numbers."""
    signed = np.frombuffer(packed, SIGNED)
    signed = signed[signed["fingerprint"]["size"] >= SHORTEST]
    yield from _by_shard(signed, number_claims(signed))


def number_claims(signed: SignedClaims) -> Numbers:
    """A number below 2^63 for what each article says, and the day: copies have one, and are compared as one."""
    claims = signed["claim"]
    hashes = np.zeros(len(claims), np.uint64)
    for part in (claims["published"] // DAY, *claims["content"].astype("S16").view("<i8").reshape(-1, 2).T):
        hashes = (hashes ^ part.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(32)
    numbers: Numbers = (hashes >> np.uint64(1)).astype(np.int64)
    return numbers


def _by_shard(rows: npt.NDArray[np.generic], by: Numbers) -> Iterator[tuple[int, bytes]]:
    shard = by % SHARDS
    order = np.argsort(shard, kind="stable")
    rows, ends = rows[order], np.searchsorted(shard[order], np.arange(SHARDS), side="right")
    for number, (start, end) in enumerate(pairwise([0, *ends.tolist()])):
        if start < end:
            yield number, rows[start:end].tobytes()


def pair_passages(
    of_shard: tuple[int, Iterable[bytes]], lookback_days: int
) -> Iterator[tuple[int, bytes] | TaggedOutput[Literal["crowded"], Tally]]:
    """Pairs of numbers of articles to compare, at least one of them new, by shard of the first; tally the crowds."""
    passages = np.frombuffer(b"".join(of_shard[1]), VISIT)
    is_new = np.unique(passages["number"][~passages["is_written"]])
    passages = passages[np.lexsort((passages["published"], passages["number"], passages["key"]))]
    passages = passages[np.append(True, np.diff(passages["key"]) | np.diff(passages["number"])).astype(bool)]
    published = passages["published"].astype(np.int64)
    met = candidates(passages["key"], passages["number"], published, lookback_days, day=DAY // MINUTE)
    if met.hot:
        yield TaggedOutput("crowded", Tally("crowded_passages", "", met.hot))
    wanted = np.isin(met.pairs, is_new).any(axis=1)
    pairs = np.zeros(wanted.sum(), PAIR)
    pairs["numbers"], pairs["shared"] = met.pairs[wanted], met.shared[wanted]
    yield from _by_shard(pairs, pairs["numbers"][:, 0])


def take_first(_shard: int, grouped: dict[str, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Pairs to compare, each once, with the fingerprint of the first article, by shard of the second."""
    met = np.frombuffer(b"".join(grouped["pairs"]), PAIR)
    numbers, shared = count_pairs(met["numbers"], met["shared"])
    numbers = numbers[shared >= SHARED]
    if len(numbers):
        halves = np.zeros(len(numbers), HALF)
        halves["one"], halves["other"] = _find(numbers[:, 0], grouped["signed"]), numbers[:, 1]
        yield from _by_shard(halves, halves["other"])


def compare_halves(_shard: int, grouped: dict[str, Iterable[bytes]]) -> Iterator[bytes]:
    """``LINK`` arrays of the pairs that are alike."""
    halves = np.frombuffer(b"".join(grouped["halves"]), HALF)
    if not len(halves):
        return
    one, other = halves["one"], _find(halves["other"], grouped["signed"])
    both = np.concatenate((one["fingerprint"], other["fingerprint"]))
    verdicts = compare_pairs(both, np.arange(len(both)).reshape(2, -1).T)
    links = link(one["claim"], other["claim"], NEAR)
    links["kind"][verdicts.contained] = CONTAINED
    links["similarity"] = verdicts.similarity
    if verdicts.joined.any():
        yield links[verdicts.joined].tobytes()


def _find(numbers: Numbers, packed: Iterable[bytes]) -> SignedClaims:
    """The articles of these numbers, all of which are there; of copies the first written, or the first published."""
    signed = np.frombuffer(b"".join(packed), SIGNED)
    held, claims = number_claims(signed), signed["claim"]
    order = np.lexsort((claims["tie"], claims["id"], claims["published"], claims["of"] == b"", held))
    found: SignedClaims = signed[order[np.searchsorted(held[order], numbers)]]
    return found
