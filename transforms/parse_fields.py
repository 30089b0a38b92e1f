"""Whether the fields that the user names are there: of a name misspelt, nothing else would tell."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from schemas.document import Document
from transforms.decode import decode
from transforms.read import read_file

FILES = 100
"""Files looked into, the first slice of each: what none of them has is hardly further on."""


def missing_fields(paths: Iterable[str], fields: Mapping[str, str]) -> Iterator[str]:
    """What to tell of each name in ``fields`` that no record has, as far as was looked; nothing if there are none.

    ``fields`` is as in ``parse_document``. Of CSV the columns count, whether filled or not.
    """
    if not fields:
        return
    firsts = (next(read_file(path), None) for path in islice(paths, FILES))
    there = dict.fromkeys(name for first in firsts if isinstance(first, Document) for name in _names(first))
    for field, name in fields.items():
        if there and name not in there and name.lower() not in there:
            known = ", ".join(islice(there, 20))
            yield f"--fields {field}={name}: no record looked at has such a field; there are {known}"


def _names(document: Document) -> Iterator[str]:
    yield from document.columns
    if document.format == "jsonl":
        for line in decode(document.content).text.split("\n"):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict):
                yield from record
