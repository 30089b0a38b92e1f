"""Which encoding bytes are read in, and what is undone of a second one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.decode import codec_of, decode, mend, wide_codec

NEWS = (
    "قال وزير الخارجية الروسي، اليوم الثلاثاء، إن القوات الحكومية في سوريا أوقفت عملياتها في حلب من أجل إجلاء المدنيين"
    " الذين يرغبون في مغادرة الأحياء الشرقية، وأضاف أن نحو 8 آلاف مدني غادروا المدينة منذ مساء أمس (رويترز)."
)
PUNCTUATED = "أعلنت «الوكالة» – نقلا عن مصادر – أن ‘الوسط’ في ط، أو ظ؛ “كما جاء”… ثمنه 5 €، و3½ كلغ ×2"


@pytest.mark.parametrize("declared", [None, "utf-8", "windows-1256", "iso-8859-6", "iso-8859-1", "us-ascii"])
@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-8", "utf-8"), ("windows-1256", "windows-1256"), ("iso-8859-6", "iso-8859-6"), ("utf-16-le", "utf-16le")],
)
def test_arabic_news_is_read_in_its_encoding_whatever_is_declared(codec: str, name: str, declared: str | None) -> None:
    text, encoding, repaired = decode(f"<rss><title>{NEWS}</title>".encode(codec), declared)
    assert text == f"<rss><title>{NEWS}</title>"
    assert encoding == name
    assert repaired == (declared not in (None, codec))


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("declared", [None, "windows-1256"])
def test_a_byte_order_mark_is_believed_first_and_is_no_part_of_the_text(codec: str, declared: str | None) -> None:
    text, encoding, repaired = decode(NEWS.encode(codec), declared)
    assert text == NEWS
    assert encoding[:5] == codec[:5]
    assert not repaired


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_told_without_a_mark(codec: str) -> None:
    assert wide_codec(f"<?xml version='1.0'?><rss>{NEWS}".encode(codec)) == codec
    assert decode(f"<?xml version='1.0'?><rss>{NEWS}".encode(codec)).text.endswith(NEWS)


def test_binary_zeros_are_no_wide_encoding() -> None:
    assert wide_codec(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0") is None


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ('<?xml version="1.0" encoding="windows-1251"?>', "windows-1251"),
        ("<?xml version='1.0' encoding = 'windows-1251' ?>", "windows-1251"),
        ('<html><head><meta charset="windows-1251">', "windows-1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "windows-1251"),
    ],
)
def test_an_encoding_is_declared_in_xml_and_in_html(head: str, codec: str) -> None:
    text = f"{head} Министр иностранных дел прибыл в Каир с официальным визитом"
    assert decode(text.encode(codec)) == (text, "cp1251", False)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Le ministre a déclaré à Genève que la réunion était reportée", "iso-8859-1"),
        ("外交部发言人表示，会议将于下周举行。", "gb2312"),
        ("外務省は会議を延期すると発表した", "shift_jis"),
        ("Ο υπουργός Εξωτερικών έφθασε στο Κάιρο", "iso-8859-7"),
        ("שר החוץ הגיע לביקור", "windows-1255"),
    ],
)
def test_what_is_declared_and_is_not_arabic_is_read_as_declared(text: str, codec: str) -> None:
    assert decode(text.encode(codec), codec).text == text
    assert not decode(text.encode(codec), codec).repaired


def test_one_word_that_would_be_arabic_does_not_make_arabic() -> None:
    russian = "Министр иностранных дел прибыл в Каир с официальным визитом и провел переговоры с коллегой гЗ"
    assert "гЗ".encode("cp1251").decode("cp1256") == "ما"
    assert decode(f"{russian} {russian}".encode("cp1251"))[:2] == (f"{russian} {russian}", "cp1251")


def test_european_letters_here_and_there_do_not_make_arabic() -> None:
    assert decode("São Tomé, Ção, café".encode("cp1252"), "utf-8").text == "São Tomé, Ção, café"


@pytest.mark.parametrize("title", ["عاجل", "مقتل خمسة جنود", "هدوء حذر"])
def test_a_few_arabic_words_declared_as_utf8_are_windows_1256(title: str) -> None:
    assert decode(title.encode("cp1256"), "utf-8") == (title, "windows-1256", True)


def test_ascii_is_read_in_what_it_declares_if_that_can_be() -> None:
    assert decode(b"<rss/>", "windows-1256") == ("<rss/>", "windows-1256", False)
    assert decode(b"<rss/>", "us-ascii") == ("<rss/>", "ascii", False)
    assert decode(b"<rss/>", "utf-16") == ("<rss/>", "utf-8", True)
    assert decode(b"<rss/>") == ("<rss/>", "utf-8", False)


def test_latin1_means_windows_1252_as_in_every_browser() -> None:
    assert decode("مرحبا".encode() + b"\xc2\x93x\xc2\x94").text == "مرحبا“x”"
    assert decode(b"\x93caf\xe9\x94", "iso-8859-1") == ("“café”", "windows-1252", False)


@pytest.mark.parametrize(
    "label", ["hex", "rot13", "utf-7", "idna", "unicode_escape", "no-such-encoding", "x" * 99, "\0", ""]
)
def test_a_label_that_names_no_encoding_of_text_is_passed_over(label: str) -> None:
    assert codec_of(label) is None
    assert decode(NEWS.encode(), label).text == NEWS


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_character_cut_in_half_at_the_end_is_dropped_and_changes_nothing_else(codec: str) -> None:
    content = NEWS.encode(codec)
    for length in range(len(content) - 12, len(content)):
        text, encoding, _ = decode(content[:length])
        assert NEWS.startswith(text)
        assert encoding.startswith(codec)


def test_damage_in_the_middle_of_utf8_stays_damage() -> None:
    content = NEWS.encode()
    damaged = content[:101] + b"\xd8" + content[101:]
    text, encoding, repaired = decode(damaged, "utf-8")
    assert text.count("\N{REPLACEMENT CHARACTER}") <= 2
    assert text.endswith(NEWS[60:])
    assert (encoding, repaired) == ("utf-8", False)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("written", "read"), [("utf-8", "latin-1"), ("utf-8", "cp1256"), ("cp1256", "latin-1"), ("cp1256", "cp1252")]
)
def test_a_second_encoding_is_undone_as_often_as_it_was_done(written: str, read: str, times: int) -> None:
    text = NEWS.encode(written).decode(read)
    for _ in range(times - 1):
        text = text.encode().decode("latin-1")
    assert decode(text.encode(), "utf-8") == (NEWS, "utf-8", True)


@pytest.mark.parametrize("read", ["latin-1", "cp1256"])
def test_a_text_encoded_twice_throughout_has_back_all_of_its_characters(read: str) -> None:
    rich = f"{NEWS} \N{RIGHT-TO-LEFT MARK}ﷺ ١٢ ♦ \N{GRINNING FACE} “كذا”… é"
    assert decode(rich.encode().decode(read).encode()).text == rich


def test_a_second_encoding_is_undone_where_it_stands_among_sound_text() -> None:
    broken = NEWS.encode().decode("cp1252", "ignore").encode().decode()
    assert mend(f"{NEWS}\n{'إن الوزارة'.encode().decode('latin-1')}\n{NEWS}") == f"{NEWS}\nإن الوزارة\n{NEWS}"
    assert mend(f"{PUNCTUATED} {broken}").startswith(PUNCTUATED)
    assert mend(f"{NEWS} الأوسط، {'إن الوزارة'.encode().decode('cp1256')}") == f"{NEWS} الأوسط، إن الوزارة"


@pytest.mark.parametrize(
    "text", [NEWS, PUNCTUATED, "Ärger über Übermut: naïve façade, Île, ÇÃO «É» Ø 5 mm", "ÅÄÖ Ù", "Çá va"]
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert mend(text) == text
    assert decode(text.encode()) == (text, "utf-8", False)


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأإؤئةپچژگ 0123456789،؛؟.:«»–“”…()\n", min_size=1))
def test_no_arabic_text_in_utf8_is_changed(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8", False)


@given(st.binary(), st.none() | st.sampled_from(["utf-8", "windows-1256", "utf-16", "iso-2022-jp", "hz", "big5"]))
def test_any_bytes_are_read_somehow(content: bytes, charset: str | None) -> None:
    text, encoding, _ = decode(content, charset)
    assert "".encode(encoding) == b"" or encoding.startswith("utf")
    assert len(text) <= len(content)
