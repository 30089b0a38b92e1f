"""Records of files: what they may say and how; JSON lines, a JSON document; and JSON Feed 1.0 and 1.1."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.item import Item
from schemas.reject import PAYLOAD_LIMIT, Reject, Rejected
from transforms.decode import decode
from transforms.markup import has_markup, to_line, to_text
from transforms.parse_entry import Entry, Reading, feed_dates, host

FIELDS: Mapping[str, tuple[str, ...]] = {
    "guid": ("id", "guid"),
    "url": ("url", "link"),
    "title": ("title",),
    "text": ("text", "body", "content"),
    "date": ("date", "published"),
    "source": ("source",),
    "author": ("author",),
    "language": ("language",),
}
"""What a record may say, and the names it says it under; the first that holds anything counts."""
NUMERIC = frozenset(("guid", "date"))
"""Fields that may be numbers: ids, and seconds since 1970."""
NAMED = frozenset(("source", "author"))
"""Fields that may be objects with a name, as services for news write them."""

WIDE = ("utf-16", "utf-32")
ITEMS = re.compile(r"\"items\"\s*:\s*(?=\[)")
SEPARATOR = re.compile(r"[\s,]*")

Names = Mapping[str, Sequence[str]]


def field_names(fields: Mapping[str, str]) -> Names:
    """``FIELDS``, with the names that the user gives some of them: ``{"text": "article_body"}``.

    Errors: ``ValueError`` names a key that is no field.
    """
    fields_of = {name: field for field, names in FIELDS.items() for name in (field, *names)}
    if unknown := sorted(fields.keys() - fields_of.keys()):
        raise ValueError(f"no field is called {unknown[0]!r}; there are {', '.join(FIELDS)}")
    return {**FIELDS, **{fields_of[name]: (theirs,) for name, theirs in fields.items()}}


def parse_jsonl(reading: Reading, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """One record a line; blank lines are passed over.

    If some lines are UTF-8 and others are not, each is read in its own encoding.
    """
    names, first = field_names(fields), reading.document.position
    raw: list[bytes] = []
    if not _is_sound(reading):
        raw = reading.document.content.split(b"\n")
        if any(map(_is_foreign_utf8, raw)):
            yield from _parse_own_lines(reading, raw, names)
            return
    # Not splitlines: it would also part at U+2028 and its like, which a JSON string may hold as they are.
    lines = reading.text.split("\n")
    for number, text in enumerate(lines, first):
        if text.strip():
            outcome = _parse_line(reading, text, names, number)
            if isinstance(outcome, Reject) and not reading.encoding.startswith(WIDE):
                raw = raw or reading.document.content.split(b"\n")  # it takes a while, and is seldom needed
                outcome = _with_payload(outcome, raw[number - first]) if len(raw) == len(lines) else outcome
            yield outcome


def _is_sound(reading: Reading) -> bool:
    """Whether all lines are in the encoding of the whole."""
    whole = reading.encoding == "utf-8" and "\N{REPLACEMENT CHARACTER}" not in reading.text
    return whole or reading.encoding.startswith(WIDE)


def _is_foreign_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8, and more than ASCII, which it is in every encoding."""
    if line.isascii():
        return False
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse_own_lines(reading: Reading, lines: Sequence[bytes], names: Names) -> Iterator[Item | Reject]:
    """Each line by itself; one that is not in UTF-8 as its neighbours are counts as repaired."""
    for number, line in enumerate(lines, reading.document.position):
        if line.strip():
            text, encoding, repaired = decode(line, reading.document.charset)
            repaired = repaired or encoding != "utf-8"
            own = replace(reading, text=text, encoding=encoding, repaired=repaired)
            yield _with_payload(_parse_line(own, text, names, number), line)


def _with_payload(outcome: Item | Reject, line: bytes) -> Item | Reject:
    """A reject with the bytes as they were."""
    return replace(outcome, payload=line[:PAYLOAD_LIMIT]) if isinstance(outcome, Reject) else outcome


def _parse_line(reading: Reading, line: str, names: Names, number: int) -> Item | Reject:
    try:
        record = _load_line(line)
    except (ValueError, RecursionError) as error:
        return reading.reject("broken-json", f"line {number} is no JSON{_where(error)}", number, line)
    return read_record(reading, record, names, number, line)


def _load_line(line: str) -> Any:
    try:
        return _load(line)
    except ValueError:
        if "\0" not in line:
            raise
        return _load(line.replace("\0", ""))  # a crash of what wrote the file leaves zeros, and says nothing by them


def parse_json(reading: Reading, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """A JSON document: a JSON Feed, a list of records, one record, or several one after another.

    Or lines of records under another name. Of one that breaks off, what is complete.
    """
    text = reading.text.strip("\ufeff \t\r\n")
    try:
        content = _load(text)
    except (ValueError, RecursionError) as error:
        yield from _parse_broken_json(reading, text, fields, error)
        return
    if isinstance(content, dict) and isinstance(content.get("items"), list):
        yield from parse_json_feed(reading, content)
        return
    records = records_in(content, field_names(fields))
    yield from parse_list(reading, records, fields)
    if not records:
        yield reading.reject("no-entries", "an empty list")


def _parse_broken_json(
    reading: Reading, text: str, fields: Mapping[str, str], error: Exception
) -> Iterator[Item | Reject]:
    """What is whole of a text that is no JSON document."""
    is_lines = isinstance(_load_or_none(text.partition("\n")[0]), dict)
    values, rest = whole_values(text)
    if len(values) > 1 and not is_lines and not text.startswith("["):
        names = field_names(fields)
        records = [record for value in values for record in records_in(value, names)]
        yield from parse_list(reading, records, fields)
        if rest.strip():
            yield reading.reject("truncated", "no JSON from here on", len(records) + 1, rest)
        return
    items = ITEMS.search(text) if text.startswith("{") else None
    start = items.end() if items else 0
    records, rest = whole_values(text, start + 1) if items or text.startswith("[") else ([], "")
    if records:
        feed = {**(_load_or_none(text[:start] + "[]}") or {}), "items": records}
        reading = _of_feed(reading, feed) if items else reading
        yield from parse_json_feed(reading, feed) if items else parse_list(reading, records, fields)
        yield reading.reject("truncated", f"no JSON from here on{_where(error)}", len(records) + 1, rest)
    elif is_lines:
        yield from parse_jsonl(reading, fields)
    else:
        yield reading.reject("broken-json", f"no JSON{_where(error)}")


def _where(error: Exception) -> str:
    """Where a JSON text breaks and how; its line only if it has more than one."""
    if not isinstance(error, json.JSONDecodeError):
        return ": nested too deep, or a number of too many digits"
    line = f"line {error.lineno}, " if "\n" in error.doc.strip() else ""
    return f": {error.msg.rstrip(': ')}, {line}column {error.colno}".replace(" at, ", " at ")


def whole_values(text: str, start: int = 0) -> tuple[list[Any], str]:
    """The complete JSON values that follow one another from ``start`` on, and what follows the last of them."""
    values: list[Any] = []
    position = start
    while separator := SEPARATOR.match(text, position):
        try:
            value, position = _DECODER.raw_decode(text, separator.end())
        except (ValueError, RecursionError):
            break
        values.append(value)
    return values, text[position:]


def records_in(content: Any, names: Names) -> list[Any]:
    """The records of a JSON value: those of a list, or of the only list of objects in an object.

    An object that has a title or a text is one record, whatever lists it holds.
    """
    if isinstance(content, list):
        return content
    if not isinstance(content, dict) or _tells(lift(content, names), names):
        return [content]
    lists: list[list[Any]] = []
    held = [content]
    while held:
        for value in held.pop().values():
            if isinstance(value, dict):
                held.append(value)
            elif isinstance(value, list) and all(isinstance(element, dict) for element in value):
                lists.append(value)
    filled = [each for each in lists if each] or lists
    return filled[0] if len(filled) == 1 else [content]


def lift(record: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    """A record, or the one that it wraps as search engines do: ``{"_id": 7, "_source": {"title": …}}``."""
    if any(name in record for theirs in names.values() for name in theirs):
        return record
    wrapped = [value for value in record.values() if isinstance(value, dict) and _tells(value, names)]
    return wrapped[0] if len(wrapped) == 1 else record


def _tells(record: Mapping[str, Any], names: Names) -> bool:
    return any(name in record for name in (*names["title"], *names["text"]))


def parse_list(reading: Reading, records: Sequence[Any], fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """The records of a list."""
    names = field_names(fields)
    for position, record in enumerate(records, 1):
        yield read_record(reading, record, names, position, _dump(record))


def parse_json_feed(reading: Reading, feed: Mapping[str, Any]) -> Iterator[Item | Reject]:
    """The items of a JSON Feed."""
    reading = _of_feed(reading, feed)
    for position, record in enumerate(feed["items"], 1):
        if isinstance(record, dict):
            entry = _read_feed_item(record, _said(feed, "language"))
            yield reading.item(entry, position, _dump(record))
        else:
            yield reading.reject("broken-entry", "the entry is no object", position, _dump(record))
    if not feed["items"]:
        yield reading.reject("no-entries", "a feed without entries")


def _of_feed(reading: Reading, feed: Mapping[str, Any]) -> Reading:
    site = host(_said(feed, "home_page_url")) or host(_said(feed, "feed_url"))
    return reading.of_outlet(site, to_line(_said(feed, "title")))


def _read_feed_item(record: Mapping[str, Any], language: str) -> Entry:
    authors = record.get("authors")
    authors = authors if isinstance(authors, list) else [record.get("author")]
    names = [_said(author, "name") for author in authors if isinstance(author, dict)]
    return Entry(
        title=" ".join(_said(record, "title").split()),
        text=max(to_text(_said(record, "content_html")), _said(record, "content_text"), key=len)
        or _said(record, "summary"),
        url=_said(record, "url") or _said(record, "external_url"),
        guid=_said(record, "id"),
        author=", ".join(filter(None, names)),
        language=_said(record, "language") or language,
        dates=feed_dates((_said(record, "date_published"), _said(record, "date_modified"))),
    )


def read_record(reading: Reading, record: Any, names: Names, position: int, payload: str) -> Item | Reject:
    """The item that a record describes."""
    try:
        if not isinstance(record, dict):
            raise Rejected("not-a-record", f"{_kind(record)} where an object with fields should be")
        said = {field: _value(record, field, names[field]) for field in names}
    except Rejected as refusal:
        return reading.reject(refusal.reason, refusal.message, position, payload)
    title, text = to_line(said["title"]), said["text"]
    if "&" in text or has_markup(text):
        text = to_text(text)
    if not title and not text:
        wrapped = lift(record, names)
        if wrapped is not record:
            return read_record(reading, wrapped, names, position, payload)
        return reading.of_outlet(host(said["url"])).reject("no-text", _lacks(record, names), position, payload)
    entry = Entry(
        title=title,
        text=text,
        url=said["url"],
        guid=said["guid"],
        author=to_line(said["author"]),
        language=said["language"],
        source=to_line(said["source"]) or host(said["url"]),
        dates=feed_dates((said["date"],)),
    )
    return reading.item(entry, position, payload)


def _lacks(record: Mapping[str, Any], names: Names) -> str:
    """Why a record has neither title nor text: empty, or called otherwise."""
    wanted = (*names["title"], *names["text"])
    if not record or any(name in record for name in wanted):
        return "neither a title nor a text"
    there = ", ".join(list(map(str, record))[:20])
    return f"no field is called {' or '.join(wanted)}; there are {there}. --fields tells what they mean"


KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}


def _kind(value: Any) -> str:
    return KINDS.get(type(value), "nothing")


def _value(record: Mapping[str, Any], field: str, names: Iterable[str]) -> str:
    """The first of the named values that is not empty, as text."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str):
            if value := _sound(value.strip()):
                return value
        elif field in NUMERIC and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        elif field in NAMED and isinstance(value, dict) and isinstance(value.get("name"), str):
            if value := _sound(value["name"].strip()):
                return value
        elif value is not None:
            raise Rejected("wrong-type", f"{name} holds {_kind(value)}, not text; --fields may name another")
    return ""


def _said(record: Mapping[str, Any], name: str) -> str:
    """A value of a JSON Feed as text: its format asks readers to take what they can use, and numbers for ids."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _sound(str(value).strip())


def _sound(value: str) -> str:
    """Without halves of surrogate pairs, which JSON can escape and no table can hold."""
    if value.isascii():
        return value
    try:
        value.encode("utf-16-le")  # the quickest to find one
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
"""NaN, which Python writes for what is missing, is None."""


def _load(text: str) -> Any:
    """The value of a JSON text."""
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    return _DECODER.decode(text)


def _load_or_none(text: str) -> Any:
    try:
        return _load(text)
    except (ValueError, RecursionError):
        return None


def _dump(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False)
