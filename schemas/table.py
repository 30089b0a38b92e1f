"""A table: its name, its columns, and the partition each of its rows belongs to."""

from dataclasses import dataclass

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")


def column(name: str, kind: pa.DataType, doc: str, *, nullable: bool = False) -> pa.Field:
    """A column that says what it means; the text goes into the files and into ``docs/tables.md``."""
    return pa.field(name, kind, nullable=nullable, metadata={"doc": doc})


@dataclass(frozen=True)
class Table:
    """A Hive-partitioned Parquet table under the output folder."""

    name: str
    columns: pa.Schema
    partition: tuple[str, ...]
    """The partition keys, outermost first; they are folders, not columns of the files."""
    doc: str
