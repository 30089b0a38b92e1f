"""Bytes to text, in the encoding they are in: which is not always the one they declare."""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
XML_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]{1,40})", re.IGNORECASE)
META = re.compile(rb"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
HEAD = 2048
"""Bytes in which an encoding is declared; browsers look no further than 1024 for a meta."""

SUPERSETS = {
    # What these labels mean in every browser (WHATWG): what the writer's system really used.
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
NOT_OF_TEXT = frozenset(("utf-7", "idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"))
"""Codecs that Python has for names, for its own literals, or (UTF-7) for mail: all of them ways to hide markup."""
NAMES = {
    "cp1252": "windows-1252",
    "cp1254": "windows-1254",
    "cp1256": "windows-1256",
    "iso8859-6": "iso-8859-6",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32-le": "utf-32le",
    "utf-32-be": "utf-32be",
}
"""Python's names of codecs, where the registered one reads better in a table."""

ARABIC_CODECS = ("cp1256", "iso8859-6")
# fmt: off
FUNCTION_WORDS = frozenset((
    "في", "من", "على", "إلى", "الى", "أن", "ان", "عن", "مع", "هذا", "هذه", "التي", "الذي", "ما", "لا", "كما", "بين",
    "بعد", "قبل", "كان", "قال", "وقال", "أو", "او", "ثم", "قد", "غير", "كل", "حيث", "خلال", "منذ", "عام", "يوم",
    "أمس", "حتى", "لم", "لن", "إن", "وفي", "ومن", "وعلى", "وأن", "ذلك", "تلك", "هو", "هي", "نحو", "أي", "به", "بها",
    "له", "لها", "فيه", "فيها", "عليه", "منها",
))
# fmt: on
ARTICLES = ("ال", "وال", "بال", "لل", "فال", "كال")
HIGH_RUN = re.compile(rb"[\x80-\x9f\xa1-\xff]+")  # but a no-break space, which every codec has
SAMPLE = 1000
"""Words looked at: enough to be sure, few enough to be quick on a document of any size."""

# The C1 controls are never meant: they are windows-1252 punctuation that passed for Latin-1.
C1 = {code: bytes((code,)).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
C1_CHARACTER = re.compile("[\x80-\x9f]")


class Decoded(NamedTuple):
    """A text, what it was read in, and whether that is another encoding than any that was declared for it."""

    text: str
    encoding: str
    repaired: bool


def decode(content: bytes, charset: str | None = None) -> Decoded:
    """Read bytes in the encoding they are in.

    In order of trust: a byte order mark; UTF-8, if the bytes are valid UTF-8; Arabic in windows-1256 or ISO-8859-6,
    if they read as words; what is declared by the transport (``charset``), the XML declaration or a meta; what the
    bytes look like. A second encoding is undone, and a character cut in half at the end is dropped.
    """
    claims = [codec for codec in _claims(content, charset) if codec]
    text, codec = _read(content, claims)
    if codec.startswith(("iso", "utf-16", "utf-32")) or C1_BYTES.search(content):
        text = _without_c1(text)
    mended = mend(text)
    contradicted = bool(claims) and codec not in claims and codec[:6] not in claims
    return Decoded(mended, NAMES.get(codec, codec), contradicted or mended != text)


def _without_c1(text: str) -> str:
    return text.translate(C1) if C1_CHARACTER.search(text) else text


def _claims(content: bytes, charset: str | None) -> Iterator[str | None]:
    """Codecs claimed for the content, most trusted first; ``None`` for a name of none."""
    yield next((codec for mark, codec in BOMS if content.startswith(mark)), None)
    if charset:
        yield codec_of(charset)
    head = content[:HEAD].replace(b"\0", b"")
    for pattern in (XML_DECLARATION, META):
        if match := pattern.search(head):
            yield codec_of(match[1].decode("ascii"))


def codec_of(label: str) -> str | None:
    """Python's name of the codec that a label means, ``None`` if it means none of text."""
    try:
        info = codecs.lookup(label.strip("\"' ").lower())
    except (LookupError, ValueError):
        return None
    is_text = getattr(info, "_is_text_encoding", True) and info.name not in NOT_OF_TEXT
    return SUPERSETS.get(info.name, info.name) if is_text else None


def _read(content: bytes, claims: Sequence[str]) -> tuple[str, str]:
    """Text and the codec that read it."""
    for mark, codec in BOMS:
        if content.startswith(mark):
            content = content[len(mark) :]
            if (text := _strictly(content, codec)) is not None or codec != "utf-8":
                return text if text is not None else content.decode(codec, "replace"), codec
            break
    wide = wide_codec(content)
    if wide and (text := _strictly(content, wide)) is not None:
        return text, wide
    if content.isascii():
        return _read_ascii(content, claims)
    if (text := _strictly(content, "utf-8")) is not None:
        return text, "utf-8"
    return _read_legacy(content, claims)


def wide_codec(content: bytes) -> str | None:
    """UTF-16 or UTF-32, told by a mark or by where the zeros of markup and spaces are."""
    if marked := next((codec for mark, codec in BOMS if content.startswith(mark) and codec != "utf-8"), None):
        return marked
    head = content[:HEAD]
    if b"\0" not in head:
        return None
    if head[:4].count(b"\0") == 3:
        return "utf-32-be" if head[0] == 0 else "utf-32-le"
    even, odd = head[0::2].count(b"\0"), head[1::2].count(b"\0")
    if max(even, odd) * 20 < len(head) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _strictly(content: bytes, codec: str) -> str | None:
    """The content without any error, but for a character cut in half at its end."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(content)
    except (UnicodeError, AttributeError):  # a codec may lack a decoder for streams
        return None


def _read_ascii(content: bytes, claims: Sequence[str]) -> tuple[str, str]:
    """ASCII reads the same in nearly every encoding: so it is read in the one declared, if that is true."""
    text = content.decode("ascii")
    for claim in claims:
        claimed = _strictly(content, claim)
        if claimed == text or (claimed is not None and b"\x1b" in content):  # ISO-2022 is ASCII with escapes
            return claimed, claim
    return text, "utf-8"


def _read_legacy(content: bytes, claims: Sequence[str]) -> tuple[str, str]:
    """Read what is not clean UTF-8."""
    if _is_damaged_utf8(content):
        return content.decode("utf-8", "replace"), "utf-8"
    claim = next((codec for codec in claims if not codec.startswith("utf-")), None)
    runs = [match[0] for match in islice(HIGH_RUN.finditer(content), SAMPLE)]
    words = [run for run in runs if len(run) > 1]
    # Arabic is written in foreign letters throughout; the languages of Europe have one here and there.
    foreign = sum(map(len, words)) * 5 > sum(map(len, runs)) * 4
    if foreign and (arabic := _arabic_codec(words, claim)):
        return content.decode(arabic, "replace"), arabic
    if claim and (text := _strictly(content, claim)) is not None:
        return text, claim
    codec = (_guess(content) if foreign else None) or claim or "cp1252"
    return content.decode(codec, "replace"), codec


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether what is wrong is damage to a UTF-8 text: fewer than 1 in 20 of the foreign characters around it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        content = content[max(0, error.start - 8192) : error.start + 8192]
    text = content.decode("utf-8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\N{REPLACEMENT CHARACTER}") * 20 < foreign


def _arabic_codec(words: Sequence[bytes], claim: str | None) -> str | None:
    """The codec in which the words are Arabic, if there is one."""
    hits = {codec: arabic_words(words, codec) for codec in ARABIC_CODECS}
    best = max(ARABIC_CODECS, key=lambda codec: hits[codec])
    # Few words prove little against a declaration that the bytes do not contradict.
    needed = 1 if claim in (None, "cp1252", *ARABIC_CODECS) else 3
    if hits[best] >= needed and hits[best] * 10 >= len(words):
        return best
    if claim not in (None, *ARABIC_CODECS):
        return None
    candidates = sorted(ARABIC_CODECS, key=lambda codec: codec != claim)
    letters = (codec for codec in candidates if _is_arabic_letters(b" ".join(words).decode(codec, "replace")))
    return next(letters, None)


def arabic_words(words: Sequence[bytes], codec: str) -> int:
    """How many of the words are function words, or carry the article, when read in ``codec``.

    These make up a third of any newswire. Letters alone could not tell windows-1256 from ISO-8859-6: half of their
    letters stand at the same place.
    """
    texts = (word.decode(codec, "replace") for word in words)
    return sum(text in FUNCTION_WORDS or text.startswith(ARTICLES) for text in texts)


def _is_arabic_letters(text: str) -> bool:
    return all("\N{ARABIC LETTER HAMZA}" <= letter <= "\N{ARABIC SUKUN}" or letter in " ،؛؟«»" for letter in text)


def _guess(content: bytes) -> str | None:
    """The codec the detector takes it for."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - one document in thousands needs it

    match = from_bytes(content[: 1 << 16]).best()
    return codec_of(match.encoding) if match else None


def _dress(first: int, last: int, codec: str) -> str:
    """A regular expression's class of the characters that a range of bytes is read as in ``codec``."""
    characters = (bytes((byte,)).decode(codec, "ignore") or chr(byte) for byte in range(first, last + 1))
    return "[" + "".join(map(re.escape, characters)) + "]"


def _telling_sequence(codec: str) -> str:
    """UTF-8 of Arabic, of Latin-1 and of what else the Windows codecs hold, as it looks when read in ``codec``."""
    rest = _dress(0x80, 0xBF, codec)
    leads = (_dress(0xD8, 0xDB, codec), _dress(0xC2, 0xC3, codec), _dress(0xC5, 0xC6, codec), _dress(0xCB, 0xCB, codec))
    punctuation = [re.escape(bytes((0xE2, byte)).decode(codec)) for byte in (0x80, 0x82, 0x84)]
    return f"(?:(?:{'|'.join((*leads, *punctuation))}){rest})"


def _any_sequence(codec: str) -> str:
    """UTF-8 of any character, as it looks when read in ``codec``: also what passes for words there."""
    rest = _dress(0x80, 0xBF, codec)
    two, three, four = (_dress(0xC2, 0xDF, codec), _dress(0xE0, 0xEF, codec), _dress(0xF0, 0xF4, codec))
    return f"(?:{two}{rest}|{three}{rest}{{2}}|{four}{rest}{{3}})"


DRESSED = {
    "cp1252": re.compile(_telling_sequence("cp1252") + "+"),
    # Twice at least: a letter and a comma («الأوسط،») look like one such sequence.
    "cp1256": re.compile(_telling_sequence("cp1256") + "{2,}"),
}
"""Runs that are UTF-8 read in a codec, in a text that need not be."""
WHOLLY_DRESSED = {codec: re.compile(_any_sequence(codec) + "+") for codec in DRESSED}
"""The same in a text that is so for the most part."""
WESTERN_RUN = re.compile(_dress(0x80, 0xFF, "cp1252") + "+")


def mend(text: str) -> str:
    """Undo a second encoding, as often as it was done.

    UTF-8 read as Latin-1 or windows-1252 («Ø§Ù„»), UTF-8 read as windows-1256 («ط§ظ„»), and windows-1256 or
    ISO-8859-6 read as Latin-1 («Çá», «Çä»); each where it stands, since a feed gathers from many hands.
    """
    if text.isascii():
        return text
    for _ in range(3):
        mended = _mend_once(text)
        if mended == text:
            break
        text = _without_c1(mended)
    return text


def _mend_once(text: str) -> str:
    # Single letters are found ten times as fast as pairs, and hardly ever.
    if "Ç" in text and ("Çá" in text or "Çä" in text) and (mended := _mend_western(text)) != text:
        return mended
    if "Ø" in text or "Ù" in text or "â" in text or "Ã" in text or "Â" in text:
        text = _mend_dress(text, "cp1252")
    if ("§" in text and "ط§" in text) or ("„" in text and "ظ„" in text):
        text = _mend_dress(text, "cp1256")
    return text


def _mend_dress(text: str, codec: str) -> str:
    dressed = sum(len(match[0]) for match in DRESSED[codec].finditer(text))
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    patterns = WHOLLY_DRESSED if dressed * 10 > foreign * 8 else DRESSED
    return patterns[codec].sub(lambda match: _undress(match[0], codec), text)


def _undress(run: str, codec: str) -> str:
    """The run's own characters, read in ``codec`` before; itself if they are none."""
    try:
        return _bytes(run, codec).decode("utf-8")
    except UnicodeError:
        return run


def _bytes(run: str, codec: str) -> bytes:
    """The bytes that were read as ``run``; those that cp1252 leaves undefined passed for C1 controls."""
    return b"".join(
        bytes((ord(character),)) if "\x80" <= character <= "\x9f" else character.encode(codec) for character in run
    )


def _mend_western(text: str) -> str:
    """Read the runs of Latin-1 letters as Arabic, if they are words in it."""
    runs = [_bytes(match[0], "cp1252") for match in islice(WESTERN_RUN.finditer(text), SAMPLE)]
    words = [run for run in runs if len(run) > 1]
    hits = {codec: arabic_words(words, codec) for codec in ARABIC_CODECS}
    best = max(ARABIC_CODECS, key=lambda codec: hits[codec])
    if hits[best] < 3 or hits[best] * 10 < len(words):
        return text
    return WESTERN_RUN.sub(lambda match: _bytes(match[0], "cp1252").decode(best, "replace"), text)
