"""The id of an article. The vectors are a promise: a change that breaks one breaks every table there is."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.document import Document
from schemas.item import Item
from transforms.fold import fold_text
from transforms.identity import article_id, identify
from transforms.normalize import normalize_item
from transforms.parse import parse_document

URL = "https://news.example/politics/2433499"


# Made once with b2sum -l 128 of the bytes that the documentation of article_id names.
@pytest.mark.parametrize(
    ("canonical_url", "guid", "source", "text", "expected"),
    [
        (URL, "7", "wakala", "نص", "9e0db38c1bde9dcbcaee9ca2d27ceec0"),
        ("https://news.example/%D8%AE%D8%A8%D8%B1?id=5", None, "wakala", "", "5ea34f5146056227d658114b4f9e9731"),
        (None, "7", "wakala", "نص", "a926a8d487389cb260d0adc7f98f4b13"),
        (None, "tag:news.example,2026:خبر", "وكالة", "نص", "e1a01378e4915c2afe5e3c4540e95f6d"),
        (None, None, "wakala", "اختتمت القمة اعمالها في عمان", "8947a5dda622519fd6ee6d03f883e817"),
        (None, None, "wakala", "", "eee3fe3299824881b7ca97886c652143"),
    ],
)
def test_ids_never_change(canonical_url: str | None, guid: str | None, source: str, text: str, expected: str) -> None:
    assert article_id(canonical_url, guid, source, text) == expected


def test_the_url_decides_before_guid_source_and_text() -> None:
    assert article_id(URL, "7", "wakala", "نص") == article_id(URL, "8", "sahifa", "نص آخر")
    assert article_id(URL, None, "wakala", "") != article_id(URL + "0", None, "wakala", "")


def test_the_guid_decides_within_its_source_when_there_is_no_url() -> None:
    assert article_id(None, "7", "wakala", "نص") == article_id(None, " 7\n", "wakala", "نص آخر")
    assert article_id(None, "7", "wakala", "نص") != article_id(None, "7", "sahifa", "نص")
    assert article_id(None, "7", "wakala", "نص") != article_id(None, "8", "wakala", "نص")


@pytest.mark.parametrize("guid", [None, "", "  ", "https://www.news.example/", "http://news.example/index.php"])
def test_the_text_decides_when_neither_url_nor_guid_names_the_article(guid: str | None) -> None:
    assert article_id(None, guid, "wakala", "نص") == article_id(None, None, "wakala", "نص")
    assert article_id(None, guid, "wakala", "نص") != article_id(None, guid, "wakala", "نص آخر")


def test_one_text_of_two_outlets_is_two_articles_one_of_which_repeats_the_other() -> None:
    assert article_id(None, None, "wakala", "نص") != article_id(None, None, "sahifa", "نص")


def test_a_front_page_is_no_identity_even_if_it_is_given_as_one() -> None:
    assert article_id("https://news.example/", None, "wakala", "نص") == article_id(None, None, "wakala", "نص")


def test_kinds_of_identity_do_not_collide() -> None:
    assert len({article_id(URL, None, "", ""), article_id(None, URL, "", ""), article_id(None, None, "", URL)}) == 3


@pytest.mark.parametrize(
    ("url", "guid", "expected"),
    [
        ("http://www.news.example/1?utm_source=rss", "7", "https://news.example/1"),
        (None, "http://news.example/?p=7", "https://news.example/?p=7"),
        ("http://news.example/", "http://news.example/?p=7", "https://news.example/?p=7"),
        ("/politics/1", "http://news.example/?p=7", "https://news.example/?p=7"),
        ("http://news.example/1", "http://news.example/?p=7", "https://news.example/1"),
        ("http://news.example/", "7", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_the_link_names_the_article_and_else_a_guid_that_is_one(
    url: str | None, guid: str | None, expected: str | None
) -> None:
    assert identify(url, guid) == expected


@given(st.none() | st.text(), st.none() | st.text(), st.text(), st.text())
def test_every_item_has_an_id(url: str | None, guid: str | None, source: str, text: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", article_id(identify(url, guid), guid, source, text))


def test_unpaired_surrogates_have_an_id() -> None:
    assert len({article_id(None, "\ud800", "", ""), article_id(None, None, "", "\udfff"), "x"}) == 3


NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
BLOG = "https://news.example/live/floods"
Said = tuple[str, str, str]
"""Of an entry: link, guid, title."""


def rss(said: Sequence[Said]) -> str:
    entries = [f"<link>{link}</link><guid>{guid}</guid><title>{title}</title>" for link, guid, title in said]
    return f"<rss><channel>{''.join(f'<item>{each}</item>' for each in entries)}</channel></rss>"


def broken_rss(said: Sequence[Said]) -> str:
    return rss(said).replace("</channel></rss>", "<item><title>خبر</wrong>")


def atom(said: Sequence[Said]) -> str:
    entries = [f'<link href="{link}"/><id>{guid}</id><title>{title}</title>' for link, guid, title in said]
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(f"<entry>{each}</entry>" for each in entries)}</feed>'


def json_feed(said: Sequence[Said]) -> str:
    entries = [{"url": link, "id": guid, "title": title} for link, guid, title in said]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": entries})


def articles(content: str) -> list[Article]:
    outcomes = parse_document(Document("https://news.example/rss", content.encode(), NOW, source="wakala"))
    return [normalize_item(outcome) for outcome in outcomes if isinstance(outcome, Item)]


def ids(*said: Said) -> list[str]:
    return [article.id for article in articles(rss(said))]


STORIES = (
    (f"{BLOG}#entry-1", "b-1", "السيول تقطع الطريق الدولي شمال البلاد"),
    (f"{BLOG}#entry-2", "b-2", "وصول فرق الإنقاذ إلى القرى المنكوبة"),
    (BLOG, "b-3", "الحكومة تعلن الحداد ثلاثة أيام"),
)


@pytest.mark.parametrize("feed", [rss, broken_rss, atom, json_feed])
def test_entries_of_one_link_that_tell_different_things_are_named_by_their_guids(
    feed: Callable[[Sequence[Said]], str],
) -> None:
    told = articles(feed(STORIES))
    assert [article.id for article in told] == [article_id(None, f"b-{n}", "wakala", "") for n in (1, 2, 3)]
    assert [article.url for article in told] == [link for link, _, _ in STORIES]
    assert {article.canonical_url for article in told} == {BLOG}


def test_an_entry_keeps_its_id_from_one_poll_to_the_next_while_its_link_is_shared() -> None:
    assert len(set(ids(*STORIES))) == 3
    assert ids(*STORIES)[1:] == ids(*reversed(STORIES))[1::-1] == ids(*STORIES[1:])


def test_where_there_are_no_guids_the_fragment_names_the_entry_and_else_its_text() -> None:
    *named, third = ids(*((link, "", title) for link, _, title in STORIES))
    assert named == [article_id(None, f"{BLOG}#entry-{n}", "wakala", "") for n in (1, 2)]
    assert third == article_id(None, None, "wakala", fold_text(STORIES[2][2]) + "\n")


@pytest.mark.parametrize(
    "again",
    [
        (BLOG, "other", "السُّيول تقطع الطريق الدولي شمال البلاد!"),
        (BLOG, "b-1", "السيول تقطع طريقين شمال البلاد"),
        ("https://news.example/2", "b-2", "وصول فرق الإنقاذ إلى القرى المنكوبة"),
    ],
)
def test_a_link_names_its_entry_if_it_comes_again_with_one_title_or_guid_or_not_at_all(again: Said) -> None:
    assert ids(STORIES[0], again)[0] == article_id(BLOG, None, "", "")
    assert ids(again, STORIES[0])[1] == article_id(BLOG, None, "", "")


def test_stories_with_nothing_but_the_link_of_their_section_are_named_by_their_texts() -> None:
    titles = [title for _, _, title in STORIES]
    named = [article_id(None, None, "wakala", fold_text(title) + "\n") for title in titles]
    assert ids(*((BLOG, "", title) for title in titles)) == named


@pytest.mark.parametrize("link", ["", "https://news.example/"])
def test_guids_that_are_links_to_one_page_name_their_entries_too(link: str) -> None:
    said = [(link, f"{BLOG}#entry-{n}", title) for n, (_, _, title) in enumerate(STORIES)]
    assert ids(*said) == [article_id(None, guid, "wakala", "") for _, guid, _ in said]


def test_entries_without_a_title_are_told_apart_by_their_text() -> None:
    texts = ["انقطاع الكهرباء عن المدينة", "عودة التيار إلى نصف الأحياء"]
    entry = f"<item><link>{BLOG}</link><guid>%d</guid><description>%s</description></item>"
    entries = "".join(entry % (n, text) for n, text in enumerate(texts))
    told = articles(f"<rss><channel>{entries}</channel></rss>")
    assert [article.id for article in told] == [article_id(None, str(n), "wakala", "") for n in range(2)]


def test_the_records_of_a_list_that_have_one_link_are_one_article() -> None:
    records = [{"url": link, "id": guid, "title": title} for link, guid, title in STORIES]
    assert {article.id for article in articles(json.dumps(records))} == {article_id(BLOG, None, "", "")}
