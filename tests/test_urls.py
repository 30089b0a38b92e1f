"""The canonical form of URLs: which links are one article, and which must never be."""

import gzip
import json
import re
from collections import defaultdict
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.urls import canonical_url, is_home_page

SHARED = Path(__file__).parents[1].parent / "shared" / "data"

SLUG = "القمة-العربية-تختتم-أعمالها-في-عمّان"
LONG_SESSION = "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c"

SAME = [
    # Scheme, host, port
    ("http://news.example/1", "https://news.example/1"),
    ("HTTPS://News.Example/1", "https://news.example/1"),
    ("http://news.example:80/1", "http://news.example/1"),
    ("https://news.example:443/1", "http://news.example/1"),
    ("http://news.example:/1", "http://news.example/1"),
    ("http://news.example./1", "http://news.example/1"),
    ("http://reader:secret@news.example/1", "http://news.example/1"),
    ("http://www.news.example/1", "http://news.example/1"),
    ("http://m.news.example/1", "http://www.news.example/1"),
    ("http://mobile.news.example/1", "http://news.example/1"),
    ("http://amp.news.example/1", "http://news.example/1"),
    ("http://www.m.news.example/1", "http://news.example/1"),
    ("http://أخبار.example/1", "http://xn--igbicxr.example/1"),
    ("http://%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1.example/1", "http://أخبار.example/1"),
    # What surrounds a pasted link
    ("  https://news.example/1\n", "https://news.example/1"),
    ("\N{RIGHT-TO-LEFT MARK}https://news.example/1\N{LEFT-TO-RIGHT MARK}", "https://news.example/1"),
    ("https://news.example/poli\ntics/1", "https://news.example/politics/1"),
    (r"https:\\news.example\politics\1", "https://news.example/politics/1"),
    # Percent-encoding
    (f"https://news.example/{SLUG}", f"https://news.example/{quote(SLUG)}"),
    (f"https://news.example/{quote(SLUG).lower()}", f"https://news.example/{quote(SLUG)}"),
    (f"https://news.example/{normalize('NFD', SLUG)}", f"https://news.example/{normalize('NFC', SLUG)}"),
    (f"https://news.example/{quote(normalize('NFD', SLUG))}", f"https://news.example/{SLUG}"),
    (f"https://news.example/?t={SLUG}", f"https://news.example/?t={quote(SLUG).lower()}"),
    ("https://news.example/%61rticle%2D5", "https://news.example/article-5"),
    ("https://news.example/خبر عاجل", "https://news.example/%D8%AE%D8%A8%D8%B1%20عاجل"),
    ("https://news.example/n?t=خبر+عاجل", "https://news.example/n?t=خبر%20عاجل"),
    ("https://news.example/%c7%e1%ce%c8%d1", "https://news.example/%C7%E1%CE%C8%D1"),
    ("https://news.example/100%", "https://news.example/100%25"),
    # Paths
    ("https://news.example", "https://news.example/"),
    ("https://news.example/politics/1/", "https://news.example/politics/1"),
    ("https://news.example//politics///1", "https://news.example/politics/1"),
    ("https://news.example/a/../politics/./1", "https://news.example/politics/1"),
    ("https://news.example/politics/1/index.html", "https://news.example/politics/1"),
    ("https://news.example/index.php?id=7", "https://news.example/?id=7"),
    ("https://news.example/Default.aspx?id=7", "https://news.example/?id=7"),
    # Phone pages
    ("https://news.example/politics/1/amp", "https://news.example/politics/1"),
    ("https://news.example/politics/1/amp/", "https://news.example/politics/1"),
    ("https://news.example/amp/politics/1", "https://news.example/politics/1"),
    ("https://news.example/politics/1.amp", "https://news.example/politics/1"),
    ("https://news.example/politics/1.amp.html", "https://news.example/politics/1.html"),
    ("https://news.example/politics/1/..amp", "https://news.example/politics/1"),
    ("https://news.example/1?amp=1", "https://news.example/1"),
    ("https://news.example/1?amp", "https://news.example/1"),
    ("https://news.example/1?outputType=amp", "https://news.example/1"),
    ("https://blog.example/2026/11/post.html?m=1", "https://blog.example/2026/11/post.html"),
    # Trackers
    ("https://news.example/1?utm_source=rss&utm_medium=feed&utm_campaign=x", "https://news.example/1"),
    ("https://news.example/1?UTM_Source=rss", "https://news.example/1"),
    ("https://news.example/1?fbclid=IwAR0abc", "https://news.example/1"),
    ("https://news.example/1?gclid=Cj0K&id=3", "https://news.example/1?id=3"),
    ("https://news.example/1?igshid=MzRlODBiNWFlZA", "https://news.example/1"),
    ("https://news.example/1?at_medium=RSS&at_campaign=KARANGA", "https://news.example/1"),
    ("https://news.example/1?mc_cid=aa11&mc_eid=bb22", "https://news.example/1"),
    ("https://news.example/1?traffic_source=rss", "https://news.example/1"),
    ("https://news.example/1?maca=ara-rss-ar-all", "https://news.example/1"),
    ("https://news.example/1?ref=rss", "https://news.example/1"),
    ("https://news.example/1?ref=tw_i", "https://news.example/1"),
    ("https://news.example/1?source=homepage", "https://news.example/1"),
    ("https://news.example/1?share=facebook", "https://news.example/1"),
    ("https://news.example/1?_ga=2.1.3&_gl=1abc", "https://news.example/1"),
    ("https://news.example/1?id=3&amp;utm_source=rss", "https://news.example/1?id=3"),
    ("https://news.example/1?id=3&#038;page=2", "https://news.example/1?id=3&page=2"),
    # Sessions
    ("https://news.example/1;jsessionid=0A1B2C?id=3", "https://news.example/1?id=3"),
    ("https://news.example/1?PHPSESSID=abc123", "https://news.example/1"),
    ("https://news.example/1?ASPSESSIONIDQQ=XYZ", "https://news.example/1"),
    (f"https://news.example/1?sid={LONG_SESSION}", "https://news.example/1"),
    (f"https://news.example/1?s={LONG_SESSION}&id=3", "https://news.example/1?id=3"),
    ("https://news.example/(S(lit3py55t21z5v55vlm25s55))/1.aspx", "https://news.example/1.aspx"),
    # Queries and fragments
    ("https://news.example/n?b=2&a=1", "https://news.example/n?a=1&b=2"),
    ("https://news.example/n?id=3&cat=&print=", "https://news.example/n?id=3"),
    ("https://news.example/n?", "https://news.example/n"),
    ("https://news.example/n?&&id=3&", "https://news.example/n?id=3"),
    ("https://news.example/620113.html?weekly", "https://news.example/620113.html"),
    ("https://news.example/1#comments", "https://news.example/1"),
    ("https://news.example/1#", "https://news.example/1"),
    ("https://news.example/#!/news/5/", "https://news.example/#!/news/5"),
]

DIFFERENT = [
    # Numbers and names in the query
    ("https://news.example/n?id=1", "https://news.example/n?id=2"),
    ("https://news.example/?p=1", "https://news.example/?p=2"),
    ("https://news.example/n.aspx?ArticleID=229720&CategoryID=1", "https://news.example/n.aspx?ArticleID=229715"),
    ("https://news.example/article.php?sid=1", "https://news.example/article.php?sid=2"),
    ("https://news.example/n?sid=507f1f77bcf86cd799439011", "https://news.example/n?sid=507f1f77bcf86cd799439012"),
    ("https://news.example/n?cid=1", "https://news.example/n?cid=2"),
    ("https://news.example/n?uid=1", "https://news.example/n?uid=2"),
    ("https://news.example/n?eid=1", "https://news.example/n?eid=2"),
    ("https://news.example/n?source_id=7", "https://news.example/n?source_id=8"),
    ("https://news.example/n?ref=1041", "https://news.example/n?ref=1042"),
    ("https://news.example/n?source=afp-5512", "https://news.example/n?source=afp-5513"),
    ("https://news.example/n?session=12", "https://news.example/n?session=13"),
    ("https://news.example/n?sessionid=12", "https://news.example/n?sessionid=13"),
    ("https://news.example/n?s=غزة", "https://news.example/n?s=لبنان"),
    ("https://news.example/n?m=202610", "https://news.example/n?m=202611"),
    ("https://news.example/n?m=0", "https://news.example/n?m=1"),
    ("https://news.example/n?page=1", "https://news.example/n?page=2"),
    ("https://news.example/n?lang=ar", "https://news.example/n?lang=fr"),
    ("https://news.example/n?q=%C8%DA", "https://news.example/n?q=%C8%DB"),
    ("https://news.example/n?t=a%26b", "https://news.example/n?t=a&b=1"),
    ("https://news.example/n?t=1%2B2", "https://news.example/n?t=1+2"),
    ("https://news.example/?620113", "https://news.example/?620114"),
    ("https://news.example/?summit-ends", "https://news.example/?summit-opens"),
    ("https://news.example/news.php?floods", "https://news.example/news.php?elections"),
    ("https://news.example/n?id=1&id=2", "https://news.example/n?id=2&id=1"),
    ("https://news.example/watch?v=zNbcdldop3c", "https://news.example/watch?v=zNbcdldop3C"),
    # Paths
    ("https://news.example/politics/2433499", "https://news.example/politics/2433500"),
    ("https://news.example/PHGKif", "https://news.example/phgkif"),
    ("https://news.example/Home/Details/MjAzMA==", "https://news.example/Home/Details/MjAzMg=="),
    ("https://news.example/20150721/fe1.htm", "https://news.example/20150721/fe2.htm"),
    ("https://news.example/a%2Fb", "https://news.example/a/b"),
    ("https://news.example/a%3Fb=1", "https://news.example/a?b=1"),
    ("https://news.example/a%23b", "https://news.example/a#b"),
    ("https://news.example/%C7%E1", "https://news.example/%C7%E2"),
    ("https://news.example/عمان", "https://news.example/عُمان"),
    ("https://news.example/على", "https://news.example/علي"),
    ("https://news.example/1.html", "https://news.example/1.pdf"),
    ("https://news.example/index/5", "https://news.example/5"),
    ("https://news.example/amplifier", "https://news.example/"),
    ("https://news.example/camp", "https://news.example/"),
    # Hosts
    ("https://sport.news.example/1", "https://news.example/1"),
    ("https://ar.news.example/1", "https://en.news.example/1"),
    ("https://news.example:8080/1", "https://news.example/1"),
    ("https://mobile.com.sa/1", "https://www.com.sa/1"),
    ("https://mnews.example/1", "https://news.example/1"),
    ("https://amp.example/1", "https://m.example/1"),
    # Pages that a script draws
    ("https://news.example/#!/news/5", "https://news.example/#!/news/6"),
    ("https://news.example/#/news/5", "https://news.example/#/news/6"),
]

NOT_URLS = [
    "",
    " ",
    "/politics/1",
    "politics/1",
    "//news.example/1",
    "?id=1",
    "#top",
    "news.example/1",
    "www.news.example",
    "mailto:desk@news.example",
    "ftp://news.example/1",
    "tag:news.example,2026:1",
    "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
    "javascript:void(0)",
    "http:",
    "http://",
    "http:///1",
    "http://?id=1",
    "http://:80/1",
    "http://news.example:99999/1",
    "http://news.example:abc/1",
    "http://news..example/1",
    "http://news example/1",
    "http://<news>/1",
    "http://[::1/1",
    "http://" + "a" * 300 + ".example/1",
    "http://news.example\ud800/1",
    "الخبر كاملا على موقعنا",
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_links_to_one_article_are_equal(left: str, right: str) -> None:
    assert canonical_url(left) is not None
    assert canonical_url(left) == canonical_url(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_links_to_two_articles_stay_apart(left: str, right: str) -> None:
    assert None not in (canonical_url(left), canonical_url(right))
    assert canonical_url(left) != canonical_url(right)


@pytest.mark.parametrize("text", NOT_URLS)
def test_what_is_no_absolute_web_address_has_no_canonical_form(text: str) -> None:
    assert canonical_url(text) is None


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.News.example:80", "https://news.example/"),
        ("http://news.example/خبر", "https://news.example/%D8%AE%D8%A8%D8%B1"),
        ("http://news.example/%c7%e1;x?b=%c8&a=1+2", "https://news.example/%C7%E1%3Bx?a=1%202&b=%C8"),
        ("http://أخبار.example/#!/ع", "https://xn--igbicxr.example/#!/%D8%B9"),
        ("http://[2001:DB8::1]:8080/a", "https://[2001:db8::1]:8080/a"),
        ("http://news.example/n?12345=&x=", "https://news.example/n?12345"),
        ("http://news.example/n?a=1&amp%3Bb=2", "https://news.example/n?a=1&amp%3Bb=2"),
    ],
)
def test_the_canonical_form_is_fixed(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize("url", sorted({url for pair in SAME + DIFFERENT for url in pair}))
def test_a_canonical_url_is_its_own_canonical_form(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is not None
    assert canonical_url(canonical) == canonical


URL_PIECES = st.sampled_from(
    re.findall(
        r"\S+",
        r"http:// https:// www. m. a.example أ.example @ : 80 / \ .. . amp .amp index.html .html ? & = # ! % %D8 %AE "
        r"%25 %2F %26 amp; ; + utm_source sid jsessionid [ ] 1 id ref rss (S(a1))",
    )
) | st.sampled_from(" \n\ud800\udcaeا\N{ARABIC HAMZA ABOVE}\N{ARABIC FATHA}\N{ARABIC SHADDA}\N{ZERO WIDTH NON-JOINER}")


@given(st.one_of(st.text(), st.text(alphabet=st.characters(), max_size=50).map("https://a.example/".__add__)))
def test_no_text_raises_an_exception(text: str) -> None:
    canonical = canonical_url(text)
    assert canonical is None or (canonical.isascii() and canonical_url(canonical) == canonical)


@given(st.lists(URL_PIECES, max_size=25).map(lambda pieces: "http://a.example/" + "".join(pieces)))
def test_no_mixture_of_the_parts_of_urls_raises_or_changes_twice(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or (canonical.isascii() and canonical_url(canonical) == canonical)


@given(st.lists(URL_PIECES, max_size=12).map(lambda pieces: "http://" + "".join(pieces)))
def test_no_mixture_in_the_host_raises_or_changes_twice(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or (canonical.isascii() and canonical_url(canonical) == canonical)


@pytest.mark.parametrize(
    "part",
    ["a", "ع", "/", "/..", "/amp", ".amp", "&amp;", "&a=1", "%", "%D8", "@", ":", "(", ";jsessionid=", "#", "\\"],
)
@pytest.mark.parametrize("head", ["http://", "http://a.example/", "http://a.example/?", "http://a.example/#!"])
def test_a_url_of_100_kilobytes_is_read_like_any_other(head: str, part: str) -> None:
    url = head + part * (100_000 // len(part)) + "x"
    canonical = canonical_url(url)
    assert canonical is None or canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example",
        "https://www.news.example/index.html",
        "https://news.example/#top",
        "https://news.example/ar/",
        "https://news.example/?utm_source=rss",
        "https://news.example/arabic",
        "https://news.example/en-GB",
    ],
)
def test_a_front_page_is_told_from_articles(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is not None
    assert is_home_page(canonical)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/1",
        "https://news.example/?p=1",
        "https://news.example/#!/1",
        "https://news.example/ar/1",
        "https://news.example/abc",
        "https://news.example/أخبار",
    ],
)
def test_an_article_is_no_front_page(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is not None
    assert not is_home_page(canonical)


def identifying_part(url: str) -> str:
    """What in a real news URL names the article: its letters and digits, less what its query tracks."""
    bare = re.sub(r"[?&](?:weekly$|live$|(?:utm|fb|action)_[^&]*|ocid=[^&]*)", "", url)
    return normalize("NFC", unquote(re.sub(r"^https?://(?:www\.)?", "", bare))).rstrip("/")


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not beside the project")
def test_no_two_articles_of_the_real_urls_are_merged() -> None:
    urls = set((SHARED / "urls.txt").read_text(encoding="utf-8").split())
    with gzip.open(SHARED / "articles_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        urls |= {url for line in lines if (url := json.loads(line)["url"])}
    named = defaultdict(set)
    for url in urls:
        canonical = canonical_url(url)
        assert canonical is not None
        assert canonical_url(canonical) == canonical
        named[canonical].add(identifying_part(url))
    assert {url: parts for url, parts in named.items() if len(parts) > 1} == {}
