"""Bad input is data: a clear message, never a bare traceback, and nothing lost."""

import errno
import fcntl
import gzip
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from apache_beam.io.localfilesystem import LocalFileSystem

from pipelines.cli import main
from tests.news import record, write_jsonl
from tests.tables import all_rows, ingest, rows


def _lines(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _reasons(output: Path) -> list[tuple[str, str, int]]:
    return [(row["stage"], row["reason"], row["position"]) for row in rows(output, "rejects")]


def test_an_input_that_matches_nothing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = write_jsonl(tmp_path / "a.jsonl", [record(1)])
    for missing in (f"{tmp_path}/*.xml", f"{tmp_path}/gone.xml", f"{tmp_path}/gone/"):
        assert main(["ingest", "--input", str(real), "--input", missing, "--output", f"{tmp_path}/out"]) == 2
        assert missing in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.xml", b"", "empty-document"),
        ("empty.jsonl", b"", "empty-document"),
        ("blank.txt", b" \n \n", "empty-document"),
        ("picture.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x03" * 30, "unknown-format"),
        ("picture.xml", bytes(range(256)) * 20, "unknown-format"),
        ("picture.jsonl", bytes(range(256)) * 20, "unknown-format"),
        ("picture.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x03\n" * 30, "unknown-format"),
    ],
)
def test_a_file_that_holds_no_news_is_one_reject(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    good = write_jsonl(tmp_path / "good.jsonl", [record(1), record(2)])
    counts = ingest(tmp_path / "out", "--input", tmp_path / name, good)["counts"]
    assert (counts["articles"], counts["rejects"]) == (2, 1)
    ((_, told, _),) = _reasons(tmp_path / "out")
    assert told == reason


def test_a_truncated_gzip_gives_what_it_holds_and_one_reject(tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "a.jsonl", [record(n) for n in range(50)])
    packed = gzip.compress(news.read_bytes())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: len(packed) * 3 // 4])
    counts = ingest(tmp_path / "out", "--input", tmp_path / "cut.jsonl.gz")["counts"]
    assert counts["articles"] > 20
    reasons = [reason for _, reason, _ in _reasons(tmp_path / "out")]
    assert "damaged-archive" in reasons
    assert set(reasons) <= {"damaged-archive", "broken-json"}  # the line that was cut


def test_json_broken_in_line_7_of_10_costs_that_line_alone(tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "a.jsonl", [record(n) for n in range(10)])
    lines = news.read_text().splitlines()
    lines[6] = lines[6][:-20]
    _lines(news, lines)
    assert ingest(tmp_path / "out", "--input", news)["counts"]["articles"] == 9
    assert _reasons(tmp_path / "out") == [("parse", "broken-json", 7)]
    (reject,) = rows(tmp_path / "out", "rejects")
    assert reject["payload"].decode() == lines[6]
    assert reject["document"] == str(news)


def test_a_line_of_200_mb_costs_that_line_alone(tmp_path: Path) -> None:
    news = write_jsonl(tmp_path / "a.jsonl", [record(1)])
    with news.open("ab") as file:
        file.write(b'{"text": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n')
    with news.open("a", encoding="utf-8") as file:
        file.write(write_jsonl(tmp_path / "b.jsonl", [record(2)]).read_text())
    assert ingest(tmp_path / "out", "--input", news)["counts"]["articles"] == 2
    assert _reasons(tmp_path / "out") == [("read", "record-too-long", 2)]


def test_items_without_text_title_or_date_are_kept_if_they_say_anything(tmp_path: Path) -> None:
    records = [
        record(1, text=None), record(2, title=None), record(3, date=None),
        record(4, text=None, title=None), record(5, text=" ", title="..."),
    ]  # fmt: skip
    news = write_jsonl(tmp_path / "a.jsonl", records)
    os.utime(news, (1_793_000_000, 1_793_000_000))
    counts = ingest(tmp_path / "out", "--input", news)["counts"]
    assert (counts["articles"], counts["rejects"]) == (3, 2)
    by_guid = {row["guid"]: row for row in rows(tmp_path / "out", "articles")}
    assert (by_guid["n1"]["text"], by_guid["n2"]["title"]) == ("", None)
    undated = by_guid["n3"]
    assert undated["published_at"] == datetime.fromtimestamp(1_793_000_000, UTC)
    assert (undated["date_source"], undated["date_confidence"], undated["date_raw"]) == ("file", "low", None)
    assert {reason for _, reason, _ in _reasons(tmp_path / "out")} == {"no-text"}


@pytest.mark.parametrize("date", ["1970-01-01T00:00:00Z", "2090-05-05T00:00:00Z", "2026-02-30", "غير معروف"])
def test_an_impossible_date_is_not_believed(tmp_path: Path, date: str) -> None:
    news = write_jsonl(tmp_path / "a.jsonl", [record(1, date=date)])
    ingest(tmp_path / "out", "--input", news)
    (article,) = rows(tmp_path / "out", "articles")
    assert (article["date_source"], article["date_confidence"], article["date_raw"]) == ("file", "low", date)
    assert article["published_at"].date() == datetime.fromtimestamp(news.stat().st_mtime, UTC).date()


def test_too_many_rejects_end_with_status_3_and_a_committed_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news = _lines(tmp_path / "a.jsonl", ["{", "{", *write_jsonl(tmp_path / "b", [record(1)]).read_text().splitlines()])
    ingest(tmp_path / "out", "--input", news, status=3)
    assert "67%" in capsys.readouterr().err
    assert len(rows(tmp_path / "out", "articles")) == 1
    ingest(tmp_path / "out", "--input", news, status=3)  # the same refusals, recorded before
    assert len(rows(tmp_path / "out", "rejects")) == 2
    ingest(tmp_path / "out", "--input", news, "--max_reject_ratio", "0.7")


@pytest.mark.parametrize("inside", ["file/out", "file"])
def test_an_output_that_cannot_be_written_is_told_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], inside: str
) -> None:
    (tmp_path / "file").write_text("not a folder")
    news = write_jsonl(tmp_path / "a.jsonl", [record(1)])
    assert main(["ingest", "--input", str(news), "--output", f"{tmp_path}/{inside}"]) == 2
    assert f"cannot write to --output {tmp_path}/{inside}" in capsys.readouterr().err


def test_an_output_within_the_input_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_jsonl(tmp_path / "a.jsonl", [record(1)])
    assert main(["ingest", "--input", str(tmp_path), "--output", f"{tmp_path}/out"]) == 2
    assert "lies within" in capsys.readouterr().err


class _FullDisk:
    """Files that take so many bytes in all, and then none."""

    def __init__(self, room: int) -> None:
        self.room = room

    def method(self) -> Callable[..., Any]:
        """What takes the place of ``create``."""
        return lambda filesystem, path, *args, **kwargs: self.limit(path, _create(filesystem, path, *args, **kwargs))

    def limit(self, path: str, file: Any) -> "_Limited":
        write = file.write

        def limited(data: Any) -> int:
            self.room -= len(data)
            if self.room < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            return int(write(data))

        return _Limited(file, limited)


class _Limited:
    def __init__(self, file: Any, write: Any) -> None:
        self._file = file
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Limited":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


_create = LocalFileSystem.create


@pytest.mark.parametrize("room", [0, 30_000, 60_000])
def test_a_full_disk_fails_clearly_and_leaves_the_tables_as_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    output = tmp_path / "out"
    ingest(output, "--input", write_jsonl(tmp_path / "a.jsonl", [record(1)]))
    before = all_rows(output)
    more = write_jsonl(tmp_path / "b.jsonl", [record(n) for n in range(200)])
    with monkeypatch.context() as patch:
        patch.setattr(LocalFileSystem, "create", _FullDisk(room).method())
        assert main(["ingest", "--input", str(more), "--output", str(output)]) == 1
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "free some space" in told
    assert "Traceback" not in told
    assert all_rows(output) == before
    assert not (output / "_staging").exists()
    assert ingest(output, "--input", more)["counts"]["articles"] == 199


def test_a_second_run_on_one_output_ends_with_a_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news = write_jsonl(tmp_path / "a.jsonl", [record(1)])
    ingest(tmp_path / "out", "--input", news)
    before = all_rows(tmp_path / "out")
    with (tmp_path / "out" / ".naba.lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("run morning (process 1)")
        held.flush()
        assert main(["ingest", "--input", str(news), "--output", f"{tmp_path}/out"]) == 1
    told = capsys.readouterr().err
    assert "run morning" in told
    assert re.search("wait for it to end", told)
    assert all_rows(tmp_path / "out") == before
    assert ingest(tmp_path / "out", "--input", news)["counts"]["seen"] == 1
