"""The ``duplicates`` table: what deduplication set aside, in full."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from schemas.article import ARTICLE_COLUMNS
from schemas.table import Table, column

DuplicateKind = Literal["revision", "same-text", "near", "contained"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Why an article is a duplicate, and of which."""

    duplicate_of: str
    kind: DuplicateKind
    similarity: float | None
    """Share of the shorter text's phrases that the other has; None where it was not measured."""
    via: str | None = None
    """The row that it was found to repeat, or revises; None if that is ``duplicate_of``, or a version of it."""
    also_of: tuple[str, ...] = ()
    """Other written articles that are tied to ``duplicate_of`` by this one."""


DUPLICATES = Table(
    "duplicates",
    pa.schema(
        [
            *ARTICLE_COLUMNS,
            column("duplicate_of", pa.string(), "`id` of the article in `articles` that tells the same story."),
            column(
                "kind",
                pa.string(),
                "revision: same identity, changed content; same-text: equal text elsewhere; near: the same in other "
                "words; contained: the same, cut or continued by three tenths or more.",
            ),
            column(
                "similarity",
                pa.float32(),
                "Share of the shorter text's phrases that the other has, 0 to 1; null where it was not measured.",
                nullable=True,
            ),
            column(
                "via",
                pa.string(),
                "`id` of the row that `kind` and `similarity` compare it with: its own, if an earlier version of it "
                "repeats `duplicate_of`; null: with `duplicate_of`, or a version of that.",
                nullable=True,
            ),
            column(
                "also_of",
                pa.list_(pa.string()),
                "`id`s of other rows of `articles` that tell the same story: earlier runs could not know that they do.",
            ),
        ]
    ),
    ("date",),
    "One row per article that repeats another: every column of `articles`, and of what it is a duplicate.",
)
