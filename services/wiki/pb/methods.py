"""The methods of the table of calls as an exposed object has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.wiki.calls.caller import Caller
from services.wiki.calls.method import Method, bind
from services.wiki.pb.exposed import Call


def exposed_methods(table: Mapping[str, Method], caller: Callable[[], Caller]) -> dict[str, Call]:
    """Each of the table as a `Call`; `caller` says on whose behalf, at the moment of the call."""
    return {name: _exposed(method, caller) for name, method in table.items()}


def _exposed(method: Method, caller: Callable[[], Caller]) -> Call:
    async def call(arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        return await method.run(caller(), *bind(method, arguments, named))

    return call
