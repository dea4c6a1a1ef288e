"""The reader of XML-RPC requests: a document to a method's name and arguments, within bounds.

Written on expat itself: `xmlrpc.client.loads` expands entities, and has no bound on depth or number of values. A
document type is refused where it begins, so that no entity is ever declared.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from xml.parsers import expat

from services.wiki.calls.errors import Unreadable
from services.wiki.xmlrpc.limits import MOST_DEPTH, MOST_NAME, MOST_VALUES, SLICE_OCTETS
from services.wiki.xmlrpc.values import READERS
from shared.clock import Clock
from shared.give_way import Turns

# The elements that may be in each; "" stands for the document.
_INSIDE = {
    "": {"methodCall"},
    "methodCall": {"methodName", "params"},
    "params": {"param"},
    "param": {"value"},
    "value": {*READERS, "array", "struct"},
    "array": {"data"},
    "data": {"value"},
    "struct": {"member"},
    "member": {"name", "value"},
}
_NONE: frozenset[str] = frozenset()
_UNSET = object()


class RpcCall(NamedTuple):
    """A request."""

    method: str
    arguments: list[Any]


async def decode_call(octets: bytes, clock: Clock) -> RpcCall:
    """The call in a document; gives way between slices of a long one. Raises Unreadable."""
    reader = _Reader()
    turns = Turns(clock)
    for start in range(0, max(len(octets), 1), SLICE_OCTETS):
        if start and turns.is_over:
            await turns.give_way()
        end = start + SLICE_OCTETS
        reader.feed(octets[start:end], last=end >= len(octets))
    return reader.call()


class _Reader:
    """The state between expat's calls."""

    def __init__(self) -> None:
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._path = [""]
        self._text: list[str] = []
        self._count = 0
        self._values: list[Any] = []  # one for each open <value>
        self._containers: list[Any] = []  # lists of <data>, dicts of <struct>
        self._names: list[str | None] = []  # one for each open <member>
        self._method: str | None = None
        self._arguments: list[Any] = []

    def feed(self, octets: bytes, *, last: bool) -> None:
        """Read on. Raises Unreadable."""
        try:
            self._parser.Parse(octets, last)
        except (expat.ExpatError, ValueError, LookupError):  # the latter: encodings that are unknown, or wide
            raise Unreadable("the request is not well-formed XML") from None

    def call(self) -> RpcCall:
        """What was read. Raises Unreadable."""
        if not self._method:
            raise Unreadable("the request has no methodName")
        return RpcCall(self._method, self._arguments)

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        parent = self._path[-1]
        if tag not in _INSIDE.get(parent, _NONE):
            raise Unreadable("the request is not as XML-RPC has it: an element is where it cannot be")
        self._path.append(tag)
        if len(self._path) > MOST_DEPTH:
            raise Unreadable(f"the request has more than {MOST_DEPTH} elements in each other")
        self._text.clear()
        if tag == "value":
            self._count += 1
            if self._count > MOST_VALUES:
                raise Unreadable(f"the request has more than {MOST_VALUES} values")
            self._values.append(_UNSET)
        elif parent == "value" and self._values[-1] is not _UNSET:
            raise Unreadable("a value has two types")
        elif tag == "data":
            if self._values[-1] is not _UNSET:
                raise Unreadable("an array has data twice")
            self._containers.append([])
        elif tag == "struct":
            self._containers.append({})
        elif tag == "member":
            self._names.append(None)
        elif tag == "methodName" and self._method is not None:
            raise Unreadable("the request has two method names")

    def _end(self, tag: str) -> None:
        self._path.pop()
        if tag in READERS:
            self._values[-1] = READERS[tag](self._taken())
        elif tag == "value":
            self._give(self._values.pop())
        elif tag in ("data", "struct"):
            self._values[-1] = self._containers.pop()
        elif tag == "array":
            if self._values[-1] is _UNSET:
                raise Unreadable("an array has no data")
        elif tag == "name":
            self._names[-1] = self._short()
        elif tag == "member":
            if self._names.pop() is not None:
                raise Unreadable("a member of a struct has no value")
        elif tag == "methodName":
            self._method = self._short().strip()
        self._text.clear()

    def _give(self, value: Any) -> None:
        """Hand a value to what it is in; without a type it is a string."""
        if value is _UNSET:
            value = self._taken()
        match self._path[-1]:
            case "param":
                self._arguments.append(value)
            case "data":
                self._containers[-1].append(value)
            case "member":
                name = self._names[-1]
                if name is None:
                    raise Unreadable("a member of a struct has no name")
                self._containers[-1][name] = value
                self._names[-1] = None

    def _characters(self, text: str) -> None:
        self._text.append(text)

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise Unreadable("the request has a document type, and no request needs one")

    def _taken(self) -> str:
        text = "".join(self._text)
        self._text.clear()
        return text

    def _short(self) -> str:
        text = self._taken()
        if len(text) > MOST_NAME:
            raise Unreadable(f"a name has more than {MOST_NAME} characters")
        return text
