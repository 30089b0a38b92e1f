"""A feed to poll: one line of a feed list."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Feed:
    """An address and what the list's author knows of the outlet behind it."""

    url: str
    name: str | None = None
    """The outlet; becomes ``source`` of its articles."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    zone: str | None = None
    """IANA zone of times that the feed gives without one."""
    interval: timedelta | None = None
    """The least time between two requests, where it is not the default."""
