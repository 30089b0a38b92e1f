"""Pages: the article, and what the head of the page says of it."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.dates import resolve_date
from transforms.parse import parse_document
from transforms.parse_page import is_list

NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)
FOUND = "https://www.nahar.example/local/1?ref=home"
PARAGRAPHS = (
    "افتتح وزير النقل صباح اليوم خط القطار السريع الجديد الذي يربط مدينة وهران بالجزائر العاصمة، بعد أشغال دامت سنوات.",
    "وأوضح الوزير في تصريح للصحافة أن الرحلة ستستغرق أقل من ثلاث ساعات، وأن الأسعار ستبقى في متناول جميع المسافرين.",
)
BODY = f"<article><h1>افتتاح خط القطار</h1>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</article>"


def page(head: str = "", body: str = BODY, language: str = ' lang="ar"') -> str:
    return f"<!DOCTYPE html><html{language}><head>{head}</head><body>{body}</body></html>"


def parse(content: str, uri: str = FOUND, **more: Any) -> Item | Reject:
    (outcome,) = parse_document(Document(uri, content.encode(), NOW, **more))
    return outcome


def the_item(content: str, uri: str = FOUND, **more: Any) -> Item:
    outcome = parse(content, uri, **more)
    assert isinstance(outcome, Item), outcome
    return outcome


def linked(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


@pytest.mark.parametrize(
    "article",
    [
        '{"@type": "NewsArticle", "datePublished": "%s", "dateModified": "2016-03-04T22:00:00+03:00"}',
        '{"@context": "https://schema.org", "@graph": [{"@type": "WebPage", "datePublished": "2015-01-01"}, '
        '{"@type": ["Article", "BlogPosting"], "datePublished": "%s"}]}',
    ],
)
@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="date" content="2016-03-04"><meta property="article:modified_time" content="2016-03-05">',
        '<meta property="article:published_time" content="2016-03-04"><meta property="og:updated_time" content="2016">',
        "<time pubdate datetime='2016-03-04'>الجمعة</time>",
    ],
)
def test_the_time_and_zone_of_linked_data_reach_the_article(article: str, meta: str) -> None:
    date = resolve_date(the_item(page(meta + linked(article % "2016-03-04T01:30:15+03:00"))))
    assert date.published_at == datetime(2016, 3, 3, 22, 30, 15, tzinfo=UTC)
    assert (date.source, date.confidence) == ("html", "high")


def test_the_text_is_the_article_without_its_headline_and_what_stands_around_it() -> None:
    around = f"<nav><a href='/'>الرئيسية</a></nav>{BODY}<footer>جميع الحقوق محفوظة</footer>"
    item = the_item(page("<title>افتتاح خط القطار</title>", around))
    assert item.text == "\n".join(PARAGRAPHS)
    assert (item.title, item.language, item.url) == ("افتتاح خط القطار", "ar", FOUND)


def test_no_marks_are_put_before_items_or_between_cells() -> None:
    items = "<ul><li>محطة وهران</li><li>محطة الشلف</li></ul>"
    cells = "<table><tr><td>وهران</td><td>ثلاث ساعات</td></tr></table>"
    item = the_item(page("", BODY.replace("</article>", f"{items}{cells}</article>")))
    assert item.text == "\n".join((*PARAGRAPHS, "محطة وهران", "محطة الشلف", "وهران ثلاث ساعات"))


def test_a_front_page_is_no_article_however_long() -> None:
    links = "".join(f"<li><a href='/{n}'>{text} {n}</a></li>" for n in range(20) for text in PARAGRAPHS)
    outcome = parse(page("<title>الرئيسية</title>", f"<main><ul>{links}</ul></main>"))
    assert isinstance(outcome, Reject)
    assert outcome.reason == "no-text"


def test_a_front_page_of_teasers_is_no_article() -> None:
    card = "<div><h3><a href='/%d'>الخبر رقم %d من أخبار اليوم</a></h3><p>%s</p><span>5 مارس</span></div>"
    cards = "".join(card % (n, n, f"{PARAGRAPHS[n % 2]}..") for n in range(12))
    outcome = parse(page("<title>الرئيسية</title>", f"<main><section>{cards}</section></main>"))
    assert isinstance(outcome, Reject)
    assert outcome.reason == "no-text"


@pytest.mark.parametrize(
    ("lines", "listed"),
    [
        (["رابط أول", "نص طويل يمتد"] * 4, True),
        (["رابط أول", "نص طويل يمتد"] * 3, False),
        (["رابط أول", "نص طويل يمتد"] * 4 + ["نص لا رابط فوقه"] * 4, False),
        (["رابط أول", "رابط ثان", "نص طويل وأطول منهما"], False),
        (["رابط أول", "رابط ثان", "نص قصير"], True),
        ([], True),
    ],
)
def test_links_and_teasers_make_a_list_if_they_are_most_of_the_text(lines: list[str], listed: bool) -> None:
    assert is_list(lines, {"رابط أول", "رابط ثان"}) == listed


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (linked('{"@type": "NewsArticle", "headline": "أول &amp; ثان"}') + "<title>ثالث</title>", "أول & ثان"),
        ('<meta property="og:title" content="أول"><title>ثان</title>', "أول"),
        ("<title>ثان | الصحيفة</title>", "افتتاح خط القطار"),
    ],
)
def test_the_title_is_what_the_page_calls_the_article(head: str, title: str) -> None:
    assert the_item(page(head)).title == title


def test_without_one_heading_the_title_of_the_page_is_taken() -> None:
    assert the_item(page("<title>\n عنوان الصفحة </title>", BODY.replace("h1", "h3"))).title == "عنوان الصفحة"


DATES = [
    (linked('{"@type": "NewsArticle", "datePublished": "أ", "dateModified": "ي"}'), ["أ", "ي"]),
    (linked('[{"@graph": [{"@type": ["Thing", "ReportageNewsArticle"], "datePublished": "أ"}]}]'), ["أ"]),
    (linked('{"@type": "WebPage", "mainEntity": {"@type": "Article", "datePublished": "أ"}}'), ["أ"]),
    (linked('{"@type": "Organization", "datePublished": "أ"}'), []),
    (linked('{"@type": "NewsArticle", "datePublished": "أ\n"}'), ["أ"]),
    (linked("{لا"), []),
    (linked("[" * 100_000), []),
    (linked('{"@type": "NewsArticle", "datePublished": 5, "author": [[{"name": {}}]]}'), []),
    ('<meta property="article:published_time" content=" 2016-01-12\n10:00 ">', ["2016-01-12 10:00"]),
    ('<meta itemprop="datePublished" content="أ">', ["أ"]),
    ('<META NAME="DC.Date.Issued" CONTENT="أ"><meta name="date" content="">', ["أ"]),
    ('<meta property="article:modified_time" content="ب"><meta name="pubdate" content="أ">', ["أ", "ب"]),
]


@pytest.mark.parametrize(("head", "dates"), DATES)
def test_dates_are_handed_over_word_for_word_publication_first(head: str, dates: list[str]) -> None:
    assert the_item(page(head)).dates == tuple(("html", date) for date in dates)


@pytest.mark.parametrize(
    ("time", "dates"),
    [
        ("<time>الثلاثاء <b>12</b> يناير</time>", ["الثلاثاء 12 يناير"]),
        ('<time datetime="2016-01-12">أمس</time>', ["2016-01-12"]),
        ('<time datetime="أ">س</time><time datetime="ب">ص</time>', []),
        ('<time datetime="أ">س</time><time pubdate datetime="ب">ص</time>', ["ب"]),
        ('<span itemprop="datePublished">أ</span>', ["أ"]),
    ],
)
def test_a_time_in_the_page_is_its_date_if_it_can_be_no_others(time: str, dates: list[str]) -> None:
    assert the_item(page("", BODY.replace("</h1>", f"</h1>{time}"))).dates == tuple(("html", date) for date in dates)


@pytest.mark.parametrize(
    ("head", "uri", "url"),
    [
        ('<link rel="canonical" href="https://nahar.example/local/1">', FOUND, "https://nahar.example/local/1"),
        ('<link rel="canonical" href="/local/1">', FOUND, "https://www.nahar.example/local/1"),
        ('<link rel="canonical" href="https://www.nahar.example/">', FOUND, FOUND),
        ('<link rel="canonical" href="https://[">', FOUND, FOUND),
        ('<meta property="og:url" content="https://nahar.example/2">', "a.html", "https://nahar.example/2"),
        ('<meta property="og:url" content="/2">', "a.html", None),
        ("", "a.html", None),
    ],
)
def test_the_address_is_the_one_the_page_gives_unless_it_is_that_of_its_site(
    head: str, uri: str, url: str | None
) -> None:
    assert the_item(page(head), uri).url == url


def test_the_source_is_the_name_of_the_site_else_its_host_else_the_file() -> None:
    assert the_item(page('<meta property="og:site_name" content="النهار">')).source == "النهار"
    assert the_item(page('<meta property="og:site_name" content="النهار">'), source="يومية").source == "يومية"
    assert the_item(page()).source == "nahar.example"
    assert the_item(page(), "صفحات/a.html").source == "a"


@pytest.mark.parametrize(
    ("head", "author"),
    [
        (linked('{"@type": "NewsArticle", "author": [{"name": "كريم"}, {"name": ["منى", ""]}]}'), "كريم, منى"),
        (linked('{"@type": "NewsArticle", "author": "كريم"}'), "كريم"),
        ('<meta name="author" content="كريم">', "كريم"),
        ('<meta name="author" content="https://facebook.example/karim">', None),
    ],
)
def test_the_byline(head: str, author: str | None) -> None:
    assert the_item(page(head)).author == author


def test_a_text_that_stands_in_the_linked_data_alone_is_taken() -> None:
    data = linked(f'{{"@type": "NewsArticle", "headline": "خبر", "articleBody": "{PARAGRAPHS[0]}"}}')
    assert the_item(page(data, "<div id='app'></div>")).text == PARAGRAPHS[0]


@pytest.mark.parametrize("body", ["", "<div></div>", "<script>x</script>", "<ul><li><a href='/1'>خبر</a></li></ul>"])
def test_a_page_without_an_article_is_no_item(body: str) -> None:
    outcome = parse(page("<title>الرئيسية</title>", body))
    assert isinstance(outcome, Reject)
    assert outcome.reason == "no-text"


@pytest.mark.parametrize(
    "start", ["<html>", "<HTML>", "<body>", "<!-- x --><!doctype HTML><html>", "<?xml version='1.0'?><html>"]
)
def test_a_page_is_told_by_how_it_begins(start: str) -> None:
    assert the_item(start + BODY, "a.txt").text == "\n".join(PARAGRAPHS)


def test_a_page_is_read_in_the_encoding_of_its_meta() -> None:
    content = page('<meta charset="windows-1256">').encode("windows-1256")
    (item,) = parse_document(Document("a.html", content, NOW))
    assert isinstance(item, Item)
    assert (item.text, item.encoding) == ("\n".join(PARAGRAPHS), "windows-1256")


@pytest.mark.parametrize("nesting", ["<div>", "<p><b><i>", "<table><tr><td>", "<ul><li>", "<a href=x><blockquote>"])
def test_a_page_nested_deep_is_survived(nesting: str) -> None:
    assert parse(f"<html><body>{nesting * 3000}{BODY}")


@pytest.mark.parametrize("content", [" " * (9 << 20), "<b></b>" * 70_000])
def test_a_page_too_large_is_no_article(content: str) -> None:
    outcome = parse("<html><body>" + content)
    assert isinstance(outcome, Reject)
    assert outcome.reason == "document-too-large"


def test_a_page_of_many_paragraphs_takes_no_second_opinion() -> None:
    assert isinstance(parse(page("", BODY + "<p>تعليق القارئ</p>" * 8000)), Item)


def test_nothing_imports_the_extractor_before_a_page_is_met() -> None:
    # 0.3 s of start-up, for a run over feeds or records.
    check = "import transforms.parse, sys; sys.exit('trafilatura' in sys.modules)"
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0
