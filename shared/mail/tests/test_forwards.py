"""Addresses that lead elsewhere, on a real PostgreSQL."""

from __future__ import annotations

import pytest

from shared.accounts.change_account import disable_account
from shared.accounts.errors import AccountNotFound
from shared.administration import addresses, domains
from shared.database.transaction import Transaction
from shared.mail.errors import (
    AddressExists,
    AddressNotFound,
    BadAddress,
    DomainInUse,
    DomainNotLocal,
    ForwardExists,
    ForwardNotFound,
    ForwardsLeadThere,
    RecipientDisabled,
    TargetIsLocal,
    TooManyForwards,
)
from shared.mail.forwards import MOST_FORWARDS, add_forward
from shared.mail.lookup import FolderTarget, ForwardTarget, ReturnTarget
from shared.mail.tests.test_lookup import ask
from shared.rooms.create_room import create_room
from shared.rooms.room import Posters, Readers
from shared.testing.builders import a_member

SALES = "sales@example.org"


def test_address_leads_elsewhere_alone_or_beside_accounts(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    assert addresses.add(transaction, SALES, "Bob@Elsewhere.test") == "elsewhere.test"
    assert (
        ask(transaction, SALES, "SALES@example.org") == [(ForwardTarget("Bob@elsewhere.test", "elsewhere.test"),)] * 2
    )
    assert addresses.add(transaction, SALES, "alice") is None
    addresses.add(transaction, SALES, "ann@elsewhere.test")
    (targets,) = ask(transaction, SALES)
    assert isinstance(targets, tuple)
    assert [type(each) for each in targets] == [FolderTarget, ForwardTarget, ForwardTarget]
    listed = [tuple(each) for each in addresses.list_all(transaction)]
    assert listed[-2:] == [(SALES, "Bob@elsewhere.test"), (SALES, "ann@elsewhere.test")]
    assert (SALES, "alice") in listed


def test_nearest_address_decides_as_it_does_for_accounts(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    for address, target in (("alice+tea", "tea"), ("*", "all"), ("bob", "bob")):
        addresses.add(transaction, f"{address}@example.org", f"{target}@elsewhere.test")
    asked = ["alice+tea", "alice+coffee", "bob", "bob+tea", "nobody"]
    found = ask(transaction, *(f"{each}@example.org" for each in asked))
    shown = [each[0].address if isinstance(each[0], ForwardTarget) else "here" for each in found]  # type: ignore[index]
    local_parts = [each.partition("@")[0] for each in shown]
    assert local_parts == ["tea", "here", "bob", "bob", "all"]


def test_return_addresses_go_before_the_address_for_everybody(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    addresses.add(transaction, "*@example.org", "alice")
    assert ask(transaction, "SRS0=x=AA=y.test=ann@example.org") == [(ReturnTarget(),)]


def test_disabled_account_keeps_nothing_from_those_elsewhere(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    addresses.add(transaction, SALES, "alice")
    disable_account(transaction, alice.id)
    assert isinstance(ask(transaction, SALES)[0], RecipientDisabled)
    addresses.add(transaction, SALES, "bob@elsewhere.test")
    assert ask(transaction, SALES) == [(ForwardTarget("bob@elsewhere.test", "elsewhere.test"),)]


def test_forward_is_taken_away_alone_or_with_all_others(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    for name in ("alice", "ann@elsewhere.test", "bob@elsewhere.test"):
        addresses.add(transaction, SALES, name)
    addresses.delete(transaction, SALES, "ann@Elsewhere.TEST")
    with pytest.raises(ForwardNotFound):
        addresses.delete(transaction, SALES, "ann@elsewhere.test")
    with pytest.raises(DomainInUse):
        domains.delete(transaction, "example.org")
    addresses.delete(transaction, SALES)
    assert isinstance(ask(transaction, SALES)[0], AddressNotFound)
    addresses.add(transaction, SALES, "bob@elsewhere.test")
    addresses.delete(transaction, SALES)
    with pytest.raises(AddressNotFound):
        addresses.delete(transaction, SALES)


def test_what_cannot_be_a_forward_is_refused(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    for name, error in (
        ("nobody@example.org", TargetIsLocal),
        ("nobody", AccountNotFound),
        ("nobody@", AccountNotFound),
        ("no body@elsewhere.test", BadAddress),
        ("bob@else where", BadAddress),
        ("bob@elsewhere.test\r\nDATA", BadAddress),
    ):
        with pytest.raises(error):
            addresses.add(transaction, SALES, name)
    with pytest.raises(DomainNotLocal):
        addresses.add(transaction, "sales@elsewhere.test", "bob@other.test")
    addresses.add(transaction, SALES, "bob@elsewhere.test")
    with pytest.raises(ForwardExists):
        addresses.add(transaction, SALES, "bob@ELSEWHERE.test")
    with pytest.raises(ForwardsLeadThere):
        domains.add(transaction, "elsewhere.test")
    addresses.add(transaction, SALES, "alice")
    with pytest.raises(AddressExists):
        addresses.add(transaction, SALES, "alice")


def test_forwards_of_one_address_are_bounded(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    for number in range(MOST_FORWARDS):
        add_forward(transaction, SALES, f"bob{number}@elsewhere.test")
    with pytest.raises(TooManyForwards):
        add_forward(transaction, SALES, "one@elsewhere.test")


def test_short_address_of_a_room_leaves_a_forward_alone(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    addresses.add(transaction, SALES, "bob@elsewhere.test")
    create_room(transaction, "local.sales", reading=Readers.EVERYONE, posting=Posters.EVERYONE)
    assert isinstance(ask(transaction, SALES)[0][0], ForwardTarget)  # type: ignore[index]
