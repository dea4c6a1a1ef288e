"""The first administrator: an account `admin` for a store that has no admin yet."""

from __future__ import annotations

from shared.accounts.account import Account, Role
from shared.accounts.verifiers import Verifiers
from shared.administration.accounts import create_member
from shared.database.transaction import Transaction
from shared.mail.domains import ensure_domain

ADMIN = "admin"
ONE_AT_A_TIME = 0x6669727374  # any number nobody else locks ("first"): several may start at once


def prepare_store(tx: Transaction, domain: str) -> bool:
    """Keep mail for `domain`; whether there is an admin already. Raises BadAddress."""
    ensure_domain(tx, domain)
    return _has_admin(tx)


def create_first_admin(tx: Transaction, verifiers: Verifiers, domain: str) -> Account | None:
    """None when another process that started at the same moment was faster."""
    tx.execute("SELECT pg_advisory_xact_lock(%s)", (ONE_AT_A_TIME,))
    return None if _has_admin(tx) else create_member(tx, ADMIN, verifiers, domain, Role.ADMIN)


def _has_admin(tx: Transaction) -> bool:
    return bool(tx.value("SELECT EXISTS (SELECT FROM account WHERE role = 'admin')"))
