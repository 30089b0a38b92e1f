"""XML as newsrooms send it: read where it is well-formed, mended where it nearly is, never expanded."""

import html
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html.entities import html5

from lxml import etree

from transforms.decode import C1

Element = etree._Element
Fields = Mapping[str, list[Element]]

RSS = ""
NAMESPACES = {
    # RSS of every age and Atom share their names for things, so both go without a prefix.
    "http://www.w3.org/2005/atom": RSS,
    "http://purl.org/atom/ns#": RSS,
    "http://purl.org/rss/1.0/": RSS,
    "http://purl.org/rss/1.0": RSS,
    "http://my.netscape.com/rdf/simple/0.9/": RSS,
    "http://channel.netscape.com/rdf/simple/0.9/": RSS,
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": RSS,
    "http://backend.userland.com/rss": RSS,
    "http://backend.userland.com/rss2": RSS,
    "http://blogs.law.harvard.edu/tech/rss": RSS,
    "http://www.sitemaps.org/schemas/sitemap/0.9": RSS,
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/dcterms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
"""Namespaces, in lower case, and the prefix each goes by here whatever the feed calls it."""

ATOM = ("{http://www.w3.org/2005/Atom}", "{http://purl.org/atom/ns#}")
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

PROLOG_PART = re.compile(
    r"[\s\ufeff]+|<\?.*?\?>|<!--.*?-->"
    r"|<!DOCTYPE(?:[^\[>\"']|\"[^\"]*\"|'[^']*')*+(?:\[(?P<subset>.*?)\]\s*)?>",
    re.DOTALL | re.IGNORECASE,
)
ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,64})\s+(?:\"([^\"%&<]{1,64}|&#\w{1,8};)\"|'([^'%&<]{1,64}|&#\w{1,8};)')\s*>")
"""Only short constants. An entity made of entities is a bomb, one made of a file a theft: neither is expanded."""

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
C1_REFERENCE = re.compile("&#(1(?:2[89]|[345][0-9])|[xX][89][0-9a-fA-F]);")
"""What Windows editors write for their punctuation; XML reads it as control characters."""
REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(?:#(?P<number>[0-9]{1,9}|[xX][0-9a-fA-F]{1,8})|(?P<name>[a-zA-Z][\w.-]{0,63}));)?"
    r"|<(?![a-zA-Z_/!?])"
)
TAG_WITH_COLON = re.compile(r"<[/a-zA-Z_][^<>]*:[^<>]*>")
PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=\s*[\"']")
ROOT = re.compile(
    r"<(?P<name>(?:[a-zA-Z_][\w.-]*:)?(?P<local>[a-zA-Z_][\w.-]*))(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>"
)


def cut_prolog(text: str) -> tuple[str, dict[str, str]]:
    """The text from its root element on, and the constants that its DTD declares.

    Without a DTD there is nothing to expand and nothing to fetch, whatever the XML library would do about it.
    """
    position = 0
    subset = ""
    while part := PROLOG_PART.match(text, position):
        position = part.end()
        subset = part["subset"] or subset
    entities = {name: html.unescape(one or two) for name, one, two in ENTITY.findall(subset)}
    return C1_REFERENCE.sub(lambda match: _reference(match[1]), text[position:]), entities


def read_xml(text: str) -> Element | None:
    """The root element of a text without prolog; None if it is not well-formed."""
    # huge_tree lifts the limits on depth and on a text's 10 MB. The expansion it no longer guards against
    # needs a DTD, which `cut_prolog` took away.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def opaque_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where CDATA sections and comments stand, in which no ``<`` or ``&`` is markup.

    A CDATA section that holds the start of another one was never closed, and is none.
    """
    position = 0
    while (cdata := text.find("<![CDATA[", position)) >= 0:
        yield from _comments(text, position, cdata)
        end = text.find("]]>", cdata)
        if end < 0:
            position = cdata
            break
        cdata = max(cdata, text.rfind("<![CDATA[", cdata, end))
        yield cdata, end + 3
        position = end + 3
    yield from _comments(text, position, len(text))


def _comments(text: str, position: int, stop: int) -> Iterator[tuple[int, int]]:
    while (start := text.find("<!--", position, stop)) >= 0 and (end := text.find("-->", start, stop)) >= 0:
        yield start, end + 3
        position = end + 3


def mend_xml(text: str, entities: Mapping[str, str]) -> str:
    """Mend what makes most feeds break: control characters, unknown entities and prefixes, bare ``&`` and ``<``."""

    def mend(match: re.Match[str]) -> str:
        if match["number"]:
            return _reference(match["number"])
        if match["name"]:
            return _entity(match["name"], entities)
        return "&amp;" if match[0] == "&" else "&lt;"

    text = ILLEGAL.sub("", text)
    pieces: list[str] = []
    position = 0
    for start, end in opaque_spans(text):
        pieces += (REFERENCE.sub(mend, text[position:start]), text[start:end])
        position = end
    pieces.append(REFERENCE.sub(mend, text[position:]))
    return _declare_prefixes("".join(pieces))


def _reference(number: str) -> str:
    """A numeric reference as XML allows it: none to a control character."""
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    if code in C1:
        return C1[code]
    return "" if code > 0x10FFFF or ILLEGAL.match(chr(code)) else f"&#{number};"


def _entity(name: str, entities: Mapping[str, str]) -> str:
    """A named entity that XML does not know, as its character; one that nobody knows, as its name."""
    value = entities.get(name) or html5.get(name + ";")
    return html.escape(value, quote=False) if value is not None else f"&amp;{name};"


def _declare_prefixes(text: str) -> str:
    root = ROOT.search(text)
    if root is None:
        return text
    tags = set(TAG_WITH_COLON.findall(text))
    used = {one or two for tag in tags for one, two in PREFIX.findall(tag)} - {"xml", "xmlns"}
    missing = sorted(prefix for prefix in used if f"xmlns:{prefix}=" not in root["attributes"].replace(" ", ""))
    customary = {prefix: uri for uri, prefix in NAMESPACES.items()}
    declarations = "".join(f' xmlns:{prefix}="{customary.get(prefix, "urn:" + prefix)}"' for prefix in missing)
    at = root.start("attributes")
    return text[:at] + declarations + text[at:]


@lru_cache(maxsize=4096)
def key(tag: str, home: str = "") -> str:
    """The short name of a tag, in lower case: its customary prefix and local name; ``home`` goes without prefix."""
    uri, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    uri = uri.lower()
    prefix = NAMESPACES.get(uri, "" if uri == home else uri)
    return f"{prefix}:{local.lower()}" if prefix else local.lower()


def children(element: Element) -> dict[str, list[Element]]:
    """The child elements by their short names."""
    tag = element.tag
    home = tag[1:].partition("}")[0].lower() if tag.startswith("{") else ""
    found: dict[str, list[Element]] = {}
    for child in element.iterchildren(tag=etree.Element):
        found.setdefault(key(child.tag, home), []).append(child)
    return found


def first(fields: Fields, *names: str) -> str | None:
    """The text of the first of the elements that has any."""
    for name in names:
        for element in fields.get(name, ()):
            if value := (element.text or "").strip():
                return value
    return None


def inner(element: Element) -> str:
    """What an element holds: its text, or its elements as HTML."""
    if not len(element):
        return element.text or ""
    pieces = [html.escape(element.text or "", quote=False)]
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node is element:
            continue
        name = etree.QName(node).localname
        if event == "start":
            names = "".join(
                f' {name}="{html.escape(node.get(name, ""))}"' for name in ("class", "id") if node.get(name)
            )
            pieces.append(f"<{name}{names}>{html.escape(node.text or '', quote=False)}")
        else:
            pieces.append(f"</{name}>{html.escape(node.tail or '', quote=False)}")
    return "".join(pieces)
