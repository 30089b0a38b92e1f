"""HTML pages: the article of a page, and what its head says of it."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree, html

from schemas.item import Item
from schemas.reject import Reject
from transforms.markup import to_line
from transforms.parse_entry import Entry, Reading, host
from transforms.parse_feed import join

LIMIT = 8 << 20
"""Characters of a page; the longest of news have a tenth of it."""
ELEMENT_LIMIT = 60_000
"""Elements of a page; the extractor's time grows with their square."""
SECOND_OPINION_LIMIT = 3000
"""Elements of a page for which it still asks others, whose time grows faster yet."""
ARTICLE_TYPES = ("Article", "Posting", "Report", "Review")
"""How the names of schema.org's types of article end: NewsArticle, BlogPosting, …"""
PUBLISHED = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "published_date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
)
BLOCKS = frozenset(("p", "head", "lb", "list", "item", "table", "row", "quote", "code", "div", "graphic", "fw"))
"""What parts lines in the trees that trafilatura makes (TEI)."""
MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")


def parse_page(reading: Reading) -> Iterator[Item | Reject]:
    """The article of a page; a reject where there is none, as on a front page or in an error message."""
    if len(reading.text) > LIMIT:
        yield reading.reject("document-too-large", f"a page of over {LIMIT >> 20} million characters")
        return
    # No huge_tree: what is nested deeper than 256 is no article, and the extractor's time grows with the depth.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(reading.text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        yield reading.reject("no-text", "a page without content")
        return
    if sum(1 for _ in tree.iter()) > ELEMENT_LIMIT:
        yield reading.reject("document-too-large", f"a page of over {ELEMENT_LIMIT} elements")
        return
    entry = read_page(tree, reading.document.uri)
    reading = reading.of_outlet(host(entry.url), entry.source)
    if entry.text:
        yield reading.item(entry, 1)
    else:
        yield reading.reject("no-text", "a page without an article")


def read_page(tree: html.HtmlElement, uri: str) -> Entry:
    """What a page says, by schema.org, Open Graph and meta tags, by its elements, and by its layout."""
    article = linked_data(tree)
    metas = meta_tags(tree)
    title = _title(tree, article, metas)
    url = _url(tree, metas, uri)
    return Entry(
        title=title,
        text=_without_headline(main_text(tree, url), title) or _text(article, "articleBody"),
        url=url,
        author=", ".join(_names(article.get("author"))) or _meta(metas, "author", "dc.creator", "parsely-author"),
        language=tree.get("lang") or _text(article, "inLanguage") or _meta(metas, "og:locale", "content-language"),
        source=_meta(metas, "og:site_name"),
        dates=tuple(dict.fromkeys(_dates(tree, article, metas))),
    )


def main_text(tree: html.HtmlElement, url: str | None) -> str:
    """The text of the article without what stands around it; empty if there is no article."""
    # 0.3 s to import, and most runs meet no page.
    from trafilatura import bare_extraction  # noqa: PLC0415

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs a line for every page it finds empty
    fast = sum(1 for _ in tree.iter()) > SECOND_OPINION_LIMIT
    page = bare_extraction(tree, url=url, fast=fast, include_comments=False, with_metadata=False)
    lines = _lines(page.body) if page is not None else []
    links = {" ".join("".join(link.itertext()).split()) for link in tree.iter("a")}
    return "" if is_list(lines, links) else "\n".join(lines)


def is_list(lines: Sequence[str], links: Set[str]) -> bool:
    """Whether a page lists what other pages tell: most of its text is links, or teasers that each follow a link."""
    told = sum(len(line) for line in lines if line not in links)
    teasers = [line for before, line in pairwise(lines) if before in links and line not in links]
    return told * 2 <= sum(map(len, lines)) or (len(teasers) >= 4 and sum(map(len, teasers)) * 2 > told)


def _lines(body: html.HtmlElement) -> list[str]:
    """The paragraphs of trafilatura's tree: its own text would put marks before items and between cells."""
    pieces: list[str] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        pieces.append("\n" if element.tag in BLOCKS else " " if element.tag == "cell" else "")
        pieces.append((element.text if event == "start" else element.tail) or "")
    return list(filter(None, (" ".join(line.split()) for line in "".join(pieces).split("\n"))))


def linked_data(tree: html.HtmlElement) -> Mapping[str, Any]:
    """The article that the page describes in JSON-LD; empty if it describes none."""
    waiting: list[Any] = []
    for script in tree.iter("script"):
        if script.get("type", "").strip().lower() == "application/ld+json" and script.text:
            try:
                waiting.append(json.loads(script.text, strict=False))
            except (ValueError, RecursionError):
                continue
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            if any(str(kind).endswith(ARTICLE_TYPES) for kind in _list(value.get("@type"))):
                return value
            waiting += [value.get("@graph"), value.get("mainEntity"), value.get("mainEntityOfPage")]
    return {}


def meta_tags(tree: html.HtmlElement) -> Mapping[str, str]:
    """The content of the meta tags, by their property, name or itemprop in lower case; the first of each."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        if content := " ".join(meta.get("content", "").split()):
            metas.setdefault(name.strip().lower(), content)
    return metas


def _title(tree: html.HtmlElement, article: Mapping[str, Any], metas: Mapping[str, str]) -> str | None:
    headings = ["".join(heading.itertext()) for heading in tree.iter("h1")]
    titles = [
        _text(article, "headline"),
        _meta(metas, "og:title", "twitter:title"),
        headings[0] if len(headings) == 1 else None,
        *(title.text for title in tree.iter("title")),
    ]
    return next(filter(None, (to_line(title or "") for title in titles)), None)


def _without_headline(text: str, title: str | None) -> str:
    """The text without the headline that is set above it."""
    first, _, rest = text.partition("\n")
    return rest.strip() if rest and title and " ".join(first.split()) == title else text


def _url(tree: html.HtmlElement, metas: Mapping[str, str], uri: str) -> str | None:
    """The address that the page gives of itself, unless it is only that of its site; else where it was found."""
    found = uri if uri.startswith(("http://", "https://")) else None
    links = [link.get("href", "") for link in tree.iter("link") if link.get("rel", "").lower() == "canonical"]
    for link in (*links, metas.get("og:url", "")):
        url = join(found or "", link.strip())
        if url.startswith(("http://", "https://")) and (not found or _path(url) or not _path(found)):
            return url
    return found


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path.strip("/") + parts.query


def _dates(
    tree: html.HtmlElement, article: Mapping[str, Any], metas: Mapping[str, str]
) -> Iterator[tuple[Literal["html"], str]]:
    """What the page says of its date, word for word, most trusted first: publication before change."""
    marked = [element for element in tree.iter() if "datepublished" in str(element.get("itemprop", "")).lower()]
    times = [element for element in tree.iter("time") if element.get("pubdate") is not None]
    found = (
        _text(article, "datePublished"),
        *map(metas.get, PUBLISHED[:2]),
        *(element.get("content") or element.get("datetime") or element.text for element in marked),
        *map(metas.get, PUBLISHED[2:]),
        *(element.get("datetime") or element.text for element in times),
        *_lone_time(tree),
        _text(article, "dateCreated"),
        _text(article, "dateModified"),
        *map(metas.get, MODIFIED),
    )
    for date in found:
        if date and (raw := " ".join(date.split())):
            yield "html", raw


def _lone_time(tree: html.HtmlElement) -> Iterator[str]:
    """The time element of a page or article that has only one: others date the neighbours."""
    articles = list(tree.iter("article"))
    times = list((articles[0] if len(articles) == 1 else tree).iter("time"))
    if len(times) == 1:
        yield times[0].get("datetime") or "".join(times[0].itertext())


def _meta(metas: Mapping[str, str], *names: str) -> str | None:
    found = (metas.get(name) for name in names)
    return next((to_line(value) for value in found if value and not value.startswith(("http://", "https://"))), None)


def _text(article: Mapping[str, Any], name: str) -> str | None:
    value = article.get(name)
    return value.strip() if isinstance(value, str) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _names(authors: Any) -> Iterable[str]:
    """The names of people or organisations in JSON-LD."""
    for author in _list(authors):
        name = author.get("name") if isinstance(author, dict) else author
        for one in _list(name):
            if isinstance(one, str) and (plain := to_line(one)):
                yield plain
