"""Documents of any format to items: told by what they hold first, by their name second."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.decode import DecodedDocument, decode_document, refuse
from transforms.parse_feed import parse_feed
from transforms.parse_page import parse_page
from transforms.parse_records import parse_csv, parse_json, parse_jsonl

TITLE_LIMIT = 150
"""A first line of more characters is a paragraph, not a headline."""

HTML_START = re.compile(r"\s*(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<(?:html|head|body|article)\b)", re.I | re.S)
CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
XML_START = re.compile(r"[\s\ufeff]*<(?:\?xml|!doctype|!--|[a-z])", re.IGNORECASE)


def parse_document(document: Document, fields: Mapping[str, str] | None = None) -> Iterator[Item | Reject]:
    """Every item of a document, and a reject for whatever in it is none.

    ``fields`` names the fields of JSON and CSV records where they differ from ``parse_records.FIELDS``.
    """
    if not document.content.strip():
        yield refuse(document, "empty-document", "the document is empty")
        return
    decoded = decode_document(document)
    if is_binary(decoded.text):
        yield refuse(document, "unknown-format", "the document is neither text nor any format known here")
        return
    yield from _parse_text(decoded, fields or {})


def _parse_text(decoded: DecodedDocument, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    document = decoded.document
    name = document.uri.lower()
    if document.format == "jsonl":
        return parse_jsonl(decoded, fields)
    if document.format == "csv":
        return parse_csv(decoded, fields)
    if HTML_START.match(decoded.text):
        return parse_page(decoded)
    if XML_START.match(decoded.text):
        return parse_feed(decoded)
    if decoded.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return parse_json(decoded, fields)
    if name.endswith((".csv", ".tsv")):
        return parse_csv(decoded, fields)
    return parse_plain(decoded)


def is_binary(text: str) -> bool:
    """Whether what was decoded is no text: zeros, or more than a twentieth of control characters."""
    head = text[:4096]
    return "\0" in head or text.startswith("%PDF-") or len(CONTROLS.findall(head)) * 20 > len(head)


def parse_plain(decoded: DecodedDocument) -> Iterator[Item | Reject]:
    """Plain text: one article a document, its first line the title if it is short and more follows."""
    text = decoded.text.strip("\ufeff \t\r\n")
    first, _, rest = text.partition("\n")
    titled = len(first.strip()) <= TITLE_LIMIT and bool(rest.strip())
    document = decoded.document
    folders = document.uri.split("/")
    yield decoded.item(
        1,
        document.source or (folders[-2] if len(folders) > 1 else "") or folders[-1].split(".")[0],
        title=first.strip() if titled else None,
        text=(rest if titled else text).strip(),
    )


class Parsed(NamedTuple):
    """What ``ParseDocuments`` gives."""

    items: beam.PCollection[Item]
    rejects: beam.PCollection[Reject]


@dataclass
class ParseDocuments(beam.PTransform):
    """``parse_document`` over a collection."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def expand(self, documents: beam.PCollection[Document]) -> Parsed:
        """Wire."""
        parsed = documents | beam.FlatMap(_tagged, self.fields).with_output_types(Item, rejects=Reject).with_outputs("rejects", main="items")
        return Parsed(parsed.items, parsed.rejects)


def _tagged(document: Document, fields: Mapping[str, str]) -> Iterator[Item | TaggedOutput]:
    Metrics.counter("ParseDocuments", "documents").inc()
    for outcome in parse_document(document, fields):
        if isinstance(outcome, Reject):
            Metrics.counter("ParseDocuments", "rejects").inc()
            yield TaggedOutput("rejects", outcome)
        else:
            Metrics.counter("ParseDocuments", "items").inc()
            yield outcome
