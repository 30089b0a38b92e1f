"""What makes two items the same article: the id that everything else refers to.

The rule is part of every table ever written and must not change: ``docs/decisions/0002-identity.md``.
"""

from hashlib import blake2b

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
