"""What fields the records of a file have: of a name misspelt, or unknown to naba, nothing else would tell."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from schemas.document import Document
from transforms.decode import decode
from transforms.parse_records import FIELDS, lift, records_in, whole_values
from transforms.read import read_file

FILES = 100
"""Files looked into, the first slice of each: what none of them has is hardly further on."""
RECORDS = 1000
"""Records looked at of each file."""


def missing_fields(paths: Iterable[str], fields: Mapping[str, str]) -> Iterator[str]:
    """What to tell of each name in ``fields`` that no record has, as far as was looked; nothing if there are none.

    ``fields`` is as in ``parse_document``. Of CSV the columns count, whether filled or not.
    """
    if not fields:
        return
    there = dict.fromkeys(name for path in islice(paths, FILES) for name in record_fields(path))
    for field, name in fields.items():
        if there and name not in there and name.lower() not in there:
            known = ", ".join(islice(there, 20))
            yield f"--fields {field}={name}: no record looked at has such a field; there are {known}"


def record_fields(path: str) -> list[str]:
    """The names of the fields in a file of records, in the order they are met; none if it is no such file."""
    first = next(read_file(path), None)
    return list(dict.fromkeys(_names(first))) if isinstance(first, Document) else []


def _names(document: Document) -> Iterator[str]:
    yield from document.columns
    if document.format == "jsonl":
        for line in decode(document.content).text.split("\n", RECORDS)[:RECORDS]:
            yield from _keys(line)
    elif document.format is None and document.content.lstrip()[:1] in (b"[", b"{"):
        yield from _keys(decode(document.content).text)


def _keys(text: str) -> Iterator[str]:
    for value in whole_values(text)[0]:
        if not (isinstance(value, dict) and isinstance(value.get("items"), list)):  # a JSON Feed has its own names
            for record in records_in(value, FIELDS)[:RECORDS]:
                if isinstance(record, dict):
                    yield from lift(record, FIELDS)
