"""Keeping mail for a domain."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.mail.address import domain_name


def ensure_domain(tx: Transaction, domain: str) -> str:
    """Keep mail for `domain` from now on; returns its spelling in the table. Raises BadAddress.

    Announce DomainsChanged after the commit, unless an account changes as well.
    """
    name = domain_name(domain)
    tx.execute("INSERT INTO domain (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,))
    return name
