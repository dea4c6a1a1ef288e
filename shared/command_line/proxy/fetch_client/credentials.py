"""Credentials for a server that asks for them: Basic (RFC 7617) and Digest (RFC 7616)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

import httpx

BASIC_AND_DIGEST = ("digest", "basic")  # the better one first


class NamePassword(NamedTuple):
    name: str
    password: str


class AskedFor(httpx.Auth):
    """Sends nothing until the server has answered 401; then asks `ask` once, and answers the way the server knows.

    After a redirect to another place it says nothing.
    """

    def __init__(self, origin: httpx.URL, ask: Callable[[], NamePassword | None]) -> None:
        self._origin = origin
        self._ask = ask
        self._known: NamePassword | None = None
        self._asked = False

    @property
    def given(self) -> bool:
        """Whether credentials have been sent."""
        return self._known is not None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """As httpx wants it."""
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED or not is_same_origin(request.url, self._origin):
            return
        if (way := _way(response)) is None:
            return
        if not self._asked:
            self._asked, self._known = True, self._ask()
        if self._known is None:
            return
        if way == "basic":
            yield next(httpx.BasicAuth(*self._known).auth_flow(request))
            return
        digest = httpx.DigestAuth(*self._known).auth_flow(request)
        next(digest)  # the request without credentials, which has been answered
        yield digest.send(response)


def is_same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """RFC 6454 §5: scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _way(response: httpx.Response) -> str | None:
    offered = {field.strip().partition(" ")[0].lower() for field in response.headers.get_list("www-authenticate")}
    return next((way for way in BASIC_AND_DIGEST if way in offered), None)
