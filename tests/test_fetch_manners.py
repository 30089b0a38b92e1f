"""Manners: how often, how many at once, and after which answer a publisher is asked again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feed import Feed
from schemas.feed_state import FeedState
from tests.misbehaving_server import (
    START,
    Answer,
    Exchange,
    ManualClock,
    MisbehavingServer,
    client_for,
    cut_off,
    hang_up,
    redirect,
    reply,
    rss,
    silence,
)
from transforms.fetch import FetchResult, fetch_feed
from transforms.politeness import LONGEST_WAIT, PASSING, feed_ttl, retry_after, wait_after_failure, wait_after_success
from transforms.wire import Client

NEWS = rss("الأمم المتحدة تدعو إلى وقف إطلاق النار")
HOUR, DAY = 3600, 86400


def after(server: MisbehavingServer, answer: Answer, interval: timedelta | None = None) -> tuple[FetchResult, float]:
    """What one poll gives, and the seconds until the next."""
    server.answer("/rss", answer)
    feed = Feed(server.url("/rss"), interval=interval)
    result, state = fetch_feed(feed, FeedState(feed.url), client_for(server), START)
    assert state.next_at
    return result, (state.next_at - START).total_seconds()


# When to come back


def test_a_feed_is_asked_again_after_its_own_interval_or_the_default(server: MisbehavingServer) -> None:
    assert after(server, reply(NEWS))[1] == 15 * 60
    assert after(server, reply(NEWS), timedelta(minutes=5))[1] == 5 * 60


def test_a_feed_that_is_not_due_is_not_asked(server: MisbehavingServer) -> None:
    feed = Feed(server.url("/rss"))
    state = FeedState(feed.url, next_at=START + timedelta(seconds=1))
    assert fetch_feed(feed, state, client_for(server), START) == (
        FetchResult(feed.url, "not-due", "not before 2026-02-11 09:00:01 UTC"),
        state,
    )
    assert server.log == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=3600"}, HOUR),
        ({"Cache-Control": 'MAX-AGE="3600"'}, HOUR),
        ({"Cache-Control": "max-age=3600", "Age": "600"}, 3000),
        ({"Cache-Control": "max-age=3600", "Age": "86400"}, 15 * 60),
        ({"Cache-Control": "max-age=60"}, 15 * 60),
        ({"Cache-Control": "no-cache, max-age=3600"}, 15 * 60),
        ({"Cache-Control": "max-age=31536000, immutable"}, 6 * HOUR),
        ({"Cache-Control": "max-age=99999999999999999999"}, 6 * HOUR),
        ({"Cache-Control": "max-age=soon"}, 15 * 60),
        ({"Cache-Control": "s-maxage=3600"}, 15 * 60),
    ],
)
def test_a_publisher_that_wants_fewer_polls_gets_fewer(
    server: MisbehavingServer, headers: dict[str, str], seconds: float
) -> None:
    assert after(server, reply(NEWS, headers))[1] == seconds


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", HOUR),
        ("<ttl> 30 </ttl>", 1800),
        ("<ttl>0</ttl>", 0),
        ("<ttl>often</ttl>", 0),
        ("<sy:updatePeriod>\n hourly </sy:updatePeriod><sy:updateFrequency> 2 </sy:updateFrequency>", 1800),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", DAY),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", HOUR),
        ("", 0),
        ("<item><ttl>60</ttl></item>", 0),
    ],
)
def test_a_feed_may_ask_for_fewer_polls_itself(head: str, seconds: int) -> None:
    assert feed_ttl(rss("خبر", head=head)) == seconds
    assert feed_ttl(rss("خبر", head=head).decode().encode("utf-16")) == seconds


def test_a_feed_that_asked_for_fewer_polls_is_taken_at_its_word_after_a_304_too(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(rss("خبر", head="<ttl>90</ttl>"), {"ETag": '"v1"'}), reply(status=304))
    client, feed = client_for(server), Feed(server.url("/rss"))
    _, state = fetch_feed(feed, FeedState(feed.url), client, START)
    result, state = fetch_feed(feed, state, client, START + timedelta(hours=2))
    assert (result.outcome, state.next_at) == ("not-modified", START + timedelta(hours=3.5))


@pytest.mark.parametrize(
    ("status", "headers", "least"),
    [
        (429, {"Retry-After": "7200"}, 7200),
        (429, {}, HOUR),
        (429, {"Retry-After": "5"}, HOUR),
        (503, {"Retry-After": "Wed, 11 Feb 2026 13:00:00 GMT", "Date": "Wed, 11 Feb 2026 09:00:00 GMT"}, 4 * HOUR),
        (503, {"Retry-After": "99999999999"}, 7 * DAY),
    ],
)
def test_retry_after_is_kept(server: MisbehavingServer, status: int, headers: dict[str, str], least: float) -> None:
    result, seconds = after(server, reply(status=status, headers=headers))
    assert (result.outcome, result.status) == ("rate-limited", status)
    assert least <= seconds <= 1.1 * least


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("-5", 0),
        ("١٢٠", 0),
        ("1 0", 0),
        ("soon", 0),
        ("", 0),
        ("Wed, 11 Feb 2026 09:02:00 GMT", 120),
        ("Wed, 11 Feb 2026 12:02:00 +0300", 120),
        ("Wed, 11 Feb 2026 08:00:00 GMT", 0),
        ("Wed, 11 Feb 2026 09:02:00", 0),
        ("Wed, 31 Feb 2026 09:02:00 GMT", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date_by_the_servers_own_clock(value: str, seconds: float) -> None:
    headers = {b"Retry-After": value.encode(), b"Date": b"Wed, 11 Feb 2026 09:00:00 GMT"}
    assert retry_after(httpx.Headers(headers)) == seconds


def test_retry_after_is_zero_without_the_header_or_a_clock() -> None:
    assert retry_after(httpx.Headers()) == 0
    assert retry_after(httpx.Headers({"Retry-After": "Wed, 11 Feb 2026 09:02:00 GMT"})) == 0


@pytest.mark.parametrize("outcome", [*sorted(PASSING), "rate-limited", "http-error", "tls-error", "refused-address"])
def test_each_failure_waits_longer_than_the_last_and_none_for_ever(outcome: str) -> None:
    waits = [wait_after_failure(outcome, failures, 0.0, "https://naba.example/rss") for failures in range(1, 60)]
    assert waits == sorted(waits)
    assert timedelta(minutes=5) <= waits[0] < waits[1] < waits[2]
    assert waits[-1] == waits[-2] <= LONGEST_WAIT


def test_what_passes_by_itself_is_tried_sooner_than_what_must_be_mended() -> None:
    for failures in range(1, 30):
        passing, busy, standing = (
            wait_after_failure(outcome, failures, 0.0, "") for outcome in ("timeout", "rate-limited", "http-error")
        )
        assert passing < busy <= standing


def test_feeds_that_failed_together_do_not_come_back_together() -> None:
    waits = {wait_after_failure("timeout", 5, 0.0, f"https://naba.example/{number}") for number in range(100)}
    assert len(waits) > 90
    assert max(waits) <= 1.1 * min(waits)


def test_a_failing_feed_is_never_asked_more_often_than_its_interval(server: MisbehavingServer) -> None:
    assert after(server, hang_up, timedelta(hours=3))[1] == 3 * HOUR


def test_failures_are_counted_and_forgotten_with_the_first_success(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(status=500), cut_off(b""), reply(status=404), reply(NEWS))
    client, now, feed, counts = client_for(server), START, Feed(server.url("/rss")), []
    state = FeedState(feed.url)
    for _ in range(4):
        _, state = fetch_feed(feed, state, client, now)
        counts.append(state.failures)
        now = state.next_at or now
    assert counts == [1, 2, 3, 0]


def test_a_wait_is_never_shorter_for_a_hint_than_without() -> None:
    assert wait_after_success(httpx.Headers({"Cache-Control": "max-age=60"}), 3600) == timedelta(hours=1)


@given(
    st.binary(max_size=40)
    | st.from_regex(rb"[A-Z][a-z]{2}, [0-9]{1,5} [A-Z][a-z]{2} [0-9]{1,9} [0-9:]{1,9} [+-]?[0-9A-Z]{1,9}")
)
def test_any_header_is_a_wait_within_bounds(value: bytes) -> None:
    headers = httpx.Headers([(name, value) for name in (b"Retry-After", b"Date", b"Cache-Control", b"Age")])
    assert 0 <= retry_after(headers) <= LONGEST_WAIT.total_seconds()
    headers["Date"] = "Wed, 11 Feb 2026 09:00:00 GMT"
    assert 0 <= retry_after(headers) <= LONGEST_WAIT.total_seconds()
    assert timedelta(0) <= wait_after_success(headers, 0) <= LONGEST_WAIT


# One at a time


def test_requests_to_one_host_keep_their_distance(server: MisbehavingServer, clock: ManualClock) -> None:
    client = client_for(server, clock, host_delay=2.0)
    for number in range(3):
        server.answer(f"/{number}", reply(NEWS))
        feed = Feed(server.url(f"/{number}", host="news.example"))
        assert fetch_feed(feed, FeedState(feed.url), client, START)[0].outcome == "fetched"
    assert clock.slept == [2.0, 2.0]


def test_requests_to_two_hosts_need_no_distance(server: MisbehavingServer, clock: ManualClock) -> None:
    client = client_for(server, clock)
    for host in ("a.example", "b.example"):
        feed = Feed(server.url("/rss", host=host))
        fetch_feed(feed, FeedState(feed.url), client, START)
    assert clock.slept == []


def test_a_redirect_on_the_same_host_keeps_its_distance_too(server: MisbehavingServer, clock: ManualClock) -> None:
    server.answer("/rss", redirect("/new"))
    server.answer("/new", reply(NEWS))
    feed = Feed(server.url("/rss"))
    fetch_feed(feed, FeedState(feed.url), client_for(server, clock), START)
    assert clock.slept == [1.0]


def test_a_host_has_one_connection_at_a_time_whatever_the_threads(server: MisbehavingServer) -> None:
    def slowly(exchange: Exchange) -> None:
        exchange.wait(0.02)
        reply(NEWS)(exchange)

    server.answer("/rss", slowly)
    client = client_for(server)
    feeds = [Feed(server.url("/rss", host="news.example"))] * 8
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda feed: fetch_feed(feed, FeedState(feed.url), client, START)[0], feeds))
    assert [result.outcome for result in results] == ["fetched"] * 8
    assert (len(server.log), server.most_at_once) == (8, 1)


def test_two_hosts_are_asked_at_the_same_time(server: MisbehavingServer) -> None:
    def together(exchange: Exchange) -> None:
        while server.most_at_once < 2 and exchange.wait(0.01):
            pass
        reply(NEWS)(exchange)

    server.answer("/rss", together)
    client = client_for(server)
    feeds = [Feed(server.url("/rss", host=host)) for host in ("a.example", "b.example")]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda feed: fetch_feed(feed, FeedState(feed.url), client, START)[0], feeds))
    assert [result.outcome for result in results] == ["fetched"] * 2


def test_a_host_that_is_busy_is_spared_the_other_feeds_too(server: MisbehavingServer, clock: ManualClock) -> None:
    server.answer("/1", reply(status=429, headers={"Retry-After": "7200"}))
    server.answer("/2", reply(NEWS))
    client = client_for(server, clock)
    first, second = Feed(server.url("/1")), Feed(server.url("/2"))
    fetch_feed(first, FeedState(first.url), client, clock.now)
    result, state = fetch_feed(second, FeedState(second.url), client, clock.now)
    assert (result.outcome, result.reject, state.failures) == ("host-resting", None, 0)
    assert state.next_at == START + timedelta(hours=2)
    clock.now = state.next_at
    assert fetch_feed(second, state, client, clock.now)[0].outcome == "fetched"
    assert [request.path for request in server.log] == ["/1", "/2"]


def test_a_short_rest_is_waited_out(server: MisbehavingServer, clock: ManualClock) -> None:
    server.answer("/1", reply(status=429, headers={"Retry-After": "30"}))
    server.answer("/2", reply(NEWS))
    client = client_for(server, clock)
    for path in ("/1", "/2"):
        result, _ = fetch_feed(Feed(server.url(path)), FeedState(server.url(path)), client, START)
    assert (result.outcome, clock.slept) == ("fetched", [30.0])


def test_a_host_that_is_down_does_not_cost_a_time_out_for_each_feed(server: MisbehavingServer) -> None:
    for number in range(10):
        server.answer(f"/{number}", silence)
    client = client_for(server, read_timeout=0.05)
    found = [
        fetch_feed(Feed(url), FeedState(url), client, START)[0].outcome
        for url in (server.url(f"/{number}") for number in range(10))
    ]
    assert found == ["timeout"] * 4 + ["host-resting"] * 6


def test_a_clock_that_was_wrong_does_not_silence_a_feed(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(NEWS))
    feed = Feed(server.url("/rss"))
    state = replace(FeedState(feed.url), next_at=START + timedelta(days=900))
    assert fetch_feed(feed, state, client_for(server), START)[0].outcome == "fetched"


def test_a_client_without_a_contact_still_says_who_it_is() -> None:
    assert "naba/" in client_for(MisbehavingServer(0), contact=None).settings.user_agent
    assert isinstance(client_for(MisbehavingServer(0)), Client)
