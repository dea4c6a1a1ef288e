"""The address of a document on the web, in one spelling: the host in it is the one that is connected to."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from shared.reach.errors import HostUnusable
from shared.reach.fetch_errors import AddressUnusable
from shared.reach.host_names import canonical_host

LONGEST_ADDRESS = 8000  # octets: what servers must take at least (RFC 9110 §4.1)
_PORTS = {"http": 80, "https": 443}
_KEPT = "%/?:@!$&'()*+,;=-._~[]"  # in path and query (RFC 3986 §3.3, §3.4); what is percent-encoded already stays


class WebAddress(NamedTuple):
    """`target` is path and query as they are sent."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """The origin (RFC 6454 §4): credentials for one origin must not be sent to another."""
        return self[:3]

    @property
    def url(self) -> str:
        """All of it in one line."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def parse_web_address(text: str, base: WebAddress | None = None) -> WebAddress:
    """The address that `text` means, seen from the document `base`. Raises AddressUnusable."""
    if len(text) > LONGEST_ADDRESS:
        raise AddressUnusable(f"the address is longer than {LONGEST_ADDRESS} octets")
    try:
        parts = urlsplit(text.strip() if base is None else urljoin(base.url, text.strip()))
        port = parts.port
        target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    except ValueError as error:
        raise AddressUnusable from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise AddressUnusable
    if "@" in parts.netloc:
        raise AddressUnusable("the address has a user name in it, with which nothing is fetched")
    try:
        host = canonical_host(parts.hostname)
    except HostUnusable as error:
        raise AddressUnusable("the host in the address is not a valid name or address") from error
    if len(target) > LONGEST_ADDRESS:
        raise AddressUnusable(f"the address is longer than {LONGEST_ADDRESS} octets")
    return WebAddress(parts.scheme, host, port or _PORTS[parts.scheme], target)
