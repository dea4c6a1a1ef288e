"""Line ends of a message that was sent in counted octets or in a block: CR LF, nothing less."""

from __future__ import annotations

from io import IncrementalNewlineDecoder
from mmap import mmap
from typing import NamedTuple

from shared.conversation.intake import Claim
from shared.conversation.spool import SPOOL_OCTETS, Spool
from shared.give_way import Turns

_PROPER = (None, "\r\n")  # no line end at all, or of one kind only


class BareEnds(NamedTuple):
    """What is in octets that should not be."""

    returns: bool  # a CR without LF
    feeds: bool  # an LF without CR


def is_crlf_alone(octets: bytes) -> bool:
    """Whether every CR in `octets` is followed by LF, and every LF follows a CR.

    Python's decoder of universal newlines notes which kinds of line end it has seen: a quarter of the time that
    counting takes.
    """
    decoder = IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(octets.decode("latin-1"), final=True)
    return decoder.newlines in _PROPER


async def bare_ends(octets: bytes | mmap, turns: Turns) -> BareEnds:
    """Look for them, in turns; what has any is counted, some ten times as fast as an expression."""
    returns = feeds = ends = 0
    last = b""
    for start in range(0, len(octets), SPOOL_OCTETS):
        piece = last + octets[start : start + SPOOL_OCTETS]
        last = b"\r" if piece.endswith(b"\r") else b""  # counted with what follows it
        if last or not is_crlf_alone(piece):
            returns += piece.count(b"\r") - len(last)
            feeds += piece.count(b"\n")
            ends += piece.count(b"\r\n")
        if turns.is_over:
            await turns.give_way()
    return BareEnds(returns + len(last) != ends, feeds != ends)


def with_crlf(octets: bytes) -> bytes:
    """Every LF without CR made CR LF; `octets` holds every CR LF whole."""
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


async def mended(spool: Spool, claim: Claim, turns: Turns) -> Spool:
    """The content of `spool`, which is closed, with every line ended by CR LF; in turns. Raises SpoolFull."""
    octets, made, last = spool.octets, Spool(claim), b""
    try:
        for start in range(0, len(octets), SPOOL_OCTETS):
            piece = last + octets[start : start + SPOOL_OCTETS]
            last = b"\r" if piece.endswith(b"\r") else b""
            made.append(with_crlf(piece[: len(piece) - len(last)]))
            if turns.is_over:
                await turns.give_way()
        made.append(last)
    except BaseException:
        made.close()
        raise
    finally:
        spool.close()
    return made
