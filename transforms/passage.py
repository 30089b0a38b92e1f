"""A field of an article as the tagger reads it: its words, and the places where an alias stands."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from schemas.actors import Alias
from schemas.mention import Field
from transforms.fold import fold, split_words

_BOUNDARY = frozenset(".,:;!?\n()[]{}|/")
_QUOTES = frozenset("\"'")


class Passage:
    """A folded field of an article, cut into words."""

    __slots__ = ("content", "ends", "field", "folded", "previous", "starts", "words")

    def __init__(self, name: Field, content: str) -> None:
        self.field = name
        self.content = content
        self.folded = fold(content)
        self.words, self.starts, self.ends = split_words(self.folded)
        self.previous: Spot | None = None
        """The last spot that was found in it so far."""

    def gap(self, i: int) -> str:
        """What stands between word ``i - 1`` and word ``i``."""
        return self.folded.text[self.ends[i - 1] : self.starts[i]]

    def printed(self, i: int) -> str:
        """Word ``i`` as it was printed."""
        start, end = self.folded.span(self.starts[i], self.ends[i])
        return self.content[start:end]

    def word(self, i: int, neighbour: int) -> str:
        """Word ``i``, or nothing where punctuation parts it from the word ``neighbour`` next to it."""
        if not 0 <= i < len(self.words):
            return ""
        gap = self.gap(max(i, neighbour))
        return self.words[i] if gap == " " or _BOUNDARY.isdisjoint(gap) else ""


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

    @property
    def glued(self) -> bool:
        """Whether it is part of a word that has lost a space."""
        start, end = self.passage.starts[self.first], self.passage.ends[self.last]
        return self.span[1] < end or self.span[0] - start > len(self.clitic) + 2

    @property
    def before(self) -> str:
        """The word before it, or nothing where punctuation parts them."""
        return self.passage.word(self.first - 1, self.first)

    @property
    def second_before(self) -> str:
        """The word before that."""
        return self.passage.word(self.first - 2, self.first - 1) if self.before else ""

    @property
    def after(self) -> str:
        """The word after it, or nothing where punctuation parts them."""
        return self.passage.word(self.last + 1, self.last)

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
        return self.passage.folded.span(*self.span)

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
    codes: Counter[str] = field(default_factory=Counter)

    """How often it certainly refers to each actor."""

    def add(self, alias: Alias) -> None:
        """Take note of an alias that counts."""
        for code in alias.codes:
            self.codes[code] += 1
