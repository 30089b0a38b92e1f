"""What ``naba feeds check`` tells of each feed."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from schemas.feed import Feed
from tests.misbehaving_server import (
    START,
    MisbehavingServer,
    client_for,
    conditional,
    cut_off,
    redirect,
    reply,
    silence,
)
from transforms.check_feeds import FeedCheck, check_feed, check_feeds

TEXT = (
    "بحث وزراء خارجية دول مجلس التعاون في الكويت مشروع الربط الكهربائي مع العراق، واتفقوا على أن تبدأ المرحلة الأولى "
    "من تشغيل الخط قبل نهاية العام. وقال الأمين العام للمجلس إن الدول الست رصدت للمشروع ثلاثمئة مليون دولار. "
)


def rss(text: str = TEXT * 3, encoding: str = "utf-8", declared: str = "utf-8") -> bytes:
    items = "".join(
        f"<item><title>خبر {hour}</title><link>https://ufuq.example/{hour}</link><description>{text}</description>"
        f"<pubDate>{format_datetime(datetime(2026, 2, 10, hour, tzinfo=UTC))}</pubDate></item>"
        for hour in (3, 9, 6)
    )
    document = f"<?xml version='1.0' encoding='{declared}'?><rss version='2.0'><channel>{items}<item/></channel></rss>"
    return document.encode(encoding)


def check(server: MisbehavingServer) -> FeedCheck:
    return check_feed(Feed(server.url("/rss"), name="صحيفة الأفق"), client_for(server, read_timeout=1.0), START)


def test_a_good_feed_is_told_in_full(server: MisbehavingServer) -> None:
    server.answer("/rss", conditional(rss(), '"v1"'))
    assert check(server) == FeedCheck(
        url=server.url("/rss"),
        name="صحيفة الأفق",
        outcome="fetched",
        message="",
        moved_to=None,
        type="rss",
        entries=3,
        refused=1,
        refused_for="no-text (neither a title nor a text)",
        newest=datetime(2026, 2, 10, 9, tzinfo=UTC),
        encoding="utf-8",
        encoding_repaired=False,
        full_text=True,
        supports_304=True,
    )
    assert check(server).reachable


def test_a_server_that_knows_no_304_is_told(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(rss()))
    assert (check(server).supports_304, len(server.log)) == (False, 1)
    server.answer("/rss", reply(rss(), {"ETag": '"v1"'}))
    assert check(server).supports_304 is False


def test_teasers_are_told(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(rss(TEXT[:60])))
    assert check(server).full_text is False


def test_an_encoding_that_is_declared_wrongly_is_told(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(rss(encoding="cp1256")))
    found = check(server)
    assert (found.encoding, found.encoding_repaired, found.entries) == ("windows-1256", True, 3)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title></entry></feed>", "atom"),
        (b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><item><title>x</title></item></r:RDF>", "rdf"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "x"}]}', "json"),
        (b"<urlset><url><loc>https://ufuq.example/1</loc></url></urlset>", "sitemap"),
        (b"<sitemapindex><sitemap><loc>https://ufuq.example/1</loc></sitemap></sitemapindex>", "sitemap-index"),
        (b"<opml><body/></opml>", "opml"),
    ],
)  # fmt: skip
def test_the_type_is_told_by_the_content(server: MisbehavingServer, body: bytes, kind: str) -> None:
    server.answer("/rss", reply(body, {"Content-Type": "text/html"}))
    assert (check(server).type, check(server).reachable) == (kind, True)


@pytest.mark.parametrize("body", [b"<html><body><p>x</p></body></html>", b"", b'{"code": "rest_no_route"}', b"hello"])
def test_what_is_no_feed_is_told_as_other_failures_are(server: MisbehavingServer, body: bytes) -> None:
    server.answer("/rss", reply(body, {"Content-Type": "application/rss+xml"}))
    found = check(server)
    assert (found.outcome, found.reachable, found.type, found.entries) == ("not-a-feed", False, None, 0)
    assert server.url("/rss") in found.message


def test_the_commonest_reason_is_told_for_entries_that_cannot_be_read(server: MisbehavingServer) -> None:
    server.answer("/rss", reply(b'{"items": [{"title": "x"}, 5, {}, {}]}'))
    found = check(server)
    assert (found.entries, found.refused, found.refused_for) == (1, 3, "no-text (neither a title nor a text)")


def test_what_cannot_be_reached_is_told_why(server: MisbehavingServer) -> None:
    server.answer("/rss", silence)
    found = check(server)
    assert (found.reachable, found.outcome, found.type, found.supports_304) == (False, "timeout", None, None)
    server.answer("/rss", reply(status=404))
    assert (check(server).outcome, check(server).message.endswith("status 404")) == ("http-error", True)


def test_a_feed_that_moved_is_told_with_its_new_address(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/new", 301))
    server.answer("/new", conditional(rss(), '"v1"'))
    found = check(server)
    assert (found.moved_to, found.supports_304) == (server.url("/new"), True)


def test_a_feed_that_breaks_off_is_told_with_what_came(server: MisbehavingServer) -> None:
    server.answer("/rss", cut_off(rss()[:-200]))
    found = check(server)
    assert (found.reachable, found.outcome, found.entries, found.supports_304) == (True, "truncated", 2, None)


def test_a_list_is_told_in_its_order(server: MisbehavingServer) -> None:
    paths = [f"/{number}" for number in range(12)]
    for path in paths[::2]:
        server.answer(path, reply(rss()))
    found = check_feeds([Feed(server.url(path)) for path in paths], client_for(server), START)
    assert [feed.url for feed in found] == [server.url(path) for path in paths]
    assert [feed.reachable for feed in found] == [True, False] * 6
