"""Mentions of actors: where each is named, what that adds up to, and the ``mentions`` table."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from schemas.table import TIMESTAMP, Table, column

Field = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that refers to an actor. Offsets are code points into the article's own field."""

    actor: str
    field: Field
    start: int
    end: int
    alias: str
    """The folded alias that matched."""
    rule: str
    """How: the alias type (``name``, ``nisba``, …), then ``+clitic`` or ``+glued`` if that took part."""
    role: str | None = None


@dataclass(frozen=True, slots=True)
class ActorTally:
    """An actor of one article, with all that refers to it there."""

    actor: str
    count: int
    salience: float
    rank: int
    is_principal: bool
    roles: tuple[str, ...]
    mentions: tuple[Mention, ...]


SPAN = pa.struct(
    [
        pa.field("field", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("alias", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
    ]
)

MENTIONS = Table(
    "mentions",
    pa.schema(
        [
            column("article_id", pa.string(), "`id` of the article."),
            column("title", pa.string(), "Its headline.", nullable=True),
            column("url", pa.string(), "Its link as published.", nullable=True),
            column("source", pa.string(), "Its outlet."),
            column("published_at", TIMESTAMP, "When it was published, UTC."),
            column("count", pa.int32(), "How often title and text refer to the actor."),
            column("salience", pa.float32(), "The actor's share of the article, 0 to 1, by title, lead and frequency."),
            column("rank", pa.int32(), "1 for the most salient actor of the article."),
            column("is_principal", pa.bool_(), "Whether the article is about the actor."),
            column("roles", pa.list_(pa.string()), "Offices and parts by which the actor was named."),
            column("surfaces", pa.list_(pa.string()), "The words that name it, as printed, each once."),
            column(
                "spans",
                pa.list_(SPAN),
                "Every mention: field, code-point offsets, the alias and the rule that matched.",
            ),
            column("sentences", pa.list_(pa.string()), "The first sentences that show it, at most three."),
            column("run_id", pa.string(), "The run that wrote the row."),
        ]
    ),
    ("date", "actor"),
    "One row per article and actor.",
)
