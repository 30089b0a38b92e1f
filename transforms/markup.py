"""HTML fragments, as feeds and records hold them, turned into plain text.

Read by patterns and not into a tree: fragments are cut anywhere, nested at any depth and of any size, and a tree
builder gives up on some of them (libxml2 loses what is nested too deep). Every step takes time linear in the input.
"""

import html
import re
from collections.abc import Iterator

LINE_TAGS = frozenset(
    """address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p
    pre section summary table tbody tfoot thead tr ul""".split()  # noqa: SIM905 - one a word reads better than one a line
)
CELL_TAGS = frozenset(("td", "th"))
INLINE_TAGS = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span
    strike strong sub sup time tt u var wbr""".split()  # noqa: SIM905
)
VOID_TAGS = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
RAW_TAGS = frozenset(("script", "style", "title", "textarea", "xmp", "noembed", "noframes"))
"""Their content is no markup: it ends at their closing tag and nowhere else, if need be at the end."""
HIDDEN_TAGS = RAW_TAGS | {"applet", "audio", "button", "canvas", "head", "iframe", "map", "math", "noscript", "object"}
HIDDEN_TAGS |= {"select", "svg", "template", "video"}
KNOWN_TAGS = LINE_TAGS | CELL_TAGS | INLINE_TAGS | VOID_TAGS | HIDDEN_TAGS

TAG = re.compile(
    r"<[!?][^>]*>|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<attributes>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+'|[\"'])*+)>"
)
LINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(LINE_TAGS, key=len, reverse=True))})(?=[\s/>])", re.IGNORECASE)
SIMPLE_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?/?>")
UNFINISHED_TAG = re.compile(r"<[/!]?([a-zA-Z][a-zA-Z0-9]*)?[^<>]*\Z")
HIDDEN_START = re.compile(rf"<!--|<({'|'.join(HIDDEN_TAGS)})(?=[\s/>])[^>]*>", re.IGNORECASE)
HIDDEN_END = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in HIDDEN_TAGS} | {"": re.compile("--!?>")}
PREFORMATTED = re.compile(r"<pre[\s>][^<]*(?:<(?!/pre)[^<]*)*", re.IGNORECASE)
SPACES = re.compile("  +")

AD = re.compile(
    r"<[a-zA-Z][^<>]*?\s(?:class|id)\s*=\s*(?:\"[^\">]*|'[^'>]*|)(?<![a-zA-Z])(?<!no-)(?<!has-)(?<!hide-)"
    r"(?:ads?|adv|adverts?|advertis\w+|adsense|ad-?(?:banner|block|box|container|label|slot|unit|wrap|wrapper)"
    r"|adsbygoogle|google_?ads?|dfp|gpt-?ad|sponsored|feedflare|outbrain|taboola)(?![a-zA-Z])",
    re.IGNORECASE,
)
AD_LIMIT = 300
"""A block named like an advertisement that holds more characters than this is an article in an odd wrapper."""


def to_text(fragment: str) -> str:
    """The text of an HTML fragment: a line a paragraph, none of them blank.

    Scripts, styles, comments, advertisements and all that is not text are dropped; entities are undone once. Where
    the fragment has no tag, but undoing its entities brings some to light, the markup was escaped twice or thrice and
    is read then. Where no tag parts the lines, the line ends of the source do.
    """
    text = _strip(fragment)
    if "<" in fragment or not ("<" in text or "&lt;" in text):
        return text
    markup = text if has_markup(text) else html.unescape(text)
    return _strip(markup) if has_markup(markup) else text


def has_markup(text: str) -> bool:
    """Whether text of no declared type holds elements of HTML.

    A lone ``<b>`` does not make markup, a closed one does: headlines may speak of tags.
    """
    return "<" in text and any(
        name.lower() in KNOWN_TAGS and (close or name.lower() in VOID_TAGS or name.lower() == "p")
        for close, name in SIMPLE_TAG.findall(text)
    )


def to_line(text: str, *, entities: bool = True) -> str:
    """The text of a field that may be plain or HTML, on one line.

    ``entities`` says whether they are undone where no tag shows that the field is HTML.
    """
    if has_markup(text):
        text = to_text(text)
    elif entities and "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())


def _strip(fragment: str) -> str:
    """The text between the tags."""
    if "<" not in fragment:
        return _tidy(html.unescape(fragment))
    if "<![CDATA[" in fragment:
        # XML's marks of a text without markup, put around HTML once too often.
        fragment = fragment.replace("<![CDATA[", "").replace("]]>", "").replace("]]&gt;", "")
    fragment = "".join(_visible(fragment))
    if AD.search(fragment):
        fragment = "".join(_without_ads(fragment)) or fragment
    if LINE_TAG.search(fragment):
        if "<pre" in fragment or "<PRE" in fragment:
            fragment = PREFORMATTED.sub(lambda match: match[0].replace("\n", "<br>"), fragment)
        fragment = _one_line(fragment)
    end = fragment.rfind(">") + 1  # a tag that is never closed is none
    text = TAG.sub(_replace, fragment[:end]) + _finished(fragment[end:])
    return _tidy(html.unescape(text) if "&" in text else text)


def _one_line(fragment: str) -> str:
    """The fragment with its spaces and line ends as single spaces, but for those that may not break."""
    # Several times as quick as one substitution of everything: nearly every space is single.
    fragment = fragment.replace("\n", " ").replace("\r", " ").replace("\t", " ").replace("\f", " ")
    return SPACES.sub(" ", fragment) if "  " in fragment else fragment


def _replace(tag: re.Match[str]) -> str:
    """What a tag is in plain text."""
    name = (tag["name"] or "").lower()
    return "\n" if name in LINE_TAGS else " " if name in CELL_TAGS and not tag["close"] else ""


def _finished(tail: str) -> str:
    """The last of the text without the tag it was cut off in."""
    cut = UNFINISHED_TAG.search(tail)
    return tail[: cut.start()] if cut and (cut[1] or "").lower() in KNOWN_TAGS else tail


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, no blank lines."""
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _visible(fragment: str) -> Iterator[str]:
    """The fragment without comments and without elements that show no text."""
    position = 0
    unclosed = set[str]()
    for start in HIDDEN_START.finditer(fragment):
        name = (start[1] or "").lower()
        if start.start() < position or name in unclosed or start[0].endswith("/>"):
            continue
        end = HIDDEN_END[name].search(fragment, start.end() if name else start.end() - 2)
        if end is None and name not in RAW_TAGS:
            unclosed.add(name)  # nor will the next of its name be: so this stays linear
            continue
        yield fragment[position : start.start()]
        position = end.end() if end else len(fragment)
    yield fragment[position:]


def _without_ads(fragment: str) -> Iterator[str]:
    """The fragment without short elements whose class or id says that they are advertisements."""
    spans: list[tuple[int, int]] = []
    opened: list[tuple[str, int, int, bool]] = []  # name, where it starts, text before it, whether it is an ad
    depth: dict[str, int] = {}
    text = position = 0
    for tag in TAG.finditer(fragment[: fragment.rfind(">") + 1]):
        text += tag.start() - position
        position = tag.end()
        name = (tag["name"] or "").lower()
        if not name or name in VOID_TAGS:
            continue
        if not tag["close"]:
            opened.append((name, tag.start(), text, bool(AD.match(tag[0]))))
            depth[name] = depth.get(name, 0) + 1
            continue
        while depth.get(name):
            last, start, before, is_ad = opened.pop()
            depth[last] -= 1
            if is_ad and text - before <= AD_LIMIT:
                spans.append((start, tag.end()))
            if last == name:
                break
    position = 0
    for start, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= position:
            yield fragment[position:start]
            position = stop
    yield fragment[position:]
