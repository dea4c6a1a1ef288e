"""The domains that mail is kept for."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.channel import DomainsChanged
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.mail.address import domain_name
from shared.mail.errors import DomainInUse, DomainNotLocal

_IN_USE = """
    SELECT EXISTS (SELECT FROM address WHERE domain = %(name)s) OR EXISTS (SELECT FROM forward WHERE domain = %(name)s)
"""


def list_domains(tx: Transaction) -> Sequence[str]:
    """All domains that mail is kept for, by name."""
    return [name for (name,) in tx.rows('SELECT name FROM domain ORDER BY name COLLATE "C"')]


def is_domain(tx: Transaction, name: str) -> bool:
    """Whether mail is kept for the domain `name`, in A-labels and lower case."""
    return bool(tx.value("SELECT true FROM domain WHERE name = %s", (name,)))


def ensure_domain(tx: Transaction, domain: str) -> str:
    """Keep mail for `domain` from now on; returns its spelling in the table. Raises BadAddress."""
    name = domain_name(domain)
    if tx.execute("INSERT INTO domain (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,)):
        tx.announce(DomainsChanged())
    return name


def delete_domain(tx: Transaction, domain: str) -> None:
    """No longer keep mail for `domain`. Raises DomainNotLocal, DomainInUse while there are addresses in it."""
    name = domain_name(domain)
    if tx.value(_IN_USE, {"name": name}):
        raise DomainInUse
    with referring(DomainInUse):  # by an address that came since
        deleted = tx.execute("DELETE FROM domain WHERE name = %s", (name,))
    if not deleted:
        raise DomainNotLocal
    tx.announce(DomainsChanged())
