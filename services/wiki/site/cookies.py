"""The cookies of the site: the session's, and the colours'.

A name that begins with `__Host-` is kept by browsers for TLS, the path `/` and this very host (RFC 6265bis §4.1.3.2).
"""

from __future__ import annotations

from datetime import timedelta

from services.wiki.sessions.visitor import SYSTEM
from services.wiki.site.request import WebRequest

SESSION = b"agora"
SESSION_TLS = b"__Host-agora"
THEME = b"theme"
THEMES = (SYSTEM, "light", "dark")
THEME_KEPT = timedelta(days=365)
MOST_COOKIE_OCTETS = 8192


def cookie_of(request: WebRequest, name: bytes) -> str | None:
    """The value of the first cookie of that name."""
    field = request.getHeader(b"cookie")
    if field is None or len(field) > MOST_COOKIE_OCTETS:
        return None
    for pair in field.split(b";"):
        key, equals, value = pair.strip().partition(b"=")
        if equals and key == name:
            return value.decode("latin-1")
    return None


def session_secret_of(request: WebRequest) -> str | None:
    """The secret that the browser sent."""
    return cookie_of(request, SESSION_TLS if request.secure else SESSION)


def theme_of(request: WebRequest) -> str:
    """The colours that the reader chose."""
    chosen = cookie_of(request, THEME)
    return chosen if chosen in THEMES else SYSTEM


def session_cookie(request: WebRequest, secret: str, kept: timedelta | None) -> bytes:
    """Set-Cookie of a session; `kept`: longer than the browser runs."""
    value = b"%s=%s; Path=/; HttpOnly; SameSite=Lax" % (_name(request), secret.encode("ascii"))
    if request.secure:
        value += b"; Secure"
    return value if kept is None else value + b"; Max-Age=%d" % kept.total_seconds()


def no_session_cookie(request: WebRequest) -> bytes:
    """Set-Cookie that takes it away."""
    secure = b"; Secure" if request.secure else b""
    return b"%s=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0%s" % (_name(request), secure)


def theme_cookie(request: WebRequest, theme: str) -> bytes:
    """Set-Cookie of the colours."""
    secure = b"; Secure" if request.secure else b""
    return b"%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s" % (
        THEME, theme.encode("ascii"), THEME_KEPT.total_seconds(), secure,
    )  # fmt: skip


def _name(request: WebRequest) -> bytes:
    return SESSION_TLS if request.secure else SESSION
