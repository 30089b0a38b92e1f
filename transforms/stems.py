"""The words of folded texts as hashes: of their stems, their forms and their numbers.

What a copy editor changes in a word is taken off, and what spelling leaves open is united, so that a word hashes to the
same in every newsroom. All is computed for a batch of texts at once with numpy; a word that repeats is looked at once.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.fold import fold_text

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CodePoints = npt.NDArray[np.uint32]
Codes = npt.NDArray[np.uint32]
"""Hashes cut down to some bits, with the row they belong to above them or without."""

NO_NUMBER = 0xFFFF
"""As the hash of a number: the word is none."""

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


class Words(NamedTuple):
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


def split_words(folded: Sequence[str]) -> tuple[Indices, Indices, Words]:
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


def _read(words: pa.BinaryArray) -> Words:
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
    return Words(stem, spans.hash(bare, ends), ends - starts, is_number, number)


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
        return mix((self._sums[ends] - self._sums[starts]) * self._inverse[starts])


BASE = 0x9E3779B97F4A7C15


def _powers(count: int) -> tuple[Hashes, Hashes]:
    return _powers_to(1 << (count - 1).bit_length())


@cache
def _powers_to(count: int) -> tuple[Hashes, Hashes]:
    """The powers of an odd number modulo 2^64, and those of its inverse."""
    powers = np.full((2, count), BASE, np.uint64)
    powers[1] = pow(BASE, -1, 1 << 64)
    powers[:, 0] = 1
    np.cumprod(powers, axis=1, out=powers)
    return powers[0], powers[1]


def mix(hashes: Hashes) -> Hashes:
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


def hash_words(words: Sequence[str]) -> Hashes:
    """The hashes of whole strings."""
    points = _unify(np.frombuffer("".join(words).encode("utf-32-le"), "<u4"))
    ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
    return _Spans(points).hash(np.concatenate(([0], ends[:-1])).astype(np.int64)[: len(words)], ends)


@cache
def _number_words() -> tuple[Mask, Hashes, Hashes]:
    """Hashes of the words for numbers, ascending, and of the same in digits; before them, which first 16 bits occur."""
    spelled = [
        (prefix + fold_text(word), str(value))
        for value, words in NUMBER_WORDS.items()
        for word in words.split()
        for prefix in ("", "ال", "و", "وال")
    ]
    hashes = hash_words([word for word, _ in spelled])
    order = np.argsort(hashes)
    may_be = np.zeros(1 << 16, bool)
    may_be[hashes >> np.uint64(48)] = True
    return may_be, hashes[order], hash_words([value for _, value in spelled])[order]


@cache
def _variants() -> list[tuple[np.uint64, np.uint64]]:
    return list(zip(hash_words(list(VARIANTS)), hash_words(list(VARIANTS.values())), strict=True))
