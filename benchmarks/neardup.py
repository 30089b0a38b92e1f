"""How well near-duplicates are told from what only reads alike, beside Jaccard at its best threshold.

``make bench BENCH=neardup`` plants reprints in 20,000 articles (``benchmarks.reprints``), for three seeds, and judges
the labelled pairs of real articles too, where they are present. ``python -m benchmarks.neardup 5000 7 8`` plants 5,000
with the seeds 7 and 8.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

import numpy as np
import numpy.typing as npt

from benchmarks.reprints import DEEDS, Labels, Planted, Score, cluster, meet, plant_reprints, score
from transforms import similarity
from transforms.fold import fold_text
from transforms.signature import Fingerprints, sign
from transforms.similarity import compare_pairs

LABELLED = Path(__file__).parents[2] / "shared" / "data" / "gold" / "neardup_dev.jsonl"
SAME = frozenset({"near_dup", "contained"})
THRESHOLDS = tuple(np.arange(0.2, 0.96, 0.05).round(2).tolist())

Joined = npt.NDArray[np.bool_]
Judge = Callable[[Fingerprints, Labels], Joined]


def by_verdict(fingerprints: Fingerprints, pairs: Labels) -> Joined:
    return compare_pairs(fingerprints, pairs).joined


def without(price: str) -> Judge:
    """The verdict of who does not charge for one kind of difference."""

    def judge(fingerprints: Fingerprints, pairs: Labels) -> Joined:
        charged = similarity.PRICES[price]
        similarity.PRICES[price] = 0
        try:
            return compare_pairs(fingerprints, pairs).joined
        finally:
            similarity.PRICES[price] = charged

    return judge


def by_jaccard(threshold: float) -> Judge:
    def judge(fingerprints: Fingerprints, pairs: Labels) -> Joined:
        return np.asarray(jaccard(fingerprints, pairs) >= threshold)

    return judge


def jaccard(fingerprints: Fingerprints, pairs: Labels) -> npt.NDArray[np.float64]:
    """Of phrases, as their samples estimate it."""
    kept = compare_pairs(fingerprints, pairs).similarity
    sizes = np.sort(fingerprints["size"][pairs].astype(float), axis=1)
    shared = kept * sizes[:, 0]
    return np.asarray(shared / np.maximum(sizes.sum(axis=1) - shared, 1))


def judge_labelled(judge: Judge) -> str:
    """«34/34 near_dup, …»: how many pairs of each label are joined."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    sides = [row[side] for row in rows for side in "ab"]
    fingerprints = sign([fold_text(side["title"] or "") for side in sides], [fold_text(side["text"]) for side in sides])
    joined = judge(fingerprints, np.arange(len(sides)).reshape(-1, 2))
    labels = [row["label"] for row in rows]
    found = Counter(label for label, is_joined in zip(labels, joined, strict=True) if is_joined)
    return ", ".join(f"{found[label]}/{count} {label}" for label, count in Counter(labels).most_common())


def tell(name: str, found: Score) -> None:
    print(f"  {name:22s} F1 {found.f1:.3f}  precision {found.precision:.3f}  recall {found.recall:.3f}", end="")
    print(f"  of series joined {found.joined_series:.1%}")


def judge_planted(articles: Sequence[Planted]) -> None:
    """What each judge makes of the candidates among planted articles."""
    began = process_time()
    texts = [fold_text(article.text) for article in articles]
    fingerprints = sign([fold_text(article.title) for article in articles], texts)
    signed = process_time()
    pairs = meet(fingerprints, articles)
    met = process_time()
    joined = by_verdict(fingerprints, pairs)
    judged = process_time()
    print(f"  {len(pairs)} candidates; CPU s: fold and sign {signed - began:.1f}, ", end="")
    print(f"meet {met - signed:.1f}, judge {judged - met:.1f}")
    ours = score(articles, cluster(texts, pairs[joined]))
    tell("naba", ours)
    for price in similarity.PRICES:
        tell(f"without {price}", score(articles, cluster(texts, pairs[without(price)(fingerprints, pairs)])))
    similar = jaccard(fingerprints, pairs)
    best = max(
        ((limit, score(articles, cluster(texts, pairs[similar >= limit]))) for limit in THRESHOLDS),
        key=lambda one: one[1].f1,
    )
    tell(f"Jaccard >= {best[0]}", best[1])
    for how, share in ours.joined.items():
        print(f"    {how:22s} {share:7.2%} joined with another story")
    made = Counter(article.how for article in articles)
    for deed in DEEDS:
        done = [how for how in ours.found if deed in how.removesuffix(" of a series").split(" + ")]
        share = sum(made[how] * ours.found[how] for how in done) / max(sum(made[how] for how in done), 1)
        print(f"    {deed:22s} {share:7.2%} found, alone or with another deed")


def main(count: int = 20_000, *seeds: int) -> None:
    if LABELLED.exists():
        print("labelled pairs of real articles, joined")
        print(f"  {'naba':22s} {judge_labelled(by_verdict)}")
        for price in similarity.PRICES:
            print(f"  {'without ' + price:22s} {judge_labelled(without(price))}")
        for threshold in (0.4, 0.45, 0.5, 0.6):
            print(f"  {f'Jaccard >= {threshold}':22s} {judge_labelled(by_jaccard(threshold))}")
    else:
        print("labelled pairs of real articles: not here")
    for seed in seeds or (1, 2, 3):
        articles = plant_reprints(count, seed)
        print(f"{count} articles of {len({article.story for article in articles})} stories, seed {seed}")
        judge_planted(articles)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
