"""HTML fragments as they stand in feeds, turned into plain text.

A tokenizer of our own and no tree: feeds hold fragments cut anywhere, nested at any depth and of any size, and a
tree builder gives up on some of them (libxml2 drops what lies below depth 256). One pass, linear in the input.
"""

import html
import re

SPACES = "[ \\t\\n\\r\\f]+"
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)"
    r"|<[!?][^>]*>"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<attributes>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+'|[\"'])*+)>",
    re.DOTALL,
)
LINE_TAGS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
CELL_TAGS = frozenset(("td", "th"))
INLINE_TAGS = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span"
    " strike strong sub sup time tt u var wbr".split()
)
RAW_TAGS = frozenset(("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"))
"""Elements whose content is no markup: they end at their own closing tag and nowhere else."""
DROPPED_TAGS = frozenset("applet audio button canvas head map math noscript object select svg template video".split())
MEDIA_TAGS = frozenset("area base col embed img input link meta param source track".split())
VOID_TAGS = MEDIA_TAGS | {"br", "hr", "wbr"}
KNOWN_TAGS = LINE_TAGS | CELL_TAGS | INLINE_TAGS | RAW_TAGS | DROPPED_TAGS | MEDIA_TAGS

AD = re.compile(
    r"\b(?:class|id)\s*=\s*[\"']?[^\"'>]*?(?<![a-z0-9])"
    r"(?:ads?|advert\w*|adsbygoogle|adsense|adslot|adunit|ad-?(?:box|container|slot|unit|wrapper)|dfp|gpt-ad"
    r"|google_ads?\w*|feedflare|sponsored|outbrain|taboola)(?![a-z])",
    re.IGNORECASE,
)
AD_LIMIT = 300
"""A block named like an advertisement that holds more characters than this is an article in an odd wrapper."""

ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?/?>")


def to_text(fragment: str) -> str:
    """The text of an HTML fragment: a line a paragraph, no blank lines, no scripts, styles, comments or ad blocks.

    Entities are undone once. Where the fragment has no tag, but undoing its entities brings tags to light, the
    markup was escaped twice and is read again.
    """
    for _ in range(3):
        text = _strip(fragment)
        if "<" in fragment or not has_markup(text):
            break
        fragment = text
    return text


def has_markup(text: str) -> bool:
    """Whether text of no declared type holds elements of HTML and no others.

    A lone ``<b>`` does not make markup, a closed one does: headlines may speak of tags.
    """
    tags = ANY_TAG.findall(text) if "<" in text else ()
    return all(name.lower() in KNOWN_TAGS for _, name in tags) and any(
        close or name.lower() in VOID_TAGS for close, name in tags
    )


def to_line(text: str, *, entities: bool = True) -> str:
    """The text of a field that may be plain or HTML, on one line.

    ``entities`` tells whether they are undone where no tag shows that the field is HTML.
    """
    if has_markup(text):
        text = to_text(text)
    elif entities and "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())


def _strip(fragment: str) -> str:
    """The text between the tags."""
    if "<" not in fragment:
        return _tidy(_collapse(html.unescape(fragment)))
    pieces: list[str] = []
    # Where an ad block began in `pieces`, its tag, and how many of that tag are open inside it.
    ad_start, ad_tag, ad_depth = -1, "", 0
    hidden_tag, hidden_depth = "", 0
    preformatted = 0
    position = 0
    end = fragment.rfind(">") + 1
    while token := TAG.search(fragment, position, end):
        if not hidden_tag:
            _add(pieces, fragment[position : token.start()], preformatted)
        position = token.end()
        name = (token["name"] or "").lower()
        if not name:
            if token["cdata"] and not hidden_tag:
                _add(pieces, token["cdata"], preformatted)
            continue
        closing = bool(token["close"])
        self_closing = name in VOID_TAGS
        if hidden_tag:
            if name == hidden_tag and not self_closing:
                hidden_depth += -1 if closing else 1
                if not hidden_depth:
                    hidden_tag = ""
            continue
        if name in RAW_TAGS:
            if not closing and not token["attributes"].endswith("/"):
                position = _raw_end(fragment, name, position)
            continue
        if name in DROPPED_TAGS:
            if not closing and not token["attributes"].endswith("/"):
                hidden_tag, hidden_depth = name, 1
            continue
        if name in LINE_TAGS:
            pieces.append("\n")
            if name == "pre":
                preformatted = max(0, preformatted + (-1 if closing else 1))
        elif name in CELL_TAGS:
            pieces.append(" ")
        if ad_start >= 0:
            if name == ad_tag and not self_closing:
                ad_depth += -1 if closing else 1
                if not ad_depth:
                    if sum(map(len, pieces[ad_start:])) <= AD_LIMIT:
                        del pieces[ad_start:]
                        pieces.append("\n")
                    ad_start = -1
        elif token["attributes"] and not closing and not self_closing and AD.search(token["attributes"]):
            ad_start, ad_tag, ad_depth = len(pieces), name, 1
    if not hidden_tag:
        _add(pieces, fragment[position:], preformatted)
    return _tidy("".join(pieces))


def _raw_end(fragment: str, name: str, position: int) -> int:
    """Where a raw element ends; at the end of the fragment if it is never closed."""
    closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(fragment, position)
    return closing.end() if closing else len(fragment)


def _add(pieces: list[str], run: str, preformatted: int) -> None:
    """Append a run of characters between two tags."""
    if run:
        run = html.unescape(run) if "&" in run else run
        pieces.append(run if preformatted else _collapse(run))


def _collapse(run: str) -> str:
    """Spaces and line ends of the source are one space."""
    return re.sub(SPACES, " ", run)


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, no blank lines."""
    return "\n".join(line for line in (line.strip(" \t\r\f") for line in text.split("\n")) if line)
