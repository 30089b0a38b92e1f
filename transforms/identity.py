"""What makes two items the same article: the id that everything else refers to.

The rule is part of every table ever written and must not change: ``docs/decisions/0002-identity.md``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b

from schemas.item import Item
from schemas.reject import Reject
from transforms.fold import fold_text
from transforms.urls import canonical_url, is_home_page


def identify(url: str | None, guid: str | None) -> str | None:
    """The canonical URL that names an article: of its link, else of a guid that is itself a link, else ``None``.

    A link to a front page names no article and is passed over.
    """
    for candidate in (url, guid):
        canonical = canonical_url(candidate) if candidate else None
        if canonical is not None and not is_home_page(canonical):
            return canonical
    return None


def mark_shared_links(outcomes: Iterable[Item | Reject]) -> Iterator[Item | Reject]:
    """The outcomes of one feed, with ``shares_link`` where entries that tell different things have one canonical URL.

    So have the entries of a live blog, and all stories of a section. But entries of one title, or of one guid, are
    versions of one story, and their link names it.
    """
    outcomes = list(outcomes)
    links = [identify(each.url, each.guid) if isinstance(each, Item) else None for each in outcomes]
    entries: dict[str, list[Item]] = {}
    for link, outcome in zip(links, outcomes, strict=True):
        if link and isinstance(outcome, Item):
            entries.setdefault(link, []).append(outcome)
    shared = {link for link, items in entries.items() if len(items) > 1 and _tell_different_things(items)}
    for link, outcome in zip(links, outcomes, strict=True):
        yield replace(outcome, shares_link=True) if isinstance(outcome, Item) and link in shared else outcome


def own_name(item: Item) -> str | None:
    """What names an entry apart from those that share its link: its guid, else the link with its fragment."""
    return item.guid or (item.url if "#" in (item.url or "") else None)


def _tell_different_things(items: Iterable[Item]) -> bool:
    """Whether any two of the items have neither their title nor their name in common."""
    told = [(fold_text(item.title or item.text or ""), own_name(item)) for item in items]
    return len({title for title, _ in told}) > 1 and len({name or title for title, name in told}) > 1


def article_id(canonical_url: str | None, guid: str | None, source: str, text: str) -> str:
    """32 hex digits: BLAKE2b (16 bytes) of the first of these that there is, in UTF-8.

    ``url NUL canonical_url``, unless that is a front page; ``guid NUL source NUL guid``, the guid stripped, and
    unless it is a link to a front page; ``text NUL source NUL text``. ``canonical_url`` is what ``identify`` returned;
    ``text`` is title and text as folded for comparison.
    """
    guid = (guid or "").strip()
    if canonical_url is not None and not is_home_page(canonical_url):
        named = f"url\0{canonical_url}"
    elif guid and not _is_link_to_home_page(guid):
        named = f"guid\0{source}\0{guid}"
    else:
        named = f"text\0{source}\0{text}"
    return blake2b(named.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _is_link_to_home_page(guid: str) -> bool:
    canonical = canonical_url(guid)
    return canonical is not None and is_home_page(canonical)
