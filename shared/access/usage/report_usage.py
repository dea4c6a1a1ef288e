"""The report of usage: how much each account used the proxy, and which hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from shared.access.usage.usage import NOBODY, OTHER_STATUS, OTHERS
from shared.database.transaction import Transaction

NOT_SIGNED_IN = "(not signed in)"
OTHER = "(others)"


class UsageBy(StrEnum):
    """The subject of a report's lines."""

    ACCOUNT = "account"
    HOST = "host"
    STATUS = "status"
    DAY = "day"


class UsageLine(NamedTuple):
    """Octets in are what the members sent, octets out what they received."""

    name: str
    requests: int
    octets_in: int
    octets_out: int

    @property
    def octets(self) -> int:
        """Both ways."""
        return self.octets_in + self.octets_out


_MOST_OCTETS = "sum_in + sum_out DESC"
# The expression for a line's name, the order that decides which lines come first, and the order in which these are
# shown.
_NAMES: Mapping[UsageBy, tuple[str, str, str]] = {
    UsageBy.ACCOUNT: (
        f"CASE account_id WHEN {NOBODY} THEN '{NOT_SIGNED_IN}' ELSE name END",
        _MOST_OCTETS,
        _MOST_OCTETS,
    ),
    UsageBy.HOST: (f"CASE host WHEN '{OTHERS}' THEN '{OTHER}' ELSE host END", _MOST_OCTETS, _MOST_OCTETS),
    UsageBy.STATUS: (
        f"CASE status WHEN {OTHER_STATUS} THEN '{OTHER}' ELSE status::text END",
        "sum_requests DESC",
        "line",
    ),
    UsageBy.DAY: ("to_char(day, 'YYYY-MM-DD')", "line DESC", "line"),
}


def report_usage(
    tx: Transaction,
    by: UsageBy,
    since: date,
    until: date,
    account_id: int | None = None,
    top: int | None = None,
) -> Sequence[UsageLine]:
    """From `since` to `until`, both included (UTC); of one account, or all. The foremost `top` lines, or all.

    Accounts and hosts that used most come first. The statuses with most requests, and the latest days, are in their
    own order.
    """
    name, foremost, order = _NAMES[by]
    table = "usage_of_account" if by in (UsageBy.ACCOUNT, UsageBy.DAY) else "usage"  # the sums, where they are enough
    rows = tx.rows(
        f"""
        SELECT line, sum_requests, sum_in, sum_out FROM (
            SELECT * FROM (
                SELECT {name} AS line, sum(requests)::bigint AS sum_requests,
                    sum(octets_in)::bigint AS sum_in, sum(octets_out)::bigint AS sum_out
                FROM {table} LEFT JOIN account ON account.id = account_id
                WHERE day BETWEEN %(since)s AND %(until)s
                    AND (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s)
                GROUP BY line
            ) AS every
            ORDER BY {foremost}, line COLLATE "C"
            LIMIT %(top)s
        ) AS foremost
        ORDER BY {order}, line COLLATE "C"
        """,
        {"since": since, "until": until, "account_id": account_id, "top": top},
    )
    return [UsageLine(line or OTHER, *numbers) for line, *numbers in rows]
