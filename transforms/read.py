"""Read files: a path or pattern in, documents out.

Compression and format are told by content first, by name second. Files of records (JSON lines, CSV) are read
as a stream and handed on in slices of whole records, so that a file of any size passes through little memory.
"""

import bz2
import gzip
import io
import json
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, NamedTuple, cast

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.filesystem import CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.document import Document, Format
from schemas.reject import PAYLOAD_LIMIT, Reject
from transforms.decode import BOMS, decode, wide_codec
from transforms.parse_records import FIELDS
from transforms.parse_table import Head, read_head

SLICE_BYTES = 1 << 20
RECORD_LIMIT = 16 << 20
"""Bytes of one line or record; the longest article ever seen is far below."""
DOCUMENT_LIMIT = 64 << 20
"""Bytes of one feed, page or text, uncompressed."""
HEAD_BYTES = 1 << 16

_RECORD_NAMES: dict[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
_COMPRESSION_NAMES = {".gz", ".zst", ".bz2"}
CONTROLS = re.compile(b"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that a text has none of, but by damage; the escape is part of ISO-2022."""
_MARKS = {codec: mark for mark, codec in BOMS}
_FIELD_NAMES = frozenset(name for names in FIELDS.values() for name in names)


class ReadDocuments(NamedTuple):
    """What reading yields."""

    documents: beam.PCollection[Document]
    rejects: beam.PCollection[Reject]


@dataclass
class ReadFiles(beam.PTransform):
    """Read every file that the patterns name, each once."""

    patterns: tuple[str, ...]

    def expand(self, p: beam.Pipeline) -> ReadDocuments:
        files = (
            p
            | "Patterns" >> beam.Create([_encode(pattern) for pattern in self.patterns])
            | "List" >> beam.FlatMap(_list_encoded).with_output_types(bytes)
            | "Once" >> beam.Distinct()  # also parts the files among workers
        )
        read = files | "Read" >> beam.ParDo(_Read()).with_outputs("rejects", main="documents")
        return ReadDocuments(read.documents, read.rejects)


class _Read(beam.DoFn):
    def __init__(self) -> None:
        self._files = Metrics.counter(ReadFiles, "files")
        self._rejects = Metrics.counter(ReadFiles, "rejects")

    def process(self, path: bytes) -> Iterator[Document | TaggedOutput[Literal["rejects"], Reject]]:
        self._files.inc()
        for read in read_file(_decode(path)):
            if isinstance(read, Reject):
                self._rejects.inc()
                yield TaggedOutput("rejects", read)
            else:
                yield read


def _list_encoded(pattern: bytes) -> list[bytes]:
    return list(map(_encode, list_files(_decode(pattern))))


def _encode(path: str) -> bytes:
    """The bytes of a name: not every one is UTF-8, and Beam's strings are."""
    return path.encode("utf-8", "surrogateescape")


def _decode(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def list_files(pattern: str) -> list[str]:
    """Paths of the files that ``pattern`` names: one file, a glob, or a folder with all below it.

    Hidden files and folders (``.name``) below a folder are passed over. On Beam's file systems ``*`` stays
    within a folder and ``**`` does not. Local paths are made absolute: what a row says of its document, and by
    which a refusal is known again, must not depend on the working folder.
    """
    if FileSystems.get_scheme(pattern) is None:
        pattern = os.path.abspath(pattern)
        if os.path.lexists(pattern) and not os.path.isdir(pattern):  # also a name that happens to hold a bracket
            return [pattern]
        if os.path.isdir(pattern):
            return sorted(_below(pattern))
        return sorted(_match(pattern))
    folder = pattern.rstrip("/")
    return sorted(_match(pattern) or [path for path in _match(f"{folder}/**") if "/." not in path[len(folder) :]])


def _below(folder: str) -> Iterator[str]:
    """Files below a local folder, links that lead nowhere, and folders that cannot be listed.

    Beam's own listing passes over the last two in silence; of these, ``read_file`` tells.
    """
    unlisted: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=lambda error: unlisted.append(error.filename)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(parent, name) for name in names if not name.startswith("."))
    yield from unlisted


def _match(pattern: str) -> list[str]:
    return [file.path for file in cast("Iterable[FileMetadata]", FileSystems.match([pattern])[0].metadata_list)]


def read_file(path: str) -> Iterator[Document | Reject]:
    """The documents in one file, then what could not be read of it.

    A name that is not UTF-8 is told with ``\\xe3`` and the like for what no table can hold.
    Errors: a file that is gone or forbidden, or no file, is a ``Reject``; any other failure of storage is raised, so
    that the runner tries again.
    """
    name = _encode(path).decode("utf-8", "backslashreplace")
    if not FileSystems.exists(path):
        message = f"the file is gone, or a link that leads nowhere: {name}"
        yield _refusal(name, datetime.now(UTC), 0, "unreadable", message, b"")
        return
    arrived_at = datetime.fromtimestamp(FileSystems.last_updated(path), UTC)
    if kind := _no_file(path):
        yield _refusal(name, arrived_at, 0, "unreadable", f"{kind}: {name}", b"")
        return
    try:
        raw = FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    except PermissionError as error:
        yield _refusal(name, arrived_at, 0, "unreadable", f"{error.strerror}: {name}", b"")
        return
    with raw:
        stream = _decompressed(raw)
        yield from _cut(name, arrived_at, io.BufferedReader(stream, SLICE_BYTES))
        if stream.damage:
            yield _refusal(name, arrived_at, 0, "damaged-archive", f"{stream.damage}; what came before was read", b"")


def _no_file(path: str) -> str | None:
    """What a local path is if it is no file: to open a pipe would wait for a writer, for ever if none comes."""
    if FileSystems.get_scheme(path) is not None:
        return None
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        return "the folder cannot be listed, and nothing below it was read"
    return None if stat.S_ISREG(mode) else "no file but a pipe, a socket or a device"


def _cut(path: str, arrived_at: datetime, stream: io.BufferedReader) -> Iterator[Document | Reject]:
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    codec = _wide(head)
    narrow = head.decode(codec, "replace").encode() if codec else head
    kind = record_format(path, narrow)
    if kind == "jsonl":
        yield from _lines(path, arrived_at, _Lines(stream, codec))
    elif kind == "csv":
        yield from _rows(path, arrived_at, _Lines(stream, codec), read_head(decode(narrow).text))
    else:
        content = stream.read(DOCUMENT_LIMIT + 1)
        if len(content) > DOCUMENT_LIMIT:
            message = f"over {DOCUMENT_LIMIT >> 20} MiB and no file of records (JSON lines, CSV)"
            yield _refusal(path, arrived_at, 0, "document-too-large", message, content)
        else:
            yield Document(path, content, arrived_at)


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32, if a file is in it: without a mark, only if all of the head is text in it."""
    codec = wide_codec(head)
    sound = codec and "\N{REPLACEMENT CHARACTER}" not in head.decode(codec, "replace")[:-1]
    return codec if codec and (sound or head.startswith(_MARKS[codec])) else None


class _Lines:
    """The lines of a stream. In UTF-16 and UTF-32 a line feed is more than the byte 0A, and that byte often none."""

    def __init__(self, stream: io.BufferedReader, codec: str | None) -> None:
        self._stream = stream
        self._codec = codec
        self._feed = "\n".encode(codec or "utf-8")
        self._mark = _MARKS[codec] if codec else b""
        self.read: Callable[[int], bytes] = self._read_wide if codec else stream.readline
        if self._mark and stream.peek(4).startswith(self._mark):
            stream.read(len(self._mark))

    def _read_wide(self, limit: int) -> bytes:
        line = bytearray()
        while len(line) < limit and (part := self._stream.readline(limit - len(line))):
            line += part
            line += self._stream.read(-len(line) % len(self._feed))
            if self.ends(line):
                break
        return bytes(line)

    def ends(self, line: bytes | bytearray) -> bool:
        return line.endswith(self._feed)

    def quotes(self, line: bytes) -> int:
        return line.decode(self._codec, "replace").count('"') if self._codec else line.count(b'"')

    def slice(self, held: Iterable[bytes]) -> bytes:
        """Lines as a document of their own: with a mark, for few of them might not tell their encoding."""
        return self._mark + b"".join(held)


def record_format(path: str, head: bytes) -> Format | None:
    """Whether a file is one of records, and of which kind; ``None`` for a whole document."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:HEAD_BYTES]
    if len(CONTROLS.findall(first)) * 20 > len(first) or first.startswith(b"%PDF-"):
        return None  # no text, whatever its name
    line, _, rest = first.partition(b"\n")
    if first.startswith(b"{"):
        return _json_format(path, line, rest)
    if b"\r" in line.rstrip(b"\r"):
        return None  # lines that end as they did on a Macintosh: the parser reads them whole
    if (
        first[:1] not in (b"<", b"[", b"%")
        and len(_FIELD_NAMES.intersection(read_head(decode(first).text).columns)) >= 2
    ):
        return "csv"
    return _RECORD_NAMES.get(_suffix(path)) if first else None


def _json_format(path: str, line: bytes, rest: bytes) -> Format | None:
    """A JSON object on a line of its own is a record, unless it is a whole JSON Feed."""
    if b"jsonfeed.org/version" in line:
        return None
    try:
        json.loads(line.replace(b"\0", b""))
    except ValueError:  # pretty-printed, cut off by the head, or broken: the name decides
        return _RECORD_NAMES.get(_suffix(path))
    return "jsonl" if rest.strip() or _suffix(path) in _RECORD_NAMES else None


def _suffix(path: str) -> str:
    suffixes = [suffix.lower() for suffix in PurePosixPath(path).suffixes]
    while suffixes and suffixes[-1] in _COMPRESSION_NAMES:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _lines(path: str, arrived_at: datetime, lines: _Lines) -> Iterator[Document | Reject]:
    held: list[bytes] = []
    size, number, first = 0, 0, 1
    while line := lines.read(RECORD_LIMIT + 1):
        number += 1
        if len(line) > RECORD_LIMIT:
            yield Document(path, lines.slice(held), arrived_at, format="jsonl", position=first)
            held, size, first = [], 0, number + 1
            _skip_line(lines)
            message = f"line {number} is over {RECORD_LIMIT >> 20} MiB"
            yield _refusal(path, arrived_at, number, "record-too-long", message, line)
            continue
        held.append(line)
        size += len(line)
        if size >= SLICE_BYTES:
            yield Document(path, lines.slice(held), arrived_at, format="jsonl", position=first)
            held, size, first = [], 0, number + 1
    if held:
        yield Document(path, lines.slice(held), arrived_at, format="jsonl", position=first)


def _skip_line(lines: _Lines) -> None:
    while (rest := lines.read(SLICE_BYTES)) and not lines.ends(rest):
        pass


def _rows(path: str, arrived_at: datetime, lines: _Lines, head: Head) -> Iterator[Document]:
    """Slices end where a line ends outside quotes: after an even number of them.

    If that does not come, a quote is left open, or stands for itself: the parser can tell. Of a table without rows
    there is one slice, empty, so that it is not passed over in silence.
    """
    number = max(1, "".join(head.lines).count("\n"))
    for _ in range(number):
        lines.read(RECORD_LIMIT)
    columns, first = head.columns, number + 1
    held: list[bytes] = []
    size, quotes, slices = 0, 0, 0
    while line := lines.read(RECORD_LIMIT + 1):
        number += lines.ends(line)
        held.append(line)
        size += len(line)
        quotes += lines.quotes(line)
        if size > RECORD_LIMIT or (size >= SLICE_BYTES and not quotes % 2):
            yield Document(path, lines.slice(held), arrived_at, format="csv", position=first, columns=columns)
            held, size, first, quotes, slices = [], 0, number + 1, 0, slices + 1
    if not slices or any(line.strip(b"\0 \t\r\n") for line in held):
        yield Document(path, lines.slice(held), arrived_at, format="csv", position=first, columns=columns)


def _refusal(  # noqa: PLR0913, PLR0917 - the fields of a reject
    path: str, arrived_at: datetime, position: int, reason: str, message: str, payload: bytes
) -> Reject:
    return Reject(
        "read", reason, message, PurePosixPath(path).name, path, position, arrived_at, payload[:PAYLOAD_LIMIT]
    )


def _decompressed(raw: BinaryIO) -> "_Stream":
    head = raw.read(4)
    raw.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return _Stream(gzip.GzipFile(fileobj=raw).read1)
    if head.startswith(b"BZh"):
        return _Stream(bz2.BZ2File(raw).read1)
    if head == b"\x28\xb5\x2f\xfd":
        zstd = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
        return _Stream(lambda size: cast("bytes", zstd.read(min(size, 4096))))  # a read that fails loses what it held
    return _Stream(raw.read)


class _Stream(io.RawIOBase):
    """A stream that ends where its archive breaks, and remembers how it broke."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.damage = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer, says the stub; this is it
        filled = 0
        # Until it is full: a block or a member of an archive may be shorter than what its format is told by.
        while filled < len(buffer) and not self.damage and (data := self._next(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _next(self, size: int) -> bytes:
        try:
            return self._read(size)
        except (EOFError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # storage failed, not the archive
            self.damage = f"the compressed file is damaged or cut off ({error})"
            return b""
