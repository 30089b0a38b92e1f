"""Find the actors an article refers to: which, where, by what name, and how much it is about them."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from schemas.actors import Alias, Registry
from schemas.mention import ActorTally, Mention
from transforms.context import Rules
from transforms.openings import Node, Openings, Start
from transforms.passage import Evidence, Passage, Spot

_GAP = re.compile(r"[ _\"'\-]{1,3}")  # what may stand between the words of one alias: جبهة "النصرة", غينيا-بيساو

TITLE_WEIGHT = 6.0
LEAD_WEIGHT = 3.0
LEAD_LENGTH = 300
"""In code points: the opening that says what the article is about."""
PRINCIPAL_SHARE = 0.3
"""How much of the first actor's weight the second needs, to be principal too."""


class Tagger:
    """Tags articles with the actors of a registry. Cheap to build; not shared between threads."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._rules = Rules(registry)
        self._openings = Openings(registry)

    def __reduce__(self) -> tuple[type["Tagger"], tuple[Registry]]:
        return Tagger, (self.registry,)

    def tag(self, title: str | None, text: str, published_at: datetime) -> tuple[ActorTally, ...]:
        """The actors that ``title`` and ``text`` refer to, most salient first.

        Office-holders count by the day of ``published_at``. Every mention's ``[start:end]`` is the slice of
        its field that names the actor, without clitics.
        """
        passages = [Passage("title", title)] if title else []
        passages.append(Passage("text", text))
        evidence = Evidence(published_at.date(), passages)
        spots = [spot for passage in passages for spot in self._find(passage, evidence)]
        return _tally([mention for spot in spots for mention in self._decide(spot, evidence)])

    def _find(self, passage: Passage, evidence: Evidence) -> Iterator[Spot]:
        """Every place where an alias counts, or may count once the whole article is known."""
        count = len(passage)
        following = 0
        for i in self._openings.find(passage):
            if i < following or not (opening := self._openings.at(passage.word(i))):
                continue
            if not opening.is_whole and (i + 1 == count or passage.word(i + 1) not in opening.following):
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
                spot = Spot(passage, i, i, (piece.alias,), piece.form, "", False, span, None, "")
                passage.previous = spot
                yield spot

    def _longest(
        self, passage: Passage, i: int, starts: Sequence[Start], evidence: Evidence
    ) -> tuple[Spot | None, int]:
        """The longest alias that begins at word ``i`` and may count; and where to go on."""
        candidates = [candidate for start in starts for candidate in self._walk(passage, i, start)]
        if len(candidates) > 1:
            candidates.sort(key=lambda candidate: (-candidate[0], candidate[1].skip))
        before = passage.before(i)
        for last, start, node in candidates:
            senses = tuple([alias for alias in node.aliases if _fits(alias, start)])
            if not senses:
                continue
            span = (passage.starts[i] + start.skip, passage.ends[last])
            previous = passage.previous
            spot = Spot(passage, i, last, senses, node.form, start.clitic, start.definite, span, previous, before)
            verdict = self._rules.weigh(spot, evidence)
            if verdict is not None:
                return (verdict if verdict.senses else None), last + 1
        return None, i + 1

    def _walk(self, passage: Passage, i: int, start: Start) -> list[tuple[int, Start, Node]]:
        """Every alias that begins with ``start`` at word ``i``: its last word and its node."""
        found = []
        count = len(passage)
        node = start.node
        last = i
        while True:
            if node.aliases:
                found.append((last, start, node))
            last += 1
            if not node or last == count or (following := node.get(passage.word(last))) is None:
                return found
            if (gap := passage.gap(last)) != " " and not _GAP.fullmatch(gap):
                return found
            node = following

    def _decide(self, spot: Spot, evidence: Evidence) -> list[Mention]:
        alias = self._rules.choose(spot, evidence)
        if alias is None:
            return []
        start, end = spot.original_span()
        rule = alias.type + ("+clitic" if spot.clitic or spot.definite else "") + ("+glued" if spot.glued else "")
        return [Mention(code, spot.passage.field, start, end, spot.form, rule, alias.role) for code in alias.codes]


def _fits(alias: Alias, start: Start) -> bool:
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


def show_sentences(
    text: str, sentences: Sequence[tuple[int, int]], mentions: Iterable[Mention], limit: int = 3
) -> list[str]:
    """The first of the ``sentences`` of ``text`` that hold a mention, at most ``limit``."""
    ends = [end for _, end in sentences]
    # A mention holds a letter, and so lies within a sentence: the first to end after the mention begins.
    telling = {bisect_right(ends, mention.start) for mention in mentions if mention.field == "text"}
    return [text[start:end] for start, end in (sentences[i] for i in sorted(telling)[:limit])]
