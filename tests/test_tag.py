"""The tagger: who is referred to, where exactly, and what only looks like it."""

import csv
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.actors import load_registry
from schemas.mention import ActorTally, Mention
from transforms.sentences import split_sentences
from transforms.tag import Tagger, show_sentences

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
GOLD = SHARED / "gold"
NEEDS_GOLD = pytest.mark.skipif(not GOLD.is_dir(), reason=f"the labelled development data is not at {GOLD}")

TAGGER = Tagger(load_registry())
IN_2015 = datetime(2015, 9, 1, tzinfo=UTC)
DAMMA, FATHA, SHADDA = "\N{ARABIC DAMMA}", "\N{ARABIC FATHA}", "\N{ARABIC SHADDA}"


def tag(text: str, title: str | None = None, at: datetime = IN_2015) -> tuple[ActorTally, ...]:
    return TAGGER.tag(title, text, at)


def actors(text: str, at: datetime = IN_2015) -> set[str]:
    return {tally.actor for tally in tag(text, at=at)}


def mentions(text: str, title: str | None = None) -> Iterator[Mention]:
    for tally in tag(text, title):
        yield from tally.mentions


def surfaces(text: str) -> set[str]:
    return {text[mention.start : mention.end] for mention in mentions(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Clitics, in all stackings
        ("وللبنان حدود مع إسرائيل", "LBN ISR"),
        ("فبالسعودية ملايين الحجاج", "SAU"),
        ("وبالأردن مخيمات كثيرة", "JOR"),
        ("سلمت الرسالة للفرنسيين", "FRA"),
        ("كاليابان في صناعتها", "JPN"),
        ("فللأمم المتحدة بعثة هناك", "UN"),
        ("زار اليمنيون وفدهم", "YEM"),
        ("استعان بالبريطانيين وبالأتراك", "GBR TUR"),
        # A letter that looks like a clitic belongs to the name
        ("اتفقت ليبيا وبلجيكا وكوبا وفنلندا على القرار", "LBY BEL CUB FIN"),
        ("قرأت عن البنوك واللبان والكويكبات", ""),
        # Inflected nationalities
        ("قتل جنديان ألمانيان وأصيبت ممرضتان سويديتان", "DEU SWE"),
        ("ناشطات إيرانيات وصحفيون أتراك ورهبان صرب", "IRN TUR SRB"),
        ("طالب معلمو الفلبين ومهاجرو السنغال بحقوقهم", "PHL SEN"),
        ("اعتقلت الشرطة مواطنا هنديا", "IND"),
        ("تعادل المنتخب الكوري الجنوبي مع نظيره الجنوب أفريقي", "KOR ZAF"),
        # The longest name wins and blocks what is inside it
        ("نفى تنظيم القاعدة في بلاد المغرب الإسلامي الخبر", "AL_QAEDA"),
        ("اجتمع مجلس التعاون لدول الخليج العربية", "GCC"),
        ("توغلت قوات سوريا الديمقراطية شرقا", "SDF"),
        ("قصفت جنوب السودان ثم أدان السودان القصف", "SSD SDN"),
        ("وقعت غينيا بيساو الاتفاق مع غينيا", "GNB GIN"),
        ("استقلت كوريا الجنوبية بقرارها عن كوريا الشمالية", "KOR PRK"),
        ("انضمت الكونغو الديمقراطية بعد الكونغو", "COD COG"),
        ("اتهمت بيلاروسيا أو روسيا البيضاء", "BLR"),
        # Lost spaces, digits, quotation marks and hyphens inside a name
        ("دعت الأممالمتحدة وروسياوتركيا إلى هدنة", "UN RUS TUR"),
        ("أعلن الاتحادالأوروبي موقفه", "EU"),
        ("أصيب 7مصريين في الحادث", "EGY"),
        ("هاجم مسلحو جبهة «النصرة» القرية", "NUSRA"),
        ("وصلت بعثة من غينيا-بيساو", "GNB"),
        ("شاركت مصروالسعودية وقطر", "EGY SAU QAT"),
        # After a word that is a given name too
        ("قال المتحدث باسم لبنان وباسم الجيش الوطني الليبي", "LBN LNA LBY"),
        # The kingdom, the occupation: whose, the article says
        ("زار الملك المغرب، وقال إن المملكة تتقدم", "MAR"),
        ("أعلنت وزارة العمل في المملكة لائحة جديدة", "SAU"),
        ("احتج الفلسطينيون على الاحتلال", "PSE ISR"),
        ("انتهى الاحتلال الفرنسي بعد عقود", "FRA"),
        # Spelling
        ("قال الرئيس المصرى إن الامارات والمانيا واميركا", "EGY ARE DEU USA"),
        ("الحكومة الأمريكيه والخارجية الجزائريه", "USA DZA"),
        ("سورية وسوريا وروسيـــا وإيــران", "SYR RUS IRN"),
        ("صرح مسؤول في پاکستان وایران", "PAK IRN"),
        # Nested organisations and the nationality of a group
        ("أصدر حزب الله اللبناني بيانا", "HEZBOLLAH LBN"),
        ("قالت حركة طالبان الباكستانية إنها هاجمت القاعدة الجوية", "TTP PAK"),
        ("عقد المجلس القومي اجتماعا وتلاه مجلس الأمن القومي", ""),
        ("اجتمع مجلس الأمن الدولي لبحث ملف منظمة الصحة العالمية", "UN"),
    ],
)
def test_actors_are_found(text: str, expected: str) -> None:
    assert actors(text) == set(expected.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Null aliases and homographs
        ("غرق القارب في المحيط الهندي قبالة السواحل", ""),
        ("أعد طبقا من جوز الهند والفول السوداني", ""),
        ("عاد إلى مسقط رأسه بعد أعوام", ""),
        ("أقر وزير المالية الدعم المالي للمؤسسات", ""),
        ("شارك في صلاة المغرب ثم غادر", ""),
        ("كسرت يده اليمنى وتغير المجرى", ""),
        ("دخل اللاعبون الملعب بحماس شديد", ""),
        ("شرب كوبا\N{ARABIC FATHATAN} ساخنا", ""),
        ("تتوقف الخطوط الجوية الفرنسية عن الطيران فوق قناة بنما", ""),
        ("حفر بئرا قطره متر وقطر فوهته متران", ""),
        ("حصد الفريق حصة الأسد من الجوائز", ""),
        ("زار متحف الآثار الرومانية في المدينة", ""),
        ("هطلت الأمطار وجرفت سيول الوادي", ""),
        ("فاز ريال مدريد على باريس سان جيرمان", ""),
        # Languages, currencies, outlets
        ("ألقى الكلمة باللغة الإنجليزية ثم بالفرنسية", ""),
        ("يتحدث الألمانية والإيطالية بطلاقة", ""),
        ("بلغت الكلفة مليون دولار أميركي و3 آلاف جنيه مصري", ""),
        ("ذكرت صحيفة «ديلي تلغراف» البريطانية أن الطقس سيتحسن", ""),
        ("نقلت وكالة الأنباء الألمانية عن شهود", ""),
        ("أوردت قناة روسيا اليوم الخبر", ""),
        # Surnames and given names
        ("كرّم النادي الحارس خالد المصري", ""),
        ("قال أبو حمزة المغربي لأنصاره", ""),
        ("سجل المهاجم تركي الدوسري هدفين", ""),
        ("حضر الندوة الدكتور تركي بن فيصل", ""),
        ("وصل مسؤول تركي إلى المطار", "TUR"),
        ("التقى حسن أبو هنية الطلاب", ""),
        # Streets and hotels
        ("يقع المتجر في شارع مصر قرب ميدان تونس", ""),
        # Capitals: a place, or the state that acts
        ("وقع الانفجار في باريس مساء", ""),
        ("وصل الوفد إلى موسكو قادما من برلين", ""),
        ("رفضت باريس الطلب", "FRA"),
        ("أن موسكو تدرس الرد", "RUS"),
        ("توترت العلاقات بين بكين وطوكيو", "CHN JPN"),
        ("شددت واشنطن عقوباتها على طهران", "USA IRN"),
        ("اتهمت واشنطن موسكو بالتدخل", "USA RUS"),
        ("التدريبات التي تجريها بيونغ يانغ وسول", "PRK"),
        ("امتد الطريق بين مدريد ومدن الجنوب", ""),
        ("احتجت طهران والدوحة وأنقرة على القرار", "IRN QAT TUR"),
        # Homographs of Mali, the Comoros, Benin
        ("انتشر الجيش الفرنسي في شمال مالي", "FRA MLI"),
        ("يعاني من عجز مالي كبير", ""),
        ("تفقد الرئيس المالي قواته", "MLI"),
        ("أطلق المسبار القمري الجديد", ""),
        ("افتتح مدرسة البنين الثانوية", ""),
        # Greek and Turkish Cypriots
        ("التقى زعيما القبارصة الأتراك والقبارصة اليونانيين", "CYP"),
    ],
)
def test_what_only_looks_like_an_actor_is_none(text: str, expected: str) -> None:
    assert actors(text) == set(expected.split())


def test_marks_tell_oman_from_amman_and_without_marks_the_article_does() -> None:
    assert actors(f"رحبت ع{DAMMA}مان بالاتفاق") == {"OMN"}
    assert actors(f"رحبت ع{FATHA}م{SHADDA}ان بالاتفاق") == {"JOR"}
    assert actors("رحبت سلطنة عمان بالاتفاق، وقالت عمان إنه مهم") == {"OMN"}
    assert actors("رحبت عمان بالاتفاق، وقال وزير الخارجية الأردني إنه مهم") == {"JOR"}
    assert actors("وصل وزير الخارجية الأردني إلى عمان") == {"JOR"}


def test_an_office_holder_counts_on_the_days_of_the_office() -> None:
    text = "ألقى أوباما خطابا ثم تحدث دونالد ترامب"
    assert actors(text, datetime(2016, 6, 1, tzinfo=UTC)) == {"USA"}
    assert {m.alias for t in tag(text, at=datetime(2016, 6, 1, tzinfo=UTC)) for m in t.mentions} == {"اوباما"}
    assert {m.alias for t in tag(text, at=datetime(2018, 6, 1, tzinfo=UTC)) for m in t.mentions} == {"دونالد ترامب"}
    assert actors("استقبل جورجيا ميلوني في مكتبه", datetime(2015, 1, 1, tzinfo=UTC)) == set()


def test_an_ambiguous_name_is_the_actor_the_article_speaks_of() -> None:
    yemen = "تقدمت المقاومة في اليمن بعد غارات التحالف على الحوثيين"
    iraq = "تقدم الجيش في العراق بعد غارات التحالف على تنظيم الدولة الإسلامية"
    assert "ARAB_COALITION" in actors(yemen)
    assert "INTERNATIONAL_COALITION" in actors(iraq)
    assert actors("فشل التحالف بين الشركتين") == set()


def test_roles_are_those_of_the_names_that_were_used() -> None:
    (tally,) = tag("التقى لافروف نظيره ثم اتصل بوتين بالوزير وشكر الكرملين الوفد الروسي")
    assert tally.actor == "RUS"
    assert tally.roles == ("foreign-minister", "head-of-state")
    assert [mention.role for mention in tally.mentions] == ["foreign-minister", "head-of-state", None, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وللولايات المتحدة قواعد", {"ولايات المتحدة"}),
        ("قال السعوديون وبالسعودية نفط", {"السعوديون", "السعودية"}),
        (f"زار ع{DAMMA}مان{FATHA} اليوم", {f"ع{DAMMA}مان{FATHA}"}),
        ("إيـــران", {"إيـــران"}),
        ("😀 دعت مصر 😀", {"مصر"}),
        ("جبهة «النصرة»", {"جبهة «النصرة"}),
        ("ودعت الولاياتالمتحدةوروسيا", {"الولاياتالمتحدة", "روسيا"}),
        ("قتل 12سوريا", {"سوريا"}),
    ],
)
def test_a_span_is_the_name_as_printed_without_clitics(text: str, expected: set[str]) -> None:
    assert surfaces(text) == expected


def test_the_rule_says_how_a_name_was_found() -> None:
    rules = {m.alias: m.rule for m in mentions("أعلنت فرنسا وروسياوالصين وللألمان موقف رفضت موسكو وبوتين")}
    assert rules == {
        "فرنسا": "name",
        "روسيا": "name+glued",
        "الصين": "name+glued",
        "المان": "nisba+clitic",
        "موسكو": "capital",
        "بوتين": "office-holder+clitic",
    }


def test_the_title_and_the_lead_weigh_more_than_the_rest() -> None:
    tail = "وتحدث التقرير عن أمور أخرى كثيرة. " * 20
    tallies = tag("أعلنت فرنسا الأمر. " + tail + "مصر ومصر ومصر ومصر", title="تونس تستقبل القمة")
    assert [(t.actor, t.rank) for t in tallies] == [("TUN", 1), ("EGY", 2), ("FRA", 3)]
    assert sum(t.salience for t in tallies) == pytest.approx(1)
    assert [t.count for t in tallies] == [1, 4, 1]
    assert [t.is_principal for t in tallies] == [True, True, False]
    assert tallies[0].mentions[0].field == "title"


def test_ties_are_ranked_by_first_appearance() -> None:
    assert [t.actor for t in tag("مصر والسودان")] == ["EGY", "SDN"]
    assert [t.actor for t in tag("السودان ومصر")] == ["SDN", "EGY"]


def test_the_evidence_is_the_first_sentences_that_name_the_actor() -> None:
    text = "بدأ الاجتماع. قالت مصر نعم. صمت الجميع. ردت مصر ومصر بلا. وختمت مصر. ثم مصر."
    sentences = list(split_sentences(text))
    assert show_sentences(text, sentences, mentions(text)) == ["قالت مصر نعم.", "ردت مصر ومصر بلا.", "وختمت مصر."]
    assert show_sentences(text, sentences, mentions(text), limit=1) == ["قالت مصر نعم."]
    assert show_sentences(text, sentences, ()) == []
    assert show_sentences("نص", [(0, 2)], [Mention("EGY", "title", 0, 3, "مصر", "name")]) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "The president of France met the German chancellor in Paris.",
        "\ud800\udfff",
        "مصر" + "\N{ARABIC FATHA}" * 10_000,
        "\u0378" * 100,
        "0123456789",
    ],
)
def test_odd_text_is_no_trouble(text: str) -> None:
    assert actors(text) <= {"EGY"}


def test_sixty_thousand_mentions_in_one_line_are_counted() -> None:
    (tally,) = tag("قالت مصر " * 60_000)
    assert tally.count == 60_000


def test_a_tagger_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(TAGGER)).tag(None, "قالت مصر", IN_2015) == tag("قالت مصر")


PIECES = ["مصر", "السوري", "لل", "و", "ب", "الأمم المتحدة", "روسيا", " ", "\n", "«", ".", FATHA, "كيري", "12", "موسكو"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@settings(max_examples=300)
def test_spans_are_in_order_inside_the_text_and_never_overlap(text: str) -> None:
    spans = sorted((m.start, m.end) for m in mentions(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)
    assert tag(text) == tag(text)


def lines(file: str) -> list[str]:
    return (GOLD / file).read_text(encoding="utf-8").splitlines()


@NEEDS_GOLD
def test_the_traps_are_passed() -> None:
    rows = list(csv.DictReader(lines("actor_traps_dev.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE))
    right = [actors(row["sentence"]) == set(row["expected_actor_codes"].split("|")) - {"NONE"} for row in rows]
    assert sum(right) / len(rows) >= 0.96


@NEEDS_GOLD
def test_the_actors_of_labelled_articles_are_found_and_the_principal_ones_among_ours() -> None:
    right = wrong = missed = articles = principal = 0
    for line in lines("actors_dev.jsonl"):
        article = json.loads(line)
        at = datetime.fromisoformat(article["date"][:10]).replace(tzinfo=UTC) if article["date"] else IN_2015
        tallies = tag(article["text"], article["title"], at)
        ours, gold = {tally.actor for tally in tallies}, set(article["actors"])
        right, wrong, missed = right + len(ours & gold), wrong + len(ours - gold), missed + len(gold - ours)
        if article["principal"]:
            articles += 1
            principal += any(tally.is_principal and tally.actor in article["principal"] for tally in tallies)
    assert right / (right + wrong) >= 0.97
    assert 2 * right / (2 * right + wrong + missed) >= 0.97
    assert principal / articles >= 0.9


@NEEDS_GOLD
def test_the_countries_of_labelled_sentences_are_found() -> None:
    found = total = 0
    for line in lines("country_mentions_dev.jsonl"):
        sentence = json.loads(line)
        starts = [0]
        for token in sentence["tokens"]:
            starts.append(starts[-1] + len(token) + 1)
        ours = list(mentions(" ".join(sentence["tokens"])))
        for nation in sentence["nations"]:
            if nation["iso3"]:
                begin, end = starts[nation["start"]], starts[nation["end"]] - 1
                total += 1
                found += any(m.actor == nation["iso3"] and m.start < end and m.end > begin for m in ours)
    assert found / total >= 0.98
