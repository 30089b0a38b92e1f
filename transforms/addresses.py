"""Which addresses may be asked: a feed list, and every redirect, is untrusted input."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from schemas.reject import Rejected

_HOST = re.compile(rb"[a-z0-9_.-]+|[0-9a-f:.]+", re.IGNORECASE)
"""A name as DNS writes it, or an address."""
# The special-purpose registries of IANA, written out: Python's own is_global differs between patch releases.
_SPECIAL = [
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # the metadata service of Azure, at a public address
        "2001::/23", "2001:db8::/32", "3fff::/20",
    )
]  # fmt: skip
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


def check_url(url: str) -> httpx.URL:
    """The URL without its fragment. Raises ``Rejected`` unless it is plain http or https with a host."""
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise Rejected("refused-address", f"{url}: {error}") from error
    if parsed.scheme not in {"http", "https"}:
        raise Rejected("refused-address", f"{url}: only http and https are fetched")
    if not _HOST.fullmatch(parsed.raw_host):
        raise Rejected("refused-address", f"{url}: no host")
    if parsed.port is not None and not 0 < parsed.port < 1 << 16:
        raise Rejected("refused-address", f"{url}: no such port")
    if parsed.userinfo:
        # It is how http://bank.example@evil.example misleads a reader, and would put a password into the tables.
        raise Rejected("refused-address", f"{url}: a user name or password in a URL is not taken")
    return parsed.copy_with(fragment=None)


def is_public(address: str) -> bool:
    """Whether an IP address, as a resolver gave it, is one of the public internet."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = _inner_ipv4(ip) or ip
    return (ip.version == 4 or ip in _GLOBAL_UNICAST) and not any(ip in network for network in _SPECIAL)


def _inner_ipv4(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, NAT64."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
