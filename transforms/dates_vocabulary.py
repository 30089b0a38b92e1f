"""The words dates are written in, and one plain spelling for them all.

A new month name, zone or filler is one word in a table below; how it may be misspelt (hamza, yaa, taa
marbuta, tatweel, vowel marks, accents, case) need not be listed, since names and dates are folded alike.
"""

import re
import unicodedata
from collections.abc import Iterable

MONTHS: dict[int, str] = {
    # Egypt and the Gulf, Tunisia and Algeria, Morocco; the Levant and Iraq; English; French.
    1: "يناير, جانفي, كانون الثاني, كانون ثاني, كانون ثان, كانون 2, كانون2, ك2, january, jan, janvier, janv",
    2: "فبراير, فيبراير, فيفري, شباط, february, feb, fevrier, fevr, fev",
    3: "مارس, آذار, مارت, march, mar, mars",
    4: "أبريل, أفريل, نيسان, april, apr, avril, avr",
    5: "مايو, ماي, أيار, نوار, مايس, may, mai",
    6: "يونيو, يونية, جوان, حزيران, june, jun, juin",
    7: "يوليو, يولية, جويلية, يوليوز, تموز, july, jul, juillet, juil",
    8: "أغسطس, أوت, غشت, آب, august, aug, août",
    9: "سبتمبر, شتنبر, شتمبر, أيلول, september, sep, sept, septembre",
    10: "أكتوبر, تشرين الأول, تشرين أول, تشرين 1, تشرين1, ت1, october, oct, octobre",
    11: "نوفمبر, نونبر, نوفنبر, تشرين الثاني, تشرين ثاني, تشرين ثان, تشرين 2, تشرين2, ت2, november, nov, novembre",
    12: "ديسمبر, دجنبر, دجمبر, كانون الأول, كانون أول, كانون 1, كانون1, ك1, december, dec, decembre",
}

HIJRI_MONTHS: dict[int, str] = {
    1: "محرم, المحرم, محرم الحرام, muharram",
    2: "صفر, صفر الخير, safar",
    3: "ربيع الأول, ربيع أول",
    4: "ربيع الآخر, ربيع الثاني, ربيع ثاني, ربيع آخر",
    5: "جمادى الأولى, جمادى الأول, جماد الأول, جمادى أولى",
    6: "جمادى الآخرة, جمادى الثانية, جمادى الآخر, جماد الآخر, جمادى الثاني, جماد الثاني",
    7: "رجب, رجب الفرد, رجب المرجب, rajab",
    8: "شعبان, شعبان المعظم, shaban",
    9: "رمضان, رمضان المبارك, رمضان المعظم, ramadan",
    10: "شوال, shawwal",
    11: "ذو القعدة, ذي القعدة, ذوالقعدة, ذيالقعدة, ذو القعده الحرام",
    12: "ذو الحجة, ذي الحجة, ذوالحجة, ذيالحجة, ذو الحجه الحرام",
}

WEEKDAYS = """
الأحد, الاثنين, الاتنين, الثلاثاء, الثلاثا, الأربعاء, الاربعا, الخميس, الجمعة, السبت,
monday, mon, tuesday, tues, tue, wednesday, wed, thursday, thurs, thur, thu, friday, fri, saturday, sat, sunday, sun,
lundi, lun, mardi, mercredi, mer, jeudi, jeu, vendredi, ven, samedi, sam, dimanche, dim
"""
"""Read over: a wrong weekday is common, and a right one adds nothing."""

FILLERS = """
في, يوم, اليوم, الموافق, الموافق ل, الموافق لـ, لـ, من, شهر, سنة, عام, لعام, لسنة, الساعة, على الساعة, عند الساعة,
بتوقيت, توقيت, بالتوقيت المحلي, ميلادي, ميلادية, الميلادي, هجري, هجرية, الهجري, للهجرة,
نشر, نشر في, نشر يوم, نشرت, نشرت في, تاريخ, بتاريخ, تاريخ النشر, وقت النشر, آخر تحديث,
تم النشر, تم النشر في, تم التحديث, حرر في, أضيف, أضيف في, أضيفت في, كتب في, التاريخ, الوقت, تحديث,
on, at, the, of, published, published on, posted, posted on, updated, last updated, date,
le, a, publié le, mis à jour le, heure
"""

HALVES: dict[str, str] = {
    "am": "am, a.m, ص, صباحا, صباح, ق.ظ, فجرا, قبل الظهر",
    "pm": "pm, p.m, م, مساء, المساء, ب.ظ, ظهرا, عصرا, بعد الظهر",
}

ZONES: dict[str, str] = {
    # Those that mean one thing only, those of RFC 822, and AST: Arabia, not the Atlantic, in this trade.
    "z": "gmt, utc, ut, غرينتش, جرينتش, غرينيتش, جرينيتش, كرينتش, ت غ, ت.غ, العالمي, عالمي",
    "-0800": "pst",
    "-0700": "pdt, mst",
    "-0600": "cst, mdt",
    "-0500": "est, cdt",
    "-0400": "edt",
    "+0000": "wet",
    "+0100": "cet, west, bst, wat, met",
    "+0200": "eet, cest, cat, mest",
    "+0300": "ast, ksa, eest, msk, eat, trt, arabia standard time, arab standard time",
    "+0330": "irst",
    "+0400": "gst",
    "+0430": "aft, irdt",
    "+0500": "pkt",
    "+0800": "hkt, sgt",
    "+0900": "jst, kst",
    "[Asia/Riyadh]": "السعودية, مكة, مكة المكرمة, الرياض",
    "[Africa/Cairo]": "القاهرة, مصر",
    "[Asia/Dubai]": "الإمارات, أبوظبي, أبو ظبي, دبي",
    "[Asia/Qatar]": "الدوحة, قطر",
    "[Asia/Kuwait]": "الكويت",
    "[Asia/Baghdad]": "بغداد, العراق",
    "[Asia/Damascus]": "دمشق, سوريا, سورية",
    "[Asia/Beirut]": "بيروت, لبنان",
    "[Asia/Jerusalem]": "القدس, القدس المحتلة",
    "[Africa/Tunis]": "تونس",
    "[Africa/Algiers]": "الجزائر",
    "[Africa/Casablanca]": "المغرب, الرباط",
    "[Africa/Tripoli]": "طرابلس, ليبيا",
    "[Africa/Khartoum]": "الخرطوم, السودان",
    "[Asia/Aden]": "صنعاء, عدن, اليمن",
    "[Europe/Moscow]": "موسكو",
}

UNITS: dict[int, tuple[str, str, str]] = {
    # Seconds: one, two, more. A month and a year are about as long as the writer meant them.
    1: ("ثانية, second, seconde", "ثانيتين", "ثوان, ثواني, seconds, secondes"),
    60: ("دقيقة, minute, min", "دقيقتين", "دقائق, دقايق, minutes, mins"),
    900: ("ربع ساعة", "", ""),
    1800: ("نصف ساعة, half an hour, half hour, demi heure", "", ""),
    3600: ("ساعة, hour, heure", "ساعتين", "ساعات, hours, hrs, heures"),
    86400: ("يوم, يوما, day, jour", "يومين", "أيام, days, jours"),
    7 * 86400: ("أسبوع, أسبوعا, week, semaine", "أسبوعين", "أسابيع, weeks, semaines"),
    30 * 86400: ("شهر, شهرا, month, mois", "شهرين", "أشهر, شهور, months"),
    365 * 86400: ("سنة, عام, عاما, year, an", "سنتين, عامين", "سنوات, سنين, أعوام, years, ans"),
}

NUMBERS: dict[int, str] = {
    1: "واحدة, واحد, an, a, one, une, un",
    2: "اثنين, اثنتين, two, deux",
    3: "ثلاث, ثلاثة, three, trois",
    4: "أربع, أربعة, four, quatre",
    5: "خمس, خمسة, five, cinq",
    6: "ست, ستة, six",
    7: "سبع, سبعة, seven, sept",
    8: "ثماني, ثمان, ثمانية, eight, huit",
    9: "تسع, تسعة, nine, neuf",
    10: "عشر, عشرة, ten, dix",
}

DAYS_AGO: dict[int, str] = {
    0: "اليوم, today, aujourd'hui",
    1: "أمس, الأمس, البارحة, يوم أمس, yesterday, hier",
    2: "أول أمس, أول من أمس, قبل أمس, avant hier",
}

_ALIKE = str.maketrans(
    {
        # Letters that stand for another, in every position.
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ک": "ك",
        "ة": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ە": "ه",
        "ٱ": "ا",
        # Digits of the east.
        **{zero: str(value) for value, zero in enumerate("٠١٢٣٤٥٦٧٨٩")},
        **{zero: str(value) for value, zero in enumerate("۰۱۲۳۴۵۶۷۸۹")},
        "٫": ".",
        # Dashes and slashes by another name; what only parts words; what canonical text uses for itself.
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("⁄∕\\", "/"),
        **dict.fromkeys("،,٬;؛|•·*()«»\"'’_{}<>[]؟?!", " "),
    }
)

_OFFSET_COMMENT = re.compile(r"([+-]\d{1,2}:?\d\d|z|gmt|utc)\s*[(\[][^)\]]*[)\]]", re.ASCII)
_ZONE_BEFORE_OFFSET = re.compile(r"\b(?:gmt|utc|ut)\s*(?=[+-]\d)", re.ASCII)
_DASH_OF_TATWEEL = re.compile("(?<=[\\s\\d])\N{ARABIC TATWEEL}+(?=[\\s\\d])")
_IGNORED_CATEGORIES = frozenset({"Mn", "Cf", "Me"})


def fold(raw: str) -> str:
    """Lower case, ASCII digits, one spelling of each Arabic letter; no marks, tatweel, commas or brackets."""
    text = unicodedata.normalize("NFKD", _DASH_OF_TATWEEL.sub("-", raw)).lower()
    text = "".join(c for c in text if unicodedata.category(c) not in _IGNORED_CATEGORIES)
    text = _OFFSET_COMMENT.sub(r"\1", text.replace("\N{ARABIC TATWEEL}", ""))
    text = _ZONE_BEFORE_OFFSET.sub("", text)
    return " ".join(text.translate(_ALIKE).split())


def names(listed: str) -> list[str]:
    """The folded names of a comma-separated list."""
    return [name for name in map(fold, listed.split(",")) if name]


def by_name(table: dict[int, str]) -> dict[str, int]:
    """Folded name to number."""
    return {name: number for number, listed in table.items() for name in names(listed)}


def any_of(forms: Iterable[str]) -> str:
    """A pattern for any of these, the longest first."""
    return "(?:" + "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) + ")"


def _canonical_words() -> dict[str, str]:
    """Each word that may stand in a date, and what canonical text has in its place."""
    words = dict.fromkeys(names(WEEKDAYS) + names(FILLERS), "")
    words |= {name: f"{{{number}}}" for name, number in by_name(MONTHS).items()}
    words |= {name: f"<{number}>" for name, number in by_name(HIJRI_MONTHS).items()}
    for table in (HALVES, ZONES):
        words |= {name: symbol for symbol, listed in table.items() for name in names(listed)}
    return words


_CANONICAL = _canonical_words()
_WORD = re.compile(rf"(?<![^\W\d_]){any_of(_CANONICAL)}(?![^\W\d_])\.?")
_ERA = re.compile(r"([0-9]{4}(?:[/.-][0-9]{1,2}[/.-][0-9]{1,2})?)\s?(?:م|ه|ad|ah)(?![^\W\d_])")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er)\b")
_FRENCH_TIME = re.compile(r"\b(\d{1,2}) ?h ?(\d\d)\b")
_LOOSE_SEPARATOR = re.compile(r"\s*([-/.:])\s*")
_SAME_MONTH_TWICE = re.compile(r"([{<]\d+[}>])(?:[\s/-]*\1)+")


def canonicalise(folded: str) -> str:
    """``الأحد، 26 تموز/يوليو 2015م - 5:22 مساء`` (folded) as ``26 {7} 2015-5:22 pm``.

    ``{n}`` is a month of ours, ``<n>`` a Hijri one, ``[Area/City]`` a zone. Unknown words stay, so that no
    pattern of a date matches them.
    """
    text = _ERA.sub(r"\1 ", folded)
    text = _FRENCH_TIME.sub(r"\1:\2", _ORDINAL.sub("", text))
    text = _WORD.sub(lambda word: f" {_CANONICAL[word[0].removesuffix('.')]} ", text)
    text = _SAME_MONTH_TWICE.sub(r"\1", " ".join(text.split()))
    return _LOOSE_SEPARATOR.sub(r"\1", text).strip(" -/.:")
