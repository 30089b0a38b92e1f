"""Google-News sitemaps, and the lists that are no news themselves: sitemap indexes, plain sitemaps, OPML."""

from collections.abc import Iterator

from schemas.item import Item
from schemas.reject import Reject
from transforms.markup import to_line
from transforms.parse_entry import Entry, Reading, feed_dates, host
from transforms.parse_xml import Element, children, cut_prolog, first, read_xml


def parse_sitemap(reading: Reading, root: Element) -> Iterator[Item | Reject]:
    """An item for every article that a news sitemap announces: its title, address and date, no text.

    A sitemap without news is one reject, whatever the number of its addresses; in a news sitemap, an address
    without news is a reject of its own.
    """
    urls = [children(element) for element in root.iterchildren("{*}url")]
    reading = reading.of_outlet(next((host(first(url, "loc")) for url in urls), None))
    if not any("news:news" in url for url in urls):
        yield reading.reject("not-news", f"a sitemap of {len(urls)} addresses, none of them announced as news")
        return
    for position, url in enumerate(urls, 1):
        news = children(url["news:news"][0]) if "news:news" in url else {}
        outlet = children(news["news:publication"][0]) if "news:publication" in news else {}
        address = first(url, "loc")
        entry = Entry(
            title=to_line(first(news, "news:title") or ""),
            url=address,
            language=first(outlet, "news:language") or first(news, "news:language"),
            source=first(outlet, "news:name"),
            dates=feed_dates((first(news, "news:publication_date"),)),
        )
        yield reading.item(entry, position, address or "")


def parse_sitemap_index(reading: Reading, root: Element) -> Iterator[Item | Reject]:
    """A sitemap index holds no news: one reject that says so. See ``listed_sitemaps``."""
    number = len(list(listed_sitemaps(root)))
    yield reading.reject("sitemap-index", f"a list of {number} sitemaps, not news: give the sitemaps themselves")


def listed_sitemaps(root: Element | str) -> Iterator[tuple[str, str | None]]:
    """The sitemaps of an index, address and date of last change each, for whoever fetches them."""
    element = read_xml(cut_prolog(root)[0]) if isinstance(root, str) else root
    for sitemap in element.iterchildren("{*}sitemap") if element is not None else ():
        fields = children(sitemap)
        if address := first(fields, "loc"):
            yield address, first(fields, "lastmod")


def parse_feed_list(reading: Reading) -> Iterator[Item | Reject]:
    """OPML is a list of feeds: one reject that says what to do with it."""
    yield reading.reject("feed-list", "OPML, a list of feeds and not news: give it to --feeds")
