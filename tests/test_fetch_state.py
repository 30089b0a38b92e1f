"""The state of a feed: written before the request, so that nothing a runner does makes us ask too often."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feed import Feed
from schemas.feed_state import FeedState, HeldBody
from tests.misbehaving_server import (
    START,
    Exchange,
    ManualClock,
    MisbehavingServer,
    client_for,
    conditional,
    misbehaving_server,
    reply,
    rss,
)
from transforms.connect import Network
from transforms.feed_state import claim_feed, load_state, save_state, state_path
from transforms.fetch import FetchResult, poll_feed
from transforms.wire import Client, FetchSettings

NEWS = rss("توقيع اتفاق الغاز بين القاهرة وبيروت")
QUARTER = timedelta(minutes=15)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
HELD = st.builds(HeldBody, st.text(), TIMES, st.text(), st.none() | st.text(), st.none() | st.text())


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with misbehaving_server() as running:
        running.answer("/rss", conditional(NEWS, '"v1"'))
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def poll(feed: Feed, folder: str, client: Client, now: datetime) -> tuple[FetchResult, FeedState]:
    (polled,) = poll_feed(feed, folder, client, now)
    return polled


@given(
    st.builds(
        FeedState,
        st.text(),
        st.none() | TIMES,
        held=st.none() | HELD,
        followed=st.tuples(st.text()),
        gone_at=st.none() | TIMES,
    )
)
def test_a_state_is_read_as_it_was_written(state: FeedState) -> None:
    assert FeedState.from_json(state.to_json()) == state


def test_a_state_of_another_version_is_read_as_far_as_it_is_known() -> None:
    written = FeedState("https://naba.example/rss", failures=3).to_json()
    assert FeedState.from_json(written.replace(b'"failures"', b'"new": 1, "failures"')).failures == 3
    assert FeedState.from_json(b'{"url": "https://naba.example/rss"}') == FeedState("https://naba.example/rss")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b'{"url": 1, "next_at": 5}', b"\xff"])
def test_a_damaged_state_is_begun_anew(folder: str, content: bytes) -> None:
    url = "https://naba.example/rss"
    save_state(folder, FeedState(url))
    Path(state_path(folder, url)).write_bytes(content)
    assert load_state(folder, url) == FeedState(url)


def test_each_feed_has_one_file_of_its_own(folder: str) -> None:
    urls = ["https://naba.example/rss", "https://naba.example/rss?قسم=سياسة", "https://naba.example/" + "x" * 3000]
    for url in urls:
        save_state(folder, FeedState(url))
        save_state(folder, FeedState(url, failures=1))
    assert {load_state(folder, url) for url in urls} == {FeedState(url, failures=1) for url in urls}
    assert len(list(Path(folder, "feeds").iterdir())) == 3


def test_the_claim_is_on_disk_before_the_feed_is_asked(server: MisbehavingServer, folder: str) -> None:
    feed = Feed(server.url("/rss"))
    seen: list[FeedState] = []

    def look(exchange: Exchange) -> None:
        seen.append(load_state(folder, feed.url))
        reply(NEWS)(exchange)

    server.answer("/rss", look)
    poll(feed, folder, client_for(server), START)
    assert seen == [FeedState(feed.url, next_at=START + QUARTER, asked_at=START, outcome="claimed")]


def test_a_crash_during_the_request_does_not_make_us_ask_again_too_soon(server: MisbehavingServer, folder: str) -> None:
    class PowerCutError(BaseException):
        pass

    def cut(_address: str, _port: int, _timeout: float) -> None:
        raise PowerCutError

    feed = Feed(server.url("/rss"))
    dying = Client(FetchSettings(allow_private_hosts=True), network=Network(dial=cut))  # type: ignore[arg-type]
    with pytest.raises(PowerCutError):
        poll(feed, folder, dying, START)
    early, _ = poll(feed, folder, client_for(server), START + QUARTER - timedelta(seconds=1))
    late, _ = poll(feed, folder, client_for(server), START + QUARTER)
    assert (early.outcome, late.outcome, len(server.log)) == ("not-due", "fetched", 1)


def test_a_runner_that_polls_without_pause_asks_once_an_interval(server: MisbehavingServer, folder: str) -> None:
    feed, client, clock = Feed(server.url("/rss")), client_for(server), ManualClock()
    outcomes: Counter[str] = Counter()
    for _ in range(600):
        result, state = poll(feed, folder, client, clock.now)
        if result.document:
            save_state(folder, state)
        outcomes[result.outcome] += 1
        clock.now += timedelta(seconds=9)
    assert outcomes == {"fetched": 1, "not-modified": 5, "not-due": 594}
    assert len(server.log) == 6


def test_threads_that_poll_at_once_ask_once(server: MisbehavingServer, folder: str) -> None:
    feed, start = Feed(server.url("/rss")), threading.Barrier(8)

    def ask(_: int) -> str:
        client = client_for(server)  # each its own, as workers have
        start.wait()
        return poll(feed, folder, client, START)[0].outcome

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(ask, range(8)))
    assert outcomes == {"fetched": 1, "not-due": 7}
    assert len(server.log) == 1


def test_threads_that_claim_at_once_share_the_feeds(folder: str) -> None:
    def claim(_: int) -> list[bool]:
        return [claim_feed(folder, f"https://naba.example/{n}", QUARTER, START)[1] for n in range(50)]

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(claim, range(8)))
    assert [sum(each) for each in zip(*claimed, strict=True)] == [1] * 50


def test_processes_that_claim_at_once_share_the_feeds(folder: str) -> None:
    script = (
        "import sys; from datetime import *; from transforms.feed_state import claim_feed\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for n in range(100):\n"
        "    url, now = f'https://naba.example/{n}', datetime.fromisoformat(sys.argv[2])\n"
        "    print(claim_feed(sys.argv[1], url, timedelta(1), now)[1])\n"
    )
    command = [sys.executable, "-c", script, folder, START.isoformat()]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        ours = [claim_feed(folder, f"https://naba.example/{n}", timedelta(1), START)[1] for n in range(100)]
        theirs = [line.endswith("True\n") for line in other.stdout]
    assert [mine + their for mine, their in zip(ours, theirs, strict=True)] == [1] * 100


def test_articles_that_never_reached_the_output_are_fetched_again(server: MisbehavingServer, folder: str) -> None:
    feed, client = Feed(server.url("/rss")), client_for(server)
    first, _ = poll(feed, folder, client, START)  # and the run dies: nobody saves the state
    second, state = poll(feed, folder, client, START + QUARTER)
    save_state(folder, state)
    third, _ = poll(feed, folder, client, START + 2 * QUARTER)
    assert [first.outcome, second.outcome, third.outcome] == ["fetched", "fetched", "not-modified"]


def test_what_a_failure_teaches_is_kept_at_once(server: MisbehavingServer, folder: str) -> None:
    server.answer("/rss", reply(status=429, headers={"Retry-After": "36000"}))
    feed = Feed(server.url("/rss"))
    _, state = poll(feed, folder, client_for(server), START)
    assert load_state(folder, feed.url) == state
    result, _ = poll(feed, folder, client_for(server), START + timedelta(hours=9))
    assert result.outcome == "not-due"


def test_a_retired_feed_stays_retired_across_runs(server: MisbehavingServer, folder: str) -> None:
    server.answer("/rss", reply(status=410))
    feed = Feed(server.url("/rss"))
    outcomes = [poll(feed, folder, client_for(server), START + timedelta(days=days))[0].outcome for days in range(3)]
    assert (outcomes, len(server.log)) == (["gone", "retired", "retired"], 1)


def test_a_claim_keeps_what_was_known(folder: str) -> None:
    known = FeedState("https://naba.example/rss", failures=2, moved_to="https://naba.example/new")
    save_state(folder, known)
    state, due = claim_feed(folder, known.url, QUARTER, START)
    assert (state, due) == (known, True)
    claimed = replace(known, next_at=START + QUARTER, asked_at=START, outcome="claimed")
    assert claim_feed(folder, known.url, QUARTER, START) == (claimed, False)


def index(server: MisbehavingServer, *sitemaps: tuple[str, str]) -> bytes:
    """A sitemap index of paths and their times of change."""
    listed = "".join(
        f"<sitemap><loc>{server.url(path)}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</sitemap>"
        for path, changed in sitemaps
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'.encode()


def test_a_sitemap_index_is_polled_with_the_sitemaps_that_hold_news(server: MisbehavingServer, folder: str) -> None:
    sitemaps = (("/2019", "2019-03-01"), ("/news", "2026-02-11T08:00:00Z"), ("/undated", ""))
    server.answer("/index", reply(index(server, *sitemaps), {"ETag": '"i1"'}), reply(status=304))
    for path in ("/2019", "/news", "/undated"):
        server.answer(path, conditional(NEWS, f'"{path}"'))
    feed, client = Feed(server.url("/index"), name="صحيفة الأفق"), client_for(server)
    first = list(poll_feed(feed, folder, client, START))
    assert [(result.url, result.outcome, result.document is not None) for result, _ in first] == [
        (server.url("/index"), "fetched", False),
        (server.url("/undated"), "fetched", True),
        (server.url("/news"), "fetched", True),
    ]
    assert [result.document.source for result, _ in first if result.document] == ["صحيفة الأفق"] * 2
    for _, state in first:
        save_state(folder, state)
    second = list(poll_feed(feed, folder, client, START + QUARTER))
    assert [result.outcome for result, _ in second] == ["not-modified"] * 3  # an index that stays may list what changes
    assert [result.outcome for result, _ in poll_feed(feed, folder, client, START + QUARTER)] == ["not-due"]


def test_a_sitemap_index_of_thousands_is_not_crawled(server: MisbehavingServer, folder: str) -> None:
    sitemaps = [(f"/{number}", "") for number in range(1000)]
    server.answer("/index", reply(index(server, *sitemaps, ("/0", ""))))
    results = list(poll_feed(Feed(server.url("/index")), folder, client_for(server), START))
    assert len(results) == 21


def test_a_sitemap_index_that_lists_private_places_leads_nowhere(server: MisbehavingServer, folder: str) -> None:
    body = b"<sitemapindex><sitemap><loc>file:///etc/passwd</loc></sitemap></sitemapindex>"
    server.answer("/index", reply(body))
    results = list(poll_feed(Feed(server.url("/index")), folder, client_for(server), START))
    assert [result.outcome for result, _ in results] == ["fetched"]
