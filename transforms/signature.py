"""What an article is compared by: a fixed record of hashes, made for a batch of articles at a time.

A ``FINGERPRINT`` answers two questions without the text. *Which articles may tell the same?* Those that share
passages of seven words (``passage_keys``). *Do they?* That is ``transforms.similarity``, which compares the phrases,
the words that carry the story, and the numbers.

Everything is computed for a batch at once with numpy, without a loop over words: about 15,000 articles a second.
All of it is deterministic, on every machine and in every batch, and the record has no padding and one byte order,
so that its bytes are a column of the tables. Whoever changes what is hashed, or how, must change its size too: by that
alone a run knows which written fingerprints it can read.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from transforms.fold import fold_text
from transforms.newswire_words import NEWSWIRE_WORDS

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CodePoints = npt.NDArray[np.uint32]
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


def sign(titles: Sequence[str | None], texts: Sequence[str]) -> Fingerprints:
    """The fingerprints of articles, in their order. Titles and texts are as ``fold_text`` gives them."""
    fingerprints = np.zeros(len(texts), FINGERPRINT)
    for start, end in _batches(texts):
        batch = fingerprints[start:end]
        text = _split([text[:LONGEST] for text in texts[start:end]])
        title = _split([(title or "")[:LONGEST] for title in titles[start:end]])
        _sign_phrases(text, batch)
        _sign_words(title, text, batch)
        _sign_numbers(text, batch)
    return fingerprints


def passage_keys(fingerprints: Fingerprints) -> tuple[Indices, Indices]:
    """The keys under which articles meet, and for each key the index of its article. At most ``PASSAGES`` a piece.

    A key is below 2^37: the class of the passage, then its hash.
    """
    rows, classes = np.nonzero(fingerprints["passages"] != NO_PASSAGE)
    return (classes << 32) | fingerprints["passages"][rows, classes].astype(np.int64), rows


def _batches(texts: Sequence[str], characters: int = 1 << 17) -> Iterator[tuple[int, int]]:
    """Slices of about so many characters, which is what a processor's cache holds."""
    start = size = 0
    for index, text in enumerate(texts):
        size += min(len(text), LONGEST) + 1
        if size >= characters:
            yield start, index + 1
            start, size = index + 1, 0
    if start < len(texts):
        yield start, len(texts)


class _Words:
    """The words of several folded texts, in one array after the other."""

    __slots__ = ("form", "is_number", "length", "number", "stem", "text")

    def __init__(  # noqa: PLR0913, PLR0917 - columns of one table
        self, text: Indices, stem: Hashes, form: Hashes, length: Indices, is_number: Mask, number: Hashes
    ) -> None:
        self.text = text
        """Index of the text that the word is in."""
        self.stem = stem
        """The hash of the word less clitics and ending."""
        self.form = form
        """The hash of the word less clitics alone."""
        self.length = length
        """Of the word, in letters."""
        self.is_number = is_number
        """Written in digits."""
        self.number = number
        """The hash of the number's digits, where the word is one, in digits or letters; else 0."""


def _split(folded: Sequence[str]) -> _Words:
    """The words of texts, each as its stem."""
    points = np.frombuffer(" ".join([*folded, ""]).encode("utf-32-le", "surrogatepass"), "<u4")
    bounds = np.cumsum(np.fromiter(map(len, folded), np.int64, len(folded)) + 1)
    inside = _inside_word(points)
    inside[bounds - 1] = False
    bounds -= np.searchsorted(np.flatnonzero(inside), bounds)
    points = points[~inside]
    letter = points != SPACE
    edges = np.flatnonzero(letter[1:] != letter[:-1]) + 1
    if letter[:1].any():
        edges = np.concatenate(([0], edges))
    starts, ends = edges[::2], edges[1::2]
    text_of = np.repeat(np.arange(len(folded)), np.diff(np.searchsorted(starts, bounds), prepend=0))
    digits = starts + _before_digits(points, starts)
    is_number = _is_digit(points[digits])
    bare, stripped = _strip(points, starts, ends)
    spans = _Spans(_unify(points))
    # What is written on to a number is a unit or an era: «1436هـ», «2015م».
    other = np.append(np.flatnonzero(~_is_digit(points)), len(points))
    digits_end = np.where(is_number, other[np.searchsorted(other, digits)], ends)
    number = _number_of(spans.hash(np.where(is_number, digits, starts), digits_end), is_number)
    stem = _unify_variants(spans.hash(bare, stripped))
    return _Words(text_of, stem, spans.hash(bare, ends), ends - starts, is_number, number)


def _inside_word(points: CodePoints) -> Mask:
    """Spaces that part no words: in numbers («3 540» is «3540», and a date one number), and after عبد and ابو."""
    inside: Mask = points == SPACE
    padded = np.concatenate((np.full(4, SPACE, points.dtype), points, np.full(1, SPACE, points.dtype)))
    digit = _is_digit(padded)
    number = digit[3:-2] & digit[5:]
    at = np.flatnonzero(inside & (padded[2:-3] == ord("ب")) & ~number)
    before, one, three = padded[at], padded[at + 1], padded[at + 3]
    name = ((one == ord("ع")) & (three == ord("د"))) | ((one == ord("ا")) & (three == ord("و")))
    inside &= number
    inside[at[name & _one_of(before, " ولب")]] = True
    return inside


def _before_digits(points: CodePoints, starts: Indices) -> Indices:
    """How many letters of a word are clitics of a number: «و597», «ب140», «ال23»; 0 where it is no such word."""
    at = np.concatenate((points, np.full(2, SPACE, points.dtype)))
    first, second, third = (at[starts + place] for place in range(3))
    one = _one_of(first, "وفبلك") & _is_digit(second)
    two = _one_of(first, "اوفل") & _one_of(second, "بل") & _is_digit(third)
    return np.select([one, two], [1, 2], 0)


def _is_digit(points: CodePoints) -> Mask:
    digit: Mask = (points >= ord("0")) & (points <= ord("9"))
    return digit


def _number_of(word: Hashes, is_number: Mask) -> Hashes:
    """For words in digits their own hash, for ``NUMBER_WORDS`` that of the digits, else 0."""
    number = np.where(is_number, word, np.uint64(0))
    may_be, spelled, value = _number_words()
    found = np.flatnonzero(may_be[word >> np.uint64(48)])
    place = np.searchsorted(spelled, word[found]).clip(max=len(spelled) - 1)
    same = spelled[place] == word[found]
    number[found[same]] = value[place[same]]
    return number


class _Spans:
    """Hashes of any slices of an array of code points: a polynomial, by differences of its running sum."""

    def __init__(self, points: CodePoints) -> None:
        powers, self._inverse = _powers(max(len(points), 1))
        self._sums = np.zeros(len(points) + 1, np.uint64)
        np.cumsum(points * powers[: len(points)], out=self._sums[1:])

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


def _runs(words: _Words, length: int) -> tuple[Indices, Hashes]:
    """Every run of ``length`` words within one text: index of the text, and hash."""
    count = max(len(words.stem) - length + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for place in range(length):
        hashes *= np.uint64(_BASE)
        hashes += words.stem[place : place + count]
    whole = words.text[:count] == words.text[length - 1 : length - 1 + count]
    return words.text[:count][whole], _mix(hashes[whole])


def _sign_phrases(words: _Words, into: Fingerprints) -> None:
    text, hashes = _runs(words, SHINGLE)
    hashes = np.minimum(hashes >> np.uint64(40), np.uint64(NO_PHRASE - 1))
    text, phrases = _distinct(text, hashes.astype(np.int64), 24)
    into["size"] = np.bincount(text, minlength=len(into))
    smallest = _smallest(text, phrases, len(into), PHRASES, NO_PHRASE)
    into["phrases_low"] = smallest & 0xFFFF
    into["phrases_high"] = smallest >> 16

    text, hashes = _runs(words, PASSAGE)
    class_ = ((hashes >> np.uint64(32)) * np.uint64(PASSAGES) >> np.uint64(32)).astype(np.int64)
    value = np.minimum(hashes & np.uint64(0xFFFFFFFF), np.uint64(NO_PASSAGE - 1)).astype(np.int64)
    passages = np.full(len(into) * PASSAGES, NO_PASSAGE, np.int64)
    np.minimum.at(passages, text * PASSAGES + class_, value)
    into["passages"] = passages.reshape(-1, PASSAGES)
    into["passages"][into["size"] < SHORTEST] = NO_PASSAGE


def _sign_words(title: _Words, text: _Words, into: Fingerprints) -> None:
    of_title, of_text = _is_telling(title), _is_telling(text)
    row = np.concatenate((title.text[of_title], text.text[of_text]))
    stem = np.concatenate((title.stem[of_title], text.stem[of_text]))
    # How often it is said in the text by this.
    times = np.repeat(np.arange(2), (of_title.sum(), of_text.sum()))
    if not len(row):
        into["words"] = NO_WORD
        return
    word = np.minimum((stem >> np.uint64(20)).astype(np.int64) & 0x3FFF, (NO_WORD >> 2) - 1)
    packed = np.sort((row << 14 | word) << 2 | times)
    word, times = packed >> 2, packed & 3
    first = np.flatnonzero(np.diff(word, prepend=-1))
    said = np.add.reduceat(times, first)
    titled = times[first] == 0  # the title sorts first
    part = np.select([said == 0, titled, said > 1], [IN_TITLE, IN_BOTH, REPEATED], IN_TEXT)
    word = word[first]
    into["words"] = _smallest(word >> 14, (word & 0x3FFF) << 2 | part, len(into), WORDS, NO_WORD)


def _sign_numbers(words: _Words, into: Fingerprints) -> None:
    is_number = words.number != 0
    hashes = np.minimum(words.number[is_number] >> np.uint64(48), np.uint64(NO_NUMBER - 1)).astype(np.int64)
    text, numbers = _distinct(words.text[is_number], hashes, 16)
    into["numbers"] = _smallest(text, numbers, len(into), NUMBERS, NO_NUMBER)


def _is_telling(words: _Words) -> Mask:
    """Whether a word may tell one story from another: names, places, things; not what every report says."""
    first, second = _twenty_bits(words.form)
    common = _common_forms()[first] & _common_forms()[second]
    return ~common & ~words.is_number & (words.length > 2)


def _twenty_bits(hashes: Hashes) -> tuple[Indices, Indices]:
    return (hashes >> np.uint64(44)).astype(np.int64), (hashes >> np.uint64(24) & np.uint64(0xFFFFF)).astype(np.int64)


def _distinct(text: Indices, hashes: Indices, bits: int) -> tuple[Indices, Indices]:
    """Distinct pairs, ascending."""
    packed = np.sort(text << bits | hashes)
    packed = packed[np.diff(packed, prepend=-1) != 0]
    return packed >> bits, packed & ((1 << bits) - 1)


def _smallest(row: Indices, values: Indices, rows: int, count: int, absent: int) -> Indices:
    """The first ``count`` values of each row; both arrays ascend. Shape (rows, count)."""
    place = np.arange(len(row)) - np.searchsorted(row, np.arange(rows))[row]
    smallest = np.full((rows, count), absent, np.int64)
    kept = place < count
    smallest[row[kept], place[kept]] = values[kept]
    return smallest


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
    for place in _twenty_bits(_split(words).form):
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
