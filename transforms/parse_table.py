"""Records of tables: CSV by whatever delimiter."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from schemas.item import Item
from schemas.reject import Reject
from transforms.parse_entry import Reading
from transforms.parse_records import field_names, read_record

DELIMITERS = ",;\t|"
UNCLOSED_LIMIT = 100
"""Open quotes in a table after which no row is looked for any more."""
CELL_LIMIT = 1 << 28
"""Characters of one cell; the csv module refuses more than 131,072 unless told."""


def parse_csv(reading: Reading, fields: Mapping[str, str]) -> Iterator[Item | Reject]:
    """One record a row. The columns are those of the document if it is a slice, else those of the first row."""
    names = {field: [name.lower() for name in theirs] for field, theirs in field_names(fields).items()}
    columns = [name.strip().lower() for name in reading.document.columns]
    csv.field_size_limit(CELL_LIMIT)
    lines = list(io.StringIO(reading.text.removeprefix("\ufeff"), newline=""))
    sound = [line.replace("\0", "") for line in lines] if "\0" in reading.text else lines
    found = False
    for start, end, row in _rows(sound, _delimiter(sound[:50], len(columns)), len(columns)):
        position, raw = reading.document.position + start, "".join(lines[start:end])
        if row is None:
            yield reading.reject("unclosed-quote", "a quote that opens here is never closed", position, raw)
            found = True
        elif not any(map(str.strip, row)):
            continue
        elif not columns:
            columns = [name.strip().lower() for name in row]
        elif len(row) > len(columns) and any(row[len(columns) :]):
            yield reading.reject("broken-csv", f"{len(row)} cells for {len(columns)} columns", position, raw)
            found = True
        else:
            yield read_record(reading, dict(zip(columns, row, strict=False)), names, position, raw)
            found = True
    if not found:
        yield reading.reject("no-entries", "a table without rows")


def _rows(lines: Sequence[str], delimiter: str, width: int) -> Iterator[tuple[int, int, list[str] | None]]:
    """Each row, with where it begins and ends among the lines; ``None`` for one whose quote is never closed.

    Such a one ends where a line has as many cells as there are columns (``width``, or those of the first row).
    """
    start = unclosed = 0
    while start < len(lines):
        rows, first = csv.reader(lines[start:], delimiter=delimiter), start
        for row in rows:
            end = first + rows.line_num
            if end == len(lines) and _is_open(lines[start:end], delimiter):
                unclosed += 1  # each is looked for from the last to the end
                again = range(start + 1, end if width and unclosed < UNCLOSED_LIMIT else 0)
                end = next((at for at in again if _width(lines[at], delimiter) == width), end)
                yield start, end, None
                start = end
                break
            width = width or len(row)
            yield start, end, row
            start = end


def _is_open(row: Sequence[str], delimiter: str) -> bool:
    """Whether a line after the row would still be part of it."""
    return sum(1 for _ in csv.reader([*row, "x"], delimiter=delimiter)) == 1


def _width(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _delimiter(lines: Sequence[str], columns: int) -> str:
    """What parts the cells: what gives most rows their number of columns, else the first row most of them."""

    def fit(delimiter: str) -> int:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        return widths.count(columns) if columns else widths[0] if widths else 0

    return max(DELIMITERS, key=fit)
