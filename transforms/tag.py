"""Find the actors an article refers to: which, where, by what name, and how much it is about them."""

import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat

from schemas.actors import Alias, Registry
from schemas.mention import ActorTally, Field, Mention
from transforms.context import Rules
from transforms.fold import fold
from transforms.passage import Evidence, Passage, Spot
from transforms.sentences import split_sentences

_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[ _\"'\-]{1,3}")  # what may stand between the words of one alias: جبهة "النصرة", غينيا-بيساو
_LETTERS = re.compile(r"\d+([^\W\d_]{3,})")  # 12سوريا

_ARTICLE = "ال"
_CONJUNCTIONS = frozenset("وف")
_PREPOSITIONS = frozenset("بلك")
_SHORTEST_GLUED = 7
_LONGEST_GLUED = 100  # what is longer has not lost a space or two: it is debris
_CACHED_WORDS = 200_000

TITLE_WEIGHT = 6.0
LEAD_WEIGHT = 3.0
LEAD_LENGTH = 300
"""In code points: the opening that says what the article is about."""
PRINCIPAL_SHARE = 0.3
"""How much of the first actor's weight the second needs, to be principal too."""


class _Node(dict[str, "_Node"]):
    """A node of the token trie: the nodes of the next words, and the aliases that end here."""

    __slots__ = ("aliases", "form")

    def __init__(self) -> None:
        super().__init__()
        self.aliases: tuple[Alias, ...] = ()
        self.form = ""


@dataclass(frozen=True, slots=True)
class _Start:
    """A word that may begin an alias once ``skip`` characters are taken for clitics."""

    skip: int
    clitic: str
    definite: bool
    node: _Node


@dataclass(frozen=True, slots=True)
class _Piece:
    """An alias inside a word that has lost its spaces."""

    start: int
    end: int
    alias: Alias
    form: str


@dataclass(frozen=True, slots=True)
class _Opening:
    """What may begin in a word."""

    starts: tuple[_Start, ...]
    pieces: tuple[_Piece, ...] = ()
    is_whole: bool = True
    """Whether the word may be an alias by itself."""
    following: Container[str] = ()
    """Else the next word must be one of these."""


_UNSEEN = _Opening(())


class Tagger:
    """Tags articles with the actors of a registry. Cheap to build; not shared between threads."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._rules = Rules(registry)
        self._trie = _Node()
        self._glued: dict[str, tuple[Alias, str]] = {}
        self._glued_lengths: dict[str, list[int]] = {}
        self._known: dict[str, _Opening | None] = {}
        forms = fold("\n".join(alias.text for alias in registry.aliases)).text.split("\n")
        for alias, form in zip(registry.aliases, forms, strict=True):
            self._add(alias, _WORD.findall(form))
        for glued in self._glued:
            self._glued_lengths.setdefault(glued[:3], []).append(len(glued))
        for opening, lengths in self._glued_lengths.items():
            self._glued_lengths[opening] = sorted(set(lengths), reverse=True)

    def __reduce__(self) -> tuple[type["Tagger"], tuple[Registry]]:
        return Tagger, (self.registry,)

    def tag(self, title: str | None, text: str, published_at: datetime) -> tuple[ActorTally, ...]:
        """The actors that ``title`` and ``text`` refer to, most salient first.

        Office-holders count by the day of ``published_at``. Every mention's ``[start:end]`` is the slice of
        its field that names the actor, without clitics.
        """
        passages: list[tuple[Field, str]] = [("title", title)] if title else []
        passages.append(("text", text))
        evidence = Evidence(published_at.date())
        spots = [spot for field, content in passages for spot in self._find(field, content, evidence)]
        mentions = [mention for spot in spots for mention in self._decide(spot, evidence)]
        return _tally(mentions)

    def _add(self, alias: Alias, words: list[str]) -> None:
        node = self._trie
        for word in words:
            node = node.setdefault(word, _Node())
        node.aliases = (*node.aliases, alias)
        node.form = " ".join(words)
        if alias.type in {"name", "organ"} and _is_free(alias):
            self._glued.setdefault("".join(words), (alias, node.form))

    def _find(self, field: Field, content: str, evidence: Evidence) -> Iterator[Spot]:
        """Every place where an alias counts, or may count once the whole article is known."""
        passage = Passage(field, content)
        words = passage.words
        known = self._known
        if len(known) > _CACHED_WORDS:
            known.clear()
        # One look-up a word: those that begin no alias are kept as None, those not seen before are not there.
        openings = map(known.get, words, repeat(_UNSEEN))
        following = 0
        for i in [i for i, opening in enumerate(openings) if opening]:
            if i < following:
                continue
            word = words[i]
            opening = known[word] if word in known else self._look_up(word)
            if not opening:
                continue
            if not opening.is_whole and (i + 1 == len(words) or words[i + 1] not in opening.following):
                continue
            if opening.starts:
                spot, following = self._longest(passage, i, opening.starts, evidence)
                if spot:
                    passage.previous = spot
                    yield spot
            for piece in opening.pieces:
                at = passage.starts[i]
                span = (at + piece.start, at + piece.end)
                evidence.add(piece.alias)
                passage.previous = Spot(passage, i, i, (piece.alias,), piece.form, "", False, span, None)
                yield passage.previous

    def _longest(
        self, passage: Passage, i: int, starts: Sequence[_Start], evidence: Evidence
    ) -> tuple[Spot | None, int]:
        """The longest alias that begins at word ``i`` and may count; and where to go on."""
        candidates = [(last, start, node) for start in starts for last, node in self._walk(passage, i, start)]
        if len(candidates) > 1:
            candidates.sort(key=lambda candidate: (-candidate[0], candidate[1].skip))
        for last, start, node in candidates:
            senses = tuple([alias for alias in node.aliases if _fits(alias, start)])
            if not senses:
                continue
            span = (passage.starts[i] + start.skip, passage.ends[last])
            spot = Spot(passage, i, last, senses, node.form, start.clitic, start.definite, span, passage.previous)
            verdict = self._rules.weigh(spot, evidence)
            if verdict is not None:
                return (verdict if verdict.senses else None), last + 1
        return None, i + 1

    def _walk(self, passage: Passage, i: int, start: _Start) -> Iterator[tuple[int, _Node]]:
        words = passage.words
        node: _Node | None = start.node
        last = i
        while node is not None:
            if node.aliases:
                yield last, node
            last += 1
            node = node.get(words[last]) if node and last < len(words) else None
            if node is not None and (gap := passage.gap(last)) != " " and not _GAP.fullmatch(gap):
                return

    def _decide(self, spot: Spot, evidence: Evidence) -> Iterator[Mention]:
        alias = self._rules.choose(spot, evidence)
        if alias is None:
            return
        start, end = spot.original_span()
        rule = alias.type + ("+clitic" if spot.clitic or spot.definite else "") + ("+glued" if spot.glued else "")
        for code in alias.codes:
            yield Mention(code, spot.passage.field, start, end, spot.form, rule, alias.role)

    def _look_up(self, word: str) -> _Opening | None:
        """What may begin in ``word``; remembered, since few distinct words make up most of the news."""
        opening = self._known[word] = self._open(word)
        return opening

    def _open(self, word: str) -> _Opening | None:
        starts = self._starts(word)
        if not starts and word[0].isdigit() and (match := _LETTERS.fullmatch(word)):
            shift = match.start(1)
            starts = [
                _Start(start.skip + shift, start.clitic, start.definite, start.node)
                for start in self._starts(match.group(1))
            ]
        if starts:
            nodes = [start.node for start in starts]
            is_whole = any(node.aliases for node in nodes)
            following = nodes[0] if len(nodes) == 1 else frozenset().union(*nodes)
            return _Opening(tuple(starts), (), is_whole, following)
        if _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED and (pieces := self._pieces(word)):
            return _Opening((), pieces)
        return None

    def _starts(self, word: str) -> list[_Start]:
        trie = self._trie
        found = []
        for skip in range(_clitic_length(word) + 1):
            clitic, rest = word[:skip], word[skip:]
            if rest in trie:
                found.append(_Start(skip, clitic, False, trie[rest]))
            if rest.startswith(_ARTICLE):
                if rest[2:] in trie:
                    found.append(_Start(skip, clitic, True, trie[rest[2:]]))
            elif clitic.endswith("ل") and rest.startswith("ل"):  # لل: the article has lost its alef
                if _ARTICLE + rest[1:] in trie:
                    found.append(_Start(skip + 1, clitic, False, trie[_ARTICLE + rest[1:]]))
                if rest[1:] in trie:
                    found.append(_Start(skip + 1, clitic, True, trie[rest[1:]]))
                if _ARTICLE + rest in trie:  # للبنانيين, where the word has a lam of its own
                    found.append(_Start(skip, clitic, False, trie[_ARTICLE + rest]))
        return found

    def _pieces(self, word: str) -> tuple[_Piece, ...]:
        """The aliases that fill a word that has lost its spaces, exactly; clitics may stand before each."""
        for length in range(_clitic_length(word) + 1):
            tiling = self._tile(word, length)
            if len(tiling) > 1 or (tiling and " " in tiling[0].form):
                return tiling
        return ()

    def _tile(self, word: str, start: int) -> tuple[_Piece, ...]:
        for length in self._glued_lengths.get(word[start : start + 3], ()):
            end = start + length
            found = self._glued.get(word[start:end])
            if found is None or end > len(word):
                continue
            piece = _Piece(start, end, *found)
            if end == len(word):
                return (piece,)
            for skip in (0, 1) if word[end] in "وفبلك" else (0,):
                if rest := self._tile(word, end + skip):
                    return (piece, *rest)
        return ()


def _clitic_length(word: str) -> int:
    """How many letters may be clitics: a conjunction, a preposition, or one after the other."""
    if word[0] in _CONJUNCTIONS:
        return 2 if word[1:2] in _PREPOSITIONS else 1
    return int(word[0] in _PREPOSITIONS)


def _is_free(alias: Alias) -> bool:
    """Whether no rule asks for something around it, so that it may be found inside a word."""
    return all(
        condition.name in {"unqualified", "not-before", "not-after"} for rule in alias.rules for condition in rule
    )


def _fits(alias: Alias, start: _Start) -> bool:
    """Only a nationality takes the article: القطر is a region, قطر the state. Without it none is «like»: كارمن."""
    if alias.type not in {"nisba", "member"}:
        return not start.definite
    return start.definite or not start.clitic.endswith("ك")


def _tally(mentions: Sequence[Mention]) -> tuple[ActorTally, ...]:
    """Add up the mentions by actor; most salient first, ties by first appearance."""
    by_actor: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_actor.setdefault(mention.actor, []).append(mention)
    weights = {actor: sum(map(_weight, found)) for actor, found in by_actor.items()}
    total = sum(weights.values())
    ranked = sorted(by_actor, key=lambda actor: -weights[actor])  # stable: ties keep the order of appearance
    return tuple(
        ActorTally(
            actor=actor,
            count=len(by_actor[actor]),
            salience=weights[actor] / total,
            rank=rank,
            is_principal=rank <= 2 and weights[actor] >= PRINCIPAL_SHARE * weights[ranked[0]],
            roles=tuple(dict.fromkeys(mention.role for mention in by_actor[actor] if mention.role)),
            mentions=tuple(by_actor[actor]),
        )
        for rank, actor in enumerate(ranked, start=1)
    )


def _weight(mention: Mention) -> float:
    if mention.field == "title":
        return TITLE_WEIGHT
    return LEAD_WEIGHT if mention.start < LEAD_LENGTH else 1.0


def show_sentences(text: str, mentions: Sequence[Mention], limit: int = 3) -> tuple[str, ...]:
    """The first sentences of ``text`` that hold a mention, at most ``limit``."""
    places = sorted(mention.start for mention in mentions if mention.field == "text")
    shown: list[str] = []
    if not places:
        return ()
    for start, end in split_sentences(text):
        following = bisect_left(places, start)
        if following < len(places) and places[following] < end:
            shown.append(text[start:end])
            if len(shown) == limit:
                break
    return tuple(shown)
