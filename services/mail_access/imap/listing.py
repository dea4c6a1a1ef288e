"""The mailbox names that a LIST or LSUB answers with, and their attributes (RFC 3501 §6.3.8, RFC 5258, RFC 6154)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.mail_access.imap.patterns import Matcher
from services.mail_access.imap.values.commands import List
from shared.folders.name import INBOX, SEPARATOR
from shared.messages.mutf7 import encode_mutf7


class Named(Protocol):
    """What LIST needs to know of a folder; shared/folders/folder.py has it."""

    @property
    def name(self) -> str: ...
    @property
    def selectable(self) -> bool: ...
    @property
    def special_use(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the answer."""

    name: str
    attributes: tuple[bytes, ...]
    child_info: bool = False  # something below it is subscribed, though it may not match (RFC 5258 §3.5)
    selectable: bool = True


def listed(command: List, folders: Sequence[Named], subscribed: Collection[str]) -> Iterator[Listed | None]:
    """The lines of the answer to `command`, sorted, INBOX first.

    For a name that gives no line there is a None, so that the caller can give way between any two names.
    """
    known = {folder.name: folder for folder in folders}
    matcher = Matcher(command.reference, command.patterns)
    if command.lsub:
        yield from _lsub(matcher, known, subscribed)
        return
    parents: set[str] = set()
    for name in known:
        _add_superiors(name, parents)
        yield None
    wanted = _selected(command, known, subscribed)
    above: set[str] = set()
    if b"RECURSIVEMATCH" in command.select:
        # A parent is listed with CHILDINFO only for inferiors that are not listed themselves (RFC 5258 §3.5).
        for name in wanted:
            if not matcher.matches(name):
                above.update(matcher.matching_superiors(name))
            yield None
    tell_subscribed = b"SUBSCRIBED" in command.returns or b"SUBSCRIBED" in command.select
    for name in _sorted(wanted | above):
        if not matcher.matches(name):
            yield None
            continue
        folder = known.get(name)
        attributes = _attributes(folder, name in parents)
        if tell_subscribed and name in subscribed:
            attributes += (rb"\Subscribed",)
        yield Listed(name, attributes, name in above, folder is not None and folder.selectable)


def _add_superiors(name: str, parents: set[str]) -> None:
    """Add the names above `name`; those above a name that is there already are there, too."""
    superior, separator, _ = name.rpartition(SEPARATOR)
    while separator and superior not in parents:
        parents.add(superior)
        superior, separator, _ = superior.rpartition(SEPARATOR)


def _selected(command: List, known: Mapping[str, Named], subscribed: Collection[str]) -> set[str]:
    names = set(subscribed) if b"SUBSCRIBED" in command.select else set(known)
    if b"SPECIAL-USE" in command.select:
        names = {name for name in names if name in known and known[name].special_use}
    return names


def _attributes(folder: Named | None, has_children: bool) -> tuple[bytes, ...]:
    attributes = []
    if folder is None:
        attributes.append(rb"\NonExistent")
    elif not folder.selectable:
        attributes.append(rb"\Noselect")
    attributes.append(rb"\HasChildren" if has_children else rb"\HasNoChildren")
    if folder is not None and folder.special_use:
        attributes.append(folder.special_use.encode("ascii"))
    return tuple(attributes)


def _lsub(matcher: Matcher, known: Mapping[str, Named], subscribed: Collection[str]) -> Iterator[Listed | None]:
    r"""RFC 3501 §6.3.9: a parent that matches is listed as \Noselect if only inferiors that do not match are
    subscribed.
    """
    lines: dict[str, Listed] = {}
    for name in subscribed:
        if matcher.matches(name):
            folder = known.get(name)
            lines[name] = Listed(name, () if folder is not None and folder.selectable else (rb"\Noselect",))
        else:
            for superior in matcher.matching_superiors(name):
                if superior not in subscribed:
                    lines[superior] = Listed(superior, (rb"\Noselect",))
        yield None
    for name in _sorted(lines):
        yield lines[name]


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (name.partition(SEPARATOR)[0] != INBOX, name))


def quoted(name: str) -> bytes:
    """A mailbox name as a quoted string of modified UTF-7."""
    return b'"' + encode_mutf7(name).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def render_listed(line: Listed, word: bytes) -> bytes:
    child_info = b' ("CHILDINFO" ("SUBSCRIBED"))' if line.child_info else b""
    return b'* %b (%b) "/" %b%b\r\n' % (word, b" ".join(line.attributes), quoted(line.name), child_info)
