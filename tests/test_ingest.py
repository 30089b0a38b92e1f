"""The pipeline from end to end, read back as a user reads it."""

from pathlib import Path

import pytest

from tests.news import record, story, write_jsonl
from tests.tables import all_rows, files, ingest, rows


def test_what_goes_in_comes_out_as_articles_with_their_actors(tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "news.jsonl", [record(n) for n in range(30)])
    manifest = ingest(tmp_path / "out", "--input", news)
    assert manifest["counts"]["articles"] == 30
    articles = {row["guid"]: row for row in rows(tmp_path / "out", "articles")}
    one = articles["n3"]
    assert one["text"] == story(3)
    assert (one["source"], one["date"], one["date_source"]) == ("nashra", "2026-11-17", "feed")
    assert one["document"] == str(news)
    assert one["position"] == 4
    actors = {actor["actor"] for actor in one["actors"]}
    mentions = {row["actor"]: row for row in rows(tmp_path / "out", "mentions") if row["article_id"] == one["id"]}
    assert actors == set(mentions) >= {"SAU"}
    for mention in mentions.values():
        spans = {one[span["field"]][span["start"] : span["end"]] for span in mention["spans"]}
        assert spans == set(mention["surfaces"])
        assert mention["count"] == len(mention["spans"])


def test_running_twice_writes_nothing_the_second_time(tmp_path: Path) -> None:
    records = [record(n) for n in range(20)] + [record(50, text=story(3)), record(4, text=story(60)), {"id": "empty"}]
    news = write_jsonl(tmp_path / "news.jsonl", records)
    first = ingest(tmp_path / "out", "--input", news)
    before = files(tmp_path / "out")
    assert [first["counts"][name] for name in ("articles", "duplicates", "seen", "rejects")] == [20, 2, 0, 1]
    second = ingest(tmp_path / "out", "--input", news)
    assert files(tmp_path / "out") == before
    assert second["files"] == []
    assert second["counts"]["seen"] == second["counts"]["read"] == 23


def test_how_a_path_is_spelt_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jsonl(tmp_path / "in" / "news.jsonl", [record(1), {"id": "empty"}])
    monkeypatch.chdir(tmp_path)
    ingest(tmp_path / "out", "--input", "in/news.jsonl")
    monkeypatch.chdir(tmp_path / "in")
    assert ingest(tmp_path / "out", "--input", "news.jsonl")["counts"]["seen"] == 2


def test_running_with_fewer_inputs_removes_nothing(tmp_path: Path) -> None:
    one = write_jsonl(tmp_path / "one.jsonl", [record(n) for n in range(5)])
    two = write_jsonl(tmp_path / "two.jsonl", [record(n) for n in range(5, 9)])
    ingest(tmp_path / "out", "--input", one, two)
    before = all_rows(tmp_path / "out")
    ingest(tmp_path / "out", "--input", two)
    assert all_rows(tmp_path / "out") == before
    assert len(before["articles"]) == 9


def test_running_with_the_same_id_replaces_that_runs_own_files(tmp_path: Path) -> None:
    one = write_jsonl(tmp_path / "one.jsonl", [record(n) for n in range(5)])
    other = write_jsonl(tmp_path / "other.jsonl", [record(n) for n in range(100, 103)])
    fewer = write_jsonl(tmp_path / "fewer.jsonl", [record(n) for n in range(2)] + [{"id": "empty"}])
    ingest(tmp_path / "out", "--input", other, "--run_id", "stays")
    ingest(tmp_path / "out", "--input", one, "--run_id", "again")
    ingest(tmp_path / "out", "--input", fewer, "--run_id", "again")
    assert [row["guid"] for row in sorted(rows(tmp_path / "out", "articles"), key=lambda row: row["guid"])] == [
        "n0", "n1", "n100", "n101", "n102",
    ]  # fmt: skip
    assert len(rows(tmp_path / "out", "rejects")) == 1
    ingest(tmp_path / "out", "--input", one, "--run_id", "again")
    assert len(rows(tmp_path / "out", "articles")) == 8
    assert rows(tmp_path / "out", "rejects") == []


def test_a_later_run_finds_the_duplicates_of_what_an_earlier_one_wrote(tmp_path: Path) -> None:
    ingest(tmp_path / "out", "--input", write_jsonl(tmp_path / "a.jsonl", [record(1)]))
    reprint = record(2, text=story(1), title="عنوان آخر", source="sada", url="https://sada.example/2")
    ingest(tmp_path / "out", "--input", write_jsonl(tmp_path / "b.jsonl", [reprint]))
    (article,) = rows(tmp_path / "out", "articles")
    (duplicate,) = rows(tmp_path / "out", "duplicates")
    assert (duplicate["duplicate_of"], duplicate["kind"], duplicate["similarity"]) == (article["id"], "same-text", 1.0)
    assert (duplicate["guid"], duplicate["source"], duplicate["title"]) == ("n2", "sada", "عنوان آخر")


def test_the_memory_reaches_no_further_than_the_lookback(tmp_path: Path) -> None:
    early = write_jsonl(tmp_path / "a.jsonl", [record(1, date="2026-11-01T00:00:00Z")])
    late = write_jsonl(tmp_path / "b.jsonl", [record(2, text=story(1), date="2026-11-05T00:00:00Z")])
    for days, counted in (("3", "articles"), ("4", "duplicates")):
        ingest(tmp_path / days, "--input", early)
        assert ingest(tmp_path / days, "--input", late, "--lookback_days", days)["counts"][counted] == 1


def test_the_order_and_the_parting_of_the_input_do_not_matter(tmp_path: Path) -> None:
    records = [record(n, text=story(n % 7), id=f"n{n}") for n in range(20)]
    whole = write_jsonl(tmp_path / "whole" / "x.jsonl", records)
    ingest(tmp_path / "out1", "--input", whole)
    parted = [write_jsonl(tmp_path / f"{n}" / "x.jsonl", records[::-1][n::3]) for n in range(3)]
    ingest(tmp_path / "out2", "--input", *parted)
    without = ("run_id", "ingested_at", "document", "position")
    for table in ("articles", "duplicates", "mentions"):
        assert rows(tmp_path / "out1", table, without) == rows(tmp_path / "out2", table, without)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "in" / "a.jsonl", [record(1)])
    manifest = ingest(tmp_path / "out", "--input", news, "--input", news.parent, "--input", f"{news.parent}/*.jsonl")
    assert manifest["counts"]["read"] == 1


def test_other_names_of_fields_can_be_given(tmp_path: Path) -> None:
    odd: dict[str, object] = {
        "key": "k1",
        "headline": "عنوان",
        "story": story(1),
        "day": "2026-11-12T10:00:00Z",
        "outlet": "sada",
    }
    news = write_jsonl(tmp_path / "a.jsonl", [odd])
    ingest(tmp_path / "out", "--input", news, "--fields", "guid=key,title=headline,text=story,date=day,source=outlet")
    (article,) = rows(tmp_path / "out", "articles")
    assert (article["guid"], article["title"], article["text"]) == ("k1", "عنوان", story(1))
    assert (article["source"], article["date"]) == ("sada", "2026-11-12")
