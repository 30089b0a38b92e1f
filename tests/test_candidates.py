"""Who is compared with whom, and what clusters come of it: in any order, and never all with all."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports import BRIDGE, BRIDGE_TITLE, Report, articles, bulletin, signed
from transforms import similarity
from transforms.fold import fold_text
from transforms.judge import connect
from transforms.signature import passage_keys
from transforms.similarity import candidates, compare_pairs, count_pairs
from transforms.stems import Indices

WEEK = 7 * 86_400_000_000

bucket = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 5)), max_size=120)


def columns(claims: list[tuple[int, int, int]]) -> tuple[Indices, Indices, Indices]:
    """Keys, articles and times: an article has one time."""
    keys, numbers = (np.array([claim[place] for claim in claims], np.int64) for place in (0, 1))
    return keys, numbers, numbers * 7 % 11


@given(bucket, st.randoms(use_true_random=False))
def test_candidates_do_not_depend_on_order(claims: list[tuple[int, int, int]], draw: random.Random) -> None:
    shuffled = draw.sample(claims, len(claims))
    assert np.array_equal(candidates(*columns(claims), 99).pairs, candidates(*columns(shuffled), 99).pairs)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_large_bucket_articles_of_one_moment_are_told_apart_by_their_numbers(seed: int) -> None:
    many = np.arange(60)
    shuffled = np.random.default_rng(seed).permutation(many)
    once, again = (candidates(many * 0, numbers, many * 0, WEEK) for numbers in (many, shuffled))
    assert np.array_equal(once.pairs, again.pairs)


@given(bucket)
def test_in_a_small_bucket_all_meet_all(claims: list[tuple[int, int, int]]) -> None:
    claims = [*{(key, article): (key, article, 0) for key, article, _ in claims}.values()]
    counts = Counter(key for key, _, _ in claims)
    claims = [claim for claim in claims if counts[claim[0]] <= similarity.SMALL]
    expected = {(a, b) for key, a, _ in claims for other, b, _ in claims if key == other and a < b}
    assert {(int(a), int(b)) for a, b in candidates(*columns(claims), 99).pairs} == expected


def test_candidates_grow_with_the_articles_and_not_with_their_square() -> None:
    many = np.arange(similarity.HOT + 1)
    keys = np.zeros(len(many), np.int64)
    warm = candidates(keys[:-1], many[:-1], many[:-1], WEEK)
    assert warm.hot == 0
    assert len(warm.pairs) == sum(similarity.HOT - step for step in range(1, similarity.WINDOW + 1))
    hot = candidates(keys, many, many, WEEK)
    assert hot.hot == 1
    assert len(hot.pairs) == 0


def test_articles_further_apart_than_the_look_back_are_no_candidates() -> None:
    keys, numbers = np.zeros(3, np.int64), np.arange(3)
    assert candidates(keys, numbers, np.array([0, WEEK, 2 * WEEK + 1]), WEEK).pairs.tolist() == [[0, 1]]


def test_no_claims_give_no_candidates() -> None:
    none = np.zeros(0, np.int64)
    assert candidates(none, none, none, WEEK).pairs.shape == (0, 2)
    assert candidates(none + 1, none, none, WEEK).hot == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_pairs_are_told_once_with_how_often_they_met(drawn: list[tuple[int, int]]) -> None:
    expected = sorted(Counter((min(one), max(one)) for one in drawn if one[0] != one[1]).items())
    pairs, counts = count_pairs(np.array(drawn, np.int64).reshape(-1, 2), np.ones(len(drawn), np.int64))
    assert [(tuple(pair), count) for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)] == expected


@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=60), st.randoms())
def test_clusters_are_the_connected_articles_in_any_order(
    count: int, drawn: list[tuple[int, int]], draw: random.Random
) -> None:
    drawn = [(a % count, b % count) for a, b in drawn]
    label = list(range(count))
    for _ in drawn:
        for a, b in drawn:
            label[a] = label[b] = min(label[a], label[b])
    for _ in range(2):
        assert connect(count, np.array(drawn, np.int64).reshape(-1, 2)).tolist() == label
        draw.shuffle(drawn)


def test_a_long_chain_is_one_cluster() -> None:
    links = np.stack((np.arange(9999), np.arange(1, 10000)), axis=1)
    assert not connect(10000, np.random.default_rng(3).permutation(links)).any()


def joined(made: list[Report], order: list[int]) -> set[frozenset[int]]:
    """Clusters of more than one, told by the places in ``made``, with the articles handed over in ``order``."""
    fingerprints = signed([made[place] for place in order])
    place_of = np.array(order)
    keys, rows = passage_keys(fingerprints)
    found = candidates(keys, place_of[rows], place_of[rows] * 10**9, 10**15).pairs
    row_of = np.argsort(place_of)
    links = found[compare_pairs(fingerprints, row_of[found]).joined]
    label = connect(len(made), links)
    return {frozenset(np.flatnonzero(label == root).tolist()) for root in np.unique(label)}


@pytest.mark.parametrize("seed", range(3))
def test_clusters_of_articles_do_not_depend_on_the_order_they_come_in(seed: int) -> None:
    made = articles(seed, 80)
    order = list(range(80))
    whole = joined(made, order)
    assert 10 < len(whole) < 75
    for again in range(3):
        random.Random(again).shuffle(order)
        assert joined(made, order) == whole


def linked(made: Sequence[Report]) -> tuple[set[frozenset[int]], int]:
    """Clusters of articles published a minute apart, and how many pairs were compared."""
    fingerprints = signed(made)
    keys, rows = passage_keys(fingerprints)
    found = candidates(keys, rows, rows * 60_000_000, WEEK).pairs
    label = connect(len(made), found[compare_pairs(fingerprints, found).joined])
    return {frozenset(np.flatnonzero(label == root).tolist()) for root in np.unique(label)}, len(found)


def test_many_copies_are_one_story_and_not_compared_all_with_all() -> None:
    found, compared = linked([(BRIDGE_TITLE, BRIDGE)] * similarity.HOT)
    assert found == {frozenset(range(similarity.HOT))}
    assert compared < similarity.HOT * similarity.WINDOW


def test_a_thousand_equal_texts_are_left_to_who_compares_texts() -> None:
    assert linked([(BRIDGE_TITLE, BRIDGE)] * 1000)[1] == 0


def test_five_thousand_texts_that_say_next_to_nothing_are_not_compared() -> None:
    found, compared = linked([("عاجل", ("", "صور", "حالة الطقس")[number % 3]) for number in range(5000)])
    assert compared == 0
    assert len(found) == 5000


def test_a_thousand_bulletins_of_one_form_stay_apart() -> None:
    made = [bulletin(number) for number in range(1000)]
    words = [fold_text(body).split() for _, body in made[:2]]
    assert sum(one == other for one, other in zip(*words, strict=True)) >= 0.9 * len(words[0])
    found, compared = linked(made)
    assert compared < 1000 * 32
    assert len(found) >= 940
    assert max(map(len, found)) <= 20


# Real articles.


def test_real_articles_cluster_the_same_in_any_order_and_in_parts(shared_data: Path) -> None:
    with gzip.open(shared_data / "articles_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(3000), strict=False)]
    made: list[Report] = [(row["title"], row["text"] or "") for row in rows]
    whole = joined(made, list(range(len(made))))
    shuffled = random.Random(1).sample(range(len(made)), len(made))
    assert joined(made, shuffled) == whole
    assert len(made) - len(whole) > 300
    assert in_parts(made) == whole


def in_parts(made: list[Report]) -> set[frozenset[int]]:
    """Clusters of ten runs of a tenth each, each against all before it."""
    fingerprints = signed(made)
    links: list[Indices] = []
    shuffled = np.array(random.Random(2).sample(range(len(made)), len(made)))
    for end in range(1, 11):
        known = np.sort(shuffled[: len(made) * end // 10])
        keys, rows = passage_keys(fingerprints[known])
        found = candidates(keys, known[rows], known[rows] * 10**9, 10**15).pairs
        links.append(found[compare_pairs(fingerprints, found).joined])
    label = connect(len(made), np.concatenate(links))
    return {frozenset(np.flatnonzero(label == root).tolist()) for root in np.unique(label)}
