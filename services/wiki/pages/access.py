"""Who reads and writes pages here, and where strangers are sent who may not."""

from __future__ import annotations

from urllib.parse import quote

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import SignInNeeded
from services.wiki.site.local_path import local_path
from services.wiki.site.negotiate import HTML, error_type
from services.wiki.site.request import WebRequest
from services.wiki.visitor import Visitor
from shared.wiki.policy import check_reading, check_writing, may_read_pages, may_write


def reading_refused(parts: WikiParts, request: WebRequest, visitor: Visitor) -> Answer | None:
    """None for who may read; a browser of a stranger is sent to sign in. Raises SignInNeeded, MayNotReadPages."""
    if may_read_pages(parts.policy, visitor.account):
        return None
    if visitor.account is not None:
        check_reading(parts.policy, visitor.account)
    return _to_sign_in(request)


def writing_refused(
    parts: WikiParts, request: WebRequest, visitor: Visitor, writers: str | None = None
) -> Answer | None:
    """The same for who may write. Raises SignInNeeded, MayNotWrite."""
    if may_write(parts.policy, visitor.author, writers):
        return None
    if visitor.account is not None:
        check_writing(parts.policy, visitor.author, writers)
    return _to_sign_in(request)


def is_browser(request: WebRequest) -> bool:
    """Whether it names HTML as what it wants."""
    return error_type(request.getHeader(b"accept") or b"") == HTML


def _to_sign_in(request: WebRequest) -> Answer:
    if not is_browser(request):
        raise SignInNeeded
    here = local_path(request.uri.decode("ascii", "replace")) if request.method == b"GET" else "/"
    return see_other(f"/sign-in?then={quote(here, safe='/')}")
