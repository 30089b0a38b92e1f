"""Whether two articles tell the same, decided by their fingerprints alone; and who is compared with whom.

A reprint keeps the phrases, or all of a part of them; it keeps the names, the numbers, and what its headline
promises. The next report of a series (the King congratulates another president, the sixth aid flight, today's
weather) keeps the phrases too, and swaps a name here and a number there. So Jaccard, which only counts phrases,
cannot tell them apart. ``compare_pairs`` gives each pair a budget of 1 for its differences and charges, by ``PRICES``:

* ``phrases``: the share of the shorter text's phrases that the longer has not;
* ``aimed``: by how much the share of phrases kept is above the cube of the share of telling words kept (in the text
  that can spare fewer). A phrase of three words stays if all three do, so even editing makes the two equal; what
  takes the telling words, and little else, was aimed at them;
* ``swapped``: words that one article repeats, or has in headline and text, and the other has not, *on both sides*:
  what one side has more was added or cut, what each has instead of the other's is a different story;
* ``numbers``: the share of the numbers, of the article with fewer, that the other has not;
* ``headline``: the share of a headline's telling words that the other article has nowhere; the better supported of
  the two headlines counts, for a new headline still sums up the same text.

A text that is a small part of another (``PART``) is the same story only if the other's headline is about that part;
else every round-up would tie together the stories that it rounds up.

Fingerprints are samples, so each share is an estimate; the same two give the same verdict everywhere and always,
whichever comes first. What the prices were set by, and how often they err: docs/decisions/0005-near-duplicates.md.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.signature import (
    IN_BOTH,
    IN_TITLE,
    NO_PHRASE,
    NO_WORD,
    REPEATED,
    SHORTEST,
    Fingerprints,
)
from transforms.stems import NO_NUMBER, Indices, Mask

Shares = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Samples = npt.NDArray[np.unsignedinteger[Any]]
"""Shape (fingerprints, size of the sample): rows ascend, and end in the value that is no hash."""

PRICES = {"phrases": 2.7, "aimed": 3.5, "swapped": 2.5, "numbers": 1.6, "headline": 0.5}

CONTAINED = 0.7
"""A text of fewer phrases than this share of the other's is called contained in it."""

PART = 0.5
"""Where less of the longer text is shared, the longer headline must be about that part:"""
ABOUT = 0.3
"""at least this share of its telling words must be there."""

SHARED = 2
"""Passages that two articles must share to be compared. A sentence that all write the same way is one passage."""

SMALL = 16
"""A bucket, the articles that share a passage, of up to so many: each meets each."""
WINDOW = 4
"""In a larger bucket each meets so many of those next in time. A series, or much told news: a chain will do."""
HOT = 256
"""In a bucket of more than this nobody meets: what so many share is a form, a footer, or one text many times over.
Equal texts are found without being compared, and a reprint of what a form is filled with shares rarer passages too."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two articles tell the same."""

    kind: Literal["near", "contained"]
    similarity: float
    """Share of the phrases of the shorter text that the longer has, 0 to 1."""


class Verdicts(NamedTuple):
    """Verdicts on pairs, as arrays. Where ``joined`` is false, the others mean nothing."""

    joined: Mask
    contained: Mask
    similarity: Shares


class Candidates(NamedTuple):
    """Pairs of articles that met, each once, the smaller number first; shape (pairs, 2)."""

    pairs: Indices
    shared: Indices
    """In how many passages they met, shape (pairs,). Compare those that met in ``SHARED`` or more."""
    hot: int
    """Buckets that were cut, because they hold more than ``HOT`` articles."""


def compare(a: np.void, b: np.void) -> Verdict | None:
    """The verdict on two fingerprints, or ``None`` if they do not tell the same. ``compare(b, a)`` is the same."""
    (joined,), (contained,), (similarity,) = compare_pairs(np.array([a, b]), np.array([[0, 1]]))
    return Verdict("contained" if contained else "near", float(similarity)) if joined else None


def compare_pairs(fingerprints: Fingerprints, pairs: Indices, *, at_once: int = 4096) -> Verdicts:
    """The verdicts on pairs of fingerprints, given by their indices; shape (pairs, 2). About 60,000 a second.

    Holds ``at_once`` pairs at a time, 10 kB for each. Fingerprints may lack ``passages``: those only find pairs.
    """
    parts = [
        _judge(fingerprints[pairs[start : start + at_once, 0]], fingerprints[pairs[start : start + at_once, 1]])
        for start in range(0, max(len(pairs), 1), at_once)
    ]
    return Verdicts(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _judge(a: Fingerprints, b: Fingerprints) -> Verdicts:
    """The verdicts on pairs, given by two arrays of fingerprints."""
    shorter, longer = np.sort(np.stack((a["size"], b["size"])), axis=0)
    shared = _match(_phrases(a), _phrases(b), NO_PHRASE)
    phrases = shared.both / np.maximum(np.minimum(shared.one, shared.other), 1)
    shared = _match(a["numbers"].astype(np.uint32), b["numbers"].astype(np.uint32), NO_NUMBER)
    # As if one more number were kept: the loss of the only one proves little.
    numbers = (shared.both + 1) / (np.minimum(shared.one, shared.other) + 1)
    words, (headline_a, headline_b), swapped = _judge_words(a["words"], b["words"], phrases)
    difference = (
        PRICES["phrases"] * (1 - phrases)
        + PRICES["aimed"] * np.maximum(phrases - words * words * words, 0)
        + PRICES["swapped"] * swapped
        + PRICES["numbers"] * (1 - numbers)
        + PRICES["headline"] * (1 - np.maximum(headline_a, headline_b))
    )
    is_part = phrases * shorter < PART * longer
    about_it = np.where(a["size"] < b["size"], headline_b, headline_a) >= ABOUT
    joined = (difference <= 1) & (shorter >= SHORTEST) & (about_it | ~is_part)
    return Verdicts(joined, shorter < CONTAINED * longer, phrases)


class _Counts(NamedTuple):
    one: Counts
    other: Counts
    both: Counts


def _match(a: Samples, b: Samples, absent: int) -> _Counts:
    """How many hashes each of two samples has as far as both go, and how many they share; row by row."""
    limit = np.minimum(np.minimum(a[:, -1], b[:, -1]), absent - 1)[:, None]
    merged = np.concatenate((a, b), axis=1)
    merged[merged > limit] = absent
    merged.sort(axis=1)
    both = (merged[:, 1:] == merged[:, :-1]) & (merged[:, 1:] != absent)
    return _Counts((a <= limit).sum(axis=1), (b <= limit).sum(axis=1), both.sum(axis=1))


def _judge_words(a: Samples, b: Samples, phrases: Shares) -> tuple[Shares, list[Shares], Shares]:
    """Row by row, shares of telling words: kept; of each headline, kept by the other article; swapped."""
    limit = np.minimum(np.minimum(a[:, -1], b[:, -1]) >> 2, (NO_WORD >> 2) - 1)[:, None]
    # Whose word it is goes into the lowest bit, so that of two equal hashes each says what part it plays where.
    merged = np.concatenate((a, b), axis=1).astype(np.uint32) << 1
    merged[:, b.shape[1] :] |= 1
    merged[merged >> 3 > limit] = NO_WORD << 1
    merged.sort(axis=1)
    one, other = merged[:, :-1], merged[:, 1:]
    both = (one >> 3 == other >> 3) & (one >> 3 <= limit)
    kept, promised, repeated, lost = [], [], [], []
    for side, sample in enumerate((a, b)):
        part, present = sample & 3, sample >> 2 <= limit
        part_of_shared = np.where(one & 1 == side, one, other) >> 1 & 3
        kept.append(_share(both & (part_of_shared != IN_TITLE), present & (part != IN_TITLE)))
        promised.append(_share(both & _is_title(part_of_shared), present & _is_title(part)))
        repeated.append((present & (part >= REPEATED)).sum(axis=1))
        lost.append(repeated[-1] - (both & (part_of_shared >= REPEATED)).sum(axis=1))
    words: Shares = np.maximum(*kept)
    words = np.where(words < 0, phrases, words)
    headlines = [np.where(share < 0, words, share) for share in promised]
    return words, headlines, np.minimum(*lost) / (np.minimum(*repeated) + 2)


def _is_title(part: npt.NDArray[np.integer[Any]]) -> Mask:
    is_title: Mask = (part == IN_TITLE) | (part == IN_BOTH)
    return is_title


def _share(some: Mask, all_: Mask) -> Shares:
    """Row by row; -1 of nothing."""
    count = all_.sum(axis=1)
    return np.where(count > 0, some.sum(axis=1) / np.maximum(count, 1), -1.0)


def _phrases(fingerprints: Fingerprints) -> Samples:
    phrases: Samples = fingerprints["phrases_low"] | fingerprints["phrases_high"].astype(np.uint32) << 16
    return phrases


def candidates(keys: Indices, articles: Indices, published: Indices, lookback: int, *, day: int = 1) -> Candidates:
    """Whom to compare, given that article ``articles[i]`` has the passage ``keys[i]`` and the time ``published[i]``.

    None meets one that came more than ``lookback`` days later; a day is so many units of time. Of a passage that up to
    ``SMALL`` articles have within that window all meet all; of one that more have each meets the ``WINDOW`` next in
    time, and of one that more than ``HOT`` have nobody meets. What comes out follows from what goes in as a set.
    ``articles`` are any numbers that are the articles' own.
    """
    order = np.argsort(keys)
    again = keys[order][1:] == keys[order][:-1]
    met_again = np.append(again, False) | np.append(False, again)
    order = order[met_again[: len(order)]]  # most passages are one article's
    order = order[np.lexsort((articles[order], published[order], keys[order]))]
    keys, articles, days = keys[order], articles[order], published[order] // day
    bucket = np.cumsum(np.diff(keys, prepend=keys[:1]) != 0)
    # So far apart that a window never reaches into another bucket.
    when = days + bucket * (int(np.ptp(days)) + 2 * lookback + 1 if len(days) else 1)
    sizes = np.searchsorted(when, when + lookback, side="right") - np.searchsorted(when, when - lookback)
    reach = np.select([sizes <= SMALL, sizes <= HOT], [SMALL - 1, WINDOW], 0)
    found = [np.zeros((0, 2), np.int64)]
    one = np.arange(len(keys))
    for step in range(1, SMALL):
        one = one[: np.searchsorted(one, len(keys) - step)]
        one = one[(when[one + step] - when[one] <= lookback) & (step <= reach[one])]
        meeting = one[step <= reach[one + step]]
        found.append(np.stack((articles[meeting], articles[meeting + step]), axis=1))
    met = np.concatenate(found)
    return Candidates(*count_pairs(met, np.ones(len(met), np.int64)), len(np.unique(bucket[sizes > HOT])))


def count_pairs(pairs: Indices, counts: Indices) -> tuple[Indices, Indices]:
    """Each pair once, its smaller number first, in ascending order, and its counts summed; no number with itself."""
    pairs, counts = pairs[pairs[:, 0] != pairs[:, 1]], counts[pairs[:, 0] != pairs[:, 1]]
    smaller, larger = np.minimum(pairs[:, 0], pairs[:, 1]), np.maximum(pairs[:, 0], pairs[:, 1])
    order = np.lexsort((larger, smaller))
    smaller, larger, counts = smaller[order], larger[order], counts[order]
    is_first = np.append(True, (smaller[1:] != smaller[:-1]) | (larger[1:] != larger[:-1]))[: len(counts)]
    first = np.flatnonzero(is_first)
    pairs = np.stack((smaller[first], larger[first]), axis=1)
    return pairs, np.add.reduceat(counts, first) if len(first) else counts
