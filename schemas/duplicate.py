"""The ``duplicates`` table: what deduplication set aside, in full."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from schemas.article import ARTICLE_COLUMNS
from schemas.table import Table, column

DuplicateKind = Literal["same-text", "revision"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Why an article is a duplicate, and of which."""

    duplicate_of: str
    kind: DuplicateKind
    similarity: float | None
    """Share of the text that is equal; None where it was not measured."""


DUPLICATES = Table(
    "duplicates",
    pa.schema(
        [
            *ARTICLE_COLUMNS,
            column("duplicate_of", pa.string(), "`id` of the article in `articles` that tells the same story."),
            column("kind", pa.string(), "same-text: equal text elsewhere; revision: same identity, changed content."),
            column(
                "similarity",
                pa.float32(),
                "Shared part of the text, 0 to 1; null where it was not measured.",
                nullable=True,
            ),
        ]
    ),
    ("date",),
    "One row per article that repeats another: every column of `articles`, and of what it is a duplicate.",
)
