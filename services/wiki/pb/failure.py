"""A failure as Perspective Broker sends it: what kind, and a sentence of ours. Never a traceback."""

from __future__ import annotations

from typing import Any

from twisted.cred.error import UnauthorizedLogin
from twisted.python.reflect import qual
from twisted.spread.flavors import NoSuchMethod
from twisted.spread.pb import CopyableFailure, Error

from services.wiki.pb.jelly import jelly_of

STATUS = "agora.status."
__all__ = ["Error", "NoSuchMethod", "UnauthorizedLogin", "jelly_of_failure"]


def jelly_of_failure(kind: type[Exception], sentence: str, status: int = 0) -> Any:
    """The expression that clients of Twisted's make a Failure of, which `check`s as `kind` and the kinds above it.

    With a status, the number that HTTP has for the same reason, it checks as `agora.status.404`, too.
    """
    state = {
        "type": qual(kind).encode(),
        "value": sentence,
        "parents": [qual(each) for each in kind.__mro__] + ([f"{STATUS}{status}"] if status else []),
        "traceback": "Traceback unavailable\n",
        "tb": None,
        "frames": [],
        "stack": [],
        "count": 0,
        "pickled": 1,
    }
    return [qual(CopyableFailure).encode(), jelly_of(state, _no_reference)]


def _no_reference(value: object) -> int:
    raise TypeError(type(value).__name__)
