"""The benchmarks compare like with like. Nothing here is timed."""

from importlib import import_module
from itertools import islice
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from benchmarks import memory
from benchmarks.corpus import invent_articles, write_articles
from benchmarks.ingest import ARMS, tabulate
from benchmarks.measure import Measured, measure
from tests.news import write_jsonl
from tests.tables import rows
from transforms.stage import CLAIM


def run(arm: str, source: Path, output: Path) -> int:
    """One arm in this process. Gives the number of articles written."""
    written: int = import_module(f"benchmarks.arms.{arm}").run(str(source), str(output))
    return written


def ids(output: Path) -> list[str]:
    dataset = ds.dataset(output / "articles", partitioning=ds.partitioning(flavor="hive"))
    return sorted(dataset.to_table(columns=["id"])["id"].to_pylist())


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What each arm writes of the same 200 articles, read in another order than they were published."""
    folder = tmp_path_factory.mktemp("benchmarks")
    source = write_articles(folder / "news.jsonl", 200)
    written = {arm: run(arm, source, folder / arm) for arm in ARMS}
    assert len(set(written.values())) == 1
    return {arm: folder / arm for arm in ARMS}


def test_all_arms_write_the_same_articles(outputs: dict[str, Path]) -> None:
    assert ids(outputs["naba"]) == ids(outputs["loop"]) == ids(outputs["script"])
    assert 150 < len(ids(outputs["naba"])) < 200


def test_the_loop_writes_the_same_tables_as_naba(outputs: dict[str, Path]) -> None:
    # Of records that are equal word for word, either may be the one that is kept.
    without = ("run_id", "ingested_at", "position")
    for table in ("articles", "mentions", "duplicates"):
        assert rows(outputs["loop"], table, without) == rows(outputs["naba"], table, without)


def test_the_loop_refuses_what_naba_refuses(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [{"id": "empty"}, {"id": "dots", "text": "..."}]
    records += [dict(record) for record in invent_articles(3)]
    source = write_jsonl(tmp_path / "news.jsonl", records)
    for arm in ("naba", "loop"):
        run(arm, source, tmp_path / arm)
    assert len(rows(tmp_path / "naba", "rejects")) == 2
    assert rows(tmp_path / "loop", "rejects") == rows(tmp_path / "naba", "rejects")


def test_the_corpus_is_the_same_every_time_and_has_repeats_and_reprints() -> None:
    records = list(invent_articles(2000))
    assert list(islice(invent_articles(5000), 2000)) == records
    assert list(invent_articles(20, seed=2)) != records[:20]
    words = [len(record["text"].split()) for record in records]
    assert min(words) >= 150
    assert max(words) < 300
    told, texts = {str(record) for record in records}, {record["text"] for record in records}
    assert 0.03 < (len(records) - len(told)) / len(records) < 0.07
    assert 0.03 < (len(told) - len(texts)) / len(records) < 0.07


def test_an_arm_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    source = write_articles(tmp_path / "news.jsonl", 20)
    measured = measure("script", source, tmp_path / "out")
    assert measured.articles == len(ids(tmp_path / "out"))
    assert 50e6 < measured.peak < 500e6
    assert measured.start_cpu > 0 < measured.cpu


def test_the_table_compares_speeds_at_their_best() -> None:
    measured = [
        Measured(arm, 100, 1.0, 1.0, wall, cpu, 10**8, 0)
        for arm, wall, cpu in (("naba", 9.0, 8.0), ("naba", 5.0, 4.0), ("loop", 4.0, 3.0), ("script", 1.0, 1.0))
    ]
    table = tabulate(measured)
    assert "naba's speed is 0.75 of the loop's by CPU time, 0.80 by the clock" in table
    assert "MISSED" in table


def test_the_bytes_of_a_claim_are_those_of_the_stage() -> None:
    assert CLAIM.itemsize == memory.CLAIM_BYTES
