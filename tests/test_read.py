import bz2
import errno
import gzip
import json
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import pytest
import zstandard
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from pipelines.options import UsageError, parse_options
from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms import read
from transforms.parse import parse_document
from transforms.read import ReadFiles, list_files, read_file, record_format

LINES = [json.dumps({"id": n, "title": f"خبر {n}", "text": "نص الخبر"}, ensure_ascii=False) for n in range(10)]
JSONL = "\n".join(LINES).encode() + b"\n"


def _read(path: Path) -> tuple[list[Document], list[Reject]]:
    found = list(read_file(str(path)))
    documents = [each for each in found if isinstance(each, Document)]
    return documents, [each for each in found if isinstance(each, Reject)]


def test_a_folder_gives_all_files_below_it_but_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.xml", "deep/er/a.xml", ".hidden", ".git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert list_files(str(tmp_path)) == [str(tmp_path / "b.xml"), str(tmp_path / "deep/er/a.xml")]
    assert list_files(f"{tmp_path}/") == list_files(str(tmp_path))


def test_a_file_whose_name_is_not_utf8_is_read_and_told_of(tmp_path: Path) -> None:
    name = os.fsdecode("خبر".encode("cp1256") + b".txt")
    (tmp_path / name).write_text("نص")
    (tmp_path / "سابق.txt").write_text("نص")
    told = f"{tmp_path}/\\xce\\xc8\\xd1.txt"
    for patterns in ((str(tmp_path),), (f"{tmp_path}/*.txt",), (f"{tmp_path}/{name}", f"{tmp_path}/سابق.txt")):
        with beam.Pipeline(runner=FnApiRunner()) as pipeline:
            uris = (pipeline | ReadFiles(patterns)).documents | beam.Map(lambda document: document.uri)
            assert_that(uris, equal_to([told, f"{tmp_path}/سابق.txt"]))
    ((), (gone,)) = _read(tmp_path / f"gone{name}")
    assert gone.document.encode().endswith(rb"gone\xce\xc8\xd1.txt")


@pytest.mark.parametrize("given", [("--input", "a\udce3.xml", "--output", "o"), ("--input", "a", "--output", "\udce3")])
def test_a_path_that_is_not_utf8_is_wrong_usage(given: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"\\xe3.*: the name is not UTF-8"):
        parse_options(given)


def test_a_star_stays_within_its_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.xml", "b.txt", "deep/c.xml"):
        (tmp_path / name).write_text("x")
    assert list_files(f"{tmp_path}/*.xml") == [str(tmp_path / "a.xml")]
    assert list_files(f"{tmp_path}/**.xml") == [str(tmp_path / "a.xml"), str(tmp_path / "deep/c.xml")]
    assert list_files(f"{tmp_path}/*.json") == []


def test_a_file_whose_name_holds_brackets_is_found(tmp_path: Path) -> None:
    (tmp_path / "news [1].xml").write_text("x")
    assert list_files(str(tmp_path / "news [1].xml")) == [str(tmp_path / "news [1].xml")]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstandard.compress])
@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz", "news"])
def test_compression_is_told_by_content_whatever_the_name(tmp_path: Path, pack: object, name: str) -> None:
    (tmp_path / name).write_bytes(pack(JSONL))  # type: ignore[operator]
    documents, rejects = _read(tmp_path / name)
    assert [(each.content, each.format, each.position) for each in documents] == [(JSONL, "jsonl", 1)]
    assert rejects == []


def test_members_of_one_gzip_file_are_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(JSONL) + gzip.compress(JSONL))
    documents, _ = _read(tmp_path / "a.jsonl.gz")
    assert b"".join(each.content for each in documents) == JSONL + JSONL


def flushed(parts: list[bytes]) -> bytes:
    """Compressed by zstd in a block a part."""
    packer = zstandard.ZstdCompressor().compressobj()
    blocks = [packer.compress(part) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for part in parts]
    return b"".join(blocks) + packer.flush()


@pytest.mark.parametrize("pack", [flushed, lambda parts: b"".join(map(gzip.compress, parts))], ids=["zstd", "gzip"])
def test_a_format_is_told_by_more_than_a_short_first_block(
    tmp_path: Path, pack: Callable[[list[bytes]], bytes]
) -> None:
    long = json.dumps({"title": "خبر", "text": "نص " * 2000}).encode() + b"\n" + JSONL
    (tmp_path / "news").write_bytes(pack([long[:10], long[10:]]))
    documents, _ = _read(tmp_path / "news")
    assert [(each.content, each.format) for each in documents] == [(long, "jsonl")]


EMPTY = {
    "a.csv": "id,title,text\n",
    "b.csv": "العنوان,المتن\n\n\n",
    "c.tsv": "title\ttext",
    "a.jsonl": "\n\n",
    "a.json": "[]",
    "b.json": "{}",
    "c.json": '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
    "a.xml": "<rss><channel><title>النشرة</title></channel></rss>",
    "b.xml": '<feed xmlns="http://www.w3.org/2005/Atom"><title>النشرة</title></feed>',
    "c.xml": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>',
    "d.xml": '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>',
    "e.xml": "<opml><body/></opml>",
    "a.html": "<html><body></body></html>",
    "a.txt": "",
    "a.warc": "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_file_without_news_leaves_one_reject(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(EMPTY[name], newline="")
    documents, rejects = _read(tmp_path / name)
    rejects += [outcome for each in documents for outcome in parse_document(each) if isinstance(outcome, Reject)]
    assert len(rejects) == 1
    assert sum(isinstance(outcome, Item) for each in documents for outcome in parse_document(each)) == 0


def test_of_a_truncated_gzip_all_that_can_be_read_is_read_and_the_rest_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(JSONL * 500, compresslevel=1)
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    documents, rejects = _read(tmp_path / "a.jsonl.gz")
    content = b"".join(each.content for each in documents)
    assert (JSONL * 500).startswith(content)
    assert len(content) > len(JSONL * 500) // 3
    assert [each.reason for each in rejects] == ["damaged-archive"]
    assert "cut off" in rejects[0].message


# Without a checksum, which the zstd command writes and the library does not, damage may go unseen.
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstandard.ZstdCompressor(write_checksum=True).compress])
def test_a_damaged_archive_is_refused(tmp_path: Path, pack: object) -> None:
    packed = bytearray(pack(bytes(random.Random(1).choices(range(32, 127), k=300_000))))  # type: ignore[operator]
    packed[1000:1200] = b"\0" * 200
    (tmp_path / "a.gz").write_bytes(packed)
    _, rejects = _read(tmp_path / "a.gz")
    assert [each.reason for each in rejects] == ["damaged-archive"]


def test_records_are_cut_into_slices_that_know_their_first_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "SLICE_BYTES", 200)
    (tmp_path / "a.jsonl").write_bytes(JSONL)
    documents, _ = _read(tmp_path / "a.jsonl")
    assert len(documents) > 2
    for document in documents:
        assert document.content.splitlines()[0].decode() == LINES[document.position - 1]
    assert b"".join(each.content for each in documents) == JSONL


def test_a_slice_of_csv_ends_outside_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "SLICE_BYTES", 20)
    rows = 'id,title,text\n1,أول,"سطر\nوسطر ""آخر""\nوثالث"\n2,ثان,نص\n'
    (tmp_path / "a.csv").write_text(rows)
    documents, _ = _read(tmp_path / "a.csv")
    assert [(each.position, each.content.decode()) for each in documents] == [
        (2, '1,أول,"سطر\nوسطر ""آخر""\nوثالث"\n'),
        (5, "2,ثان,نص\n"),
    ]
    assert documents[0].columns == ("id", "title", "text")


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        ('id,"title\n(main)",text\r\n', ("id", "title (main)", "text")),
        ('\n\nid,"title",text\n', ("id", "title", "text")),
        ("sep=,\r\nid,title,text\r\n", ("id", "title", "text")),
        ('id,5" title,text\n', ("id", '5" title', "text")),
        ('id,"title,text\n', ("id", "title,text")),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_header_of_any_number_of_lines_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, columns: tuple[str, ...], codec: str
) -> None:
    monkeypatch.setattr(read, "SLICE_BYTES", 200)
    (tmp_path / "a.csv").write_bytes(f"{head}1,أول,{'نص ' * 99}\n2,ثان,{'نص ' * 99}\n".encode(codec))
    documents, _ = _read(tmp_path / "a.csv")
    first = head.count("\n") + 1
    assert [(each.columns, each.position) for each in documents] == [(columns, first), (columns, first + 1)]


@pytest.mark.parametrize("cell", ['"نص لا ينتهي', 'شاشة 5" في السوق'])
def test_an_odd_quote_in_a_large_table_costs_no_other_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    monkeypatch.setattr(read, "SLICE_BYTES", 200)
    monkeypatch.setattr(read, "RECORD_LIMIT", 600)
    rows = [f"{n},خبر {n},نص" for n in range(100)]
    rows[40] = f"40,خبر 40,{cell}"
    (tmp_path / "a.csv").write_text("\n".join(["id,title,text", *rows]))
    documents, rejects = _read(tmp_path / "a.csv")
    parsed = [outcome for each in documents for outcome in parse_document(each)]
    refused = [(outcome.reason, outcome.position) for outcome in parsed if isinstance(outcome, Reject)]
    assert refused == ([("unclosed-quote", 42)] if cell.startswith('"') else [])
    ids = [outcome.guid for outcome in parsed if isinstance(outcome, Item)]
    assert ids == [str(n) for n in range(100) if n != 40 or not refused]
    assert rejects == []


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1256"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_are_read_in_the_encoding_of_the_file(tmp_path: Path, codec: str, delimiter: str) -> None:
    rows = [("الرقم", "العنوان", "المتن"), ("1", "الرئيس في القاهرة", "وصل الرئيس إلى القاهرة في زيارة من يومين")]
    (tmp_path / "a.csv").write_bytes("\n".join(map(delimiter.join, rows)).encode(codec))
    (document,), _ = _read(tmp_path / "a.csv")
    assert document.columns == rows[0]
    (item,) = parse_document(document, {"title": "العنوان", "text": "المتن"})
    assert isinstance(item, Item)
    assert (item.title, item.text) == rows[1][1:]


WIDE = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("codec", WIDE[1:3] + WIDE[4:])
@pytest.mark.parametrize("feed", ["\n", "\r\n"])
def test_tables_in_wide_encodings_are_cut_at_their_own_line_feeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, feed: str, marked: bool
) -> None:
    monkeypatch.setattr(read, "SLICE_BYTES", 400)
    # Both bytes of a line feed and of a quote are found in other letters: U+0A05, U+060A, U+2205, U+0622.
    rows = [("title", "text")] + [(f"آخر خبر {n} \u0a05\u2205\u060a", f'"نص\nفيه ""آ"" سطران {n}"') for n in range(20)]
    table = feed.join(map("\t".join, rows)) + feed
    (tmp_path / "a.csv").write_bytes(("\ufeff" * marked + table).encode(codec))
    documents, rejects = _read(tmp_path / "a.csv")
    assert len(documents) > 3
    assert rejects == []
    items = [item for each in documents for item in parse_document(each) if isinstance(item, Item)]
    assert [(item.title, item.text) for item in items] == [
        (title, text[1:-1].replace('""', '"')) for title, text in rows[1:]
    ]
    assert [item.position for item in items] == list(range(2, 42, 2))
    assert {item.encoding for item in items} == {codec.replace("6-", "6").replace("2-", "2")}
    assert not any(item.encoding_repaired for item in items)


@pytest.mark.parametrize("codec", WIDE)
def test_json_lines_in_wide_encodings_are_cut_at_their_own_line_feeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    monkeypatch.setattr(read, "SLICE_BYTES", 400)
    monkeypatch.setattr(read, "RECORD_LIMIT", 1000)
    lines = [*LINES, json.dumps({"title": "ਅ" * 2000}, ensure_ascii=False), *LINES]
    (tmp_path / "a.jsonl").write_bytes("\n".join(lines).encode(codec))
    documents, rejects = _read(tmp_path / "a.jsonl")
    assert len(documents) > 3
    items = [item for each in documents for item in parse_document(each) if isinstance(item, Item)]
    assert [item.title for item in items] == [f"خبر {n}" for n in range(10)] * 2
    assert [item.position for item in items] == [*range(1, 11), *range(12, 22)]
    assert [(each.reason, each.position) for each in rejects] == [("record-too-long", 11)]


def test_a_line_that_is_too_long_is_refused_and_its_neighbours_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "RECORD_LIMIT", 1000)
    long = b'{"text": "' + b"x" * 5000 + b'"}\n'
    (tmp_path / "a.jsonl").write_bytes(JSONL + long + JSONL)
    documents, rejects = _read(tmp_path / "a.jsonl")
    assert b"".join(each.content for each in documents) == JSONL + JSONL
    assert [each.position for each in documents] == [1, 12]
    assert [(each.reason, each.position) for each in rejects] == [("record-too-long", 11)]
    assert rejects[0].payload.startswith(b'{"text": "xxx')


def test_a_document_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "DOCUMENT_LIMIT", 1000)
    (tmp_path / "a.html").write_bytes(b"<html>" + b"x" * 2000)
    documents, rejects = _read(tmp_path / "a.html")
    assert documents == []
    assert [each.reason for each in rejects] == ["document-too-large"]


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    _, rejects = _read(tmp_path / "gone.xml")
    assert [each.reason for each in rejects] == ["unreadable"]


@pytest.mark.parametrize("given", [".", "deep/er"])
def test_a_folder_that_cannot_be_listed_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    for name in ("a.xml", "deep/b.xml", "deep/er/c.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    forbidden = str(tmp_path / "deep/er")
    scandir = os.scandir

    def forbidding(path: str) -> object:
        if path == forbidden:  # whoever runs the test may list all: so permissions prove nothing
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidding)
    files = [] if given != "." else [str(tmp_path / "a.xml"), str(tmp_path / "deep/b.xml")]
    assert list_files(str(tmp_path / given)) == [*files, forbidden]
    documents, (reject,) = _read(Path(forbidden))
    assert documents == []
    assert (reject.reason, reject.document) == ("unreadable", forbidden)
    assert reject.message == f"the folder cannot be listed, and nothing below it was read: {forbidden}"


@pytest.mark.parametrize("given", ["", "/*", "/b.jsonl"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, given: str) -> None:
    os.mkfifo(tmp_path / "b.jsonl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "c.jsonl"))
        paths = list_files(f"{tmp_path}{given}")
        assert str(tmp_path / "b.jsonl") in paths
        for path in paths:
            ((), (reject,)) = _read(Path(path))
            assert (reject.reason, reject.document) == ("unreadable", path)
            assert reject.message == f"no file but a pipe, a socket or a device: {path}"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.jsonl", b'{"title": "x"}\n{"title": "y"}\n', "jsonl"),
        ("a.json", b'{"title": "x"}\n{"title": "y"}\n', "jsonl"),
        ("a", b'\xef\xbb\xbf\n {"title": "x"}\n{"title": "y"}\n', "jsonl"),
        ("a.jsonl", b'{"title": "x"}', "jsonl"),
        ("a.jsonl", b'{"broken\n{"title": "y"}\n', "jsonl"),
        ("a.json", b'{\n "title": "x"\n}\n', None),
        ("a.json", b'{"title": "x"}', None),
        ("feed.json", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}\n', None),
        ("a.csv", b"id,title,text\n", "csv"),
        ("a.txt", "guid;link;العنوان\n".encode(), "csv"),
        ("a.txt", b'"id\n(guid)";title;text\n1;a;b\n', "csv"),
        ("a.txt", b"sep=;\r\nid;title;text\r\n", "csv"),
        ("a.tsv", b"headline\tcontent\n", "csv"),
        ("a.csv.gz", b"headline,story\n", "csv"),
        ("a.txt", "قال الوزير إن الاجتماع، بحسب بيان\n".encode(), None),
        ("a.csv", b"", None),
        ("a.csv", b"id,title,text\r1,a,b\r", None),
        ("a.csv", b"x" * 200_000, "csv"),
        ("a.csv", b"\x00\x01\x02", None),
        ("a.jsonl", b"%PDF-1.7\n", None),
        ("a.jsonl", b"{" + bytes(range(256)), None),
        ("a.csv", "الرقم,العنوان\n1,خ\0بر\n".encode(), "csv"),
        ("a.jsonl", b'[1]\n{"title": "\0x"}\n', "jsonl"),
        ("a", b'{"title": "\0x"}\n{"title": "y"}\n', "jsonl"),
        ("a.xml", b"<?xml version='1.0'?><rss>title,text</rss>", None),
    ],
)
def test_files_of_records_are_told_by_content_first_and_name_second(name: str, head: bytes, kind: str | None) -> None:
    assert record_format(name, head) == kind
