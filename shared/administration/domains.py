"""Domains: mail for them is taken and kept, mail for others is refused."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.mail import domains
from shared.mail.domains import list_domains

__all__ = ["list_domains"]


def add(tx: Transaction, domain: str) -> str:
    """Keep mail for `domain` from now on; returns its spelling. Raises BadAddress."""
    return domains.ensure_domain(tx, domain)


def delete(tx: Transaction, domain: str) -> None:
    """No longer keep mail for `domain`. Raises DomainNotLocal, DomainInUse while there are addresses in it."""
    domains.delete_domain(tx, domain)
