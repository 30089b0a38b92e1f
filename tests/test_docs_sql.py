"""The queries that the documents show run as they stand, and say what they promise."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks.reprints import write_planted
from tests.planted import edited_twice
from tests.tables import Row, ingest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "docs/tables.md")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """In the folder of an output: the samples, and a report whose second version ties two written ones together."""
    output = tmp_path_factory.mktemp("sql") / "out"
    first, second, third = edited_twice()
    ingest(output, "--input", ROOT / "samples" / "news", "--max_reject_ratio", "1")
    ingest(output, "--input", write_planted(output.parent / "1.jsonl", [first, third]))
    ingest(output, "--input", write_planted(output.parent / "2.jsonl", [second]))
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as connection:
        patch.chdir(output.parent)
        yield connection


def queries(document: str) -> list[str]:
    found: list[str] = re.findall(r"^```sql\n(.+?)^```$", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    return [query.replace("out/", "").replace("read_parquet('", "read_parquet('out/") for query in found]


def answer(connection: duckdb.DuckDBPyConnection, title: str) -> list[Row]:
    """The rows of the query under the comment ``title``; views that are shown before it are there."""
    for document in DOCUMENTS:
        for query in queries(document):
            if query.startswith(f"-- {title}\n"):
                told = connection.sql(query)
                return [dict(zip(told.columns, row, strict=True)) for row in told.fetchall()]
            if "CREATE VIEW" in query:
                connection.execute(query.replace("CREATE VIEW", "CREATE OR REPLACE VIEW"))
    raise AssertionError(f"no query is called {title!r}")


def test_every_query_runs(connection: duckdb.DuckDBPyConnection) -> None:
    count = 0
    for document in DOCUMENTS:
        for query in queries(document):
            told = connection.execute(query.replace("CREATE VIEW", "CREATE OR REPLACE VIEW")).fetchall()
            assert told or "BETWEEN" in query or "CREATE VIEW" in query, query
            count += 1
    assert count >= 7


def test_a_story_that_a_late_report_ties_together_is_counted_once(connection: duckdb.DuckDBPyConnection) -> None:
    told = answer(connection, "How many outlets ran each story")
    tied = [row for row in told if row["first_title"] == edited_twice()[0].title]
    assert [(row["outlets"], row["reports"]) for row in tied] == [(3, 3)]


def test_who_was_first_is_told_with_how_many_followed(connection: duckdb.DuckDBPyConnection) -> None:
    told = {
        (row["first"], row["others"]) for row in answer(connection, "Who published first, and how long the others took")
    }
    assert ("first", 2) in told
    assert ("almarfa.example", 1) in told


def test_an_agency_is_credited_with_the_report_that_its_text_repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """The reprint says «وكالات»; the report that it repeats does not, and counts as well."""
    told = answer(connection, "Which agency feeds whom: reports that name a wire, or repeat one that does")
    assert {("WIRES", "almarfa.example"), ("WIRES", "وكالة رواسي")} <= {(row["agency"], row["source"]) for row in told}
