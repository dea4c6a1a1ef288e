"""Delivery: committed, announced, all or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from twisted.internet.defer import Deferred, gatherResults

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.bodies import load_bodies
from shared.folders.channel import FOLDERS
from shared.folders.create_folder import create_folder
from shared.folders.delete_folder import delete_folder
from shared.folders.errors import QuotaExceeded
from shared.folders.find_folders import find_folder
from shared.folders.open_folder import open_folder
from shared.mail.addresses import add_address
from shared.mail.deliver import Delivery, Incoming
from shared.mail.intake import MessageIntake
from shared.mail.mailbox import Mailbox
from shared.mail.resolve import Resolver, Targets
from shared.testing.builders import DOMAIN, a_member, folder_by_id, members
from shared.testing.reactor import running_reactor
from shared.testing.until import until

SENDER = Mailbox("somebody", "elsewhere.example")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEA = b"Subject: tea\r\n\r\nAt four?\r\n"


def inbox_of(tx: Transaction, account_id: int) -> int:
    return find_folder(tx, account_id, "INBOX").id


def split(address: str) -> tuple[str, str]:
    local_part, _, domain = address.partition("@")
    return local_part, domain


async def targets_of(database: Database, *addresses: str) -> list[Targets]:
    resolver = Resolver(database, DOMAIN)
    return [await resolver.resolve(local_part, domain) for local_part, domain in map(split, addresses)]


async def test_every_recipient_has_the_message_once(database: Database, bus: Bus) -> None:
    alice, bob = await database.transact(members, "alice", "bob")
    await database.transact(add_address, alice, "tea@example.org")
    delivery = Delivery(MessageIntake(database, running_reactor()))
    targets = await targets_of(database, "alice@example.org", "bob@example.org", "tea@example.org")

    delivered = await delivery.deliver(Incoming(TEA, SENDER, targets, NOW))

    inboxes = [await database.read(inbox_of, account.id) for account in (alice, bob)]
    assert [place.folder_id for place in delivered.places] == inboxes
    for inbox in inboxes:
        snapshot = await database.read(open_folder, inbox)
        assert list(snapshot.message_ids) == [delivered.message_id]
    assert await database.read(lambda tx: dict(load_bodies(tx, [delivered.message_id]))) == {delivered.message_id: TEA}


async def test_whoever_watches_is_woken_after_the_commit(database: Database, bus: Bus) -> None:
    alice = await database.transact(a_member, "alice")
    inbox = await database.read(inbox_of, alice.id)
    told: list[int | None] = []
    watch = bus.watch(FOLDERS, inbox, told.append)
    await until(lambda: bus.is_connected and None in told)  # from now on it is heard

    delivery = Delivery(MessageIntake(database, running_reactor()))
    await delivery.deliver(Incoming(TEA, SENDER, await targets_of(database, "alice@example.org"), NOW))

    modseq = (await database.read(folder_by_id, inbox)).highest_modseq
    await until(lambda: modseq in told)
    watch.stop()


async def test_a_full_mailbox_refuses_for_all(database: Database, bus: Bus) -> None:
    bob = await database.transact(a_member, "bob")
    await database.transact(a_member, "full", quota_octets=1)
    delivery = Delivery(MessageIntake(database, running_reactor()))
    with pytest.raises(QuotaExceeded):
        await delivery.deliver(
            Incoming(TEA, SENDER, await targets_of(database, "bob@example.org", "full@example.org"), NOW)
        )
    assert (await database.read(folder_by_id, await database.read(inbox_of, bob.id))).messages == 0


async def test_an_account_that_has_any_room_may_be_given_one_message_over_its_quota(
    database: Database, bus: Bus
) -> None:
    full = await database.transact(a_member, "full", quota_octets=len(TEA) - 1)
    delivery = Delivery(MessageIntake(database, running_reactor()))
    targets = await targets_of(database, "full@example.org")
    with pytest.raises(QuotaExceeded):
        await delivery.deliver(Incoming(TEA, SENDER, targets, NOW))
    await delivery.deliver(Incoming(TEA, SENDER, targets, NOW, over_quota=True))
    with pytest.raises(QuotaExceeded):
        await delivery.deliver(Incoming(TEA, SENDER, targets, NOW, over_quota=True))
    assert (await database.read(folder_by_id, await database.read(inbox_of, full.id))).messages == 1


async def test_of_several_with_one_address_one_is_enough(database: Database, bus: Bus) -> None:
    bob = await database.transact(a_member, "bob")
    full = await database.transact(a_member, "full", quota_octets=1)
    for account in (bob, full):
        await database.transact(add_address, account, "team@example.org")
    delivery = Delivery(MessageIntake(database, running_reactor()))

    delivered = await delivery.deliver(Incoming(TEA, SENDER, await targets_of(database, "team@example.org"), NOW))

    assert [place.folder_id for place in delivered.places] == [await database.read(inbox_of, bob.id)]


async def test_a_folder_that_went_meanwhile_leaves_it_to_the_inbox(database: Database, bus: Bus) -> None:
    alice, bob = await database.transact(members, "alice", "bob")
    await database.transact(create_folder, alice.id, "tea")
    targets = await targets_of(database, "alice+tea@example.org", "bob@example.org")
    await database.transact(delete_folder, alice.id, "tea")
    delivery = Delivery(MessageIntake(database, running_reactor()))

    delivered = await delivery.deliver(Incoming(TEA, SENDER, targets, NOW))

    inboxes = [await database.read(inbox_of, account.id) for account in (alice, bob)]
    assert [place.folder_id for place in delivered.places] == inboxes


async def test_many_at_once_share_commits_and_all_arrive(database: Database, bus: Bus) -> None:
    accounts = await database.transact(members, *(f"m{number}" for number in range(7)))
    intake = MessageIntake(database, running_reactor())
    delivery = Delivery(intake)
    resolver = Resolver(database, DOMAIN)

    async def deliver(number: int) -> int:
        targets = await resolver.resolve(f"m{number % 7}", DOMAIN)
        octets = TEA if number % 10 else TEA * 4000  # some are rendered in a thread
        return (await delivery.deliver(Incoming(octets, SENDER, [targets], NOW))).message_id

    ids = await gatherResults([Deferred.fromCoroutine(deliver(number)) for number in range(300)])

    assert len(set(ids)) == 300
    found = []
    for account in accounts:
        snapshot = await database.read(open_folder, await database.read(inbox_of, account.id))
        assert list(snapshot.uids) == list(range(1, len(snapshot.uids) + 1))
        found += list(snapshot.message_ids)
    assert sorted(found) == sorted(ids)
    await intake.close()
