"""WARC: the pages and feeds of a web crawl."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject, Rejected
from transforms.decompress import decompress
from transforms.parse_entry import is_binary, undecoded

READABLE = ("html", "xml", "json", "rss", "atom")
"""What the media type of a news source holds; a crawl is full of pictures, scripts and styles."""
CONTENT_LIMIT = 16 << 20
"""Bytes of one response, unpacked: what is packed in an archive may be a bomb."""
CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
RANGE = re.compile(r"bytes\s+0-(\d{1,18})/(\d{1,18})\s*", re.ASCII)

Parse = Callable[[Document], Iterator[Item | Reject]]


@dataclass(frozen=True, slots=True)
class Capture:
    """What a record holds, as if it had been fetched now."""

    document: Document
    damage: str
    """Why it is not whole; empty if nothing says so."""
    text_of: str | None = None
    """The address of the page that this is only the text of."""


def parse_archive(document: Document, parse: Parse) -> Iterator[Item | Reject]:
    """Whatever ``parse`` makes of the successful responses in an archive, and of the texts of pages (WET).

    An item is dated and addressed by its own record, and stands at the ordinal of that record in the archive.
    Requests, redirects, errors and what is no text are passed over.
    """
    archive = undecoded(document)
    found = 0
    starts, damage = _starts(document.content)
    for position, (start, end) in enumerate(pairwise((*starts, len(document.content))), 1):
        for outcome in _parse_record(document, document.content[start:end], parse):
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


def _parse_record(archive: Document, content: bytes, parse: Parse) -> Iterator[Item | Reject]:
    """Each record is read from its own bytes, so that one which is broken breaks no other."""
    try:
        capture = _capture(archive, content)
    except Rejected as refusal:
        yield undecoded(replace(archive, content=content)).reject(refusal.reason, refusal.message)
        return
    if capture is None:
        return
    outcomes: Iterable[Item | Reject] = parse(capture.document)
    if capture.damage:
        outcomes = _complete_entries(list(outcomes), capture)
    for outcome in outcomes:
        if isinstance(outcome, Item) and not outcome.url:
            yield replace(outcome, url=capture.text_of)
        else:
            yield outcome


def _complete_entries(outcomes: list[Item | Reject], capture: Capture) -> Iterator[Item | Reject]:
    """Of what is not whole, the complete entries if it is a feed; of an article nothing, as a part would pass for it.

    Only a feed gives more than one outcome: at least one entry, and that it breaks off.
    """
    told = outcomes if len(outcomes) > 1 else []
    yield from told
    if not any(isinstance(outcome, Reject) and outcome.reason == "truncated" for outcome in told):
        yield undecoded(capture.document).reject("truncated", f"{capture.document.uri} is not whole: {capture.damage}")


def _capture(archive: Document, content: bytes) -> Capture | None:
    """The response or text in a record. None if there is none for us."""
    try:
        record = _record(content)
        if len(record.reader.read()) < int(record.headers.get("Content-Length") or 0):
            raise Rejected("truncated", "the archive breaks off in this record")
        record = _record(content)
        if record.record_type == WarcRecordType.conversion:
            return _text(archive, record)
        return _response(archive, record) if record.record_type == WarcRecordType.response else None
    except (OSError, ValueError) as error:
        raise Rejected("broken-response", f"the response in the record cannot be read: {error}") from error


def _record(content: bytes) -> WarcRecord:
    return next(iter(ArchiveIterator(io.BytesIO(content), parse_http=False)))


def _text(archive: Document, record: WarcRecord) -> Capture | None:
    if not (record.headers.get("Content-Type") or "").lower().startswith("text/plain"):
        return None
    document = _document(archive, record, record.reader.read(), None)
    return Capture(document, _said_damage(record), document.uri)


def _response(archive: Document, record: WarcRecord) -> Capture | None:
    record.parse_http(auto_decode="none")
    http = record.http_headers
    kind = (record.http_content_type or "html").lower()
    if http is None or not 200 <= (http.status_code or 0) < 300 or not any(word in kind for word in READABLE):
        return None
    sent = record.reader.read()
    content, damage = _unpack(sent, http.get("Transfer-Encoding") or "", http.get("Content-Encoding") or "")
    length = (http.get("Content-Length") or "").strip()
    if length.isdecimal() and len(sent) < int(length):
        damage = f"{len(sent)} bytes of {length}"
    elif http.status_code == 206 and not _is_all(http.get("Content-Range") or ""):
        damage = "a range of it was asked for"
    return Capture(_document(archive, record, content, record.http_charset), _said_damage(record) or damage)


def _said_damage(record: WarcRecord) -> str:
    """Why the record is not whole by its own words."""
    if reason := record.headers.get("WARC-Truncated"):
        return f"WARC-Truncated: {reason}"
    return "the rest is in other records" if record.headers.get("WARC-Segment-Number") else ""


def _is_all(content_range: str) -> bool:
    match = RANGE.fullmatch(content_range)
    return match is not None and int(match[1]) + 1 == int(match[2])


def _unpack(body: bytes, transfer: str, encoding: str) -> tuple[bytes, str]:
    """The content of a body, and what is missing of it.

    A crawler may have unpacked it and kept the headers: what is no chunk, or text where it should be packed, is so.
    """
    ended = True
    if "chunked" in transfer.lower():
        body, ended = _join_chunks(body)
    packed = is_binary(body)
    try:
        content, complete = decompress(body, encoding if packed else "", CONTENT_LIMIT)
    except Rejected as refusal:
        reason = "document-too-large" if refusal.reason == "too-large" else "broken-response"
        raise Rejected(reason, f"the response in the record cannot be read: {refusal.message}") from refusal
    if len(content) > CONTENT_LIMIT:
        raise Rejected("document-too-large", f"a response of over {CONTENT_LIMIT >> 20} MiB")
    return content, "" if ended and complete else "its last chunk is missing" if complete else "the end is missing"


def _join_chunks(body: bytes) -> tuple[bytes, bool]:
    """What the chunks of a body hold, and whether the last of them is there."""
    pieces: list[bytes] = []
    position = 0
    while chunk := CHUNK.match(body, position):
        size = int(chunk[1], 16)
        if not size:
            return b"".join(pieces), True
        position = chunk.end() + size
        pieces.append(body[chunk.end() : position])
        position += 2 if body.startswith(b"\r\n", position) else 0
    return (b"".join(pieces), False) if pieces else (body, True)


def _document(archive: Document, record: WarcRecord, content: bytes, charset: str | None) -> Document:
    return Document(
        uri=record.headers.get("WARC-Target-URI") or archive.uri,
        content=content,
        arrived_at=record.record_date or archive.arrived_at,
        arrival="fetched",
        charset=charset,
        source=archive.source,
    )
