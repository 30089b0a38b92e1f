"""Lists of feeds: what an editor writes comes in whole, and what is wrong is named by its line."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feed import Feed
from schemas.reject import Rejected
from transforms.feed_list import load_feed_list, read_feed_list

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>صحف</title></head>
  <body>
    <outline text="الشام">
      <outline text="سورية">
        <outline type="rss" text="الأفق" title="صحيفة الأفق" xmlUrl="https://ufuq.example/rss?a=1&amp;b=2"/>
        <outline type="RSS" text="بردى" xmlURL="https://barada.example/feed"/>
      </outline>
      <outline type="rss" xmlUrl="https://nameless.example/feed"/>
      <outline type="link" text="صفحة" url="https://page.example/"/>
    </outline>
  </body>
</opml>
"""
YAML = """# صحفنا
feeds:
  - https://plain.example/rss
  - name: صحيفة الأفق
    country: SY
    zone: Asia/Damascus
    interval: 10m
    url: https://ufuq.example/rss
  - name: Fjordavisen
    country: NO
    interval: 2h
    feeds:
      - https://fjord.example/politikk
      - https://fjord.example/sport
"""
OUTLETS = (
    Feed("https://plain.example/rss"),
    Feed("https://ufuq.example/rss", "صحيفة الأفق", "SY", "Asia/Damascus", timedelta(minutes=10)),
    Feed("https://fjord.example/politikk", "Fjordavisen", "NO", None, timedelta(hours=2)),
    Feed("https://fjord.example/sport", "Fjordavisen", "NO", None, timedelta(hours=2)),
)


def parse(text: str) -> tuple[Feed, ...]:
    return read_feed_list(text.encode(), "feeds")


def refusal(content: str | bytes) -> str:
    with pytest.raises(Rejected) as refused:
        read_feed_list(content.encode() if isinstance(content, str) else content, "feeds")
    assert refused.value.reason == "bad-feed-list"
    return refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_opml_is_read_at_any_depth(encoding: str) -> None:
    text = OPML.replace("UTF-8", "UTF-16") if encoding == "utf-16" else OPML
    assert read_feed_list(text.encode(encoding), "feeds.opml") == (
        Feed("https://ufuq.example/rss?a=1&b=2", "صحيفة الأفق"),
        Feed("https://barada.example/feed", "بردى"),
        Feed("https://nameless.example/feed"),
    )


def test_text_is_a_url_a_line_with_comments() -> None:
    assert parse(
        "\N{ZERO WIDTH NO-BREAK SPACE}# صحف الشام\r\n\r\n  https://ufuq.example/rss  # الأفق\r\nhttp://barada.example/#top\n"
    ) == (Feed("https://ufuq.example/rss"), Feed("http://barada.example/"))


def test_yaml_says_more_of_an_outlet() -> None:
    assert parse(YAML) == OUTLETS


def test_yaml_needs_no_key_above_its_list() -> None:
    assert parse("\n".join(line.removeprefix("  ") for line in YAML.splitlines()[2:])) == OUTLETS


def test_yaml_may_be_a_single_outlet() -> None:
    assert parse("name: الأفق\nurl: https://ufuq.example/rss") == (Feed("https://ufuq.example/rss", "الأفق"),)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("HTTPS://Ufuq.Example:443/RSS", "https://ufuq.example/RSS"),
        ("feed://ufuq.example/rss", "http://ufuq.example/rss"),
        ("feed:https://ufuq.example/rss", "https://ufuq.example/rss"),
        ("https://الأفق.example/أخبار", "https://xn--igbh3feh.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
    ],
)
def test_an_address_is_written_in_one_way(written: str, read: str) -> None:
    assert parse(written) == (Feed(read),)


def test_duplicates_are_merged_and_fill_each_other_in() -> None:
    text = """
- https://ufuq.example/rss
- {url: "https://UFUQ.example:443/rss#x", name: الأفق, interval: 5m}
- {url: https://ufuq.example/rss, name: غيره, zone: Asia/Damascus}
- https://barada.example/rss
"""
    assert parse(text) == (
        Feed("https://ufuq.example/rss", "الأفق", None, "Asia/Damascus", timedelta(minutes=5)),
        Feed("https://barada.example/rss"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "feeds, line 1: lists no feed"),
        ("# nothing\n", "feeds, line 1: lists no feed"),
        ("https://a.example/\n\nftp://b.example/", "feeds, line 3: ftp://b.example/: only http and https"),
        ("a.example/rss", "feeds, line 1: a.example/rss: only http and https"),
        ("https://a.example/\nhttps://u:p@b.example/", "feeds, line 2: https://u:p@b.example/: a user name"),
        (b"https://a.example/\n# \xc7\xe1\xc3\xdd\xde", "feeds, line 2: not UTF-8"),
        ("- url: https://a.example/\n  intervall: 5m", "line 2: unknown key 'intervall': did you mean interval?"),
        ("- url: https://a.example/\n  logo: red", "line 2: unknown key 'logo': known are url, feeds, name"),
        ("- url: https://a.example/\n  interval: 5", "line 2: interval is from 1m to 7d"),
        ("- url: https://a.example/\n  interval: 10s", "line 2: interval is from 1m to 7d"),
        ("- url: https://a.example/\n  interval: 30d", "line 2: interval is from 1m to 7d"),
        ("- url: https://a.example/\n  country: Syria", "line 2: country is two capital letters"),
        ("- url: https://a.example/\n  country: ZZ", "line 2: country is two capital letters"),
        ("- url: https://a.example/\n  zone: Damascus", "line 2: zone is an IANA name such as Asia/Damascus"),
        ("- url: https://a.example/\n  zone: ../../etc/passwd", "line 2: zone is an IANA name"),
        ("- url: https://a.example/\n  zone: Asia", "line 2: zone is an IANA name"),
        ("- name: الأفق", "line 1: an outlet has either url"),
        ("- url: https://a.example/\n  feeds: [https://a.example/b]", "line 1: an outlet has either url"),
        ("- feeds: https://a.example/", "line 1: feeds is a list of URLs"),
        ("- feeds: {a: b}", "line 1: feeds is a list of URLs"),
        ("- url: [https://a.example/]", "line 1: a plain value is wanted here"),
        ("- url:\n  name: الأفق", "line 1: a plain value is wanted here"),
        ("- [https://a.example/]", "line 1: an entry is a URL, or an outlet"),
        ("- &a [*a]", "line 1: an entry is a URL, or an outlet"),
        ("feeds: https://a.example/\nfeed: x", "line 2: unknown key 'feed': did you mean feeds?"),
        ("- url: https://a.example/\n name: b", "line 2: not YAML"),
        ("[" * 1000 + "]", "line 1: not YAML"),
        ("<opml><body>\n<outline xmlUrl='https://a.example/?a&b'/></body></opml>", "line 2: not well-formed XML"),
        ("<opml><body>\n<outline xmlUrl='file:///etc/passwd'/></body></opml>", "line 2: file:///etc/passwd: only http"),
        ("<opml><body/></opml>", "line 1: lists no feed"),
        ("<rss/>", "line 1: an XML list of feeds is OPML, this is <rss>"),
        ("<!DOCTYPE html><html><p></html>", "line 1: not well-formed XML"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(content: str | bytes, message: str) -> None:
    assert message in refusal(content)


def test_an_outline_is_named_as_a_whole_list_may_stand_on_one_line() -> None:
    good = "<outline text='الأفق' xmlUrl='https://ufuq.example/rss'/>"
    listed = f"<opml><body>{good}<outline {{}} xmlUrl='x.example/rss'/></body></opml>"
    assert refusal(listed.format("text='بردى'")).startswith("feeds, line 1, «بردى»: x.example/rss: only http")
    assert refusal(listed.format("text='بردى' title='صحيفة بردى'")).startswith("feeds, line 1, «صحيفة بردى»: x.example")
    assert refusal(listed.format("")).startswith("feeds, line 1: x.example/rss: only http")


def test_an_entity_bomb_does_nothing() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = '<opml><body><outline text="&e11;" xmlUrl="&e11;"/></body></opml>'
    assert refusal(f'<!DOCTYPE opml [<!ENTITY e0 "boom">{entities}]>{body}')


def test_an_external_entity_is_not_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://secret.example/")

    def listing(name: Path, body: str) -> str:
        return f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{name.as_uri()}">]><opml><body>{body}</body></opml>'

    assert "secret" not in refusal(listing(secret, '<outline xmlUrl="&x;"/>'))
    for name in (secret, tmp_path / "missing"):  # nobody looks whether it is there
        assert parse(listing(name, "<outline xmlUrl='https://a.example/'>&x;</outline>")) == (
            Feed("https://a.example/"),
        )


def test_a_list_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "صحف.yaml"
    path.write_text(YAML, encoding="utf-8")
    assert load_feed_list(str(path)) == OUTLETS


def test_a_real_list_is_read_whole(shared_data: Path) -> None:
    feeds = load_feed_list(str(shared_data / "feeds.opml"))
    assert len(feeds) == (shared_data / "feeds.opml").read_text(encoding="utf-8").count("xmlUrl=")
    assert all(feed.name and feed.url.isascii() for feed in feeds)


@given(st.text() | st.binary().map(lambda content: content.decode("latin-1")))
def test_anything_is_a_list_or_refused(text: str) -> None:
    for content in (text, f"- {text}", f"feeds:\n  - url: {text}", f"<opml><outline xmlUrl='{text}'/></opml>"):
        with suppress(Rejected, UnicodeEncodeError):  # the latter: a lone surrogate, which no file holds
            assert parse(content)
