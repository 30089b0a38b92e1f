"""Real feeds, read by naba and by feedparser: every difference has a reason, and each reason is checked."""

import html
import io
import json
import re
import warnings
from calendar import timegm
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
from lxml import etree
from lxml import html as lxml_html

from schemas.document import Document
from schemas.item import Item
from schemas.reject import Reject
from transforms.dates import resolve_date
from transforms.decode import decode
from transforms.markup import to_line, to_text
from transforms.parse import parse_document

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Difference:
    """What naba and feedparser make of one field of one entry; of all entries, where their number differs."""

    field: str
    ours: str
    theirs: tuple[str, ...]
    """More than one where feedparser gives several bodies."""
    guid: str
    position: int
    document: str
    content: bytes
    codecs: tuple[str, str]
    """What naba and what feedparser read the document in."""
    outcomes: tuple[Item | Reject, ...]


def is_json_feed(difference: Difference) -> bool:
    if difference.field != "count" or not difference.document.startswith("{") or difference.theirs != ("0",):
        return False
    return len(json.loads(difference.document)["items"]) == int(difference.ours)


def breaks_off(difference: Difference) -> bool:
    last = difference.outcomes[-1]
    whole = len(re.findall(r"</(?:item|entry)>", difference.document))
    return (
        difference.field == "count"
        and isinstance(last, Reject)
        and last.reason == "truncated"
        and (str(whole), (str(whole + 1),)) == (difference.ours, difference.theirs)
    )


def is_read_in_another_encoding(difference: Difference) -> bool:
    """The bytes of what naba says, read in the other encoding, are what feedparser says."""
    ours, theirs = difference.codecs
    if ours == theirs:
        return False
    misread = words("".join(reread(character, ours, theirs) for character in html.unescape(difference.ours)))
    said = {words(html.unescape(said)) for said in difference.theirs}
    return misread in said or misread.rstrip("…") in said  # at the end, it took that byte for the end of a line


def reread(character: str, codec: str, other: str) -> str:
    """The bytes of a character, read in another encoding; itself if it can only have been written as a number."""
    try:
        misread = character.encode(codec).decode(other, "replace")
    except UnicodeEncodeError:
        return character
    # Every reader of HTML takes the controls of Latin-1 for the punctuation of Windows.
    return "".join(one.encode("latin-1").decode("cp1252", "ignore") or one if one in C1 else one for one in misread)


C1 = frozenset(map(chr, range(0x80, 0xA0)))


def is_noise(difference: Difference) -> bool:
    """Bytes that the declared encoding does not allow, and too few to tell another by."""
    foreign = sum(byte > 0x7F for byte in difference.content)
    declared = re.search(rb"encoding=[\"']([\w-]+)", difference.content)
    try:
        difference.content.decode(declared[1].decode() if declared else "utf-8")
    except UnicodeDecodeError:
        return foreign < 10
    return False


def is_an_entity_of_a_title(difference: Difference) -> bool:
    """Entities below the escaping of XML are part of a title, unless the feed's other titles prove otherwise."""
    return difference.field == "title" and difference.theirs == (words(html.unescape(difference.ours)),)


def is_an_entity_of_an_author(difference: Difference) -> bool:
    return difference.field == "author" and words(html.unescape(difference.theirs[0])) == difference.ours


def is_the_title_of_something_else(difference: Difference) -> bool:
    return (
        difference.field == "title"
        and not difference.ours
        and not any(etree.QName(child).localname == "title" for child in entry_of(difference).iterchildren("*"))
    )


def is_escaped_in_what_is_no_html(difference: Difference) -> bool:
    """Plain text, and text between the tags of XHTML: what is escaped in it once is no tag."""
    declared = 'type="text"' in difference.document or "http://www.w3.org/1999/xhtml" in difference.document
    verbatim = html.escape(difference.ours, quote=False) in difference.document
    return declared and verbatim and words(to_text(f"<p>{difference.ours}</p>")) in difference.theirs


def is_not_shown_by_a_browser(difference: Difference) -> bool:
    """What feedparser has more stands in a script, head, frame, button or comment, says a parser of HTML."""
    fragments = (element.text or "" for element in entry_of(difference).iter("*"))
    return difference.field in {"title", "text"} and "".join(difference.ours.split()) in map(shown, fragments)


def shown(fragment: str) -> str:
    """What a browser shows of a fragment, without spaces."""
    # To libxml2 a script ends at "</", to browsers at its own closing tag.
    fragment = re.sub(r"(?is)<!--.*?-->|<script\b.*?</script\s*>", "", fragment)
    page = lxml_html.document_fromstring(f"<html><body>{fragment}</body></html>")
    etree.strip_elements(page, "title", "iframe", "object", "script", "svg", "button", with_tail=False)
    return "".join("".join(map(str, page.itertext())).split())


def has_its_address_added(difference: Difference) -> bool:
    address = re.fullmatch(r"\((\S+@\S+)\)", difference.theirs[0].removeprefix(difference.ours).strip())
    if difference.field != "author" or not difference.ours or address is None:
        return False
    return address[1] in difference.document


def is_a_credit(difference: Difference) -> bool:
    credit = f">{difference.ours}</media:credit>"
    return difference.field == "author" and difference.theirs == ("",) and credit in difference.document


def is_a_date_in_arabic(difference: Difference) -> bool:
    outcome = difference.outcomes[difference.position - 1]
    said = outcome.dates[0][1] if isinstance(outcome, Item) and outcome.dates else ""
    return difference.field == "date" and difference.theirs == ("",) and not said.isascii()


def is_the_hour_24(difference: Difference) -> bool:
    outcome = difference.outcomes[difference.position - 1]
    said = outcome.dates[0][1] if isinstance(outcome, Item) and outcome.dates else ""
    return difference.field == "date" and difference.theirs == ("",) and " 24:00:00 " in said


def is_cdf(difference: Difference) -> bool:
    said = {"link": "BASE=", "date": "LASTMOD="}.get(difference.field, "?")
    return "<CHANNEL" in difference.document and said in difference.document


def is_an_id_that_is_no_address(difference: Difference) -> bool:
    told = difference.field == "link" and not difference.ours and difference.theirs == (difference.guid,)
    return told and "://" not in difference.guid


REASONS: dict[str, Callable[[Difference], bool]] = {
    "feedparser knows no JSON Feed": is_json_feed,
    "the feed breaks off in an entry, which naba rejects and feedparser takes for whole": breaks_off,
    "the same bytes are read in another encoding": is_read_in_another_encoding,
    "bytes of no encoding: one guess against another": is_noise,
    "an entity of a title is undone only where titles prove to be HTML": is_an_entity_of_a_title,
    "an entity of an author is undone": is_an_entity_of_an_author,
    "the title of a picture is not that of the entry": is_the_title_of_something_else,
    "what plain text or XHTML escapes is text": is_escaped_in_what_is_no_html,
    "scripts, heads, frames, buttons and comments are not text": is_not_shown_by_a_browser,
    "feedparser adds the mail address to the name": has_its_address_added,
    "who is credited in a media group is the author": is_a_credit,
    "feedparser reads no date in Arabic": is_a_date_in_arabic,
    "feedparser reads no hour 24, the midnight after": is_the_hour_24,
    "of CDF (1997), attributes of the feed are not read": is_cdf,
    "an id that is no address is no link": is_an_id_that_is_no_address,
}


FOLDERS = ("feeds_feedparser", "feeds_dev/feeds", "feeds_arabic_blogs", "feeds_polls")


def test_every_difference_from_feedparser_has_a_reason_that_holds(shared_data: Path) -> None:
    explained = [explain(shared_data / folder) for folder in FOLDERS]
    assert [difference for unexplained, _ in explained for difference in unexplained] == []
    assert REASONS.keys() - set[str]().union(*(used for _, used in explained)) == set()


def explain(folder: Path) -> tuple[list[str], set[str]]:
    """The differences that no reason holds for, and the reasons that were needed."""
    unexplained, used = [], set()
    for path in sorted(path for path in folder.rglob("*.*") if path.is_file()):
        for difference in differences(path.read_bytes()):
            reasons = [reason for reason, holds in REASONS.items() if holds(difference)]
            used |= set(reasons[:1])
            if not reasons:
                unexplained.append(f"{path.name} {difference.field}: {difference.ours} / {difference.theirs}")
    return unexplained, used


def differences(content: bytes) -> Iterator[Difference]:
    """All in which the two differ on a document."""
    header = re.search(rb"Header:\s*Content-type:\s*([^\r\n]+)", content[:600])
    kind = header[1].decode() if header else ""
    charset = re.search(r"charset=[\"']?([\w-]+)", kind)
    decoded = decode(content, charset[1] if charset else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = feedparser.parse(io.BytesIO(content), response_headers={"content-type": kind} if kind else {})
    entries = [dict(entry) for entry in parsed.entries]  # asked itself, it gives one date for another
    outcomes = tuple(parse_document(Document("a.xml", content, NOW, charset=charset[1] if charset else None)))
    ours = [outcome for outcome in outcomes if isinstance(outcome, Item) or outcome.reason == "no-text"]
    codecs = (decoded.encoding, parsed.get("encoding") or "utf-8")

    def difference(field: str, ours: str, theirs: tuple[str, ...], guid: str = "", position: int = 0) -> Difference:
        return Difference(field, ours, theirs, guid, position, decoded.text, content, codecs, outcomes)

    if len(ours) != len(entries):
        yield difference("count", str(len(ours)), (str(len(entries)),))
    for position, (outcome, entry) in enumerate(zip(ours, entries, strict=False), 1):
        guid = entry.get("id") or ""
        said = our_fields(outcome)
        for field, theirs in their_fields(entry).items():
            # Of an entry without title and text nothing is kept but its reject.
            if (isinstance(outcome, Item) or field in {"title", "text"}) and said[field] not in theirs:
                yield difference(field, said[field], theirs, guid, position)


def our_fields(outcome: Item | Reject) -> dict[str, str]:
    if isinstance(outcome, Reject):
        return {"title": "", "text": ""}
    date = resolve_date(outcome)
    return {
        "title": outcome.title or "",
        "text": words(outcome.text),
        "link": outcome.url or "",
        "guid": outcome.guid or "",
        "author": outcome.author or "",
        "date": f"{date.published_at:%Y-%m-%dT%H:%M:%S}" if date.source == "feed" else "",
    }


def their_fields(entry: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    bodies = [content.get("value") for content in entry.get("content") or ()]
    moment = entry.get("published_parsed") or entry.get("created_parsed") or entry.get("updated_parsed")
    return {
        "title": (to_line(entry.get("title") or ""),),
        "text": tuple(words(to_text(body or "")) for body in (*bodies, entry.get("summary"))),
        "link": (entry.get("link") or "",),
        "guid": (entry.get("id") or "",),
        "author": (to_line(entry.get("author") or ""),),
        "date": (f"{datetime.fromtimestamp(timegm(moment), UTC):%Y-%m-%dT%H:%M:%S}" if moment else "",),
    }


def entry_of(difference: Difference) -> etree._Element:
    """The entry itself, read by an XML parser that forgives."""
    parser = etree.XMLParser(recover=True, no_network=True, resolve_entities=False)
    root = etree.fromstring(difference.content, parser)
    entries = list(root.iter("{*}item", "{*}entry")) if root is not None else []
    return entries[difference.position - 1] if 0 < difference.position <= len(entries) else etree.Element("none")


def words(text: str | None) -> str:
    return " ".join((text or "").split())
