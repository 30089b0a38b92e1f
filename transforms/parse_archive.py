"""WARC: the pages and feeds of a web crawl."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

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
    found = 0
    starts, damage = _starts(document.content)
    for position, (start, end) in enumerate(pairwise((*starts, len(document.content))), 1):
        try:
            response = _response(document, document.content[start:end])
        except Rejected as refusal:
            found += 1
            yield archive.reject(refusal.reason, refusal.message, position)
            continue
        for outcome in parse(response) if response else ():
            found += 1
            yield replace(outcome, document=document.uri, position=position)
    if damage:
        yield archive.reject("truncated", f"the archive is broken after this record: {damage}", len(starts))
    elif not found:
        yield archive.reject("no-entries", f"an archive of {len(starts)} records, none of them a page or feed")


def _starts(content: bytes) -> tuple[list[int], str]:
    """Where the records begin, and what is wrong behind the last of them."""
    starts: list[int] = []
    end = 0
    try:
        for record in ArchiveIterator(io.BytesIO(content), parse_http=False):
            head = content.find(b"\r\n\r\n", record.stream_pos)
            if head < 0:
                break
            starts.append(record.stream_pos)
            end = head + 4 + int(record.headers.get("Content-Length") or 0)
    except (OSError, ValueError) as error:
        return starts, str(error)
    return starts, "it breaks off in the head of the next" if content[end:].strip() else ""


def _record(content: bytes) -> WarcRecord:
    return next(iter(ArchiveIterator(io.BytesIO(content), parse_http=False)))


def _response(document: Document, content: bytes) -> Document | None:
    """The response in a record as if it had been fetched now: its address and time. None if there is none for us.

    Each record is read from its own bytes, so that one which is broken breaks no other.
    """
    try:
        record = _record(content)
        if len(record.reader.read()) < int(record.headers.get("Content-Length") or 0):
            raise Rejected("truncated", "the archive breaks off in this record")
        if record.record_type != WarcRecordType.response:
            return None
        record = _record(content)
        record.parse_http(auto_decode="all")
        http = record.http_headers
        kind = (record.http_content_type or "html").lower()
        if http is None or not 200 <= (http.status_code or 0) < 300 or not any(word in kind for word in READABLE):
            return None
        body = record.reader.read(CONTENT_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise Rejected("broken-response", f"the response in the record cannot be read: {error}") from error
    if len(body) > CONTENT_LIMIT:
        raise Rejected("document-too-large", f"a response of over {CONTENT_LIMIT >> 20} MiB")
    return Document(
        uri=record.headers.get("WARC-Target-URI") or document.uri,
        content=body,
        arrived_at=record.record_date or document.arrived_at,
        arrival="fetched",
        charset=record.http_charset,
        source=document.source,
    )
