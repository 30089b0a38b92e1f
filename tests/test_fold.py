"""Both layers of text: clean for readers, folded for comparison."""

import sys
import unicodedata

import pytest
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.fold import (
    ADDITIONS,
    CHANGING,
    TATWEEL,
    clean_and_fold,
    clean_character,
    clean_text,
    fold,
    fold_character,
    fold_text,
)

ZWNJ = "\N{ZERO WIDTH NON-JOINER}"
RLM = "\N{RIGHT-TO-LEFT MARK}"
NBSP = "\N{NO-BREAK SPACE}"
FATHA = "\N{ARABIC FATHA}"
DAMMA = "\N{ARABIC DAMMA}"
SHADDA = "\N{ARABIC SHADDA}"

CHARACTERS = [chr(point) for low, high in CHANGING for point in range(low, high)]
ARABIC = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.name(c, "").startswith("ARABIC")]

noisy_arabic = st.text(
    st.one_of(
        st.sampled_from("ابتةهوؤيىئأإآٱءلسمر ٠١۲,.«»،؟"),
        st.sampled_from(ARABIC),
        st.sampled_from(
            [ZWNJ, RLM, NBSP, TATWEEL, FATHA, SHADDA, "\n", "\r", "\t", "\0", "\ufeff", "\ud800", "\udfff"]
        ),
        st.sampled_from(CHARACTERS),
    )
)


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("أعلنت إيران أنّ آخر ٱلمفاوضات", "اعلنت ايران ان اخر المفاوضات"),
        ("على مستوى الرئيس السورى", "علي مستوي الرييس السوري"),
        ("مسؤولة ومسئولون", "مسووله ومسيولون"),
        ("الـــولايات المتحدة", "الولايات المتحده"),
        (f"ع{DAMMA}مان وع{FATHA}م{SHADDA}{FATHA}ان", "عمان وعمان"),
        ("ایران و پاکستان و چین", "ايران و باكستان و جين"),
        ("٢٠١٥ و۲۰۱۶ و٣٫٥ و١٬٠٠٠", "2015 و2016 و3.5 و1,000"),
        ("«قال» “نعم” ‘لا’، ثم؛ متى؟ ٥٪ – نعم", '"قال" "نعم" \'لا\', ثم; متي? 5% - نعم'),
        ("ﺍﻟﻮﻻﻳﺎﺕ ﻻ ﷲ", "الولايات لا الله"),
        (f"سو{ZWNJ}ريا{RLM} و{NBSP}لبنان", "سوريا و لبنان"),
        ("a\tb\r\nc\N{LINE SEPARATOR}d\N{IDEOGRAPHIC SPACE}e", "a b\n\nc\nd e"),
        ("ا\N{ARABIC HAMZA ABOVE}ميركا", "اميركا"),
        ("NATO Café", "nato cafe"),
        ("خبر 😀 عاجل", "خبر 😀 عاجل"),
        ("\ud83dنبأ\udc00", "نبا"),
    ],
)
def test_spellings_of_one_word_fold_to_one_form(printed: str, folded: str) -> None:
    assert fold(printed).text == folded


def test_a_ligature_becomes_its_letters_and_each_points_to_it() -> None:
    folded = fold("قال ﷲ")
    assert folded.text == "قال الله"
    assert folded.offsets.tolist() == [0, 1, 2, 3, 4, 4, 4, 4]
    assert folded.span(4, 8) == (4, 5)
    assert folded.span(4, 6) == (4, 5)


def test_a_span_holds_the_marks_of_its_last_letter() -> None:
    text = f"زار ع{DAMMA}مان{FATHA} اليوم"
    start = fold(text).text.index("عمان")
    begin, end = fold(text).span(start, start + 4)
    assert text[begin:end] == f"ع{DAMMA}مان{FATHA}"


def test_offsets_stay_right_after_a_character_beyond_the_basic_plane() -> None:
    text = f"😀 عاج{SHADDA}ل ﷲ 𞸀 أنقرة"
    folded = fold(text)
    start = folded.text.index("انقره")
    begin, end = folded.span(start, start + 5)
    assert text[begin:end] == "أنقرة"


@given(noisy_arabic)
@settings(max_examples=500)
def test_every_folded_character_maps_back_to_the_one_it_came_from(text: str) -> None:
    folded = fold(text)
    assert len(folded.offsets) == len(folded.text)
    position = 0
    for index, character in enumerate(text):
        became = fold_character(character)
        assert folded.text[position : position + len(became)] == became
        assert folded.offsets[position : position + len(became)].tolist() == [index] * len(became)
        position += len(became)
    assert position == len(folded.text)


@given(noisy_arabic, st.data())
@settings(max_examples=300)
def test_a_span_of_the_match_form_folds_to_that_form(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    begin, finish = folded.span(start, end)
    assert folded.text[start:end] in fold(text[begin:finish]).text


@given(noisy_arabic)
@settings(max_examples=500)
def test_a_second_pass_changes_nothing(text: str) -> None:
    assert fold(fold(text).text).text == fold(text).text
    assert fold_text(fold_text(text)) == fold_text(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@given(noisy_arabic)
def test_cleaning_does_not_change_what_matches(text: str) -> None:
    assert fold_text(clean_text(text)) == fold_text(text)
    clean_text(text).encode()


NEWSWIRE = (
    bytes(range(0x100)).decode("cp1256") + f"٠١٢٣٤٥٦٧٨٩٪٫٬یڤٱ″{NBSP}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
)


newswire = st.builds(
    str.__mul__,
    st.text(st.one_of(st.sampled_from(NEWSWIRE), st.sampled_from("  \n\r،..«»ابجهوي"))),
    st.sampled_from((1, 1, 300)),
)


@given(newswire)
@settings(max_examples=500)
def test_text_of_newswire_alone_becomes_what_it_becomes_beside_a_foreign_letter(text: str) -> None:
    assert f"{clean_text(text)}\n中".lstrip() == clean_text(f"{text}\n中")
    assert f"{fold_text(text)} 中".lstrip() == fold_text(f"{text} 中")


@given(st.one_of(noisy_arabic, newswire))
@settings(max_examples=500)
def test_clean_and_fold_is_clean_text_and_fold_text(text: str) -> None:
    assert clean_and_fold(text) == (clean_text(text), fold_text(text))


def test_what_a_character_becomes_is_final_for_every_character() -> None:
    for become in (fold_character, clean_character):
        changed = {c: become(c) for c in CHARACTERS if become(c) != c}
        assert [c for c, became in changed.items() if "".join(map(become, became)) != became] == []


def test_the_table_is_the_function_for_every_character() -> None:
    assert set(ARABIC) <= set(CHARACTERS)
    everything = "".join(CHARACTERS)
    assert fold(everything).text == "".join(map(fold_character, CHARACTERS))


def camel_form(character: str) -> str:
    """What camel_tools' chain of normalisers makes of a character."""
    form: str = dediac_ar(normalize_unicode(character))
    return str(normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(form))))


def test_we_agree_with_camel_tools_save_where_we_say_why_not() -> None:
    for character in ARABIC:
        camel = camel_form(character)
        ours = fold_character(character)
        if ours == camel:
            continue
        reasons = {
            "it leaves tatweel": "".join(camel.split()).replace(TATWEEL, "") == ours,
            "it leaves the marks of the Quran": unicodedata.category(character) in {"Mn", "Lm", "Cf"} and not ours,
            "it leaves digits of two scripts": ours.isdigit(),
            "it leaves a space that carried a mark": camel.strip() == "" and not ours,
            "it leaves letters of other languages, hamza on a seat, and punctuation": any(
                part in ADDITIONS for part in camel
            ),
            "it leaves a mark that a ligature brought": "".join(
                part for part in camel.strip() if unicodedata.category(part) != "Mn" and part != TATWEEL
            )
            == ours,
        }
        assert any(reasons.values()), (character, unicodedata.name(character), camel, ours)


def test_decimal_marks_survive_and_zero_width_characters_do_not_break_words() -> None:
    # camel_tools' arclean turns both into something else.
    assert fold("٣٫٥").text == "3.5"
    assert fold(f"خامنه{ZWNJ}ای").text == "خامنهاي"


@pytest.mark.parametrize(
    "text",
    ["ب" + DAMMA * 10_000, "\ud800" * 1000, "\U0010ffff\U000e0001", "", DAMMA, "\u0378\u05ff", "\0" * 100, "ﷺ" * 1000],
)
def test_odd_text_is_no_trouble(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.offsets)
    folded.text.encode()
    clean_text(text).encode()
    fold_text(text).encode()


def test_reprints_that_spell_and_punctuate_otherwise_have_equal_words() -> None:
    ours = "أكّدت الخارجيّة المصرية، اليوم، أن «المفاوضات» مستمرة..\nوقالت: «لن نقبل ٥٠٪»."
    theirs = 'اكدت الخارجية المصريه اليوم أن "المفاوضات" مستمره . وقالت : "لن نقبل 50%"'
    assert fold_text(ours) == fold_text(theirs)
    assert fold_text(ours) == "اكدت الخارجيه المصريه اليوم ان المفاوضات مستمره وقالت لن نقبل 50"


def test_text_without_a_word_has_no_words() -> None:
    assert fold_text(" .. «» ؟! 😀 ") == ""


@pytest.mark.parametrize(
    ("published", "clean"),
    [
        ("  خبر  \n \n\n عاجل ", "خبر\nعاجل"),
        ("سطر\r\nسطر\rسطر", "سطر\nسطر\nسطر"),
        (f"قال{NBSP}{NBSP}إن{ZWNJ}ه{RLM}\ufeff", "قال إنه"),
        ("\x01\x02نبأ\x9f\x07", "نبأ"),
        ("ﺍﻟﻤﻐﺮﺏ ﷲ", "المغرب الله"),
        ("قال «نعم»، ٥٪ وعَمّان وعلى ـــ", "قال «نعم»، ٥٪ وعَمّان وعلى ـــ"),
        ("باب\tآخر", "باب آخر"),
        ("نصف\ud83d زوج", "نصف زوج"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_clean_text_is_what_was_printed_less_the_invisible_and_broken(published: str, clean: str) -> None:
    assert clean_text(published) == clean


def test_ten_megabytes_in_one_line_are_folded() -> None:
    text = f"روسيا{NBSP}وسوريا " * 400_000
    assert len(fold(text).text) == len(text)
    assert len(clean_text(text)) == len(text) - 1
