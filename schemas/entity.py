"""Entities: names of people, organisations and places that a model found, whether or not the registry holds them."""

from dataclasses import dataclass

import pyarrow as pa

from schemas.mention import Field


@dataclass(frozen=True, slots=True)
class Entity:
    """One name, as a model marked it. Offsets are code points into the article's own field."""

    text: str
    label: str
    """LOC, ORG, PERS or MISC."""
    field: Field
    start: int
    end: int


ENTITY = pa.struct(
    [
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
    ]
)
