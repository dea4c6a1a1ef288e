"""The PAC file: a browser that is given its address finds this proxy by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

PLAIN_NAMES = "<local>"  # browsers' own word for names without a dot
MEDIA_TYPE = b"application/x-ns-proxy-autoconfig"
# Named so that a page and not the browser's own machine is meant; PAC has no word for "the host that served this".
_SCRIPT = """function FindProxyForURL(url, host) {
    if (host === "localhost" || host === "127.0.0.1" || host === "[::1]" || host === "::1"%(direct)s) return "DIRECT";
    return "%(ways)s";
}
"""


def proxy_script(authority: str, direct_domains: Sequence[str] = (), *, secure: bool = False) -> bytes:
    """A script that sends everything but this machine and `direct_domains` through the proxy at `authority`."""
    direct = "".join(f" || {_is_in(domain)}" for domain in direct_domains)
    ways = f"{'HTTPS' if secure else 'PROXY'} {authority}"
    return (_SCRIPT % {"direct": direct, "ways": ways}).encode()


def _is_in(domain: str) -> str:
    if domain == PLAIN_NAMES:
        return "isPlainHostName(host)"
    return f"host === {json.dumps(domain)} || dnsDomainIs(host, {json.dumps('.' + domain)})"


def pac_response(
    authority: bytes, direct_domains: Sequence[str], *, secure: bool, close: bool, with_body: bool
) -> bytes:
    """The script as a response; `authority` is what the client called us, already found to be well-formed."""
    body = proxy_script(authority.decode("ascii"), direct_domains, secure=secure)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\nCache-Control: max-age=300\r\n" % (
        MEDIA_TYPE,
        len(body),
    )
    return head + (b"Connection: close\r\n" if close else b"") + b"\r\n" + (body if with_body else b"")
