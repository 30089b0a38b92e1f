"""WARC: the pages and feeds of a web crawl."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.parse_entry import undecoded

READABLE = ("html", "xml", "json", "rss", "atom")
"""What the media type of a news source holds; a crawl is full of pictures, scripts and styles."""


def parse_archive(document: Document, parse: Callable[[Document], Iterator[Item | Reject]]) -> Iterator[Item | Reject]:
    """Whatever ``parse`` makes of the successful responses of an archive.

    An item is dated and addressed by its own record, and stands at the ordinal of that record in the archive.
    Requests, redirects, errors and what is no text are passed over.
    """
    reading = undecoded(document)
    position = found = 0
    try:
        for position, record in enumerate(ArchiveIterator(io.BytesIO(document.content)), 1):
            if record.rec_type == "response" and _is_readable(record):
                for outcome in parse(_response(document, record)):
                    found += 1
                    yield replace(outcome, document=document.uri, position=position)
    except (ArchiveLoadFailed, EOFError, ValueError) as error:
        yield reading.reject("truncated", f"the archive breaks off in this record: {error}", position + 1)
        return
    if not found:
        yield reading.reject("no-entries", f"an archive of {position} records, none of them a page or feed")


def _is_readable(record: ArcWarcRecord) -> bool:
    headers = record.http_headers
    if headers is None or not (headers.get_statuscode() or "").startswith("2"):
        return False
    kind = (headers.get_header("Content-Type") or "html").lower()
    return any(word in kind for word in READABLE)


def _response(document: Document, record: ArcWarcRecord) -> Document:
    """The response as if it had been fetched now: its own address and time."""
    kind = record.http_headers.get_header("Content-Type") or ""
    _, _, charset = kind.lower().partition("charset=")
    return Document(
        uri=record.rec_headers.get_header("WARC-Target-URI") or document.uri,
        content=record.content_stream().read(),
        arrived_at=_time(record.rec_headers.get_header("WARC-Date")) or document.arrived_at,
        arrival="fetched",
        charset=charset.split(";")[0].strip("\"' ") or None,
        source=document.source,
    )


def _time(date: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
