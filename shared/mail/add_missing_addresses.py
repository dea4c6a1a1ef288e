"""Addresses for accounts that have none in a domain: those that are older than the domain."""

from __future__ import annotations

from shared.accounts.channel import AccountChanged
from shared.database.transaction import Transaction
from shared.mail.address import domain_name
from shared.mail.domains import ensure_domain

# An account whose name is somebody else's address there is left out: mail for that address goes on as it does.
_WITHOUT = """
    FROM account WHERE NOT EXISTS (SELECT FROM address WHERE account_id = account.id AND domain = %(domain)s)
    AND NOT EXISTS (SELECT FROM address WHERE local_part = lower(account.name) AND domain = %(domain)s)
"""


def count_without_address(tx: Transaction, domain: str) -> int:
    """How many accounts have no address in `domain`, and could have NAME@domain. Raises BadAddress."""
    return int(tx.value(f"SELECT count(*) {_WITHOUT}", {"domain": domain_name(domain)}))


def add_missing_addresses(tx: Transaction, domain: str) -> int:
    """Give each of them NAME@domain, and keep mail for `domain` from now on; how many got one. Raises BadAddress."""
    name = ensure_domain(tx, domain)
    rows = tx.rows(
        f"INSERT INTO address (local_part, domain, account_id) SELECT lower(account.name), %(domain)s, id {_WITHOUT}"
        " ON CONFLICT DO NOTHING RETURNING account_id",
        {"domain": name},
    )
    for (account_id,) in rows:
        tx.announce(AccountChanged(account_id))
    return len(rows)
