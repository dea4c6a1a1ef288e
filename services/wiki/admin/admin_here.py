"""The administrator who asks for one of these pages."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.errors import AdminsAlone, SignInNeeded
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of


async def admin_here(parts: WikiParts, request: WebRequest) -> Visitor:
    """Raises SignInNeeded, AdminsAlone, StoreUnavailable."""
    visitor = await visitor_of(parts, request)
    if visitor.account is None:
        raise SignInNeeded
    if not visitor.is_admin:
        raise AdminsAlone
    return visitor
