"""Bytes to text: in the encoding they are in, which is not always the one they declare."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.document import Document
from schemas.item import Item
from schemas.reject import PAYLOAD_LIMIT, Reject

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]{1,40})", re.IGNORECASE)
META = re.compile(rb"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
HEAD = 2048
"""How far into a document an encoding is declared; browsers look no further than 1024 bytes for a meta."""

LABELS = {
    # What these labels mean to every browser (WHATWG): the superset that the writer's system really used.
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
NAMES = {"cp1252": "windows-1252", "cp1256": "windows-1256", "iso8859-6": "iso-8859-6"}

ARABIC_CODECS = ("cp1256", "iso8859-6")
WORDS = frozenset(
    "في من على إلى الى أن ان عن مع هذا هذه التي الذي ما لا كما بين بعد قبل كان قال وقال أو او ثم قد غير كل حيث خلال"
    " منذ عام يوم أمس اليوم حتى لم لن إن وفي ومن وعلى وأن ذلك تلك هو هي نحو أي به بها له لها فيه فيها عليه منها".split()
)
ARTICLES = ("ال", "وال", "بال", "لل", "فال", "كال")
HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
SAMPLE = 4000
"""Runs of high bytes looked at: enough to be sure, little enough to be quick on a file of 100 MB."""

C1 = {0x80 + n: bytes([0x80 + n]).decode("cp1252", "replace") for n in range(32)}
C1 = {code: character for code, character in C1.items() if character != "\N{REPLACEMENT CHARACTER}"}
C1_CHARACTERS = re.compile("[\x80-\x9f]")

MOJIBAKE = re.compile(r"(?:[ØÙÚÛÃÂ][\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€]){2}|(?:[طظ][^\s\w]?[^\x00-\x7f]){4}")
FOREIGN_RUN = re.compile(r"[^\x00-\x7f]{2,}")


@dataclass(frozen=True, slots=True)
class DecodedDocument:
    """A document read as text, and the maker of all that comes of it."""

    document: Document
    text: str
    encoding: str
    repaired: bool

    def item(
        self,
        position: int,
        source: str,
        *,
        payload: str = "",
        title: str | None = None,
        text: str | None = None,
        url: str | None = None,
        guid: str | None = None,
        author: str | None = None,
        language: str | None = None,
        dates: tuple[tuple[Literal["feed", "html"], str], ...] = (),
    ) -> Item | Reject:
        """The item at ``position``; a reject if it says nothing at all."""
        if not title and not text:
            return self.reject("no-text", "neither a title nor a text", position, payload, source)
        return Item(
            source=source,
            document=self.document.uri,
            position=position,
            arrived_at=self.document.arrived_at,
            arrival=self.document.arrival,
            title=title or None,
            text=text or None,
            url=url or None,
            guid=guid or None,
            author=author or None,
            language=language or None,
            dates=dates,
            encoding=self.encoding,
            encoding_repaired=self.repaired,
        )

    def reject(self, reason: str, message: str, position: int = 0, payload: str = "", source: str = "") -> Reject:
        """A refusal of the part at ``position``, of the whole document if that is 0."""
        data = (payload or self.text)[:PAYLOAD_LIMIT].encode("utf-8", "replace")
        return refuse(self.document, reason, message, position, data, source)


def refuse(
    document: Document, reason: str, message: str, position: int = 0, payload: bytes = b"", source: str = ""
) -> Reject:
    """A refusal at the parsing stage."""
    return Reject(
        stage="parse",
        reason=reason,
        message=message,
        source=source or document.source or document.uri.rsplit("/", 1)[-1],
        document=document.uri,
        position=position,
        arrived_at=document.arrived_at,
        payload=(payload or document.content)[:PAYLOAD_LIMIT],
    )


def decode_document(document: Document) -> DecodedDocument:
    """Read the bytes of a document in the encoding they are in."""
    text, encoding, repaired = decode(document.content, document.charset)
    return DecodedDocument(document, text, encoding, repaired)


def decode(content: bytes, charset: str | None = None) -> tuple[str, str, bool]:
    """Text, the encoding it was read in, and whether that is another than the one declared.

    The order of trust: a byte order mark, valid UTF-8, what is declared (transport, XML declaration, meta) unless
    the bytes read better as Arabic, then the bytes. A character cut in half at the very end is dropped.
    """
    declared = [codec for codec in _declared(content, charset) if codec]
    text, codec = _read(content, declared)
    if C1_CHARACTERS.search(text):
        text = text.translate(C1)
    mended = _mend(text)
    overruled = bool(declared) and declared[0] != codec and not _alike(declared[0], codec)
    return mended, NAMES.get(codec, codec), overruled or mended != text


def _declared(content: bytes, charset: str | None) -> Iterator[str | None]:
    """Codecs claimed for the content, most trusted first; ``None`` for names that are none."""
    if charset:
        yield _codec(charset)
    head = content[:HEAD]
    if b"\0" in head:
        head = head.replace(b"\0", b"")
    for pattern in (DECLARED, META):
        if match := pattern.search(head):
            yield _codec(match[1].decode("ascii"))


def _codec(label: str) -> str | None:
    """Python's name of the codec a label means, None if there is none for text."""
    try:
        info = codecs.lookup(label.strip("\"' "))
    except (LookupError, ValueError):
        return None
    # Codecs like "hex" or "rot13" are no encodings of text.
    return LABELS.get(info.name, info.name) if getattr(info, "_is_text_encoding", True) else None


def _alike(declared: str, codec: str) -> bool:
    """Whether reading ``codec`` keeps to the letter of what was declared."""
    return declared.startswith(("utf-16", "utf-32")) and codec.startswith(declared[:6])


def _read(content: bytes, declared: list[str]) -> tuple[str, str]:
    """Text and the codec that read it."""
    for mark, codec in BOMS:
        if content.startswith(mark):
            content = content[len(mark) :]
            text = _try(content, codec)
            if text is not None:
                return text, codec
            declared = [codec, *declared]
            break
    else:
        wide = _wide(content)
        if wide and (text := _try(content, wide)) is not None:
            return text, wide
    if content.isascii() and b"\x1b" not in content:
        return content.decode("ascii"), "utf-8"
    if (text := _try(content, "utf-8")) is not None and b"\x1b" not in content:
        return text, "utf-8"
    return _read_legacy(content, declared)


def _try(content: bytes, codec: str) -> str | None:
    """The content read strictly, but for a character cut in half at its end."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(content)
    except UnicodeDecodeError:
        return None


def _wide(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, told by where the zeros of its markup or spaces are."""
    head = content[:HEAD]
    if b"\0" not in head:
        return None
    if head[:4].count(b"\0") == 3:
        return "utf-32-be" if head[0] == 0 else "utf-32-le"
    zeros = (head[0::2].count(b"\0"), head[1::2].count(b"\0"))
    if max(zeros) * 20 < len(head) or min(zeros) * 10 > max(zeros):
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _read_legacy(content: bytes, declared: list[str]) -> tuple[str, str]:
    """Read what is not clean UTF-8."""
    if _mostly_utf8(content):
        return content.decode("utf-8", "replace"), "utf-8"
    runs = [run for run, _ in zip((m[0] for m in HIGH_RUN.finditer(content)), range(SAMPLE), strict=False)]
    scores = {codec: arabic_score(runs, codec) for codec in ARABIC_CODECS}
    best = max(ARABIC_CODECS, key=lambda codec: scores[codec])
    claim = next((codec for codec in declared if not codec.startswith("utf-")), None)
    if claim in scores and scores[claim] >= scores[best]:
        best = claim
    if scores[best] >= 0.1 or (scores[best] > 0 and claim is None):
        return content.decode(best, "replace"), best
    if claim and (text := _try(content, claim)) is not None:
        return text, claim
    return _guess(content, claim)


def _mostly_utf8(content: bytes) -> bool:
    """Whether the few bytes that are not UTF-8 are damage in a UTF-8 text: under 1 in 20 of its characters."""
    text = content[: 1 << 20].decode("utf-8", "replace")
    foreign = sum(map(len, FOREIGN_RUN.findall(text)))
    return text.count("\N{REPLACEMENT CHARACTER}") * 20 < foreign


def arabic_score(runs: list[bytes], codec: str) -> float:
    """How much of the runs of high bytes reads as Arabic words in ``codec``, 0 to 1.

    Function words and the definite article make up a third of any newswire; letters alone cannot tell
    windows-1256 from ISO-8859-6, which share half of their positions.
    """
    if not runs:
        return 0.0
    words = [run.decode(codec, "replace") for run in runs]
    return sum(word in WORDS or word.startswith(ARTICLES) for word in words) / len(words)


def _guess(content: bytes, claim: str | None) -> tuple[str, str]:
    """The detector's guess; imported here because hardly a document in a thousand needs it."""
    from charset_normalizer import from_bytes

    match = from_bytes(content[: 1 << 18]).best()
    codec = _codec(match.encoding) if match else None
    codec = codec or claim or "cp1252"
    return content.decode(codec, "replace"), codec


def _mend(text: str) -> str:
    """Undo a second encoding: UTF-8 that was read as cp1252, Latin-1 or cp1256 and written as UTF-8 again."""
    for _ in range(3):
        if not MOJIBAKE.search(text):
            break
        mended = FOREIGN_RUN.sub(lambda match: _mend_run(match[0]), text)
        if mended == text:
            break
        text = mended
    return text


def _mend_run(run: str) -> str:
    """The run as it was before, if it was Arabic in UTF-8; else itself."""
    import ftfy.bad_codecs  # registers the codecs that keep the undefined bytes of cp1252

    ftfy.bad_codecs.ok()
    for codec in ("sloppy-windows-1252", "cp1256"):
        try:
            mended = run.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        return mended
    return run
