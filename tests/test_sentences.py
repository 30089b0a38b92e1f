"""Sentences, cut where a reader would cut them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.mention import Mention
from transforms.sentences import split_sentences
from transforms.tag import show_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("عقد المجلس جلسة طارئة. ثم رفع الجلسة.", ["عقد المجلس جلسة طارئة.", "ثم رفع الجلسة."]),
        ("هل يستقيل الوزير؟ لا أحد يعلم!", ["هل يستقيل الوزير؟", "لا أحد يعلم!"]),
        ("قال: «لن نتراجع.» ثم غادر.", ["قال: «لن نتراجع.»", "ثم غادر."]),
        ('وأضاف "سنواصل العمل". وتابع', ['وأضاف "سنواصل العمل".', "وتابع"]),
        ("انتهى الاجتماع.. وبدأ آخر... ثم ثالث", ["انتهى الاجتماع..", "وبدأ آخر...", "ثم ثالث"]),
        ("ارتفع الناتج 4.3 في المئة و2,5 مليون طن.", ["ارتفع الناتج 4.3 في المئة و2,5 مليون طن."]),
        ("جرى ذلك عام 2016. وبعده بعام توقف", ["جرى ذلك عام 2016.", "وبعده بعام توقف"]),
        ("شيع د. سمير حداد أمس. وحضر م. نادر", ["شيع د. سمير حداد أمس.", "وحضر م. نادر"]),
        ("بيروت (أ.ف.ب) أعلن الوزير", ["بيروت (أ.ف.ب) أعلن الوزير"]),
        ("صدر البيان ., وجاء فيه", ["صدر البيان .,", "وجاء فيه"]),
        ("عنوان أول\nعنوان ثان\n\nنص الخبر.", ["عنوان أول", "عنوان ثان", "نص الخبر."]),
        ("... \n ؟!", []),
        ("", []),
    ],
)
def test_text_is_cut_at_the_end_of_sentences_only(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet="اب. \n؟!«»\"',5…)"))
def test_sentences_are_in_order_apart_and_hold_every_letter(text: str) -> None:
    spans = list(split_sentences(text))
    flat = [edge for span in spans for edge in span]
    assert flat == sorted(flat)
    inside = "".join(text[start:end] for start, end in spans)
    assert sum(map(str.isalnum, inside)) == sum(map(str.isalnum, text))


def test_sentences_that_name_an_actor_are_shown_in_the_order_of_the_text() -> None:
    text = " ".join(f"طلبت مصر الجلسة {number}." for number in range(10))
    places = [text.index(f"مصر الجلسة {number}") for number in (9, 2)]
    named = [Mention("EGY", "text", place, place + 3, "مصر", "name") for place in places]
    assert show_sentences(text, list(split_sentences(text)), named) == ["طلبت مصر الجلسة 2.", "طلبت مصر الجلسة 9."]
