"""The look-up of addresses, on a real PostgreSQL."""

from __future__ import annotations

import pytest

from shared.accounts.account import Role
from shared.accounts.channel import AccountChanged
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.create_folder import create_folder
from shared.folders.find_folders import find_folder
from shared.mail.add_missing_addresses import add_missing_addresses, count_without_address
from shared.mail.address import parse_address
from shared.mail.addresses import add_address, delete_address, list_addresses
from shared.mail.domains import delete_domain, ensure_domain, list_domains
from shared.mail.errors import AddressExists, AddressNotFound, DomainInUse, DomainNotLocal, RecipientDisabled
from shared.mail.lookup import DecisionTarget, FolderTarget, RobotTarget, RoomTarget, Targets, look_up
from shared.mail.open_mailbox import open_mailbox
from shared.rooms.addresses import add_room_address
from shared.rooms.posts.hold import hold_post
from shared.rooms.tests.build import NOW, a_post, an_open_room
from shared.testing.builders import DOMAIN, a_member, members
from shared.testing.overtaken import overtaken_transaction


def ask(tx: Transaction, *texts: str) -> list[Targets | DomainError]:
    return list(look_up(tx, [parse_address(text, DOMAIN) for text in texts]))


def leads_to(tx: Transaction, text: str) -> list[tuple[int, int]]:
    (outcome,) = ask(tx, text)
    assert not isinstance(outcome, DomainError), outcome
    return [(target.account_id, target.folder_id) for target in outcome if isinstance(target, FolderTarget)]


def inbox(tx: Transaction, account_id: int) -> tuple[int, int]:
    return account_id, find_folder(tx, account_id, "INBOX").id


def test_each_address_has_an_answer_of_its_own(transaction: Transaction) -> None:
    alice, bob = members(transaction, "alice", "bob")
    outcomes = ask(
        transaction,
        "bob@example.org",
        "nobody@example.org",
        "ALICE@example.org",
        "alice@elsewhere.example",
        "bob@example.org",
    )
    assert [type(outcome) for outcome in outcomes] == [tuple, AddressNotFound, tuple, DomainNotLocal, tuple]
    assert leads_to(transaction, "alice@example.org") == [inbox(transaction, alice.id)]
    assert leads_to(transaction, "bob@example.org") == [inbox(transaction, bob.id)]


def test_detail_names_a_folder_if_there_is_one(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    tea = create_folder(transaction, alice.id, "Lists/Tea")
    for detail in ("Lists/Tea", "lists/tea", "LISTS/TEA"):
        (target,) = ask(transaction, f"alice+{detail}@example.org")[0]  # type: ignore[misc]
        assert isinstance(target, FolderTarget)
        assert (target.folder_id, target.inbox_id) == (tea.id, inbox(transaction, alice.id)[1])
    lower = create_folder(transaction, alice.id, "lists/tea")
    assert leads_to(transaction, "alice+lists/tea@example.org") == [(alice.id, lower.id)]
    assert leads_to(transaction, "alice+Lists/Tea@example.org") == [(alice.id, tea.id)]
    for detail in ("no", "", "Lists/Tea/"):
        assert leads_to(transaction, f"alice+{detail}@example.org") == [inbox(transaction, alice.id)]


def test_an_address_with_a_plus_in_it_goes_first(transaction: Transaction) -> None:
    alice, bob = members(transaction, "alice", "bob")
    create_folder(transaction, alice.id, "x")
    add_address(transaction, bob, "alice+x@example.org")
    assert leads_to(transaction, "alice+x@example.org") == [inbox(transaction, bob.id)]


def test_an_address_of_several_reaches_those_who_are_enabled(transaction: Transaction) -> None:
    alice, bob = members(transaction, "alice", "bob")
    for account in (alice, bob):
        add_address(transaction, account, "Team@example.org")
    assert leads_to(transaction, "team@example.org") == [inbox(transaction, alice.id), inbox(transaction, bob.id)]
    transaction.execute("UPDATE account SET enabled = false WHERE id = %s", (alice.id,))
    assert leads_to(transaction, "team@example.org") == [inbox(transaction, bob.id)]
    assert isinstance(ask(transaction, "alice@example.org")[0], RecipientDisabled)


def test_postmaster_and_abuse_reach_the_admins_unless_somebody_has_them(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    assert isinstance(ask(transaction, "postmaster@example.org")[0], AddressNotFound)  # no admin yet
    root, other = a_member(transaction, "root", Role.ADMIN), a_member(transaction, "other", Role.ADMIN)
    both = [inbox(transaction, root.id), inbox(transaction, other.id)]
    assert leads_to(transaction, "Postmaster") == both
    assert leads_to(transaction, "abuse+x@example.org") == both
    transaction.execute("UPDATE account SET enabled = false WHERE id = %s", (root.id,))
    assert leads_to(transaction, "POSTMASTER@example.org") == both[1:]
    assert isinstance(ask(transaction, "postmaster@elsewhere.example")[0], DomainNotLocal)
    bob = a_member(transaction, "bob")
    add_address(transaction, bob, "abuse@example.org")
    assert leads_to(transaction, "abuse@example.org") == [inbox(transaction, bob.id)]


def test_a_domains_star_has_the_mail_for_everybody_who_is_not_there(transaction: Transaction) -> None:
    alice, bob = members(transaction, "alice", "bob")
    root = a_member(transaction, "root", Role.ADMIN)
    create_folder(transaction, alice.id, "x")
    add_address(transaction, alice, "*@example.org")
    for text in ("nobody@example.org", "nobody+x@example.org", "*@example.org", '"*"@example.org'):
        assert leads_to(transaction, text) == [inbox(transaction, alice.id)]
    assert leads_to(transaction, "bob@example.org") == [inbox(transaction, bob.id)]
    assert leads_to(transaction, "bob+no@example.org") == [inbox(transaction, bob.id)]
    assert leads_to(transaction, "alice+x@example.org")[0] != inbox(transaction, alice.id)
    for text in ("Postmaster", "abuse@example.org"):
        assert leads_to(transaction, text) == [inbox(transaction, root.id)]
    ensure_domain(transaction, "example.net")
    assert isinstance(ask(transaction, "nobody@example.net")[0], AddressNotFound)
    transaction.execute("UPDATE account SET enabled = false WHERE id = %s", (bob.id,))
    assert isinstance(ask(transaction, "bob@example.org")[0], RecipientDisabled)
    add_address(transaction, root, "*@example.org")
    both = [inbox(transaction, alice.id), inbox(transaction, root.id)]
    assert leads_to(transaction, "nobody@example.org") == both
    delete_address(transaction, "*@example.org")
    assert isinstance(ask(transaction, "nobody@example.org")[0], AddressNotFound)


def test_accounts_without_an_address_in_a_domain_are_given_one(transaction: Transaction) -> None:
    alice, bob, carol = members(transaction, "alice", "bob", "carol")
    ensure_domain(transaction, "example.net")
    add_address(transaction, bob, "robert@example.net")
    add_address(transaction, bob, "carol@example.net")
    assert count_without_address(transaction, "Example.net") == 1
    transaction.commit()
    assert add_missing_addresses(transaction, "example.NET") == 1
    assert transaction.commit() == [AccountChanged(alice.id)]
    assert count_without_address(transaction, "example.net") == 0
    assert leads_to(transaction, "alice@example.net") == [inbox(transaction, alice.id)]
    assert leads_to(transaction, "carol@example.net") == [inbox(transaction, bob.id)]
    assert add_missing_addresses(transaction, "example.net") == 0
    assert count_without_address(transaction, "new.example") == len({alice.id, bob.id, carol.id})


def test_guests_receive_nothing_until_they_are_members(transaction: Transaction) -> None:
    guest = a_member(transaction, "visitor", Role.GUEST)
    assert isinstance(ask(transaction, "visitor@example.org")[0], AddressNotFound)
    transaction.execute("UPDATE account SET role = 'member' WHERE id = %s", (guest.id,))
    assert leads_to(transaction, "visitor@example.org") == [inbox(transaction, guest.id)]


def test_addresses_are_added_listed_and_deleted(transaction: Transaction) -> None:
    alice, bob = members(transaction, "alice", "bob")
    ensure_domain(transaction, "Example.NET")
    transaction.commit()
    add_address(transaction, alice, "Info@example.net")
    assert transaction.commit() == [AccountChanged(alice.id)]
    add_address(transaction, bob, "info@example.net")
    with pytest.raises(AddressExists):
        add_address(transaction, alice, "info@EXAMPLE.net")
    with pytest.raises(DomainNotLocal):
        add_address(transaction, alice, "alice@elsewhere.example")
    assert list_addresses(transaction) == [
        ("info@example.net", "alice"), ("info@example.net", "bob"),
        ("alice@example.org", "alice"), ("bob@example.org", "bob"),
    ]  # fmt: skip
    assert list_addresses(transaction, bob) == [("info@example.net", "bob"), ("bob@example.org", "bob")]
    transaction.commit()
    delete_address(transaction, "info@example.net", alice)
    assert transaction.commit() == [AccountChanged(alice.id)]
    delete_address(transaction, "info@example.net")
    assert transaction.commit() == [AccountChanged(bob.id)]
    with pytest.raises(AddressNotFound):
        delete_address(transaction, "info@example.net")


def test_domains_go_when_nobody_has_an_address_there(transaction: Transaction) -> None:
    a_member(transaction)
    assert ensure_domain(transaction, "bücher.example") == "xn--bcher-kva.example"
    assert list_domains(transaction) == ["example.org", "xn--bcher-kva.example"]
    with pytest.raises(DomainInUse):
        delete_domain(transaction, "example.org")
    delete_domain(transaction, "BÜCHER.example")
    with pytest.raises(DomainNotLocal):
        delete_domain(transaction, "bücher.example")


def test_a_domain_that_gets_an_address_while_it_is_deleted_is_in_use(
    transaction: Transaction, database_url: str
) -> None:
    alice = a_member(transaction, "alice")
    ensure_domain(transaction, "example.net")
    transaction.commit()
    store = BlockingDatabase(database_url, "tests")

    def add() -> None:
        store.transact(add_address, alice, "info@example.net")

    with overtaken_transaction(database_url, 1, add, commit=False) as tx, pytest.raises(DomainInUse):
        delete_domain(tx, "example.net")


def test_opening_a_mailbox_again_changes_nothing(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    assert open_mailbox(transaction, alice, "EXAMPLE.org") == "alice@example.org"
    assert len(list_addresses(transaction)) == 1


def test_a_room_has_its_name_at_every_domain_and_the_addresses_it_was_given(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.com")
    a_member(transaction, "alice")
    room = an_open_room(transaction, "agora.general")
    add_room_address(transaction, room, "talk@example.com")
    leads_there = [(RoomTarget(room.folder_id),)]
    for address in (
        "agora.general@example.org",
        "Agora.General@example.com",
        "general@example.org",
        "talk@example.com",
    ):
        assert ask(transaction, address) == leads_there, address
    for address in ("talk@example.org", "agora.general+x@example.org", "agora@example.org"):
        assert [type(each) for each in ask(transaction, address)] == [AddressNotFound], address
    assert [type(each) for each in ask(transaction, "agora.general@example.net")] == [DomainNotLocal]


def test_an_account_s_address_goes_before_a_room_s_and_that_before_everybody_s(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    room, other = an_open_room(transaction, "a.wool"), an_open_room(transaction, "a.tea")
    add_address(transaction, alice, "wool@example.org")
    add_address(transaction, alice, "*@example.org")
    assert leads_to(transaction, "wool@example.org") == [inbox(transaction, alice.id)]
    assert ask(transaction, "tea@example.org", "a.wool@example.org") == [
        (RoomTarget(other.folder_id),),
        (RoomTarget(room.folder_id),),
    ]


def test_a_held_post_has_two_addresses(transaction: Transaction) -> None:
    a_member(transaction, "alice")
    token = hold_post(transaction, a_post(an_open_room(transaction, moderated=True)), DOMAIN, NOW).token
    assert ask(transaction, f"approve+{token}@example.org", f"REJECT+{token}@example.org") == [
        (DecisionTarget(token, True),),
        (DecisionTarget(token, False),),
    ]
    for address in ("approve+x@example.org", "approve@example.org", f"alice2+{token}@example.org"):
        assert [type(each) for each in ask(transaction, address)] == [AddressNotFound], address


def test_a_robot_goes_behind_addresses_and_rooms_and_before_the_star(transaction: Transaction) -> None:
    alice, bob = members(transaction, "alice", "bob")
    add_address(transaction, bob, "*@example.org")

    def robot(text: str) -> tuple[str, str] | None:
        (outcome,) = ask(transaction, text)
        target = outcome[0] if isinstance(outcome, tuple) else None
        return (target.robot, target.detail) if isinstance(target, RobotTarget) else None

    assert robot("Search@example.org") == ("search", "")
    assert robot("wiki+New/Page@example.org") == ("wiki", "New/Page")
    for text in ("wiki@example.org", "wiki+@example.org", "search+x@example.org", "searches@example.org"):
        assert leads_to(transaction, text) == [inbox(transaction, bob.id)]
    add_address(transaction, alice, "wiki@example.org")
    an_open_room(transaction, "local.search")
    assert leads_to(transaction, "wiki+New/Page@example.org") == [inbox(transaction, alice.id)]
    assert isinstance(ask(transaction, "search@example.org")[0][0], RoomTarget)  # type: ignore[index]
