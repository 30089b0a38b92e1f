"""Teasers are followed to their pages: once, politely, and without losing the entry."""

import gzip
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from schemas.document import Document
from schemas.feed_state import FeedState
from schemas.item import Item
from tests.misbehaving_server import START, MisbehavingServer, client_for, hang_up, redirect, reply
from transforms.full_text import FullTexts, fetch_full_texts, is_about, teasers
from transforms.parse import parse_document
from transforms.robots import Robots

LEAD = "أعلنت وزارة الخارجية العمانية، اليوم الأربعاء، استضافة مسقط جولة جديدة من المحادثات."
REST = (
    "وأوضحت الوزارة في بيان أن الجولة تنعقد يومي الأحد والاثنين بمشاركة وفود من خمس دول، وأن جدول أعمالها يشمل "
    "تبادل الأسرى وفتح المعابر أمام قوافل الإغاثة. وقال مصدر دبلوماسي إن الأطراف اتفقت على إطار زمني من ستة أسابيع."
)


def page(*paragraphs: str) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        '<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>مسقط تستضيف المحادثات</title>'
        '<meta property="article:published_time" content="2026-02-11T08:30:00+04:00">'
        f"</head><body><article><h1>مسقط تستضيف المحادثات</h1>{body}</article></body></html>"
    ).encode()


def entries(server: MisbehavingServer, *paths: str, text: str = LEAD) -> list[Item]:
    listed = "".join(
        f"<item><title>خبر {path}</title><link>{server.url(path)}</link><guid>{path}</guid>"
        f"<description>{text}</description></item>"
        for path in paths
    )
    feed = f"<rss version='2.0'><channel>{listed}</channel></rss>".encode()
    document = Document(server.url("/rss"), feed, START, arrival="fetched", source="صحيفة الأفق")
    return [item for item in parse_document(document) if isinstance(item, Item)]


def follow(server: MisbehavingServer, items: list[Item], state: FeedState | None = None) -> FullTexts:
    client = client_for(server)
    return fetch_full_texts(items, state or FeedState(server.url("/rss")), client, Robots(client), START)


def test_a_teaser_takes_the_text_of_its_page_and_keeps_all_else(server: MisbehavingServer) -> None:
    server.answer("/1", reply(page(LEAD, REST), {"Content-Type": "text/html"}))
    (teaser,) = entries(server, "/1")
    (full,) = follow(server, [teaser]).items
    assert full.text
    assert REST in full.text
    assert replace(full, text=teaser.text, dates=teaser.dates, author=teaser.author) == teaser
    assert ("html", "2026-02-11T08:30:00+04:00") in full.dates


@pytest.mark.parametrize("answer", [reply(status=404), hang_up, reply(page(LEAD[:40])), reply(b"\0\1\2" * 99), reply()])
def test_an_entry_whose_page_has_no_more_keeps_its_teaser(server: MisbehavingServer, answer: object) -> None:
    server.answers["/1"] = [answer]  # type: ignore[list-item]
    items = entries(server, "/1")
    followed = follow(server, items)
    assert followed.items == tuple(items)
    assert len(followed.results) == 1


LOGIN = (
    "يرجى إدخال البريد الإلكتروني وكلمة المرور لمتابعة القراءة. من لا يملك حسابا ينشئ واحدا في دقيقة، ويقرأ مقالات "
    "كتابنا وتحليلاتهم كلها. لاستعادة كلمة المرور نرسل رابطا إلى بريدكم، ويرد فريق المشتركين على أسئلتكم طوال النهار.",
)
COOKIES = (
    "يحفظ هذا الموقع على جهازك ملفات تعريف الارتباط، ويقرؤها هو ومن يعلن فيه، ليعرف ما يهمك ويقيس أثر الإعلانات. ",
    "بالضغط على زر الموافقة تقبل ذلك كله، ولك أن تختار ما تسمح به من صفحة الخصوصية، وأن ترجع عن اختيارك متى شئت.",
)
NOT_FOUND = (
    "لم نعثر على الصفحة المطلوبة، فلعلها حذفت أو تبدل عنوانها. جرب خانة البحث في أعلى الصفحة أو عد إلى الصفحة الرئيسية "
    "حيث تجد آخر الأخبار وأكثرها قراءة.",
)
OTHER = (
    "فاز نادي الوحدات على ضيفه الفيصلي بهدفين مقابل هدف في افتتاح الجولة الثامنة من الدوري الأردني، ليتقدم إلى المركز "
    "الثاني بفارق نقطتين عن المتصدر. وسجل للفائز مهاجمه العائد من الإصابة في الدقيقتين السابعة والستين والثمانين.",
)


@pytest.mark.parametrize("told", [LOGIN, COOKIES, NOT_FOUND, OTHER, ()])
def test_an_entry_that_leads_to_another_page_keeps_its_teaser(server: MisbehavingServer, told: tuple[str, ...]) -> None:
    server.answer("/1", redirect("/p/wall"))
    server.answer("/p/wall", reply(page(*told), {"Content-Type": "text/html"}))
    items = entries(server, "/1", text=LEAD[:70] + "…")
    followed = follow(server, items)
    assert followed.items == tuple(items)
    (result,) = followed.results
    assert (result.url, result.outcome, result.document) == (server.url("/1"), "not-the-article", None)


def test_a_page_that_entries_share_is_the_text_of_none(server: MisbehavingServer) -> None:
    server.answer("/live", reply(page(LEAD, REST), {"Content-Type": "text/html"}))
    listed = "".join(
        f"<item><title>{title}</title><link>{server.url('/live')}#{guid}</link><guid isPermaLink='false'>{guid}</guid>"
        f"<description>{LEAD}</description></item>"
        for guid, title in (("a", "مسقط تستضيف المحادثات"), ("b", "وصول الوفد الأول إلى مسقط"))
    )
    document = Document(server.url("/rss"), f"<rss version='2.0'><channel>{listed}</channel></rss>".encode(), START)
    items = [item for item in parse_document(document) if isinstance(item, Item)]
    told = follow(server, items)
    assert ([item.text for item in told.items], told.results) == ([LEAD, LEAD], ())


def test_a_list_of_articles_is_not_the_article(server: MisbehavingServer) -> None:
    cards = "".join(f"<p><a href='/{n}'>{LEAD} {n}</a></p>" for n in range(9))
    server.answer("/1", reply(f"<html><body>{cards}</body></html>".encode(), {"Content-Type": "text/html"}))
    assert [result.outcome for result in follow(server, entries(server, "/1")).results] == ["not-the-article"]


def test_a_teaser_may_tell_in_other_forms_of_its_words() -> None:
    teaser = "جولة محادثات ثانية بوساطة عمانية في مسقط بمشاركة خمسة وفود لبحث المعابر والأسرى"
    assert is_about(f"{LEAD} {REST}", replace(_item(teaser), title="عودة المتفاوضين"))
    assert not is_about(OTHER[0], replace(_item(teaser), title="عودة المتفاوضين"))


def test_what_shares_no_word_is_not_about_an_entry_however_short_that_is() -> None:
    for title in ("مسقط", "قطر", "!", None):
        assert not is_about(OTHER[0], replace(_item(""), title=title))
    assert is_about(f"{LEAD} {REST}", replace(_item(""), title="مسقط"))


def test_a_teaser_goes_with_its_own_text_and_with_no_other(shared_data: Path) -> None:
    with gzip.open(shared_data / "articles_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        told = [article for article in map(json.loads, islice(lines, 0, None, 10)) if len(article["text"]) > 400]
    said = [replace(_item(article["text"][:150] + "…"), title=article["title"]) for article in told]
    own = sum(is_about(article["text"], item) for article, item in zip(told, said, strict=True))
    far = told[len(told) // 2 :] + told[: len(told) // 2]
    others = sum(is_about(article["text"], item) for article, item in zip(far, said, strict=True))
    walls = sum(is_about(" ".join(wall), item) for wall in (LOGIN, COOKIES, NOT_FOUND) for item in said)
    assert own >= 0.995 * len(told)
    assert others <= 0.03 * len(told)
    assert walls <= 0.002 * 3 * len(told)


def test_a_feed_that_gains_an_entry_does_not_cost_its_pages_again(server: MisbehavingServer) -> None:
    for path in ("/1", "/2", "/3"):
        server.answer(path, reply(page(LEAD, REST)))
    first = follow(server, entries(server, "/1", "/2"))
    second = follow(server, entries(server, "/3", "/1", "/2"), first.state)
    assert [len(first.items), len(second.items), second.unchanged] == [2, 1, 2]
    assert [request.path for request in server.log] == ["/robots.txt", "/1", "/2", "/robots.txt", "/3"]


def test_an_entry_that_was_edited_is_followed_again(server: MisbehavingServer) -> None:
    server.answer("/1", reply(page(LEAD, REST)))
    first = follow(server, entries(server, "/1"))
    second = follow(server, entries(server, "/1", text=LEAD.replace("جديدة", "ثالثة")), first.state)
    assert len(second.items) == 1
    assert len(server.asked("/1")) == 2


def test_what_left_the_feed_is_forgotten(server: MisbehavingServer) -> None:
    first = follow(server, entries(server, "/1", "/2"))
    second = follow(server, entries(server, "/2", "/3"), first.state)
    assert len(second.state.followed) == 2


def test_a_full_text_is_not_followed(server: MisbehavingServer) -> None:
    followed = follow(server, entries(server, "/1", "/2", text=f"{LEAD} {REST} {REST}"))
    assert (len(followed.items), followed.results, server.log) == (2, (), [])


@pytest.mark.parametrize(
    "text",
    [
        f"{REST} {REST} وأضاف المصدر…",
        f"{REST} {REST} وأضاف المصدر...",
        f"{REST} {REST} وأضاف المصدر [...]",
        f"{REST} {REST} وأضاف المصدر [&hellip;]",
        f"{REST} {REST}\nاقرأ المزيد",
        f"{REST} {REST}\nلقراءة الخبر كاملا اضغط هنا",
        f"{REST} {REST}\n...المزيد",
        "",
    ],
)
def test_a_text_that_trails_off_is_a_teaser_in_any_feed(text: str) -> None:
    whole = f"{REST} {REST} {REST}"
    items = [_item(whole), _item(text), _item(whole), _item(LEAD)]
    assert teasers(items) == [items[1]]


@pytest.mark.parametrize("text", [f"{REST} {REST} يحتاج إلى المزيد من الوقت.", f"{REST} {REST} لم يكشف عن التفاصيل."])
def test_a_sentence_that_speaks_of_more_is_no_teaser(text: str) -> None:
    assert teasers([_item(text)]) == []


def test_short_reports_are_teasers_only_where_most_are_short() -> None:
    short, long = _item(LEAD), _item(f"{REST} {REST}")
    assert teasers([short, long, long]) == []
    assert teasers([short, short, long]) == [short, short]
    assert teasers([]) == []


def _item(text: str) -> Item:
    return Item("الأفق", "https://ufuq.example/rss", 1, START, "fetched", "عنوان", text or None)
