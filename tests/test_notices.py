"""What a run tells once it is done: fields under other names, and why so much was refused."""

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import run as running
from pipelines import unnamed_fields as looking
from pipelines.cli import main
from pipelines.run import commonest_refusals
from pipelines.unnamed_fields import unnamed_fields
from schemas.run import Manifest, Run, WrittenFile, balance
from tests.news import record, write_jsonl
from tests.tables import ingest, rows


def wrote(output: Path, **tables: dict[str, list[str]]) -> tuple[Manifest, Run]:
    """A run that has written these columns of these tables; its articles say nothing of their dates."""
    for columns in tables.values():
        unsaid = [""] * len(columns.get("document", []))
        columns.update(dict.fromkeys(("date_source", "date_confidence", "date_raw"), unsaid))
    run = Run("r1", str(output), datetime(2026, 11, 20, tzinfo=UTC))
    files = []
    for table, columns in tables.items():
        files.append(WrittenFile(table, f"{table}.parquet", len(columns)))
        pq.write_table(pa.table(columns), output / files[-1].path)
    counts, sources = balance([])
    return Manifest(run.id, run.started_at.isoformat(), {}, {}, counts, sources, files), run


def test_records_whose_text_and_date_have_other_names_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {"title": "افتتاح جسر", "text": "افتتح الوزير الجسر صباح الأحد.", "published": "2026-11-10"}
    other = {"title": "إغلاق طريق", "article_body": "أغلقت الشرطة الطريق الساحلي.", "pub_time": "2026-11-11"}
    files = {
        "named.jsonl": json.dumps(named),
        "other.jsonl": json.dumps(other),
        "other.json": json.dumps([other | {"title": "فتح طريق"}]),
        "page.txt": "عنوان خبر من نص\n\nنص لا حقول فيه.",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    arguments = ["--input", *(f"{tmp_path}/{name}" for name in files), "--output"]
    assert main(["ingest", *arguments, f"{tmp_path}/out"]) == 0
    there = "there are title, article_body, pub_time"
    assert capsys.readouterr().err.splitlines() == [
        f"naba: {tmp_path}/other.json and 1 more: no text: no record looked at has text, body, content; {there}: "
        "--fields text=NAME",
        f"naba: {tmp_path}/other.json and 1 more: no date: no record looked at has date, published; {there}: "
        "--fields date=NAME",
        f"naba: {tmp_path}/other.json and 1 more: no source: no record looked at has source; {there}: "
        "--fields source=NAME",
    ]
    named_so = ["--fields", "text=article_body,date=pub_time"]
    assert main(["ingest", "--input", f"{tmp_path}/other.jsonl", "--output", f"{tmp_path}/out2", *named_so]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("columns", "missed"),
    [
        ("ID,Link,Headline,Body,PubDate,Publisher", ["title", "date", "source"]),
        ("id,url,headline,text,date,source", ["title"]),
        ("id,url,text,date", []),
        ("id,url,title,text", ["date"]),
    ],
)
def test_a_title_or_a_source_is_missed_where_an_unknown_column_may_hold_it(
    tmp_path: Path, columns: str, missed: list[str]
) -> None:
    (tmp_path / "a.csv").write_text(f"{columns}\n{','.join(['خبر'] * 6)}\n")
    lines = unnamed_fields(*wrote(tmp_path, articles={"document": [f"{tmp_path}/a.csv"]}), {})
    assert [line.rpartition(" --fields ")[2] for line in lines] == [f"{field}=NAME" for field in missed]


def test_a_title_is_not_missed_where_all_unknown_columns_have_been_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("url,Body_AR,date\n1,نص,2026-11-03\n")
    assert not [*unnamed_fields(*wrote(tmp_path, articles={"document": [f"{tmp_path}/a.csv"]}), {"text": "body_ar"})]


@pytest.mark.parametrize("indent", [None, 2])
def test_fields_of_wrapped_and_of_concatenated_records_are_looked_at(tmp_path: Path, indent: int | None) -> None:
    page = {"articles": [{"title": "خبر", "body_text": "نص", "date": "2026-11-03", "source": {"name": "واس"}}]}
    hit = {"_id": "1", "_source": page["articles"][0]}
    for content in (json.dumps(page, indent=indent), json.dumps(hit, indent=indent), json.dumps(page, indent=2) * 2):
        (tmp_path / "a.json").write_text(content)
        (line,) = unnamed_fields(*wrote(tmp_path, articles={"document": [f"{tmp_path}/a.json"]}), {})
        assert line.endswith("there are title, body_text, date, source: --fields text=NAME")


def test_dates_that_could_not_be_read_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dates = ["46327.4", "2026-11-03", "NaT", None, "2026-11-04"]
    news = write_jsonl(tmp_path / "a.jsonl", [record(n, date=date) for n, date in enumerate(dates)])
    ingest(tmp_path / "out", "--input", news)
    assert capsys.readouterr().err == (
        f"naba: {news}: 2 of 4 dates could not be read, such as '46327.4': the time of the file stands for them\n"
    )
    good = write_jsonl(tmp_path / "b.jsonl", [record(7), record(8, date=None)])
    ingest(tmp_path / "out2", "--input", good)
    assert capsys.readouterr().err == ""


def test_dates_of_which_some_have_the_month_first_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, first in (("us", "11/21/2026 3:05 PM"), ("arab", "21/11/2026")):
        news = write_jsonl(tmp_path / f"{name}.jsonl", [record(1, date=first), record(2, date="11/03/2026")])
        os.utime(news, (1_800_000_000, 1_800_000_000))
    ingest(tmp_path / "out", "--input", tmp_path / "us.jsonl")
    assert capsys.readouterr().err == (
        f"naba: {tmp_path}/us.jsonl: '11/21/2026 3:05 PM' has the month first, but '11/03/2026' was read day first,"
        " as naba reads all that may be either: write dates as 2026-11-03\n"
    )
    ingest(tmp_path / "out2", "--input", tmp_path / "arab.jsonl")
    assert capsys.readouterr().err == ""


def test_a_run_that_refuses_too_much_tells_the_commonest_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news = tmp_path / "news.jsonl"
    good = json.dumps({"title": "افتتاح جسر", "text": "افتتح الوزير الجسر صباح الأحد.", "date": "2026-11-10"})
    news.write_text("\n".join([good, "{broken", *['{"id": "1"}', '{"id": "2"}', '{"id": "3"}'], '{"title": ["خبر"]}']))
    (tmp_path / "empty.xml").write_text("")
    arguments = ["ingest", "--input", str(news), f"{tmp_path}/empty.xml", "--output", f"{tmp_path}/out"]
    assert main(arguments) == 3
    first, *reasons, others = capsys.readouterr().err.splitlines()
    assert first.endswith(f"{tmp_path}/out/rejects tells why:")
    assert reasons[0].startswith(f"      3 no-text, as {news}: ")
    assert len(reasons) == 3
    assert others == "      and 1 other reason"
    assert main(arguments) == 3
    assert capsys.readouterr().err.splitlines()[1:] == [
        "      all of it had been refused before, and is there from an earlier run"
    ]


def test_the_names_of_fields_are_known_in_any_case(tmp_path: Path) -> None:
    fields: dict[str, object] = {"Title": "خبر", "TEXT": "نص الخبر", "Published": "2026-11-10"}
    news = write_jsonl(tmp_path / "a.jsonl", [fields])
    assert not [*unnamed_fields(*wrote(tmp_path, articles={"document": [str(news)]}), {})]


def test_twenty_names_of_fields_are_told_at_most(tmp_path: Path) -> None:
    fields: dict[str, object] = dict.fromkeys((f"f{number}" for number in range(30)), "خبر")
    news = write_jsonl(tmp_path / "a.jsonl", [fields | {"date": "2026-11-10"}])
    lines = [*unnamed_fields(*wrote(tmp_path, articles={"document": [str(news)]}), {})]
    assert [line.partition("f19: ")[2] for line in lines] == [
        f"--fields {field}=NAME" for field in ("title", "text", "source")
    ]


def test_of_many_files_some_are_looked_into_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "FILES", 10)
    news = [write_jsonl(tmp_path / f"{name}.jsonl", [{"title": "خبر", "body_text": "نص"}]) for name in "utsrqponmlkji"]
    (line, *_) = unnamed_fields(*wrote(tmp_path, articles={"document": [*map(str, news)]}), {})
    assert line.startswith(f"{tmp_path}/i.jsonl and 9 more: no text: ")


def test_only_files_that_new_articles_are_from_are_looked_into(tmp_path: Path) -> None:
    other = write_jsonl(tmp_path / "a.jsonl", [{"title": "خبر", "body_text": "نص الخبر"}])
    feed = "https://nashra.example/rss"
    written = wrote(tmp_path, articles={"document": [feed]}, duplicates={"document": [str(other)]})
    assert not [*unnamed_fields(*written, {})]


def test_a_long_refusal_is_told_in_one_line_that_is_cut(tmp_path: Path) -> None:
    message = "the field text\nholds " + "كلمة " * 1000
    refused = {"reason": ["no-text"], "message": [message], "document": ["a.jsonl"]}
    (line,) = commonest_refusals(*wrote(tmp_path, rejects=refused))
    assert line.startswith("1 no-text, as a.jsonl: the field text holds كلمة")
    assert line.endswith("…")
    assert len(line) < 400


def test_what_cannot_be_looked_into_after_the_commit_fails_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str, _columns: list[str]) -> pa.Table:
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    monkeypatch.setattr(looking, "read_columns", fail)
    monkeypatch.setattr(running, "read_columns", fail)
    news = write_jsonl(tmp_path / "a.jsonl", [record(1), {"id": "2"}, {"id": "3"}])
    ingest(tmp_path / "out", "--input", news, status=3)
    first, _, last = capsys.readouterr().err.splitlines()
    assert first.startswith(
        f"naba: the names of fields were not looked at: Input/output error: {tmp_path}/out/articles"
    )
    assert last.startswith("      which cannot be read now: Input/output error: ")
    assert (len(rows(tmp_path / "out", "articles")), len(rows(tmp_path / "out", "rejects"))) == (1, 2)
