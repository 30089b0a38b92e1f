"""Read a list of feeds: OPML, plain text or YAML, from anyone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from lxml import etree

from schemas.actors import load_registry
from schemas.feed import Feed
from schemas.reject import Rejected
from transforms.addresses import check_url
from transforms.storage import read_bytes

_KEYS = ("url", "feeds", "name", "country", "zone", "interval")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORTEST = timedelta(minutes=1)
_LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the list, for whoever must correct it."""

    path: str
    line: int
    entry: str = ""
    """What the entry is called: programs export a whole list on one line."""

    def refuse(self, message: str) -> Rejected:
        entry = f", «{self.entry}»" if self.entry else ""
        return Rejected("bad-feed-list", f"{self.path}, line {self.line}{entry}: {message}")


def load_feed_list(path: str) -> tuple[Feed, ...]:
    """The feeds that a file lists, each once, in its order. The file may be on any of Beam's file systems.

    Raises ``Rejected`` (``bad-feed-list``), naming the line; OSError if there is no such file.
    """
    return read_feed_list(read_bytes(path), path)


def read_feed_list(content: bytes, path: str) -> tuple[Feed, ...]:
    """The feeds of a list whose format is told by its content. ``path`` names it in messages."""
    if content.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return _merge(_read_opml(content, path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Place(path, content[: error.start].count(b"\n") + 1).refuse("not UTF-8") from error
    lines = [line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#")]
    # A line of YAML is "key: value" or "- entry"; a URL has no blank after its colon.
    is_yaml = any(re.match(r"(-|---|[\w.]+:|[\[{].*)(\s|$)", line) for line in lines)
    feeds = _merge(_read_yaml(text, path) if is_yaml else _read_text(text, path))
    if not feeds:
        raise _Place(path, 1).refuse("lists no feed")
    return feeds


def _merge(found: Iterator[Feed]) -> tuple[Feed, ...]:
    """Each address once; what its first entry leaves open is taken from later ones."""
    feeds: dict[str, Feed] = {}
    for feed in found:
        first = feeds.setdefault(feed.url, feed)
        feeds[feed.url] = Feed(
            feed.url,
            first.name or feed.name,
            first.country or feed.country,
            first.zone or feed.zone,
            first.interval or feed.interval,
        )
    return tuple(feeds.values())


def _read_text(text: str, path: str) -> Iterator[Feed]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if line:
            yield Feed(_address(line, _Place(path, number)))


def _read_opml(content: bytes, path: str) -> Iterator[Feed]:
    # Entities stay unexpanded and nothing is loaded: neither a bomb nor a file of ours comes of a list.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _Place(path, error.lineno or 1).refuse(f"not well-formed XML: {error.msg}") from error
    place = _element_place(root, path)
    if etree.QName(root).localname.lower() != "opml":
        raise place.refuse(f"an XML list of feeds is OPML, this is <{etree.QName(root).localname}>")
    outlines = [element for element in root.iter("{*}outline") if _attribute(element, "xmlurl")]
    if not outlines:
        raise place.refuse("lists no feed: no outline has an xmlUrl")
    for outline in outlines:
        name = _attribute(outline, "title") or _attribute(outline, "text")
        place = replace(_element_place(outline, path), entry=name)
        yield Feed(_address(_attribute(outline, "xmlurl"), place), name or None)


def _element_place(element: etree._Element, path: str) -> _Place:
    return _Place(path, int(f"{element.sourceline}"))  # as text: the type stubs do not know its type


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute whose case is not to be relied on; empty if absent."""
    return next((str(value).strip() for key, value in element.attrib.items() if str(key).lower() == name), "")


def _read_yaml(text: str, path: str) -> Iterator[Feed]:
    """Entries, top level or under ``feeds``: a URL, or an outlet with its ``url`` or its ``feeds``.

    Nodes rather than values: they know their line, and ``NO`` stays Norway.
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _Place(path, line).refuse(f"not YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _Place(path, 1).refuse(f"not YAML: {error}") from error
    if isinstance(root, yaml.MappingNode) and not _is_entry(root):
        root = _fields(root, path, ("feeds",)).get("feeds", root)
    entries = root.value if isinstance(root, yaml.SequenceNode) else [root]
    for entry in entries:
        yield from _read_entry(entry, path)


def _is_entry(node: yaml.MappingNode) -> bool:
    return any(isinstance(key, yaml.ScalarNode) and key.value in {"url", "name"} for key, _ in node.value)


def _read_entry(entry: yaml.Node | None, path: str) -> Iterator[Feed]:
    place = _place(entry, path)
    if isinstance(entry, yaml.ScalarNode):
        yield Feed(_address(entry.value, place))
        return
    if not isinstance(entry, yaml.MappingNode):
        raise place.refuse("an entry is a URL, or an outlet with url or feeds")
    fields = _fields(entry, path, _KEYS)
    outlet = _outlet(fields, path)
    if ("url" in fields) == ("feeds" in fields):
        raise place.refuse("an outlet has either url, for one feed, or feeds, for several")
    several = fields.get("feeds")
    if several is not None and not isinstance(several, yaml.SequenceNode):
        raise _place(several, path).refuse("feeds is a list of URLs")
    for url in several.value if several is not None else [fields["url"]]:
        yield replace(outlet, url=_address(_scalar(url, path), _place(url, path)))


def _outlet(fields: dict[str, yaml.Node], path: str) -> Feed:
    """What an entry says of the outlet."""
    given = {key: _scalar(node, path) for key, node in fields.items() if key not in {"url", "feeds"}}
    country, zone, interval = given.get("country"), given.get("zone"), given.get("interval")
    if country is not None and country not in {actor.iso2 for actor in load_registry().actors.values()}:
        raise _place(fields["country"], path).refuse(f"country is two capital letters of ISO 3166, not {country!r}")
    if zone is not None and not _is_zone(zone):
        raise _place(fields["zone"], path).refuse(f"zone is an IANA name such as Asia/Damascus, not {zone!r}")
    duration = None if interval is None else _duration(interval, _place(fields["interval"], path))
    return Feed("", given.get("name"), country, zone, duration)


def _fields(node: yaml.MappingNode, path: str, known: tuple[str, ...]) -> dict[str, yaml.Node]:
    fields = {}
    for key, value in node.value:
        name = _scalar(key, path)
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise _place(key, path).refuse(f"unknown key {name!r}: {hint}")
        fields[name] = value
    return fields


def _scalar(node: yaml.Node, path: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise _place(node, path).refuse("a plain value is wanted here")
    return str(node.value)


def _place(node: yaml.Node | None, path: str) -> _Place:
    return _Place(path, node.start_mark.line + 1 if node is not None else 1)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # ValueError: a path out of the database; OSError: a folder
        return False
    return True


def _duration(text: str, place: _Place) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip())
    duration = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else timedelta(0)
    if not _SHORTEST <= duration <= _LONGEST:
        raise place.refuse(f"interval is from 1m to 7d, such as 90s, 15m, 2h or 1d, not {text!r}")
    return duration


def _address(text: str, place: _Place) -> str:
    address = text.strip().removeprefix("feed:")  # some programs write feed://host or feed:https://host
    try:
        return str(check_url(f"http:{address}" if address.startswith("//") else address))
    except Rejected as refusal:
        raise place.refuse(refusal.message) from refusal
