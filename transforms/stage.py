"""Stage articles: their text goes to files, and only claims and fingerprints travel on through the shuffles.

This is the claim-check pattern. A shuffle costs an article's text twenty times what it costs its claim
(docs/decisions/0001-claims-and-commit.md), so the text is written once, sorted by day, and read back by whoever writes
that day's partition.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from operator import attrgetter

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics import Metrics
from apache_beam.utils.windowed_value import WindowedValue

from schemas.article import FINGERPRINT_COLUMN, PUBLISHED_COLUMNS, Article
from schemas.run import Run
from transforms.signature import FINGERPRINT, Fingerprints, sign

CHUNK_ARTICLES = 1000
CHUNK_SIZE = 16 << 20
"""In code points."""
BATCH_ARTICLES = 64
"""What is read of a chunk at least: some neighbours in time, as whoever wants one of them wants the others mostly."""

DAY = 86_400_000_000
"""Microseconds."""

CLAIM = np.dtype(
    [
        ("id", "S16"),
        ("content", "S16"),
        ("text", "S16"),
        ("of", "S16"),  # a written article's canonical; empty for a new one
        ("published", "<i8"),  # microseconds since 1970, UTC
        ("tie", "<u8"),  # of where it was read: parts articles that are equal in all else
        ("chunk", "<u8"),  # where its text is staged
        ("row", "<u4"),
        ("size", "<u4"),  # code points of title and text
    ]
)
"""What exact deduplication must know of an article: 96 bytes, whatever its length."""

SIGNED = np.dtype([("claim", CLAIM), ("fingerprint", FINGERPRINT)])
"""A claim, and what the article is compared by."""

Claims = npt.NDArray[np.void]
SignedClaims = npt.NDArray[np.void]

_STAGED = pa.schema([field.remove_metadata() for field in (*PUBLISHED_COLUMNS, FINGERPRINT_COLUMN)])
_values = attrgetter(*(field.name for field in PUBLISHED_COLUMNS))
_EPOCH = date(1970, 1, 1)
_EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class StageArticles(beam.PTransform):
    """Write articles to staging in chunks; give the ``SIGNED`` array of each chunk as bytes."""

    run: Run

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[bytes]:
        return articles | "Stage" >> beam.ParDo(_Stage(self.run)).with_output_types(bytes)


class _Stage(beam.DoFn):
    def __init__(self, run: Run) -> None:
        self._run = run
        self._articles = Metrics.counter(StageArticles, "articles")
        self._held: list[Article] = []
        self._size = 0

    def start_bundle(self) -> None:
        self._held, self._size = [], 0

    def process(self, article: Article) -> Iterator[bytes]:
        self._articles.inc()
        self._held.append(article)
        self._size += len(article.text)
        if len(self._held) >= CHUNK_ARTICLES or self._size >= CHUNK_SIZE:
            yield self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._held:
            yield beam.transforms.window.GlobalWindows.windowed_value_at_end_of_window(self._flush())

    def _flush(self) -> bytes:
        held, self._held, self._size = self._held, [], 0
        return stage_articles(self._run, held).tobytes()


def stage_articles(run: Run, articles: Iterable[Article]) -> SignedClaims:
    """Write one chunk, in order of time; the claims and fingerprints of its articles, in that order."""
    told = sorted(articles, key=attrgetter("published_at"))
    chunk = secrets.randbits(63)
    signed = np.empty(len(told), SIGNED)
    signed["claim"], signed["fingerprint"] = claim_articles(told, chunk), sign_articles(told)
    columns = [*zip(*map(_values, told), strict=True), [each.tobytes() for each in signed["fingerprint"]]]
    rows = pa.table([pa.array(c, f.type) for c, f in zip(columns, _STAGED, strict=True)], schema=_STAGED)
    with (
        FileSystems.create(chunk_path(run, chunk), compression_type=CompressionTypes.UNCOMPRESSED) as file,
        pa.ipc.new_file(file, _STAGED) as writer,  # lz4 would halve it, and double what it costs
    ):
        writer.write_table(rows, max_chunksize=BATCH_ARTICLES)
    return signed


def sign_articles(articles: list[Article]) -> Fingerprints:
    """Their fingerprints, shape ``(len(articles),)``."""
    return sign([each.folded[0] for each in articles], [each.folded[1] for each in articles])


def claim_articles(articles: list[Article], chunk: int) -> Claims:
    """Claims, shape ``(len(articles),)``, on rows ``0…`` of one chunk."""
    claims = np.zeros(len(articles), CLAIM)
    for row, article in enumerate(articles):
        where = f"{article.source}\0{article.document}\0{article.position}".encode("utf-8", "surrogatepass")
        claims[row] = (
            bytes.fromhex(article.id),
            article.content_hash,
            article.text_hash,
            b"",
            (article.published_at - _EPOCH_TIME) // timedelta(microseconds=1),
            int.from_bytes(blake2b(where, digest_size=8).digest()),
            chunk,
            row,
            len(article.text) + len(article.title or ""),
        )
    return claims


def chunk_path(run: Run, chunk: int) -> str:
    """Where a chunk of articles is staged."""
    return f"{run.staging}/chunks/{chunk:016x}.arrow"


def load_rows(run: Run, places: Claims) -> pa.Table:
    """Staged articles, in the order of ``places`` (an array with ``chunk`` and ``row``)."""
    order = np.lexsort((places["row"], places["chunk"]))
    tables: list[pa.Table] = []
    for of_chunk in np.split(order, np.flatnonzero(np.diff(places["chunk"][order])) + 1):
        chunk, rows = int(places["chunk"][of_chunk[0]]), places["row"][of_chunk]
        with (
            FileSystems.open(chunk_path(run, chunk), compression_type=CompressionTypes.UNCOMPRESSED) as file,
            pa.ipc.open_file(file) as reader,
        ):
            batches, batch = np.unique(rows // BATCH_ARTICLES, return_inverse=True)
            read = pa.Table.from_batches(map(reader.get_batch, batches.tolist()))
            tables.append(read.take(pa.array(batch * BATCH_ARTICLES + rows % BATCH_ARTICLES)))
    return pa.concat_tables(tables).combine_chunks().take(pa.array(np.argsort(order)))


def day_of(published: int) -> str:
    """The UTC day of a time in microseconds since 1970, as ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(days=int(published) // DAY)).isoformat()
