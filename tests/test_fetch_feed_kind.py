"""Where a feed was asked for: feeds of every kind are read, and what is none is a failure of the request."""

from pathlib import Path

import pytest

from schemas.document import Document
from schemas.reject import Rejected
from tests.misbehaving_server import START, MisbehavingServer, conditional, redirect, reply, rss
from tests.polls import NEWS, bodies, outcomes, poll
from transforms.feed_kind import feed_kind

PAGE = (
    "<!DOCTYPE html><html lang='ar'><head><title>الموقع تحت الصيانة</title></head><body>"
    "<p>نعمل على تحديث خوادم الصحيفة ونعود إليكم خلال ساعتين، ونشكر لكم صبركم وثقتكم.</p></body></html>"
)
WARNING = (
    "<br />\n<b>Warning</b>: mysqli_connect(): Connection timed out in <b>/srv/db.php</b> on line <b>9</b><br />\n"
)
SITEMAP = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def kind(content: bytes | str) -> str:
    body = content.encode() if isinstance(content, str) else content
    return feed_kind(Document("https://ufuq.example/rss", body, START))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (NEWS, "rss"),
        (NEWS[:-60], "rss"),
        (b"\n\n" + NEWS, "rss"),
        (WARNING.encode() + NEWS, "rss"),
        (NEWS.decode().encode("utf-16"), "rss"),
        ("<?xml version='1.0'?><!-- --><feed xmlns='http://www.w3.org/2005/Atom'><title>الأفق</title></feed>", "atom"),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'></rdf:RDF>", "rdf"),
        ('\N{ZERO WIDTH NO-BREAK SPACE}{"version": "https://jsonfeed.org/version/1.1", "items": []}', "json"),
        ('{"title": "الأفق", "items": [{"title": "خبر"}, {"ti', "json"),
        (f"<urlset {SITEMAP}><url><loc>https://ufuq.example/1</loc></url></urlset>", "sitemap"),
        (f"<sitemapindex {SITEMAP}><sitemap><loc>https://ufuq.example/1.xml</loc></sitemap></sitemapindex>",
         "sitemap-index"),
        ("<opml version='2.0'><body><outline xmlUrl='https://ufuq.example/rss'/></body></opml>", "opml"),
        ("<?xml version='1.0'?><Newsfeed><item><title>خبر</title></item></Newsfeed>", "other"),
        ('[{"title": "خبر", "text": "نص"}]', "other"),
        ('{"title": "خبر", "text": "نص"}\n{"title": "خبر آخر", "text": "نص"}\n', "other"),
    ],
)  # fmt: skip
def test_feeds_of_every_kind_are_feeds(content: bytes | str, told: str) -> None:
    assert kind(content) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (PAGE, "an HTML page, «الموقع تحت الصيانة»"),
        (f"<?xml version='1.0'?>{PAGE}", "an HTML page"),
        (f"{PAGE}<!-- <rss version='2.0'><channel><item><title>x</title></item></channel></rss> -->", "an HTML page"),
        ("<p>Access denied</p>", "an HTML page"),
        (WARNING, "an HTML page"),
        ("", "an empty answer"),
        (" \r\n", "an empty answer"),
        ("<?xml version='1.0'?>\n", "an empty answer"),
        ("Too many connections", "plain text"),
        ('{"code": "rest_no_route", "message": "لم يتم العثور على مسار"}', "JSON that is no JSON Feed"),
        ("<?xml version='1.0'?><error><code>500</code></error>", "XML that is none, <error>"),
        (b"%PDF-1.7\n" + bytes(99), "a file that is no text"),
    ],
)
def test_what_is_no_feed_is_refused_and_named(content: bytes | str, told: str) -> None:
    with pytest.raises(Rejected) as refused:
        kind(content)
    assert refused.value.reason == "not-a-feed"
    assert refused.value.message.startswith(f"https://ufuq.example/rss: no feed but {told}")


def test_a_table_of_articles_may_be_asked_for_as_well() -> None:
    table = "title,text\nخبر,نص الخبر كاملا\n".encode()
    assert feed_kind(Document("https://ufuq.example/news.csv?day=3", table, START)) == "other"
    with pytest.raises(Rejected, match="no feed but plain text"):
        feed_kind(Document("https://ufuq.example/rss", table, START))


@pytest.mark.parametrize("folder", ["feeds_dev/feeds", "feeds_arabic_blogs", "feeds_polls"])
def test_real_feeds_are_feeds(shared_data: Path, folder: str) -> None:
    for path in (shared_data / folder).iterdir():
        assert kind(path.read_bytes()) in {"rss", "rdf", "atom", "json"}


def test_a_page_in_place_of_a_feed_is_a_failure_that_passes(server: MisbehavingServer) -> None:
    later = rss("وصول قافلة مساعدات إلى غزة")
    server.answer(
        "/rss", conditional(NEWS, '"v1"'), reply(PAGE.encode(), {"ETag": '"page"'}), conditional(later, '"v2"')
    )
    results = poll(server, 3)
    assert outcomes(results) == ["fetched", "not-a-feed", "fetched"]
    assert bodies(results) == [NEWS, None, later]
    assert results[1].reject
    assert (results[1].reject.stage, results[1].reject.reason) == ("read", "not-a-feed")
    assert "الموقع تحت الصيانة" in results[1].message
    # What is held is still the feed, not the page.
    assert server.log[2].headers["if-none-match"] == '"v1"'


def test_the_page_that_a_feed_leads_to_is_named(server: MisbehavingServer) -> None:
    server.answer("/rss", redirect("/login"))
    server.answer("/login", reply(PAGE.encode()))
    assert server.url("/login") in poll(server)[0].message
