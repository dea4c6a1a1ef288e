"""OPML 2.0: lists of feeds, as other programs of the kind write and read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from shared.feeds.errors import NotAnOpml

MOST_OCTETS = 10 << 20
MOST_FEEDS = 10_000


class Outline(NamedTuple):
    """A feed in a list; `room` is "" in what other programs wrote."""

    url: str
    title: str
    room: str


def read_opml(octets: bytes) -> Sequence[Outline]:
    """The feeds in it, folders disregarded, each address once. Raises NotAnOpml."""
    if len(octets) > MOST_OCTETS:
        raise NotAnOpml("it is too large")
    if b"<!ENTITY" in octets:
        raise NotAnOpml("it declares entities")
    try:
        root = ElementTree.fromstring(octets)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise NotAnOpml(str(error)) from error
    if root.tag != "opml":
        raise NotAnOpml("it does not begin with <opml>")
    found: dict[str, Outline] = {}
    for element in root.iter("outline"):
        url = element.get("xmlUrl") or ""
        if url and len(found) < MOST_FEEDS:
            title = element.get("title") or element.get("text") or ""
            found.setdefault(url, Outline(url, title, element.get("category") or ""))
    return list(found.values())


def write_opml(feeds: Iterable[Outline]) -> bytes:
    """The list, in UTF-8; the room is the `category` of its outline."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Agora"
    body = ElementTree.SubElement(root, "body")
    for url, title, room in feeds:
        ElementTree.SubElement(
            body, "outline", type="rss", text=title or room, title=title or room, xmlUrl=url, category=room
        )
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
