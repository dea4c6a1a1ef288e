"""Line ends: a message that came without the guarantee of SMTP is brought into the form of RFC 5322, CR LF everywhere.

Every way out depends on it: POP3 and NNTP double the dots that begin a line, and a program that takes a bare LF for a
line end would lose its place; sizes and offsets are counted once and must hold everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import IncrementalNewlineDecoder
from mmap import mmap

# One step of each: a call of C code keeps other threads waiting, and so much takes some milliseconds at worst.
_STEP_OCTETS = 256 << 10
_REPAIRED_OCTETS = 64 << 10
# Programs that write "\r\n" to a file in text mode on Windows leave CR CR LF. It is taken as one line end: as two it
# would put an empty line behind each line of the header. The look-behind keeps a row of CRs without LF from being read
# once for each.
_DOUBLED = re.compile(rb"(?<!\r)\r++\n")
_LINE_END = b"\r\n"
_NUL = 0
_PROPER = (None, "\r\n")  # no line end at all, or of one kind only


def is_proper(octets: bytes | mmap) -> bool:
    """Whether every CR is followed by LF, every LF follows a CR, and there is no NUL (RFC 5322 §2.3, RFC 3501 §9).

    Python's decoder of universal newlines notes which kinds of line end it has seen: a third of the time that counting
    CRs, LFs and pairs of them takes.
    """
    decoder = IncrementalNewlineDecoder(None, translate=False)
    for start in range(0, len(octets), _STEP_OCTETS):
        step = octets[start : start + _STEP_OCTETS]
        if _NUL in step:
            return False
        decoder.decode(step.decode("latin-1"))  # a CR at the step's end is held until it is known what follows
        if decoder.newlines not in _PROPER:
            return False
    decoder.decode("", final=True)
    return decoder.newlines in _PROPER


def made_proper(octets: bytes | mmap) -> Iterator[bytes]:
    """`octets` in pieces: CR LF, bare CR and bare LF as CR LF, NUL as 0x80, which Dovecot makes of it, too.

    Each takes a few milliseconds at most; some may be empty.
    """
    held = 0  # CRs at the end of the step before: what they are depends on what follows
    for start in range(0, len(octets), _REPAIRED_OCTETS):
        step = octets[start : start + _REPAIRED_OCTETS]
        text = step.lstrip(b"\r")
        held += len(step) - len(text)
        if not text:
            yield b""
            continue
        if text[:1] != b"\n":
            yield from _empty_lines(held)
        kept = text.rstrip(b"\r")
        held = len(text) - len(kept)
        plain = kept.replace(_LINE_END, b"\n")
        if b"\r" in plain:
            plain = _DOUBLED.sub(b"\n", plain).replace(b"\r", b"\n")
        yield plain.replace(b"\n", _LINE_END).replace(b"\0", b"\x80")
    yield from _empty_lines(held)


def _empty_lines(count: int) -> Iterator[bytes]:
    while count > 0:
        yield _LINE_END * min(count, _REPAIRED_OCTETS)
        count -= _REPAIRED_OCTETS
