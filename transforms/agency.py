"""The wire behind a report, where the text says so: in the byline, the dateline, or an attribution at either end.

An agency that is merely talked about («قالت وكالة رويترز إن مراسلها أصيب») is not the origin. Hence a name counts
only where it stands alone, as «القاهرة (رويترز) -» or «المصدر: سانا», or with words that attribute the report
(«نقلا عن», «بحسب», «أفادت وكالة … أن») within its first sentences, or as its last ones.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from transforms.fold import fold_text

AGENCIES: dict[str, str] = {
    "AA": "الأناضول، الأناضول للأنباء، الأناضول التركية، أنباء الأناضول، الأنباء التركية",
    "AFP": "أ ف ب، أ فب، أف ب، فرانس برس، الفرنسية، الصحافة الفرنسية، الأنباء الفرنسية، AFP",
    "AP": "أسوشيتد برس، أسوشييتد برس، أسوشيتدبرس، الأسوشيتد برس، أ ب، AP",
    "APS": "واج، الأنباء الجزائرية",
    "BLOOMBERG": "بلومبرغ، بلومبيرغ، بلومبرج",
    "BNA": "بنا، أنباء البحرين، الأنباء البحرينية",
    "DPA": "د ب أ، الألمانية، الأنباء الألمانية، DPA",
    "FARS": "فارس، أنباء فارس، فارس للأنباء، فارس الإيرانية",
    "INA": "واع، الأنباء العراقية",
    "INTERFAX": "إنترفاكس",
    "IRNA": "إرنا، ايرنا، الأنباء الإيرانية، أنباء الجمهورية الإسلامية",
    "KUNA": "كونا، الأنباء الكويتية",
    "LANA": "وال، الأنباء الليبية",
    "MAAN": "معا، معا الإخبارية، معا الفلسطينية",
    "MAP": "و م ع، ومع، لاماب، المغرب العربي للأنباء",
    "MENA": "أ ش أ، أنباء الشرق الأوسط",
    "MNA": "مهر، مهر للأنباء، أنباء مهر",
    "NNA": "الوطنية للإعلام، الوكالة الوطنية للإعلام",
    "ONA": "العمانية، الأنباء العمانية",
    "PETRA": "بترا، الأنباء الأردنية",
    "QNA": "قنا، الأنباء القطرية",
    "REUTERS": "رويترز، Reuters",
    "RIA": "نوفوستي، ريا نوفوستي، أنباء نوفوستي، نوفوستي الروسية",
    "SABA": "سبأ، الأنباء اليمنية، الأنباء اليمنية سبأ",
    "SANA": "سانا، الأنباء السورية، العربية السورية للأنباء، الأنباء العربية السورية",
    "SPA": "واس، الأنباء السعودية",
    "SPUTNIK": "سبوتنيك",
    "SUNA": "سونا، السودان للأنباء، الأنباء السودانية",
    "TAP": "وات، تونس أفريقيا للأنباء",
    "TASNIM": "تسنيم، تسنيم للأنباء، تسنيم الإيرانية، أنباء تسنيم",
    "TASS": "تاس، إيتار تاس، تاس الروسية",
    "UPI": "يو بي آي، يونايتد برس، يونايتد برس إنترناشيونال، UPI",
    "WAFA": "وفا، الأنباء الفلسطينية، الأنباء والمعلومات الفلسطينية",
    "WAM": "وام، أنباء الإمارات، الأنباء الإماراتية",
    "WIRES": "وكالات، الوكالات، وكالات الأنباء، وكالات أنباء",
    "XINHUA": "شينخوا، أنباء شينخوا، الصين الجديدة، أنباء الصين الجديدة",
    "YONHAP": "يونهاب",
}
"""The closed set of codes, and the names of each. ``WIRES`` is what outlets write who took from several."""

WORDS = {
    "معا",
    "بنا",
    "وال",
    "وات",
    "واع",
    "ومع",
    "فارس",
    "مهر",
    "وفا",
    "سبا",
    "بترا",
    "قنا",
    "ا ب",
    "العمانيه",
    "الالمانيه",
    "الفرنسيه",
}
"""Names that are also words, of persons or of places: alone at the head of a text they prove nothing."""

HEAD = 160
"""Characters that may hold a dateline."""
TAIL = 120
LONGEST = 60
"""Characters of a name, or of a list of names."""
LEAD = 80
"""Words that may hold an attribution of the whole report."""

_BREAK = re.compile(r"[-–—:()\[\]/|\n]+|(?<!\w)\N{ARABIC TATWEEL}+(?!\w)")  # which stands for a dash: «لندن ــ وكالات»
_LIST = re.compile(r"[،,+&]| و ")
_IN_BRACKETS_LAST = re.compile(r"[(\[]([^()\[\]]{2,60})[)\]][\s.]*$")
_IN_DASHES_LAST = re.compile(r"[\s.][-–—]\s?([^-–—\n]{2,30})\s?[-–—][\s.]*$")
_IN_QUOTES_LAST = re.compile(r"[.!؟\n]\s*[\"“«]([^\"”»\n]{2,30})[\"”»][\s.]*$")
_PICTURE = re.compile(r"\s*(?:تصوير|عدسة|صورة|الصورة|الصور)\b")
_LAST = {
    **dict.fromkeys(")]", _IN_BRACKETS_LAST),
    **dict.fromkeys("-–—", _IN_DASHES_LAST),
    **dict.fromkeys('"”»', _IN_QUOTES_LAST),
}
"""By the sign that a text ends in, full stops aside."""
_SOURCE_LAST = re.compile(r"(?:المصدر|المصادر|مصدر الخبر)\s*[:/-]\s*([^\n]{2,60})$")

_REPORTED = "ذكرت|افادت|اوردت|نقلت|بثت|تلقت"
_ACCORDING_TO = (
    r"(?:نقلا عن |(?:بحسب|حسب|وفق) ?(?=ما )|(?:بحسب|حسب|وفق) |(?:وفقا|طبقا) ل ?)"
    rf"(?:ما )?(?:(?:{_REPORTED}|اعلنت|قالت|نشرت)ه? )?(?:به |عن )?"
)

_OPENINGS = frozenset(
    and_ + word
    for word in (*_REPORTED.split("|"), "نقلا", "بحسب", "بحسبما", "حسب", "حسبما", "وفق", "وفقما", "وفقا", "طبقا")
    for and_ in ("", "و")
)
"""The first words of attributions."""


def origin_agency(title: str | None, text: str, author: str | None, words: str | None = None) -> str | None:
    """The code in ``AGENCIES`` of the wire that a report comes from, or ``None`` where it does not say.

    Of several that are named the first. Title, text and author are as printed; ``words`` is what ``fold_text`` makes
    of the text, where that is known.
    """
    return (
        _in_byline(author or "")
        or _in_dateline(text)
        or _at_the_end(text)
        or _in_headline(title or "")
        or _in_attribution(fold_text(text) if words is None else words)
    )


def _in_byline(author: str) -> str | None:
    """«الرياض: واس», «أ ف ب», «لندن - رويترز»; who took the picture is another matter."""
    if _PICTURE.match(author):
        return None
    return next((code for part in _BREAK.split(author) if (code := _agency(part, alone=False))), None)


def _in_dateline(text: str) -> str | None:
    """«القاهرة (رويترز) -», «واس - الرياض:», «سبق - وكالات:». What precedes the report is short, and ends in a sign."""
    parts = [part for part in _BREAK.split(text[:HEAD]) if part.strip()]
    for place, part in enumerate(parts[:-1]):
        if code := _agency(part, alone=place == 0 and _is_long(parts[1])):
            return code
        if _is_long(part):
            return None
    return None


def _is_long(part: str) -> bool:
    """Whether it is too long for a place, a date or a name."""
    return len(part.split()) > 4


def _at_the_end(text: str) -> str | None:
    """«… (أ ف ب)», «المصدر: سانا», or a last line of its own."""
    tail = text[-TAIL:].rstrip()
    in_signs = _LAST.get(tail.rstrip(" .\n")[-1:])
    after_source = _SOURCE_LAST if "مصدر" in tail or "مصادر" in tail else None
    for pattern in filter(None, (in_signs, after_source)):
        if found := pattern.search(tail):
            return _agency(found[1], alone=False)
    line = tail.rpartition("\n")[2] if "\n" in tail else ""
    return _agency(line, alone=True)


def _in_headline(title: str) -> str | None:
    """«رويترز: …» or «… (رويترز)»."""
    head, sign, _ = title.partition(":")
    found = _IN_BRACKETS_LAST.search(title)
    return (_agency(head, alone=True) if sign else None) or (_agency(found[1], alone=True) if found else None)


def _in_attribution(words: str) -> str | None:
    """«نقلا عن وكالة رويترز», «بحسب ما ذكرت سانا», «أفادت وكالة تاس أن», in the first sentences; or the last words.

    A pattern is tried only where an attribution may begin or end: nearly every text has no such place.
    """
    lead = words.split(" ", LEAD)[:LEAD]
    found = None
    if not _OPENINGS.isdisjoint(lead):
        openings = (" ".join(lead[place:]) for place, word in enumerate(lead) if word in _OPENINGS)
        found = next(filter(None, map(_attribution().match, openings)), None)
    last = words[words.rfind(" ") + 1 :]
    if not found and (last in _endings() or last.removeprefix("ل") in _endings()):
        found = _last_attribution().search(words[-TAIL:])
    if not found:
        return None
    name = found["name"]
    return None if name in WORDS and not found["agency"] else _names()[name]


def _agency(part: str, *, alone: bool) -> str | None:
    """The agency that a part consists of; or the first, of a list. ``alone``: nothing else says that it is a byline."""
    return _first_agency(part, alone=alone) if len(part) <= LONGEST else None


@lru_cache(maxsize=1 << 14)
def _first_agency(part: str, *, alone: bool) -> str | None:
    for name in _LIST.split(part):
        folded = fold_text(name)
        bare = folded.removeprefix("وكاله ")
        code = _names().get(folded) or _names().get(bare)
        if code and not (alone and folded in WORDS):
            return code
    return None


def _folded_names() -> Iterator[tuple[str, str]]:
    for code, names in AGENCIES.items():
        for name in names.split("،"):
            yield fold_text(name), code


@cache
def _names() -> dict[str, str]:
    return dict(_folded_names())


@cache
def _endings() -> frozenset[str]:
    """The last words of attributions."""
    return frozenset({name.rpartition(" ")[2] for name in _names()} | {"للانباء", "الرسميه"})


@cache
def _attribution() -> re.Pattern[str]:
    # «ذكرت رويترز أنها …» is about the agency.
    return re.compile(rf"و?(?:{_ACCORDING_TO}|(?:{_REPORTED}) ){_name()}(?! انها\b)")


@cache
def _last_attribution() -> re.Pattern[str]:
    return re.compile(rf"\bو?{_ACCORDING_TO}{_name()}(?: للانباء| الرسميه)?$")


def _name() -> str:
    names = "|".join(sorted(_names(), key=len, reverse=True))
    return rf"(?P<agency>ل?وكاله (?:(?:ال)?انباء (?:الرسميه )?)?)?(?P<name>{names})\b"
