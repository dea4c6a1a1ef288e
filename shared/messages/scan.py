"""Finds the MIME parts in a message's octets, in one pass and linear time, whatever the octets are."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap

from shared.messages.fields import read_fields
from shared.messages.parameters import read_media_type
from shared.messages.part import MAX_DEPTH, MAX_PARTS, Kind, Part

_CHUNK_OCTETS = 1 << 20  # a mapped file is read this much at a time
_US_ASCII = ((b"charset", b"us-ascii"),)  # what text without a charset is (RFC 2046 §4.1.2)


def scan(octets: bytes | mmap) -> Part:
    """The tree of parts of the message `octets`. Never raises.

    A line ends with LF, with or without CR before it, so that files written elsewhere are understood; a bare CR ends
    nothing. A boundary line begins with "--" and the boundary: what follows on the line is disregarded, and of several
    boundaries that fit the longest wins, then the innermost (RFC 2046 §5.1.1-2, and so does Dovecot). Parts nested
    more than MAX_DEPTH deep, or following the MAX_PARTS-th, stay unopened.
    """
    size = len(octets)
    body_start = _end_of_header(octets, 0, size)
    root = Part(0, body_start, size, read_fields(octets[:body_start]))
    _read_content_type(root, digest=False)
    if root.kind is not Kind.LEAF:
        _Scan(octets, size).open(root)
    _count_lines(octets, root)
    return root


def walk(part: Part) -> Iterator[Part]:
    """`part` and all parts below it, in the order of their octets."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.children))


def _end_of_header(octets: bytes | mmap, start: int, limit: int) -> int:
    """Where the body begins: after the first empty line in `start:limit`; `limit` where there is none."""
    if octets[start : start + 1] == b"\n":
        return min(start + 1, limit)
    if octets[start : start + 2] == b"\r\n":
        return min(start + 2, limit)
    crlf = octets.find(b"\n\r\n", start, limit)
    lone = octets.find(b"\n\n", start, limit if crlf < 0 else crlf)
    if lone >= 0:
        return lone + 2
    return limit if crlf < 0 else crlf + 3


def _read_content_type(part: Part, *, digest: bool) -> None:
    """Set what `part` is, from its Content-Type; one that cannot be read counts as text/plain (RFC 2045 §5.2)."""
    value = part.fields.get(b"content-type")
    if value is None and digest:
        part.media_type, part.media_subtype, part.kind = b"message", b"rfc822", Kind.MESSAGE  # RFC 2046 §5.1.5
        return
    media = read_media_type(value) if value else None
    if media is None:
        part.parameters = _US_ASCII
        return
    part.media_type, part.media_subtype, part.parameters = media
    kind = part.media_type.lower()
    if kind == b"text":
        if not any(name.lower() == b"charset" for name, _ in part.parameters):
            part.parameters += _US_ASCII
    elif kind == b"multipart":
        part.kind = Kind.MULTIPART
    elif kind == b"message" and part.media_subtype.lower() == b"rfc822":
        part.kind = Kind.MESSAGE


class _Opened:
    """A part whose end is not known yet; for a multipart with its boundary and where that occurs next."""

    __slots__ = ("needle", "next_at", "part")

    def __init__(self, part: Part, needle: bytes | None) -> None:
        self.part = part
        self.needle = needle  # LF "--" boundary; None: not a multipart, or closed, or without a boundary
        self.next_at = -1  # offset of the needle's LF; behind the scan: not looked for yet


class _Scan:
    """The parts from the outermost to the one being read, and the search for the boundary line that ends it."""

    def __init__(self, octets: bytes | mmap, size: int) -> None:
        self.octets = octets
        self.size = size
        self.opened: list[_Opened] = []
        self.parts = 1

    def open(self, root: Part) -> None:
        """Find everything below `root`, whose header is read."""
        self._enter(root, root.body_start)
        while (found := self._next_boundary()) is not None:
            at, depth = found
            if not self._cross(at, depth):
                break
        self._close_down_to(0, self.size)

    def _next_boundary(self) -> tuple[int, int] | None:
        """The offset of the next boundary line's LF and the index in `opened` of the part that it belongs to."""
        nearest = self._limit()
        if nearest >= self.size:
            return None
        matching = [i for i, o in enumerate(self.opened) if o.needle is not None and o.next_at == nearest]
        return nearest, matching[0] if len(matching) == 1 else self._best_match(nearest, matching)

    def _best_match(self, at: int, matching: list[int]) -> int:
        """Of several boundaries with which the line begins: the whole line, else the longest, else the innermost."""
        best, best_length = -1, -1
        for index in reversed(matching):
            needle = self.opened[index].needle or b""
            if len(needle) > best_length:
                best, best_length = index, len(needle)
                rest = self.octets[at + len(needle) : at + len(needle) + 4].partition(b"\n")[0].rstrip(b"\r")
                if rest in (b"", b"--"):
                    break
        return best

    def _cross(self, at: int, depth: int) -> bool:
        """Go over the boundary line at `at`; false if the message ends there, or may have no more parts."""
        whole = self.opened[depth]
        needle = whole.needle or b""
        content_end = at - 1 if at and self.octets[at - 1] in b"\r" else at
        after = at + len(needle)
        closing = self.octets[after : after + 2] == b"--"
        line_end = self.octets.find(b"\n", after)
        self._close_down_to(depth + 1, content_end)
        if closing:
            whole.needle = None
        if line_end < 0 or (not closing and self.parts >= MAX_PARTS):
            return False
        self._look_ahead(line_end)
        if not closing:
            self._read_part(whole.part, line_end + 1)
        return True

    def _look_ahead(self, start: int) -> None:
        """Find for every open multipart where its boundary comes next, at `start` or later.

        The search for an inner one ends where an outer one is found: what lies beyond cannot be inside. This keeps
        the whole scan linear: no octet is looked at more than once per level of nesting.
        """
        limit = self.size
        for opened in self.opened:
            needle = opened.needle
            if needle is None:
                continue
            if opened.next_at < start:
                found = self.octets.find(needle, start, min(limit + len(needle), self.size))
                opened.next_at = found if found >= 0 else limit
            limit = min(limit, opened.next_at)

    def _limit(self) -> int:
        """Where the nearest boundary line begins (its LF), or the message's end."""
        return min((o.next_at for o in self.opened if o.needle is not None), default=self.size)

    def _read_part(self, whole: Part, start: int) -> None:
        limit = min(self._limit() + 1, self.size)  # the header may end with the LF that the boundary line needs
        body_start = _end_of_header(self.octets, start, limit) if limit > start else start
        part = Part(start, body_start, self.size, read_fields(self.octets[start:body_start]))
        _read_content_type(part, digest=whole.media_subtype.lower() == b"digest")
        whole.children.append(part)
        self.parts += 1
        self._enter(part, body_start)

    def _enter(self, part: Part, start: int) -> None:
        """Open `part`, and if it is a message the one inside, and so on until a leaf or a multipart is reached."""
        while True:
            if part.kind is not Kind.LEAF and len(self.opened) >= MAX_DEPTH:
                _make_opaque(part)
            opened = _Opened(part, _needle(part) if part.kind is Kind.MULTIPART else None)
            self.opened.append(opened)
            if part.kind is not Kind.MESSAGE:
                break
            limit = min(self._limit() + 1, self.size)
            body_start = _end_of_header(self.octets, start, limit) if limit > start else start
            inner = Part(start, body_start, self.size, read_fields(self.octets[start:body_start]))
            _read_content_type(inner, digest=False)
            part.children.append(inner)
            self.parts += 1
            part, start = inner, body_start
        if opened.needle is not None:
            self._look_ahead(max(start - 1, 0))

    def _close_down_to(self, depth: int, end: int) -> None:
        """The open parts from index `depth` on end at `end`, or where their bodies begin if that is later."""
        for opened in self.opened[depth:]:
            part = opened.part
            part.body_start = min(part.body_start, max(end, part.header_start))
            part.end = max(end, part.body_start)
        del self.opened[depth:]


def _needle(part: Part) -> bytes | None:
    for name, value in part.parameters:
        if value and name.lower() == b"boundary":
            return b"\n--" + value.rstrip(b" \t")
    return None


def _make_opaque(part: Part) -> None:
    """Too deep to be opened: shown as what nobody can look into, or a client would miss the parts below."""
    part.kind = Kind.LEAF
    part.media_type, part.media_subtype, part.parameters = b"application", b"octet-stream", ()


def _count_lines(octets: bytes | mmap, root: Part) -> None:
    """Set `lines` of text parts and messages. Nested ones overlap, so each octet is counted once, between marks."""
    if root.kind is Kind.LEAF:
        if root.is_text:
            root.lines = _line_ends(octets, root.body_start, root.end)
        return
    counted = [part for part in walk(root) if part.kind is Kind.MESSAGE or (part.kind is Kind.LEAF and part.is_text)]
    marks = sorted({mark for part in counted for mark in (part.body_start, part.end)})
    total, before, line_ends_before = 0, 0, {}
    for mark in marks:
        total += _line_ends(octets, before, mark)
        line_ends_before[mark] = total
        before = mark
    for part in counted:
        part.lines = line_ends_before[part.end] - line_ends_before[part.body_start]


def _line_ends(octets: bytes | mmap, start: int, end: int) -> int:
    if isinstance(octets, bytes):
        return octets.count(b"\n", start, end)
    return sum(octets[at : min(at + _CHUNK_OCTETS, end)].count(b"\n") for at in range(start, end, _CHUNK_OCTETS))
