"""Sitemaps, their indexes, and lists of feeds."""

from datetime import UTC, datetime

import pytest

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.parse import parse_document
from transforms.parse_sitemap import listed_sitemaps

NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)
NEWS = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
INDEX = (
    '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<sitemap><loc> https://a.example/news.xml </loc><lastmod>2016-01-12</lastmod></sitemap>"
    "<sitemap><loc/></sitemap><sitemap><loc>https://a.example/old.xml</loc></sitemap></sitemapindex>"
)


def parse(content: str) -> list[Item | Reject]:
    return list(parse_document(Document("a.xml", content.encode(), NOW)))


def entry(news: str, url: str = "https://www.mashriq.example/1") -> str:
    return f"<url><loc>{url}</loc>{f'<n:news>{news}</n:news>' if news else ''}</url>"


def sitemap(*entries: str) -> str:
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {NEWS}>{"".join(entries)}</urlset>'


def test_a_news_sitemap_tells_title_address_date_and_outlet_of_an_article() -> None:
    news = (
        "<n:publication><n:name>المشرق</n:name><n:language>ar</n:language></n:publication>"
        "<n:publication_date>2016-01-12</n:publication_date><n:title>قمة &amp; بيان</n:title>"
    )
    (item,) = parse(sitemap(entry(news)))
    assert isinstance(item, Item)
    assert (item.title, item.url, item.source, item.language) == (
        "قمة & بيان",
        "https://www.mashriq.example/1",
        "المشرق",
        "ar",
    )
    assert (item.dates, item.text, item.guid) == ((("feed", "2016-01-12"),), None, None)


def test_an_outlet_without_name_goes_by_the_host_of_its_addresses() -> None:
    (item,) = parse(sitemap(entry("<n:title>خبر</n:title>")))
    assert item.source == "mashriq.example"


def test_an_address_without_news_is_a_reject_among_news_and_none_of_its_own_elsewhere() -> None:
    titled = entry("<n:title>خبر</n:title>")
    assert [getattr(outcome, "reason", "") for outcome in parse(sitemap(titled, entry(""), titled))] == [
        "",
        "no-text",
        "",
    ]
    (reject,) = parse(sitemap(*[entry("")] * 1000))
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.position) == ("not-news", 0)
    assert "1000 addresses" in reject.message


def test_an_index_is_one_reject_that_says_what_to_do() -> None:
    (reject,) = parse(INDEX)
    assert isinstance(reject, Reject)
    assert reject.reason == "sitemap-index"
    assert "2 sitemaps" in reject.message


def test_the_sitemaps_of_an_index_are_told_with_their_changes() -> None:
    listed = [("https://a.example/news.xml", "2016-01-12"), ("https://a.example/old.xml", None)]
    assert list(listed_sitemaps(INDEX)) == listed
    assert list(listed_sitemaps("no xml")) == []


@pytest.mark.parametrize("opml", ['<opml version="2.0"><body/></opml>', "<?xml version='1.0'?><OPML><body><x></OPML>"])
def test_a_list_of_feeds_is_one_reject_that_says_where_it_belongs(opml: str) -> None:
    (reject,) = parse(opml)
    assert isinstance(reject, Reject)
    assert reject.reason == "feed-list"
    assert "--feeds" in reject.message
