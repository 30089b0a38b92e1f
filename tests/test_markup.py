"""What is left of HTML fragments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.markup import AD_LIMIT, has_markup, to_line, to_text


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>أعلنت الوزارة</p><p>وأضافت</p>", "أعلنت الوزارة\nوأضافت"),
        ("<div>أعلنت<br>الوزارة<br/><br />وأضافت</div>", "أعلنت\nالوزارة\nوأضافت"),
        ("مقدمة<ul><li>أولا</li><li>ثانيا</li></ul>خاتمة", "مقدمة\nأولا\nثانيا\nخاتمة"),
        ("<h2>عنوان فرعي</h2>نص", "عنوان فرعي\nنص"),
        ("<table><tr><td>مصر</td><td>2</td></tr><tr><td>المغرب</td><td>1</td></tr></table>", "مصر 2\nالمغرب 1"),
        ("<P ALIGN=right>أعلنت</P>\n\n<P>الوزارة</P>", "أعلنت\nالوزارة"),
        ("<p>  أعلنت \n\t الوزارة  </p>", "أعلنت الوزارة"),
        ("<p>&nbsp;</p><p>نص</p><p></p>", "نص"),
        ("<pre>بيت أول\nبيت ثان</pre>", "بيت أول\nبيت ثان"),
        ("ال<b>خبر</b>", "الخبر"),
    ],
)
def test_paragraphs_become_lines(fragment: str, text: str) -> None:
    assert to_text(fragment) == text


def test_line_ends_of_the_source_part_paragraphs_where_no_tag_does() -> None:
    assert to_text("أعلنت <b>الوزارة</b>\n\nوأضافت") == "أعلنت الوزارة\nوأضافت"
    assert to_text("أعلنت\nالوزارة") == "أعلنت\nالوزارة"


@pytest.mark.parametrize(
    "hidden",
    [
        '<script type="text/javascript">if (a < b && c > d) { w("</p>"); }</script>',
        "<style>p > a { color: red }</style>",
        "<!-- تعليق <p>مخفي</p> -->",
        "<!-- تعليق --!>",
        '<noscript><img src="https://pixel.example/?id=1"/>فعّل جافا سكربت</noscript>',
        '<iframe src="https://video.example/1">متصفحك قديم</iframe>',
        '<img src="https://pixel.example/t.gif" width="1" height="1" alt="لا > شيء"/>',
        "<svg><title>أيقونة</title><path d='M0 0'/></svg>",
        "<object><param name='a'/><embed src='b'/></object>",
        '<ins class="adsbygoogle" data-ad-slot="1"></ins>',
        '<div class="ad">إعلان</div>',
        '<div id="google_ads_1"><div>اشتر <a href="#">الآن</a></div></div>',
        "<p class='sponsored'>مادة إعلانية</p>",
        "<aside class=advertisement>مساحة إعلانية</aside>",
        '<div class="feedflare"><a href="x">أرسل</a></div>',
    ],
)
def test_what_is_no_text_is_dropped(hidden: str) -> None:
    assert to_text(f"<p>قبل</p>{hidden}<p>بعد</p>") == "قبل\nبعد"
    assert to_text(hidden + "نص") == "نص"


@pytest.mark.parametrize("name", ["download", "lead", "header", "shadow", "has-ads", "roadmap", "loading"])
def test_an_element_is_no_advertisement_for_the_letters_of_its_class(name: str) -> None:
    assert to_text(f'<div class="{name}">نص الخبر</div>') == "نص الخبر"


def test_a_long_element_is_no_advertisement_whatever_its_class() -> None:
    text = "كلمة " * AD_LIMIT
    assert to_text(f'قبل<div class="ads-wrapper"><p>{text}</p></div>') == f"قبل\n{text.strip()}"


def test_a_text_that_is_nothing_but_an_advertisement_stays() -> None:
    assert to_text('<div class="ad">نص</div>') == "نص"


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("قال: &laquo;نعم&raquo; &amp; مضى&hellip;", "قال: «نعم» & مضى…"),
        ("&#1605;&#x635;&#1585; &#146;", "مصر ’"),
        ("<p>&lt;b&gt;</p>", "<b>"),
        ("<p>&amp;lt;p&amp;gt;</p>", "&lt;p&gt;"),
        ("<p>AT&amp;amp;T</p>", "AT&amp;T"),
        ("&amp;quot;نص&amp;quot;", "&quot;نص&quot;"),
        ("&lt;p&gt;أولى&lt;/p&gt;&lt;p&gt;&amp;quot;ثانية&amp;quot;&lt;/p&gt;", 'أولى\n"ثانية"'),
        ("&amp;lt;p&amp;gt;أولى&amp;lt;/p&amp;gt;ثانية", "أولى\nثانية"),
        ("<![CDATA[<p>نص</p>]]>", "نص"),
        ("السعر < 5 و > 3، أ<ب", "السعر < 5 و > 3، أ<ب"),
        ("&unknown; &", "&unknown; &"),
    ],
)
def test_escapes_are_undone_as_far_as_they_were_done(fragment: str, text: str) -> None:
    assert to_text(fragment) == text


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>نص مقطوع عند <a href='https://x.exam", "نص مقطوع عند"),
        ("<p>نص <b>غير مغلق", "نص غير مغلق"),
        ("نص</div></p>آخر", "نص\nآخر"),
        ('<a title="a > b" href=x>نص</a>', "نص"),
        ("<script>لا نهاية له", ""),
        ("<svg>أيقونة بلا نهاية", "أيقونة بلا نهاية"),
        ("<p/>نص<o:p></o:p><foo-bar>آخر</foo-bar>", "نصآخر"),
        ("<>نص</>", "<>نص</>"),
        ("", ""),
    ],
)
def test_broken_markup_loses_no_text(fragment: str, text: str) -> None:
    assert to_text(fragment) == text


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("  خبر\n عاجل ", "خبر عاجل"),
        ("<b>خبر</b> عاجل", "خبر عاجل"),
        ("مصر &quot;تفوز&quot;", 'مصر "تفوز"'),
        ("شرح الوسم <b> للمبتدئين", "شرح الوسم <b> للمبتدئين"),
        ("List<String> في جافا", "List<String> في جافا"),
    ],
)
def test_a_title_loses_its_markup_and_keeps_its_brackets(field: str, line: str) -> None:
    assert to_line(field) == line


def test_entities_of_a_title_stay_where_they_are_part_of_it() -> None:
    assert to_line("&quot;الوفاق&quot;", entities=False) == "&quot;الوفاق&quot;"
    assert to_line("<i>&quot;الوفاق&quot;</i>", entities=False) == '"الوفاق"'


def test_only_elements_of_html_make_markup() -> None:
    assert has_markup("نص<br>")
    assert has_markup("<p>نص")
    assert not has_markup("<عاجل> نص")
    assert not has_markup("<foo>نص</foo>")
    assert not has_markup("1 < 2")


MARKS = (
    "<",
    ">",
    "/",
    "p",
    "br",
    "div",
    "pre",
    '"',
    "'",
    "=",
    "&",
    ";",
    "lt",
    "amp",
    "!--",
    "--",
    "script",
    "class",
    "ad",
)
PIECES = st.lists(st.sampled_from((*MARKS, " ", "\n", "نص", "<![CDATA[", "]]>", "<div class='ad'>", "</div>")))


@given(PIECES.map("".join) | st.text())
def test_any_fragment_gives_lines_of_text(fragment: str) -> None:
    lines = to_text(fragment).split("\n")
    assert lines == [""] or all(line == line.strip() != "" for line in lines)
    assert "\n" not in to_line(fragment)


@given(st.text(alphabet="ابتث كلم.،\n"))
def test_plain_text_keeps_its_words(text: str) -> None:
    assert to_text(text).split() == text.split()
    assert to_text(f"<p>{text}</p>").split() == text.split()


HOSTILE = (
    "<svg>",
    '<a "',
    "<a",
    '<div class="ad">',
    "<!--",
    "<pre>x",
    "<a '\"",
    "<a 'x>\"",
    '<div class="ad"><b></i>',
    "&lt;",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_fragment_takes_time_of_its_size(piece: str) -> None:
    # Quadratic time would be minutes here, and hours with twenty times as much.
    to_text(piece * 50_000)
    to_line(piece * 50_000)
