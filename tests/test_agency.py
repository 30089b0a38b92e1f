"""The wire behind a report: found where the text says so, and only there."""

import pytest

from transforms.agency import AGENCIES, LEAD, LONGEST, TAIL, WORDS, _first_agency, origin_agency
from transforms.fold import fold_text

REPORT = "أعلنت وزارة الصحة أن حملة التطعيم ستبدأ مطلع الأسبوع المقبل في جميع المحافظات، وتشمل الأطفال دون الخامسة."


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        ("القاهرة (رويترز) - ", "REUTERS"),
        ("لندن 12 مارس (رويترز) - ", "REUTERS"),
        ("رويترز - نيروبي: ", "REUTERS"),
        ("باريس - أ ف ب: ", "AFP"),
        ("بيروت (أ.ف.ب) ـ ", "AFP"),
        ("برلين – د ب أ – ", "DPA"),
        ("دمشق-سانا: ", "SANA"),
        ("دمشق / سانا / ", "SANA"),
        ("أبوظبي في 3 يونيو / وام / ", "WAM"),
        ("صحيفة المدار - وكالات: ", "WIRES"),
        ("عواصم - (وكالات): ", "WIRES"),
        ("لندن \N{ARABIC TATWEEL}\N{ARABIC TATWEEL} وكالات: ", "WIRES"),
        ("بيروت \N{ARABIC TATWEEL} رويترز \N{ARABIC TATWEEL} ", "REUTERS"),
        ("المدار – واس\n", "SPA"),
        ("الدوحة - قنا: ", "QNA"),
        ("الدوحة - وكالة الأنباء القطرية: ", "QNA"),
        ("الكويت (كونا) -- ", "KUNA"),
        ("المنامة - بنا: ", "BNA"),
        ("عمّان (بترا) - ", "PETRA"),
        ("رام الله - وفا: ", "WAFA"),
        ("بيت لحم - معا - ", "MAAN"),
        ("أنقرة/ الأناضول/ ", "AA"),
        ("موسكو (تاس) - ", "TASS"),
        ("موسكو - ريا نوفوستي: ", "RIA"),
        ("بكين (شينخوا) - ", "XINHUA"),
        ("واشنطن (أسوشيتد برس) - ", "AP"),
        ("(رويترز، أ ف ب) - ", "REUTERS"),
        ("الرياض: ", None),
        ("مراسل المدار - حلب: ", None),
    ],
)
def test_a_dateline_names_the_wire(opening: str, code: str | None) -> None:
    assert origin_agency("حملة تطعيم في المحافظات", opening + REPORT, None) == code


@pytest.mark.parametrize(
    ("author", "code"),
    [
        ("رويترز", "REUTERS"),
        ("الرياض: واس", "SPA"),
        ("تصوير: واس", None),
        ("صور - رويترز", "REUTERS"),
        ("لندن - رويترز - سوق المال", "REUTERS"),
        ("نيودلهي - (د ب أ):", "DPA"),
        ("أ. ف. ب. - طوكيو", "AFP"),
        ("وكالات - عواصم", "WIRES"),
        ("معا", "MAAN"),
        ("سليم معا", None),
        ("بتول فارس", None),
        ("لندن: «المدار»", None),
        (None, None),
    ],
)
def test_a_byline_names_the_wire(author: str | None, code: str | None) -> None:
    assert origin_agency(None, REPORT, author) == code


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (" (أ ف ب)", "AFP"),
        (" (سانا).", "SANA"),
        ("\nالمصدر: رويترز", "REUTERS"),
        ("\nالمصدر : وكالات", "WIRES"),
        ("\nالأناضول", "AA"),
        ("\n-وات-", "TAP"),
        (" - أ ف ب -", "AFP"),
        (" «رويترز»", "REUTERS"),
        (" وسيشارك فيها متطوعون، وفقا لوكالة رويترز.", "REUTERS"),
        (' وسيشارك فيها متطوعون، بحسب ما نقلته وكالة الأنباء الرسمية "وات".', "TAP"),
        (" وعلقت الوزارة على مداخل المراكز لافتة كتب عليها «وفا».", None),
        ("\nتحرير: سامي وفا", None),
        (" (الصورة من الأرشيف)", None),
    ],
)
def test_an_ending_names_the_wire(ending: str, code: str | None) -> None:
    assert origin_agency("حملة تطعيم", REPORT + ending, None) == code


@pytest.mark.parametrize(
    ("lead", "code"),
    [
        ("نقلا عن وكالة رويترز، قال مسؤول في الشحن البحري إن الميناء أعيد فتحه.", "REUTERS"),
        ("قُتل شخصان في انهيار مبنى، بحسب ما نقلته وكالة الأنباء الفرنسية عن الشرطة.", "AFP"),
        ("وصلت قافلة المساعدات إلى المدينة، وفقًا لوكالة سانا.", "SANA"),
        ("وصلت قافلة المساعدات إلى المدينة فجرا، بحسبما أفادت سانا.", "SANA"),
        ("وصلت قافلة المساعدات إلى المدينة فجرا، وفقما ذكرت وكالة سانا.", "SANA"),
        ("وصلت قافلة المساعدات إلى المدينة فجرا، حسب ما نقلت وكالة سانا.", "SANA"),
        ("وصلت قافلة المساعدات إلى المدينة فجرا، طبقا لما نقلته وكالة سانا.", "SANA"),
        ("ارتفع عدد القتلى إلى تسعة وفق ما أفادت به وكالة شينخوا.", "XINHUA"),
        ('تراجعت مخزونات الخام للأسبوع الثالث. وبحسب "رويترز"، فإن المصافي خفضت مشترياتها.', "REUTERS"),
        ("أفادت وكالة الأنباء البحرينية أن السفير غادر المنامة فجرا.", "BNA"),
        ("أخلت السلطات حيين قرب المصب. ونقلت وكالة إنترفاكس عن عمدة المدينة أن الأسوأ انقضى.", "INTERFAX"),
        ("أنهت المؤسسة تقريرها السنوي، وتلقت وكالة الأنباء السعودية «واس» نسخة منه.", "SPA"),
    ],
)
def test_words_that_attribute_the_report_name_the_wire(lead: str, code: str) -> None:
    assert origin_agency("خبر", lead + " " + REPORT, None) == code


@pytest.mark.parametrize(
    "text",
    [
        "قالت وكالة رويترز إن مراسلها أصيب بشظية أثناء تغطيته المعارك في ضواحي المدينة.",
        "ذكرت وكالة رويترز أنها ستغلق مكتبها في العاصمة بعد احتجاز اثنين من مصوريها.",
        "أعلنت وكالة أسوشيتد برس أنها سترفع دعوى على الحكومة بسبب التنصت على صحافييها.",
        "وأضاف المتحدث، في تصريح لوكالة الأناضول، أن المفاوضات مستمرة منذ شهر.",
        "اقتحم مسلحون مبنى وكالة سانا في دمشق وأضرموا النار في طابقه الأول.",
        "معا - هذا شعار الحملة التي أطلقتها البلدية لتنظيف الشواطئ قبل موسم الصيف.",
        "معا: حملة لتنظيف الشواطئ تطلقها البلدية قبل موسم الصيف بمشاركة مئات المتطوعين.",
        "زار السياح مدينة بترا الأثرية بأعداد قياسية هذا العام، وفق ما قالت وزارة السياحة.",
        "قال فارس - وهو طالب في كلية الهندسة - إن الامتحان كان أصعب من العام الماضي.",
        "رُفعت الجلسة بحسب فارس، وهو محام حضرها عن أهالي الضحايا منذ بدايتها.",
        "عبد الله فارس محافظ المدينة الساحلية يزور الميناء (رويترز) ويلتقي الصيادين والعمال فيه.",
        "رحبت تاس الحكومية بالقرار؟ لا أحد يعرف، فالبيان لم يصدر بعد على الإطلاق.",
        "",
    ],
)
def test_an_agency_that_is_talked_about_is_not_the_origin(text: str) -> None:
    assert origin_agency("من أخبار الإعلام", text + " " + REPORT if text else "", None) is None


def test_a_report_may_end_in_its_attribution_however_long_it_is() -> None:
    assert len(fold_text(REPORT * 6)) > LEAD * 6 + TAIL
    for ending in ("وذلك وفقا لرويترز.", "نقلا عن وكالة رويترز للأنباء"):
        assert origin_agency("خبر", f"{REPORT * 6} وارتفعت الأسعار {ending}", None) == "REUTERS"


def test_an_attribution_deep_in_the_text_is_of_a_claim_not_of_the_report() -> None:
    assert origin_agency("خبر", REPORT * 6 + " وارتفعت الأسعار نقلا عن وكالة رويترز. " + REPORT, None) is None


def test_a_headline_that_opens_with_the_wire_names_it() -> None:
    assert origin_agency("رويترز: هبوط أسعار النفط", REPORT, None) == "REUTERS"
    assert origin_agency("معا: حملة لتنظيف الشواطئ", REPORT, None) is None


def test_the_byline_is_believed_before_the_dateline() -> None:
    assert origin_agency("خبر", "موسكو (تاس) - " + REPORT, "رويترز") == "REUTERS"


def test_no_name_belongs_to_two_agencies() -> None:
    names = [fold_text(name) for listed in AGENCIES.values() for name in listed.split("،")]
    assert [name for name in names if names.count(name) > 1] == []


def test_names_that_are_words_are_names() -> None:
    names = {fold_text(name) for listed in AGENCIES.values() for name in listed.split("،")}
    assert names >= WORDS


@pytest.mark.parametrize("text", [f"ونقلا عن وكالة رويترز {REPORT}", f"{REPORT} وذلك وفقا لرويترز.", REPORT, ""])
def test_folded_words_at_hand_change_nothing(text: str) -> None:
    assert origin_agency("خبر", text, None, fold_text(text)) == origin_agency("خبر", text, None)


def test_what_is_too_long_for_a_name_is_not_remembered() -> None:
    held = _first_agency.cache_info().currsize
    assert origin_agency(None, REPORT, "رويترز" * LONGEST) is None
    assert _first_agency.cache_info().currsize == held
