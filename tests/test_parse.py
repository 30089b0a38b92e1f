"""Documents of every format, whole: each golden input stands beside what is to come of it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.metrics import MetricsFilter
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.parse import ParseDocuments, parse_document

FEEDS = Path(__file__).parent / "data" / "feeds"
NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)
EXPECTED = ".expected.json"


def golden_inputs() -> list[Path]:
    return sorted(path for path in FEEDS.iterdir() if not path.name.endswith(EXPECTED))


def document(content: bytes | str, uri: str = "news/document", **more: Any) -> Document:
    return Document(uri, content.encode() if isinstance(content, str) else content, NOW, **more)


def told(path: Path) -> list[dict[str, Any]]:
    """What parsing gives for a file: the fields that say something, and of a reject the start of its payload."""
    return [tell(outcome) for outcome in parse_document(document(path.read_bytes(), f"feeds/{path.name}"))]


def tell(outcome: Item | Reject) -> dict[str, Any]:
    if isinstance(outcome, Reject):
        payload = outcome.payload[:60].decode("utf-8", "replace")
        return {
            "reject": outcome.reason,
            "position": outcome.position,
            "source": outcome.source,
            "message": outcome.message,
            "payload": payload,
        }
    names = ("position", "source", "title", "text", "url", "guid", "author", "language")
    said = {name: getattr(outcome, name) for name in names if getattr(outcome, name) is not None}
    read = f"{outcome.encoding}{' (repaired)' if outcome.encoding_repaired else ''}"
    return {**said, "dates": [f"{where}: {raw}" for where, raw in outcome.dates], "read_as": read}


@pytest.mark.parametrize("path", golden_inputs(), ids=lambda path: path.name)
def test_a_golden_input_gives_what_stands_beside_it(path: Path) -> None:
    assert told(path) == json.loads(path.with_name(path.name + EXPECTED).read_text(encoding="utf-8"))


def test_every_expectation_has_its_input() -> None:
    inputs = {path.name for path in golden_inputs()}
    assert {path.name.removesuffix(EXPECTED) for path in FEEDS.iterdir()} == inputs


def outcomes(content: bytes | str, uri: str = "news/document", **more: Any) -> list[Item | Reject]:
    return list(parse_document(document(content, uri, **more)))


def the_item(content: bytes | str, uri: str = "news/document", **more: Any) -> Item:
    (outcome,) = outcomes(content, uri, **more)
    assert isinstance(outcome, Item), outcome
    return outcome


def the_reject(content: bytes | str, uri: str = "news/document", **more: Any) -> Reject:
    (outcome,) = outcomes(content, uri, **more)
    assert isinstance(outcome, Reject), outcome
    return outcome


RSS = (
    "<rss><channel><title>النشرة</title><link>https://a.example/</link><item><title>خبر</title></item></channel></rss>"
)


@pytest.mark.parametrize("uri", ["a.txt", "a.csv", "a.json", "a.html", "a"])
def test_a_feed_is_told_by_its_content_whatever_its_name(uri: str) -> None:
    assert the_item(RSS, uri).title == "خبر"


def test_xml_is_no_page_though_its_root_has_a_name_of_html() -> None:
    entries = "<item><title>خبر</title></item>"
    assert the_item(f"<?xml version='1.0'?><data>{entries}</data>").title == "خبر"
    assert the_reject("<?xml version='1.0'?><data><x/></data>").reason == "unknown-format"


def test_json_is_told_by_its_content() -> None:
    assert the_item('{"title": "خبر", "text": "نص"}', "a.txt").text == "نص"


def test_lines_of_json_under_another_name_are_records() -> None:
    first, second = outcomes('{"title": "أول"}\n{"title": "ثان"}\n', "a.json")
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.title, second.title) == ("أول", "ثان")


def test_csv_is_told_by_its_name() -> None:
    assert the_item("title,text\nخبر,نص\n", "a.CSV").text == "نص"


def test_plain_text_with_a_long_first_line_has_no_title() -> None:
    long = "كلمة " * 40
    item = the_item(f"{long}\nتتمة", "أرشيف/a.txt")
    assert item.title is None
    assert item.text == f"{long}\nتتمة".strip()


def test_plain_text_of_one_line_is_text_and_no_title() -> None:
    item = the_item("أعلنت الوزارة تأجيل الامتحانات.\n")
    assert (item.title, item.text) == (None, "أعلنت الوزارة تأجيل الامتحانات.")


def test_plain_text_that_begins_with_a_bracket_or_speaks_of_xml_stays_text() -> None:
    assert the_item("<عاجل> انفجار في الميناء\nالتفاصيل لاحقا").title == "<عاجل> انفجار في الميناء"
    for text in ('يبدأ الملف هكذا <?xml version="1.0"?> ثم الجذر', 'مثال: <?xml version="1.0"?><note>نص</note>'):
        assert the_item(text).text == text


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("/data/الأهرام/2016/a.txt", "2016"),
        ("a.txt", "a"),
        ("gs://bucket/ahram/a.txt.gz", "ahram"),
        ("https://www.ahram.example/a.txt", "ahram.example"),
    ],
)
def test_the_source_of_plain_text_is_its_folder(uri: str, source: str) -> None:
    assert the_item("نص الخبر", uri).source == source


def test_the_name_given_to_a_feed_wins_over_its_own() -> None:
    feed = RSS.replace("<item>", "<item><source>رويترز</source>")
    assert the_item(feed).source == "رويترز"
    assert the_item(feed, source="الأهرام").source == "الأهرام"


def test_a_feed_without_site_goes_by_its_title_and_without_title_by_its_file() -> None:
    assert the_item(RSS.replace("<link>https://a.example/</link>", "")).source == "النشرة"
    nameless = "<rss><channel><item><title>خبر</title></item></channel></rss>"
    assert the_item(nameless, "feeds/sabq.2016.xml").source == "sabq"


@pytest.mark.parametrize("content", ["", "  \n\t", "\ufeff", "<?xml version='1.0'?>\n<!-- لا شيء -->"])
def test_an_empty_document_is_one_reject(content: str) -> None:
    assert the_reject(content).reason == "empty-document"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        b"%PDF-1.4\n1 0 obj",
        bytes(range(32)) * 50,
        b"<?xml <?xml <?xml",
        b"<!DOCTYPE",
    ],
)
def test_what_is_no_text_is_one_reject_with_its_first_bytes(content: bytes) -> None:
    reject = the_reject(content)
    assert (reject.stage, reject.reason, reject.position) == ("parse", "unknown-format", 0)
    assert reject.payload == content[:32768]


def test_a_payload_is_cut() -> None:
    assert len(the_reject(b"\0" * 100_000).payload) == 32 * 1024
    assert len(the_reject('{"x": "' + "ي" * 100_000).payload) == 32 * 1024


def test_the_charset_of_the_transport_is_believed_unless_the_bytes_contradict() -> None:
    russian = RSS.replace("خبر", "Заявление министра иностранных дел").encode("windows-1251", "xmlcharrefreplace")
    assert the_item(russian, charset="windows-1251").title == "Заявление министра иностранных дел"
    arabic = RSS.replace("خبر", "الرئيس يستقبل وفدا من البرلمان").encode("windows-1256")
    assert the_item(arabic, charset="utf-8").encoding_repaired


def test_parsing_in_beam_parts_items_from_rejects_and_counts_both() -> None:
    documents = [document(RSS), document(b"", "empty"), document('{"x": 1}\n{"title": "ت"}', format="jsonl")]
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        parsed = pipeline | beam.Create(documents) | ParseDocuments()
        assert_that(parsed.items | beam.Map(lambda item: item.title), equal_to(["خبر", "ت"]))
        reasons = parsed.rejects | "Reasons" >> beam.Map(lambda reject: reject.reason)
        assert_that(reasons, equal_to(["empty-document", "no-text"]), label="CheckRejects")
    metrics = pipeline.result.metrics().query(MetricsFilter().with_namespace(ParseDocuments))
    counted = {counter.key.metric.name: counter.committed for counter in metrics["counters"]}
    assert counted == {"documents": 3, "items": 2, "rejects": 2}


def test_the_fields_of_the_user_reach_the_records() -> None:
    records = document('{"headline": "عنوان", "article_body": "نص"}', format="jsonl")
    fields = {"title": "headline", "text": "article_body"}
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        parsed = pipeline | beam.Create([records]) | ParseDocuments(fields)
        assert_that(parsed.items | beam.Map(lambda item: (item.title, item.text)), equal_to([("عنوان", "نص")]))
