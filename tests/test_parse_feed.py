"""Feeds: what entries say, where broken ones are mended, and where feedparser says otherwise."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms import parse_broken
from transforms.parse import parse_document

NOW = datetime(2016, 3, 5, 12, tzinfo=UTC)


def parse(content: str | bytes, **more: Any) -> list[Item | Reject]:
    return list(
        parse_document(Document("a.xml", content.encode() if isinstance(content, str) else content, NOW, **more))
    )


def rss(*entries: str, channel: str = "<link>https://www.a.example/</link>") -> str:
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<rss version="2.0"><channel><title>النشرة</title>{channel}{items}</channel></rss>'


def the_item(entry: str, **more: Any) -> Item:
    (outcome,) = parse(rss(entry), **more)
    assert isinstance(outcome, Item), outcome
    return outcome


def reasons(content: str) -> list[str]:
    return [outcome.reason if isinstance(outcome, Reject) else "" for outcome in parse(content)]


@pytest.fixture
def no_feedparser(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        pytest.fail("feedparser was asked")

    monkeypatch.setattr(feedparser, "parse", fail)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("<link>https://a.example/1?x=1&amp;y=2</link>", "https://a.example/1?x=1&y=2"),
        ("<link>\n https://a.example/\n1 </link>", "https://a.example/1"),
        ("<link>/news/1</link>", "https://www.a.example/news/1"),
        ("<link/><guid>https://a.example/2</guid>", "https://a.example/2"),
        ('<guid isPermaLink="false">https://a.example/2</guid>', None),
        ('<a:link xmlns:a="http://www.w3.org/2005/Atom" href="https://a.example/3"/>', "https://a.example/3"),
        ('<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="https://a.example/3"/>', None),
        ("<link>https://[a.example/1</link>", "https://[a.example/1"),
        (
            "<link>https://proxy.example/~r/1</link>"
            '<o:origLink xmlns:o="http://rssnamespace.org/feedburner/ext/1.0">https://a.example/4</o:origLink>',
            "https://a.example/4",
        ),
    ],
)
def test_the_link_of_an_entry(entry: str, url: str | None) -> None:
    assert the_item(f"<title>خبر</title>{entry}").url == url


DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def test_dates_are_handed_over_word_for_word_most_trusted_first() -> None:
    item = the_item(
        f"<title>خبر</title><lastBuildDate>آخر</lastBuildDate><dc:date {DC}>2016-01-12</dc:date>"
        "<pubDate> الثلاثاء 12\n يناير </pubDate><updated>2016-01-13</updated><published>2016-01-12</published>"
    )
    assert item.dates == (
        ("feed", "الثلاثاء 12 يناير"),
        ("feed", "2016-01-12"),
        ("feed", "2016-01-13"),
        ("feed", "آخر"),
    )


def test_the_fullest_text_is_taken() -> None:
    content = '<c:encoded xmlns:c="http://purl.org/rss/1.0/modules/content/">%s</c:encoded>'
    teaser = "<description>مقدمة الخبر…</description>"
    assert the_item(teaser + content % "نص الخبر كاملا كما ورد").text == "نص الخبر كاملا كما ورد"
    assert the_item(teaser + content % "").text == "مقدمة الخبر…"
    assert the_item(teaser + content % "&lt;img src='a.jpg?w=300' alt='صورة'/&gt;").text == "مقدمة الخبر…"


def test_a_video_entry_is_described_in_its_media_group() -> None:
    media = 'xmlns:m="http://search.yahoo.com/mrss/"'
    item = the_item(f"<m:group {media}><m:title>عنوان</m:title><m:description>وصف</m:description></m:group>")
    assert (item.title, item.text) == ("عنوان", "وصف")


def test_markup_that_was_not_escaped_is_read_as_markup() -> None:
    item = the_item("<title>خبر <i>عاجل</i></title><description>قبل<p class='x'>أول &lt; ثان</p>بعد</description>")
    assert (item.title, item.text) == ("خبر عاجل", "قبل\nأول < ثان\nبعد")


def test_markup_in_an_atom_text_of_no_declared_type_is_markup() -> None:
    entry = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>خبر</title><summary%s>%s</summary></entry></feed>'

    def text(declared: str, content: str) -> str | None:
        return getattr(parse(entry % (declared, content))[0], "text", None)

    markup = "&lt;p&gt;أول&lt;/p&gt;ثان&amp;nbsp;"
    assert text("", markup) == text(' xml:lang="ar"', markup) == "أول\nثان"
    assert text(' type="text"', markup) == "<p>أول</p>ثان&nbsp;"
    assert text("", "1 &lt; 2 &amp;c") == "1 < 2 &c"


@pytest.mark.parametrize("references", ["&#216;&#167;&#217;&#132;", "&amp;Oslash;&amp;sect;&amp;Ugrave;&amp;#132;"])
def test_a_second_encoding_written_in_references_is_undone(references: str) -> None:
    item = the_item(f"<title>خبر {references}</title><description>نص {references}</description>")
    assert (item.title, item.text, item.encoding_repaired) == ("خبر ال", "نص ال", True)


def test_a_picture_in_an_atom_content_is_no_text() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>خبر</title><content type="image/png">AAAA</content>'
        '<summary>موجز</summary></entry><entry><title>خبر</title><content type="text/html" mode="base64">!!</content>'
        "</entry></feed>"
    )
    assert [getattr(outcome, "text", "") for outcome in parse(atom)] == ["موجز", None]


@pytest.mark.parametrize(
    "namespace",
    ["", 'xmlns="http://purl.org/rss/1.0/"', 'xmlns="urn:unknown"', 'xmlns="http://backend.userland.com/rss2"'],
)
def test_a_feed_is_read_under_any_namespace(namespace: str) -> None:
    (item,) = parse(rss("<title>خبر</title><description>نص</description>").replace("<rss", f"<rss {namespace}"))
    assert isinstance(item, Item)
    assert (item.title, item.text, item.source) == ("خبر", "نص", "a.example")


def test_an_atom_feed_without_link_goes_by_the_host_of_its_id() -> None:
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><title>النشرة</title>'
    entry = "<entry><title>خبر</title></entry></feed>"
    assert parse(f"{head}<id>https://www.a.example/feed</id>{entry}")[0].source == "a.example"
    assert parse(f"{head}<id>tag:a.example,2016:f</id>{entry}")[0].source == "النشرة"


def test_an_entry_that_stands_alone_is_a_feed() -> None:
    (item,) = parse('<entry xmlns="http://www.w3.org/2005/Atom"><title>خبر</title></entry>')
    assert isinstance(item, Item)
    assert item.title == "خبر"


def test_titles_of_one_feed_are_escaped_alike() -> None:
    quoted, escaped = "<title>&amp;quot;أ&amp;quot;</title>", "<title>ج &amp;amp; د</title>"
    plain = ["<title>ب</title>"] * 4

    def first_title(*entries: str) -> str | None:
        return getattr(parse(rss(*entries))[0], "title", "")

    assert first_title(quoted) == '"أ"'
    assert first_title(quoted, *plain[:3]) == '"أ"'
    assert first_title(quoted, *plain) == "&quot;أ&quot;"
    assert first_title(quoted, *plain, escaped) == '"أ"'
    assert first_title(quoted, *plain, "<title>هـ</title><x>") == "&quot;أ&quot;"


FEEDS = Path(__file__).parent / "data" / "feeds"
WHOLE = ["rss20_full_content.xml", "rdf_rss10.xml", "atom10.xml", "atom03.xml", "rss091.xml"]
ENCODINGS = [
    *(("cp1256", declared) for declared in ("windows-1256", "utf-8", "iso-8859-1", "iso-8859-6", "")),
    *(("iso8859-6", declared) for declared in ("ISO-8859-6", "utf-8", "windows-1256", "")),
    *(("utf-8", declared) for declared in ("iso-8859-1", "windows-1256", "utf-16", "")),
    *(
        (wide, declared)
        for wide in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        for declared in ("utf-16", "utf-8", "")
    ),
]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(("codec", "declared"), ENCODINGS)
def test_a_feed_says_the_same_in_every_encoding_whatever_it_declares(name: str, codec: str, declared: str) -> None:
    text = (FEEDS / name).read_text(encoding="utf-8").encode(codec, "ignore").decode(codec)
    declaration = f' encoding="{declared}"' if declared else ""
    encoded = text.replace(' encoding="utf-8"', declaration, 1).encode(codec)
    assert [said(outcome) for outcome in parse(encoded)] == [said(outcome) for outcome in parse(text)]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(
    "damage", [r"</(?:item|entry)>", r"<\?xml[^>]*>", r"</(?:rss|feed|rdf:RDF)>", r' xmlns:dc="[^"]*"']
)
def test_a_feed_says_the_same_when_it_lacks_tags_or_declarations(name: str, damage: str) -> None:
    text = (FEEDS / name).read_text(encoding="utf-8")
    assert [said(outcome) for outcome in parse(re.sub(damage, "", text))] == [said(outcome) for outcome in parse(text)]


def said(outcome: Item | Reject) -> tuple[object, ...]:
    assert isinstance(outcome, Item), outcome
    return (outcome.title, outcome.text, outcome.url, outcome.guid, outcome.author, outcome.source, outcome.dates)


BROKEN = {
    "a control character": "<title>خ\x08بر</title>",
    "a reference to one": "<title>خ&#8;&#xB;&#xFFFE;&#55296;&#99999999;بر</title>",
    "an unknown entity": "<title>خ&shy;بر</title>".replace("&shy;", "&zwj;&zwj;"),
    "a bare ampersand": "<title>خبر</title><link>https://a.example/?a=1&b=2&copy=3</link>",
    "a bare bracket": "<title>خبر</title><description>1 < 2 <3</description>",
    "an undeclared prefix": "<title>خبر</title><dc:creator>كاتب</dc:creator><x:y z:w='1'/>",
    "a missing end tag": "<title>خبر</title></item><item><title>خبر</title>",
}


@pytest.mark.usefixtures("no_feedparser")
@pytest.mark.parametrize("entry", BROKEN.values(), ids=BROKEN)
def test_common_damage_is_mended_without_feedparser(entry: str) -> None:
    feed = rss(entry).replace("</item><item>", "<item>")
    for outcome in parse(feed):
        assert isinstance(outcome, Item)
        assert re.sub("[\N{ZERO WIDTH JOINER}]", "", outcome.title or "") == "خبر"


def test_mending_keeps_what_was_meant() -> None:
    feed = rss(
        "<title>أ &amp; ب &lt; ج &unknown; &nbsp;&ndash; &#146;</title>"
        "<description><![CDATA[&nbsp;<b>د</b> & هـ]]></description>"
    )
    (item,) = parse(feed)
    assert isinstance(item, Item)
    assert item.title == "أ & ب < ج &unknown; – ’"
    assert item.text == "د & هـ"


def test_one_broken_entry_is_rejected_and_its_feed_is_not() -> None:
    good = "<title>خبر</title>"
    assert reasons(rss(good, "<title>خبر</titel><lnk>", good)) == ["", "broken-entry", ""]


def test_an_entry_that_feedparser_understands_is_no_reject() -> None:
    first, second = parse(
        rss(
            "<title>نشرة <b>الظهيرة</title><link>https://a.example/1</link><pubDate>أمس</pubDate>", "<title>خبر</title>"
        )
    )
    assert isinstance(first, Item)
    assert (first.title, first.url, first.dates) == ("نشرة الظهيرة", "https://a.example/1", (("feed", "أمس"),))
    assert second.position == 2


def test_a_cdata_section_that_is_never_closed_breaks_its_own_entry_only() -> None:
    good = "<title><![CDATA[خبر]]></title>"
    assert reasons(rss(good, "<title><![CDATA[بلا نهاية</title>", good, good)) in (
        ["", "", "", ""],
        ["", "broken-entry", "", ""],
    )


def test_the_tags_of_entries_inside_cdata_and_comments_are_text() -> None:
    feed = rss(
        "<title>خبر &bad</title><description><![CDATA[<item><title>لا</title></item>]]></description><!-- <item> -->"
    )
    assert reasons(feed) == [""]


def watched(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What feedparser is given from here on."""
    given: list[object] = []
    real = feedparser.parse

    def parse(source: object, **more: Any) -> Any:
        given.append(source)
        return real(source, **more)

    monkeypatch.setattr(feedparser, "parse", parse)
    return given


def test_feedparser_is_asked_about_so_many_broken_entries_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = watched(monkeypatch)
    monkeypatch.setattr(parse_broken, "PATIENCE", 3)
    assert reasons(rss(*["<title></x>"] * 5)) == ["broken-entry"] * 5
    assert len(asked) == 3


def test_feedparser_is_never_given_a_string_that_it_could_open(monkeypatch: pytest.MonkeyPatch) -> None:
    given = watched(monkeypatch)
    parse(rss("<title></x>"))
    parse("<invoice>/etc/passwd</invoice>")
    assert len(given) == 2
    assert all(isinstance(source, io.BytesIO) for source in given)


def test_markup_that_feedparser_fails_at_is_one_reject() -> None:
    chapter = '<psc:chapters xmlns:psc="http://podlove.org/simple-chapters"><psc:chapter/></psc:chapters>'
    assert reasons(rss("<title>خبر</title>", f"<title>خبر{chapter}</titel>")) == ["", "broken-entry"]
    assert reasons(f"<?xml version='1.0'?><invoice>{chapter}</invoices>") == ["unknown-format"]


def test_a_feed_cut_anywhere_gives_its_complete_entries_and_at_most_one_reject() -> None:
    titles = ["أول", "ثان", "ثالث"]
    feed = rss(*(f"<title>{title}</title><description><![CDATA[<p>نص {title}</p>]]></description>" for title in titles))
    content = feed.encode()
    ends = [match.end() for match in re.finditer(b"</item>", content)]
    for length in range(content.index(b"<item>") + 6, len(content)):
        outcomes = parse(content[:length])
        items = [outcome for outcome in outcomes if isinstance(outcome, Item)]
        assert [item.title for item in items] == titles[: sum(end <= length for end in ends)]
        assert [item.text for item in items] == [f"نص {item.title}" for item in items]
        assert [outcome.reason for outcome in outcomes[len(items) :] if isinstance(outcome, Reject)] in (
            [],
            ["truncated"],
        )
        assert len(outcomes) > len(items) or length in ends or length > ends[-1]


@pytest.mark.parametrize("end", ["", "\n", "</channel", "</channel></rs", " </channel> ", "<cloud/></rss"])
def test_a_feed_that_lacks_nothing_but_its_last_tags_is_whole(end: str) -> None:
    assert reasons(rss("<title>خبر</title>").removesuffix("</channel></rss>") + end) == [""]


def test_a_feed_without_entries_that_breaks_off_is_truncated() -> None:
    assert reasons("<rss><channel><title>النشرة</title>") == ["truncated"]
    assert reasons("<rss><channel><title>النشرة</title><item><title>خ") == ["truncated"]


BOMBS = {
    "a billion laughs": '<!DOCTYPE r [<!ENTITY a "ها"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY c "{"ها" * 50_000}">]>',
    "a file": '<!DOCTYPE r [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE r [<!ENTITY c PUBLIC "x" "http://127.0.0.1:9/c">]>',
    "a DTD elsewhere": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/c.dtd">',
    "parameters": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY c "&#37;p;">]>',
}


@pytest.mark.parametrize("doctype", BOMBS.values(), ids=BOMBS)
def test_bombs_and_thefts_do_nothing(doctype: str) -> None:
    (item,) = parse(doctype + rss("<title>خبر</title><description>&c;&c;</description>"))
    assert isinstance(item, Item)
    assert item.text in ("&c;&c;", "%p;%p;")


def test_an_inclusion_is_not_followed() -> None:
    inclusion = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    assert the_item(f"<title>خبر</title><description>{inclusion}</description>").text is None


def test_text_of_any_length_and_depth_is_read() -> None:
    assert len(the_item(f"<description>{'كلمة ' * 2_200_000}</description>").text or "") == 10_999_999
    assert the_item(f"<description>{'&lt;div&gt;' * 50_000}نص</description>").text == "نص"
    assert parse(rss(f"<title>خبر</title><description>{'<b>' * 3000}نص{'</b>' * 3000}</description>"))


def test_a_feed_polled_twice_names_its_source_and_entries_alike() -> None:
    one, two = "<title>أ</title><guid>1</guid>", "<title>ب</title><guid>2</guid>"
    sound, broken = parse(rss(one, two)), parse(rss(one, two.replace("ب", "ب &bad; </x>")))
    assert sound[0] == broken[0]
    assert sound[1].source == broken[1].source
