"""Poll feeds: those that are due are asked, parsed, and their teasers followed if that is wanted."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.feed import Feed
from schemas.item import Item
from schemas.reject import Reject
from schemas.run import Poll, Tally
from transforms.fetch import poll_feed
from transforms.full_text import FullTexts, fetch_full_texts
from transforms.parse import parse_document
from transforms.robots import Robots
from transforms.wire import Client, FetchSettings

LANES = 16
"""Groups of hosts that workers may take apart; a host is in one lane, so that one worker has it."""
HOSTS_AT_ONCE = 16


class PolledFeeds(NamedTuple):
    """What polling yields."""

    items: beam.PCollection[Item]
    rejects: beam.PCollection[Reject]
    polls: beam.PCollection[Poll]
    seen: beam.PCollection[Tally]


class FeedNews(NamedTuple):
    """What one poll of one feed brought."""

    items: tuple[Item, ...]
    rejects: tuple[Reject, ...]
    polls: tuple[Poll, ...]
    """Of the feed, then of each page that was followed."""
    unchanged: int = 0
    """Entries whose pages an earlier poll asked for: read, and seen."""


@dataclass
class PollFeeds(beam.PTransform):
    """Poll every feed that is due, several hosts at once and each host one thing at a time."""

    feeds: tuple[Feed, ...]
    state: str
    settings: FetchSettings
    fetch_articles: bool = False

    def expand(self, p: beam.Pipeline) -> PolledFeeds:
        polled = (
            p
            | "Lanes" >> beam.Create(lanes(self.feeds))
            | "Spread" >> beam.Reshuffle()
            | "Poll" >> beam.ParDo(_Poll(self)).with_outputs("rejects", "polls", "seen", main="items")
        )
        # Kept, so that a runner that repeats a later step does not ask again, and hear that nothing is due.
        return PolledFeeds(polled.items | "Keep" >> beam.Reshuffle(), polled.rejects, polled.polls, polled.seen)


class _Poll(beam.DoFn):
    def __init__(self, options: PollFeeds) -> None:
        self._state, self._settings = options.state, options.settings
        self._fetch_articles = options.fetch_articles
        self._polls = Metrics.counter(PollFeeds, "polls")
        self._items = Metrics.counter(PollFeeds, "items")

    def setup(self) -> None:
        self._client = Client(self._settings)
        self._robots = Robots(self._client) if self._fetch_articles else None

    def process(
        self, lane: Sequence[Sequence[Feed]]
    ) -> Iterator[
        Item
        | TaggedOutput[Literal["rejects"], Reject]
        | TaggedOutput[Literal["polls"], Poll]
        | TaggedOutput[Literal["seen"], Tally]
    ]:
        with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
            for host in pool.map(self._poll_host, lane):
                for news in host:
                    self._polls.inc()
                    self._items.inc(len(news.items))
                    yield from news.items
                    yield from (TaggedOutput("rejects", reject) for reject in news.rejects)
                    yield from (TaggedOutput("polls", poll) for poll in news.polls)
                    if failed := sum(reject.stage == "read" for reject in news.rejects):
                        yield TaggedOutput("seen", Tally("failed_requests", "", failed))
                    if news.unchanged:
                        source = news.polls[0].name or news.polls[0].url
                        yield TaggedOutput("seen", Tally("read", source, news.unchanged))
                        yield TaggedOutput("seen", Tally("seen", "", news.unchanged))

    def _poll_host(self, feeds: Sequence[Feed]) -> list[FeedNews]:
        return [
            news
            for feed in feeds
            for news in read_feed(feed, self._state, self._client, self._robots, datetime.now(UTC))
        ]


def lanes(feeds: Sequence[Feed]) -> list[list[list[Feed]]]:
    """Feeds grouped by host, and hosts by lane."""
    hosts: dict[str, list[Feed]] = {}
    for feed in feeds:
        hosts.setdefault(urlsplit(feed.url).netloc, []).append(feed)
    by_host = list(hosts.values())
    return [by_host[start::LANES] for start in range(min(LANES, len(by_host)))]


def read_feed(feed: Feed, folder: str, client: Client, robots: Robots | None, now: datetime) -> Iterator[FeedNews]:
    """Poll a feed (a sitemap index is several) and parse what came. ``robots`` is given to follow teasers.

    The state in the feed's ``Poll`` is to be saved when the items are safe in the output; None if there is none. A page
    that does not come is no reject: its entry is kept, with its teaser.
    """
    for result, state in poll_feed(feed, folder, client, now):
        outcomes = list(parse_document(result.document)) if result.document else []
        items = tuple(replace(each, zone=feed.zone) for each in outcomes if isinstance(each, Item))
        rejects = tuple(each for each in (result.reject, *outcomes) if isinstance(each, Reject))
        full = FullTexts(items, 0, (), state)
        if robots and items:
            full = fetch_full_texts(items, state, client, robots, now)
        saved = full.state.to_json().decode() if result.document else None
        pages = tuple(Poll(page.url, feed.name, page.outcome, page.message) for page in full.results)
        poll = Poll(result.url, feed.name, result.outcome, result.message, saved)
        yield FeedNews(full.items, rejects, (poll, *pages), full.unchanged)
