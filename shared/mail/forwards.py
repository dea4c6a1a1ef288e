"""The addresses elsewhere that addresses here lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.accounts.channel import DomainsChanged
from shared.database.transaction import Transaction
from shared.mail.address import Address, parse_address
from shared.mail.errors import DomainNotLocal, ForwardExists, ForwardNotFound, TargetIsLocal, TooManyForwards
from shared.mail.mailbox import parse_mailbox

MOST_FORWARDS = 100  # of one address: each message for it is sent so often; more readers are a room's subscribers


class ForwardLine(NamedTuple):
    """An address, and an address elsewhere that it leads to."""

    address: str
    target: str


def list_forwards(tx: Transaction) -> Sequence[ForwardLine]:
    """All, by domain, local part and target."""
    rows = tx.rows(
        "SELECT local_part || '@' || domain, target FROM forward"
        ' ORDER BY domain COLLATE "C", local_part COLLATE "C", target COLLATE "C"'
    )
    return [ForwardLine(*row) for row in rows]


def add_forward(tx: Transaction, address: str, target: str) -> None:
    """Let mail for `address` reach `target`, too, which is elsewhere.

    Raises BadAddress, DomainNotLocal where mail for the address's domain is not kept here, TargetIsLocal where mail for
    the target's is, ForwardExists, TooManyForwards.
    """
    parsed = parse_address(address)
    written, elsewhere = read_target(target)
    if tx.value("SELECT true FROM domain WHERE name = %s FOR UPDATE", (parsed.domain,)) is None:
        raise DomainNotLocal
    if is_local(tx, elsewhere.domain):
        raise TargetIsLocal(target)
    where = {"local_part": parsed.local_part, "domain": parsed.domain, "target": written, "to": elsewhere.domain}
    there = [
        each
        for (each,) in tx.rows(
            "SELECT target FROM forward WHERE domain = %(domain)s AND local_part = %(local_part)s", where
        )
    ]
    if written in there:
        raise ForwardExists
    if len(there) >= MOST_FORWARDS:
        raise TooManyForwards(MOST_FORWARDS)
    tx.execute(
        "INSERT INTO forward (local_part, domain, target, target_domain)"
        " VALUES (%(local_part)s, %(domain)s, %(target)s, %(to)s)",
        where,
    )
    tx.announce(DomainsChanged())


def delete_forward(tx: Transaction, address: str, target: str) -> None:
    """Let mail for `address` no longer reach `target`. Raises BadAddress, ForwardNotFound."""
    parsed = parse_address(address)
    written, _ = read_target(target)
    if not tx.execute(
        "DELETE FROM forward WHERE domain = %s AND local_part = %s AND target = %s",
        (parsed.domain, parsed.local_part, written),
    ):
        raise ForwardNotFound
    tx.announce(DomainsChanged())


def delete_forwards(tx: Transaction, address: str) -> int:
    """Let mail for `address` reach nobody elsewhere; how many it did. Raises BadAddress."""
    parsed = parse_address(address)
    deleted = tx.execute(
        "DELETE FROM forward WHERE domain = %s AND local_part = %s", (parsed.domain, parsed.local_part)
    )
    if deleted:
        tx.announce(DomainsChanged())
    return deleted


def is_local(tx: Transaction, domain: str) -> bool:
    """Whether mail for the domain, in A-labels, is kept here."""
    return tx.value("SELECT true FROM domain WHERE name = %s", (domain,)) is not None


def leading_to(tx: Transaction, domain: str) -> str | None:
    """An address, or the name of an account, whose mail is sent on to an address in `domain`; None where none is."""
    found: str | None = tx.value(
        "SELECT local_part || '@' || domain FROM forward WHERE target_domain = %(domain)s"
        " UNION ALL SELECT account.name FROM own_forward JOIN account ON account.id = account_id"
        " WHERE target_domain = %(domain)s AND confirmed_at IS NOT NULL ORDER BY 1 LIMIT 1",
        {"domain": domain},
    )
    return found


def read_target(target: str) -> tuple[str, Address]:
    """As it is written in the envelope, its domain in A-labels, so that it is kept once; and as it is looked up.

    Raises BadAddress.
    """
    mailbox, address = parse_mailbox(target), parse_address(target)
    return f"{mailbox.text.rpartition('@')[0]}@{address.domain}", address
