"""What may begin in a word as it is printed: names of the registry behind clitics, and names that lost their spaces.

Most words of an article begin no name. A table that a few array operations look all its words up in tells most of
these; what is left is looked at one by one.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.actors import Alias, Registry
from transforms.fold import CodePoints, fold
from transforms.passage import Passage

_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"\d+([^\W\d_]{3,})")  # 12سوريا

_ARTICLE = "ال"
_CONJUNCTIONS = ("و", "ف")
_PREPOSITIONS = ("ب", "ل", "ك")
_CLITICS = ("", *_CONJUNCTIONS, *_PREPOSITIONS, *(one + other for one in _CONJUNCTIONS for other in _PREPOSITIONS))
_SHORTEST_GLUED = 7
_SHORTEST_HEAD, _SHORTEST_TAIL = 3, 4
_LONGEST_GLUED = 100  # what is longer has not lost a space or two: it is debris
_REMEMBERED_WORDS = 50_000
_WORTH_A_SIEVE = 40  # words; of a headline each is looked at


class Node(dict[str, "Node"]):
    """A node of the token trie: the nodes of the next words, and the aliases that end here."""

    __slots__ = ("aliases", "form")

    def __init__(self) -> None:
        super().__init__()
        self.aliases: tuple[Alias, ...] = ()
        self.form = ""


@dataclass(frozen=True, slots=True)
class Start:
    """A word that may begin an alias once ``skip`` characters are taken for clitics."""

    skip: int
    clitic: str
    definite: bool
    node: Node


@dataclass(frozen=True, slots=True)
class Piece:
    """An alias inside a word that has lost its spaces."""

    start: int
    end: int
    alias: Alias
    form: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What may begin in a word."""

    starts: tuple[Start, ...]
    pieces: tuple[Piece, ...] = ()
    is_whole: bool = True
    """Whether the word may be an alias by itself."""
    following: Container[str] = ()
    """Else the next word must be one of these."""


class Openings:
    """The openings of a registry's aliases. All words are given in match form."""

    def __init__(self, registry: Registry) -> None:
        aliases = registry.aliases
        self._trie = Node()
        self._heads = _heads(registry)
        self._glued: dict[str, tuple[Alias, str]] = {}
        self._glued_lengths: dict[str, list[int]] = {}
        self._remembered: dict[str, Opening | None] = {}
        forms = fold("\n".join(alias.text for alias in aliases)).text.split("\n")
        for alias, form in zip(aliases, forms, strict=True):
            self._add(alias, _WORD.findall(form))
        for glued in self._glued:
            self._glued_lengths.setdefault(glued[:3], []).append(len(glued))
        for opening, lengths in self._glued_lengths.items():
            self._glued_lengths[opening] = sorted(set(lengths), reverse=True)
        self._sieve = _Sieve(self._trie, {*self._glued, *self._heads})

    def find(self, passage: Passage) -> Sequence[int]:
        """The words in which something may begin: every one in which it does, and some others."""
        return range(len(passage)) if len(passage) < _WORTH_A_SIEVE else self._sieve.pass_through(passage)

    def at(self, word: str) -> Opening | None:
        """What may begin in ``word``; remembered, since few distinct words make up most of the names."""
        try:
            return self._remembered[word]
        except KeyError:
            if len(self._remembered) >= _REMEMBERED_WORDS:
                self._remembered.clear()
            opening = self._remembered[word] = self._open(word)
            return opening

    def _add(self, alias: Alias, words: list[str]) -> None:
        node = self._trie
        for word in words:
            node = node.setdefault(word, Node())
        node.aliases = (*node.aliases, alias)
        node.form = " ".join(words)
        if alias.type in {"name", "organ"} and _is_free(alias):
            self._glued.setdefault("".join(words), (alias, node.form))

    def _open(self, word: str) -> Opening | None:
        starts = self._starts(word)
        if not starts and word[0].isdigit() and (match := _LETTERS.fullmatch(word)):
            shift = match.start(1)
            starts = [
                Start(start.skip + shift, start.clitic, start.definite, start.node)
                for start in self._starts(match.group(1))
            ]
        if starts:
            nodes = [start.node for start in starts]
            is_whole = any(node.aliases for node in nodes)
            following = nodes[0] if len(nodes) == 1 else frozenset().union(*nodes)
            return Opening(tuple(starts), (), is_whole, following)
        if _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED and (pieces := self._pieces(word)):
            return Opening((), pieces)
        return None

    def _starts(self, word: str) -> list[Start]:
        trie = self._trie
        found = []
        for skip in range(_clitic_length(word) + 1):
            clitic, rest = word[:skip], word[skip:]
            if rest in trie:
                found.append(Start(skip, clitic, False, trie[rest]))
            if rest.startswith(_ARTICLE):
                if rest[2:] in trie:
                    found.append(Start(skip, clitic, True, trie[rest[2:]]))
            elif clitic.endswith("ل") and rest.startswith("ل"):  # لل: the article has lost its alef
                if _ARTICLE + rest[1:] in trie:
                    found.append(Start(skip + 1, clitic, False, trie[_ARTICLE + rest[1:]]))
                if rest[1:] in trie:
                    found.append(Start(skip + 1, clitic, True, trie[rest[1:]]))
                if _ARTICLE + rest in trie:  # للبنانيين, where the word has a lam of its own
                    found.append(Start(skip, clitic, False, trie[_ARTICLE + rest]))
        return found

    def _pieces(self, word: str) -> tuple[Piece, ...]:
        """The aliases that fill a word that has lost its spaces, exactly; clitics may stand before each."""
        for length in range(_clitic_length(word) + 1):
            tiling = self._tile(word, length)
            if length and word[length - 1 : length + 1] == "لل":  # the article has lost its alef
                shift = length - 1
                tiling = tiling or tuple(
                    Piece(max(piece.start, len(_ARTICLE)) + shift, piece.end + shift, piece.alias, piece.form)
                    for piece in self._tile(_ARTICLE + word[length + 1 :], 0)
                )
            if len(tiling) > 1 or (tiling and " " in tiling[0].form):
                return tiling
            if tail := self._after_a_head(word, length):
                return (tail,)
        return ()

    def _after_a_head(self, word: str, start: int) -> Piece | None:
        """الدفاعالروسية, حكومةالعراق: a noun of state and what it is of."""
        for end in range(start + _SHORTEST_HEAD, len(word) - _SHORTEST_TAIL + 1):
            tail = word[end:]
            if word[start:end] not in self._heads:
                continue
            if tail in self._glued:
                return Piece(end, len(word), *self._glued[tail])
            node = self._trie.get(tail[2:]) if tail.startswith(_ARTICLE) else None
            if node is not None and (nisba := next((a for a in node.aliases if a.type == "nisba"), None)):
                return Piece(end + 2, len(word), nisba, node.form)
        return None

    def _tile(self, word: str, start: int) -> tuple[Piece, ...]:
        for length in self._glued_lengths.get(word[start : start + 3], ()):
            end = start + length
            found = self._glued.get(word[start:end])
            if found is None or end > len(word):
                continue
            piece = Piece(start, end, *found)
            if end == len(word):
                return (piece,)
            for skip in (0, 1) if word[end] in "وفبلك" else (0,):
                if rest := self._tile(word, end + skip):
                    return (piece, *rest)
        return ()


def _heads(registry: Registry) -> frozenset[str]:
    """Nouns of state, with the article and without."""
    words = fold("\n".join(sorted(registry.words["polity"] | registry.words["head"]))).text.split("\n")
    return frozenset(prefix + word for word in words for prefix in ("", _ARTICLE) if len(word) >= _SHORTEST_HEAD)


def _clitic_length(word: str) -> int:
    """How many letters may be clitics: a conjunction, a preposition, or one after the other."""
    if word[0] in _CONJUNCTIONS:
        return 2 if word[1:2] in _PREPOSITIONS else 1
    return int(word[0] in _PREPOSITIONS)


def _is_free(alias: Alias) -> bool:
    """Whether no rule asks for something around it, so that it may be found inside a word."""
    return all(
        condition.name in {"unqualified", "not-in-sport", "not-before", "not-after"}
        for rule in alias.rules
        for condition in rule
    )


Keys = npt.NDArray[np.uint64]
"""Beginnings of words: the low bytes of the first eight letters, the first letter lowest. No two Arabic letters
share a low byte; that other letters may only lets a word through that a closer look then stops."""

_KEY_LETTERS = 8
_MASKS = np.array([(1 << 8 * letters) - 1 for letters in range(_KEY_LETTERS + 1)], dtype=np.uint64)
_GLUED_LETTERS = 5  # that is how many are looked at of a glued word
_GLUED_MASK = _MASKS[_GLUED_LETTERS]
_SLOT_BITS = 20
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: its highest bits depend on every letter
_SHIFT = np.uint64(64 - _SLOT_BITS)
_NEXT, _FIRST, _ALONE, _GLUED = 1, 2, 4, 8


class _Sieve:
    """A hash table of the beginnings of all words that may matter, and how: as an alias, as its first word, …

    A megabyte. One word in ten that matters not passes.
    """

    def __init__(self, trie: Node, glued: Iterable[str]) -> None:
        self._table = np.zeros(1 << _SLOT_BITS, dtype=np.uint8)
        self._mark_written([word for word, node in trie.items() if node.aliases], _ALONE)
        self._mark_written([word for word, node in trie.items() if node], _FIRST)
        self._mark(_keys({word for node in trie.values() for word in node}), _NEXT)
        written = {clitic + name for clitic in _CLITICS for name in glued}
        written |= {
            clitic + "ل" + name.removeprefix(_ARTICLE)
            for clitic in _CLITICS
            if clitic.endswith("ل")
            for name in glued
            if name.startswith(_ARTICLE)
        }
        rests = {rest[:2] for rest in written}
        longer = {word + rest for word in written if len(word) < _GLUED_LETTERS for rest in rests}
        self._mark(_keys({word[:_GLUED_LETTERS] for word in written | longer}), _GLUED)

    def pass_through(self, passage: Passage) -> list[int]:
        """The words of a passage that may matter."""
        points, starts, ends = passage.points, passage.edges[::2], passage.edges[1::2]
        lengths = ends - starts
        keys = _keys_at(points, starts)
        ways = self._table.take(_slots(keys & _MASKS.take(lengths, mode="clip")))
        passes = ways & _ALONE
        passes[:-1] |= ways[:-1] & _FIRST & (ways[1:] << 1)  # and the next word is _NEXT
        glued = self._table.take(_slots(keys & _GLUED_MASK)) & _GLUED
        passes |= glued * (lengths >= _SHORTEST_GLUED)
        passes |= points.take(starts) <= ord("9")  # 12سوريا
        found: list[int] = passes.nonzero()[0].tolist()
        return found

    def _mark_written(self, words: Sequence[str], way: int) -> None:
        """Mark words with every clitic, and with the article or without."""
        whole = _keys(words)
        bare = _keys([word.removeprefix(_ARTICLE) for word in words if word.startswith(_ARTICLE)])
        for clitic in _CLITICS:
            self._mark(_prefixed(clitic, whole), way)
            self._mark(_prefixed(clitic + _ARTICLE, whole), way)
            if clitic.endswith("ل"):
                self._mark(_prefixed(clitic + "ل", whole), way)
                self._mark(_prefixed(clitic + "ل", bare), way)
                self._mark(_prefixed(clitic, bare), way)

    def _mark(self, keys: Keys, way: int) -> None:
        self._table[_slots(keys)] |= np.uint8(way)


def _keys(words: Iterable[str]) -> Keys:
    padded = "".join(word[:_KEY_LETTERS].ljust(_KEY_LETTERS, "\0") for word in words)
    return np.frombuffer(padded.encode("utf-32-le"), dtype=np.uint32).astype(np.uint8).view("<u8").astype(np.uint64)


def _prefixed(prefix: str, keys: Keys) -> Keys:
    """The keys of words with ``prefix`` before them."""
    return keys << np.uint64(8 * len(prefix)) | _keys([prefix])


def _keys_at(points: CodePoints, starts: npt.NDArray[np.intp]) -> Keys:
    """The eight code points from each start on, beyond the end of the word too."""
    low = np.zeros(len(points) + _KEY_LETTERS, dtype=np.uint8)
    low[:-_KEY_LETTERS] = points
    windows: Keys = np.ndarray((len(points),), "<u8", low.data, strides=(1,))
    return windows.take(starts)


def _slots(keys: Keys) -> npt.NDArray[np.int64]:
    return ((keys * _MULTIPLIER) >> _SHIFT).view(np.int64)
