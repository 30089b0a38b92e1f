"""A field of an article as the tagger reads it: its words, and the places where an alias stands."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from schemas.actors import Alias
from schemas.mention import Field
from transforms.fold import CodePoints, fold

_BOUNDARY = frozenset(".,:;!?\n()[]{}|/")
_QUOTES = frozenset("\"'")


class Passage:
    """A folded field of an article, cut into words: runs of letters and digits."""

    __slots__ = ("_dotless", "content", "edges", "ends", "field", "folded", "points", "previous", "starts")

    def __init__(self, name: Field, content: str) -> None:
        self.field = name
        self.content = content
        self.folded = fold(content)
        self.points = _points(self.folded.text)
        """The characters of the match form."""
        self.edges = _edges(self.points)
        """Where the first word begins, where it ends, where the second begins, …"""
        # Of most words nobody asks: to look into the array is cheaper than to make lists of it.
        self.starts = self.edges[::2].data
        self.ends = self.edges[1::2].data
        self.previous: Spot | None = None
        """The last spot that was found in it so far."""
        self._dotless: bool | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def word(self, i: int) -> str:
        """Word ``i``, which is there."""
        return self.folded.text[self.starts[i] : self.ends[i]]

    def words(self, start: int, end: int) -> list[str]:
        """Those of the words ``start`` to ``end``, exclusive, that are there."""
        return [self.word(i) for i in range(max(0, start), min(end, len(self.starts)))]

    def gap(self, i: int) -> str:
        """What stands between word ``i - 1`` and word ``i``."""
        return self.folded.text[self.ends[i - 1] : self.starts[i]]

    def printed(self, i: int) -> str:
        """Word ``i`` as it was printed."""
        start, end = self.folded.span(self.starts[i], self.ends[i])
        return self.content[start:end]

    def before(self, i: int) -> str:
        """The word before word ``i``, or nothing where punctuation parts them or there is none."""
        return self.word(i - 1) if i > 0 and self._are_together(i) else ""

    def after(self, i: int) -> str:
        """The word after word ``i``, or nothing where punctuation parts them or there is none."""
        return self.word(i + 1) if i + 1 < len(self.starts) and self._are_together(i + 1) else ""

    def writes_yaa_without_dots(self) -> bool:
        """Whether the text writes every final yaa without dots, as far as its commonest word tells."""
        if self._dotless is None:
            self._dotless = " فى " in self.content
        return self._dotless

    def _are_together(self, i: int) -> bool:
        gap = self.gap(i)
        return gap == " " or _BOUNDARY.isdisjoint(gap)


def _points(text: str) -> CodePoints:
    points: CodePoints = np.frombuffer(text.encode("utf-16-le"), dtype=np.uint16)
    return points if len(points) == len(text) else np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _edges(points: CodePoints) -> npt.NDArray[np.intp]:
    """Where words begin and end, in turn."""
    is_letter = np.zeros(len(points) + 2, dtype=np.bool_)
    if points.dtype == np.uint16:
        _letters().take(points, out=is_letter[1:-1], mode="clip")
    else:  # some character is beyond the Basic Multilingual Plane
        distinct, which = np.unique(points, return_inverse=True)
        is_letter[1:-1] = np.fromiter(map(_is_letter, distinct.tolist()), dtype=np.bool_).take(which)
    edges: npt.NDArray[np.intp] = (is_letter[1:] != is_letter[:-1]).nonzero()[0]
    return edges


@cache
def _letters() -> npt.NDArray[np.bool_]:
    """Which characters of the Basic Multilingual Plane are part of words."""
    return np.fromiter(map(_is_letter, range(0x10000)), dtype=np.bool_)


def _is_letter(point: int) -> bool:
    """Letters, digits and marks; private characters too, since what they stand for is not known."""
    character = chr(point)
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc", "Me", "Co"}


@dataclass(slots=True)
class Spot:
    """Words ``first`` to ``last`` of a passage, which are an alias; ``senses`` is what they may mean."""

    passage: Passage
    first: int
    last: int
    senses: tuple[Alias, ...]
    form: str
    clitic: str
    definite: bool
    """Whether the article was written onto an alias that does not hold it."""
    span: tuple[int, int]
    """In the folded text, without clitics."""
    previous: "Spot | None"
    before: str
    """The word before it, or nothing where punctuation parts them."""
    _original: tuple[int, int] | None = None

    @property
    def glued(self) -> bool:
        """Whether it is part of a word that has lost a space."""
        start, end = self.passage.starts[self.first], self.passage.ends[self.last]
        return self.span[1] < end or self.span[0] - start > len(self.clitic) + 2

    @property
    def second_before(self) -> str:
        """The word before that."""
        return self.passage.before(self.first - 1) if self.before else ""

    @property
    def after(self) -> str:
        """The word after it, or nothing where punctuation parts them."""
        return self.passage.after(self.last)

    @property
    def is_definite(self) -> bool:
        """Whether it has the article, its own or one written onto it."""
        return self.definite or self.form.startswith("ال")

    @property
    def follows_another(self) -> bool:
        """Whether it is joined by «and» to the alias before it."""
        return self.previous is not None and self.previous.last == self.first - 1 and self.clitic.startswith("و")

    @property
    def is_quoted(self) -> bool:
        """Whether it stands alone in quotation marks, as the name of a newspaper does."""
        start, end = self.span
        text = self.passage.folded.text
        return text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES

    def original_span(self) -> tuple[int, int]:
        """Where it is in the field as printed."""
        if self._original is None:
            self._original = self.passage.folded.span(*self.span)
        return self._original

    @property
    def printed(self) -> str:
        """The alias as it was printed, marks and all."""
        start, end = self.original_span()
        return self.passage.content[start:end]


@dataclass(slots=True)
class Evidence:
    """What is known of the article, before the spots that depend on it are decided."""

    day: date
    """Of its publication."""
    passages: Sequence[Passage]
    codes: Counter[str] = field(default_factory=Counter)
    """How often it certainly refers to each actor."""
    speaks_of_sport: bool | None = None
    """``None`` until somebody has asked."""

    def add(self, alias: Alias) -> None:
        """Take note of an alias that counts."""
        for code in alias.codes:
            self.codes[code] += 1
