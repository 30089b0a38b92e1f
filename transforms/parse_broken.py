"""Feeds that are not well-formed even when mended: entry by entry, and what is broken in itself by feedparser.

feedparser makes sense of nearly anything, but takes ten times as long, loses the parts of one entry to another, and
invents what dates leave out: so it is given as little as possible, and its dates are left alone.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import feedparser

from schemas.item import Item
from schemas.reject import Reject
from transforms.markup import to_line, to_text
from transforms.parse_entry import Entry, Reading, feed_dates, host
from transforms.parse_feed import Feed, describe_feed, entries_of, read_entry, titles_escaped
from transforms.parse_xml import ROOT, Element, cut_prolog, opaque_spans, read_xml

BOUND = re.compile(
    r"<(?P<close>/?)(?P<name>(?:[\w.-]+:)?(?:item|entry))(?:\s(?:[^>\"'<]|\"[^\"]*\"|'[^']*')*+)?>", re.IGNORECASE
)
LAST_TAGS = re.compile(r"(?:\s*</[\w:.-]*>?)*+\s*")
PATIENCE = 200
"""Broken entries of one document that feedparser is asked about; no honest feed has more."""
FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What bugs of feedparser raise where markup is odd enough: a ``psc:chapter`` without a start ends in a TypeError."""
END = re.compile(r"</(?:channel|rss|feed|(?:\w+:)?RDF)\s*(?:>|\Z)", re.IGNORECASE)


def parse_broken(reading: Reading, text: str) -> Iterator[Item | Reject]:
    """The entries of a text that no XML parser takes as a whole."""
    head, pieces, rest = cut_entries(text)
    root = ROOT.search(head)
    if root is None or not (pieces or rest):
        yield from parse_loosely(reading, text)
        return
    reading, feed = _describe_head(reading, head, root)
    elements = [_read_piece(root, piece) for piece in pieces]
    feed = replace(feed, titles_escaped=titles_escaped(element for element in elements if element is not None))
    patience = PATIENCE
    for position, (piece, element) in enumerate(zip(pieces, elements, strict=True), 1):
        if element is not None:
            yield reading.item(read_entry(element, feed), position, piece)
        elif patience:
            patience -= 1
            yield _read_loosely(reading, root, piece, position)
        else:
            yield reading.reject("broken-entry", "broken markup in a feed full of it", position, piece)
    if not LAST_TAGS.fullmatch(rest):
        yield reading.reject("truncated", "the feed breaks off here", len(pieces) + 1, rest)


def cut_entries(text: str) -> tuple[str, list[str], str]:
    """What stands before the first entry, the entries with their tags, and the entry that the text breaks off in.

    An entry ends at its end tag; if that is missing, where the next one begins or the feed ends.
    """
    pieces: list[str] = []
    first = start = -1
    end = 0
    name = ""
    for bound in _bounds(text):
        if start >= 0:
            pieces.append(text[start : bound.end()] if bound["close"] else f"{text[start : bound.start()]}</{name}>")
            start, end = -1, bound.end()
        if not bound["close"]:
            start, name = bound.start(), bound["name"]
            first = start if first < 0 else first
    if start < 0:
        return text[: max(first, 0)] or text, pieces, "" if END.search(text, end) else text[end:]
    if last := END.search(text, start):
        pieces.append(f"{text[start : last.start()]}</{name}>")
        return text[:first], pieces, ""
    return text[:first], pieces, text[start:]


def _bounds(text: str) -> Iterator[re.Match[str]]:
    """The tags of entries that are markup, and not part of a CDATA section or comment."""
    position = 0
    for start, end in (*opaque_spans(text), (len(text), len(text))):
        yield from BOUND.finditer(text, position, start)
        position = end


def _describe_head(reading: Reading, head: str, root: re.Match[str]) -> tuple[Reading, Feed]:
    """What the feed says of itself before its first entry."""
    channel = re.search(r"<((?:[\w.-]+:)?channel)\b", head, re.IGNORECASE)
    closing = f"</{channel[1]}>" if channel and f"</{channel[1]}>" not in head else ""
    element = read_xml(f"{head[root.start() :]}{closing}</{root['name']}>")
    return describe_feed(reading, element) if element is not None else (reading, Feed())


def _read_piece(root: re.Match[str], piece: str) -> Element | None:
    """The entry as an element, with the prefixes that the root declares; None if it is broken in itself."""
    element = read_xml(f"{root[0]}{piece}</{root['name']}>")
    return next(entries_of(element), None) if element is not None else None


def _read_loosely(reading: Reading, root: re.Match[str], piece: str, position: int) -> Item | Reject:
    """A broken entry as feedparser understands it; a reject unless that is one entry with a title or text."""
    channel = piece if root["local"].lower() != "rss" else f"<channel>{piece}</channel>"
    entries = _feedparser(f"{root[0]}{channel}</{root['name']}>").entries
    entry = _from_feedparser(entries[0]) if len(entries) == 1 else Entry()
    if not entry.title and not entry.text:
        return reading.reject("broken-entry", "the markup of the entry is broken", position, piece)
    return reading.item(entry, position, piece)


def parse_loosely(reading: Reading, text: str) -> Iterator[Item | Reject]:
    """The whole document as feedparser understands it."""
    parsed = _feedparser(text)
    reading = reading.of_outlet(host(parsed.feed.get("link")), to_line(parsed.feed.get("title") or ""))
    for position, entry in enumerate(parsed.entries, 1):
        yield reading.item(_from_feedparser(entry), position, str(dict(entry)))
    if not parsed.entries and parsed.get("version"):
        yield reading.reject("no-entries", "a feed without entries")
    elif not parsed.entries:
        yield reading.reject("unknown-format", "markup that is neither a feed nor a page")


def _feedparser(text: str) -> feedparser.FeedParserDict:
    """What feedparser reads, from bytes: a string it might take for a path or a URL, and open it."""
    content, _ = cut_prolog(text)
    try:
        return feedparser.parse(
            io.BytesIO(content.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except FAILURES:
        return feedparser.FeedParserDict(entries=[], feed=feedparser.FeedParserDict())


def _from_feedparser(entry: dict[str, Any]) -> Entry:
    """Its entry in our words; what it does not know it gives as None or not at all."""
    entry = dict(entry)  # asked itself, it gives one date for another, with a warning
    bodies = [*(content.get("value") for content in entry.get("content") or ()), entry.get("summary")]
    said = map(entry.get, ("published", "created", "updated"))
    return Entry(
        title=" ".join(to_text(entry.get("title") or "").split()),
        text=max((to_text(body or "") for body in bodies), key=len),
        url=entry.get("link"),
        guid=entry.get("id"),
        author=to_line(entry.get("author") or ""),
        dates=feed_dates(said),
    )
