"""Arabic text in two layers: clean text for readers, and the match form by which naba compares.

``clean_text`` keeps what was printed, less what is invisible or broken. ``fold`` goes further: spellings
that one newsroom uses for another's become equal, and every folded character knows where it came from, so
that what is found in the match form can be shown in the text as printed. ``fold_text`` keeps the words of
the match form alone, for hashing.

The table behind ``fold`` is made of camel_tools' own normalisers, applied to one character at a time, with
our additions after them (``ADDITIONS``). Running the normalisers themselves over text gives 10 MB/s and
loses the offsets. Where no offsets are asked for, nearly every text passes through an 8-bit charset of our own
(``_Charset``), made of the same functions.
"""

import codecs
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)

CodePoints = npt.NDArray[np.uint16 | np.uint32]

TATWEEL = "\N{ARABIC TATWEEL}"

ADDITIONS = {
    # Hamza on a seat: مسؤول and مسئول are one word.
    "ؤ": "و", "ئ": "ي",
    # Alefs that camel_tools leaves.
    "ٲ": "ا", "ٳ": "ا", "ٵ": "ا",
    # Persian, Urdu, Kurdish and Maghribi letters, as Arabic newsrooms write the sound.
    "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ۓ": "ي", "ێ": "ي", "ۑ": "ي",
    "ہ": "ه", "ۀ": "ه", "ە": "ه", "ھ": "ه", "ۂ": "ه", "ۃ": "ه", "ۿ": "ه",
    "ک": "ك", "ڪ": "ك", "ګ": "ك", "ڭ": "ك", "گ": "ك", "ݣ": "ك",
    "پ": "ب", "چ": "ج", "ژ": "ج", "ڤ": "ف", "ڥ": "ف", "ڢ": "ف", "ڨ": "ق", "ڧ": "ق",
    "ٹ": "ت", "ڈ": "د", "ڑ": "ر", "ڕ": "ر", "ں": "ن", "ڵ": "ل", "ۆ": "و", "ۋ": "و", "ۇ": "و", "ۈ": "و",
    # Small letters of the Quran, which are marks in all but name.
    "\N{ARABIC SMALL WAW}": "", "\N{ARABIC SMALL YEH}": "",
    # Punctuation.
    "،": ",", "؛": ";", "؟": "?", "٪": "%", "۔": ".",
    "٫": ".", "٬": ",",
    "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‟": '"', "❝": '"', "❞": '"', "〝": '"', "〞": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "ʿ": "'", "ʾ": "'", "`": "'", "′": "'",
    "‹": "'", "›": "'", "﴾": "(", "﴿": ")",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
}  # fmt: skip
"""What becomes of a character after camel_tools' normalisers, where they leave it alone."""

_DELETED = 0
_SEVERAL = 0xFFFF  # a table entry that says: look up the replacement; as a character it is itself deleted

# Where a character may change; elsewhere (CJK, Hangul, private use, most of the other planes) nothing does.
CHANGING = (
    (0x0000, 0x3400),
    (0xA000, 0xAC00),
    (0xD800, 0xE000),
    (0xFB00, 0x10000),
    (0x10EC0, 0x10F00),
    (0x1D400, 0x1D800),
    (0x1EE00, 0x1EF00),
    (0x1F000, 0x20000),
    (0xE0000, 0xE0200),
)


@dataclass(frozen=True, slots=True)
class Folded:
    """The match form of a text. ``offsets[i]`` is where in the original the folded character ``i`` began."""

    text: str
    offsets: npt.NDArray[np.int32]
    length: int
    """Of the original, in code points."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the original that became ``text[start:end]``, with the marks its letters carry.

        ``end > start``. A letter of a ligature is given the whole ligature.
        """
        at = self.offsets.item
        following = at(end) if end < len(self.offsets) else self.length
        return at(start), max(following, at(end - 1) + 1)


def fold(text: str) -> Folded:
    """The match form of ``text`` and its offsets; line feeds stay, every other space is U+0020.

    Deleted: marks, tatweel, zero-width and bidi characters, control characters, halves of surrogate pairs.
    Idempotent. 100 to 160 MB/s of UTF-8.
    """
    folded, offsets = _apply(_fold_table(), text)
    return Folded(_string(folded), offsets.astype(np.int32), len(text))


def fold_text(text: str) -> str:
    """The words of the match form, parted by single spaces: equal for reprints that spell or punctuate otherwise.

    Punctuation and symbols part words and are gone. Empty for a text without a letter or digit.
    """
    encoded = _encode(text)
    return " ".join(_string(_apply(_word_table(), text)[0]).split()) if encoded is None else _words_of(encoded)


def clean_text(text: str) -> str:
    """``text`` as printed, less what is invisible or broken.

    Zero-width, bidi and control characters, halves of surrogate pairs and noncharacters are deleted; odd
    spaces become U+0020 and runs of them one; presentation forms become letters; paragraphs are parted by
    one line feed. Idempotent.
    """
    encoded = _encode(text)
    return _tidy(_string(_apply(_clean_table(), text)[0])) if encoded is None else _clean_of(encoded, text)


def clean_and_fold(text: str) -> tuple[str, str]:
    """``clean_text`` and ``fold_text`` of ``text``, for the cost of little more than one of them."""
    encoded = _encode(text)
    if encoded is None:
        cleaned = clean_text(text)
        return cleaned, fold_text(cleaned)
    return _clean_of(encoded, text), _words_of(encoded)


def _tidy(text: str) -> str:
    """Single spaces, none at the ends of lines, and no blank lines."""
    while "  " in text:
        text = text.replace("  ", " ")
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


_MORE = (
    "٠١٢٣٤٥٦٧٨٩٪٫٬یڤٱ″\N{ARABIC LETTER SUPERSCRIPT ALEF}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
    "\N{LEFT-TO-RIGHT EMBEDDING}\N{RIGHT-TO-LEFT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}"
)
"""What newsrooms write beside the characters of windows-1256: they take the place of its control characters."""
_UNDEFINED = "\ufffe"
"""No character: so say the tables of Python's codecs."""


@dataclass(frozen=True, slots=True)
class _Charset:
    """A character a byte: enough for 98 of 100 articles, whose text then costs a fifth of what it costs by code points.

    Every character becomes one or none of its own, both in clean text and in the words of the match form.
    """

    characters: str
    encoding: Any
    """The same for ``codecs.charmap_encode``."""
    clean: bytes
    not_clean: bytes
    """What is deleted."""
    words: bytes
    not_words: bytes


@cache
def _charset() -> _Charset:
    more = iter(_MORE)
    # The first must be NUL for Python to look characters up in an array.
    listed = [
        next(more, _UNDEFINED) if character < " " and character not in "\0\t\n\r" else character
        for character in bytes(range(0x100)).decode("cp1256")
    ]
    known = {"", *listed}
    characters = "".join(c if {clean_character(c), _word_character(c)} <= known else _UNDEFINED for c in listed)
    clean, not_clean = _byte_table(characters, clean_character)
    words, not_words = _byte_table(characters, _word_character)
    return _Charset(characters, codecs.charmap_build(characters), clean, not_clean, words, not_words)


def _byte_table(characters: str, become: Callable[[str], str]) -> tuple[bytes, bytes]:
    """For ``bytes.translate``: what each byte becomes, and which are deleted."""
    became = [become(character) for character in characters]
    table = bytes(characters.index(character) for character in became)  # of none it is NUL, which is deleted
    return table, bytes(byte for byte, character in enumerate(became) if not character)


def _encode(text: str) -> bytes | None:
    """The bytes of ``text`` in our charset; ``None`` if it holds anything else."""
    try:
        return codecs.charmap_encode(text, "strict", _charset().encoding)[0]
    except UnicodeEncodeError:
        return None


def _clean_of(encoded: bytes, text: str) -> str:
    charset = _charset()
    cleaned = _one_spaced(encoded.translate(charset.clean, charset.not_clean))
    cleaned = b"\n".join(filter(None, [line.strip(b" ") for line in cleaned.split(b"\n")]))
    return text if cleaned == encoded else codecs.charmap_decode(cleaned, "strict", charset.characters)[0]


def _words_of(encoded: bytes) -> str:
    charset = _charset()
    words = _one_spaced(encoded.translate(charset.words, charset.not_words))
    return codecs.charmap_decode(words.rstrip(b" "), "strict", charset.characters)[0]


def _one_spaced(encoded: bytes) -> bytes:
    """Runs of spaces as one, and none at the start."""
    # Beyond this numpy is quicker: whatever stops at every space makes the processor guess where words end.
    if len(encoded) < 250:
        return b" ".join(filter(None, encoded.split(b" ")))
    points = np.frombuffer(b" " + encoded, dtype=np.uint8)
    is_other = points != ord(" ")
    one_spaced: bytes = points[1:][is_other[1:] | is_other[:-1]].tobytes()
    return one_spaced


@dataclass(frozen=True, slots=True)
class _CharacterTable:
    """What becomes of each character: one, none (``_DELETED``), or ``_SEVERAL`` and then see ``replacements``."""

    basic: npt.NDArray[np.uint16]
    """For the Basic Multilingual Plane."""
    replacements: dict[int, CodePoints]
    """For all that becomes several characters, and all beyond that plane that becomes another."""


def _apply(table: _CharacterTable, text: str) -> tuple[CodePoints, npt.NDArray[np.intp]]:
    """The characters that ``text`` becomes, and for each the index it came from."""
    points: CodePoints = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    if len(points) == len(text):
        became: CodePoints = table.basic.take(points, mode="wrap")
    else:  # some character is beyond the Basic Multilingual Plane
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        became = table.basic.take(np.minimum(points, 0xFFFF)).astype(np.uint32)
        for i in np.flatnonzero(points > 0xFFFF).tolist():
            became[i] = _SEVERAL if int(points[i]) in table.replacements else points[i]
    (offsets,) = became.nonzero()  # all but _DELETED
    if len(offsets) < len(became):
        became = became.take(offsets)
    (several,) = (became == _SEVERAL).nonzero()
    if len(several):
        return _expand(table, points, became, offsets, several.tolist())
    return became, offsets


def _expand(
    table: _CharacterTable,
    points: CodePoints,
    became: CodePoints,
    offsets: npt.NDArray[np.intp],
    several: Sequence[int],
) -> tuple[CodePoints, npt.NDArray[np.intp]]:
    """Put in the replacements of several characters, at the places ``several``."""
    lengths = np.ones(len(became), dtype=np.intp)
    parts = []
    done = 0
    for i in several:
        replacement = table.replacements[int(points[offsets[i]])]
        lengths[i] = len(replacement)
        parts += [became[done:i], replacement]
        done = i + 1
    expanded = np.concatenate([*parts, became[done:]]).astype(became.dtype)
    return expanded, np.repeat(offsets, lengths)


def _string(points: CodePoints) -> str:
    return str(points.data, "utf-16-le" if points.dtype == np.uint16 else "utf-32-le")


def _make_table(become: Callable[[str], str]) -> _CharacterTable:
    basic = np.arange(0x10000, dtype=np.uint16)
    replacements: dict[int, CodePoints] = {}
    for point in (point for low, high in CHANGING for point in range(low, high)):
        became = become(chr(point))
        if point <= 0xFFFF and len(became) < 2:
            basic[point] = ord(became) if became else _DELETED
        elif became != chr(point):
            replacements[point] = np.frombuffer(became.encode("utf-32-le"), dtype=np.uint32)
            if point <= 0xFFFF:
                basic[point] = _SEVERAL
    return _CharacterTable(basic, replacements)


@cache
def _fold_table() -> _CharacterTable:
    return _make_table(fold_character)


@cache
def _word_table() -> _CharacterTable:
    return _make_table(_word_character)


def _word_character(character: str) -> str:
    """What one character becomes in ``fold_text``; a sign that folds to several parts words as one does."""
    became = "".join(map(_separate, fold_character(character)))
    return " " if became.isspace() else became


def _separate(character: str) -> str:
    """A letter, digit or mark as it is; a space for all else."""
    return character if character.isalnum() or unicodedata.category(character)[0] == "M" else " "


@cache
def _clean_table() -> _CharacterTable:
    return _make_table(clean_character)


def fold_character(character: str) -> str:
    """What one character becomes in the match form: nothing, one character or several."""
    if (space := _space(character)) is not None:
        return space
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs"} or _is_noncharacter(character):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    return "".join(_fold_plain(part) for part in _decompose(character))


def clean_character(character: str) -> str:
    """What one character becomes in clean text: nothing, one character or several."""
    if (space := _space(character)) is not None:
        return space
    category = unicodedata.category(character)
    # Format characters are invisible, save the signs that enclose a number or mark the end of a verse.
    if category in {"Cc", "Cs"} or _is_noncharacter(character) or (category == "Cf" and not _is_sign(character)):
        return ""
    return str(normalize_unicode(character)).strip() if _is_presentation_form(character) else character


def _space(character: str) -> str | None:
    if character in "\n\r\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        return "\n"
    return " " if character.isspace() and character not in "\x1c\x1d\x1e\x1f" else None


def _is_sign(character: str) -> bool:
    return unicodedata.bidirectional(character) in {"AN", "AL"} and character != "\N{ARABIC LETTER MARK}"


def _is_presentation_form(character: str) -> bool:
    return "\ufb50" <= character < "\ufe00" or "\ufe70" <= character < "\ufeff"


def _decompose(character: str) -> str:
    """Ligatures and presentation forms to letters, é to e; a space that only carries a mark is dropped."""
    composed: str = normalize_unicode(character)
    if composed != character:
        composed = composed.strip()
    return "".join(_without_accent(part) for part in composed)


def _without_accent(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter)
    return parts[0] if parts[0].isascii() else letter


def _fold_plain(character: str) -> str:
    letter: str = normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(dediac_ar(character))))
    if not letter or letter == TATWEEL or _is_deleted_mark(letter):
        return ""
    letter = ADDITIONS.get(letter, letter)
    lower = letter.lower()
    return lower if len(lower) == len(letter) else letter


def _is_deleted_mark(character: str) -> bool:
    """Marks on Arabic and Latin letters, and variation selectors; other scripts need theirs."""
    is_mark = unicodedata.category(character)[0] == "M"
    return is_mark and unicodedata.name(character).startswith(("ARABIC", "COMBINING", "VARIATION SELECTOR"))


def _is_noncharacter(character: str) -> bool:
    point = ord(character)
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point < 0xFDF0
