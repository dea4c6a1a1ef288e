"""Objects that clients of Perspective Broker call: the methods of each by name, and nothing else of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from services.wiki.pb.failure import NoSuchMethod

Call = Callable[[Sequence[Any], Mapping[str, Any]], Awaitable[Any]]


class RefusedCall(Exception):
    """A call is answered by a failure: of that kind, with a sentence of ours."""

    def __init__(self, kind: type[Exception], sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


class Exposed:
    """An object of ours; a client has a reference to it, which is good for its connection alone."""

    def __init__(self, methods: Mapping[str, Call]) -> None:
        self._methods = methods

    async def call(self, name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """What the method returns. Raises RefusedCall, and what the method raises."""
        method = self._methods.get(name)
        if method is None:
            raise RefusedCall(NoSuchMethod, "there is no such method for this caller")
        return await method(arguments, named)
