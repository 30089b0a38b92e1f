"""An item as it was published: plain text, but nothing decided yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed, one record of a file, one page.

    ``title`` and ``text`` are free of markup and entities, with paragraphs parted by a line feed; their
    characters are otherwise untouched. ``dates`` holds, in order of trust, what the item says of its own
    date, word for word: ``("feed", "Sun, 26 Jul 2015 16:54:53 +0300")``.
    """

    source: str
    document: str
    """URI of the document that held the item."""
    position: int
    """Where in the document: the line of a record, else the ordinal of an entry, from 1."""
    arrived_at: datetime
    arrival: Literal["file", "fetched"]
    title: str | None = None
    text: str | None = None
    url: str | None = None
    guid: str | None = None
    shares_link: bool = False
    """Whether entries of its feed that tell different things have its link, which then names none of them."""
    author: str | None = None
    language: str | None = None
    dates: tuple[tuple[Literal["feed", "html"], str], ...] = ()
    zone: str | None = None
    """IANA zone of the outlet, for times without one."""
    encoding: str = "utf-8"
    encoding_repaired: bool = False
    """Whether the document was read in another encoding than the one it declares."""
