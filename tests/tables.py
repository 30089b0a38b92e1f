"""Reads an output back as its users do: with pyarrow.dataset and with DuckDB, which must agree."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds

from pipelines.cli import main

VOLATILE = ("run_id", "ingested_at")
"""What may differ between two runs that come to the same result."""

Row = dict[str, Any]


def ingest(output: Path, *arguments: str | Path, status: int = 0) -> dict[str, Any]:
    """Run ``naba ingest`` on inputs and options; expect its exit status; return the run's manifest."""
    run_id = f"r{len(list(output.glob('runs/*.json')))}"
    argv = ["ingest", "--output", str(output), "--run_id", run_id, *map(str, arguments)]
    assert main(argv) == status
    run_id = argv[len(argv) - argv[::-1].index("--run_id")]
    manifest: dict[str, Any] = json.loads((output / "runs" / f"{run_id}.json").read_text())
    counts = manifest["counts"]
    assert counts["read"] == sum(counts[name] for name in ("articles", "duplicates", "seen", "rejects"))
    return manifest


def rows(output: Path, table: str, without: Sequence[str] = VOLATILE) -> list[Row]:
    """A table's rows in a fixed order, the partition keys among the columns."""
    folder = output / table
    if not any(folder.rglob("*.parquet")):
        return []
    dataset = ds.dataset(folder, partitioning=ds.partitioning(flavor="hive"))
    by_arrow = [_plain(row, without) for row in dataset.to_table().to_pylist()]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        by_duckdb = connection.sql(
            f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
        )
        names = by_duckdb.columns
        same = [_plain(dict(zip(names, row, strict=True)), without) for row in by_duckdb.fetchall()]
    assert sorted(by_arrow, key=_key) == sorted(same, key=_key)
    return sorted(by_arrow, key=_key)


def all_rows(output: Path) -> dict[str, list[Row]]:
    """Every table."""
    return {table: rows(output, table) for table in ("articles", "duplicates", "mentions", "rejects")}


def files(output: Path) -> dict[str, tuple[int, int]]:
    """Every file of the tables with its size and time of change."""
    return {
        str(path.relative_to(output)): (path.stat().st_size, path.stat().st_mtime_ns)
        for table in ("articles", "duplicates", "mentions", "rejects")
        for path in sorted((output / table).rglob("*"))
        if path.is_file()
    }


def _plain(row: Row, without: Sequence[str]) -> Row:
    return {name: value for name, value in row.items() if name not in without}


def _key(row: Row) -> str:
    return json.dumps(row, sort_keys=True, default=str)
