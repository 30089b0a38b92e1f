"""What makes two articles tell the same; and that verdicts, candidates and clusters depend on nothing else."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import similarity
from transforms.fold import fold_text
from transforms.judge import connect
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
    Fingerprints,
    passage_keys,
    sign,
)
from transforms.similarity import Verdict, Verdicts, candidates, compare, compare_pairs, count_pairs
from transforms.stems import NO_NUMBER, Indices

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
GOLD = SHARED / "gold" / "neardup_dev.jsonl"
WEEK = 7 * 86_400_000_000

BRIDGE = (
    "افتتح محافظ طرطوس صباح اليوم جسر الميناء القديم بعد أعمال ترميم استمرت عامين وبلغت كلفتها 340 مليون ليرة. "
    "وقال المهندس سامر خضور، مدير المشروع، إن الجسر الذي بني عام 1932 كان مهددا بالانهيار، وإن الورشات استبدلت "
    "سبعة من أعمدته ودعمت الباقي بالفولاذ. وأضاف أن حركة الشاحنات ستبقى ممنوعة حتى نهاية الشهر ريثما تنتهي "
    "الاختبارات، على أن تمر سيارات الأجرة والحافلات الصغيرة منذ الغد. ورحب أصحاب المتاجر في الحي بالخطوة، وذكر "
    "الصياد رمضان حسون أن إغلاق الجسر كلفه ساعة إضافية كل صباح للوصول إلى المرفأ."
)
BRIDGE_TITLE = "افتتاح جسر الميناء القديم في طرطوس"
WHEAT = (
    "أعلنت المؤسسة العامة للحبوب في الحسكة انتهاء موسم تسويق القمح بعد استلام 78 ألف طن من الفلاحين، وهو أدنى رقم "
    "منذ عقدين بسبب الجفاف. وأوضح المدير العام يوسف قاسم أن الصوامع فتحت أبوابها حتى العاشرة ليلا طوال يونيو، وأن "
    "ثمن الكيلوغرام رفع مرتين ليواكب كلفة المازوت والأسمدة. واشتكى فلاحون من تأخر صرف قيمة المحصول ستة أسابيع."
)
WHEAT_TITLE = "قمح الحسكة: أدنى محصول منذ عشرين عاما"


def greeting(country: str, president: str, occasion: str) -> tuple[str, str]:
    """What a palace sends on every national day."""
    return (
        f"الملك يهنئ رئيس {country} ب{occasion}",
        f"بعث جلالة الملك برقية تهنئة إلى فخامة الرئيس {president} رئيس جمهورية {country} بمناسبة {occasion} لبلاده. "
        f"وأعرب جلالته باسمه واسم شعب المملكة وحكومتها عن أصدق التهاني وأطيب التمنيات بالصحة والسعادة لفخامته، ولشعب "
        f"{country} الصديق اطراد التقدم والازدهار. كما بعث سمو ولي العهد برقية مماثلة إلى الرئيس {president} ضمنها "
        f"أبلغ التهاني وأطيب التمنيات لفخامته ولشعب {country} المزيد من الرقي والازدهار.",
    )


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


TOWNS = (
    "الرستن سلمية جبلة القامشلي تدمر منبج الميادين دوما يبرود القصير صافيتا معلولا نوى داعل شهبا صلخد الزبداني قطنا "
    "النبك عفرين الباب جسر أريحا السقيلبية مصياف القدموس بانياس الحفة كسب رأس عامودا المالكية الشدادي البوكمال"
)
FAMILIES = "حيدر الأتاسي قباني الجندي شاهين الحموي بكداش درويش غزالة مخلوف زيدان كيالي قدور عرنوس حداد ميالة"


def bulletin(number: int) -> tuple[str, str]:
    """Nine tenths of it a form; what it says is two places, a person and three figures."""
    draw = random.Random(number)
    near, place = draw.sample(TOWNS.split(), 2)
    person = " ".join(draw.sample(FAMILIES.split(), 2))
    return (
        f"حوادث السير في {place}",
        f"أعلن قسم المرور في {place} قرب {near} على لسان العقيد {person} تسجيل "
        f"{draw.randrange(3, 90)} حادثا و{draw.randrange(100, 999)} "
        f"مخالفة وحجز {draw.randrange(10, 99)} مركبة. "
        "ويذكر القسم السائقين بضرورة الالتزام بالسرعة المحددة على الطرق "
        "الدولية وداخل المدن، وعدم استخدام الهاتف المحمول أثناء "
        "القيادة، وربط حزام الأمان للسائق ومن يجلس إلى جانبه، وترك مسافة "
        "كافية بين المركبات ولا سيما عند هطول المطر وتشكل "
        "الضباب في ساعات الصباح الأولى. ويدعو إلى فحص الإطارات والمكابح "
        "والأنوار قبل السفر، وإلى الإبلاغ عن كل ما يعيق الحركة "
        "على الرقم المجاني، مبينا أن دورياته تنتشر على مدار الساعة عند "
        "التقاطعات وأمام المدارس، وأن العقوبات تضاعف بحق من يكرر "
        "المخالفة خلال العام نفسه، وأن دفع الغرامات متاح في مراكز خدمة "
        "المواطن وعبر المصارف العامة من دون رسوم إضافية، ويمكن "
        "الاعتراض عليها أمام لجنة مختصة تجتمع كل أسبوع وتصدر قراراتها "
        "المعللة بعد سماع صاحب الشكوى والاطلاع على الصور.",
    )


def pair(a: tuple[str | None, str], b: tuple[str | None, str]) -> Fingerprints:
    return sign([fold_text(title or "") for title, _ in (a, b)], [fold_text(body) for _, body in (a, b)])


def verdict(a: tuple[str | None, str], b: tuple[str | None, str]) -> Verdict | None:
    one, other = pair(a, b)
    found = compare(one, other)
    assert compare(other, one) == found
    return found


def edited(body: str, share: float, seed: int = 1) -> str:
    """``body`` with a share of its words dropped, doubled or replaced."""
    draw = random.Random(seed)
    words: list[str] = []
    for word in body.split():
        deed = draw.random() / share
        words += [word] if deed >= 1 else [] if deed < 0.34 else [word, "كذلك"] if deed < 0.67 else ["المذكور"]
    return " ".join(words)


SENTENCES = BRIDGE.split(". ")

REPRINTS: dict[str, tuple[str | None, str]] = {
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


OTHERS: dict[str, tuple[tuple[str | None, str], tuple[str | None, str]]] = {
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


def articles(seed: int, count: int) -> list[tuple[str | None, str]]:
    """Reprints, templates and strangers, some of them random words, from the sentences above."""
    draw = random.Random(seed)
    sentences = [*SENTENCES, *WHEAT.split(". "), *greeting("النيجر", "محمدو", "ذكرى الاستقلال")[1].split(". ")]
    vocabulary = " ".join(sentences).split()
    made: list[tuple[str | None, str]] = []
    for _ in range(count):
        body = ". ".join(draw.sample(sentences, draw.randint(1, 8)))
        if draw.random() < 0.2:
            body = " ".join(draw.choices(vocabulary, k=draw.randint(0, 400)))
        title = draw.choice([None, BRIDGE_TITLE, WHEAT_TITLE, " ".join(draw.choices(vocabulary, k=5))])
        made.append((title, edited(body, draw.choice([0.01, 0.05, 0.3]), seed=draw.randrange(99))))
    return made


def signed(made: Sequence[tuple[str | None, str]]) -> Fingerprints:
    return sign([fold_text(title or "") for title, _ in made], [fold_text(body) for _, body in made])


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


@pytest.mark.parametrize("seed", range(3))
def test_many_pairs_are_judged_as_each_is_alone(seed: int) -> None:
    fingerprints = signed(articles(seed, 60))
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


bucket = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 5)), max_size=120)


def columns(claims: list[tuple[int, int, int]]) -> tuple[Indices, Indices, Indices]:
    """Keys, articles and times: an article has one time."""
    keys, numbers = (np.array([claim[place] for claim in claims], np.int64) for place in (0, 1))
    return keys, numbers, numbers * 7 % 11


@given(bucket, st.randoms(use_true_random=False))
def test_candidates_do_not_depend_on_order(claims: list[tuple[int, int, int]], draw: random.Random) -> None:
    shuffled = draw.sample(claims, len(claims))
    assert np.array_equal(candidates(*columns(claims), 99).pairs, candidates(*columns(shuffled), 99).pairs)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_large_bucket_articles_of_one_moment_are_told_apart_by_their_numbers(seed: int) -> None:
    many = np.arange(60)
    shuffled = np.random.default_rng(seed).permutation(many)
    once, again = (candidates(many * 0, numbers, many * 0, WEEK) for numbers in (many, shuffled))
    assert np.array_equal(once.pairs, again.pairs)


@given(bucket)
def test_in_a_small_bucket_all_meet_all(claims: list[tuple[int, int, int]]) -> None:
    claims = [*{(key, article): (key, article, 0) for key, article, _ in claims}.values()]
    counts = Counter(key for key, _, _ in claims)
    claims = [claim for claim in claims if counts[claim[0]] <= similarity.SMALL]
    expected = {(a, b) for key, a, _ in claims for other, b, _ in claims if key == other and a < b}
    assert {(int(a), int(b)) for a, b in candidates(*columns(claims), 99).pairs} == expected


def test_candidates_grow_with_the_articles_and_not_with_their_square() -> None:
    many = np.arange(similarity.HOT + 1)
    keys = np.zeros(len(many), np.int64)
    warm = candidates(keys[:-1], many[:-1], many[:-1], WEEK)
    assert warm.hot == 0
    assert len(warm.pairs) == sum(similarity.HOT - step for step in range(1, similarity.WINDOW + 1))
    hot = candidates(keys, many, many, WEEK)
    assert hot.hot == 1
    assert len(hot.pairs) == 0


def test_articles_further_apart_than_the_look_back_are_no_candidates() -> None:
    keys, numbers = np.zeros(3, np.int64), np.arange(3)
    assert candidates(keys, numbers, np.array([0, WEEK, 2 * WEEK + 1]), WEEK).pairs.tolist() == [[0, 1]]


def test_no_claims_give_no_candidates() -> None:
    none = np.zeros(0, np.int64)
    assert candidates(none, none, none, WEEK).pairs.shape == (0, 2)
    assert candidates(none + 1, none, none, WEEK).hot == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_pairs_are_told_once_with_how_often_they_met(drawn: list[tuple[int, int]]) -> None:
    expected = sorted(Counter((min(one), max(one)) for one in drawn if one[0] != one[1]).items())
    pairs, counts = count_pairs(np.array(drawn, np.int64).reshape(-1, 2), np.ones(len(drawn), np.int64))
    assert [(tuple(pair), count) for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)] == expected


@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=60), st.randoms())
def test_clusters_are_the_connected_articles_in_any_order(
    count: int, drawn: list[tuple[int, int]], draw: random.Random
) -> None:
    drawn = [(a % count, b % count) for a, b in drawn]
    label = list(range(count))
    for _ in drawn:
        for a, b in drawn:
            label[a] = label[b] = min(label[a], label[b])
    for _ in range(2):
        assert connect(count, np.array(drawn, np.int64).reshape(-1, 2)).tolist() == label
        draw.shuffle(drawn)


def test_a_long_chain_is_one_cluster() -> None:
    links = np.stack((np.arange(9999), np.arange(1, 10000)), axis=1)
    assert not connect(10000, np.random.default_rng(3).permutation(links)).any()


def joined(made: list[tuple[str | None, str]], order: list[int]) -> set[frozenset[int]]:
    """Clusters of more than one, told by the places in ``made``, with the articles handed over in ``order``."""
    fingerprints = signed([made[place] for place in order])
    place_of = np.array(order)
    keys, rows = passage_keys(fingerprints)
    found = candidates(keys, place_of[rows], place_of[rows] * 10**9, 10**15).pairs
    row_of = np.argsort(place_of)
    links = found[compare_pairs(fingerprints, row_of[found]).joined]
    label = connect(len(made), links)
    return {frozenset(np.flatnonzero(label == root).tolist()) for root in np.unique(label)}


@pytest.mark.parametrize("seed", range(3))
def test_clusters_of_articles_do_not_depend_on_the_order_they_come_in(seed: int) -> None:
    made = articles(seed, 80)
    order = list(range(80))
    whole = joined(made, order)
    assert 10 < len(whole) < 75
    for again in range(3):
        random.Random(again).shuffle(order)
        assert joined(made, order) == whole


def linked(made: Sequence[tuple[str | None, str]]) -> tuple[set[frozenset[int]], int]:
    """Clusters of articles published a minute apart, and how many pairs were compared."""
    fingerprints = signed(made)
    keys, rows = passage_keys(fingerprints)
    found = candidates(keys, rows, rows * 60_000_000, WEEK).pairs
    label = connect(len(made), found[compare_pairs(fingerprints, found).joined])
    return {frozenset(np.flatnonzero(label == root).tolist()) for root in np.unique(label)}, len(found)


def test_many_copies_are_one_story_and_not_compared_all_with_all() -> None:
    found, compared = linked([(BRIDGE_TITLE, BRIDGE)] * similarity.HOT)
    assert found == {frozenset(range(similarity.HOT))}
    assert compared < similarity.HOT * similarity.WINDOW


def test_a_thousand_equal_texts_are_left_to_who_compares_texts() -> None:
    assert linked([(BRIDGE_TITLE, BRIDGE)] * 1000)[1] == 0


def test_five_thousand_texts_that_say_next_to_nothing_are_not_compared() -> None:
    found, compared = linked([("عاجل", ("", "صور", "حالة الطقس")[number % 3]) for number in range(5000)])
    assert compared == 0
    assert len(found) == 5000


def test_a_thousand_bulletins_of_one_form_stay_apart() -> None:
    made = [bulletin(number) for number in range(1000)]
    words = [fold_text(body).split() for _, body in made[:2]]
    assert sum(one == other for one, other in zip(*words, strict=True)) >= 0.9 * len(words[0])
    found, compared = linked(made)
    assert compared < 1000 * 32
    assert len(found) >= 940
    assert max(map(len, found)) <= 20


def test_an_article_of_five_megabytes_holds_no_more_than_any_other() -> None:
    long = " ".join(f"{BRIDGE} {number}" for number in range(5_000_000 // len(BRIDGE)))
    assert len(long) > 4_900_000
    one, other = pair((BRIDGE_TITLE, long), (WHEAT_TITLE, WHEAT))
    assert int(one["size"]) > 400
    assert compare(one, other) is None
    assert compare(one, one) == Verdict("near", 1.0)


# What follows reads data that is not part of the project.

needs_gold = pytest.mark.skipif(not GOLD.exists(), reason="the labelled pairs are not here")


@pytest.fixture(scope="module")
def gold() -> list[tuple[str, tuple[str, str], tuple[str, str]]]:
    with GOLD.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["label"], *((row[side]["title"], row[side]["text"]) for side in "ab")) for row in rows]


@needs_gold
def test_labelled_pairs_are_joined_as_labelled(gold: list[tuple[str, tuple[str, str], tuple[str, str]]]) -> None:
    told = Counter(label for label, _, _ in gold)
    found = Counter(label for label, a, b in gold if verdict(a, b))
    assert found["near_dup"] + found["contained"] >= 0.9 * (told["near_dup"] + told["contained"])
    assert found["template"] + found["related"] <= 0.03 * (told["template"] + told["related"])
    assert found["same_event"] == 0


@needs_gold
def test_labelled_reprints_meet(gold: list[tuple[str, tuple[str, str], tuple[str, str]]]) -> None:
    met = [
        len(set(passage_keys(one)[0].tolist()) & set(passage_keys(other)[0].tolist())) > 0
        for label, a, b in gold
        if label in {"near_dup", "contained"}
        for one, other in [(pair(a, b)[:1], pair(a, b)[1:])]
    ]
    assert np.mean(met) >= 0.95


@pytest.mark.skipif(not (SHARED / "articles_dev.jsonl.gz").exists(), reason="the development articles are not here")
def test_real_articles_cluster_the_same_in_any_order_and_in_parts() -> None:
    with gzip.open(SHARED / "articles_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(3000), strict=False)]
    made: list[tuple[str | None, str]] = [(row["title"], row["text"] or "") for row in rows]
    whole = joined(made, list(range(len(made))))
    shuffled = random.Random(1).sample(range(len(made)), len(made))
    assert joined(made, shuffled) == whole
    assert len(made) - len(whole) > 300
    assert in_parts(made) == whole


def in_parts(made: list[tuple[str | None, str]]) -> set[frozenset[int]]:
    """Clusters of ten runs of a tenth each, each against all before it."""
    fingerprints = signed(made)
    links: list[Indices] = []
    shuffled = np.array(random.Random(2).sample(range(len(made)), len(made)))
    for end in range(1, 11):
        known = np.sort(shuffled[: len(made) * end // 10])
        keys, rows = passage_keys(fingerprints[known])
        found = candidates(keys, known[rows], known[rows] * 10**9, 10**15).pairs
        links.append(found[compare_pairs(fingerprints, found).joined])
    label = connect(len(made), np.concatenate(links))
    return {frozenset(np.flatnonzero(label == root).tolist()) for root in np.unique(label)}
