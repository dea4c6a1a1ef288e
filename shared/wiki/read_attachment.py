"""The octets of an attachment: all of them, or a range."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.attachment import PIECE_OCTETS, PageFile

_PIECES = "SELECT octets FROM page_file_piece WHERE revision_id = %s AND piece BETWEEN %s AND %s ORDER BY piece"


def read_attachment(tx: Transaction, attachment: PageFile, begin: int = 0, end: int | None = None) -> bytes:
    """Octets `begin` up to, not including, `end`; fewer where the file ends earlier."""
    end = attachment.octets if end is None else min(end, attachment.octets)
    if begin >= end:
        return b""
    first, last = begin // PIECE_OCTETS, (end - 1) // PIECE_OCTETS
    rows = tx.copy_out(_PIECES, (attachment.id, first, last))
    octets = b"".join(piece or b"" for (piece,) in rows)
    return octets[begin - first * PIECE_OCTETS : end - first * PIECE_OCTETS]
