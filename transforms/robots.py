"""robots.txt: which pages of a site may be fetched. Feeds are published for programs and need no leave."""

import threading
from dataclasses import dataclass, field

import httpx
from protego import Protego

from schemas.reject import Rejected
from transforms.wire import Client

_AGENT = "naba"
_SIZE = 500 << 10
"""RFC 9309: a crawler reads at least this much, and need not read more."""
_KEPT = 24 * 3600.0
_KEPT_FAILURE = 3600.0
_LONGEST_PAUSE = 60.0
_FAILING = {"timeout", "unreachable", "broken-answer", "server-error", "rate-limited"}


@dataclass
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    """None if the server failed to say."""
    good_until: float = 0.0


class Robots:
    """The rules of each site, asked for once a day. Share one among the threads of a process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sites: dict[httpx.URL, _Site] = {}

    def permit(self, url: httpx.URL) -> float:
        """Seconds that the site wants between requests. Raises ``Rejected`` if it does not want this one."""
        rules = self._rules(url.copy_with(raw_path=b"/robots.txt"))
        if rules is None:
            # RFC 9309, 2.3.1.4: a server that fails to give its rules is taken to forbid everything, for a while.
            raise Rejected("robots-unreachable", f"{url}: the server failed to give its robots.txt")
        if not rules.can_fetch(str(url), _AGENT):
            raise Rejected("robots-disallowed", f"{url}: robots.txt forbids it")
        return min(float(rules.crawl_delay(_AGENT) or 0.0), _LONGEST_PAUSE)

    def _rules(self, address: httpx.URL) -> Protego | None:
        site = self._sites.setdefault(address, _Site())
        with site.lock:
            if self._client.clock() >= site.good_until:
                text = self._text(address)
                site.rules = None if text is None else Protego.parse(text)
                site.good_until = self._client.clock() + (_KEPT_FAILURE if text is None else _KEPT)
            return site.rules

    def _text(self, address: httpx.URL) -> str | None:
        """The file; empty if there is none, None if the server fails."""
        try:
            response, _ = self._client.fetch(address, lambda _: {"Accept": "text/plain,*/*;q=0.5"})
        except Rejected as refusal:
            if refusal.reason == "host-resting":
                raise
            # What is refused for its address or certificate is refused again, by its right name, with the page.
            return None if refusal.reason in _FAILING else ""
        return response.body[:_SIZE].decode("utf-8-sig", "replace")
