"""Pairs of real articles that are labelled: what is joined, and what meets. The data is not part of the project."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.reports import pair, verdict
from transforms.signature import passage_keys

Labelled = tuple[str, tuple[str, str], tuple[str, str]]


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> list[Labelled]:
    with (shared_data / "gold" / "neardup_dev.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["label"], *((row[side]["title"], row[side]["text"]) for side in "ab")) for row in rows]


def test_labelled_pairs_are_joined_as_labelled(gold: list[Labelled]) -> None:
    told = Counter(label for label, _, _ in gold)
    found = Counter(label for label, a, b in gold if verdict(a, b))
    assert found["near_dup"] + found["contained"] >= 0.9 * (told["near_dup"] + told["contained"])
    assert found["template"] + found["related"] <= 0.03 * (told["template"] + told["related"])
    assert found["same_event"] == 0


def test_labelled_reprints_meet(gold: list[Labelled]) -> None:
    met = [
        len(set(passage_keys(one)[0].tolist()) & set(passage_keys(other)[0].tolist())) > 0
        for label, a, b in gold
        if label in {"near_dup", "contained"}
        for one, other in [(pair(a, b)[:1], pair(a, b)[1:])]
    ]
    assert np.mean(met) >= 0.95
