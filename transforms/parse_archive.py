"""WARC: the pages and feeds of a web crawl."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject, Rejected
from transforms.parse_entry import undecoded

READABLE = ("html", "xml", "json", "rss", "atom")
"""What the media type of a news source holds; a crawl is full of pictures, scripts and styles."""
CONTENT_LIMIT = 16 << 20
"""Bytes of one response, unpacked: what is packed in an archive may be a bomb."""


def parse_archive(document: Document, parse: Callable[[Document], Iterator[Item | Reject]]) -> Iterator[Item | Reject]:
    """Whatever ``parse`` makes of the successful responses in an archive.

    An item is dated and addressed by its own record, and stands at the ordinal of that record in the archive.
    Requests, redirects, errors and what is no text are passed over.
    """
    archive = undecoded(document)
    position = found = 0
    try:
        for position, record in enumerate(ArchiveIterator(io.BytesIO(document.content), parse_http=False), 1):
            try:
                response = _response(document, record)
            except Rejected as refusal:
                found += 1
                yield archive.reject(refusal.reason, refusal.message, position)
                continue
            for outcome in parse(response) if response else ():
                found += 1
                yield replace(outcome, document=document.uri, position=position)
    except OSError as error:
        yield archive.reject("truncated", f"the archive breaks off after this record: {error}", position)
        return
    if not found:
        yield archive.reject("no-entries", f"an archive of {position} records, none of them a page or feed")


def _response(document: Document, record: WarcRecord) -> Document | None:
    """The response of a record as if it had been fetched now: its own address and time. None if it is not for us."""
    if record.record_type != WarcRecordType.response:
        return None
    try:
        record.parse_http(auto_decode="all")
        http = record.http_headers
        kind = (record.http_content_type or "html").lower()
        if http is None or not 200 <= (http.status_code or 0) < 300 or not any(word in kind for word in READABLE):
            return None
        content = record.reader.read(CONTENT_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise Rejected("broken-response", f"the response in the record cannot be read: {error}") from error
    if len(content) > CONTENT_LIMIT:
        raise Rejected("document-too-large", f"a response of over {CONTENT_LIMIT >> 20} MiB")
    return Document(
        uri=record.headers.get("WARC-Target-URI") or document.uri,
        content=content,
        arrived_at=record.record_date or document.arrived_at,
        arrival="fetched",
        charset=record.http_charset,
        source=document.source,
    )
