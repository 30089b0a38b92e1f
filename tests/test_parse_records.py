"""Records of files: JSON lines, JSON documents and JSON Feed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.parse import parse_document
from transforms.parse_records import FIELDS, field_names

NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)


def outcomes(content: str, fields: dict[str, str] | None = None, uri: str = "a.x", **more: Any) -> list[Item | Reject]:
    return list(parse_document(Document(uri, content.encode(), NOW, **more), fields))


def the_item(record: dict[str, Any], fields: dict[str, str] | None = None) -> Item:
    (outcome,) = outcomes(json.dumps(record), fields, format="jsonl")
    assert isinstance(outcome, Item), outcome
    return outcome


def the_reason(record: Any) -> str:
    (outcome,) = outcomes(json.dumps(record), format="jsonl")
    assert isinstance(outcome, Reject), outcome
    return outcome.reason


def test_a_line_broken_in_the_middle_is_one_reject_with_its_number_and_text() -> None:
    lines = [f'{{"id": {number}, "title": "خبر {number}"}}' for number in range(1, 11)]
    lines[6] = lines[6][:-9]
    parsed = outcomes("\n".join(lines), format="jsonl")
    assert [outcome.position for outcome in parsed if isinstance(outcome, Item)] == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    (reject,) = (outcome for outcome in parsed if isinstance(outcome, Reject))
    assert (reject.stage, reject.reason, reject.position) == ("parse", "broken-json", 7)
    assert reject.payload.decode() == lines[6]


def the_message(content: str, fields: dict[str, str] | None = None, uri: str = "a.x", **more: Any) -> str:
    (outcome,) = outcomes(content, fields, uri, **more)
    assert isinstance(outcome, Reject), outcome
    return outcome.message


def test_a_message_names_the_place_once() -> None:
    said = the_message('{"title": "خبر', format="jsonl", position=10)
    assert said == "line 10 is no JSON: Unterminated string starting at column 11"
    assert the_message('{"title" "خبر"}', format="jsonl") == "line 1 is no JSON: Expecting ':' delimiter, column 10"
    assert the_message('{\n"title" "خبر"}') == "no JSON: Expecting ':' delimiter, line 2, column 9"
    assert the_message("[" * 100_000, format="jsonl").startswith("line 1 is no JSON: nested too deep")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"title": 5}, "title holds a number, not text; --fields may name another"),
        ({"title": "خبر", "text": ["نص"]}, "text holds a list, not text; --fields may name another"),
        ({"title": "خبر", "url": True}, "url holds true or false, not text; --fields may name another"),
        (None, "nothing where an object with fields should be"),
        ("نص", "a text where an object with fields should be"),
        ({"id": 1, "عنوان": "خبر"}, "no field is called title or text or body or content; there are id, عنوان."),
        ({"title": "", "x": 1}, "neither a title nor a text"),
        ({}, "neither a title nor a text"),
    ],
)
def test_messages_are_in_plain_words(record: Any, message: str) -> None:
    assert the_message(json.dumps(record), format="jsonl").startswith(message)


def test_lines_of_a_slice_are_numbered_as_in_the_file() -> None:
    first, second = outcomes('{"title": "أ"}\n\n{"title": ', format="jsonl", position=501)
    assert (first.position, second.position) == (501, 503)


def test_blank_lines_are_no_records() -> None:
    assert len(outcomes('\n  \n{"title": "أ"}\r\n\n', format="jsonl")) == 1
    assert outcomes("\n\n", format="jsonl", position=7) == []


@pytest.mark.parametrize(("field", "names"), FIELDS.items())
def test_every_name_of_a_field_is_understood(field: str, names: tuple[str, ...]) -> None:
    for name in names:
        item = the_item({"title": "عنوان"} | {name: "قيمة"})
        found = item.dates[0][1] if field == "date" else getattr(item, field)
        assert found == "قيمة"


def test_the_first_name_that_holds_something_counts() -> None:
    assert the_item({"text": "", "body": None, "content": "متن", "title": "ع"}).text == "متن"


def test_fields_may_go_by_names_of_the_users_choice() -> None:
    item = the_item({"article_body": "نص", "text": "غيره", "head": "عنوان"}, {"text": "article_body", "title": "head"})
    assert (item.title, item.text) == ("عنوان", "نص")
    assert the_item({"u": "https://a.example/1", "title": "ع"}, {"link": "u"}).url == "https://a.example/1"
    with pytest.raises(ValueError, match=r"no field is called 'body_text'; there are guid, url, title, text"):
        field_names({"body_text": "x"})


@pytest.mark.parametrize(("number", "guid"), [(17, "17"), (0, "0"), (1.5, "1.5"), (10**30, "1" + "0" * 30)])
def test_numbers_are_ids(number: float, guid: str) -> None:
    assert the_item({"id": number, "title": "عنوان"}).guid == guid


def test_numbers_are_dates() -> None:
    assert the_item({"date": 1452556800, "title": "عنوان"}).dates == (("feed", "1452556800"),)


@pytest.mark.parametrize("name", ["title", "text", "url", "source", "author", "language"])
@pytest.mark.parametrize("value", [5, 1.5, True, ["نص"], {"text": "نص"}, {"name": 5}])
def test_other_values_that_are_no_text_are_refused(name: str, value: Any) -> None:
    assert the_reason({"title": "عنوان", "text": "نص"} | {name: value}) == "wrong-type"


@pytest.mark.parametrize("value", [True, [1], {"n": 1}])
def test_an_id_is_text_or_a_number(value: Any) -> None:
    assert the_reason({"id": value, "title": "عنوان"}) == "wrong-type"


@pytest.mark.parametrize("record", [[], "نص", 5, None, True])
def test_a_line_that_is_no_object_is_no_record(record: Any) -> None:
    assert the_reason(record) == "not-a-record"


@pytest.mark.parametrize("record", [{}, {"id": 1, "url": "https://a.example"}, {"title": " ", "text": None}])
def test_a_record_needs_a_title_or_a_text(record: dict[str, Any]) -> None:
    assert the_reason(record) == "no-text"


def test_missing_values_as_pandas_writes_them_are_missing() -> None:
    (item,) = outcomes('{"title": "عنوان", "text": NaN, "id": Infinity}', format="jsonl")
    assert isinstance(item, Item)
    assert (item.text, item.guid) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("سطر أول\n\nسطر < ثان", "سطر أول\n\nسطر < ثان"),
        ("<p>أول</p><p>ثان</p>", "أول\nثان"),
        ("قال: &quot;نعم&quot;", 'قال: "نعم"'),
        ("أول\u2028ثان", "أول\u2028ثان"),
        ("قسم \ud83d نصف", "قسم \N{REPLACEMENT CHARACTER} نصف"),
    ],
)
def test_the_text_of_a_record_is_plain_or_markup(text: str, expected: str) -> None:
    assert the_item({"text": text}).text == expected


def test_escaped_pairs_of_surrogates_are_characters() -> None:
    assert the_item({"title": "\N{GRINNING FACE}"}).title == "\N{GRINNING FACE}"


def test_the_source_of_a_record_is_its_own_else_the_host_of_its_link_else_the_file() -> None:
    assert the_item({"title": "ع", "source": "واس", "url": "https://a.example/1"}).source == "واس"
    assert the_item({"title": "ع", "url": "https://www.a.example/1"}).source == "a.example"
    assert the_item({"title": "ع"}).source == "a"


FEED = {
    "version": "https://jsonfeed.org/version/1",
    "title": "نشرة",
    "feed_url": "https://www.bayan.example/feed.json",
    "items": [{"id": str(n), "title": f"خبر {n}", "content_text": "نص"} for n in range(3)],
}


def test_a_json_feed_cut_anywhere_gives_its_complete_items_and_one_reject() -> None:
    feed = json.dumps(FEED, ensure_ascii=False)
    ends = [feed.index("}", feed.index(f'"خبر {n}"')) for n in range(3)]
    for length in range(feed.index('"items"'), len(feed) - 1):
        *items, reject = outcomes(feed[:length])
        assert len(items) == sum(end < length for end in ends)
        assert isinstance(reject, Reject)
        assert reject.reason == ("truncated" if items else "broken-json")
        assert not items or {outcome.source for outcome in [*items, reject]} == {"bayan.example"}


def test_a_list_cut_short_gives_its_complete_records_and_one_reject() -> None:
    first, second, reject = outcomes('[{"title": "أ", "text": NaN}, {"title": "ب"}, {"title": "ج')
    assert (first.position, second.position, reject.position) == (1, 2, 3)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.payload.decode()) == ("truncated", ', {"title": "ج')


@pytest.mark.parametrize("text", ["[]", '{"items": []}'])
def test_json_without_records_is_one_reject(text: str) -> None:
    (reject,) = outcomes(text)
    assert isinstance(reject, Reject)
    assert reject.reason == "no-entries"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_nested_too_deep_is_one_reject(text: str) -> None:
    (reject,) = outcomes(text)
    assert isinstance(reject, Reject)
    assert reject.reason == "broken-json"


@pytest.mark.parametrize("first", ["", "\0"])
def test_zeros_in_lines_of_json_cost_no_other_line(first: str) -> None:
    lines = [f'{{"id": {number}, "title": "خبر {number}"}}' for number in range(1, 6)]
    lines[0] = first + lines[0]
    lines[1] = lines[1].replace("خبر", "خ\0بر")
    lines[3] = "\0" * 40
    parsed = outcomes("\n".join(lines), format="jsonl")
    assert [getattr(outcome, "title", None) for outcome in parsed] == ["خبر 1", "خبر 2", "خبر 3", None, "خبر 5"]
    (reject,) = (outcome for outcome in parsed if isinstance(outcome, Reject))
    assert (reject.reason, reject.position, reject.payload) == ("broken-json", 4, b"\0" * 40)


NEWS = "قالت وزارة الخارجية المصرية اليوم إن القاهرة تتابع التطورات"


def read_lines(lines: list[bytes]) -> list[Item | Reject]:
    return list(parse_document(Document("a.jsonl", b"\n".join(lines), NOW, format="jsonl", position=7)))


@pytest.mark.parametrize("codec", ["cp1256", "iso8859-6"])
@pytest.mark.parametrize("others", [5, 40, 400])
def test_a_line_in_another_encoding_is_read_in_its_own(codec: str, others: int) -> None:
    line = f'{{"title": "خبر", "text": "{NEWS}"}}'
    lines = [line.encode()] * others + [line.encode(codec), b'{"title": "plain"}'] + [line.encode()] * others
    parsed = read_lines(lines)
    assert [outcome.position for outcome in parsed] == list(range(7, 7 + len(lines)))
    items = [outcome for outcome in parsed if isinstance(outcome, Item) and outcome.title != "plain"]
    assert [(item.title, item.text) for item in items] == [("خبر", NEWS)] * (2 * others + 1)
    repaired = [item for item in items if item.encoding_repaired]
    assert [item.position for item in repaired] == [7 + others]
    assert {item.encoding for item in items if not item.encoding_repaired} == {"utf-8"}


def test_a_file_in_one_other_encoding_is_read_as_one() -> None:
    items = read_lines([f'{{"title": "{title}"}}'.encode("cp1256") for title in ("زيد", NEWS, "عمرو")])
    assert [getattr(item, "title", None) for item in items] == ["زيد", NEWS, "عمرو"]
    assert not any(getattr(item, "encoding_repaired", True) for item in items)


@pytest.mark.parametrize("codec", ["utf-8", "cp1256"])
@pytest.mark.parametrize("others", ["utf-8", "cp1256"])
def test_a_refused_line_is_kept_as_the_bytes_it_was(codec: str, others: str) -> None:
    broken = f'{{"title": "خبر", "text": "{NEWS}'.encode(codec)
    good = f'{{"title": "خبر", "text": "{NEWS}"}}'.encode(others)
    first, reject, last = read_lines([good, broken, good])
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.position, reject.payload) == ("broken-json", 8, broken)
    assert [getattr(item, "text", None) for item in (first, last)] == [NEWS, NEWS]


def test_a_source_or_author_may_be_an_object_with_a_name() -> None:
    item = the_item({"title": "خبر", "source": {"id": None, "name": " واس "}, "author": {"name": "زيد"}})
    assert (item.source, item.author) == ("واس", "زيد")
    assert the_reason({"title": "خبر", "text": {"name": "نص"}}) == "wrong-type"
    assert the_reason({"title": "خبر", "source": {"id": "spa", "name": None}}) == "wrong-type"


ARTICLES: list[dict[str, Any]] = [{"title": "أول", "text": "نص"}, {"title": "ثان", "tags": [{"name": "دولي"}]}]


def titles(content: Any, fields: dict[str, str] | None = None) -> list[str | None]:
    text = content if isinstance(content, str) else json.dumps(content)
    return [getattr(outcome, "title", None) for outcome in outcomes(text, fields)]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"status": "ok", "articles": ARTICLES, "warnings": [], "tags": ["دولي"]},
        {"response": {"status": "ok", "results": ARTICLES}},
        {"hits": {"total": 2, "hits": [{"_id": n, "_source": article} for n, article in enumerate(ARTICLES)]}},
    ],
)
def test_records_are_those_of_the_only_list_of_objects_in_an_object(wrapped: dict[str, Any]) -> None:
    assert titles(wrapped) == ["أول", "ثان"]


def test_an_object_with_a_title_is_one_record_whatever_lists_it_holds() -> None:
    assert titles(ARTICLES[1]) == ["ثان"]
    assert titles({"head": "خبر", "parts": ARTICLES}, {"title": "head"}) == ["خبر"]
    assert titles({"news": ARTICLES, "opinion": ARTICLES}) == [None]
    (reject,) = outcomes('{"status": "ok", "articles": []}')
    assert isinstance(reject, Reject)
    assert reject.reason == "no-entries"


def test_a_record_is_looked_for_one_object_down_only_if_it_says_nothing_itself() -> None:
    assert the_item({"_id": "7", "_source": {"id": "8", "title": "خبر"}}).guid == "8"
    assert the_item({"_id": "7", "_source": {"id": "8", "head": "خبر"}}, {"title": "head"}).guid == "8"
    assert the_reason({"url": "https://nashra.example/1", "image": {"title": "صورة"}}) == "no-text"
    assert the_reason({"first": {"title": "خبر"}, "second": {"title": "خبر"}}) == "no-text"
    assert the_reason({"outer": {"inner": {"title": "خبر"}}}) == "no-text"


@pytest.mark.parametrize("between", ["\n", "\n\n", ""])
def test_values_one_after_another_are_read_one_by_one(between: str) -> None:
    pretty = [json.dumps(record | {"items": []}, indent=2) for record in ARTICLES]
    assert titles(between.join(pretty)) == ["أول", "ثان"]
    assert titles(between.join([json.dumps({"articles": ARTICLES}, indent=1)] * 2)) == ["أول", "ثان"] * 2
    *items, reject = outcomes(between.join([*pretty, pretty[0][:-5]]))
    assert [getattr(item, "title", None) for item in items] == ["أول", "ثان"]
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.position) == ("truncated", 3)
