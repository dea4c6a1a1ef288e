"""No longer keeping mail for a domain."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.mail.address import domain_name
from shared.mail.errors import DomainInUse, DomainNotLocal


def delete_domain(tx: Transaction, domain: str) -> None:
    """No longer keep mail for `domain`. Raises DomainNotLocal, DomainInUse while there are addresses in it.

    Announce DomainsChanged after the commit.
    """
    name = domain_name(domain)
    if tx.value("SELECT true FROM address WHERE domain = %s LIMIT 1", (name,)):
        raise DomainInUse
    if not tx.execute("DELETE FROM domain WHERE name = %s", (name,)):
        raise DomainNotLocal
