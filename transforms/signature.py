"""What an article is compared by: a fixed record of hashes, made for a batch of articles at a time.

A ``FINGERPRINT`` answers two questions without the text. *Which articles may tell the same?* Those that share
passages of seven words (``passage_keys``). *Do they?* That is ``transforms.similarity``, which compares the phrases,
the words that carry the story, and the numbers.

Everything is computed for a batch at once with numpy, without a loop over words, and a word that repeats is looked at
once: 18,000 articles of 1,500 characters a second, or 45,000 of 760.
All of it is deterministic, on every machine and in every batch, and the record has no padding and one byte order,
so that its bytes are a column of the tables. Whoever changes what is hashed, or how, must change its size too: by that
alone a run knows which written fingerprints it can read.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from transforms.fold import fold_text
from transforms.newswire_words import NEWSWIRE_WORDS
from transforms.stems import BASE, NO_NUMBER, Codes, Hashes, Indices, Mask, Words, mix, split_words

Fingerprints = npt.NDArray[np.void]
"""An array of ``FINGERPRINT``."""

SHINGLE = 3
"""Words in a phrase. Longer ones miss edited reprints, shorter ones are shared by strangers."""
PASSAGE = 7
"""Words in a passage: long enough that two texts which share one have it from one source."""
SHORTEST = 20
"""An article of fewer phrases is never compared: what so short a text shares, it shares by chance."""
LONGEST = 200_000
"""Characters of a text that are looked at."""

PASSAGES = 32
PHRASES = 96
WORDS = 64
NUMBERS = 12

FINGERPRINT = np.dtype(
    [
        ("size", "<u4"),  # distinct phrases of the text
        ("passages", "<u4", PASSAGES),  # of each of PASSAGES classes, the smallest hash of a passage of the text
        ("phrases_low", "<u2", PHRASES),  # the smallest 24-bit hashes of phrases of the text, ascending:
        ("phrases_high", "u1", PHRASES),  #   their low 16 and their high 8 bits
        ("words", "<u2", WORDS),  # the smallest (14-bit hash << 2 | part) of telling words, ascending
        ("numbers", "<u2", NUMBERS),  # the smallest 16-bit hashes of numbers of the text, ascending
    ]
)
"""572 bytes. Places beyond the last hash of a field hold its largest value, which is no hash."""

NO_PASSAGE = 0xFFFFFFFF
NO_PHRASE = 0xFFFFFF
NO_WORD = 0xFFFF

# The part a telling word plays. What is said again, or in headline and text, is what the article is about.
IN_TITLE, IN_TEXT, REPEATED, IN_BOTH = range(4)

ROWS = 256
"""Articles that are signed at once: a row, and a hash of 24 bits, fill 32 bits."""


def sign(titles: Sequence[str | None], texts: Sequence[str]) -> Fingerprints:
    """The fingerprints of articles, in their order. Titles and texts are as ``fold_text`` gives them."""
    fingerprints = np.zeros(len(texts), FINGERPRINT)
    for start, end in _batches(titles, texts):
        said = [(said or "")[:LONGEST] for said in (*titles[start:end], *texts[start:end])]
        _sign_batch(said, fingerprints[start:end])
    return fingerprints


def _sign_batch(said: Sequence[str], into: Fingerprints) -> None:
    """Sign articles, given all titles and then all texts."""
    counts, places, words = split_words(said)
    telling = _telling(words)
    edges = np.append(0, np.cumsum(counts))
    for start in range(0, len(into), ROWS):
        some = into[start : start + ROWS]
        rows = np.arange(len(some), dtype=np.uint32)
        (title, in_title), (text, in_text) = (
            (np.repeat(rows, counts[at : at + len(some)]), places[edges[at] : edges[at + len(some)]])
            for at in (start, len(into) + start)
        )
        _sign_words(title << np.uint32(16) | telling[in_title], text << np.uint32(16) | telling[in_text], some)
        _sign_phrases(text, words.stem[in_text], some)
        _sign_numbers(text << np.uint32(16) | words.number[in_text], some)


def passage_keys(fingerprints: Fingerprints) -> tuple[Indices, Indices]:
    """The keys under which articles meet, and for each key the index of its article. At most ``PASSAGES`` a piece.

    A key is below 2^37: the class of the passage, then its hash.
    """
    rows, classes = np.nonzero(fingerprints["passages"] != NO_PASSAGE)
    return (classes << 32) | fingerprints["passages"][rows, classes].astype(np.int64), rows


def _batches(
    titles: Sequence[str | None], texts: Sequence[str], characters: int = 1 << 20
) -> Iterator[tuple[int, int]]:
    """Slices of about so many characters. The more, the more often a word is met again; 25 bytes are held for each."""
    start = size = 0
    for index, (title, text) in enumerate(zip(titles, texts, strict=True)):
        size += min(len(title or ""), LONGEST) + min(len(text), LONGEST) + 1
        if size >= characters:
            yield start, index + 1
            start, size = index + 1, 0
    if start < len(texts):
        yield start, len(texts)


def _append(runs: Hashes, following: Hashes) -> Hashes:
    """The polynomials of runs of words with one more, which is ``following``."""
    longer = runs[: len(following)] * np.uint64(BASE)
    longer += following
    return longer


def _within(row: Codes, runs: Hashes) -> tuple[Codes, Hashes]:
    """The rows of runs of words that are within one text, and their hashes; ``row`` is of words."""
    whole = row[: len(runs)] == row[len(row) - len(runs) :]
    return row[: len(runs)][whole], mix(runs[whole])


def _sign_phrases(row: Codes, stem: Hashes, into: Fingerprints) -> None:
    runs = stem
    for place in range(1, SHINGLE):
        runs = _append(runs, stem[place:])
    of, hashes = _within(row, runs)
    hashes = np.minimum(hashes >> np.uint64(40), np.uint64(NO_PHRASE - 1))
    phrases = _distinct(of << np.uint32(24) | hashes.astype(np.uint32))
    smallest, into["size"] = _smallest(phrases, 24, len(into), PHRASES, NO_PHRASE)
    into["phrases_low"] = smallest & 0xFFFF
    into["phrases_high"] = smallest >> 16

    for place in range(SHINGLE, PASSAGE):
        runs = _append(runs, stem[place:])
    of, hashes = _within(row, runs)
    class_ = ((hashes >> np.uint64(32)) * np.uint64(PASSAGES) >> np.uint64(32)).astype(np.int64)
    value = np.minimum(hashes & np.uint64(0xFFFFFFFF), np.uint64(NO_PASSAGE - 1)).astype(np.uint32)
    passages = np.full(len(into) * PASSAGES, NO_PASSAGE, np.uint32)
    np.minimum.at(passages, of * PASSAGES + class_, value)
    into["passages"] = passages.reshape(-1, PASSAGES)
    into["passages"][into["size"] < SHORTEST] = NO_PASSAGE


def _sign_words(title: Codes, text: Codes, into: Fingerprints) -> None:
    """Given, with their rows, the telling words of titles and of texts; and ``NO_WORD`` for the others."""
    said = np.concatenate((title, text | np.uint32(1)))
    said = np.sort(said[said & np.uint32(0xFFFF) != NO_WORD])
    word = said >> np.uint32(2)
    first = np.flatnonzero(_differs(word))
    last = np.append(first[1:], len(word))[: len(first)] - 1
    in_text = np.where(said[first] & 1 == 0, IN_BOTH, np.where(first < last, REPEATED, IN_TEXT))  # titles sort first
    part = np.where(said[last] & 1 == 0, IN_TITLE, in_text)
    parts = word[first] << np.uint32(2) | part.astype(np.uint32)
    into["words"], _ = _smallest(parts, 16, len(into), WORDS, NO_WORD)


def _sign_numbers(numbers: Codes, into: Fingerprints) -> None:
    """Given, with their rows, the numbers of texts; and ``NO_NUMBER`` for other words."""
    numbers = _distinct(numbers[numbers & np.uint32(0xFFFF) != NO_NUMBER])
    into["numbers"], _ = _smallest(numbers, 16, len(into), NUMBERS, NO_NUMBER)


def _telling(words: Words) -> Codes:
    """What may tell one story from another: names, places, things; not what every report says (``NO_WORD``)."""
    first, second = _twenty_bits(words.form)
    common = _common_forms()[first] & _common_forms()[second]
    code = np.minimum(words.stem >> np.uint64(20) & np.uint64(0x3FFF), np.uint64((NO_WORD >> 2) - 1)) << np.uint64(2)
    return np.where(common | words.is_number | (words.length <= 2), NO_WORD, code).astype(np.uint32)


def _twenty_bits(hashes: Hashes) -> tuple[Indices, Indices]:
    return (hashes >> np.uint64(44)).astype(np.int64), (hashes >> np.uint64(24) & np.uint64(0xFFFFF)).astype(np.int64)


def _distinct(codes: Codes) -> Codes:
    """Ascending."""
    codes = np.sort(codes)
    return codes[_differs(codes)]


def _differs(codes: Codes) -> Mask:
    """Whether each is another than the one before."""
    differs = np.ones(len(codes), bool)
    np.not_equal(codes[1:], codes[:-1], out=differs[1:])
    return differs


def _smallest(codes: Codes, bits: int, rows: int, count: int, absent: int) -> tuple[Codes, Indices]:
    """The first ``count`` values of each row, shape (rows, count), and how many it has.

    Codes ascend; each is a row, and a value in its lowest ``bits``.
    """
    starts = np.searchsorted(codes, np.arange(rows, dtype=np.uint32) << np.uint32(bits))
    ends = np.append(starts[1:], len(codes))
    place = starts[:, None] + np.arange(count)
    smallest = np.append(codes, 0).astype(np.uint32).take(place, mode="clip") & np.uint32((1 << bits) - 1)
    smallest[place >= ends[:, None]] = absent
    return smallest, ends - starts


@cache
def _common_forms() -> Mask:
    """A Bloom filter of the forms of ``NEWSWIRE_WORDS``: of all other words one in 3,000 passes.

    Forms and not stems, for the stems of names are often those of common words: اليمن and ترك, تركيا.
    """
    words = fold_text(NEWSWIRE_WORDS).split()
    words += [f"{word[:-1]}ت{pronoun}" for word in words if word[-1] == "ه" for pronoun in ("ه", "ها", "هم")]
    words += [word + ending for word in words if word[-1] not in "هاي" for ending in ("ه", "ا", "ها", "هم")]
    # Of words too short for ``transforms.stems`` to strip, every form with a clitic.
    words += [clitic + word for word in words if len(word) < 4 for clitic in ("و", "ف", "ب", "ل", "ول", "وب")]
    common = np.zeros(1 << 20, bool)
    for place in _twenty_bits(split_words(words)[2].form):
        common[place] = True
    return common
