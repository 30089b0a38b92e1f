"""Records of tables."""

from collections.abc import Sequence

import pytest

from schemas.item import Item
from schemas.reject import Reject
from tests.test_parse_records import outcomes, the_message
from transforms import parse_table


def test_a_table_whose_columns_are_unknown_says_which_it_has_and_how_to_name_them() -> None:
    table = "رقم;العنوان;المتن\n1;خبر;نص\n"
    assert the_message(table, uri="a.csv") == (
        "no field is called title or text or body or content; there are رقم, العنوان, المتن. "
        "--fields tells what they mean"
    )
    misspelt = the_message(table, {"title": "العنون", "text": "متن"}, "a.csv")
    assert misspelt.startswith("no field is called العنون or متن; there are رقم, العنوان, المتن")


@pytest.mark.parametrize("rows", ["", "\n\n", ",\n,,\n"])
def test_a_table_without_rows_is_one_reject(rows: str) -> None:
    for more in ({"uri": "a.csv"}, {"format": "csv", "columns": ("title", "text")}):
        (outcome,) = outcomes(f"title,text\n{rows}" if "uri" in more else rows, **more)
        assert isinstance(outcome, Reject)
        assert outcome.reason == "no-entries"


def test_columns_may_go_by_names_of_the_users_choice_in_any_case() -> None:
    (item,) = outcomes("Headline,Article_Body\nعنوان,نص\n", {"text": "ARTICLE_BODY", "title": "headline"}, "a.csv")
    assert isinstance(item, Item)
    assert (item.title, item.text) == ("عنوان", "نص")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_table_is_found(delimiter: str) -> None:
    rows = ["id title text", '1 عنوان "نص، فيه; فواصل"', '2 "عنوان\nآخر" نص', "3 ثالث ثالث"]
    table = "\n".join(row.replace(" ", delimiter, 2).replace("،" + delimiter, "، ") for row in rows)
    parsed = outcomes(table, uri="a.csv")
    assert [(outcome.position, getattr(outcome, "guid", outcome)) for outcome in parsed] == [
        (2, "1"),
        (3, "2"),
        (5, "3"),
    ]


def test_a_slice_of_a_table_has_its_columns_from_the_reader() -> None:
    rows, columns = '7;عنوان;"نص\n;فيه سطران"\n\n8;آخر;نص', ("id", "title", "text")
    first, second = outcomes(rows, format="csv", columns=columns, position=40)
    assert (first.position, second.position) == (40, 43)
    assert isinstance(first, Item)
    assert first.text == "نص\n;فيه سطران"


def test_a_row_too_long_is_refused_and_one_too_short_lacks_its_last_cells() -> None:
    short, padded, long = outcomes("title,text,author\nعنوان\nأ,ب,ج,,\nأ,ب,ج,د,\n", uri="a.csv")
    assert isinstance(short, Item)
    assert (short.title, short.text) == ("عنوان", None)
    assert isinstance(long, Reject)
    assert (long.reason, long.position, long.payload.decode()) == ("broken-csv", 4, "أ,ب,ج,د,\n")
    assert isinstance(padded, Item)
    assert padded.author == "ج"


def test_a_cell_may_be_larger_than_the_csv_module_allows() -> None:
    (item,) = outcomes("title,text\nع," + "كلمة " * 50_000, uri="a.csv")
    assert isinstance(item, Item)
    assert len(item.text or "") == 50_000 * 5 - 1


def test_a_zero_in_a_table_costs_no_row() -> None:
    parsed = outcomes('1,خ\0بر,نص\n2,خبر,\0"نص\nآخر"\n', format="csv", columns=("id", "title", "text"))
    assert [(outcome.title, outcome.text) for outcome in parsed if isinstance(outcome, Item)] == [
        ("خبر", "نص"),
        ("خبر", "نص\nآخر"),
    ]


COLUMNS = ("title", "text", "date")


def test_a_quote_left_open_costs_its_own_row_alone() -> None:
    rows = ['أول,"نص\nفيه سطران",1', 'ثان,"نص لا ينتهي,2\nوبقية', "ثالث,نص,3", "رابع,نص,4"]
    for more in ({"format": "csv", "columns": COLUMNS}, {"uri": "a.csv"}):
        table = "\n".join(rows if "columns" in more else [",".join(COLUMNS), *rows])
        parsed = outcomes(table, **more)
        first = int("columns" not in more) + 1
        told = [(outcome.position - first, getattr(outcome, "title", None)) for outcome in parsed]
        assert told == [(0, "أول"), (2, None), (4, "ثالث"), (5, "رابع")]
        (reject,) = (outcome for outcome in parsed if isinstance(outcome, Reject))
        assert (reject.reason, reject.payload.decode()) == ("unclosed-quote", f"{rows[1]}\n")


def test_of_a_table_cut_off_within_a_cell_the_last_row_is_refused_whole() -> None:
    item, reject = outcomes('أول,نص,1\nثان,"نص\nمن سطرين\n\nأو ثلاثة', format="csv", columns=COLUMNS, position=2)
    assert isinstance(item, Item)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.position) == ("unclosed-quote", 3)
    assert reject.payload.decode() == 'ثان,"نص\nمن سطرين\n\nأو ثلاثة'


def test_a_quote_within_a_cell_stands_for_itself() -> None:
    (item,) = outcomes('أول,شاشة 5" في السوق,1', format="csv", columns=COLUMNS)
    assert isinstance(item, Item)
    assert item.text == 'شاشة 5" في السوق'


def test_of_quotes_left_open_in_every_row_nothing_is_passed_over() -> None:
    rows = [f'خ"بر {n},"نص,{n}\n' for n in range(300)]  # open to the end from whichever row one begins with
    parsed = outcomes("".join(rows), format="csv", columns=COLUMNS)
    assert {getattr(outcome, "reason", None) for outcome in parsed} == {"unclosed-quote"}
    assert b"".join(outcome.payload for outcome in parsed if isinstance(outcome, Reject)).decode() == "".join(rows)


def told(rows: list[str]) -> list[tuple[int, str | None]]:
    """Of each outcome, which of the lines it is from, and its title; None for a reject."""
    parsed = outcomes("\n".join(rows), format="csv", columns=COLUMNS)
    return [(outcome.position - 1, getattr(outcome, "title", None)) for outcome in parsed]


@pytest.mark.parametrize("closing", ['"نعم" للسلام', '"سطر\nوسطر ""آخر"""', '"نعم" قال، "لا"'])
def test_a_stray_opening_quote_costs_its_own_row_though_a_later_row_closes_it(closing: str) -> None:
    rows = [f"خبر {n},نص,{n}" for n in range(8)]
    rows[2] = 'خبر 2,"قال الوزير,2'
    rows[5] = f"خبر 5,{closing},5"
    after = 7 if "\n" in closing else 6
    expected = [(0, "خبر 0"), (1, "خبر 1"), (2, None), (3, "خبر 3"), (4, "خبر 4"), (5, "خبر 5")]
    assert told(rows) == [*expected, (after, "خبر 6"), (after + 1, "خبر 7")]


def test_after_a_stray_quote_a_row_of_several_lines_is_a_row() -> None:
    rows = ['أول,"قال الوزير,1', 'ثان,"نص\nمن, سطرين",2', 'ثالث,"نعم" قال,3', "رابع,نص,4"]
    assert told(rows) == [(0, None), (1, "ثان"), (3, "ثالث"), (4, "رابع")]


def test_quotes_that_are_not_doubled_in_a_cell_of_several_lines_cost_that_row_whole() -> None:
    rows = ["أول,نص,1", 'ثان,"سطر\nقال "نعم" للسلام\nوسطر",2', "ثالث,نص,3"]
    assert told(rows) == [(0, "أول"), (1, None), (4, "ثالث")]


def test_text_after_a_closing_quote_is_part_of_its_cell_if_the_row_is_one_line() -> None:
    assert told(['"نعم" للسلام,نص,1', 'خبر,"قال ""نعم"" ثم\n""لا""",2']) == [(0, "نعم للسلام"), (1, "خبر")]


def test_what_follows_a_broken_row_in_a_table_of_shorter_rows_is_read() -> None:
    assert told(['أول,"قال الوزير', 'ثان,"نعم" قال', "ثالث,نص"]) == [(0, None), (2, "ثالث")]


def test_lines_are_read_again_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    lines_read, row = [], parse_table._row

    def count(lines: Sequence[str], start: int, delimiter: str) -> tuple[int, list[str] | None]:
        end, cells = row(lines, start, delimiter)
        lines_read.append(end - start)
        return end, cells

    monkeypatch.setattr(parse_table, "_row", count)
    # Whichever row one begins with, its quote stays open, is closed and opened by the next ones, and breaks at last.
    rows = [f'خ",بر {n},"نص' for n in range(400)]
    parsed = outcomes("\n".join([*rows, '"x', "آخر,نص,1"]), format="csv", columns=COLUMNS)
    refused = [outcome for outcome in parsed if isinstance(outcome, Reject)]
    assert b"".join(outcome.payload for outcome in refused).decode() == "\n".join([*rows, '"x', ""])
    assert [outcome.title for outcome in parsed if isinstance(outcome, Item)] == ["آخر"]
    assert sum(lines_read) < 402 * (parse_table.READ_AGAIN + 3)


def test_a_header_is_a_row_and_may_have_several_lines() -> None:
    for table in ('\n"Title\n(main)","Text ""whole"""\nعنوان,نص\n', '"Title\r(main)";"Text ""whole"""\rعنوان;نص\r'):
        (item,) = outcomes(table, {"title": "title (main)", "text": 'text "whole"'}, "a.csv")
        assert isinstance(item, Item)
        assert (item.title, item.text) == ("عنوان", "نص")


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "\ufeffSEP=;\n"])
def test_the_line_in_which_excel_names_the_delimiter_is_no_header(first: str) -> None:
    (item,) = outcomes(first + "title;a,b,c;text\nعنوان;;نص\n", uri="a.csv")
    assert isinstance(item, Item)
    assert (item.title, item.text, item.position) == ("عنوان", "نص", 3)


@pytest.mark.parametrize("cell", ["https://nashra.example/1", "2026-11-03T10:00", "٣/١١/٢٠٢٦", "نص " * 50])
def test_a_table_without_a_header_is_told_what_it_lacks(cell: str) -> None:
    said = the_message(f"خبر,{cell}\nخبر آخر,{cell}\n", uri="a.csv")
    assert said == "the first row is no header: add one, such as url,title,text,date"
    assert "there are خبر, نص" in the_message("خبر,نص\nخبر آخر,https://nashra.example/1\n", uri="a.csv")
    (item,) = outcomes(f"عنوان,{cell}\nخبر آخر,نص\n", {"title": "عنوان"}, "a.csv")
    assert isinstance(item, Item)


def test_of_columns_of_one_name_the_first_that_holds_something_counts() -> None:
    table = "title,text,text,date,date\nأول,نص,,,2026-11-03\nثان, ,آخر,2026-11-04,2026-11-05\n"
    read = [item for item in outcomes(table, uri="a.csv") if isinstance(item, Item)]
    assert [(item.title, item.text, item.dates[0][1]) for item in read] == [
        ("أول", "نص", "2026-11-03"),
        ("ثان", "آخر", "2026-11-04"),
    ]


def test_a_short_row_lacks_no_column() -> None:
    assert the_message("id,title,text\n7\n", uri="a.csv") == "neither a title nor a text"
