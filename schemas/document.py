"""A document: bytes that arrived, where from and when. What the readers hand to the parser."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Format = Literal["jsonl", "csv"]
"""Formats that a reader must tell before parsing, because it cuts the file into slices."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file, one fetched response, or one slice of a file of records.

    A slice holds whole records only. ``position`` is then the number of its first line in the file,
    counted from 1, so that a refused record can be named by its line.
    """

    uri: str
    content: bytes
    arrived_at: datetime
    """UTC. When the file was last modified, or when the response was fetched: see ``arrival``."""
    arrival: Literal["file", "fetched"] = "file"
    format: Format | None = None
    """``None`` for a whole document: the parser tells its format by its content."""
    position: int = 1
    columns: tuple[str, ...] = ()
    """The header of a CSV file, for its every slice."""
    charset: str | None = None
    """What the transport said (the HTTP header); a claim, not a fact."""
    source: str | None = None
    """The outlet, where whoever lists the feed has named it."""
