"""A day's news against outputs that hold more and more: what is older than the look-back window must cost nothing."""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.corpus import BEGAN, invent_articles
from benchmarks.measure import measure, noise
from schemas.article import ARTICLES, FINGERPRINT_COLUMN, PUBLISHED_COLUMNS
from schemas.item import Item
from transforms.normalize import normalize_item
from transforms.stage import sign_articles

ARRIVED = datetime(2026, 1, 1, tzinfo=UTC)
LOOKBACK = 7
NEWEST = BEGAN + timedelta(days=400)
"""The day of the new articles; the days before it are held."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a line for each output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.held", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000, metavar="N", help="new ones, all of one day (20,000)")
    parser.add_argument("--a_day", type=int, default=10_000, metavar="N", help="how many a held day has (10,000)")
    days = [0, 10, 100]
    parser.add_argument("--days", type=int, nargs="+", default=days, metavar="N", help="days held (0 10 100)")
    options = parser.parse_args(argv)
    with TemporaryDirectory(prefix="naba-benchmark-") as name:
        source = write_day(Path(name, "news.jsonl"), options.articles, NEWEST, seed=0)
        held = Path(name, "held")
        made = 0
        for days in sorted(options.days):
            for day in range(made, days):
                hold_day(held, NEWEST - timedelta(days=day + 1), options.a_day, seed=day + 1)
            made = days
            size = sum(path.stat().st_size for path in held.rglob("*.parquet"))
            in_window = min(days, LOOKBACK) * options.a_day
            output = Path(name, "out")
            if held.exists():
                shutil.copytree(held, output)
            measured = measure("naba", source, output)
            shutil.rmtree(output)
            print(
                f"{days * options.a_day:9,} held ({size / 1e6:6,.0f} MB), {in_window:7,} of them in the window: "
                f"{measured.cpu:6.1f} s CPU {measured.wall:6.1f} s wall, {measured.read / 1e6:6,.0f} MB read, "
                f"{measured.peak / 1e6:5.0f} MB memory; {noise()}",
                flush=True,
            )
    return 0


def write_day(path: Path, count: int, day: datetime, seed: int) -> Path:
    """Articles of one day as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for record in _of_day(count, day, seed):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def hold_day(output: Path, day: datetime, count: int, seed: int) -> None:
    """A file of ``articles`` as naba writes it, but for the actors, which deduplication does not read."""
    articles = [normalize_item(_item(record)) for record in _of_day(count, day, seed)]
    rows = {field.name: [getattr(article, field.name) for article in articles] for field in PUBLISHED_COLUMNS}
    rows[FINGERPRINT_COLUMN.name] = [fingerprint.tobytes() for fingerprint in sign_articles(articles)]
    rows |= {"actors": [[]] * count, "principal_actors": [[]] * count, "entities": [None] * count}
    rows |= {"run_id": ["held"] * count, "ingested_at": [ARRIVED] * count}
    folder = output / "articles" / f"date={day:%Y-%m-%d}"
    folder.mkdir(parents=True)
    columns = ARTICLES.columns
    table = pa.table([pa.array(rows[field.name], field.type) for field in columns], columns)
    pq.write_table(table, folder / "held.0000.parquet", compression="zstd", compression_level=3, use_dictionary=False)


def _of_day(count: int, day: datetime, seed: int) -> list[dict[str, str]]:
    records = []
    for number, record in enumerate(invent_articles(count, seed)):
        when = datetime.fromisoformat(record["date"])
        date = day + timedelta(hours=when.hour, minutes=when.minute)
        url = f"https://{record['source']}.example/{date:%Y/%m/%d}/{seed}-{number}"
        records.append(record | {"id": f"{seed}-{number}", "url": url, "date": date.isoformat()})
    return records


def _item(record: dict[str, str]) -> Item:
    return Item(
        source=record["source"],
        document="held.jsonl",
        position=1,
        arrived_at=ARRIVED,
        arrival="file",
        title=record["title"],
        text=record["text"],
        url=record["url"],
        guid=record["id"],
        dates=(("feed", record["date"]),),
    )


if __name__ == "__main__":
    sys.exit(main())
