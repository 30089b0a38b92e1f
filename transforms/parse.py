"""Documents of any format to items: told by what they hold first, by their name second."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.markup import KNOWN_TAGS
from transforms.parse_archive import parse_archive
from transforms.parse_broken import parse_broken, parse_loosely
from transforms.parse_entry import Entry, Reading, folder, read_document
from transforms.parse_feed import parse_feed
from transforms.parse_page import parse_page
from transforms.parse_records import parse_csv, parse_json, parse_jsonl
from transforms.parse_sitemap import parse_feed_list, parse_sitemap, parse_sitemap_index
from transforms.parse_xml import ROOT, cut_prolog, mend_xml, read_xml

TITLE_LIMIT = 150
"""A first line of more characters is a paragraph, not a headline."""

FEED_ROOTS = frozenset(("rss", "rdf", "feed", "channel", "item", "entry"))
SITEMAPS = {"urlset": parse_sitemap, "sitemapindex": parse_sitemap_index}
LATE_ROOT = re.compile(r"<\?xml\s[^>]{0,200}\?>|<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\s[^>]{5}")
"""Where XML begins in a document that a server began with a message of its own."""
LATE = 8192
CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def parse_document(document: Document, fields: Mapping[str, str] | None = None) -> Iterator[Item | Reject]:
    """Every item of a document, and a reject for whatever in it is none.

    ``fields`` names the fields of JSON and CSV records where they differ from ``parse_records.FIELDS``. Whatever
    the bytes, nothing is raised.
    """
    reading = read_document(document)
    if document.format == "jsonl":
        outcomes = parse_jsonl(reading, fields or {})
    elif document.format == "csv":
        outcomes = parse_csv(reading, fields or {})
    elif not reading.text.strip("\ufeff \t\r\n\f\0"):
        outcomes = iter([reading.reject("empty-document", "the document is empty")])
    elif document.content.startswith((b"WARC/", b"\x1f\x8b")):
        outcomes = parse_archive(document, reading, lambda response: parse_document(response, fields))
    elif is_binary(reading.text):
        outcomes = iter([reading.reject("unknown-format", "neither text nor any format known here")])
    else:
        outcomes = _parse_text(reading, fields or {})
    yield from outcomes


def is_binary(text: str) -> bool:
    """Whether what was decoded is no text: it has zeros, or more than 1 in 20 of it are control characters."""
    head = text[:4096]
    return "\0" in head or text.startswith("%PDF-") or len(CONTROLS.findall(head)) * 20 > len(head)


def _parse_text(reading: Reading, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    text, entities = cut_prolog(reading.text)
    if not text.startswith("<") and (late := LATE_ROOT.search(text, 0, LATE)):
        text, entities = cut_prolog(text[late.start() :])
    if text.startswith("<") and ROOT.match(text):
        return _parse_markup(reading, text, entities)
    if not text.strip():
        return iter([reading.reject("empty-document", "the document holds nothing but a prolog")])
    if text[:1] in {"{", "["}:
        return parse_json(reading, fields)
    if reading.document.uri.lower().endswith((".csv", ".tsv")):
        return parse_csv(reading, fields)
    return parse_plain(reading)


def _parse_markup(reading: Reading, text: str, entities: Mapping[str, str]) -> Iterator[Item | Reject]:
    """XML or HTML, by the name of its root."""
    root = ROOT.match(text)
    name = root["local"].lower() if root else ""
    if name == "opml":
        return parse_feed_list(reading)
    if name in KNOWN_TAGS:
        late = LATE_ROOT.search(text, 0, LATE) if name not in {"html", "head", "body"} else None
        return _parse_markup(reading, *cut_prolog(text[late.start() :])) if late else parse_page(reading)
    element = read_xml(text)
    if element is None:
        text = mend_xml(text, entities)
        element = read_xml(text)
    if name in FEED_ROOTS:
        return parse_broken(reading, text) if element is None else parse_feed(reading, element)
    if element is not None and name in SITEMAPS:
        return SITEMAPS[name](reading, element)
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
