"""Remember what earlier runs wrote: the claims of the partitions around the days that came in.

The output is the memory; there is no other store. Only a few small columns are read, and only of the days within
the look-back window, so that the cost follows what arrives and not what is held.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from schemas.article import ARTICLES
from schemas.duplicate import DUPLICATES
from schemas.run import Run
from transforms.judge import AGAIN
from transforms.signature import FINGERPRINT, sign
from transforms.stage import SIGNED, SignedClaims

_COLUMNS = ["id", "content_hash", "text_hash", "published_at", "fingerprint"]


@dataclass
class RememberClaims(beam.PTransform):
    """Claims that earlier runs have written, for the days of new claims and those around them."""

    run: Run
    lookback_days: int

    def expand(self, claims: beam.PCollection[tuple[str, bytes]]) -> beam.PCollection[bytes]:
        return (
            claims
            | "Days" >> beam.Keys()
            | "DaysOnce" >> beam.Distinct()
            | "Around" >> beam.FlatMap(days_around, self.lookback_days)
            | "AroundOnce" >> beam.Distinct()
            | "Recall" >> beam.FlatMap(recall_claims, self.run).with_output_types(bytes)
        )


def days_around(day: str, lookback_days: int) -> list[str]:
    """The days from ``lookback_days`` before ``day`` to as many after it."""
    middle = date.fromisoformat(day)
    return [(middle + timedelta(days=n)).isoformat() for n in range(-lookback_days, lookback_days + 1)]


def recall_claims(day: str, run: Run) -> Iterator[bytes]:
    """What is written of a day, as ``SIGNED`` arrays in which ``of`` is set; one for each file.

    Of a former run of the same id, which this one replaces, only which articles it wrote: they stay articles.
    """
    for path in written_files(run, ARTICLES.name, day):
        yield _signed(read_columns(path, _COLUMNS)).tobytes()
    for path in written_files(run, DUPLICATES.name, day):
        yield _signed(read_columns(path, [*_COLUMNS, "duplicate_of"])).tobytes()
    for path in written_files(run, ARTICLES.name, day, former=True):
        again = _signed(read_columns(path, _COLUMNS))
        again["claim"]["of"], again["claim"]["text"] = AGAIN, b""
        again["fingerprint"] = sign([""], [""])[0]
        yield again.tobytes()


def written_files(run: Run, table: str, day: str, *, former: bool = False) -> list[str]:
    """A day's files of one table by other runs; or by the ``former`` run of the same id, which this one replaces."""
    pattern = f"{run.output}/{table}/date={day}/*.parquet"
    paths = [file.path for file in FileSystems.match([pattern])[0].metadata_list]
    return sorted(path for path in paths if path.rsplit("/", 1)[-1].startswith(f"{run.id}.") == former)


def read_columns(path: str, columns: list[str]) -> pa.Table:
    """Some columns of one Parquet file."""
    with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        # In this thread: one of Arrow's own may still hold the file when the interpreter ends, and abort it.
        rows: pa.Table = pq.ParquetFile(file, pre_buffer=False).read(columns=columns, use_threads=False)
        return rows


def _signed(rows: pa.Table) -> SignedClaims:
    signed = np.zeros(len(rows), SIGNED)
    claims = signed["claim"]
    claims["id"] = [bytes.fromhex(id_) for id_ in rows["id"].to_pylist()]
    claims["content"] = rows["content_hash"].to_pylist()
    claims["text"] = rows["text_hash"].to_pylist()
    claims["published"] = rows["published_at"].cast(pa.int64()).to_numpy()
    canonical = rows["duplicate_of"] if "duplicate_of" in rows.column_names else rows["id"]
    claims["of"] = [bytes.fromhex(id_) for id_ in canonical.to_pylist()]
    signed["fingerprint"] = sign([""], [""])[0]
    held = rows["fingerprint"].to_pylist()
    # Those of another size are compared with none: such rows are known by identity and text alone.
    readable = np.array([len(fingerprint) == FINGERPRINT.itemsize for fingerprint in held], bool)
    signed["fingerprint"][readable] = np.frombuffer(b"".join(compress(held, readable)), FINGERPRINT)
    return signed
