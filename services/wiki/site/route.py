"""Adding a route to the site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from klein import Klein

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer

PAGES = ("/", "/<path:name>")
Handler = Callable[..., Awaitable[Answer]]


class WebApp(Klein):
    """A table of paths, which are taken as they come: `//` is not made `/`; and the handlers by their endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.url_map.merge_slashes = False
        self.wiki = Klein()  # the paths of pages, asked when no other path fits: a page is no way to a path of the site
        self.wiki.url_map.merge_slashes = False
        self.segments: set[str] = set()  # the first ones of all other paths; below any other first segment are pages
        self.handlers: dict[str, Handler] = {}


def route(app: WebApp, parts: WikiParts, rule: str, handler: Handler, *methods: str) -> None:
    """Answer `methods` (GET unless said) at `rule` by `handler(parts, request, …)`, with what the rule names by name.

    `rule` is werkzeug's: `/rooms/<name>/<int:number>`. HEAD goes with GET. Called by add_routes of each area.
    """
    wanted = list(methods or ("GET",))

    async def endpoint(request: Any, **named: Any) -> Answer:
        return await handler(parts, request, **named)

    endpoint.__name__ = f"{' '.join(wanted)} {rule}"
    app.handlers[endpoint.__name__] = handler
    table = app.wiki if rule in PAGES else app
    if table is app:
        first = rule[1:].partition("/")[0]
        assert "<" not in first, rule
        app.segments.add(first)
    table.route(rule, methods=wanted)(cast(Any, endpoint))
