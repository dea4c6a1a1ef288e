"""The scanner of MIME parts: finds them in a message's octets, in one pass and linear time, whatever the octets are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from mmap import mmap

from shared.bounded_cache import remembers
from shared.messages.fields import read_fields
from shared.messages.find import count, find
from shared.messages.media_type import OPAQUE, read_media_type
from shared.messages.part import MAX_BOUNDARY_OCTETS, MAX_DEPTH, MAX_PARTS, Kind, MediaType, Part

_CHUNK_OCTETS = 256 << 10  # a mapped file is read this much at a time
_FIRST_OCTETS = 16 << 10  # of a header, in which the empty line is looked for first; nearly all are shorter
# Fields behind this much of a header are not seen here. Postfix takes 100 KiB of header; a megabyte of empty fields
# would be half a million objects.
_HEADER_OCTETS = 256 << 10
_LEAF, _MULTIPART, _MESSAGE = Kind  # Python 3.11 looks a member up in 75 ns, for each part
_OFTEN_SEEN_OCTETS = 160  # longer headers hold file names and the like, worth no remembering


def scan(octets: bytes | mmap, most_parts: int = MAX_PARTS) -> Part:
    """The tree of parts of the message `octets`. Never raises.

    A line ends with LF, with or without CR before it, so that files written elsewhere are understood; a bare CR ends
    nothing. A boundary line begins with "--" and the boundary: what follows on the line is disregarded, and of several
    boundaries that fit the longest wins, then the innermost (RFC 2046 §5.1.1-2, and so does Dovecot). Parts nested
    more than MAX_DEPTH deep stay unopened, as do those whose boundary is longer than MAX_BOUNDARY_OCTETS; what follows
    the part number `most_parts` belongs to it.
    """
    size = len(octets)
    body_start = end_of_header(octets, 0, size)
    fields, media = _read_header(octets[: min(body_start, _HEADER_OCTETS)], in_digest=False)
    root = Part(0, body_start, size, fields, media)
    if media.kind is not _LEAF:
        _Scan(octets, size, most_parts).run(root)
        _count_lines(octets, root)
    elif media.is_text:
        root.lines = count(octets, b"\n", body_start, size)
    return root


def walk(part: Part) -> Iterator[Part]:
    """`part` and all parts below it, in the order of their octets."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.children))


def end_of_header(octets: bytes | mmap, start: int, limit: int) -> int:
    """Where the body begins: after the first empty line in `start:limit`; `limit` where there is none."""
    first = octets[start : start + 2]
    if first == b"\r\n" or first[:1] == b"\n":
        return min(start + (2 if first == b"\r\n" else 1), limit)
    look: Callable[[bytes, int, int], int] = octets.find if isinstance(octets, bytes) else partial(find, octets)
    size = _FIRST_OCTETS  # both are looked for step by step: where one is near, the other may be nowhere
    while start < limit:
        end = start + size + 2
        if end > limit:
            end = limit
        crlf = look(b"\n\r\n", start, end)
        lone = look(b"\n\n", start, end if crlf < 0 else crlf + 1)
        if lone >= 0:
            return lone + 2
        if crlf >= 0:
            return crlf + 3
        start += size
        size = min(2 * size, _CHUNK_OCTETS)
    return limit


def _read_header(header: bytes, in_digest: bool) -> tuple[Mapping[bytes, bytes], MediaType]:
    fields = read_fields(header)
    return fields, read_media_type(fields.get(b"content-type"), in_digest)


# Headers of parts are short and much alike.
@remembers(most=1024, longest_octets=_OFTEN_SEEN_OCTETS)
def _read_ordinary(header: bytes) -> tuple[Mapping[bytes, bytes], MediaType]:
    return _read_header(header, in_digest=False)


@remembers(most=128, longest_octets=_OFTEN_SEEN_OCTETS)
def _read_in_digest(header: bytes) -> tuple[Mapping[bytes, bytes], MediaType]:
    return _read_header(header, in_digest=True)


class _Boundary:
    """The boundary of a multipart that is not closed yet."""

    __slots__ = ("depth", "found", "needle", "next_at", "whole")

    def __init__(self, whole: Part, depth: int, needle: bytes) -> None:
        self.whole = whole
        self.depth = depth  # of the multipart among the open parts
        self.needle = needle  # LF "--" boundary
        self.next_at = -1  # offset of its next occurrence if `found`, else where the search for it goes on
        self.found = False


class _Scan:
    """The parts from the outermost to the one being read, and where the next boundary line ends some of them."""

    def __init__(self, octets: bytes | mmap, size: int, most_parts: int) -> None:
        self._octets = octets
        self._in_memory = isinstance(octets, bytes)
        self._size = size
        self._most_parts = most_parts
        self._open: list[Part] = []
        self._boundaries: list[_Boundary] = []
        self._nearest = size  # offset of the LF before the next boundary line; `size`: there is none
        self._parts = 1

    def run(self, root: Part) -> None:
        """Find everything below `root`, whose header is read."""
        self._enter(root)
        while self._nearest < self._size and self._cross():
            pass
        self._close_down_to(0, self._size)

    def _enter(self, part: Part) -> None:
        """Open `part`, and if it is a message the one inside, and so on until a leaf or a multipart is reached."""
        while part.kind is _MESSAGE and len(self._open) < MAX_DEPTH and self._parts < self._most_parts:
            self._open.append(part)
            inner = self._read_part(part.body_start, in_digest=False)
            part.children.append(inner)
            part = inner
        if part.kind is _MULTIPART and len(self._open) < MAX_DEPTH:
            boundary = part.media.parameter(b"boundary")
            if boundary and len(boundary) > MAX_BOUNDARY_OCTETS:
                part.media = OPAQUE
            elif boundary and self._has_body(part):
                self._boundaries.append(_Boundary(part, len(self._open), b"\n--" + boundary.rstrip(b" \t")))
                self._look_ahead(max(part.body_start - 1, 0))
        elif part.kind is not _LEAF:
            part.media = OPAQUE
        self._open.append(part)

    def _has_body(self, part: Part) -> bool:
        """Whether an empty line ends the header of `part`; without one before a boundary line it has no body."""
        if part.body_start <= self._nearest:
            return True
        header_end = self._octets[max(part.header_start, part.body_start - 3) : part.body_start]
        return header_end in (b"\n", b"\r\n", b"\n\r\n") or header_end.endswith(b"\n\n")

    def _read_part(self, start: int, in_digest: bool) -> Part:
        limit = min(self._nearest + 1, self._size)  # the header may end with the LF that the boundary line needs
        body_start = end_of_header(self._octets, start, limit) if limit > start else start
        read = _read_in_digest if in_digest else _read_ordinary
        end = body_start if body_start - start <= _HEADER_OCTETS else start + _HEADER_OCTETS
        fields, media = read(self._octets[start:end])
        self._parts += 1
        return Part(start, body_start, self._size, fields, media)

    def _look_ahead(self, start: int) -> None:
        """Find for every boundary where it comes next, at `start` or later.

        The search for an inner one ends where an outer one is found: what lies beyond cannot be inside. This keeps
        the whole scan linear: no octet is looked at more than once per level of nesting.
        """
        nearest = self._size
        for boundary in self._boundaries:
            if boundary.next_at < start:
                found = find(self._octets, boundary.needle, start, min(nearest + len(boundary.needle), self._size))
                boundary.found = found >= 0
                boundary.next_at = found if found >= 0 else nearest
            if boundary.next_at < nearest:
                nearest = boundary.next_at
        self._nearest = nearest

    def _cross(self) -> bool:
        """Go over the nearest boundary line; false if the message ends there, or may have no more parts."""
        octets, at = self._octets, self._nearest
        boundary = self._boundary_at(at)
        after = at + len(boundary.needle)
        closing = octets[after : after + 2] == b"--"
        if not closing and self._parts >= self._most_parts:
            return False
        self._close_down_to(boundary.depth + 1, at - 1 if at and octets[at - 1 : at] == b"\r" else at)
        if closing:
            self._boundaries.pop()  # what was inside is closed, so it is the last one
        line_end = octets.find(b"\n", after) if self._in_memory else find(octets, b"\n", after, self._size)
        if line_end < 0:
            return False
        self._look_ahead(line_end)
        if not closing:
            whole = boundary.whole
            part = self._read_part(line_end + 1, in_digest=whole.media_subtype.lower() == b"digest")
            whole.children.append(part)
            self._enter(part)
        return True

    def _boundary_at(self, at: int) -> _Boundary:
        """Of the boundaries with which the line begins: the one that is the whole line, else the longest, else the
        innermost."""
        matching = [boundary for boundary in self._boundaries if boundary.found and boundary.next_at == at]
        best = matching.pop()
        while matching:
            after = at + len(best.needle)
            if self._octets[after : after + 4].partition(b"\n")[0].rstrip(b"\r") in (b"", b"--"):
                break
            other = matching.pop()
            if len(other.needle) > len(best.needle):
                best = other
        return best

    def _close_down_to(self, depth: int, end: int) -> None:
        """The open parts from `depth` on end at `end`, or later where the innermost has no body: without an empty
        line its header takes the line end before the boundary as well, and with it all that is around it."""
        for part in reversed(self._open[depth:]):
            part.end = end = max(end, part.body_start)
        del self._open[depth:]
        while self._boundaries and self._boundaries[-1].depth >= depth:
            self._boundaries.pop()


def _count_lines(octets: bytes | mmap, root: Part) -> None:
    """Set `lines` of text parts and messages. Nested ones overlap, so each octet is counted once, between marks."""
    counted = [part for part in walk(root) if part.media.is_text or part.kind is _MESSAGE]
    if all(part.kind is _LEAF for part in counted):
        for part in counted:
            part.lines = count(octets, b"\n", part.body_start, part.end)
        return
    marks = sorted({mark for part in counted for mark in (part.body_start, part.end)})
    total, before, line_ends_before = 0, 0, {}
    for mark in marks:
        total += count(octets, b"\n", before, mark)
        line_ends_before[mark] = total
        before = mark
    for part in counted:
        part.lines = line_ends_before[part.end] - line_ends_before[part.body_start]
