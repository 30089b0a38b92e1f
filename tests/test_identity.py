"""The id of an article. The vectors are a promise: a change that breaks one breaks every table there is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.identity import article_id, identify

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
