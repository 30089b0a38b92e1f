"""What makes two articles tell the same; and that verdicts depend on nothing else."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports import (
    BRIDGE,
    BRIDGE_TITLE,
    SENTENCES,
    WHEAT,
    WHEAT_TITLE,
    Report,
    articles,
    bulletin,
    edited,
    greeting,
    pair,
    signed,
    verdict,
)
from transforms import similarity
from transforms.fold import fold_text
from transforms.signature import (
    FINGERPRINT,
    IN_BOTH,
    IN_TITLE,
    NO_PHRASE,
    NO_WORD,
    NUMBERS,
    PHRASES,
    REPEATED,
    SHORTEST,
    WORDS,
)
from transforms.similarity import Verdict, Verdicts, compare, compare_pairs
from transforms.stems import NO_NUMBER


def flight(ordinal: str, tons: int, load: str) -> tuple[str, str]:
    return (
        f"وصول الطائرة {ordinal} من الجسر الجوي إلى مقديشو",
        f"وصلت إلى مطار مقديشو الدولي اليوم الطائرة الإغاثية {ordinal} "
        "ضمن الجسر الجوي الذي تسيره جمعية الهلال الأحمر، "
        f"وعلى متنها {tons} طنا من {load} للمتضررين من الفيضانات في حوض "
        "نهر شبيلي. وكان في استقبالها نائب وزير الشؤون "
        f"الإنسانية وممثلو الجمعية، وأكد رئيس الوفد أن الجسر مستمر حتى تنحسر المياه وتعود الأسر النازحة إلى قراها.",
    )


def forecast(day: str, cloudy: str, hot: str, wind: int, high: int, low: int) -> tuple[str, str]:
    return (
        f"الأرصاد: غيوم على {cloudy} وحر شديد في {hot}",
        f"توقعت مصلحة الأرصاد الجوية أن تكون السماء اليوم {day} غائمة جزئيا "
        f"على {cloudy} مع فرصة لهطول أمطار رعدية، وأن يبقى "
        f"الطقس شديد الحرارة في {hot}، فيما تتدنى الرؤية الأفقية بسبب "
        "الأتربة المثارة. وتكون الرياح السطحية على البحر شمالية "
        f"غربية بسرعة {wind} كيلومترا في الساعة، وارتفاع الموج من متر إلى "
        "متر ونصف، وحالة البحر متوسط الموج. وتسجل أعلى درجة "
        f"حرارة في {hot} وهي {high} درجة، وأدناها في {cloudy} وهي {low} درجة.",
    )


def execution(killer: str, victim: str, region: str, weapon: str, date: str) -> tuple[str, str]:
    return (
        f"تنفيذ حكم القصاص في قاتل {victim.rpartition(' ')[2]} بمنطقة {region}",
        f"أصدرت وزارة الداخلية بيانا جاء فيه: أقدم {killer} على قتل {victim} "
        f"وذلك {weapon} إثر خلاف نشب بينهما. وتمكنت سلطات "
        "الأمن من القبض على الجاني المذكور وأسفر التحقيق معه عن توجيه الاتهام "
        "إليه بارتكاب جريمته، وبإحالته إلى المحكمة العامة "
        "صدر بحقه صك يقضي بثبوت ما نسب إليه والحكم عليه بالقتل قصاصا، وصدق "
        "الحكم من محكمة الاستئناف ومن المحكمة العليا، وصدر "
        f"أمر بإنفاذ ما تقرر شرعا. وقد نفذ الحكم بالجاني {killer} يوم {date} "
        f"بمنطقة {region}. ووزارة الداخلية إذ تعلن ذلك لتؤكد "
        "حرصها على استتباب الأمن وتحقيق العدل وتنفيذ أحكام الشرع في كل من يتعدى على الآمنين ويسفك دماءهم.",
    )


def closing(way: str, points: str, turnover: int, up: int, down: int, best: str, worst: str) -> tuple[str, str]:
    return (
        f"البورصة تغلق {way} عند {points} نقطة",
        f"أغلق المؤشر العام للبورصة اليوم {way} عند مستوى {points} نقطة، "
        f"وبلغت قيمة التداولات {turnover} مليون دينار. وشهدت "
        f"الجلسة ارتفاع أسهم {up} شركة وتراجع أسهم {down} شركة، وأغلقت بقية "
        f"الأسهم من دون تغيير. وكان سهم {best} الأكثر ربحا، "
        f"فيما تصدر سهم {worst} قائمة الخاسرين. ويعزو متعاملون حركة السوق "
        "إلى ترقب نتائج الربع الثالث التي يبدأ الإعلان عنها "
        "الأسبوع المقبل، وإلى تحفظ المحافظ الأجنبية قبل عطلة نهاية الأسبوع.",
    )


REPRINTS: dict[str, Report] = {
    "exact copy": (BRIDGE_TITLE, BRIDGE),
    "other headline": ("طرطوس تستعيد جسرها بعد عامين من الترميم", BRIDGE),
    "no headline": (None, BRIDGE),
    "cut tail": (BRIDGE_TITLE, ". ".join(SENTENCES[:3])),
    "half": (BRIDGE_TITLE, ". ".join(SENTENCES[:2])),
    "dateline": (BRIDGE_TITLE, "طرطوس - سانا: " + BRIDGE),
    "footer": (BRIDGE_TITLE, BRIDGE + " تابعوا آخر الأخبار عبر قناتنا على تليغرام. جميع الحقوق محفوظة."),
    "a tenth of the words edited": (BRIDGE_TITLE, edited(BRIDGE, 0.1)),
    "paragraphs in another order": (BRIDGE_TITLE, ". ".join([SENTENCES[0], *SENTENCES[:0:-1]])),
    "another spelling": (
        BRIDGE_TITLE,
        BRIDGE.replace("أ", "ا").replace("إ", "ا").replace("ة", "ه").replace("340", "٣٤٠").replace("،", " ,"),
    ),
    "numbers in digits": (BRIDGE_TITLE, BRIDGE.replace("سبعة", "7")),
    "headline, tail and dateline": ("عودة الحركة إلى جسر طرطوس القديم", "طرطوس - وكالات: " + ". ".join(SENTENCES[:3])),
}


@pytest.mark.parametrize("how", REPRINTS)
def test_a_reprint_is_the_same(how: str) -> None:
    found = verdict((BRIDGE_TITLE, BRIDGE), REPRINTS[how])
    assert found is not None
    assert found.kind == ("contained" if how == "half" else found.kind)


OTHERS: dict[str, tuple[Report, Report]] = {
    "another story": ((BRIDGE_TITLE, BRIDGE), (WHEAT_TITLE, WHEAT)),
    "the greeting to another president": (
        greeting("النيجر", "إيسوفو محمدو", "ذكرى الاستقلال"),
        greeting("بوليفيا", "إيفو موراليس", "ذكرى الاستقلال"),
    ),
    "the next flight with another load": (
        flight("الرابعة", 12, "المواد الغذائية"),
        flight("السادسة", 15, "المستلزمات الطبية والأدوية"),
    ),
    "the forecast of the next day": (
        forecast("الاثنين", "جبال القلمون", "دير الزور", 25, 44, 17),
        forecast("الثلاثاء", "سهل الغاب", "تدمر", 35, 46, 19),
    ),
    "another execution": (
        execution("مبارك بن سعد", "شقيقه ناصر", "الجوف", "بطعنه بآلة حادة", "الأربعاء 14 / 10 / 1436"),
        execution("فواز بن عايض", "المقيم كمال حسين", "نجران", "بإطلاق النار عليه", "الأحد 3 / 11 / 1436"),
    ),
    "another closing of the market": (
        closing("مرتفعا", "6412.33", 28, 61, 34, "مصرف الخليج", "الفنادق الكبرى"),
        closing("منخفضا", "6398.07", 31, 40, 57, "الأسمدة العربية", "التأمين التعاونية"),
    ),
    "two bulletins that share nine words in ten": (bulletin(1), bulletin(2)),
    "the same background under other news": (
        (
            "وفاة المهندس الذي صمم جسر طرطوس",
            "شيّعت بانياس أمس نقيب المهندسين السابق غسان ديب عن 84 عاما، وحضر الجنازة مئات من تلاميذه وأقاربه. وأوصى "
            "الراحل بمكتبته لجامعة تشرين. " + SENTENCES[1],
        ),
        (
            "حريق في مستودع قرب مرفأ طرطوس",
            "أخمدت فرق الإطفاء فجرا حريقا التهم مستودعا للأخشاب قرب المرفأ "
            "من دون إصابات، ورجح العميد نزار بدور تماسا "
            "كهربائيا. وقدرت الخسائر بنحو 90 مليون ليرة. " + SENTENCES[1],
        ),
    ),
}


@pytest.mark.parametrize("how", OTHERS)
def test_what_only_reads_alike_is_not_the_same(how: str) -> None:
    assert verdict(*OTHERS[how]) is None


def test_jaccard_would_join_the_greetings_before_a_cut_reprint() -> None:
    """Why phrases alone cannot decide."""

    def jaccard(a: str, b: str) -> float:
        one, other = ({*zip(w, w[1:], w[2:], strict=False)} for w in (fold_text(a).split(), fold_text(b).split()))
        return len(one & other) / len(one | other)

    one, other = OTHERS["the greeting to another president"]
    assert jaccard(one[1], other[1]) > jaccard(BRIDGE, REPRINTS["half"][1])


def test_an_item_inside_a_round_up_is_the_same_only_if_the_round_up_is_about_it() -> None:
    round_up = (
        ". ".join(SENTENCES)
        + " من جهة أخرى، "
        + WHEAT
        + " وفي سياق آخر، "
        + OTHERS["the same background under other news"][1][1]
    )
    about_it, aside = (BRIDGE_TITLE, round_up), (WHEAT_TITLE, round_up)
    found = verdict((BRIDGE_TITLE, BRIDGE), about_it)
    assert found is not None
    assert found.kind == "contained"
    assert found.similarity > 0.9
    assert verdict((BRIDGE_TITLE, BRIDGE), aside) is None


def test_short_articles_are_never_compared() -> None:
    assert verdict(("عاجل", "انقطاع الكهرباء عن طرطوس"), ("عاجل", "انقطاع الكهرباء عن طرطوس")) is None


def test_similarity_is_the_share_of_the_shorter_text_that_the_longer_has() -> None:
    same = verdict((BRIDGE_TITLE, BRIDGE), (BRIDGE_TITLE, BRIDGE))
    assert same == Verdict("near", 1.0)
    cut = verdict((BRIDGE_TITLE, BRIDGE), REPRINTS["half"])
    assert cut is not None
    assert cut.similarity == 1.0


def plainly(a: np.void, b: np.void) -> tuple[bool, float]:
    """The verdict with sets, one pair at a time: what ``transforms.similarity`` says that it computes."""
    shorter, longer = sorted((int(a["size"]), int(b["size"])))
    phrases_of = [
        [int(high) << 16 | int(low) for high, low in zip(one["phrases_high"], one["phrases_low"], strict=True)]
        for one in (a, b)
    ]
    one, other = in_common_range(phrases_of[0], phrases_of[1], NO_PHRASE)
    phrases = len(one & other) / max(min(len(one), len(other)), 1)
    one, other = in_common_range(a["numbers"].tolist(), b["numbers"].tolist(), NO_NUMBER)
    numbers = (len(one & other) + 1) / (min(len(one), len(other)) + 1)
    words_of = [article["words"].tolist() for article in (a, b)]
    bare = [[word >> 2 for word in words] for words in words_of]
    one, other = in_common_range(bare[0], bare[1], NO_WORD >> 2)
    kept, headlines, repeated, lost = [], [], [], []
    for mine, theirs, words in ((one, other, words_of[0]), (other, one, words_of[1])):
        part = {word >> 2: word & 3 for word in words}
        in_text = {word for word in mine if part[word] != IN_TITLE}
        in_title = {word for word in mine if part[word] in {IN_TITLE, IN_BOTH}}
        key = {word for word in mine if part[word] in {REPEATED, IN_BOTH}}
        kept += [len(in_text & theirs) / len(in_text)] if in_text else []
        headlines.append(len(in_title & theirs) / len(in_title) if in_title else None)
        repeated.append(len(key))
        lost.append(len(key - theirs))
    share = max(kept, default=phrases)
    titles = [share if headline is None else headline for headline in headlines]
    price = similarity.PRICES
    difference = price["phrases"] * (1 - phrases)
    difference += price["aimed"] * max(phrases - share * share * share, 0)
    difference += price["swapped"] * (min(lost) / (min(repeated) + 2))
    difference += price["numbers"] * (1 - numbers)
    difference += price["headline"] * (1 - max(titles))
    about_it = titles[int(a["size"] < b["size"])] >= similarity.ABOUT
    part_of_it = phrases * shorter < similarity.PART * longer
    return difference <= 1 and shorter >= SHORTEST and (about_it or not part_of_it), phrases


def in_common_range(a: list[int], b: list[int], absent: int) -> tuple[set[int], set[int]]:
    """Two samples as far as both go: a sample without room for more ends at its last hash."""
    limit = min(a[-1], b[-1])
    one, other = ({value for value in sample if value <= limit and value != absent} for sample in (a, b))
    return one, other


def same(one: Verdicts, other: Verdicts) -> bool:
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))


def test_many_pairs_are_judged_as_each_is_alone() -> None:
    fingerprints = signed(articles(0, 60))
    pairs = np.array([(one, other) for one in range(60) for other in range(60)])
    verdicts = compare_pairs(fingerprints, pairs, at_once=500)
    assert 100 < verdicts.joined.sum() < 3000
    assert same(verdicts, compare_pairs(fingerprints, pairs[:, ::-1]))
    for (one, other), joined, contained, share in zip(pairs, *verdicts, strict=True):
        alone = compare(fingerprints[one], fingerprints[other])
        assert alone == (Verdict("contained" if contained else "near", float(share)) if joined else None)
        assert (bool(joined), float(share)) == plainly(fingerprints[one], fingerprints[other])


def drawn_record(draw: np.random.Generator) -> np.void:
    """A fingerprint that an article may have, from so few hashes that two of them share some."""

    def sample(field: int, absent: int) -> npt.NDArray[np.int64]:
        among = int(draw.integers(field // 2, field * 3))
        found = np.sort(draw.permutation(among)[: draw.integers(0, field + 1)]) * draw.integers(1, absent // among)
        return np.concatenate((found, np.full(max(field - len(found), 0), absent)))[:field]

    record = np.zeros(1, FINGERPRINT)
    phrases = sample(PHRASES, NO_PHRASE)
    words = sample(WORDS, NO_WORD >> 2)
    record["phrases_low"], record["phrases_high"] = phrases & 0xFFFF, phrases >> 16
    record["words"] = np.where(words == NO_WORD >> 2, NO_WORD, words << 2 | draw.integers(0, 4, WORDS))
    record["numbers"] = sample(NUMBERS, NO_NUMBER)
    record["size"] = draw.integers(0, 200)
    made: np.void = record[0]
    return made


@given(st.integers(0, 1 << 32))
def test_any_two_records_are_judged_as_defined_whichever_comes_first(seed: int) -> None:
    draw = np.random.default_rng(seed)
    one, other = drawn_record(draw), drawn_record(draw)
    verdicts = compare_pairs(np.array([one, other]), np.array([[0, 1]]))
    assert same(verdicts, compare_pairs(np.array([other, one]), np.array([[0, 1]])))
    assert (bool(verdicts.joined[0]), float(verdicts.similarity[0])) == plainly(one, other)


def test_no_pairs_give_no_verdicts() -> None:
    verdicts = compare_pairs(signed(articles(0, 2)), np.zeros((0, 2), np.int64))
    assert [len(part) for part in verdicts] == [0, 0, 0]


def test_an_article_of_five_megabytes_holds_no_more_than_any_other() -> None:
    long = " ".join(f"{BRIDGE} {number}" for number in range(5_000_000 // len(BRIDGE)))
    assert len(long) > 4_900_000
    one, other = pair((BRIDGE_TITLE, long), (WHEAT_TITLE, WHEAT))
    assert int(one["size"]) > 400
    assert compare(one, other) is None
    assert compare(one, one) == Verdict("near", 1.0)
