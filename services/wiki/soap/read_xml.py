"""The reader of a SOAP message's XML: octets to a light tree, within bounds, by lxml with entities off.

A document type is refused where it begins, so that no entity is ever declared (SOAP 1.1 §3, SOAP 1.2 part 1 §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from services.wiki.calls.errors import Unreadable
from shared.clock import Clock
from shared.give_way import Turns

MOST_DEPTH = 64  # elements in each other: envelope, body, method, argument, and what arrays and structs add
MOST_ELEMENTS = 10_000  # a request here has some twenty
MOST_ATTRIBUTES = 30_000  # with name space declarations
SLICE_OCTETS = 64 * 1024  # parsed at a time: about a millisecond


@dataclass(slots=True)
class Element:
    """An element; `spaces`: the prefixes that it declares itself; `text`: what it has before and between others."""

    space: str
    name: str
    attributes: Mapping[str, str]  # `{name space}name`
    parent: Element | None = field(repr=False)
    spaces: Mapping[str | None, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def attribute(self, space: str, name: str) -> str | None:
        """The value of a qualified attribute."""
        return self.attributes.get(f"{{{space}}}{name}")

    def space_of(self, prefix: str | None) -> str:
        """The name space of a prefix here; empty for none."""
        element: Element | None = self
        while element is not None:
            if prefix in element.spaces:
                return element.spaces[prefix]
            element = element.parent
        return ""


async def read_xml(octets: bytes, clock: Clock) -> Element:
    """The root element; gives way between slices of a long document. Raises Unreadable."""
    builder = _Builder()
    parser = etree.XMLParser(
        target=builder, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True
    )
    turns = Turns(clock)
    try:
        for start in range(0, len(octets), SLICE_OCTETS):
            if start and turns.is_over:
                await turns.give_way()
            parser.feed(octets[start : start + SLICE_OCTETS])
        root: Element | None = parser.close()
    except (etree.LxmlError, ValueError, LookupError):
        raise Unreadable("the request is not well-formed XML") from None
    if root is None:
        raise Unreadable("the request is empty")
    return root


class _Builder:
    """What lxml tells of the document. `huge_tree` lifts libxml2's bound of 10 MB on a text; the others are here."""

    def __init__(self) -> None:
        self._root: Element | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._elements = self._attributes = 0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """A document type begins."""
        raise Unreadable("the request has a document type, and no SOAP message may have one")

    def start(self, tag: str, attributes: Mapping[str, str], spaces: Mapping[str | None, str]) -> None:
        """An element begins."""
        self._elements += 1
        self._attributes += len(attributes) + len(spaces)
        if self._elements > MOST_ELEMENTS or self._attributes > MOST_ATTRIBUTES:
            raise Unreadable(f"the request has more than {MOST_ELEMENTS} elements or {MOST_ATTRIBUTES} attributes")
        if len(self._open) >= MOST_DEPTH:
            raise Unreadable(f"the request has more than {MOST_DEPTH} elements in each other")
        space, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        parent = self._open[-1] if self._open else None
        element = Element(space, name, dict(attributes), parent, dict(spaces))
        if parent is not None:
            parent.children.append(element)
        self._open.append(element)
        self._texts.append([])

    def data(self, text: str) -> None:
        """Some text of the innermost element."""
        if self._texts:
            self._texts[-1].append(text)

    def end(self, _tag: str) -> None:
        """An element ends."""
        element = self._open.pop()
        element.text = "".join(self._texts.pop())
        if not self._open:
            self._root = element

    def close(self) -> Element | None:
        """The document ends."""
        return self._root
