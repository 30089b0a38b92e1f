"""Verdicts on a cluster: what each article is to the canonical one, over which other, and what it ties together."""

import math
from itertools import pairwise

import numpy as np
import pytest

from transforms.judge import (
    CONTAINED,
    FRESH,
    MERGED,
    NEAR,
    REVISION,
    SAME_TEXT,
    SEEN,
    Claim,
    Edge,
    Verdict,
    clusters,
    connect,
    judge_cluster,
    link,
)
from transforms.stage import CLAIM, Claims


def claim(name: str, *, text: str = "", of: str = "", time: int = 0, content: str = "") -> Claim:
    """A claim whose text, unless given, is its own."""
    told = (content or text or name).encode(), (text or name).encode(), of.encode()
    return Claim(name.encode(), *told, time, 0, 1, time, 100)


def judged(cluster: list[Claim], *edges: Edge) -> dict[bytes, Verdict]:
    """The verdicts on new claims, but for notes, by identity."""
    return {told.id: verdict for told, verdict in judge_cluster(cluster, list(edges)) if verdict.kind != MERGED}


def test_the_first_stays_and_the_others_say_how_they_are_alike() -> None:
    cluster = [claim("a"), claim("b", time=1), claim("c", time=2)]
    told = judged(cluster, Edge(0, 1, NEAR, 0.8), Edge(0, 2, CONTAINED, 0.9))
    assert [verdict.kind for verdict in told.values()] == [FRESH, NEAR, CONTAINED]
    assert [(verdict.of, verdict.via, verdict.similarity) for verdict in list(told.values())[1:]] == [
        (b"a", b"", 0.8),
        (b"a", b"", 0.9),
    ]


def test_what_is_alike_to_a_duplicate_alone_names_it() -> None:
    cluster = [claim("a"), claim("b", time=1), claim("c", time=2)]
    told = judged(cluster, Edge(0, 1, NEAR, 0.8), Edge(2, 1, NEAR, 0.7))
    assert (told[b"c"].of, told[b"c"].via, told[b"c"].similarity) == (b"a", b"b", 0.7)


def test_the_shortest_way_to_the_canonical_article_counts_even_if_another_is_more_alike() -> None:
    cluster = [claim("a"), claim("b", time=1), claim("c", time=2)]
    told = judged(cluster, Edge(0, 1, NEAR, 0.8), Edge(1, 2, NEAR, 0.99), Edge(0, 2, CONTAINED, 0.6))
    assert (told[b"c"].via, told[b"c"].kind, told[b"c"].similarity) == (b"", CONTAINED, 0.6)


def test_an_identity_counts_before_a_text_and_a_text_before_likeness() -> None:
    cluster = [claim("a", text="t"), claim("a", text="t", content="x", time=1), claim("b", text="t", time=2)]
    verdicts = [verdict for _, verdict in judge_cluster(cluster, [Edge(0, 2, NEAR, 0.97)])]
    assert [verdict.kind for verdict in verdicts] == [FRESH, REVISION, SAME_TEXT]
    assert [verdict.similarity for verdict in verdicts[1:]] == [1.0, 1.0]


def test_a_revision_says_how_much_of_it_is_left_where_that_was_measured() -> None:
    cluster = [claim("a"), claim("a", text="other", time=1)]
    assert judged(cluster, Edge(0, 1, NEAR, 0.6))[b"a"].similarity == 0.6
    assert math.isnan(judged(cluster)[b"a"].similarity)


def test_a_later_version_of_a_duplicate_is_a_revision_of_its_first_version() -> None:
    cluster = [claim("a"), claim("b", time=1), claim("b", text="more", content="more", time=2)]
    alike = Edge(0, 1, NEAR, 0.8), Edge(0, 2, NEAR, 0.7), Edge(1, 2, NEAR, 0.9)
    (_, first), (_, later) = list(judge_cluster(cluster, list(alike)))[1:]
    assert (first.kind, first.of, first.via, first.similarity) == (NEAR, b"a", b"", 0.8)
    assert (later.kind, later.of, later.via, later.similarity) == (REVISION, b"a", b"b", 0.9)
    written = [claim("b", of="a"), claim("b", text="more", content="more", time=2)]
    ((_, alone),) = judge_cluster(written, [])
    assert (alone.kind, alone.of, alone.via) == (REVISION, b"a", b"b")


def test_each_later_version_of_a_duplicate_is_measured_by_the_first() -> None:
    versions = [claim("b", time=1), claim("b", text="more", time=2), claim("b", text="most", time=3)]
    cluster = [claim("a"), *versions, claim("b", content="another headline", time=4)]
    alike = Edge(0, 1, NEAR, 0.8), Edge(1, 3, NEAR, 0.6), Edge(2, 3, NEAR, 0.9)
    told = [verdict for _, verdict in judge_cluster(cluster, list(alike))][2:]
    assert [(each.kind, each.via) for each in told] == [(REVISION, b"b")] * 3
    assert math.isnan(told[0].similarity)
    assert [each.similarity for each in told[1:]] == [0.6, 1.0]


def test_a_later_version_of_the_canonical_article_is_measured_by_that() -> None:
    """Though an older version of it was written as a duplicate of another, while it was itself out of sight."""
    cluster = [claim("d", of="a"), claim("a", of="c", content="older", time=1), claim("a", of="a", time=2)]
    alike = Edge(1, 3, NEAR, 0.9), Edge(2, 3, NEAR, 0.6)
    told = judged([*cluster, claim("a", text="more", time=3)], *alike)[b"a"]
    assert (told.kind, told.of, told.via, told.similarity) == (REVISION, b"a", b"", 0.6)


def test_the_article_of_a_written_duplicate_stays_canonical_also_where_it_is_not_at_hand() -> None:
    cluster = [claim("d", of="a"), claim("n", time=1)]
    told = judged(cluster, Edge(0, 1, NEAR, 0.8))
    assert (told[b"n"].of, told[b"n"].via) == (b"a", b"d")


def test_what_ties_written_articles_together_notes_each_once() -> None:
    cluster = [
        claim("a", of="a"),
        claim("b", of="b", time=1),
        claim("d", of="c", time=2),
        claim("n", time=3),
        claim("m", time=4),
    ]
    edges = [Edge(0, 3, NEAR, 0.8), Edge(1, 3, NEAR, 0.8), Edge(2, 4, NEAR, 0.8), Edge(3, 4, NEAR, 0.8)]
    notes = [(told.id, verdict.of) for told, verdict in judge_cluster(cluster, edges) if verdict.kind == MERGED]
    assert notes == [(b"n", b"b"), (b"n", b"c")]


def test_a_claim_told_again_is_seen_and_ties_nothing() -> None:
    cluster = [claim("a", of="a"), claim("b", of="b", time=1), claim("a", time=2)]
    verdicts = [verdict for _, verdict in judge_cluster(cluster, [Edge(1, 2, NEAR, 0.8)])]
    assert [verdict.kind for verdict in verdicts] == [SEEN]


def test_a_chain_of_copies_is_walked_in_one_step() -> None:
    crowd = [claim(f"c{n}", text="t", time=n) for n in range(2000)]
    told = judged(crowd)
    assert {verdict.via for verdict in told.values()} == {b""}
    assert [verdict.kind for verdict in told.values()] == [FRESH] + [SAME_TEXT] * 1999


def claims(*names: str) -> Claims:
    array = np.zeros(len(names), CLAIM)
    array["id"] = array["text"] = array["content"] = [name.encode() for name in names]
    array["published"] = array["row"] = range(len(names))
    return array


@pytest.mark.parametrize("seed", range(5))
def test_clusters_and_their_edges_do_not_depend_on_the_order_of_links(seed: int) -> None:
    some = claims(*"abcdefgh")
    links = np.concatenate(
        [
            link(some[[0, 1, 5]], some[[1, 2, 6]], NEAR, 0.5),
            link(some[[3]], some[[2]], REVISION),
            link(some[[6]], some[[7]], CONTAINED, 0.25),
        ]
    )
    shuffled = links[np.random.default_rng(seed).permutation(len(links))]
    found = [([told.id for told in cluster], sorted(edges)) for cluster, edges in clusters(shuffled)]
    assert found == [
        ([b"a", b"b", b"c", b"d"], [Edge(0, 1, NEAR, 0.5), Edge(1, 2, NEAR, 0.5)]),
        ([b"f", b"g", b"h"], [Edge(0, 1, NEAR, 0.5), Edge(1, 2, CONTAINED, 0.25)]),
    ]


def test_connected_nodes_have_the_smallest_of_them_as_their_root() -> None:
    chain = list(pairwise(range(1000)))
    shuffled = np.array(chain)[np.random.default_rng(2).permutation(999)]
    assert (connect(1002, shuffled) == [*[0] * 1000, 1000, 1001]).all()
