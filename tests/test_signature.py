"""Fingerprints: the same for the same text, whatever it travels with, and blind to what a copy editor changes."""

import random
import re
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import signature, stems
from transforms.fold import fold_text
from transforms.newswire_words import NEWSWIRE_WORDS
from transforms.signature import (
    FINGERPRINT,
    IN_BOTH,
    IN_TEXT,
    IN_TITLE,
    NO_PASSAGE,
    NO_PHRASE,
    NO_WORD,
    NUMBERS,
    PASSAGES,
    PHRASES,
    REPEATED,
    SHORTEST,
    WORDS,
    passage_keys,
    sign,
)
from transforms.stems import NO_NUMBER

TITLE = "افتتاح جسر الميناء القديم في طرطوس بعد ترميم دام عامين"
TEXT = (
    "افتتح محافظ طرطوس صباح اليوم جسر الميناء القديم بعد أعمال ترميم استمرت عامين وبلغت كلفتها 340 مليون ليرة. "
    "وقال المهندس سامر خضور، مدير المشروع، إن الجسر الذي بني عام 1932 كان مهددا بالانهيار، وإن الورشات استبدلت "
    "أربعة من أعمدته ودعمت الباقي بالفولاذ. وأضاف أن حركة الشاحنات ستبقى ممنوعة حتى نهاية الشهر ريثما تنتهي "
    "الاختبارات، على أن تمر سيارات الأجرة والحافلات الصغيرة منذ الغد. ورحب أصحاب المتاجر في الحي بالخطوة، وذكر "
    "الصياد أبو علي أن إغلاق الجسر كلفه ساعة إضافية كل صباح للوصول إلى المرفأ."
)

word = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي0123456789", min_size=1, max_size=7)
text = st.lists(word, max_size=120).map(" ".join)


def one(title: str | None, body: str) -> np.void:
    fingerprint: np.void = sign([None if title is None else fold_text(title)], [fold_text(body)])[0]
    return fingerprint


def parts(fingerprint: np.void) -> dict[int, int]:
    return {int(word) >> 2: int(word) & 3 for word in fingerprint["words"] if word != NO_WORD}


def word_of(form: str) -> int:
    (found,) = parts(one(None, form))
    return found


def numbers_of(body: str) -> set[int]:
    return {int(number) for number in one(None, body)["numbers"] if number != NO_NUMBER}


def test_the_record_is_572_bytes_without_padding_in_one_byte_order() -> None:
    assert FINGERPRINT.itemsize == 572 == 4 + 4 * PASSAGES + 3 * PHRASES + 2 * WORDS + 2 * NUMBERS
    assert FINGERPRINT.newbyteorder("<") == FINGERPRINT


def test_the_bytes_of_a_fingerprint_do_not_change_between_releases() -> None:
    """Written tables hold them: who changes this test makes every written signature worthless."""
    assert blake2b(one(TITLE, TEXT).tobytes(), digest_size=8).hexdigest() == "d1dd04767ab37dc9"


@given(st.lists(st.tuples(text, text), max_size=6))
def test_an_article_is_signed_the_same_alone_and_in_any_batch(articles: list[tuple[str, str]]) -> None:
    together = sign([title for title, _ in articles], [body for _, body in articles])
    alone = [sign([title], [body])[0] for title, body in articles]
    assert together.tobytes() == b"".join(fingerprint.tobytes() for fingerprint in alone)


def test_batches_are_cut_where_they_fill_up(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [fold_text(TEXT)] * 3 + ["", fold_text(TITLE)]
    whole = sign([None] * 5, texts)
    cut = signature._batches
    monkeypatch.setattr(signature, "_batches", lambda titles, texts: cut(titles, texts, 10))
    assert sign([None] * 5, texts).tobytes() == whole.tobytes()


@given(text)
def test_every_sample_ascends_and_is_padded_with_what_is_no_hash(body: str) -> None:
    fingerprint = sign([""], [body])[0]
    phrases = fingerprint["phrases_low"] | fingerprint["phrases_high"].astype(np.uint32) << 16
    for sample, absent in ((phrases, NO_PHRASE), (fingerprint["words"], NO_WORD), (fingerprint["numbers"], NO_NUMBER)):
        present = sample[sample != absent].astype(np.int64)
        assert (np.diff(present) > 0).all()
        assert (sample[len(present) :] == absent).all()


def words_of(folded: str) -> list[str]:
    """What ``split_words`` takes for words, said plainly."""
    joined = re.sub("(?<=[0-9]) (?=[0-9])", "", folded)
    return re.sub("(?<![^ ولب])(عبد|ابو) (?!$)", r"\1", joined).split()


pieces = st.sampled_from(
    ["عبد", "ابو", "وابو", "كعبد", "ريشه", "بو", "د", "3", "540", "و12", "12هـ", "𐺀𐺁", "جسر", "", " "]
)


@given(st.lists(st.lists(pieces, max_size=12).map(" ".join), max_size=5))
def test_a_word_is_read_the_same_wherever_it_stands_and_however_often(texts: list[str]) -> None:
    counts, places, words = stems.split_words(texts)
    expected = [words_of(text) for text in texts]
    assert counts.tolist() == [len(each) for each in expected]
    alone = [stems.split_words([each])[2] for text in expected for each in text]
    for column in words._fields:
        assert getattr(words, column)[places].tolist() == [getattr(each, column).item() for each in alone], column
    assert len(words.stem) <= len(places)


def test_there_is_a_row_for_every_article_of_a_batch() -> None:
    bodies = [fold_text(f"{TEXT} حضر {number} ضيفا") for number in range(2 * signature.ROWS + 3)]
    titles = [f"حضور {number}" for number in range(len(bodies))]
    alone = [sign([title], [body])[0] for title, body in zip(titles, bodies, strict=True)]
    assert sign(titles, bodies).tobytes() == b"".join(each.tobytes() for each in alone)


@given(text)
def test_size_counts_distinct_phrases_of_three_words(body: str) -> None:
    words = body.split()
    assert int(sign([""], [body])[0]["size"]) <= max(len(words) - 2, 0)


def test_nothing_gives_an_empty_fingerprint() -> None:
    for body in ("", "خبر", "خبر عاجل"):
        fingerprint = one(None, body)
        assert int(fingerprint["size"]) == 0
        assert set(fingerprint["passages"].tolist()) == {NO_PASSAGE}
    assert sign([], []).shape == (0,)
    assert passage_keys(sign([], []))[0].shape == (0,)


def test_spelling_conventions_leave_no_trace() -> None:
    pairs = (
        ("إلى مسؤولي إدارة الشؤون في أنقرة", "الى مسئولي ادارة الشئون في انقرة"),
        ("السفير عبد الله أبو ريشة", "السفير عبدالله أبوريشة"),
        ("الرئيس الأميركي في إنغلترا", "الرئيس الأمريكي في إنجلترا"),
        ("بلغت 3,540 طنًا", "بلغت ٣٥٤٠ طنا"),
        ("يوم 14-10-1436 هجري", "يوم 14 / 10 / 1436 هجري"),
        ("المنطقة، «بحسب» الوزارة.", "المنطقة بحسب الوزارة"),
    )
    for one_way, other in pairs:
        filler = " " + TEXT
        assert one(None, one_way + filler).tobytes() == one(None, other + filler).tobytes(), one_way


def test_clitics_and_endings_do_not_make_another_word() -> None:
    assert word_of("طرطوس") == word_of("وطرطوس") == word_of("بطرطوس")
    assert word_of("السنغال") == word_of("والسنغال") == word_of("بالسنغال") == word_of("للسنغال")
    assert word_of("قذيفة") == word_of("قذيفتين".replace("تين", "ه")) == word_of("القذيفة") == word_of("وبالقذيفة")
    assert word_of("النيجر") != word_of("بوليفيا")


def test_a_word_keeps_the_part_it_plays() -> None:
    found = parts(one("جسر طرطوس وأنفاق دمر", "رمم جسر في طرطوس ثم رمم غيره في حمص"))
    assert found[word_of("طرطوس")] == IN_BOTH
    assert found[word_of("أنفاق")] == IN_TITLE
    assert found[word_of("رمم")] == REPEATED
    assert found[word_of("حمص")] == IN_TEXT


def test_what_every_report_says_tells_nothing() -> None:
    assert parts(one("قال وزير", "وأكد الوزير في تصريح اليوم أن الحكومة قررت ذلك و لم د ب 17")) == {}
    assert len(NEWSWIRE_WORDS.split()) > 1000


NAMES = (
    "مصر العراق الأردن لبنان سوريا السعودية الكويت قطر الإمارات البحرين عمان اليمن تونس الجزائر المغرب ليبيا "
    "السودان موريتانيا الصومال جيبوتي فلسطين تركيا إيران فرنسا ألمانيا بريطانيا إسبانيا إيطاليا روسيا الصين "
    "اليابان الهند باكستان البرازيل كندا نيجيريا النيجر مالي تشاد كينيا إثيوبيا السويد اليونان القاهرة بغداد "
    "بيروت دمشق الرياض الدوحة أبوظبي المنامة مسقط صنعاء الخرطوم أنقرة طهران باريس برلين لندن مدريد روما موسكو "
    "بكين طوكيو نيودلهي واشنطن اليمني التركي الليبي السوداني اليمنية غانا "
)


@pytest.mark.parametrize("name", NAMES.split())
def test_no_name_of_a_state_or_capital_passes_for_a_common_word(name: str) -> None:
    assert parts(one(None, name))
    assert parts(one(None, "و" + name))


def test_numbers_in_words_and_in_digits_are_the_same_number() -> None:
    assert numbers_of("الطائرة الرابعة") == numbers_of("الطائرة 4") == numbers_of("أربع طائرات")
    assert numbers_of("بعد عشرين يوما") == numbers_of("بعد 20 يوما")
    assert numbers_of("الطائرة الرابعة") != numbers_of("الطائرة الخامسة")
    assert numbers_of("لا رقم هنا") == set()


def test_what_is_written_on_to_a_number_is_no_part_of_it() -> None:
    assert numbers_of("عام 1436هـ") == numbers_of("عام 1436 هـ") == numbers_of("عام 1436")
    assert numbers_of("ورد في 2015م") == numbers_of("ورد في 2015")
    assert numbers_of("10كم") == numbers_of("10 كم") != numbers_of("100كم")


def test_what_is_written_before_a_number_is_no_part_of_it() -> None:
    assert numbers_of("34 سيارة و597 مخالفة") == numbers_of("597 مخالفة و 34 سيارة")
    for clitic in ("ل", "ال", "و", "وب"):
        assert numbers_of(f"{clitic}23 مطلوبا") == numbers_of("23 مطلوبا")
    assert numbers_of("غاز ثاني أكسيد ك2") != numbers_of("غاز")
    assert numbers_of("فيروس H5N1") == set()


def test_numbers_of_two_articles_are_never_joined() -> None:
    apart = sign([None, None], ["عدد 12", "34 سيارة"])
    assert apart[0].tobytes() == sign([None], ["عدد 12"])[0].tobytes()
    assert apart[1].tobytes() == sign([None], ["34 سيارة"])[0].tobytes()


def test_a_short_article_has_no_passages() -> None:
    words = fold_text(TEXT).split()
    short, long = (one(None, " ".join(words[: SHORTEST + 2 - less])) for less in (1, 0))
    assert int(short["size"]) == SHORTEST - 1
    assert set(short["passages"].tolist()) == {NO_PASSAGE}
    assert int(long["size"]) == SHORTEST
    assert set(long["passages"].tolist()) > {NO_PASSAGE}


def test_keys_are_shared_by_articles_that_share_passages_and_by_no_others() -> None:
    words = fold_text(TEXT).split()
    strangers = words[:]
    random.Random(4).shuffle(strangers)
    fingerprints = sign([None] * 3, [" ".join(words), " ".join(words[: len(words) * 2 // 3]), " ".join(strangers)])
    keys, rows = passage_keys(fingerprints)
    assert keys.min() >= 0
    assert keys.max() < 1 << 37
    whole, part, stranger = (set(keys[rows == row].tolist()) for row in range(3))
    assert len(whole & part) >= 8
    assert not whole & stranger


def test_what_lies_beyond_the_limit_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "LONGEST", 300)
    folded = fold_text(TEXT)
    assert sign([None], [folded]).tobytes() == sign([None], [folded[:300]]).tobytes()


def test_letters_beyond_the_basic_plane_are_letters() -> None:
    assert int(one(None, "خبر 𐺀𐺁 آخر 😀 هنا")["size"]) >= 2
