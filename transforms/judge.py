"""Judge linked articles: which one of a cluster stays, and what each of the others is to it.

Linked articles are a cluster; what is already written is its canonical article, else the one published first. Every
verdict is a function of the set of links alone: not of their order, nor of how they were spread over workers.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.stage import CLAIM, Claims, day_of

FRESH, SEEN, REVISION, SAME_TEXT, NEAR, CONTAINED, MERGED = range(7)
"""What an article is to its canonical one; of several links between two, the one named first counts.

``MERGED`` is a note beside a duplicate's verdict: that it ties its canonical article to another written one.
"""

AGAIN = b"\xff" * 16
"""As ``of``: an article that this run wrote under its id before, and is writing again. It has no verdict of its own."""

PLACE = ["chunk", "row"]

LINK = np.dtype([("one", CLAIM), ("other", CLAIM), ("kind", "u1"), ("similarity", "<f4")])
"""Two claims on one story: of one identity, of equal text, or alike. ``similarity`` is NaN where not measured."""

Links = npt.NDArray[np.void]


class Claim(NamedTuple):
    """A ``CLAIM`` as a record."""

    id: bytes
    content: bytes
    text: bytes
    of: bytes
    published: int
    tie: int
    chunk: int
    row: int
    size: int


class Edge(NamedTuple):
    """Two claims of a cluster, by their indices in it, that are alike."""

    one: int
    other: int
    kind: int
    similarity: float


class Verdict(NamedTuple):
    """What became of a new article; ``similarity`` is NaN where it was not measured."""

    chunk: int
    row: int
    of: bytes
    via: bytes
    kind: int
    similarity: float


VERDICT = np.dtype(
    [(n, CLAIM[n]) for n in (*PLACE, "of")] + [("via", CLAIM["of"]), ("kind", "u1"), ("similarity", "<f4")]
)
"""The same as bytes."""


def link(one: Claims, other: Claims, kind: int, similarity: float = math.nan) -> Links:
    """Links of one kind between the claims of two arrays."""
    links = np.zeros(len(one), LINK)
    links["one"], links["other"], links["kind"], links["similarity"] = one, other, kind, similarity
    return links


def judge_links(_key: int, packed: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Verdicts on all new articles that are linked to another, packed by day."""
    links = np.frombuffer(b"".join(packed), LINK)
    days: dict[str, list[Verdict]] = {}
    for cluster, edges in clusters(links):
        for claim, verdict in judge_cluster(cluster, edges):
            days.setdefault(day_of(claim.published), []).append(verdict)
    for day, verdicts in days.items():
        yield day, np.array(verdicts, VERDICT).tobytes()


def clusters(links: Links) -> Iterator[tuple[list[Claim], list[Edge]]]:
    """Connected claims, each once, in canonical order: written before new, then by time, identity and place."""
    ends = np.concatenate((links["one"], links["other"]))
    _, first, node = np.unique(ends.view(f"S{CLAIM.itemsize}"), return_index=True, return_inverse=True)
    claims = ends[first]
    order = np.lexsort((claims["tie"], claims["id"], claims["published"], claims["of"] == b""))
    claims, pairs = claims[order], np.argsort(order)[node].reshape(2, -1).T
    root = connect(len(claims), pairs)
    by_cluster = np.argsort(root, kind="stable")
    index = np.empty_like(root)  # of a claim within its cluster
    index[by_cluster] = np.arange(len(root)) - np.searchsorted(root[by_cluster], root[by_cluster])
    edges: dict[int, list[Edge]] = {}
    for row in np.flatnonzero(links["kind"] >= NEAR):
        one, other = pairs[row]
        edge = Edge(int(index[one]), int(index[other]), int(links["kind"][row]), float(links["similarity"][row]))
        edges.setdefault(int(root[one]), []).append(edge)
    members = zip(root[by_cluster].tolist(), claims[by_cluster].tolist(), strict=True)
    for of, cluster in groupby(members, key=itemgetter(0)):
        yield [Claim._make(claim) for _, claim in cluster], edges.get(of, [])


def connect(count: int, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each of ``count`` nodes the smallest that it is connected with, over any chain of ``pairs``; or itself.

    Every round hooks roots to smaller roots, then points all to their roots; so rounds grow with the logarithm of
    the longest chain.
    """
    root = np.arange(count)
    while True:
        ends = np.sort(root[pairs], axis=1)
        ends = ends[ends[:, 0] != ends[:, 1]]
        if not len(ends):
            return root
        np.minimum.at(root, ends[:, 1], ends[:, 0])
        while (root != root[root]).any():
            root = root[root]


def judge_cluster(cluster: list[Claim], edges: list[Edge]) -> Iterator[tuple[Claim, Verdict]]:
    """Judge the new claims of a cluster that is in canonical order; ``edges`` say which are alike."""
    again = {(claim.id, claim.content) for claim in cluster if claim.of == AGAIN}
    held = [_held(claim, again) for claim in cluster]
    first = next((index for index, of in enumerate(held) if of), 0)
    of = held[first] or cluster[first].id
    # Not always the first: that may be a written duplicate, whose article is here too.
    canonical = next((index for index, claim in enumerate(cluster) if held[index] == of == claim.id), first)
    ties = trace(cluster, edges, canonical)
    merged = {other for other in held if other} - {of}
    told: set[tuple[bytes, bytes]] = set()
    for index, claim in enumerate(cluster):
        content = (claim.id, claim.content)
        if claim.of == AGAIN:
            continue
        if not claim.of:
            tie = ties.get(index, Tie(FRESH, canonical, math.nan))
            kind = SEEN if content in told else FRESH if content in again else tie.kind
            via = cluster[tie.via].id
            place = claim.chunk, claim.row
            yield claim, Verdict(*place, of, b"" if via == of else via, kind, tie.similarity)
            if kind not in {FRESH, SEEN}:
                for other in sorted(merged):
                    yield claim, Verdict(*place, other, b"", MERGED, math.nan)
                merged = set()
        told.add(content)


def _held(claim: Claim, again: set[tuple[bytes, bytes]]) -> bytes:
    """The article that a claim is known to tell: of what is written, and of what is written again; else empty."""
    return claim.id if claim.of == AGAIN or (claim.id, claim.content) in again else claim.of


class Tie(NamedTuple):
    """How a claim is tied to its canonical one: as what, over which other (an index), and how alike these two are."""

    kind: int
    via: int
    similarity: float


def trace(cluster: list[Claim], edges: list[Edge], canonical: int) -> dict[int, Tie]:
    """The ties of all claims but the canonical one: over as few others as can be, by the first kind that there is.

    A later version of what repeats another article is tied to its own first version, as a revision.
    """
    groups: dict[tuple[int, bytes], list[int]] = {}
    for index, claim in enumerate(cluster):
        groups.setdefault((REVISION, claim.id), []).append(index)
        groups.setdefault((SAME_TEXT, claim.text), []).append(index)
    alike: dict[int, list[tuple[int, int]]] = {}
    similarity: dict[tuple[int, int], float] = {}
    for edge in edges:
        for one, other in ((edge.one, edge.other), (edge.other, edge.one)):
            alike.setdefault(one, []).append((edge.kind, other))
            similarity[one, other] = edge.similarity
    ties: dict[int, Tie] = {}
    reached = [canonical]
    while reached:
        found: dict[int, tuple[int, int]] = {}
        for via in reached:
            claim = cluster[via]
            neighbours = list(alike.get(via, ()))
            for kind, name in ((REVISION, claim.id), (SAME_TEXT, claim.text)):
                # Each group is looked at once, else a thousand copies would be looked at a million times.
                neighbours += [(kind, index) for index in groups.pop((kind, name), ())]
            for kind, index in neighbours:
                if index != canonical and index not in ties:
                    found[index] = min(found.get(index, (kind, via)), (kind, via))
        for index, (kind, via) in found.items():
            same = cluster[index].text == cluster[via].text
            ties[index] = Tie(kind, via, 1.0 if same else similarity.get((index, via), math.nan))
        reached = sorted(found)
    firsts: dict[bytes, int] = {cluster[canonical].id: canonical}
    for index, claim in enumerate(cluster):
        first = firsts.setdefault(claim.id, index)
        if first not in {index, canonical} and index != canonical:
            same = claim.text == cluster[first].text
            ties[index] = Tie(REVISION, first, 1.0 if same else similarity.get((index, first), math.nan))
    return ties
