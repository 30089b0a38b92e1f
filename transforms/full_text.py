"""The full text of entries whose feed gives only teasers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from schemas.feed_state import FeedState
from schemas.item import Item
from transforms.fetch import FetchResult, fetch_article
from transforms.fold import fold_text
from transforms.parse import parse_document
from transforms.robots import Robots
from transforms.stems import split_words
from transforms.wire import Client

_TEASER = 400
"""Characters; a short report of an agency has no more, but then not most of its feed."""
_TELLING = 4
"""Letters of a word; most shorter ones are in every text."""
_SHARE = 0.3
"""Of the telling words of an entry, by their stems: ``docs/decisions/0003-fetching.md`` has the figures."""
_CUT_OFF = re.compile(
    r"(?:(?:…|\.\.\.|\[(?:…|\.\.\.|&hellip;)\])"
    r"|(?:^|[\n.…])\s*(?:[اإ]قرأ|لقراءة|للمزيد|المزيد|التفاصيل|التتمة)[^.!؟\n]{0,40})\W*$"
)
"""A text that trails off, or whose last line says «اقرأ المزيد»."""


@dataclass(frozen=True, slots=True)
class FullTexts:
    """The entries of one feed, with as much text as could be had."""

    items: tuple[Item, ...]
    unchanged: int
    """Entries left out: their pages were asked for by an earlier poll, and they have not changed since."""
    results: tuple[FetchResult, ...]
    """Of each page asked for."""
    state: FeedState


def fetch_full_texts(
    items: Sequence[Item], state: FeedState, client: Client, robots: Robots, now: datetime
) -> FullTexts:
    """Follow the entries of one feed that are teasers and take the text of their pages.

    ``state`` is the feed's; the one returned knows what was followed, so that a feed that gains an entry does not
    cost all its pages again. An entry whose page does not come, is another (``not-the-article``: a login, a cookie
    notice) or has no more to give keeps its teaser. Title, link and identity stay the feed's.
    """
    known, followed = set(state.followed), []
    told, results, unchanged = [], [], 0
    short = {id(item) for item in teasers(items)}
    for item in items:
        if item.url is None or item.shares_link or id(item) not in short:  # a shared page is nobody's own text
            told.append(item)
            continue
        followed.append(_fingerprint(item))
        if followed[-1] in known:
            unchanged += 1
            continue
        full, result = _with_text(item, fetch_article(item.url, client, robots, now, item.source))
        told.append(full)
        results.append(result)
    return FullTexts(tuple(told), unchanged, tuple(results), replace(state, followed=tuple(followed)))


def teasers(items: Sequence[Item]) -> list[Item]:
    """Entries of one feed that are likely the beginning or the summary of another text.

    That is: a text that is missing or trails off; and every short one where most are short, as a feed of full
    texts has short reports too.
    """
    cut_off = [item for item in items if not item.text or _CUT_OFF.search(item.text[-80:])]
    brief = [item for item in items if len(item.text or "") < _TEASER]
    return brief if len(brief) * 2 > len(items) else cut_off


def is_about(text: str, item: Item) -> bool:
    """Whether a page's text tells what an entry does: has enough of the telling words of its title and teaser."""
    said = _telling_stems(f"{item.title or ''} {item.text or ''}")
    shared = said & _telling_stems(text)
    return bool(shared) and len(shared) >= _SHARE * len(said)


def _with_text(item: Item, result: FetchResult) -> tuple[Item, FetchResult]:
    """The entry with the text of its page, and what came of asking for that."""
    if result.document is None:
        return item, result
    pages = [page for page in parse_document(result.document) if isinstance(page, Item)]
    if len(pages) != 1 or not is_about(pages[0].text or "", item):
        message = f"{result.url}: the page does not tell what its entry does"
        return item, replace(result, outcome="not-the-article", message=message, document=None)
    (page,) = pages
    if len(page.text or "") <= len(item.text or ""):
        return item, result
    dates = item.dates + tuple(date for date in page.dates if date not in item.dates)
    return replace(item, text=page.text, author=item.author or page.author, dates=dates), result


def _telling_stems(text: str) -> set[int]:
    _, _, words = split_words([fold_text(text)])
    return set(words.stem[words.length >= _TELLING].tolist())


def _fingerprint(item: Item) -> str:
    said = "\0".join((item.url or "", item.title or "", item.text or ""))
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
