"""RSS 0.90 to 2.0, RDF and Atom 0.3 and 1.0.

libxml2 reads the feeds that are well-formed and those that mending makes so; the rest is for ``parse_broken``.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urljoin

from lxml import etree

from schemas.item import Item
from schemas.reject import Reject
from transforms.markup import has_markup, to_line, to_text
from transforms.parse_entry import Entry, Reading, feed_dates, host
from transforms.parse_xml import ATOM, XML_LANG, Element, Fields, children, first, inner, key

DATES = (
    "pubdate",
    "published",
    "issued",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "created",
    "date",
    "updated",
    "modified",
    "dcterms:modified",
    "lastbuilddate",
)
"""Where an entry tells its date, most trusted first: when it was published, before when it was changed."""
BODIES = (
    "content:encoded",
    "content",
    "xhtml:body",
    "xhtml:div",
    "body",
    "fulltext",
    "fullitem",
    "description",
    "summary",
    "dc:description",
    "media:description",
    "itunes:summary",
    "abstract",
)
TITLES = ("title", "dc:title", "media:title", "itunes:title")
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
Kind = Literal["plain", "html", "undeclared"]
ENTITY = re.compile(r"&#?\w{1,31};")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself, for all of its entries."""

    base: str = ""
    language: str | None = None
    titles_escaped: bool = True
    """Whether titles are HTML, of which the entities are to be undone."""


def parse_feed(reading: Reading, root: Element) -> Iterator[Item | Reject]:
    """The entries of a well-formed feed, in its order."""
    reading, feed = describe_feed(reading, root)
    entries = list(entries_of(root))
    feed = replace(feed, titles_escaped=titles_escaped(entries))
    for position, element in enumerate(entries, 1):
        entry = read_entry(element, feed)
        said = entry.title or entry.text
        yield reading.item(entry, position, "" if said else etree.tostring(element, encoding="unicode"))
    if not entries:
        yield reading.reject("no-entries", "a feed without entries")


def entries_of(root: Element) -> Iterator[Element]:
    """Every entry, wherever the feed keeps it."""
    for element in root.iter("{*}item", "{*}entry", "{*}Item", "{*}ITEM"):
        if ":" not in key(element.tag, key(root.tag).rpartition(":")[0]):
            yield element


def describe_feed(reading: Reading, root: Element) -> tuple[Reading, Feed]:
    """What the feed says of itself."""
    channel = next(root.iter("{*}channel", "{*}Channel", "{*}CHANNEL"), root)
    fields = children(channel)
    link = link_of(fields)
    site = host(link) or host(first(fields, "id"))
    reading = reading.of_outlet(site, line(fields, ("title",)))
    language = channel.get(XML_LANG) or root.get(XML_LANG) or first(fields, "language", "dc:language")
    return reading, Feed(link or "", language)


def titles_escaped(entries: Iterable[Element]) -> bool:
    """Whether the feed escapes its titles as HTML, below the escaping of XML: nothing says so but the titles.

    ``&amp;`` left in one proves it, and so do entities in a quarter of them. Else an entity in one is part of the
    title as published: newsrooms copy headlines out of pages.
    """
    titles = [element.text or "" for entry in entries for element in entry.iterchildren("{*}title")]
    escaped = sum(ENTITY.search(title) is not None for title in titles)
    return escaped * 4 >= len(titles) or any("&amp;" in title for title in titles)


def read_entry(element: Element, feed: Feed) -> Entry:
    """What one entry says."""
    fields = children(element)
    for group in fields.get("media:group", ()):
        fields = {**children(group), **fields}
    link = first(fields, "feedburner:origlink") or link_of(fields) or permalink(fields) or element.get("HREF")
    return Entry(
        title=line(fields, TITLES, entities=feed.titles_escaped),
        text=body(fields),
        url=join(element.base or feed.base, link) if link else None,
        guid=first(fields, "guid", "id", "dc:identifier") or element.get(RDF_ABOUT),
        author=author(fields),
        language=element.get(XML_LANG) or first(fields, "dc:language", "language") or feed.language,
        source=outlet(fields),
        dates=feed_dates(dates(fields)),
    )


def content_of(element: Element) -> tuple[str, Kind]:
    """What an element holds, and what that is declared to be. Pictures and the like hold nothing."""
    is_atom = element.tag.startswith(ATOM)
    if len(element):
        return inner(element), "html"
    content = element.text or ""
    kind, mode = element.get("type", "").lower(), element.get("mode", "")
    if mode == "base64" or ("/" in kind and not kind.startswith("text/") and not kind.endswith("ml")):
        content, mode = _from_base64(content), "escaped"
    if not is_atom:
        return content, "undeclared"
    if not kind and mode != "escaped":
        # Atom's default is plain text; but who declares nothing and writes markup means markup.
        return content, "undeclared" if has_markup(content) or ENTITY.search(content) else "plain"
    return content, "plain" if kind in {"text", "text/plain"} and mode != "escaped" else "html"


def _from_base64(content: str) -> str:
    try:
        return b64decode("".join(content.split()), validate=True).decode("utf-8")
    except ValueError:
        return ""


def line(fields: Fields, names: Iterable[str], *, entities: bool = True) -> str | None:
    """The first of the elements that has any text, on one line and without markup."""
    for name in names:
        for element in fields.get(name, ()):
            content, kind = content_of(element)
            if kind == "undeclared":
                content = to_line(content, entities=entities)
            if found := " ".join((to_text(content) if kind == "html" else content).split()):
                return found
    return None


def body(fields: Fields) -> str | None:
    """The fullest text that the entry gives: the first of them that no other passes by far."""
    best = ""
    for name in BODIES:
        for element in fields.get(name, ()):
            content, kind = content_of(element)
            enough = len(best) * 1.2
            # Losing its markup only shortens it: what is too short before it is too short after.
            if len(content) > enough and len(text := content.strip() if kind == "plain" else to_text(content)) > enough:
                best = text
    return best or None


def author(fields: Fields) -> str | None:
    """The byline."""
    names = [line(children(element), ("name",)) for element in fields.get("author", ()) if len(element)]
    return ", ".join(filter(None, names)) or line(fields, ("dc:creator", "author", "itunes:author", "media:credit"))


def dates(fields: Fields) -> Iterator[str]:
    """What the entry says of its date, word for word, most trusted first."""
    for name in DATES:
        for element in fields.get(name, ()):
            yield " ".join((element.text or "").split())


def link_of(fields: Fields) -> str | None:
    """The link to what is described: that of RSS, else of Atom, where the page comes before other forms of it."""
    link = first(fields, "link")
    if not link:
        links = [element for element in fields.get("link", ()) if element.get("rel", "alternate") == "alternate"]
        links.sort(key=lambda element: "html" not in element.get("type", "html"))
        link = next((href for element in links if (href := element.get("href", "").strip())), None)
    return "".join(link.split()) if link else None


def permalink(fields: Fields) -> str | None:
    """The guid of RSS, where it is a link."""
    for element in fields.get("guid", ()):
        value = (element.text or "").strip()
        if element.get("isPermaLink", "true").lower() != "false" and value.startswith(("http://", "https://")):
            return value
    return None


def outlet(fields: Fields) -> str | None:
    """The outlet that the entry was taken from, in a feed that gathers from many."""
    for element in fields.get("source", ()):
        if name := line(children(element), ("title",)) or to_line(element.text or "") or host(element.get("url")):
            return name
    return None


def join(base: str, link: str) -> str:
    """The link, made whole by what it is relative to; as published if it is whole or cannot be made so."""
    if "://" in link[:10]:
        return link
    try:
        return urljoin(base, link)
    except ValueError:
        return link
