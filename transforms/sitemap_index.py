"""Sitemap indexes: a feed list names the index of a site, and the news is in the sitemaps it lists."""

from datetime import timedelta

from schemas.document import Document
from schemas.reject import Rejected
from transforms.addresses import check_url
from transforms.dates import parse_date
from transforms.decode import decode
from transforms.parse_sitemap import listed_sitemaps

_HEAD = 4096
_RECENT = timedelta(days=3)
"""A news sitemap holds the articles of two days; what has not changed for longer is an archive."""
_MOST = 20


def is_sitemap_index(document: Document) -> bool:
    """Whether a document lists sitemaps."""
    return b"<sitemapindex" in document.content[:_HEAD].replace(b"\0", b"")


def recent_sitemaps(document: Document) -> tuple[str, ...]:
    """Addresses of the listed sitemaps that changed in the last days or do not say, at most 20, the newest first."""
    found = []
    for address, changed in listed_sitemaps(decode(document.content, document.charset)[0]):
        date = parse_date(changed, arrived_at=document.arrived_at) if changed else None
        age = document.arrived_at - date.instant if date else timedelta(0)
        if age < _RECENT and (url := _checked(address)):
            found.append((age, url))
    return tuple(dict.fromkeys(url for _, url in sorted(found, key=lambda aged: aged[0])))[:_MOST]


def _checked(address: str) -> str | None:
    try:
        return str(check_url(address))
    except Rejected:
        return None
