"""Teasers are followed to their pages: once, politely, and without losing the entry."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.document import Document
from schemas.feed_state import FeedState
from schemas.item import Item
from tests.misbehaving_server import START, MisbehavingServer, client_for, hang_up, misbehaving_server, reply
from transforms.full_text import FullTexts, fetch_full_texts, teasers
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


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with misbehaving_server() as running:
        yield running


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
