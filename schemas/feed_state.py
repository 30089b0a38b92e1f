"""What is remembered of a feed between polls: one small JSON file each."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class HeldBody:
    """The last body whose articles are safe in the output, so that it need not be sent again."""

    hash: str
    """Of the decoded body, 32 hex digits."""
    received_at: datetime
    url: str
    """Where it came from after redirects: validators mean something to that address only."""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """When a feed may be asked again, and what of it is held. Times are UTC."""

    url: str
    """As the feed list gives it: the identity of the state."""
    next_at: datetime | None = None
    """Not to be asked before."""
    asked_at: datetime | None = None
    outcome: str | None = None
    """How the last request ended; ``claimed`` while it is under way."""
    failures: int = 0
    """In a row."""
    held: HeldBody | None = None
    not_modified: int = 0
    """Answers 304 in a row: a server may be wrong about them."""
    ttl: int = 0
    """Seconds between polls that the feed itself asks for, from its last body."""
    sitemaps: tuple[str, ...] = ()
    """The sitemaps that a sitemap index leads to, which are polled in its stead."""
    followed: tuple[str, ...] = ()
    """Fingerprints of the entries whose pages were asked for, as far as the feed still has them."""
    moved_to: str | None = None
    """Where permanent redirects lead."""
    gone_at: datetime | None = None
    """When the publisher said 410: the feed is retired."""

    def to_json(self) -> bytes:
        """As a file, indented for a person."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=datetime.isoformat).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "FeedState":
        """Reverse of ``to_json``; fields of another version are left out. Raises ValueError, TypeError or KeyError."""
        values = json.loads(content)
        values["held"] = HeldBody(**_known(HeldBody, values["held"])) if values.get("held") else None
        return cls(**_known(cls, values))


def _known(record: type, values: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(record)
    known = {field.name: values[field.name] for field in fields(record) if field.name in values}
    return {name: _typed(hints[name], value) for name, value in known.items()}


def _typed(hint: Any, value: Any) -> Any:
    """What JSON has no type for."""
    if value is not None and datetime in {hint, *get_args(hint)}:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
