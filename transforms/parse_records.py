"""Records of files: JSON Lines, CSV, a JSON document, JSON Feed."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.item import Item
from schemas.reject import Reject, Rejected
from transforms.decode import DecodedDocument
from transforms.markup import to_line, to_text
from transforms.parse_feed import host, stem

FIELDS: Mapping[str, tuple[str, ...]] = {
    "guid": ("id", "guid"),
    "url": ("url", "link"),
    "title": ("title",),
    "text": ("text", "body", "content"),
    "date": ("date", "published"),
    "source": ("source",),
    "author": ("author",),
    "language": ("language", "lang"),
}
"""Our fields and the names they go by in records."""

NUMBERS_ALLOWED = frozenset(("guid", "date"))


def field_names(fields: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """``FIELDS`` with names of the user's own, e.g. ``{"text": "article_body"}``, which alone count then."""
    names = {ours: next((f for f, theirs in FIELDS.items() if ours in (f, *theirs)), None) for ours in fields}
    if unknown := [ours for ours, field in names.items() if field is None]:
        raise ValueError(f"unknown field {unknown[0]!r}; the fields are {', '.join(FIELDS)}")
    return {**FIELDS} | {str(names[ours]): (theirs,) for ours, theirs in fields.items()}


def parse_jsonl(decoded: DecodedDocument, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """One item a line; blank lines are skipped."""
    names = field_names(fields)
    # Not splitlines: U+2028 and its like are characters of a JSON string, not ends of a line.
    for line, content in enumerate(decoded.text.split("\n"), decoded.document.position):
        if not content.strip():
            continue
        try:
            record = json.loads(content)
        except (ValueError, RecursionError) as error:
            yield decoded.reject("broken-json", f"line {line} is not JSON: {error}", line, content)
            continue
        yield read_record(decoded, record, names, line, content)


def parse_csv(decoded: DecodedDocument, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """One item a row. ``document.columns`` names the columns; without it the first row does."""
    names = field_names(fields)
    columns = decoded.document.columns
    rows = csv.reader(io.StringIO(decoded.text, newline=""), strict=False)
    line = decoded.document.position
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield decoded.reject("broken-csv", f"line {line}: {error}", line)
            return
        if row is None:
            return
        start, line = line, decoded.document.position + rows.line_num
        if not any(map(str.strip, row)):
            continue
        if not columns:
            columns = tuple(name.strip() for name in row)
            continue
        if len(row) > len(columns):
            message = f"{len(row)} values for {len(columns)} columns"
            yield decoded.reject("broken-csv", message, start, ",".join(row))
            continue
        record = {name: value for name, value in zip(columns, row, strict=False) if value}
        yield read_record(decoded, record, names, start, ",".join(row))


def read_record(
    decoded: DecodedDocument, record: Any, names: Mapping[str, tuple[str, ...]], position: int, payload: str
) -> Item | Reject:
    """The item a record describes."""
    try:
        if not isinstance(record, dict):
            raise Rejected("not-a-record", "the line is JSON, but no object with fields")
        values = {field: _value(record, field, names[field]) for field in names}
    except Rejected as rejected:
        return decoded.reject(rejected.reason, rejected.message, position, payload)
    document = decoded.document
    date = values["date"]
    return decoded.item(
        position,
        document.source or values["source"] or host(values["url"] or "") or stem(document.uri),
        payload=payload,
        title=to_line(values["title"] or ""),
        text=_text(values["text"] or ""),
        url=values["url"],
        guid=values["guid"],
        author=values["author"],
        language=values["language"],
        dates=(("feed", date),) if date else (),
    )


def _value(record: Mapping[str, Any], field: str, names: tuple[str, ...]) -> str | None:
    """The first of the named values that is there, as text."""
    for name in names:
        value = record.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, str):
            return value.strip()
        if field in NUMBERS_ALLOWED and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise Rejected("wrong-type", f"{name} is {type(value).__name__}, not text")
    return None


def _text(value: str) -> str:
    """Text of a record: markup undone if it has any, else as it stands."""
    return to_text(value) if "</" in value or "<br" in value or "<p>" in value else value


def parse_json(decoded: DecodedDocument, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """A whole JSON document: a JSON Feed, a list of records, or one record."""
    try:
        content = json.loads(decoded.text)
    except (ValueError, RecursionError) as error:
        if "\n" in decoded.text.strip() and _is_json(decoded.text.strip().split("\n", 1)[0]):
            yield from parse_jsonl(decoded, fields)
        else:
            yield decoded.reject("broken-json", f"not JSON: {error}")
        return
    if isinstance(content, dict) and isinstance(content.get("items"), list):
        yield from parse_json_feed(decoded, content)
        return
    records = content if isinstance(content, list) else [content]
    if not records:
        yield decoded.reject("no-entries", "an empty list")
    names = field_names(fields)
    for position, record in enumerate(records, 1):
        yield read_record(decoded, record, names, position, json.dumps(record, ensure_ascii=False))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def parse_json_feed(decoded: DecodedDocument, feed: Mapping[str, Any]) -> Iterator[Item | Reject]:
    """JSON Feed 1.0 and 1.1."""
    document = decoded.document
    site = host(_str(feed.get("home_page_url")) or _str(feed.get("feed_url")))
    source = document.source or site or to_line(_str(feed.get("title"))) or stem(document.uri)
    language = _str(feed.get("language")) or None
    if not feed["items"]:
        yield decoded.reject("no-entries", "a feed without entries", source=source)
    for position, entry in enumerate(feed["items"], 1):
        payload = json.dumps(entry, ensure_ascii=False)
        if not isinstance(entry, dict):
            yield decoded.reject("broken-entry", "the entry is no object", position, payload, source)
            continue
        bodies = to_text(_str(entry.get("content_html"))), _str(entry.get("content_text")).strip()
        authors = entry.get("authors") if isinstance(entry.get("authors"), list) else [entry.get("author")]
        names = [_str(one.get("name")) for one in authors or () if isinstance(one, dict)]
        dates = (_str(entry.get("date_published")), _str(entry.get("date_modified")))
        yield decoded.item(
            position,
            source,
            payload=payload,
            title=" ".join(_str(entry.get("title")).split()),
            text=max(bodies, key=len) or _str(entry.get("summary")).strip(),
            url=_str(entry.get("url")) or _str(entry.get("external_url")),
            guid=_str(entry.get("id")),
            author=", ".join(name for name in names if name),
            language=_str(entry.get("language")) or language,
            dates=tuple(("feed", date) for date in dates if date),
        )


def _str(value: Any) -> str:
    """Text and numbers as text; anything else is not there."""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
