"""Making an answer of a template."""

from __future__ import annotations

from typing import Any

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer


def render(parts: WikiParts, visitor: Visitor, template: str, *, status: int = 200, **values: Any) -> Answer:
    """The page of `template`, which extends base.html, with what base.html needs of the visitor."""
    text = render_text(parts, visitor, template, values)
    return Answer(status, text.encode("utf-8", "replace"), cache=b"private, no-cache" if status == 200 else b"no-store")


def render_text(parts: WikiParts, visitor: Visitor, template: str, values: dict[str, Any]) -> str:
    """The same as text."""
    return parts.templates.render(template, {"visitor": visitor, "now": parts.now(), **values})
