"""Fetch feeds and articles: one request and what becomes of it, with the manners that newsrooms may expect."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

import httpx

from schemas.document import Document
from schemas.feed import Feed
from schemas.feed_state import FeedState, HeldBody
from schemas.reject import Reject, Rejected
from transforms.addresses import check_url
from transforms.feed_kind import feed_kind
from transforms.feed_state import claim_feed, is_due, save_state
from transforms.parse_entry import stem
from transforms.politeness import PASSING, feed_ttl, wait_after_failure, wait_after_success
from transforms.robots import Robots
from transforms.sitemap_index import is_sitemap_index, recent_sitemaps
from transforms.wire import Client, Declined, FetchSettings, Response

_FEED = {
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
}
_PAGE = {"Accept": "text/html, application/xhtml+xml, */*;q=0.5"}

_TRUSTED_304 = 12
_TRUSTED_FOR = timedelta(days=1)
"""Some servers answer 304 to a feed that has changed: now and then the whole is asked for."""

_RETRIES = (2.0, 10.0)
"""Seconds before an article is asked for again; a feed has its next poll."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What came of one fetch.

    ``outcome`` is one of the slugs of ``docs/feeds.md``. ``fetched`` and ``truncated`` have a document;
    ``not-modified``, ``same-body``, ``not-due``, ``host-resting``, ``retired`` and ``not-the-article`` have nothing
    to give; every other is a refusal and has a reject.
    """

    url: str
    outcome: str
    message: str = ""
    status: int | None = None
    document: Document | None = None
    reject: Reject | None = None


@dataclass(frozen=True, slots=True)
class _Poll:
    """What one poll works with."""

    feed: Feed
    state: FeedState
    interval: timedelta
    now: datetime
    address: str
    """Where the feed is asked for: its own address, or the one it moved to."""


def poll_feed(feed: Feed, folder: str, client: Client, now: datetime) -> Iterator[tuple[FetchResult, FeedState]]:
    """Fetch a feed unless it was asked less than its interval ago, with its state kept under ``folder``.

    A sitemap index gives a result for itself, then one for each of its sitemaps that may hold news of late.

    If there is a document, the state beside it is to be saved (``save_state``) **when its articles are safe in
    the output**. Until then the file says that they are not held: a run that dies after fetching costs one more
    download, and no article.
    """
    result, state = _poll_one(feed, folder, client, now)
    if result.document and is_sitemap_index(result.document):
        sitemaps = recent_sitemaps(result.document)
        result, state = replace(result, document=None), replace(state, sitemaps=sitemaps)
        save_state(folder, state)
    yield result, state
    if result.outcome not in {"not-due", "retired"}:
        for url in state.sitemaps:
            yield _poll_one(replace(feed, url=url), folder, client, now)


def fetch_feed(feed: Feed, state: FeedState, client: Client, now: datetime) -> tuple[FetchResult, FeedState]:
    """Ask for a feed if it is due: the result, and the state that follows from it. Writes nothing."""
    if not is_due(state, now):
        return _left_alone(feed, state), state
    poll = _Poll(feed, state, interval_of(feed, client.settings), now, _address(feed, state))
    held = state.held if _may_be_conditional(state, now) else None
    try:
        response, moved_to = client.fetch(check_url(poll.address), lambda url: _FEED | _validators(held, url))
        if response.status == 304 and not _validators(held, response.url):
            raise Rejected("http-error", f"{response.url}: status 304 to a request without conditions")
        if response.broken and not response.body:
            raise Rejected("broken-answer", f"{response.url}: {response.broken}")
        if response.status != 304:
            feed_kind(_document(str(response.url), feed.name, response, now))
    except Rejected as refusal:
        if refusal.reason == "gone" and poll.address != feed.url:
            refusal = Rejected("http-error", f"{refusal.message}, where it had moved to")
        return _failed(poll, refusal)
    return _received(replace(poll, state=replace(state, moved_to=_moved_to(poll, moved_to, response))), response)


def fetch_article(url: str, client: Client, robots: Robots, now: datetime, source: str | None = None) -> FetchResult:
    """Ask for an article's page, if robots.txt allows it, and again if the failure may pass."""
    result = _ask_for_page(url, client, robots, now, source)
    for wait in _RETRIES:
        if result.outcome not in PASSING | {"rate-limited"}:
            break
        client.sleep(wait)
        result = _ask_for_page(url, client, robots, now, source)
    return result


def interval_of(feed: Feed, settings: FetchSettings) -> timedelta:
    """The least time between two requests for a feed."""
    return feed.interval or timedelta(seconds=settings.interval)


def _poll_one(feed: Feed, folder: str, client: Client, now: datetime) -> tuple[FetchResult, FeedState]:
    state, due = claim_feed(folder, feed.url, interval_of(feed, client.settings), now)
    if not due:
        return _left_alone(feed, state), state
    result, after = fetch_feed(feed, state, client, now)
    save_state(folder, replace(after, held=state.held) if result.document else after)
    return result, after


def _ask_for_page(url: str, client: Client, robots: Robots, now: datetime, source: str | None) -> FetchResult:
    try:
        response, _ = client.fetch(check_url(url), lambda _: _PAGE, robots.permit)
        if response.broken:
            raise Rejected("truncated", f"{url}: {response.broken}")  # half an article would pass for the whole
    except Rejected as refusal:
        return _rejected(url, source, refusal, now)
    return FetchResult(url, "fetched", "", response.status, _document(url, source, response, now))


def _left_alone(feed: Feed, state: FeedState) -> FetchResult:
    if state.gone_at is not None:
        return FetchResult(feed.url, "retired", f"withdrawn by its publisher (410) on {state.gone_at:%Y-%m-%d}")
    return FetchResult(feed.url, "not-due", f"not before {state.next_at:%Y-%m-%d %H:%M:%S} UTC")


def _received(poll: _Poll, response: Response) -> tuple[FetchResult, FeedState]:
    """An answer of use: a body, or word that it is the one held."""
    url, state = poll.feed.url, poll.state
    if response.broken:
        # The complete entries of what came are read. It is not held, so all of it is asked for at the next poll;
        # no later than that, as some servers always lie about their length.
        document = _document(url, poll.feed.name, response, poll.now)
        result = FetchResult(url, "truncated", response.broken, response.status, document)
        return result, _after_success(poll, state, "truncated", timedelta(0))
    if response.status == 304:
        outcome, state = "not-modified", replace(state, not_modified=state.not_modified + 1)
        wait = wait_after_success(response.headers, state.ttl)
        return FetchResult(url, outcome, "", 304), _after_success(poll, state, outcome, wait)
    held = _held(response, poll.now)
    same = state.held is not None and state.held.hash == held.hash
    outcome = "same-body" if same else "fetched"
    state = replace(state, held=held, not_modified=0, ttl=feed_ttl(response.body))
    wait = wait_after_success(response.headers, state.ttl)
    body = None if same else _document(url, poll.feed.name, response, poll.now)
    return FetchResult(url, outcome, "", response.status, body), _after_success(poll, state, outcome, wait)


def _after_success(poll: _Poll, state: FeedState, outcome: str, wait: timedelta) -> FeedState:
    next_at = poll.now + max(poll.interval, wait)
    return replace(state, next_at=next_at, asked_at=poll.now, outcome=outcome, failures=0)


def _failed(poll: _Poll, refusal: Rejected) -> tuple[FetchResult, FeedState]:
    result = _rejected(poll.feed.url, poll.feed.name, refusal, poll.now)
    seconds = refusal.seconds if isinstance(refusal, Declined) else 0.0
    if refusal.reason == "host-resting":  # not asked: nothing is known against the feed
        wait = max(poll.interval, timedelta(seconds=seconds))
        return result, replace(poll.state, next_at=poll.now + wait, outcome=refusal.reason)
    return result, _after_failure(poll, refusal.reason, seconds)


def _after_failure(poll: _Poll, outcome: str, asked_for: float) -> FeedState:
    state, now = poll.state, poll.now
    wait = wait_after_failure(outcome, state.failures + 1, asked_for, f"{poll.feed.url} {now.isoformat()}")
    return replace(
        state,
        next_at=now + max(poll.interval, wait),
        asked_at=now,
        outcome=outcome,
        failures=state.failures + 1,
        gone_at=now if outcome == "gone" else None,
    )


def _rejected(url: str, source: str | None, refusal: Rejected, now: datetime) -> FetchResult:
    status = refusal.status if isinstance(refusal, Declined) else None
    if refusal.reason == "host-resting":
        return FetchResult(url, refusal.reason, refusal.message)
    # The payload is the address: what failed to come is replayed by asking again.
    reject = Reject("read", refusal.reason, refusal.message, source or stem(url), url, 0, now, url.encode())
    return FetchResult(url, refusal.reason, refusal.message, status, None, reject)


def _document(uri: str, source: str | None, response: Response, now: datetime) -> Document:
    charset = httpx.Response(200, headers=response.headers).charset_encoding  # httpx reads it from no less than this
    return Document(uri, response.body, now, arrival="fetched", charset=charset, source=source)


def _held(response: Response, now: datetime) -> HeldBody:
    return HeldBody(
        hash=blake2b(response.body, digest_size=16).hexdigest(),
        received_at=now,
        url=str(response.url),
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _may_be_conditional(state: FeedState, now: datetime) -> bool:
    if state.held is None or state.not_modified >= _TRUSTED_304:
        return False
    return now - state.held.received_at < _TRUSTED_FOR


def _validators(held: HeldBody | None, url: httpx.URL) -> dict[str, str]:
    if held is None or held.url != str(url):
        return {}
    validators = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified}
    return {name: value for name, value in validators.items() if value}


def _address(feed: Feed, state: FeedState) -> str:
    """Where to ask. After failures the two addresses take turns, as either may be the one that is dead."""
    return state.moved_to if state.moved_to is not None and state.failures % 2 == 0 else feed.url


def _moved_to(poll: _Poll, target: httpx.URL | None, response: Response) -> str | None:
    """The address to remember: not a parked domain's page, and not one that leads out of TLS."""
    known = poll.state.moved_to if poll.address != poll.feed.url else None
    is_page = "html" in response.headers.get("content-type", "")
    leaves_tls = poll.address.startswith("https:") and target is not None and target.scheme == "http"
    return known if target is None or is_page or leaves_tls else str(target)
