"""Try the feeds of a list, and tell what each of them gives."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from schemas.feed import Feed
from schemas.feed_state import FeedState
from schemas.item import Item
from schemas.reject import Reject
from transforms.dates import resolve_date
from transforms.feed_kind import feed_kind
from transforms.fetch import FetchResult, fetch_feed
from transforms.full_text import teasers
from transforms.parse import parse_document
from transforms.parse_entry import read_document
from transforms.wire import Client

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What a feed gave when it was tried. What could not be told is None."""

    url: str
    name: str | None
    outcome: str
    """As in ``docs/feeds.md``."""
    message: str
    moved_to: str | None
    """Where permanent redirects lead: the address to list."""
    type: str | None = None
    entries: int = 0
    refused: int = 0
    """Entries that cannot be read."""
    refused_for: str | None = None
    """The commonest reason, and its message."""
    newest: datetime | None = None
    """UTC, by the entries' own dates."""
    encoding: str | None = None
    encoding_repaired: bool = False
    full_text: bool | None = None
    """Whether most entries carry more than a teaser."""
    supports_304: bool | None = None
    """Whether the server says so when nothing has changed."""

    @property
    def reachable(self) -> bool:
        """Whether it gave a feed."""
        return self.outcome in {"fetched", "truncated"}


def check_feeds(feeds: Iterable[Feed], client: Client, now: datetime) -> list[FeedCheck]:
    """Try each feed, several hosts at once, whatever its state; nothing is remembered of it."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda feed: check_feed(feed, client, now), feeds))


def check_feed(feed: Feed, client: Client, now: datetime) -> FeedCheck:
    """Ask for a feed, and a second time if it may answer that nothing has changed."""
    result, state = fetch_feed(feed, FeedState(feed.url), client, now)
    if result.document is None:
        return FeedCheck(feed.url, feed.name, result.outcome, result.message, state.moved_to)
    outcomes = list(parse_document(result.document))
    items = [outcome for outcome in outcomes if isinstance(outcome, Item)]
    reading = read_document(result.document)
    return FeedCheck(
        url=feed.url,
        name=feed.name,
        outcome=result.outcome,
        message=result.message,
        moved_to=state.moved_to,
        type=feed_kind(result.document),
        entries=len(items),
        refused=len(outcomes) - len(items),
        refused_for=_commonest(outcome for outcome in outcomes if isinstance(outcome, Reject)),
        newest=max(_dates(items, feed.zone), default=None),
        encoding=reading.encoding,
        encoding_repaired=reading.repaired,
        full_text=len(teasers(items)) * 2 <= len(items) if items else None,
        supports_304=_supports_304(feed, state, client, result),
    )


def _dates(items: Iterable[Item], zone: str | None) -> list[datetime]:
    resolved = [resolve_date(item, zone=zone) for item in items]
    return [date.published_at for date in resolved if date.source != "fetched"]


def _commonest(rejects: Iterable[Reject]) -> str | None:
    reasons = list(rejects)
    counts = Counter(reject.reason for reject in reasons)
    reason = max(counts, key=counts.__getitem__, default=None)
    return next((f"{reason} ({reject.message})" for reject in reasons if reject.reason == reason), None)


def _supports_304(feed: Feed, state: FeedState, client: Client, result: FetchResult) -> bool | None:
    if result.outcome != "fetched" or state.held is None or state.next_at is None:
        return None
    if not (state.held.etag or state.held.last_modified):
        return False
    return fetch_feed(feed, state, client, state.next_at)[0].outcome == "not-modified"
