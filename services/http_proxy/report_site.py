"""The web site of the proxy's reports, a door of its own: an administrator signs in by Basic (RFC 7617).

Passwords come in the clear: the door is for this machine, unless its endpoints say otherwise.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from twisted.web.pages import notFound
from twisted.web.resource import Resource
from twisted.web.server import Request, Site
from twisted.web.util import redirectTo

from services.http_proxy.report_page import NotAnAdmin, ReportPage
from shared.accounts.account import Role
from shared.accounts.errors import BadCredentials
from shared.accounts.sign_in import SignIn
from shared.runtime.bounded_site import BoundedSite

DOOR = "http_proxy_report"
MOST_HEAD_OCTETS = 4096  # of one Authorization field; a name and a password have some 1,300 at most


def report_site(page: ReportPage) -> Site:
    """The site: `/proxy/`, and nothing else."""
    root: Any = _Root()
    root.putChild(b"proxy", page)
    return BoundedSite(root)


class AdminsOnly:
    """Lets requests pass that sign in as an administrator."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    async def check(self, request: Request) -> None:
        """Return if the request is an administrator's.

        Raises NotAnAdmin; a SignInFailed where name and password are missing or wrong; StoreUnavailable.
        """
        host = getattr(request.getClientAddress(), "host", "")
        name, password = _basic_credentials(request.getHeader(b"authorization"))
        account = await self._sign_in.with_password(name, password, "web", host, DOOR, "basic")
        if account.role is not Role.ADMIN:
            raise NotAnAdmin


class NoCredentials(BadCredentials):
    """The request has no credentials: it is no guess, and no attempt to sign in."""

    is_guess = False


def _basic_credentials(field: bytes | None) -> tuple[str, str]:
    """Raises NoCredentials for what is no Basic field."""
    scheme, _, encoded = (field or b"").partition(b" ")
    if scheme.lower() != b"basic" or len(encoded) > MOST_HEAD_OCTETS:
        raise NoCredentials
    try:
        octets = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise NoCredentials from None
    name, colon, password = octets.decode("utf-8", "replace").partition(":")
    if not colon:
        raise NoCredentials
    return name, password


class _Root(Resource):
    def getChild(self, path: bytes, request: Request) -> Any:
        return self if path == b"" else notFound()

    def render_GET(self, request: Any) -> bytes:
        return redirectTo(b"/proxy/", request)
