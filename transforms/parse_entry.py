"""Between the bytes and the items: a document read as text, and what an entry of any format says of itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from schemas.document import Document
from schemas.item import Item
from schemas.reject import PAYLOAD_LIMIT, Reject
from transforms.decode import decode, mend, wide_codec

CONTROLS = re.compile(b"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed, a record of a file, a page: in its own words, less their markup. Empty means unsaid."""

    title: str | None = None
    text: str | None = None
    url: str | None = None
    guid: str | None = None
    author: str | None = None
    language: str | None = None
    source: str | None = None
    """The outlet, where the entry names one of its own."""
    dates: tuple[tuple[Literal["feed", "html"], str], ...] = ()


def feed_dates(said: Iterable[str | None]) -> tuple[tuple[Literal["feed", "html"], str], ...]:
    """What a feed or record says of its date, most trusted first, each once. Empty means unsaid."""
    return tuple(("feed", date) for date in dict.fromkeys(said) if date)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read as text, and the maker of all that comes of it."""

    document: Document
    text: str
    encoding: str
    repaired: bool
    source: str
    """The outlet as far as it is known."""

    def of_outlet(self, *names: str | None) -> "Reading":
        """The same, once the document has told its outlet; whoever listed the feed knows better."""
        return replace(self, source=self.document.source or next(filter(None, names), self.source))

    def item(self, entry: Entry, position: int, payload: str = "") -> Item | Reject:
        """The item at ``position``; a reject if it has neither title nor text."""
        if not entry.title and not entry.text:
            return self.reject("no-text", "neither a title nor a text", position, payload or repr(entry))
        # A second encoding may be written in references (&#216;&#167;), which only parsing has undone.
        title, text, author = mend(entry.title or ""), mend(entry.text or ""), mend(entry.author or "")
        return Item(
            source=self.document.source or entry.source or self.source,
            document=self.document.uri,
            position=position,
            arrived_at=self.document.arrived_at,
            arrival=self.document.arrival,
            title=title or None,
            text=text or None,
            url=entry.url or None,
            guid=entry.guid or None,
            author=author or None,
            language=entry.language or None,
            dates=entry.dates,
            encoding=self.encoding,
            encoding_repaired=self.repaired or title != (entry.title or "") or text != (entry.text or ""),
        )

    def reject(self, reason: str, message: str, position: int = 0, payload: str = "") -> Reject:
        """The refusal of what is at ``position``; of the whole document if that is 0."""
        return Reject(
            stage="parse",
            reason=reason,
            message=message,
            source=self.source,
            document=self.document.uri,
            position=position,
            arrived_at=self.document.arrived_at,
            payload=(payload[:PAYLOAD_LIMIT].encode("utf-8", "replace") or self.document.content)[:PAYLOAD_LIMIT],
        )


def read_document(document: Document) -> Reading:
    """Read the bytes of a document in the encoding they are in."""
    text, encoding, repaired = decode(document.content, document.charset)
    return Reading(document, text, encoding, repaired, document.source or stem(document.uri))


def undecoded(document: Document) -> Reading:
    """A document that is no text as a whole."""
    return Reading(document, "", "binary", repaired=False, source=document.source or stem(document.uri))


def is_binary(content: bytes) -> bool:
    """Whether bytes are no text in any encoding: zeros outside UTF-16, or more than 1 in 20 control characters."""
    head = content[:4096]
    if codec := wide_codec(content):
        head = head.decode(codec, "replace").encode("utf-8", "replace")
    return b"\0" in head or head.startswith(b"%PDF-") or len(CONTROLS.findall(head)) * 20 > len(head)


_PLAIN_HOST = re.compile(r"https?://([a-zA-Z0-9.-]+)(?:[/?#]|\Z)")
"""Of nearly every URL; ``urlsplit`` takes ten times as long."""


def host(url: str | None) -> str | None:
    """The host of a URL without ``www.``; None if it has none."""
    if plain := _PLAIN_HOST.match(url or ""):
        return plain[1].lower().removeprefix("www.")
    try:
        name = urlsplit(url or "").hostname
    except ValueError:
        return None
    return name.removeprefix("www.") if name else None


def stem(uri: str) -> str:
    """The host of a URL of the web, else the name of the file without its endings."""
    if uri.startswith(("http://", "https://")) and (name := host(uri)):
        return name
    last = uri.rstrip("/").rsplit("/", 1)[-1]
    return last.lstrip(".").split(".")[0] or last or "unknown"


def folder(uri: str) -> str:
    """The name of the folder that holds a file; its stem if it lies in none."""
    path = uri.partition("://")[2] or uri
    parts = [part for part in path.split("/")[:-1] if part not in {"", ".", ".."}]
    return stem(uri) if uri.startswith(("http://", "https://")) or not parts else parts[-1]
