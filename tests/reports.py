"""Made-up reports for tests of what tells the same: a title and a text, their edits, and their fingerprints."""

import random
from collections.abc import Sequence

from transforms.fold import fold_text
from transforms.signature import Fingerprints, sign
from transforms.similarity import Verdict, compare

Report = tuple[str | None, str]

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
SENTENCES = BRIDGE.split(". ")


def greeting(country: str, president: str, occasion: str) -> tuple[str, str]:
    """What a palace sends on every national day."""
    return (
        f"الملك يهنئ رئيس {country} ب{occasion}",
        f"بعث جلالة الملك برقية تهنئة إلى فخامة الرئيس {president} رئيس جمهورية {country} بمناسبة {occasion} لبلاده. "
        f"وأعرب جلالته باسمه واسم شعب المملكة وحكومتها عن أصدق التهاني وأطيب التمنيات بالصحة والسعادة لفخامته، ولشعب "
        f"{country} الصديق اطراد التقدم والازدهار. كما بعث سمو ولي العهد برقية مماثلة إلى الرئيس {president} ضمنها "
        f"أبلغ التهاني وأطيب التمنيات لفخامته ولشعب {country} المزيد من الرقي والازدهار.",
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


def pair(a: Report, b: Report) -> Fingerprints:
    """Their fingerprints, shape (2,)."""
    return signed([a, b])


def verdict(a: Report, b: Report) -> Verdict | None:
    """What is said of two reports, whichever comes first."""
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


def articles(seed: int, count: int) -> list[Report]:
    """Reprints, templates and strangers, some of them random words, from the sentences of others."""
    draw = random.Random(seed)
    sentences = [*SENTENCES, *WHEAT.split(". "), *greeting("النيجر", "محمدو", "ذكرى الاستقلال")[1].split(". ")]
    vocabulary = " ".join(sentences).split()
    made: list[Report] = []
    for _ in range(count):
        body = ". ".join(draw.sample(sentences, draw.randint(1, 8)))
        if draw.random() < 0.2:
            body = " ".join(draw.choices(vocabulary, k=draw.randint(0, 400)))
        title = draw.choice([None, BRIDGE_TITLE, WHEAT_TITLE, " ".join(draw.choices(vocabulary, k=5))])
        made.append((title, edited(body, draw.choice([0.01, 0.05, 0.3]), seed=draw.randrange(99))))
    return made


def signed(made: Sequence[Report]) -> Fingerprints:
    """Their fingerprints, shape ``(len(made),)``."""
    return sign([fold_text(title or "") for title, _ in made], [fold_text(body) for _, body in made])
