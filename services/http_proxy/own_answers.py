"""The proxy's own answers: its PAC file, OPTIONS, and 404 for any other path."""

from __future__ import annotations

from services.http_proxy.pac import pac_response
from services.http_proxy.parts import ProxyParts
from services.http_proxy.replies import NOT_HERE
from services.http_proxy.request_head import RequestHead

PAC_PATHS = (b"/proxy.pac", b"/wpad.dat")
_OPTIONS = b"HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, CONNECT\r\n%b\r\n"


def answer_here(parts: ProxyParts, request: RequestHead, authority: bytes, close: bool) -> tuple[int, bytes]:
    """Status and response to a request that is for the proxy itself, or ends here by its Max-Forwards.

    `authority` is the address that the client has connected to; a Host field says better what the client calls it.
    """
    with_body = request.method != b"HEAD"
    if request.method == b"OPTIONS":
        return 204, _OPTIONS % (b"Connection: close\r\n" if close else b"")
    is_pac = request.path.partition(b"?")[0] in PAC_PATHS
    if is_pac and not request.authority and request.method in (b"GET", b"HEAD"):
        return 200, pac_response(
            request.host_field or authority, parts.direct_domains, secure=parts.secure, close=close, with_body=with_body
        )
    return NOT_HERE.status, NOT_HERE.wire(close=close, with_body=with_body)
