"""Records of tables: CSV by whatever delimiter."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from schemas.item import Item
from schemas.reject import Reject
from transforms.parse_entry import Reading
from transforms.parse_records import field_names, read_record

DELIMITERS = ",;\t|"
READ_AGAIN = 20
"""How often a table's lines are read again, at most, to find where a row begins after one whose quoting is broken."""
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
            yield reading.reject(
                "unclosed-quote", "a quote that opens here is not closed where a cell ends", position, raw
            )
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
