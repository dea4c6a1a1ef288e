"""The summary of the proxy: the few numbers that an operator looks at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.access.rules.rules import Mode
from shared.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Summary:
    """`accounts` used it today; `limited_accounts` have limits of their own."""

    mode: Mode
    revision: int
    rules: int
    listed_rules: int
    lists: int
    limited_accounts: int
    accounts: int
    requests: int
    octets_in: int
    octets_out: int


def summarize(tx: Transaction, today: date) -> Summary:
    """Rules made by hand and those of imported lists are counted apart; usage is that of `today` (UTC)."""
    mode, revision = tx.rows("SELECT mode, revision FROM access_policy")[0]
    rules, listed_rules, lists = tx.rows(
        "SELECT count(*) FILTER (WHERE list = ''), count(*) FILTER (WHERE list <> ''),"
        " count(DISTINCT list) FILTER (WHERE list <> '') FROM access_rule"
    )[0]
    limited = tx.value("SELECT count(*) FROM access_limit WHERE account_id IS NOT NULL")
    used = tx.rows(
        "SELECT count(*) FILTER (WHERE account_id <> 0), coalesce(sum(requests), 0)::bigint,"
        " coalesce(sum(octets_in), 0)::bigint, coalesce(sum(octets_out), 0)::bigint"
        " FROM usage_of_account WHERE day = %s",
        (today,),
    )[0]
    return Summary(Mode(mode), revision, rules, listed_rules, lists, limited, *used)
