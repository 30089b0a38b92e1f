"""RSS 0.90 to 2.0, RDF and Atom 0.3 and 1.0: entries of feeds, sound or broken.

libxml2 reads what is well-formed. What is not is cleaned and read again, then entry by entry; only an entry that
still does not parse is given to feedparser, which makes sense of nearly anything but takes ten times as long.
"""

import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html.entities import html5
from urllib.parse import urljoin, urlsplit

import feedparser
from lxml import etree

from schemas.item import Item
from schemas.reject import Reject
from transforms.decode import C1, DecodedDocument
from transforms.markup import to_line, to_text

NAMESPACES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/dcterms/": "dcterms",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
}
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"

PROLOG = re.compile(
    r"(?:\s|\ufeff|<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE(?:[^\[>\"']|\"[^\"]*\"|'[^']*')*"
    r"(?:\[(?P<subset>.*?)\]\s*)?>))*+",
    re.DOTALL | re.IGNORECASE,
)
ENTITY_DECLARATION = re.compile(r"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"%&<]{0,64}|&#\w+;)\"|'([^'%&<]{0,64}|&#\w+;)')\s*>")
"""Only short constants: an entity made of entities, or of a file, is a bomb or a theft and stays unexpanded."""

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
REFERENCE = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|&(?:(?P<number>#[0-9]+|#[xX][0-9a-fA-F]+)|(?P<name>[a-zA-Z][\w.-]*));"
    r"|&|<(?![\w/!?])",
    re.DOTALL,
)
XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=\s*[\"']")
ROOT = re.compile(r"<([\w.-]+:)?([\w.-]+)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")

ENTRY_BOUND = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<(?P<close>/?)(?:[\w.-]+:)?(?P<name>item|entry)(?=[\s>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)
BARE = re.compile(r"\"|&(?!#?\w{1,31};)")
DATE_KEYS = (
    "pubdate",
    "published",
    "atom:published",
    "atom:issued",
    "issued",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "atom:created",
    "created",
    "date",
    "atom:updated",
    "atom:modified",
    "updated",
    "modified",
    "lastbuilddate",
    "dcterms:modified",
)
BODY_KEYS = (
    "content:encoded",
    "atom:content",
    "content",
    "xhtml:body",
    "body",
    "fulltext",
    "description",
    "atom:summary",
    "summary",
    "dc:description",
    "media:description",
    "itunes:summary",
)

Element = etree._Element
Fields = Mapping[str, list[Element]]


@dataclass(frozen=True, slots=True)
class Feed:
    """What the feed says of itself, for all of its entries."""

    source: str
    base: str
    language: str | None
    titles_escaped: bool = True
    """Whether titles are HTML of which the entities are to be undone."""


def parse_feed(decoded: DecodedDocument) -> Iterator[Item | Reject]:
    """The entries of a feed in its order; what cannot be read of it as rejects."""
    text, entities = cut_prolog(decoded.text)
    root = read_xml(text)
    if root is None:
        text = clean(text, entities)
        root = read_xml(text)
    if root is None:
        yield from _parse_pieces(decoded, text)
        return
    entries = list(entries_of(root))
    feed = replace(describe(decoded, root), titles_escaped=titles_escaped(entries))
    position = 0
    for position, entry in enumerate(entries, 1):
        yield read_entry(decoded, feed, entry, position)
    if not position:
        yield from parse_loosely(decoded)


def cut_prolog(text: str) -> tuple[str, dict[str, str]]:
    """The text from its root element on, and the constants its DTD declares.

    Without a DTD there is nothing to expand and nothing to fetch: no bombs, no external entities.
    """
    prolog = PROLOG.match(text)
    start = prolog.end() if prolog else 0
    subset = (prolog["subset"] or "") if prolog else ""
    entities = {name: one or two for name, one, two in ENTITY_DECLARATION.findall(subset)}
    return text[start:], {name: html.unescape(value) for name, value in entities.items()}


def read_xml(text: str) -> Element | None:
    """The root element of a well-formed text without prolog; None if it is not well-formed."""
    # huge_tree: one text node may pass 10 MB. What it switches off guards against DTDs, and there is none.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def clean(text: str, entities: Mapping[str, str]) -> str:
    """Mend what makes most broken feeds broken: control characters, undeclared entities and prefixes, bare & and <."""

    def mend(match: re.Match[str]) -> str:
        if match["number"]:
            return _reference(match["number"])
        if match["name"]:
            return _entity(match["name"], entities)
        return {"&": "&amp;", "<": "&lt;"}.get(match[0], match[0])

    text = REFERENCE.sub(mend, ILLEGAL.sub("", text))
    root = ROOT.search(text)
    if root is None:
        return text
    used = {one or two for one, two in PREFIX.findall(text)} - {"xml", "xmlns"}
    missing = sorted(prefix for prefix in used if f"xmlns:{prefix}" not in root[0])
    known = {prefix: uri for uri, prefix in reversed(NAMESPACES.items())}
    declarations = "".join(f' xmlns:{prefix}="{known.get(prefix, "urn:" + prefix)}"' for prefix in missing)
    at = root.start(3)
    return text[:at] + declarations + text[at:]


def _reference(number: str) -> str:
    """A numeric reference as XML allows it: none to control characters."""
    digits = number[1:]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits[:8])
    if code in C1:
        return C1[code]
    if code > 0x10FFFF or ILLEGAL.match(chr(code)):
        return ""
    return f"&{number};"


def _entity(name: str, entities: Mapping[str, str]) -> str:
    """A named entity that XML does not know, as its character; as itself if nobody knows it."""
    if name in XML_ENTITIES:
        return f"&{name};"
    value = entities.get(name) or html5.get(name + ";")
    return html.escape(value, quote=False) if value is not None else f"&amp;{name};"


@lru_cache(maxsize=4096)
def key(tag: str) -> str:
    """A short name for a tag: its prefix by custom, whatever prefix the feed uses, and its local name in lower case."""
    if not tag.startswith("{"):
        return tag.lower()
    uri, _, local = tag[1:].partition("}")
    prefix = NAMESPACES.get(uri.lower(), uri)
    return f"{prefix}:{local}".lower() if prefix else local.lower()


def children(element: Element) -> dict[str, list[Element]]:
    """The child elements by their short names."""
    found: dict[str, list[Element]] = {}
    for child in element:
        if isinstance(child.tag, str):
            found.setdefault(key(child.tag), []).append(child)
    return found


def entries_of(root: Element) -> Iterator[Element]:
    """Every entry, wherever the feed keeps it."""
    return root.iter("{*}item", "{*}entry", "{*}Item", "{*}ITEM")


def describe(decoded: DecodedDocument, root: Element) -> Feed:
    """What the feed says of itself."""
    channel = next(root.iter("{*}channel"), root)
    fields = children(channel)
    link = link_of(fields) or ""
    title = plain(fields, ("title", "atom:title"))
    base = channel.get(XML_BASE) or root.get(XML_BASE) or link
    language = first(fields, ("language", "dc:language")) or channel.get(XML_LANG) or root.get(XML_LANG)
    document = decoded.document
    site = host(link) or host(first(fields, ("atom:id", "id")) or "")
    return Feed(document.source or site or title or stem(document.uri), base, language)


def titles_escaped(entries: Iterable[Element]) -> bool:
    """Whether the feed escapes its titles as HTML, below the escaping of XML: nothing says so but the titles.

    ``&amp;`` left in one proves it. Bare quotes or ampersands in one disprove it, since they would have been
    escaped: then an entity in another is part of the published title. Without evidence it is taken for HTML.
    """
    titles = [element.text or "" for entry in entries for element in entry.iterchildren("{*}title")]
    return any("&amp;" in title for title in titles) or not any(BARE.search(title) for title in titles)


def read_entry(decoded: DecodedDocument, feed: Feed, entry: Element, position: int) -> Item | Reject:
    """One entry as an item."""
    fields = children(entry)
    base = entry.get(XML_BASE) or feed.base
    guid = first(fields, ("guid", "atom:id", "id")) or entry.get(RDF_ABOUT)
    link = first(fields, ("feedburner:origlink",)) or link_of(fields) or permalink(fields)
    return decoded.item(
        position,
        outlet(fields) or feed.source if not decoded.document.source else decoded.document.source,
        title=plain(fields, ("title", "atom:title", "dc:title", "media:title"), entities=feed.titles_escaped),
        text=body(fields),
        url=urljoin(base, link) if link else None,
        guid=guid,
        author=author(fields),
        language=first(fields, ("dc:language", "language")) or entry.get(XML_LANG) or feed.language,
        dates=tuple(("feed", date) for date in dict.fromkeys(dates(fields))),
    )


def raw(element: Element) -> str:
    """The content of an element as HTML or plain text, whichever it is."""
    if not len(element):
        return element.text or ""
    pieces = [html.escape(element.text or "", quote=False)]
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node is element or not isinstance(node.tag, str):
            continue
        name = etree.QName(node).localname
        if event == "start":
            attributes = "".join(f' {k}="{html.escape(v)}"' for k, v in node.attrib.items() if not k.startswith("{"))
            pieces.append(f"<{name}{attributes}>{html.escape(node.text or '', quote=False)}")
        else:
            pieces.append(f"</{name}>{html.escape(node.tail or '', quote=False)}")
    return "".join(pieces)


def is_plain(element: Element) -> bool:
    """Whether an Atom text construct declares itself free of markup."""
    if key(element.tag).partition(":")[0] != "atom" or len(element):
        return False
    kind = element.get("type", "text").lower()
    return kind in {"text", "text/plain"} and element.get("mode") != "escaped"


def first(fields: Fields, keys: tuple[str, ...]) -> str | None:
    """The text of the first of the elements that has any."""
    for name in keys:
        for element in fields.get(name, ()):
            if value := (element.text or "").strip():
                return value
    return None


def plain(fields: Fields, keys: tuple[str, ...], *, entities: bool = True) -> str | None:
    """The first of the elements that has any text, as one line without markup."""
    for name in keys:
        for element in fields.get(name, ()):
            value = raw(element)
            line = " ".join(value.split()) if is_plain(element) else to_line(value, entities=entities)
            if line:
                return line
    return None


def body(fields: Fields) -> str | None:
    """The fullest text the entry gives of itself."""
    best = ""
    for name in BODY_KEYS:
        for element in fields.get(name, ()):
            value = raw(element)
            # Markup only shrinks: what is shorter before cannot be longer after.
            if len(value) > len(best):
                text = value.strip() if is_plain(element) else to_text(value)
                best = max(best, text, key=len)
    return best or None


def author(fields: Fields) -> str | None:
    """The byline."""
    names = [plain(children(element), ("atom:name", "name")) for element in fields.get("atom:author", ())]
    return ", ".join(name for name in names if name) or plain(fields, ("dc:creator", "author", "itunes:author"))


def dates(fields: Fields) -> Iterator[str]:
    """What the entry says of its date, most trusted first."""
    for name in DATE_KEYS:
        for element in fields.get(name, ()):
            if value := (element.text or "").strip():
                yield value


def link_of(fields: Fields) -> str | None:
    """The link to what is described: of RSS, else of Atom."""
    link = first(fields, ("link",))
    for element in (*fields.get("atom:link", ()), *fields.get("link", ())):
        if not link and element.get("rel", "alternate") == "alternate":
            link = (element.get("href") or "").strip()
    return "".join(link.split()) if link else None


def permalink(fields: Fields) -> str | None:
    """The guid, where it is a link."""
    for element in fields.get("guid", ()):
        value = (element.text or "").strip()
        if element.get("isPermaLink", "true") != "false" and value.startswith(("http://", "https://")):
            return value
    return None


def outlet(fields: Fields) -> str | None:
    """The outlet an entry was taken from, in feeds that gather from many."""
    for element in fields.get("atom:source", ()):
        if title := plain(children(element), ("atom:title",)):
            return title
    return plain(fields, ("source",))


def host(url: str) -> str | None:
    """The host of a URL without ``www.``, None if it has none."""
    try:
        name = urlsplit(url).hostname
    except ValueError:
        return None
    return name.removeprefix("www.") if name else None


def stem(uri: str) -> str:
    """The name of a file without its endings, else the host of a URL."""
    name = uri.rstrip("/").rsplit("/", 1)[-1]
    return host(uri) or name.split(".")[0] or name or "unknown"


def _parse_pieces(decoded: DecodedDocument, text: str) -> Iterator[Item | Reject]:
    """Entry by entry, where the whole is not well-formed."""
    head, pieces, rest = cut_entries(text)
    root = ROOT.search(head)
    if root is None or not pieces:
        yield from parse_loosely(decoded)
        return
    feed = _describe_head(decoded, head, root)
    position = 0
    for position, piece in enumerate(pieces, 1):
        parsed = read_xml(f"{root[0]}{piece}</{root[1] or ''}{root[2]}>")
        entry = next(entries_of(parsed), None) if parsed is not None else None
        if entry is not None:
            yield read_entry(decoded, feed, entry, position)
        else:
            yield _read_loosely(decoded, feed, root, piece, position)
    if rest:
        yield decoded.reject("truncated", "the feed ends inside this entry", position + 1, rest, feed.source)


def _describe_head(decoded: DecodedDocument, head: str, root: re.Match[str]) -> Feed:
    """The feed's own words, from what stands before its first entry."""
    closed = head[root.start() :]
    for name in re.findall(r"<((?:[\w.-]+:)?channel)\b", closed, re.IGNORECASE)[:1]:
        closed += "" if f"</{name}>" in closed else f"</{name}>"
    parsed = read_xml(f"{closed}</{root[1] or ''}{root[2]}>")
    if parsed is None:
        return Feed(decoded.document.source or stem(decoded.document.uri), "", None)
    return describe(decoded, parsed)


def cut_entries(text: str) -> tuple[str, list[str], str]:
    """What stands before the first entry, the entries with their tags, and an entry the text breaks off in.

    An entry ends at its own end tag, else where the next one begins or the feed ends.
    """
    head, pieces = text, list[str]()
    start, name = -1, ""
    for match in ENTRY_BOUND.finditer(text):
        if not match["name"]:
            continue
        if match["close"]:
            if start >= 0:
                pieces.append(text[start : match.end()])
                start = -1
            continue
        if start >= 0:
            pieces.append(f"{text[start : match.start()]}</{name}>")
        elif not pieces:
            head = text[: match.start()]
        start, name = match.start(), re.split(r"[\s>]", match[0][1:], maxsplit=1)[0]
    if start < 0:
        return head, pieces, ""
    ends = list(re.finditer(r"</(?:channel|rss|feed|(?:\w+:)?RDF)\s*>", text[start:], re.IGNORECASE))
    if not ends:
        return head, pieces, text[start:]
    pieces.append(f"{text[start : start + ends[0].start()]}</{name}>")
    return head, pieces, ""


def _read_loosely(
    decoded: DecodedDocument, feed: Feed, root: re.Match[str], piece: str, position: int
) -> Item | Reject:
    """A broken entry, as feedparser understands it; a reject if it finds none or more than one."""
    inner = f"<channel>{piece}</channel>" if root[2].lower() == "rss" else piece
    found = loose_entries(f"{root[0]}{inner}</{root[1] or ''}{root[2]}>")
    if len(found) != 1:
        return decoded.reject("broken-entry", "the entry is not well-formed", position, piece, feed.source)
    return _from_feedparser(decoded, feed.source, found[0], position, piece)


def parse_loosely(decoded: DecodedDocument) -> Iterator[Item | Reject]:
    """The whole document as feedparser understands it."""
    parsed = feedparser_result(decoded.text)
    if not parsed.entries:
        known = bool(parsed.get("version"))
        yield decoded.reject(
            "no-entries" if known else "unknown-format",
            "a feed without entries" if known else "XML of a kind that holds no news",
        )
        return
    link = parsed.feed.get("link", "")
    document = decoded.document
    source = document.source or host(link) or parsed.feed.get("title") or stem(document.uri)
    for position, entry in enumerate(parsed.entries, 1):
        yield _from_feedparser(decoded, source, entry, position, "")


def loose_entries(text: str) -> list[feedparser.FeedParserDict]:
    """The entries feedparser sees in a text."""
    return list(feedparser_result(text).entries)


def feedparser_result(text: str) -> feedparser.FeedParserDict:
    """feedparser's reading, from clean bytes: given a string it might open a file or a URL of that name."""
    prologless, _ = cut_prolog(text)
    return feedparser.parse(
        io.BytesIO(prologless.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _from_feedparser(
    decoded: DecodedDocument, source: str, entry: feedparser.FeedParserDict, position: int, payload: str
) -> Item | Reject:
    """An entry of feedparser's as an item; its parsed dates are left alone, they invent what is missing."""
    bodies = [content.get("value", "") for content in entry.get("content", ())] + [entry.get("summary", "")]
    names = ("published", "issued", "created", "date", "updated")
    return decoded.item(
        position,
        source,
        payload=payload,
        title=to_line(entry.get("title", "")),
        text=max((to_text(value) for value in bodies), key=len),
        url=entry.get("link"),
        guid=entry.get("id"),
        author=to_line(entry.get("author", "")),
        dates=tuple(("feed", value) for value in dict.fromkeys(filter(None, map(entry.get, names)))),
    )
