"""Dates: one string at a time, by table; then which of an item's statements is taken."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

import pytest
from hijridate import Gregorian
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.item import Item
from transforms.dates import parse_date, resolve_date

ARRIVED_AT = datetime(2016, 3, 1, 12, tzinfo=UTC)
RIYADH = timezone(timedelta(hours=3))
SHARED = Path(__file__).parents[1].parent / "shared" / "data"


def table() -> list[tuple[str, str, str, str | None]]:
    lines = (Path(__file__).parent / "data" / "dates.tsv").read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[0], row[1], row[2] if len(row) > 2 else "", row[3] if len(row) > 3 else None) for row in rows]


@pytest.mark.parametrize(("raw", "instant", "confidence", "zone"), table())
def test_a_written_date_is_read_as_its_instant(raw: str, instant: str, confidence: str, zone: str | None) -> None:
    parsed = parse_date(raw, arrived_at=ARRIVED_AT, zone=zone)
    read = None if parsed is None else (parsed.instant, parsed.confidence)
    assert read == (None if instant == "-" else (datetime.fromisoformat(instant), confidence))


def test_the_table_is_large_enough_to_trust() -> None:
    assert len({row[0] for row in table()}) >= 300


@pytest.mark.parametrize(
    "raw",
    [
        "\N{RIGHT-TO-LEFT MARK}26 يوليو 2015",
        "\N{RIGHT-TO-LEFT EMBEDDING}26\N{NO-BREAK SPACE}يوليو\N{NO-BREAK SPACE}2015\N{POP DIRECTIONAL FORMATTING}",
        "26 يول\N{ZERO WIDTH NON-JOINER}يو 2015",
        "26 يُولْيُو 2015",
        "26 يوليـــو 2015",
        "26\N{ARABIC TATWEEL}7\N{ARABIC TATWEEL}2015",
        "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT SIX} July 2015",
        "26\tيوليو\n2015",
        "26 \N{EN DASH} يوليو \N{EM DASH} 2015",
        "26\N{FRACTION SLASH}07\N{FRACTION SLASH}2015",
    ],
)
def test_invisible_and_decorative_characters_do_not_hide_a_date(raw: str) -> None:
    parsed = parse_date(raw, arrived_at=ARRIVED_AT)
    assert parsed is not None
    assert parsed.instant == datetime(2015, 7, 26, tzinfo=UTC)


def test_a_zone_that_does_not_exist_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        parse_date("2015-07-26 16:54:53", arrived_at=ARRIVED_AT, zone="Asia/Nowhere")


def test_an_hour_that_the_clock_skipped_or_repeated_is_read_all_the_same() -> None:
    skipped = parse_date("2015-03-29 02:30", arrived_at=ARRIVED_AT, zone="Europe/Berlin")
    repeated = parse_date("2015-10-25 02:30", arrived_at=ARRIVED_AT, zone="Europe/Berlin")
    assert skipped is not None
    assert repeated is not None
    assert skipped.instant == datetime(2015, 3, 29, 1, 30, tzinfo=UTC)
    assert repeated.instant == datetime(2015, 10, 25, 0, 30, tzinfo=UTC)


def test_prose_is_not_searched_for_a_date() -> None:
    assert parse_date("2015-07-26" + " " * 200 + "16:54", arrived_at=ARRIVED_AT) is None


def test_yesterday_is_that_of_the_outlet() -> None:
    evening = datetime(2016, 2, 29, 22, tzinfo=UTC)
    in_utc = parse_date("أمس", arrived_at=evening.astimezone(RIYADH))
    in_riyadh = parse_date("أمس", arrived_at=evening, zone="Asia/Riyadh")
    assert in_utc is not None
    assert in_riyadh is not None
    assert (in_utc.instant.day, in_riyadh.instant.day) == (28, 29)


# Every instant through every way of writing it.


def each(listed: str) -> list[str]:
    return listed.split(", ")


EGYPT = each("يناير, فبراير, مارس, أبريل, مايو, يونيو, يوليو, أغسطس, سبتمبر, أكتوبر, نوفمبر, ديسمبر")
MAGHREB = each("جانفي, فيفري, مارس, أفريل, ماي, جوان, جويلية, أوت, سبتمبر, أكتوبر, نوفمبر, ديسمبر")
MOROCCO = each("يناير, فبراير, مارس, أبريل, ماي, يونيو, يوليوز, غشت, شتنبر, أكتوبر, نونبر, دجنبر")
LEVANT = each("كانون الثاني, شباط, آذار, نيسان, أيار, حزيران, تموز, آب, أيلول, تشرين الأول, تشرين الثاني, كانون الأول")
FRENCH = each("janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, décembre")
HIJRI = each(
    "محرم, صفر, ربيع الأول, ربيع الآخر, جمادى الأولى, جمادى الآخرة, رجب, شعبان, رمضان, شوال, ذو القعدة, ذو الحجة"
)
WEEKDAYS = each("الاثنين, الثلاثاء, الأربعاء, الخميس, الجمعة, السبت, الأحد")
EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def hijri(local: datetime) -> str:
    converted = Gregorian.fromdate(local.date()).to_hijri()
    return f"{converted.day} {HIJRI[converted.month - 1]} {converted.year} هـ {local:%H:%M:%S %z}"


WRITERS: dict[str, Callable[[datetime], str]] = {
    "rfc822": format_datetime,
    "rfc850": lambda t: f"{t:%A, %d-%b-%y %H:%M:%S %z}",
    "iso": lambda t: t.isoformat(),
    "iso basic": lambda t: f"{t:%Y%m%dT%H%M%S%z}",
    "iso in eastern digits": lambda t: t.isoformat().translate(EASTERN),
    "epoch": lambda t: str(int(t.timestamp())),
    "milliseconds": lambda t: str(int(t.timestamp()) * 1000),
    "javascript": lambda t: f"{t:%a %b %d %Y %H:%M:%S} GMT{t:%z} (Arabia Standard Time)",
    "unix": lambda t: f"{t:%a %b %d %H:%M:%S} AST {t:%Y}",
    "day first": lambda t: f"{t:%d/%m/%Y %H:%M:%S %z}",
    "year first": lambda t: f"{t:%Y.%m.%d} - {t:%H:%M:%S %z}",
    "american": lambda t: f"{t:%B %d, %Y %I:%M:%S %p %z}",
    "egypt": lambda t: f"{WEEKDAYS[t.weekday()]}، {t.day} {EGYPT[t.month - 1]} {t:%Y %H:%M:%S %z}",
    "egypt, halves": lambda t: (
        f"{t.day} {EGYPT[t.month - 1]} {t:%Y} - {t:%I:%M:%S} {'ص' if t.hour < 12 else 'م'} بتوقيت مكة المكرمة"
    ),
    "levant": lambda t: f"{t.day} {LEVANT[t.month - 1]} {t:%Y %H:%M:%S %z}".translate(EASTERN),
    "levant and egypt": lambda t: f"{t.day} {LEVANT[t.month - 1]}/{EGYPT[t.month - 1]} {t:%Y، %H:%M:%S %z}",
    "maghreb": lambda t: f"{t.day} {MAGHREB[t.month - 1]} {t:%Y} على الساعة {t:%H:%M:%S %z}",
    "morocco": lambda t: f"{WEEKDAYS[t.weekday()]} {t.day} {MOROCCO[t.month - 1]} {t:%Y | %H:%M:%S %z}",
    "french": lambda t: f"Publié le {t.day} {FRENCH[t.month - 1]} {t:%Y à %H:%M:%S %z}",
    "hijri": hijri,
}


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(1990, 1, 2), datetime(2016, 3, 1)))
def test_what_is_written_is_read_back(writer: str, moment: datetime) -> None:
    local = moment.replace(microsecond=0, tzinfo=RIYADH)
    parsed = parse_date(WRITERS[writer](local), arrived_at=ARRIVED_AT)
    assert parsed is not None
    assert parsed.instant == local
    assert parsed.confidence == ("medium" if writer == "hijri" else "high")


DATE_PIECES = st.sampled_from(
    [
        *each(
            "2015, 2016, 26, 7, 13, 99, 1436, 1437918893, 0, /, -, ., :, T, Z, +, +0300, -99:99, GMT, (AST), Jul, Sun"
        ),
        *each("يوليو, تموز, كانون, الثاني, شوال, هـ, م, ص, مساء, الأحد،, منذ, قبل, ساعات, يومين, أمس, اليوم, و, ٢٦, ²"),
        *("ago", "hours", "{7}", "<10>", "[Asia/Riyadh]", "[X/Y]", "\N{ARABIC TATWEEL}", "\N{RIGHT-TO-LEFT MARK}"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(DATE_PIECES, max_size=9).map(" ".join), st.lists(DATE_PIECES).map("".join)
    ),
    st.sampled_from([None, "Asia/Riyadh", "Africa/Casablanca"]),
)
def test_no_text_is_an_error_and_no_answer_is_impossible(raw: str, zone: str | None) -> None:
    parsed = parse_date(raw, arrived_at=ARRIVED_AT, zone=zone)
    if parsed is not None:
        assert parsed.instant.tzinfo is UTC
        assert datetime(1990, 1, 1, tzinfo=UTC) <= parsed.instant <= ARRIVED_AT + timedelta(days=1)


# Which statement of an item is taken.

Statement = tuple[Literal["feed", "html"], str]

ARTICLE = (
    "دمشق، 12 كانون الثاني/يناير 2016 (سانا) - استقبل وزير الخارجية اليوم المبعوث الأممي وبحث معه "
    "الجهود المبذولة لعقد جولة جديدة من المحادثات."
)


def item(
    *dates: Statement,
    url: str | None = None,
    text: str | None = None,
    document: str = "news/articles.jsonl",
    arrival: Literal["file", "fetched"] = "file",
    arrived_at: datetime = ARRIVED_AT,
) -> Item:
    return Item("سانا", document, 1, arrived_at, arrival, text=text, url=url, dates=dates)


def test_each_source_is_asked_when_those_before_it_say_nothing_possible() -> None:
    url = "https://news.example/2016/01/14/12345.html"
    document = "archive/2016-01-11_article.txt"
    feed: Statement = ("feed", "Thu, 14 Jan 2016 10:00:00 +0200")
    html: Statement = ("html", "2016-01-13T10:00:00+02:00")
    refused: list[Statement] = [
        ("feed", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("feed", "2090-01-14T10:00:00Z"),
        ("feed", "2016-02-30"),
        ("html", "قريبا"),
    ]
    taken = [
        resolve_date(item(refused[0], feed, html, url=url, text=ARTICLE, document=document)),
        resolve_date(item(*refused, html, url=url, text=ARTICLE, document=document)),
        resolve_date(item(*refused, url=url, text=ARTICLE, document=document)),
        resolve_date(item(*refused, url="https://news.example/2090/01/14/1.html", text=ARTICLE, document=document)),
        resolve_date(item(*refused, url="https://news.example/1.html", text=ARTICLE[5:], document=document)),
        resolve_date(item(*refused)),
        resolve_date(item(*refused, arrival="fetched")),
    ]
    assert [(date.source, date.confidence, date.raw) for date in taken] == [
        ("feed", "high", feed[1]),
        ("html", "high", html[1]),
        ("url", "medium", "2016/01/14"),
        ("dateline", "medium", "12 كانون الثاني/يناير 2016"),
        ("file", "medium", "2016-01-11"),
        ("file", "low", refused[0][1]),
        ("fetched", "low", refused[0][1]),
    ]
    assert [f"{date.published_at:%d %H}" for date in taken] == [
        "14 08",
        "13 08",
        "14 00",
        "12 00",
        "11 00",
        "01 12",
        "01 12",
    ]


def test_of_words_for_a_date_that_cannot_be_read_the_beginning_is_kept() -> None:
    assert resolve_date(item(("feed", "46327.4"))).raw == "46327.4"
    assert resolve_date(item(("feed", "كلام " * 100))).raw == "كلام " * 40
    assert resolve_date(item()).raw is None


def test_the_time_of_arrival_is_told_in_utc() -> None:
    date = resolve_date(item(arrived_at=ARRIVED_AT.astimezone(RIYADH)))
    assert date.published_at.tzinfo is UTC
    assert date.published_at == ARRIVED_AT


def test_the_zone_of_the_outlet_moves_times_but_never_days() -> None:
    timed = resolve_date(item(("feed", "2015-07-26 01:30")), zone="Asia/Riyadh")
    day = resolve_date(item(("feed", "2015-07-26")), zone="Asia/Riyadh")
    assert (timed.published_at, timed.confidence) == (datetime(2015, 7, 25, 22, 30, tzinfo=UTC), "high")
    assert (day.published_at, day.confidence) == (datetime(2015, 7, 26, tzinfo=UTC), "medium")


def test_a_relative_time_counts_in_its_place_when_fetched_and_last_in_a_file() -> None:
    said: Statement = ("feed", "منذ 5 ساعات")
    url = "https://news.example/2015/07/26/1.html"
    fetched = resolve_date(item(said, url=url, arrival="fetched"))
    filed = resolve_date(item(said, url=url))
    nothing_else = resolve_date(item(said))
    assert (fetched.source, fetched.published_at) == ("feed", ARRIVED_AT - timedelta(hours=5))
    assert (filed.source, filed.published_at) == ("url", datetime(2015, 7, 26, tzinfo=UTC))
    assert (nothing_else.source, nothing_else.confidence, nothing_else.raw) == ("feed", "low", said[1])


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://news.example/2015/07/26/article_974938.html", "2015-07-26"),
        ("http://news.example/2015/7/6/عنوان-الخبر", "2015-07-06"),
        ("http://news.example/news/2015-07-26-title.html", "2015-07-26"),
        ("http://news.example/news/title_2015_07_26/", "2015-07-26"),
        ("http://news.example/20150726/1015.html", "2015-07-26"),
        ("http://news.example/Issues/20150720/Con20150726784714.htm", "2015-07-20"),
        ("http://news.example/view.aspx?date=2015-07-26&id=12", "2015-07-26"),
        ("http://news.example/arabic/middleeast/2015/07/150726_syria_talks", "2015-07-26"),
        ("/2015/07/26/relative.html", "2015-07-26"),
        ("http://news.example/2015/13/26/2015/07/26/", "2015-07-26"),
        ("http://news.example/2015/07/article.html", None),
        ("http://news.example/article/4078247", None),
        ("http://news.example/article/201507261", None),
        ("http://news.example/season/2015-16/12", None),
        ("http://news.example/ذكرى-11-09-2001", None),
        ("http://news.example/2015/07/160726_other_year", None),
        ("http://2015-07-26.example/article", None),
        ("http://news.example/article#2015-07-26", None),
        ("http://news.example/1985/07/26/archive.html", None),
        ("http://[broken/2015/99/99", None),
    ],
)
def test_the_day_in_a_url_is_read_when_it_is_whole(url: str, day: str | None) -> None:
    date = resolve_date(item(url=url, document="feed.xml"))
    assert (f"{date.published_at:%Y-%m-%d}" if date.source == "url" else None) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("القاهرة 26 يوليو 2015 (رويترز) - قال مسؤول مصري", "2015-07-26"),
        ("القاهرة في 26 يوليو 2015 (رويترز) - قال مسؤول مصري", "2015-07-26"),
        ("القاهرة، الأحد ٢٦ يوليو ٢٠١٥ (أ ف ب) - قال مسؤول مصري", "2015-07-26"),
        ("القاهرة (رويترز) 26 يوليو 2015 - قال مسؤول مصري", "2015-07-26"),
        ("دمشق، 12 كانون الثاني/يناير 2016 (سانا)", "2016-01-12"),
        ("دمشق - 12 كانون الثاني 2016 - سانا: بحث وزير الخارجية", "2016-01-12"),
        ("الرياض 10 شوال 1436 هـ الموافق 26 يوليو 2015 م واس\nاستقبل خادم الحرمين", "2015-07-26"),
        ("الدوحة في 26 يوليو 2015 /قنا/ استقبل سمو الأمير", "2015-07-26"),
        ("الكويت - 26 - 7 - 2015 (كونا) -- بحث وزير الخارجية", "2015-07-26"),
        ("بكين 26 يوليو 2015 (شينخوا) ذكرت وزارة الدفاع", "2015-07-26"),
        ("\N{RIGHT-TO-LEFT MARK}القاهرة 26 يوليو 2015 - د.ب.أ: قال مسؤول", "2015-07-26"),
        ("CAIRO, July 26, 2015 (Reuters) - An official said", "2015-07-26"),
        ("الأحد 26 يوليو 2015 - 05:22 م\nقال مسؤول مصري", "2015-07-26"),
        ("القاهرة 26 يوليو (رويترز) - قال مسؤول مصري", None),
        ("الأحد 26 يوليو\nقال مسؤول مصري", None),
        ("أمس\nقال مسؤول مصري", None),
        ("1437918893\nقال مسؤول مصري", None),
        ("أعلن الوزير 26 يوليو 2015 موعدا للانتخابات (البرلمانية)", None),
        ("في 26 يوليو 2015 أعلنت وزارة الداخلية ضبط خلية", None),
        ("قال المتحدث إن الهجوم الذي وقع في 26 يوليو 2015 (الأحد) خلف قتلى", None),
        ("القاهرة 26 يوليو 2090 (رويترز) - قال مسؤول مصري", None),
        ("القاهرة 31 يونيو 2015 (رويترز) - قال مسؤول مصري", None),
        ("القاهرة (رويترز) - قال مسؤول مصري إن الاتفاق الموقع في 26 يوليو 2015 (باريس)", None),
        ("", None),
    ],
)
def test_a_dateline_is_a_place_a_whole_date_and_an_agency(text: str, day: str | None) -> None:
    date = resolve_date(item(text=text))
    assert (f"{date.published_at:%Y-%m-%d}" if date.source == "dateline" else None) == day


@pytest.mark.parametrize(
    ("document", "instant"),
    [
        ("/data/2016-02-12_article.txt", "2016-02-12T00:00"),
        ("/data/article_20160212.txt", "2016-02-12T00:00"),
        ("gs://bucket/poll.20160212T042412.xml", "2016-02-12T04:24"),
        ("/data/2016_02_12.jsonl.gz", "2016-02-12T00:00"),
        ("/data/2016-02-12/article.txt", None),
        ("/data/12-02-2016.txt", None),
        ("/data/article-2016.txt", None),
        ("/data/2099-02-12_article.txt", None),
    ],
)
def test_the_name_of_a_file_may_state_the_day_but_its_folders_do_not(document: str, instant: str | None) -> None:
    date = resolve_date(item(document=document))
    assert (f"{date.published_at:%Y-%m-%dT%H:%M}" if date.raw else None) == instant
    assert (date.source, date.confidence) == ("file", "medium" if instant else "low")


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.lists(DATE_PIECES, max_size=12).map(" ".join)),
    st.one_of(st.text(max_size=80), st.lists(DATE_PIECES, max_size=12).map("/".join)),
    st.text(max_size=40),
    st.sampled_from(["feed", "html"]),
)
def test_no_item_is_without_a_date(text: str, url: str, document: str, source: Literal["feed", "html"]) -> None:
    date = resolve_date(item((source, text), url=url, text=text, document=document))
    assert date.published_at.tzinfo is UTC
    assert date.published_at <= ARRIVED_AT + timedelta(days=1)


@given(
    st.from_regex(r"(19[89]|20[012])[0-9]-[01][0-9]-[0-3][0-9][T ][012][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
    st.from_regex(r"(Z|[+-][012][0-9]:[0-6][0-9])?", fullmatch=True),
    st.sampled_from((None, "Africa/Cairo")),
)
@settings(max_examples=500)
def test_the_short_way_of_the_commonest_dates_reads_what_the_long_one_reads(
    stated: str, offset: str, zone: str | None
) -> None:
    assert parse_date(stated + offset, arrived_at=ARRIVED_AT, zone=zone) == parse_date(
        f"{stated}.0{offset}", arrived_at=ARRIVED_AT, zone=zone
    )


@pytest.mark.skipif(not (SHARED / "feeds_dev").exists(), reason="needs the development feeds beside the repository")
def test_every_date_of_the_development_feeds_is_read_as_their_makers_meant_it() -> None:
    wrong = []
    with (SHARED / "feeds_dev" / "gold_items.jsonl").open(encoding="utf-8") as lines:
        for gold in map(json.loads, lines):
            parsed = parse_date(gold["date_raw"] or "", arrived_at=datetime(2026, 8, 13, tzinfo=UTC))
            read = f"{parsed.instant:%Y-%m-%dT%H:%M:%SZ}" if parsed and parsed.confidence == "high" else None
            if read != gold["published_utc"]:
                wrong.append((gold["date_raw"], gold["published_utc"], read))
    assert wrong == []
