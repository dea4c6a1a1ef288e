"""The names that a room may have: those of newsgroups."""

from __future__ import annotations

import re

from shared.rooms.errors import BadRoomName

MOST_NAME_OCTETS = 80  # a field of ten fits one line of a header, and old newsreaders have room for it
_COMPONENT = re.compile(r"[a-z0-9+_-]+")
# RFC 5536 §3.1.4: reserved for documents, for single sites, for control messages, for what servers keep for themselves.
_RESERVED_AT_FIRST = frozenset({"example", "to", "control", "junk"})
_RESERVED_ANYWHERE = frozenset({"all", "ctl"})
_POSTER = "poster"  # a word of Followup-To


def room_name(text: str) -> str:
    """The one spelling under which the room `text` is kept: `agora.general`, in lower case. Raises BadRoomName.

    Components of a-z, 0-9, "+", "_" and "-", separated by dots (RFC 5536 §3.1.4).
    """
    name = text.lower()
    if not name.isascii() or len(name) > MOST_NAME_OCTETS:
        raise BadRoomName(f"more than {MOST_NAME_OCTETS} letters" if name.isascii() else "letters that are not ASCII")
    components = name.split(".")
    for component in components:
        if not _COMPONENT.fullmatch(component):
            raise BadRoomName("parts of a-z, 0-9, '+', '_' and '-', with a dot between two of them")
        if component.isdigit():
            raise BadRoomName("a part that is a number, which some newsreaders take for an article's")
    if components[0] in _RESERVED_AT_FIRST or name == _POSTER or not _RESERVED_ANYWHERE.isdisjoint(components):
        raise BadRoomName("a name that newsgroups may not have (RFC 5536 section 3.1.4)")
    return name
