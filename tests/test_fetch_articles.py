"""Pages of articles: what robots.txt allows, how often one is tried, and how fast one follows another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from schemas.feed import Feed
from schemas.feed_state import FeedState
from tests.misbehaving_server import (
    START,
    Answer,
    ManualClock,
    MisbehavingServer,
    client_for,
    cut_off,
    hang_up,
    redirect,
    reply,
    rss,
)
from transforms.fetch import FetchResult, fetch_article, fetch_feed
from transforms.robots import Robots

NEWS = rss("الأمم المتحدة تدعو إلى وقف إطلاق النار")
PAGE = "<html><body><p>دعت الأمم المتحدة إلى وقف فوري لإطلاق النار.</p></body></html>".encode()


def articles(server: MisbehavingServer, *paths: str, clock: ManualClock | None = None) -> list[FetchResult]:
    client = client_for(server, clock)
    robots = Robots(client)
    return [fetch_article(server.url(path), client, robots, START) for path in paths]


def robots_txt(*lines: str) -> Answer:
    return reply("\n".join(lines).encode(), {"Content-Type": "text/plain"})


def test_an_article_becomes_a_document_named_by_its_address(server: MisbehavingServer) -> None:
    server.answer("/a", reply(PAGE, {"Content-Type": "text/html; charset=UTF-8"}))
    client = client_for(server)
    result = fetch_article(server.url("/a"), client, Robots(client), START, source="صحيفة الأفق")
    assert result.document
    assert (result.document.uri, result.document.content) == (server.url("/a"), PAGE)
    assert (result.document.charset, result.document.source) == ("utf-8", "صحيفة الأفق")


def test_robots_txt_is_asked_for_once_and_before_the_first_article(server: MisbehavingServer) -> None:
    server.answer("/robots.txt", robots_txt("User-agent: *", "Disallow: /private"))
    for path in ("/a", "/b", "/private/c"):
        server.answer(path, reply(PAGE))
    results = articles(server, "/a", "/private/c", "/b")
    assert [result.outcome for result in results] == ["fetched", "robots-disallowed", "fetched"]
    assert [request.path for request in server.log] == ["/robots.txt", "/a", "/b"]


def test_robots_txt_is_asked_for_once_by_all_threads_and_again_the_next_day(server: MisbehavingServer) -> None:
    server.answer("/a", reply(PAGE))
    clock = ManualClock()
    client = client_for(server, clock)
    robots = Robots(client)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: fetch_article(server.url("/a"), client, robots, START), range(6)))
    assert len(server.asked("/robots.txt")) == 1
    clock.now += timedelta(days=1)
    fetch_article(server.url("/a"), client, robots, clock.now)
    assert len(server.asked("/robots.txt")) == 2


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        (["User-agent: *", "Disallow: /"], False),
        (["User-agent: naba", "Disallow: /", "User-agent: *", "Allow: /"], False),
        (["User-agent: *", "Disallow: /", "User-agent: Naba", "Allow: /"], True),
        (["User-agent: *", "Disallow: /*.html$"], False),
        (["User-agent: *", "Disallow: /news/", "Allow: /news/2026/"], True),
        (["User-agent: *", "Disallow: /news/2026/أخبار"], False),
        (["<html>404</html>"], True),
        ([""], True),
    ],
)
def test_robots_txt_is_read_as_the_standard_says(server: MisbehavingServer, lines: list[str], allowed: bool) -> None:
    server.answer("/robots.txt", robots_txt(*lines))
    path = "/news/2026/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1.html"
    server.answer(path, reply(PAGE))
    assert articles(server, path)[0].outcome == ("fetched" if allowed else "robots-disallowed")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (reply(status=404), "fetched"),
        (reply(status=403), "fetched"),
        (redirect("/robots.txt"), "fetched"),
        (reply(status=500), "robots-unreachable"),
        (reply(status=429), "robots-unreachable"),
        (hang_up, "robots-unreachable"),
    ],
)
def test_a_missing_robots_txt_allows_all_and_a_failing_one_nothing(
    server: MisbehavingServer, answer: Answer, outcome: str
) -> None:
    server.answer("/robots.txt", answer)
    server.answer("/a", reply(PAGE))
    assert articles(server, "/a")[0].outcome == outcome


def test_a_failing_robots_txt_is_asked_for_again_in_an_hour(server: MisbehavingServer) -> None:
    server.answer("/robots.txt", reply(status=500), robots_txt("User-agent: *", "Allow: /"))
    server.answer("/a", reply(PAGE))
    clock = ManualClock()
    client = client_for(server, clock)
    robots = Robots(client)
    first = fetch_article(server.url("/a"), client, robots, START)
    clock.now += timedelta(hours=1)
    assert [first.outcome, fetch_article(server.url("/a"), client, robots, START).outcome] == [
        "robots-unreachable",
        "fetched",
    ]


def test_a_host_that_rests_is_not_taken_to_have_no_robots_txt(server: MisbehavingServer, clock: ManualClock) -> None:
    server.answer("/rss", reply(status=429, headers={"Retry-After": "3600"}))
    server.answer("/robots.txt", robots_txt("User-agent: *", "Disallow: /"))
    client = client_for(server, clock)
    robots = Robots(client)
    fetch_feed(Feed(server.url("/rss")), FeedState(server.url("/rss")), client, START)
    resting = fetch_article(server.url("/a"), client, robots, START)
    clock.now += timedelta(hours=2)
    rested = fetch_article(server.url("/a"), client, robots, START)
    assert [resting.outcome, rested.outcome] == ["host-resting", "robots-disallowed"]


def test_a_redirect_into_what_is_forbidden_is_not_followed(server: MisbehavingServer) -> None:
    server.answer("/robots.txt", robots_txt("User-agent: *", "Disallow: /private"))
    server.answer("/a", redirect("/private/a"))
    assert articles(server, "/a")[0].outcome == "robots-disallowed"
    assert server.asked("/private/a") == []


def test_a_redirect_to_another_site_asks_for_its_rules(server: MisbehavingServer) -> None:
    server.answer("a.example/a", redirect(server.url("/b", host="b.example")))
    server.answer("b.example/robots.txt", robots_txt("User-agent: *", "Disallow: /"))
    client = client_for(server)
    result = fetch_article(server.url("/a", host="a.example"), client, Robots(client), START)
    assert result.outcome == "robots-disallowed"


def test_a_crawl_delay_is_kept_up_to_a_minute(server: MisbehavingServer) -> None:
    for asked_for, kept in (("7", 7.0), ("86400", 60.0), ("0.1", 1.0), ("often", 1.0)):
        clock = ManualClock()
        server.answer("/robots.txt", robots_txt("User-agent: *", f"Crawl-delay: {asked_for}"))
        for path in ("/a", "/b"):
            server.answer(path, reply(PAGE))
        articles(server, "/a", "/b", clock=clock)
        assert clock.slept == [1.0, kept]  # the first is between robots.txt and the article


def test_an_article_is_tried_again_when_the_failure_may_pass(server: MisbehavingServer) -> None:
    server.answer("/a", reply(status=500), cut_off(PAGE), reply(PAGE))
    clock = ManualClock()
    assert articles(server, "/a", clock=clock)[0].outcome == "fetched"
    assert clock.slept == [1.0, 2.0, 10.0]


def test_an_article_is_not_tried_for_ever(server: MisbehavingServer) -> None:
    server.answer("/a", cut_off(PAGE))
    result = articles(server, "/a")[0]
    assert (result.outcome, result.document, len(server.asked("/a"))) == ("truncated", None, 3)
    assert result.reject
    assert result.reject.reason == "truncated"


@pytest.mark.parametrize(("status", "outcome"), [(404, "http-error"), (410, "gone"), (403, "http-error")])
def test_an_article_that_is_not_there_is_asked_for_once(server: MisbehavingServer, status: int, outcome: str) -> None:
    server.answer("/a", reply(status=status))
    assert articles(server, "/a")[0].outcome == outcome
    assert len(server.asked("/a")) == 1


def test_a_busy_host_gets_its_articles_asked_when_it_said(server: MisbehavingServer) -> None:
    server.answer("/a", reply(status=429, headers={"Retry-After": "20"}), reply(PAGE))
    clock = ManualClock()
    assert articles(server, "/a", clock=clock)[0].outcome == "fetched"
    assert sum(clock.slept) == 1.0 + 20.0


def test_feeds_need_no_leave_of_robots_txt(server: MisbehavingServer) -> None:
    server.answer("/robots.txt", robots_txt("User-agent: *", "Disallow: /"))
    server.answer("/rss", reply(NEWS))
    feed = Feed(server.url("/rss"))
    assert fetch_feed(feed, FeedState(feed.url), client_for(server), START)[0].outcome == "fetched"
    assert server.asked("/robots.txt") == []
