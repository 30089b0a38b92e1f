"""The wire behind a report, where the text says so: in the byline, the dateline, or an attribution at either end.

An agency that is merely talked about («قالت وكالة رويترز إن مراسلها أصيب») is not the origin. Hence a name counts
only where it stands alone, as «القاهرة (رويترز) -» or «المصدر: سانا», or after words that attribute the report as a
whole («نقلا عن», «بحسب») within its first sentences.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from transforms.fold import fold_text

AGENCIES: dict[str, str] = {
    "AA": "الأناضول، الأناضول للأنباء، الأناضول التركية، أنباء الأناضول",
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
LEAD = 60
"""Words that may hold an attribution of the whole report."""

_BREAK = re.compile(r"[-–—:()\[\]/|\n]+")
_LIST = re.compile(r"[،,+&]| و ")
_IN_BRACKETS_LAST = re.compile(r"[(\[]([^()\[\]]{2,60})[)\]][\s.]*$")
_SOURCE_LAST = re.compile(r"(?:المصدر|المصادر|مصدر الخبر)\s*[:/-]\s*([^\n]{2,60})$")


def origin_agency(title: str | None, text: str, author: str | None) -> str | None:
    """The code in ``AGENCIES`` of the wire that a report comes from, or ``None`` where it does not say.

    Of several that are named the first. Title, text and author are as printed.
    """
    return (
        _in_byline(author or "")
        or _in_dateline(text)
        or _at_the_end(text)
        or _in_headline(title or "")
        or _in_attribution(text)
    )


def _in_byline(author: str) -> str | None:
    """«الرياض: واس», «أ ف ب», «لندن - رويترز»."""
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
    for pattern in (_IN_BRACKETS_LAST, _SOURCE_LAST):
        if found := pattern.search(tail):
            return _agency(found[1], alone=False)
    line = tail.rpartition("\n")[2] if "\n" in tail else ""
    return _agency(line, alone=True)


def _in_headline(title: str) -> str | None:
    """«رويترز: …» or «… (رويترز)»."""
    head, sign, _ = title.partition(":")
    found = _IN_BRACKETS_LAST.search(title)
    return (_agency(head, alone=True) if sign else None) or (_agency(found[1], alone=True) if found else None)


def _in_attribution(text: str) -> str | None:
    """«نقلا عن وكالة رويترز», «بحسب ما ذكرت سانا», in the first sentences."""
    words = fold_text(text[: LEAD * 12]).split()[:LEAD]
    found = _attribution().search(" ".join(words))
    if not found:
        return None
    name = found["name"]
    return None if name in WORDS and not found["agency"] else _names()[name]


@lru_cache(maxsize=1 << 14)
def _agency(part: str, *, alone: bool) -> str | None:
    """The agency that a part consists of; or the first, of a list. ``alone``: nothing else says that it is a byline."""
    if len(part) > LONGEST:
        return None
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
def _attribution() -> re.Pattern[str]:
    names = "|".join(sorted(_names(), key=len, reverse=True))
    return re.compile(
        r"\b(?:نقلا عن|بحسب|حسب|وفق|وفقا ل|طبقا ل)"
        r" ?(?:ما (?:ذكرت|نقلت|اوردت|افادت|اعلنت|بثت|قالت|نشرت)ه? )?(?:به |عن )?"
        rf"(?P<agency>ل?وكاله )?(?P<name>{names})\b"
    )
