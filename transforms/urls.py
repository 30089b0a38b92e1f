"""One URL per article: the canonical form under which all links to it compare equal.

A link missed here costs little, because equal text is found later; two articles merged lose one of them for
good. So what might tell two articles apart stays, and only what never does is removed. No library and no table
that changes with a release takes part, because ids are made of the result: ``docs/decisions/0002-identity.md``.
"""

import re
from unicodedata import normalize
from urllib.parse import unquote, unquote_to_bytes

_FLAGS = re.IGNORECASE | re.ASCII

_URL = re.compile(r"https?:[/\\]{2}([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", _FLAGS | re.DOTALL)
_AUTHORITY = re.compile(r"(?:.*@)?(\[[0-9a-f:.]+\]|[^:@\[\]]+)(?::([0-9]{0,5}))?", _FLAGS | re.DOTALL)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", _FLAGS)
_HOME_PAGE = re.compile(r"https://[^/?#]+/(?:[a-z]{2}(?:-[a-z]{2})?|arabic|english)?", _FLAGS)

_EDGES = "".join(map(chr, range(0x21))) + (
    "\N{NO-BREAK SPACE}\N{SOFT HYPHEN}\N{ARABIC LETTER MARK}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}"
    "\N{ZERO WIDTH JOINER}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT EMBEDDING}"
    "\N{RIGHT-TO-LEFT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}\N{LEFT-TO-RIGHT OVERRIDE}"
    "\N{RIGHT-TO-LEFT OVERRIDE}\N{WORD JOINER}\N{LEFT-TO-RIGHT ISOLATE}\N{RIGHT-TO-LEFT ISOLATE}"
    "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}\N{ZERO WIDTH NO-BREAK SPACE}"
)
"""Spaces, and the invisible marks that Arabic editors leave around a pasted link."""

_ESCAPED_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", _FLAGS)

_HOST_VARIANTS = frozenset({"www", "m", "mobile", "amp"})
_PUBLIC_SUFFIX = re.compile(r"(?:com?|net|org|gov|edu|ac|info|media|press)\.[a-z]{2}")
"""What is left when the variant was the registered name itself: ``mobile.com.sa`` is a firm, not a phone page."""

_PATH_UNSAFE = re.compile(r"[^\w.~!$&'()*+,=:@-]+", re.ASCII)
_NAME_UNSAFE = re.compile(r"[^\w.~!$'()*,:@/?-]+", re.ASCII)
_VALUE_UNSAFE = re.compile(r"[^\w.~!$'()*,:@/?=-]+", re.ASCII)
_ROUTE_UNSAFE = re.compile(r"[^\w.~!$&'()*+,=:@/?-]+", re.ASCII)
# None spares ";": a name such as "amp;x" would otherwise come out as "&amp;x" and be undone by the next round.

_COOKIELESS_SESSION = re.compile(r"\((?:[A-Z]\([0-9a-z_-]+\))+\)", _FLAGS)
_NAMELESS_PAGE = re.compile(
    r"\.{0,2}|amp|index\.(?:[xs]?html?|php\d?|aspx?|jsp|cfm)|default\.(?:html?|aspx?)|" + _COOKIELESS_SESSION.pattern,
    _FLAGS,
)
"""What may be left of the last segment of a path without naming a page."""
_AMP_SUFFIX = re.compile(r"(?<!\.amp)(?:\.amp)++(?=$|\.html?$)", _FLAGS)  # linear: a run is tried once
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^;]*", _FLAGS)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|ashx|jsp|do|cfm|cgi|pl)$", _FLAGS)
_BLOGGER_PATH = re.compile(r"\d{4}/\d{2}/[^/]+\.html")

_TRACKER = re.compile(
    r"""
    # Whole families
    (?: utm | at | itm | mtm | vero | fb_action | amp | _branch ) _ .*
    | __hs.* | aspsessionid.*
    | (?: pk | piwik | matomo ) _ (?: campaign | kwd | keyword | source | medium | content | cid | group | placement )
    | ns_ (?: mchannel | source | campaign | linkname | fee ) | action_ (?: object | type | ref ) _map
    # Advertising and social networks
    | (?: fb | g | d | y | ys | tw | tt ) clid | msclkid | igshid | mibextid | zanpid | wickedid | srsltid
    | gclsrc | gbraid | wbraid | igsh | li_fat_id | epik | sfnsn | fb_source | fb_ref | fb_comment_id | spref
    | ref_src | ref_url | __twitter_impression | s_kwcid | ef_id | dm_i | _openstat | rb_clickid | soc_src | soc_trk
    # Mail and audience measurement
    | mc_cid | mc_eid | _ga | _gl | _hsenc | _hsmi | hsctatracking | mkt_tok | ml_subscriber (?: _hash )?
    | oly_ (?: anon | enc ) _id | s_cid | ocid | smid | smtyp | sr_share | xtor | xtref | wt_mc | wt\.mc_id | _sp | __s
    | trkcampaign | guccounter | guce_referrer (?: _sig )? | maca | traffic_source | feedtype | feedname | \.?tsrc
    | usqp | hootpostid
    # The same page in another frame
    | amp | noamp | replytocom | showcomment | aspxautodetectcookiesupport
    # Sessions
    | jsessionid | phpsessid | cfid | cftoken | zenid | oscsid
    """,
    re.VERBOSE,
)
_AMP_CHOICES = frozenset({"outputtype", "output", "view", "mode", "format", "type", "layout", "display", "version"})

_REFERRER_NAMES = frozenset(
    {"ref", "source", "src", "from", "via", "referer", "referrer", "origin", "feature", "share"}
)
_CHANNEL = re.compile(
    r"(?:rss\d?|feed|feedburner|atom|twitter|tw|x|t\.co|facebook|fb|instagram|ig|linkedin|whatsapp|wa|telegram|tg|"
    r"youtube|yt|youtu\.be|tiktok|snapchat|google|googlenews|gnews|bing|nabd|flipboard|e?mail|newsletter|push|"
    r"notification|social|share|sharing|copy|copylink|link|app|web|ios|android|mobile|desktop|home|homepage|hp|"
    r"front|frontpage|top|latest|related|recommended|breaking|ticker|sidebar|header|footer|menu|widget)"
    r"(?:[-_.:]\w{1,12})?",
    _FLAGS,
)
"""What ``ref`` and ``source`` say when they name where a reader came from; anything else may name an article."""

_NUMBERS_IDENTIFY = frozenset(
    {"sessionid", "session_id", "sessid", "sess_id", "cmp", "cmpid", "cmp_id", "ncid", "icid", "trk"}
)
"""Trackers and sessions, unless they hold a number: ``cmp`` is also short for company."""

_SHORT_SESSION_NAMES = frozenset({"sid", "s", "session", "sess"})
_SESSION_VALUE = re.compile(r"(?![0-9a-f]{24}$)(?=.*[0-9])(?=.*[a-z])[0-9a-z]{16,}", _FLAGS)
"""A session, not the story ids that ``sid`` also holds: numbers, short codes, the 24 hex digits of a MongoDB key."""


def canonical_url(url: str) -> str | None:
    """The form that all links to one article share, in ASCII; ``None`` for what is no absolute http(s) URL.

    Idempotent. For comparing, not for fetching: the scheme is always ``https``, and the host may have lost its
    ``www``.
    """
    url = url.replace("\t", "").replace("\r", "").replace("\n", "")
    parts = _URL.fullmatch(_ESCAPED_AMPERSAND.sub("&", url).strip(_EDGES))
    if parts is None:
        return None
    authority, path, query, fragment = (part or "" for part in parts.groups())
    host = _canonical_authority(authority)
    if host is None:
        return None
    segments = _segments(path)
    kept_query = _canonical_query(query, segments) if query else ""
    canonical = f"https://{host}/" + "/".join(_escape(segment, _PATH_UNSAFE) for segment in segments)
    return canonical + ("?" + kept_query if kept_query else "") + _route(fragment)


def is_home_page(canonical: str) -> bool:
    """Whether a canonical URL is only an outlet's front page, to which broken feeds link every item they have.

    The front page of a language (``/ar``, ``/en-gb``, ``/arabic``) is one too.
    """
    return _HOME_PAGE.fullmatch(canonical) is not None


def _canonical_authority(authority: str) -> str | None:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return None
    host = _ascii_host(match[1])
    port = int(match[2] or 0)
    if host is None or port > 0xFFFF:
        return None
    while True:
        label, _, rest = host.partition(".")
        if label not in _HOST_VARIANTS or "." not in rest or _PUBLIC_SUFFIX.fullmatch(rest):
            break
        host = rest
    return host if port in (0, 80, 443) else f"{host}:{port}"


def _ascii_host(name: str) -> str | None:
    """IDNA 2003, by the standard library: its tables are frozen at Unicode 3.2, so a host never changes its form."""
    if "%" in name:
        name = unquote(name)
    if len(name) > 254:  # RFC 1035 allows 253 and a dot; the codec takes quadratic time beyond
        return None
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    name = name.lower().removesuffix(".")
    return name if _HOST.fullmatch(name) else None


def _segments(path: str) -> list[str]:
    """The decoded segments of a path without those that choose a variant of the page and not the page."""
    segments: list[str] = []
    for piece in path.replace("\\", "/").split("/"):
        segment = _unescape(piece)
        if ";" in segment:
            segment = _PATH_SESSION.sub("", segment)
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", ".") and not _COOKIELESS_SESSION.fullmatch(segment):
            segments.append(segment)
    while segments:
        last = _AMP_SUFFIX.sub("", segments[-1]) if "." in segments[-1] else segments[-1]
        if _NAMELESS_PAGE.fullmatch(last):
            segments.pop()
        elif last != segments[-1]:
            segments[-1] = last
        else:
            break
    start = 0
    while start < len(segments) - 1 and segments[start].lower() == "amp":
        start += 1
    return segments[start:]


def _canonical_query(query: str, segments: list[str]) -> str:
    pairs: list[tuple[str, str]] = []
    for part in query.split("&"):
        raw_name, equals, raw_value = part.replace("+", " ").partition("=")
        name, value = _unescape(raw_name), _unescape(raw_value)
        nothing = _says_nothing(name.lower(), value, segments) if value else _is_empty(name, bool(equals), segments)
        if not nothing:
            pairs.append((name, value))
    # Repeated names keep their order: which of ?id=1&id=2 wins is the server's choice.
    pairs.sort(key=lambda pair: pair[0])
    return "&".join(
        _escape(name, _NAME_UNSAFE) + ("=" + _escape(value, _VALUE_UNSAFE) if value else "") for name, value in pairs
    )


def _says_nothing(name: str, value: str, segments: list[str]) -> bool:
    """Whether a parameter has no part in naming the article; ``name`` in lower case."""
    if _TRACKER.fullmatch(name):
        return True
    if name in _REFERRER_NAMES:
        return _CHANNEL.fullmatch(value) is not None
    if name in _AMP_CHOICES:
        return value.lower() == "amp"
    if name in _NUMBERS_IDENTIFY:
        return not value.isdigit()
    if name in _SHORT_SESSION_NAMES:
        return _SESSION_VALUE.fullmatch(value) is not None
    # Blogger's choice between its phone and its desktop page; elsewhere m may be a month or a module.
    return name == "m" and value in ("0", "1") and _BLOGGER_PATH.fullmatch("/".join(segments)) is not None


def _is_empty(name: str, has_equals: bool, segments: list[str]) -> bool:
    """Whether a parameter without a value says nothing.

    A bare word after the name of a page is a flag (``/620113.html?weekly``). After a script or nothing at all
    it may be all there is to name the article (``/news.php?floods``), and a number always may (``/?620113``).
    """
    if not name or _TRACKER.fullmatch(name.lower()):
        return True
    if not (name.isascii() and name.replace("_", "").isalpha()):
        return False
    return has_equals or (bool(segments) and _SCRIPT.search(segments[-1]) is None)


def _route(fragment: str) -> str:
    """The fragment, if it is the address of a page that a script draws (``#!/news/5``, ``#/news/5``)."""
    if not fragment.startswith(("!", "/")):
        return ""
    route = _unescape(fragment).rstrip("/")
    return "#" + _escape(route, _ROUTE_UNSAFE) if route not in ("", "!") else ""


def _unescape(part: str) -> str:
    """Percent-escapes undone, NFC. Bytes that are not UTF-8 (old sites escape windows-1256) become surrogates."""
    if part.isascii() and "%" not in part:
        return part
    data = unquote_to_bytes(part.encode("utf-8", "surrogatepass"))
    return normalize("NFC", data.decode("utf-8", "surrogateescape"))


def _escape(part: str, unsafe: re.Pattern[str]) -> str:
    return unsafe.sub(lambda run: "%" + run[0].encode("utf-8", "surrogateescape").hex("%").upper(), part)
