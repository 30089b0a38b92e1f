"""What the address of a feed answered with: a feed, and of which kind, or something else."""

import json
import re
from typing import Literal
from urllib.parse import urlsplit

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Rejected
from transforms.markup import KNOWN_TAGS, to_line
from transforms.parse import PAGE_ROOTS, late_root, parse_document
from transforms.parse_entry import is_binary, read_document
from transforms.parse_records import ITEMS
from transforms.parse_xml import ROOT, cut_prolog

Kind = Literal["rss", "rdf", "atom", "json", "sitemap", "sitemap-index", "opml", "other"]

_KINDS: dict[str, Kind] = {
    "rss": "rss",
    "channel": "rss",
    "item": "rss",
    "rdf": "rdf",
    "feed": "atom",
    "entry": "atom",
    "urlset": "sitemap",
    "sitemapindex": "sitemap-index",
    "opml": "opml",
}
_PAGE_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


def feed_kind(document: Document) -> Kind:
    """The kind of a feed that was asked for; a sitemap or a list of feeds is one too. Told by the content alone.

    Raises ``Rejected`` (``not-a-feed``): a page in its place is a login, or a message that the site is down, and
    would be read as an article.
    """
    if is_binary(document.content):
        return _other(document, "a file that is no text")
    text = cut_prolog(read_document(document).text)[0].strip()
    root = _root(text)
    if kind := _KINDS.get(root):
        return kind
    if not text:
        raise _refusal(document, "an empty answer")
    if root in PAGE_ROOTS or root in KNOWN_TAGS:
        title = _PAGE_TITLE.search(text)
        raise _refusal(document, f"an HTML page{f', «{to_line(title[1])}»' if title else ''}")
    if text[0] in "{[":
        return "json" if _is_json_feed(text) else _other(document, "JSON that is no JSON Feed and holds no article")
    if root or urlsplit(document.uri).path.lower().endswith((".csv", ".tsv")):
        return _other(document, f"XML that is none, <{root}>" if root else "a table without an article")
    raise _refusal(document, "plain text")


def _root(text: str) -> str:
    """The name of the root element, in lower case; of a feed that stands behind a message of its server, the feed's."""
    found = ROOT.match(text)
    if (not found or found["local"].lower() in KNOWN_TAGS - PAGE_ROOTS) and (late := late_root(text)):
        found = ROOT.match(late[0])
    return found["local"].lower() if found else ""


def _other(document: Document, found: str) -> Kind:
    """Records, tables and archives may be asked for as well, if they hold an article."""
    if any(isinstance(outcome, Item) for outcome in parse_document(document)):
        return "other"
    raise _refusal(document, found)


def _is_json_feed(text: str) -> bool:
    """Whether a JSON text is one, if broken: the items before the break are read."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return ITEMS.search(text) is not None
    return isinstance(content, dict) and isinstance(content.get("items"), list)


def _refusal(document: Document, found: str) -> Rejected:
    return Rejected("not-a-feed", f"{document.uri}: no feed but {found}; open the address in a browser to see why")
