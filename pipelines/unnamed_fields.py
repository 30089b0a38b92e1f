"""Whether records have their text and date under names that naba knows: of other names, nothing else would tell."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from apache_beam.io.filesystems import FileSystems

from schemas.run import Manifest, Run
from transforms.parse_fields import FILES, record_fields
from transforms.parse_records import FIELDS
from transforms.remember import read_columns

LOOKED_FOR = ("text", "date")


def unnamed_fields(manifest: Manifest, run: Run, fields: Mapping[str, str]) -> Iterator[str]:
    """What to tell of the files of records whose articles are without a text, or a date, since no record has one.

    ``fields`` is as in ``parse_document``; what it names is looked for elsewhere.
    """
    unnamed: dict[str, dict[str, list[str]]] = {field: {} for field in LOOKED_FOR if field not in fields}
    for path in islice(_documents(manifest, run), FILES):
        names = record_fields(path)
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
