"""Link articles that tell the same in other words, by their fingerprints; no text travels, and nothing is quadratic.

Articles that share a passage meet in its bucket, and make pairs there. A pair that met twice fetches the fingerprint of
its first article and brings it to the second, where the two are compared. What an article is compared by goes along
from shuffle to shuffle, within its shard: to join two collections would cost more memory than it takes.
The method and its cost: docs/decisions/0005-near-duplicates.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import apache_beam as beam
import numpy as np
import numpy.typing as npt
from apache_beam.pvalue import TaggedOutput

from schemas.run import Tally
from transforms.judge import CONTAINED, NEAR, link
from transforms.signature import FINGERPRINT, SHORTEST, passage_keys
from transforms.similarity import SHARED, candidates, compare_pairs, count_pairs
from transforms.stage import CLAIM, DAY, SIGNED, Claims

SHARDS = 32
"""Of the keys of passages, and of the numbers of articles: a worker holds one at a time, 20 MB for a million articles.

With more of them an article goes to more places: 64 send a tenth more bytes, and take more memory in a small run.
"""

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

_KEPT = [name for name in FINGERPRINT.names or () if name != "passages"]

COMPARED = np.dtype([("number", "<i8"), ("claim", CLAIM), *((name, FINGERPRINT[name]) for name in _KEPT)])
"""A claim, and what the article is compared by once it has met another."""

PAIR = np.dtype([("numbers", "<i8", 2), ("shared", "u1")])
"""Two articles, and in how many passages of one shard they met."""

Numbers = npt.NDArray[np.int64]
Compared = npt.NDArray[np.void]

Sent: TypeAlias = tuple[int, tuple[str, bytes]]
"""To which shard, what, and its rows: ``passages`` are ``VISIT``, ``articles`` ``COMPARED``, ``pairs`` ``PAIR``."""


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
            | "Send" >> beam.FlatMap(send_articles)
            | "ByPassage" >> beam.GroupByKey()
            | "Meet" >> beam.FlatMap(pair_passages, self.lookback_days).with_outputs("crowded", main="met")
        )
        links = (
            met.met
            | "ByFirst" >> beam.GroupByKey()
            | "First" >> beam.FlatMapTuple(send_first).with_output_types(Sent)
            | "BySecond" >> beam.GroupByKey()
            | "Compare" >> beam.FlatMapTuple(compare_met).with_output_types(bytes)
        )
        return NearLinks(links, met.crowded)


def send_articles(packed: bytes) -> Iterator[Sent]:
    """What articles bring to the buckets, by shard of the key; those long enough to be compared, by shard of number."""
    signed = np.frombuffer(packed, SIGNED)
    claims, fingerprints, number = signed["claim"], signed["fingerprint"], number_claims(signed["claim"])
    key, row = passage_keys(fingerprints)
    passages = np.zeros(len(key), VISIT)
    passages["key"], passages["number"] = key, number[row]
    passages["published"], passages["is_written"] = claims["published"][row] // MINUTE, claims["of"][row] != b""
    yield from _by_shard("passages", passages, key)
    articles = np.zeros(len(signed), COMPARED)
    articles["number"], articles["claim"] = number, claims
    for name in _KEPT:
        articles[name] = fingerprints[name]
    articles = articles[articles["size"] >= SHORTEST]
    yield from _by_shard("articles", articles, articles["number"])


def number_claims(claims: Claims) -> Numbers:
    """A number below 2^63 for what each article says, and the day: copies have one, and are compared as one."""
    hashes = np.zeros(len(claims), np.uint64)
    for part in (claims["published"] // DAY, *claims["content"].astype("S16").view("<i8").reshape(-1, 2).T):
        hashes = (hashes ^ part.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(32)
    numbers: Numbers = (hashes >> np.uint64(1)).astype(np.int64)
    return numbers


def _by_shard(what: str, rows: npt.NDArray[np.generic], by: Numbers) -> Iterator[Sent]:
    shard = by % SHARDS
    order = np.argsort(shard, kind="stable")
    rows, ends = rows[order], np.searchsorted(shard[order], np.arange(SHARDS), side="right")
    for number, (start, end) in enumerate(pairwise([0, *ends.tolist()])):
        if start < end:
            yield number, (what, rows[start:end].tobytes())


def _received(sent: Iterable[tuple[str, bytes]], what: str, kind: np.dtype[np.void]) -> npt.NDArray[np.void]:
    return np.frombuffer(b"".join(rows for name, rows in sent if name == what), kind)


def pair_passages(
    to_shard: tuple[int, Iterable[tuple[str, bytes]]], lookback_days: int
) -> Iterator[Sent | TaggedOutput[Literal["crowded"], Tally]]:
    """Pairs of numbers of articles to compare, at least one of them new, by shard of the first; tally the crowds."""
    shard, sent = to_shard
    yield from ((shard, (what, rows)) for what, rows in sent if what == "articles")
    passages = _received(sent, "passages", VISIT)
    is_new = np.unique(passages["number"][~passages["is_written"]])
    passages = passages[np.lexsort((passages["published"], passages["number"], passages["key"]))]
    passages = passages[(np.diff(passages["key"], prepend=-1) | np.diff(passages["number"], prepend=-1)) != 0]
    published = passages["published"].astype(np.int64)
    met = candidates(passages["key"], passages["number"], published, lookback_days, day=DAY // MINUTE)
    if met.hot:
        yield TaggedOutput("crowded", Tally("crowded_passages", "", met.hot))
    wanted = np.isin(met.pairs, is_new).any(axis=1)
    pairs = np.zeros(wanted.sum(), PAIR)
    pairs["numbers"], pairs["shared"] = met.pairs[wanted], met.shared[wanted]
    yield from _by_shard("pairs", pairs, pairs["numbers"][:, 0])


def send_first(shard: int, sent: Iterable[tuple[str, bytes]]) -> Iterator[Sent]:
    """Pairs to compare, each once, by shard of the second; the first article goes wherever it has a second."""
    articles = _by_number(_received(sent, "articles", COMPARED))
    yield from _by_shard("articles", articles, articles["number"])
    met = _received(sent, "pairs", PAIR)
    numbers, shared = count_pairs(met["numbers"], met["shared"].astype(np.int64))
    pairs = np.zeros((shared >= SHARED).sum(), PAIR)
    pairs["numbers"], pairs["shared"] = numbers[shared >= SHARED], shared[shared >= SHARED]
    yield from _by_shard("pairs", pairs, pairs["numbers"][:, 1])
    first = np.searchsorted(articles["number"], pairs["numbers"][:, 0])
    other = pairs["numbers"][:, 1] % SHARDS
    away = np.unique(np.stack((first, other), axis=1)[other != shard], axis=0)
    yield from _by_shard("articles", articles[away[:, 0]], away[:, 1])


def compare_met(_shard: int, sent: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """``LINK`` arrays of the pairs that are alike."""
    pairs = _received(sent, "pairs", PAIR)["numbers"]
    articles = _by_number(_received(sent, "articles", COMPARED))
    places = np.searchsorted(articles["number"], pairs)
    verdicts = compare_pairs(articles, places)
    joined = verdicts.joined
    one, other = articles["claim"][places[joined].T]
    links = link(one, other, NEAR)
    links["kind"][verdicts.contained[joined]] = CONTAINED
    links["similarity"] = verdicts.similarity[joined]
    if len(links):
        yield links.tobytes()


def _by_number(articles: Compared) -> Compared:
    """Each number once, ascending; of copies the first written, or the first published."""
    claims = articles["claim"]
    order = np.lexsort((claims["tie"], claims["id"], claims["published"], claims["of"] == b"", articles["number"]))
    unique: Compared = articles[order[np.diff(articles["number"][order], prepend=-1) != 0]]
    return unique
