"""Polls of a feed of the misbehaving server, one after another, and what came of each."""

from collections.abc import Iterator
from typing import Any

from schemas.feed import Feed
from schemas.feed_state import FeedState
from tests.misbehaving_server import START, MisbehavingServer, client_for, rss
from transforms.fetch import FetchResult, fetch_feed
from transforms.wire import Client

NEWS = rss("مجلس الأمن يبحث الهدنة في السودان", "ارتفاع أسعار النفط بعد قرار أوبك")
MORE = rss("وصول قافلة مساعدات إلى غزة", "مجلس الأمن يبحث الهدنة في السودان")


def poll(server: MisbehavingServer, times: int = 1, path: str = "/rss", **settings: Any) -> list[FetchResult]:
    """Poll as often, each time as soon as the feed may be asked."""
    client = client_for(server, **settings)
    return [result for result, _ in polls(Feed(server.url(path)), client, times)]


def polls(feed: Feed, client: Client, times: int) -> Iterator[tuple[FetchResult, FeedState]]:
    """The same, with the state of the feed after each."""
    state, now = FeedState(feed.url), START
    for _ in range(times):
        result, state = fetch_feed(feed, state, client, now)
        yield result, state
        now = state.next_at or now


def outcomes(results: list[FetchResult]) -> list[str]:
    return [result.outcome for result in results]


def bodies(results: list[FetchResult]) -> list[bytes | None]:
    return [result.document.content if result.document else None for result in results]
