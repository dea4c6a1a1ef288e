"""Which mailbox names a LIST or LSUB answers with, and their attributes (RFC 3501 §6.3.8, RFC 5258, RFC 6154)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.mail_access.imap.grammar.mutf7 import encode_mutf7
from services.mail_access.imap.values.commands import List


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


class Pattern:
    """A mailbox pattern: `*` stands for anything, `%` for anything within one level.

    All the ways to match are followed at once, a bit for each place in the pattern: time is linear in the name.
    """

    def __init__(self, pattern: str) -> None:
        tokens = _tokens(pattern)
        self._moves: dict[str, int] = {}
        self._stars = self._percents = 0
        for place, token in enumerate(tokens):
            bit = 1 << place
            if token == "*":
                self._stars |= bit
            elif token == "%":
                self._percents |= bit
            else:
                self._moves[token] = self._moves.get(token, 0) | bit
        self._wild = self._stars | self._percents
        self._end = 1 << len(tokens)

    def matches(self, name: str) -> bool:
        here = self._and_skip_wild(1)
        for character in name:
            stay = here & (self._stars if character == "/" else self._wild)
            here = self._and_skip_wild(stay | (here & self._moves.get(character, 0)) << 1)
            if not here:
                return False
        return bool(here & self._end)

    def _and_skip_wild(self, here: int) -> int:
        return here | (here & self._wild) << 1


def _tokens(pattern: str) -> list[str]:
    """The pattern's characters, each run of wildcards as the one that does the same."""
    tokens: list[str] = []
    for character in pattern:
        if character in "*%" and tokens and tokens[-1] in "*%":
            if character == "*":
                tokens[-1] = "*"
        else:
            tokens.append(character)
    return tokens


def matcher(reference: str, patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a name matches one of the patterns; INBOX matches in any case."""
    whole = [reference + pattern for pattern in patterns]
    exact = [Pattern(pattern) for pattern in whole]
    upper = [Pattern(pattern.upper()) for pattern in whole]

    def matches(name: str) -> bool:
        return any(pattern.matches(name) for pattern in (upper if name == "INBOX" else exact))

    return matches


def _ancestors(name: str) -> list[str]:
    levels = name.split("/")
    return ["/".join(levels[:count]) for count in range(1, len(levels))]


def listed(command: List, folders: Sequence[Named], subscribed: Collection[str]) -> list[Listed]:
    """The lines of the answer to `command`, sorted, INBOX first."""
    known = {folder.name: folder for folder in folders}
    parents = {ancestor for name in known for ancestor in _ancestors(name)}
    matches = matcher(command.reference, command.patterns)
    if command.lsub:
        return _sorted(_lsub(matches, known, subscribed))
    wanted = _selected(command, known, subscribed)
    lines = {}
    recursive = b"RECURSIVEMATCH" in command.select
    # A parent is told only of inferiors that are not told themselves (RFC 5258 §3.5).
    above = {ancestor for name in wanted if not matches(name) for ancestor in _ancestors(name)} if recursive else set()
    tell_subscribed = b"SUBSCRIBED" in command.returns or b"SUBSCRIBED" in command.select
    for name in wanted | above:
        if not matches(name):
            continue
        attributes = _attributes(known.get(name), name in parents)
        if tell_subscribed and name in subscribed:
            attributes += (rb"\Subscribed",)
        folder = known.get(name)
        lines[name] = Listed(name, attributes, name in above, folder is not None and folder.selectable)
    return _sorted(lines)


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


def _lsub(matches: Callable[[str], bool], known: Mapping[str, Named], subscribed: Collection[str]) -> dict[str, Listed]:
    r"""RFC 3501 §6.3.9: a parent that matches where its subscribed inferior does not is told as \Noselect."""
    lines: dict[str, Listed] = {}
    for name in subscribed:
        if matches(name):
            folder = known.get(name)
            lines[name] = Listed(name, () if folder is not None and folder.selectable else (rb"\Noselect",))
            continue
        for ancestor in _ancestors(name):
            if ancestor not in subscribed and matches(ancestor):
                lines[ancestor] = Listed(ancestor, (rb"\Noselect",))
    return lines


def _sorted(lines: Mapping[str, Listed]) -> list[Listed]:
    return [lines[name] for name in sorted(lines, key=lambda name: (name.split("/")[0] != "INBOX", name))]


def quoted(name: str) -> bytes:
    """A mailbox name as a quoted string of modified UTF-7."""
    return b'"' + encode_mutf7(name).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def render_listed(line: Listed, word: bytes) -> bytes:
    child_info = b' ("CHILDINFO" ("SUBSCRIBED"))' if line.child_info else b""
    return b'* %b (%b) "/" %b%b\r\n' % (word, b" ".join(line.attributes), quoted(line.name), child_info)
