"""Values in Perspective Broker's expressions (`twisted.spread.jelly`): those that methods take and return alone.

Classes, instances, copies, caches, functions and modules are no values here: whatever Twisted's registry has of classes
that may come over the wire, none of it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.wiki.calls.kinds import is_record, members_of
from services.wiki.pb.errors import HostileMessage

_BOOLEANS = {b"true": True, b"false": False}


def value_of(jelly: Any, remote: Callable[[int], Any]) -> Any:
    """The value of an expression; `remote` makes a reference to an object of the client's. Raises HostileMessage."""
    if not isinstance(jelly, list):
        return jelly
    match jelly:
        case [b"unicode", bytes() as octets]:
            try:
                return octets.decode()
            except UnicodeDecodeError:
                raise HostileMessage("a text is not UTF-8") from None
        case [b"None"]:
            return None
        case [b"boolean", bytes() as word] if word in _BOOLEANS:
            return _BOOLEANS[word]
        case [b"list" | b"tuple", *items]:
            return [value_of(each, remote) for each in items]
        case [b"dictionary", *pairs]:
            return _mapping_of(pairs, remote)
        case [b"remote", int() as number] if number >= 0:
            return remote(number)
    raise HostileMessage("a value is of a kind that nothing here takes")


def _mapping_of(pairs: Sequence[Any], remote: Callable[[int], Any]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise HostileMessage("a dictionary is none")
        name, value = (value_of(each, remote) for each in pair)
        if isinstance(name, bytes):  # programs on Python 2 name arguments so
            name = name.decode("ascii", "replace")
        if not isinstance(name, str):
            raise HostileMessage("a dictionary has keys that are no text")
        mapping[name] = value
    return mapping


def jelly_of(value: Any, reference: Callable[[Any], int]) -> Any:
    """The expression of a result; `reference` gives an object of ours a number. Times are text, in ISO 8601."""
    match value:
        case str():
            return [b"unicode", value.encode("utf-8", "replace")]
        case None:
            return [b"None"]
        case bool():
            return [b"boolean", b"true" if value else b"false"]
        case int() | float() | bytes():
            return value
        case datetime():
            return [b"unicode", value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()]
        case tuple() if is_record(type(value)):
            return jelly_of(members_of(value), reference)
        case Mapping():
            pairs = [[jelly_of(name, reference), jelly_of(item, reference)] for name, item in value.items()]
            return [b"dictionary", *pairs]
        case tuple():
            return [b"tuple", *[jelly_of(each, reference) for each in value]]
        case Sequence():
            return [b"list", *[jelly_of(each, reference) for each in value]]
    return [b"remote", reference(value)]
