"""Whether records have their text and date under names that naba knows: of other names, nothing else would tell."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from apache_beam.io.filesystems import FileSystems

from schemas.document import Document
from schemas.run import Manifest, Run
from transforms.decode import decode
from transforms.parse_records import FIELDS
from transforms.read import read_file
from transforms.remember import read_columns

LOOKED_FOR = ("text", "date")
FILES = 100
"""Tables and files looked into, the first slice of each."""
RECORDS = 1000
"""Records looked at of each file."""


def unnamed_fields(manifest: Manifest, run: Run, fields: Mapping[str, str]) -> Iterator[str]:
    """What to tell of the files of records whose articles are without a text, or a date, since no record has one.

    ``fields`` is as in ``parse_document``; what it names is looked for elsewhere.
    """
    unnamed: dict[str, dict[str, list[str]]] = {field: {} for field in LOOKED_FOR if field not in fields}
    for path in islice(_documents(manifest, run), FILES):
        names = list(dict.fromkeys(_names(path)))
        for field, files in unnamed.items():
            if names and not {name.lower() for name in names}.intersection(FIELDS[field]):
                files[path] = names
    for field, files in unnamed.items():
        if files:
            path, names = next(iter(files.items()))
            more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
            known, there = ", ".join(FIELDS[field]), ", ".join(names[:20])
            yield f"{path}{more}: no {field}: no record looked at has {known}; there are {there}: --fields {field}=NAME"


def _documents(manifest: Manifest, run: Run) -> Iterable[str]:
    """The files that the run's new articles are from, feeds aside."""
    tables = [file.path for file in manifest.files if file.table == "articles"][:FILES]
    found = (read_columns(f"{run.output}/{path}", ["document"])["document"].unique().to_pylist() for path in tables)
    documents = {document for some in found for document in some}
    return sorted(document for document in documents if FileSystems.get_scheme(document) not in ("http", "https"))


def _names(path: str) -> Iterator[str]:
    """Names of fields, again and again; none if it is no file of records."""
    first = next(read_file(path), None)
    if not isinstance(first, Document):
        return
    yield from first.columns
    if first.format == "jsonl":
        for line in decode(first.content).text.split("\n", RECORDS)[:RECORDS]:
            yield from _keys(line)
    elif first.format is None and first.content.lstrip()[:1] == b"[":
        yield from _keys(decode(first.content).text)


def _keys(text: str) -> Iterator[str]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return
    for record in content[:RECORDS] if isinstance(content, list) else [content]:
        if isinstance(record, dict):
            yield from record
