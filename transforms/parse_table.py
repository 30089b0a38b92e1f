"""Records of tables: CSV by whatever delimiter."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.item import Item
from schemas.reject import Reject
from transforms.parse_entry import Reading
from transforms.parse_records import Names, field_names, read_record

DELIMITERS = ",;\t|"
SEPARATOR_LINE = re.compile(rf"\"?sep=([{DELIMITERS}])\"?\s*\Z", re.IGNORECASE)
DATA = re.compile(r"https?://|\d{4}-\d\d?-\d|\d\d?/\d\d?/\d{4}|.{100}", re.DOTALL)
READ_AGAIN = 20
"""How often a table's lines are read again, at most, to find where a row begins after one whose quoting is broken."""
CELL_LIMIT = 1 << 28
"""Characters of one cell; the csv module refuses more than 131,072 unless told."""


class Head(NamedTuple):
    """How a table begins."""

    columns: tuple[str, ...]
    """The names in its header, in lower case."""
    delimiter: str
    lines: Sequence[str]
    """All up to the end of the header, blank lines and the line ``sep=;`` of Excel included."""


def read_head(text: str) -> Head:
    """The head of a table, or of its beginning. A header that is no sound row is its first line."""
    lines = _lines(text.replace("\0", ""))
    named = SEPARATOR_LINE.match(lines[0]) if lines else None
    start = 1 if named else 0
    while start < len(lines) and not lines[start].strip():
        start += 1
    delimiter = named[1] if named else _delimiter(lines[start : start + 50], 0)
    end, row = _row(lines, start, delimiter) if start < len(lines) else (start, [])
    if row is None:
        end = start + 1
        row = next(csv.reader(lines[start:end], delimiter=delimiter))
    return Head(tuple(" ".join(name.split()).lower() for name in row), delimiter, lines[:end])


def _lines(text: str) -> list[str]:
    """The lines as they were, whatever they end in."""
    csv.field_size_limit(CELL_LIMIT)
    return list(io.StringIO(text.removeprefix("\ufeff"), newline=""))


def parse_csv(reading: Reading, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """One record a row. The columns are those of the document if it is a slice, else those of its header."""
    names = {field: [name.lower() for name in theirs] for field, theirs in field_names(fields).items()}
    head = Head(reading.document.columns, "", ()) if reading.document.columns else read_head(reading.text)
    columns, first = head.columns, len(head.lines)
    lines = _lines(reading.text)
    sound = [line.replace("\0", "") for line in lines[first:]]
    is_header = _is_header(columns, names)
    found = False
    for start, end, row in _rows(sound, head.delimiter or _delimiter(sound[:50], len(columns)), len(columns)):
        position, raw = reading.document.position + first + start, "".join(lines[first + start : first + end])
        if row is None:
            yield reading.reject(
                "unclosed-quote", "a quote that opens here is not closed where a cell ends", position, raw
            )
        elif not any(map(str.strip, row)):
            continue
        elif len(row) > len(columns) and any(row[len(columns) :]):
            yield reading.reject("broken-csv", f"{len(row)} cells for {len(columns)} columns", position, raw)
        elif not is_header:
            yield reading.reject(
                "no-text", "the first row is no header: add one, such as url,title,text,date", position, raw
            )
        else:
            yield read_record(reading, _record(columns, row), names, position, raw)
        found = True
    if not found:
        yield reading.reject("no-entries", "a table without rows")


def _is_header(columns: Sequence[str], names: Names) -> bool:
    """Whether a first row holds names; of unknown ones, none that looks like an address, a date or a text."""
    known = {name for theirs in names.values() for name in theirs}
    return not known.isdisjoint(columns) or not any(map(DATA.match, columns))


def _record(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """The cells by their columns; of columns of one name, the first that holds something."""
    record = dict.fromkeys(columns, "")
    for name, cell in zip(columns, row, strict=False):
        if not record[name].strip():
            record[name] = cell
    return record


def _rows(lines: Sequence[str], delimiter: str, width: int) -> Iterator[tuple[int, int, list[str] | None]]:
    """Each row, with where it begins and ends among the lines; ``None`` for one whose quoting is broken.

    Such a one ends before the next row of as many cells as there are columns (``width``, or those of the first row);
    without any, where its quoting broke.
    """
    start, again = 0, READ_AGAIN * len(lines)
    while start < len(lines):
        end, row = _row(lines, start, delimiter)
        if row is None:
            for at in range(start + 1, len(lines) if width else 0):
                after, next_row = _row(lines, at, delimiter)
                again -= after - at
                if again < 0 or (next_row and len(next_row) == width):
                    end = at if again >= 0 else end
                    break
        yield start, end, row
        width = width or len(row or ())
        start = end


def _row(lines: Sequence[str], start: int, delimiter: str) -> tuple[int, list[str] | None]:
    """Where the row that begins at a line ends, and its cells; or where its quoting broke, and ``None``.

    Text may follow a closing quote («"نعم" للسلام») in a row of one line. In one of several it tells that another
    row's opening quote was taken for the closing one.
    """
    rows = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, strict=True)
    try:
        row = next(rows)
    except csv.Error:
        line = lines[start : start + 1]
        open_after = rows.line_num > 1 or sum(1 for _ in csv.reader([*line, "x"], delimiter=delimiter)) == 1
        return start + rows.line_num, None if open_after else next(csv.reader(line, delimiter=delimiter))
    return start + rows.line_num, row


def _delimiter(lines: Sequence[str], columns: int) -> str:
    """What parts the cells: what gives most rows their number of columns, else the first row most of them."""

    def fit(delimiter: str) -> int:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        return widths.count(columns) if columns else widths[0] if widths else 0

    return max(DELIMITERS, key=fit)
