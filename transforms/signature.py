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
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.fold import fold_text
from transforms.newswire_words import NEWSWIRE_WORDS

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CodePoints = npt.NDArray[np.uint32]
Codes = npt.NDArray[np.uint32]
"""Hashes cut down to some bits, with the row they belong to above them or without."""
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
NO_NUMBER = 0xFFFF

# The part a telling word plays. What is said again, or in headline and text, is what the article is about.
IN_TITLE, IN_TEXT, REPEATED, IN_BOTH = range(4)

NUMBER_WORDS = {
    3: "ثلاث ثلاثة ثالث ثالثة", 4: "أربع أربعة رابع رابعة", 5: "خمس خمسة خامس خامسة", 6: "ست ستة سادس سادسة",
    7: "سبع سبعة سابع سابعة", 8: "ثمان ثماني ثمانية ثامن ثامنة", 9: "تسع تسعة تاسع تاسعة",
    10: "عشر عشرة عاشر عاشرة", 20: "عشرون عشرين", 30: "ثلاثون ثلاثين", 40: "أربعون أربعين", 50: "خمسون خمسين",
    60: "ستون ستين", 70: "سبعون سبعين", 80: "ثمانون ثمانين", 90: "تسعون تسعين",
}  # fmt: skip
"""One outlet writes 4, another أربعة; the sixth aid flight is not the fourth. One and two are mostly something else."""


ALTERNATIVES = {"غ": "ج"}
"""Letters that one newsroom writes for another's: إنغلترا and إنجلترا."""

VARIANTS = {"اميرك": "امريك", "مسيول": "مسوول", "شيون": "شوون"}
"""Stems of words with two spellings that neither folding nor ``ALTERNATIVES`` unites: مسؤول and مسئول."""

SPACE = ord(" ")

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
    counts, places, words = _split(said)
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


class _Words(NamedTuple):
    """Properties of words, a column each."""

    stem: Hashes
    """The hash of the word less clitics and ending."""
    form: Hashes
    """The hash of the word less clitics alone."""
    length: Indices
    """Of the word, in letters."""
    is_number: Mask
    """Written in digits."""
    number: Codes
    """The hash of the number's digits, where the word is one, in digits or letters; else ``NO_NUMBER``."""


def _split(folded: Sequence[str]) -> tuple[Indices, Indices, _Words]:
    """How many words each text has; the place of each word in a table; and the table, which has a word but once."""
    points = np.frombuffer(" ".join([*folded, ""]).encode("utf-32-le", "surrogatepass"), "<u4")
    bounds = np.cumsum(np.fromiter(map(len, folded), np.int64, len(folded)) + 1)
    last = _spaces_after_words(points, bounds)
    counts = np.diff(np.searchsorted(last, bounds), prepend=0)
    offsets = np.append(0, last + 1).astype(np.int32) * np.int32(points.itemsize)
    words = pa.Array.from_buffers(pa.binary(), len(last), [None, pa.py_buffer(offsets), pa.py_buffer(points)])
    words = words.dictionary_encode()
    return counts, words.indices.to_numpy().astype(np.int64), _read(words.dictionary)


def _spaces_after_words(points: CodePoints, bounds: Indices) -> Indices:
    """Where words end, given where texts do.

    Some spaces part no words: in numbers («3 540» is «3540», and a date one number), and after عبد and ابو.
    """
    spaces = np.flatnonzero(points == SPACE)
    before = points[spaces - 1]
    inside = _is_digit(before)
    inside[inside] = _is_digit(points.take(spaces[inside] + 1, mode="clip"))
    at = np.flatnonzero(_one_of(before, "دو"))
    # Before the first text stands, by "wrap", the space after the last.
    clitic, one, two, three = (points.take(spaces[at] - back, mode="wrap") for back in (4, 3, 2, 1))
    name = ((one == ord("ع")) & (three == ord("د"))) | ((one == ord("ا")) & (three == ord("و")))
    inside[at[name & (two == ord("ب")) & _one_of(clitic, " ولب")]] = True
    inside[np.searchsorted(spaces, bounds - 1)] = False
    after_word = before != SPACE
    after_word[1:] |= inside[:-1]
    last: Indices = spaces[after_word & ~inside]
    return last


def _read(words: pa.BinaryArray) -> _Words:
    """The properties of words, each in UTF-32 with the spaces before, in and after it."""
    _, offsets, points = (np.frombuffer(buffer or b"", "<u4") for buffer in words.buffers())
    last = offsets[1 : len(words) + 1].astype(np.int64) // 4 - 1
    points = points[: last[-1] + 1 if len(last) else 0]
    # Of the spaces only the last one, by which words are told apart, is kept.
    letter = points != SPACE
    letter[last] = True
    within = np.searchsorted(last, np.flatnonzero(~letter))
    points = points[letter]
    ends = last - np.cumsum(np.bincount(within, minlength=len(last)))
    starts = np.append(0, ends + 1)[: len(ends)]
    digit = _is_digit(points)
    is_number = np.zeros(len(starts), bool)
    digits, digits_end = starts.copy(), ends.copy()
    with_digits = np.unique(np.searchsorted(ends, np.flatnonzero(digit)))
    digits[with_digits] += _before_digits(points, starts[with_digits])
    is_number[with_digits] = digit[digits[with_digits]]
    # What is written on to a number is a unit or an era: «1436هـ», «2015م».
    after = np.flatnonzero(digit[:-1] & ~digit[1:]) + 1
    digits_end[is_number] = after[np.searchsorted(after, digits[is_number])]
    bare, stripped = _strip(points, starts, ends)
    spans = _Spans(_unify(points))
    number = _number_of(spans.hash(digits, digits_end), is_number)
    stem = _unify_variants(spans.hash(bare, stripped))
    return _Words(stem, spans.hash(bare, ends), ends - starts, is_number, number)


def _before_digits(points: CodePoints, starts: Indices) -> Indices:
    """How many letters of a word are clitics of a number: «و597», «ب140», «ال23»; 0 where it is no such word."""
    first, second, third = (points.take(starts + place, mode="clip") for place in range(3))
    one = _one_of(first, "وفبلك") & _is_digit(second)
    two = _one_of(first, "اوفل") & _one_of(second, "بل") & _is_digit(third)
    return np.select([one, two], [1, 2], 0)


def _is_digit(points: CodePoints) -> Mask:
    digit: Mask = (points >= ord("0")) & (points <= ord("9"))
    return digit


def _number_of(word: Hashes, is_number: Mask) -> Codes:
    """For words in digits their own hash, for ``NUMBER_WORDS`` that of the digits, else ``NO_NUMBER``."""
    number = np.where(is_number, word, np.uint64(0))
    may_be, spelled, value = _number_words()
    found = np.flatnonzero(may_be[word >> np.uint64(48)])
    place = np.searchsorted(spelled, word[found]).clip(max=len(spelled) - 1)
    same = spelled[place] == word[found]
    number[found[same]] = value[place[same]]
    return np.where(number == 0, NO_NUMBER, np.minimum(number >> np.uint64(48), NO_NUMBER - 1)).astype(np.uint32)


class _Spans:
    """Hashes of any slices of an array of code points: a polynomial, by differences of its running sum."""

    def __init__(self, points: CodePoints) -> None:
        powers, self._inverse = _powers(max(len(points), 1))
        self._sums = np.zeros(len(points) + 1, np.uint64)
        self._sums[1:] = points
        self._sums[1:] *= powers[: len(points)]
        np.cumsum(self._sums, out=self._sums)

    def hash(self, starts: Indices, ends: Indices) -> Hashes:
        return _mix((self._sums[ends] - self._sums[starts]) * self._inverse[starts])


_BASE = 0x9E3779B97F4A7C15


def _powers(count: int) -> tuple[Hashes, Hashes]:
    return _powers_to(1 << (count - 1).bit_length())


@cache
def _powers_to(count: int) -> tuple[Hashes, Hashes]:
    """The powers of an odd number modulo 2^64, and those of its inverse."""
    powers = np.full((2, count), _BASE, np.uint64)
    powers[1] = pow(_BASE, -1, 1 << 64)
    powers[:, 0] = 1
    np.cumprod(powers, axis=1, out=powers)
    return powers[0], powers[1]


def _mix(hashes: Hashes) -> Hashes:
    """The finisher of splitmix64: every bit of the input moves every bit of the output."""
    hashes = hashes ^ (hashes >> np.uint64(30))
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    return hashes


def _unify(points: CodePoints) -> CodePoints:
    """``points`` with one letter for each of ``ALTERNATIVES``."""
    unified = points.copy()
    for letter, other in ALTERNATIVES.items():
        unified[points == ord(letter)] = ord(other)
    return unified


def _unify_variants(stem: Hashes) -> Hashes:
    for variant, usual in _variants():
        stem[stem == variant] = usual
    return stem


def _strip(points: CodePoints, starts: Indices, ends: Indices) -> tuple[Indices, Indices]:
    """Spans of words less clitics and endings: not the stem of a grammar, but one for most forms of a word.

    What a copy editor changes («بالمنطقة», «المنطقة») should be gone, and the name should stay. Never shorter than
    three letters, unless the word is.
    """
    at = np.concatenate((points.astype(np.uint16), np.zeros(3, np.uint16)))
    first, second, third, fourth = (at[starts + place] for place in range(4))
    length = ends - starts
    alef, lam = ord("ا"), ord("ل")
    conjunction = _one_of(first, "وف")
    article = (second == alef) & (third == lam)
    # «وبال…»; «وال…», «بال…», «ولل…»; «ال…», «لل…»; one letter.
    clitics = np.maximum.reduce(
        (
            (conjunction & _one_of(second, "بك") & (third == alef) & (fourth == lam) & (length > 6)) * np.int8(4),
            ((conjunction | _one_of(first, "بكل")) & article & (length > 5)) * np.int8(3),
            (conjunction & (second == lam) & (third == lam) & (length > 5)) * np.int8(3),
            (((first == alef) | (first == lam)) & (second == lam) & (length > 4)) * np.int8(2),
            ((conjunction | _one_of(first, "بل")) & (length > 4)) * np.int8(1),
        )
    )
    length -= clitics
    last, before = at[ends - 1], at[ends - 2]
    two = (
        ((before == ord("ه")) & _one_of(last, "ام"))
        | ((before == alef) & _one_of(last, "نت"))
        | ((before == ord("و")) & (last == ord("ن")))
        | ((before == ord("ي")) & _one_of(last, "نها"))
        | ((before == ord("ن")) & (last == alef))
        | ((before == ord("ت")) & (last == ord("ه")))
    )
    endings = np.maximum((two & (length > 4)) * np.int8(2), (_one_of(last, "هيات") & (length > 3)) * np.int8(1))
    return starts + clitics, ends - endings


def _one_of(letters: npt.NDArray[np.unsignedinteger[Any]], among: str) -> Mask:
    matches: Mask = letters == ord(among[0])
    for letter in among[1:]:
        matches |= letters == ord(letter)
    return matches


def _append(runs: Hashes, following: Hashes) -> Hashes:
    """The polynomials of runs of words with one more, which is ``following``."""
    longer = runs[: len(following)] * np.uint64(_BASE)
    longer += following
    return longer


def _within(row: Codes, runs: Hashes) -> tuple[Codes, Hashes]:
    """The rows of runs of words that are within one text, and their hashes; ``row`` is of words."""
    whole = row[: len(runs)] == row[len(row) - len(runs) :]
    return row[: len(runs)][whole], _mix(runs[whole])


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


def _telling(words: _Words) -> Codes:
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


def _hash(words: Sequence[str]) -> Hashes:
    """The hashes of whole strings."""
    points = _unify(np.frombuffer("".join(words).encode("utf-32-le"), "<u4"))
    ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
    return _Spans(points).hash(np.concatenate(([0], ends[:-1])).astype(np.int64)[: len(words)], ends)


@cache
def _common_forms() -> Mask:
    """A Bloom filter of the forms of ``NEWSWIRE_WORDS``: of all other words one in 3,000 passes.

    Forms and not stems, for the stems of names are often those of common words: اليمن and ترك, تركيا.
    """
    words = fold_text(NEWSWIRE_WORDS).split()
    words += [f"{word[:-1]}ت{pronoun}" for word in words if word[-1] == "ه" for pronoun in ("ه", "ها", "هم")]
    words += [word + ending for word in words if word[-1] not in "هاي" for ending in ("ه", "ا", "ها", "هم")]
    # Of words too short for ``_strip``, every form with a clitic.
    words += [clitic + word for word in words if len(word) < 4 for clitic in ("و", "ف", "ب", "ل", "ول", "وب")]
    common = np.zeros(1 << 20, bool)
    for place in _twenty_bits(_split(words)[2].form):
        common[place] = True
    return common


@cache
def _number_words() -> tuple[Mask, Hashes, Hashes]:
    """Hashes of the words for numbers, ascending, and of the same in digits; before them, which first 16 bits occur."""
    spelled = [
        (prefix + fold_text(word), str(value))
        for value, words in NUMBER_WORDS.items()
        for word in words.split()
        for prefix in ("", "ال", "و", "وال")
    ]
    hashes = _hash([word for word, _ in spelled])
    order = np.argsort(hashes)
    may_be = np.zeros(1 << 16, bool)
    may_be[hashes >> np.uint64(48)] = True
    return may_be, hashes[order], _hash([value for _, value in spelled])[order]


@cache
def _variants() -> list[tuple[np.uint64, np.uint64]]:
    return list(zip(_hash(list(VARIANTS)), _hash(list(VARIANTS.values())), strict=True))
