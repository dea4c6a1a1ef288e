"""Moving positions forward, and noting what was passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal

_ADVANCE = """
    UPDATE room_subscription SET position = %(position)s, digest_at = {digest_at}
    WHERE folder_id = %(room)s AND account_id = ANY(%(accounts)s::bigint[]) AND position <= %(position)s
"""
_EACH = _ADVANCE.format(digest_at="digest_at")
_DIGEST = _ADVANCE.format(digest_at="%(digest_at)s")
_PASSED_OVER = """
    UPDATE room_subscription SET passed_over = passed_over + number, passed_over_at = %s, passed_over_because = because
    FROM unnest(%s::bigint[], %s::integer[], %s::text[]) AS note (account_id, number, because)
    WHERE folder_id = %s AND room_subscription.account_id = note.account_id
"""


class PassedOver(NamedTuple):
    """How many posts a mailbox did not take, and why the last one."""

    posts: int
    because: str


def advance(
    tx: Transaction, room_id: int, accounts: Iterable[int], position: int, digest_at: datetime | None = None
) -> None:
    """Posts up to `position` are sent to these; with `digest_at`, their next digest is due then."""
    moved = {"room": room_id, "accounts": array_literal(accounts), "position": position, "digest_at": digest_at}
    tx.execute(_EACH if digest_at is None else _DIGEST, moved)


def note_passed_over(tx: Transaction, room_id: int, passed_over: Mapping[int, PassedOver], now: datetime) -> None:
    """Note it for each of these accounts, in one statement."""
    if passed_over:
        numbers = [each.posts for each in passed_over.values()]
        reasons = [each.because for each in passed_over.values()]
        tx.execute(_PASSED_OVER, (now, list(passed_over), numbers, reasons, room_id))
