"""Documents of any format to items: told by what they hold first, by their name second."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.identity import mark_shared_links
from transforms.markup import KNOWN_TAGS
from transforms.parse_archive import parse_archive
from transforms.parse_broken import parse_broken, parse_loosely
from transforms.parse_entry import Entry, Reading, folder, is_binary, read_document, undecoded
from transforms.parse_feed import parse_feed
from transforms.parse_page import parse_page
from transforms.parse_records import parse_json, parse_jsonl
from transforms.parse_sitemap import parse_feed_list, parse_sitemap, parse_sitemap_index
from transforms.parse_table import parse_csv
from transforms.parse_xml import ROOT, cut_prolog, mend_xml, read_xml

TITLE_LIMIT = 150
"""A first line of more characters is a paragraph, not a headline."""

FEED_ROOTS = frozenset(("rss", "rdf", "feed", "channel", "item", "entry"))
SITEMAPS = {"urlset": parse_sitemap, "sitemapindex": parse_sitemap_index}
PAGE_ROOTS = frozenset(("html", "head", "body"))
LATE_START = re.compile(r"<(?:\?xml|rss|feed|rdf:RDF)\s")
LATE = 8192
"""Characters of such a message at most."""


def parse_document(document: Document, fields: Mapping[str, str] | None = None) -> Iterator[Item | Reject]:
    """Every item of a document, and a reject for whatever in it is none. Whatever the bytes, nothing is raised.

    ``fields`` names the fields of JSON and CSV records where they differ from ``parse_records.FIELDS``.
    """
    # Of what is known to be records, a zero costs the record it stands in at most, not the slice.
    if document.format == "jsonl":
        return parse_jsonl(read_document(document), fields or {})
    if document.format == "csv":
        return parse_csv(read_document(document), fields or {})
    if document.content.startswith(b"WARC/"):
        return parse_archive(document, lambda response: parse_document(response, fields))
    if is_binary(document.content):
        return iter([undecoded(document).reject("unknown-format", "neither text nor any format known here")])
    return _parse_text(read_document(document), fields or {})


def _parse_text(reading: Reading, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """A whole document, by how it begins."""
    entities: Mapping[str, str]
    text, entities = cut_prolog(reading.text)
    if not text.strip():
        return iter([reading.reject("empty-document", "the document holds nothing")])
    root = ROOT.match(text)
    if (root is None or root["local"].lower() in KNOWN_TAGS - PAGE_ROOTS) and (late := late_root(text)):
        text, entities = late
        root = ROOT.match(text)
    if root is not None:
        return _parse_markup(reading, text, entities, root["local"].lower())
    if text.startswith(("<!", "<?")):
        return iter([reading.reject("unknown-format", "markup without an element")])
    if text[0] in "{[":
        outcomes = parse_json(reading, fields)
        return mark_shared_links(outcomes) if text[0] == "{" else outcomes  # a JSON Feed is an object
    if reading.document.uri.lower().endswith((".csv", ".tsv")):
        return parse_csv(reading, fields)
    return parse_plain(reading)


def late_root(text: str) -> tuple[str, Mapping[str, str]] | None:
    """XML that stands behind a message of the server that made it, such as a warning of PHP."""
    for late in islice(LATE_START.finditer(text, 0, LATE), 3):
        content, entities = cut_prolog(text[late.start() :])
        root = ROOT.match(content)
        if root and root["local"].lower() in FEED_ROOTS:
            return content, entities
    return None


def _parse_markup(reading: Reading, text: str, entities: Mapping[str, str], root: str) -> Iterator[Item | Reject]:
    """XML or HTML, by the name of its root."""
    if root == "opml":
        return parse_feed_list(reading)
    if root in PAGE_ROOTS or (root in KNOWN_TAGS and not reading.text.lstrip("\ufeff \t\r\n").startswith("<?xml")):
        return parse_page(reading)
    element = read_xml(text)
    if element is None:
        text = mend_xml(text, entities)
        element = read_xml(text)
    if root in FEED_ROOTS:
        # A CDATA section that is never closed hides entries in the text of another, in perfect XML.
        unclosed = text.count("<![CDATA[") > text.count("]]>")
        return mark_shared_links(
            parse_broken(reading, text) if element is None or unclosed else parse_feed(reading, element)
        )
    if element is not None and root in SITEMAPS:
        return SITEMAPS[root](reading, element)
    return parse_loosely(reading, text)


def parse_plain(reading: Reading) -> Iterator[Item | Reject]:
    """Plain text: one article a document; its first line is the title if it is short and more follows."""
    text = reading.text.strip("\ufeff \t\r\n")
    first, _, rest = text.partition("\n")
    title = " ".join(first.split())
    entry = Entry(title=title, text=rest.strip()) if rest.strip() and len(title) <= TITLE_LIMIT else Entry(text=text)
    yield reading.of_outlet(folder(reading.document.uri)).item(entry, 1)


class ParsedDocuments(NamedTuple):
    """What parsing yields."""

    items: beam.PCollection[Item]
    rejects: beam.PCollection[Reject]


@dataclass
class ParseDocuments(beam.PTransform):
    """Parse every document; ``fields`` as in ``parse_document``."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def expand(self, documents: beam.PCollection[Document]) -> ParsedDocuments:
        """Every document on its own."""
        parsed = documents | "Parse" >> beam.ParDo(_Parse(), self.fields).with_outputs("rejects", main="items")
        return ParsedDocuments(parsed.items, parsed.rejects)


class _Parse(beam.DoFn):
    def __init__(self) -> None:
        self._documents = Metrics.counter(ParseDocuments, "documents")
        self._items = Metrics.counter(ParseDocuments, "items")
        self._rejects = Metrics.counter(ParseDocuments, "rejects")

    def process(
        self, document: Document, fields: Mapping[str, str]
    ) -> Iterator[Item | TaggedOutput[Literal["rejects"], Reject]]:
        self._documents.inc()
        for outcome in parse_document(document, fields):
            if isinstance(outcome, Reject):
                self._rejects.inc()
                yield TaggedOutput("rejects", outcome)
            else:
                self._items.inc()
                yield outcome
