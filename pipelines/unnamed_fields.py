"""Whether records have fields of names that naba knows, and dates that it can read: nothing else would tell."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from itertools import islice

from apache_beam.io.filesystems import FileSystems

from schemas.run import Manifest, Run
from transforms.parse_fields import FILES, record_fields
from transforms.parse_records import FIELDS
from transforms.remember import read_columns

LOOKED_FOR = ("title", "text", "date", "source")
SPARED = ("title", "source")
"""Fields that much news does without: missed only where a field of unknown name may be it."""
DATE_COLUMNS = ["document", "date_source", "date_confidence", "date_raw"]
ARRIVALS = ("file", "fetched")
MONTH_FIRST = re.compile(r"(?:0?[1-9]|1[0-2])[/.-](?:1[3-9]|2\d|3[01])[/.-]\d{4}(?!\d)")
EITHER_FIRST = re.compile(r"(?:0?[1-9]|1[0-2])[/.-](?:0?[1-9]|1[0-2])[/.-]\d{4}(?!\d)")


def unnamed_fields(manifest: Manifest, run: Run, fields: Mapping[str, str]) -> Iterator[str]:
    """What to tell of the files of records whose articles lack something since no record has it, or has it unread.

    ``fields`` is as in ``parse_document``; what it names is looked for elsewhere.
    """
    unnamed: dict[str, dict[str, list[str]]] = {field: {} for field in LOOKED_FOR if field not in fields}
    known = {*(name for names in FIELDS.values() for name in names), *(name.lower() for name in fields.values())}
    for path in islice(_documents(manifest, run), FILES):
        names = record_fields(path)
        there = {name.lower() for name in names}
        for field, files in unnamed.items():
            if there.isdisjoint(FIELDS[field]) and there - (known if field in SPARED else set()):
                files[path] = names
    for field, files in unnamed.items():
        if files:
            path, names = next(iter(files.items()))
            listed, there_are = ", ".join(FIELDS[field]), ", ".join(names[:20])
            yield (
                f"{path}{_more(files)}: no {field}: no record looked at has {listed}; there are {there_are}: "
                f"--fields {field}=NAME"
            )
    yield from _unsure_dates(manifest, run)


def _unsure_dates(manifest: Manifest, run: Run) -> Iterator[str]:
    """Of dates that could not be read, and of those whose month and day were taken for each other."""
    counts = Counter[bool]()
    examples: tuple[dict[str, str], dict[str, str], dict[str, str]] = ({}, {}, {})
    unread, month_first, either_first = examples
    for document, raw, is_read in _stated_dates(manifest, run):
        counts[is_read] += 1
        kind = 0 if not is_read else 1 if MONTH_FIRST.match(raw) else 2 if EITHER_FIRST.match(raw) else None
        if kind is not None:
            examples[kind][document] = min(raw, examples[kind].get(document, raw))
    if unread:
        document, raw = min(unread.items())
        yield (
            f"{document}{_more(unread)}: {counts[False]:,} of {counts.total():,} dates could not be read, "
            f"such as {raw[:60]!r}: the time of the file stands for them"
        )
    if mixed := sorted(month_first.keys() & either_first.keys()):
        yield (
            f"{mixed[0]}{_more(mixed)}: {month_first[mixed[0]]!r} has the month first, but {either_first[mixed[0]]!r} "
            "was read day first, as naba reads all that may be either: write dates as 2026-11-03"
        )


def _more(files: Sized) -> str:
    return f" and {len(files) - 1:,} more" if len(files) > 1 else ""


def _stated_dates(manifest: Manifest, run: Run) -> Iterator[tuple[str, str, bool]]:
    """The words for a date in the run's new articles, with their file, and whether they could be read."""
    for path in _article_files(manifest):
        columns = read_columns(f"{run.output}/{path}", DATE_COLUMNS)
        for document, source, confidence, raw in zip(
            *(columns[name].to_pylist() for name in DATE_COLUMNS), strict=True
        ):
            if raw and _is_file(document):
                yield document, raw, source not in ARRIVALS or confidence != "low"


def _documents(manifest: Manifest, run: Run) -> Iterable[str]:
    """The files that the run's new articles are from, feeds aside."""
    tables = (read_columns(f"{run.output}/{path}", ["document"])["document"] for path in _article_files(manifest))
    documents = {document for table in tables for document in table.unique().to_pylist()}
    return sorted(filter(_is_file, documents))


def _article_files(manifest: Manifest) -> list[str]:
    return [file.path for file in manifest.files if file.table == "articles"][:FILES]


def _is_file(document: str) -> bool:
    return FileSystems.get_scheme(document) not in ("http", "https")
