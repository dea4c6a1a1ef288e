"""Requests of addresses elsewhere: nobody is subscribed who did not say so, and nobody is asked often."""

from __future__ import annotations

import re

import pytest

from shared.database.transaction import Transaction
from shared.outbound.errors import TooManyQuestions
from shared.outbound.questions import MOST_FOR_NETWORK, MOST_IN_ALL, MOST_TO_ADDRESS
from shared.rooms.change_room import change_room
from shared.rooms.create_room import create_room
from shared.rooms.room import Readers, Room
from shared.rooms.subscriptions.elsewhere.ask import (
    ask_elsewhere,
    confirm_elsewhere,
)
from shared.rooms.subscriptions.elsewhere.errors import ElsewhereNotTaken, TooManyElsewhere
from shared.rooms.subscriptions.elsewhere.subscribe import MOST_SUBSCRIBERS
from shared.rooms.subscriptions.elsewhere.subscriber import elsewhere, list_elsewhere
from shared.rooms.subscriptions.elsewhere.tests.build import in_queue, remote
from shared.rooms.subscriptions.errors import RequestNotFound
from shared.rooms.tests.build import NOW, an_open_room

CONFIRM = re.compile(rb"confirm\+([0-9a-f]{32})@example\.org")


def ask(tx: Transaction, room: Room, address: str, verb: str = "subscribe", network: str = "192.0.2.1") -> None:
    ask_elsewhere(tx, room.folder_id, elsewhere(address), verb, network, "example.org", NOW)


def token(tx: Transaction) -> str:
    """That of the last question."""
    found = CONFIRM.search(in_queue(tx)[-1].octets)
    assert found is not None
    return found[1].decode()


def subscribed(tx: Transaction, room: Room) -> list[tuple[str, str]]:
    return [(each.address, each.kind.value) for each in list_elsewhere(tx, room)]


def test_address_is_asked_and_its_answer_subscribes_it_once(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    ask(transaction, room, "Bob@Far.test", "digest")
    assert subscribed(transaction, room) == []
    (question,) = in_queue(transaction)
    assert question[:4] == ("", "Bob@far.test", None, "")
    assert b"Auto-Submitted: auto-replied\r\n" in question.octets
    assert b"\r\nTo: Bob@far.test\r\n" in question.octets
    answer = token(transaction)
    assert confirm_elsewhere(transaction, answer, "example.org", NOW).startswith(
        f"You are sent the posts of {room.name}"
    )
    assert subscribed(transaction, room) == [("Bob@far.test", "digest")]
    with pytest.raises(RequestNotFound):
        confirm_elsewhere(transaction, answer, "example.org", NOW)


def test_confirmation_that_is_replayed_does_not_bring_back_who_has_left(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    ask(transaction, room, "bob@far.test")
    first = token(transaction)
    confirm_elsewhere(transaction, first, "example.org", NOW)
    ask(transaction, room, "bob@far.test", "unsubscribe")
    confirm_elsewhere(transaction, token(transaction), "example.org", NOW)
    assert subscribed(transaction, room) == []
    with pytest.raises(RequestNotFound):
        confirm_elsewhere(transaction, first, "example.org", NOW)
    assert subscribed(transaction, room) == []


def test_old_question_is_answered_in_vain(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    ask(transaction, room, "bob@far.test")
    transaction.execute("UPDATE remote_request SET asked_at = now() - interval '4 days'")
    with pytest.raises(RequestNotFound):
        confirm_elsewhere(transaction, token(transaction), "example.org", NOW)


def test_second_request_within_an_hour_sends_nothing(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    for address in ("bob@far.test", "BOB@far.test", "bob@FAR.test"):
        ask(transaction, room, address)
    assert len(in_queue(transaction)) == 1


def test_address_is_asked_three_times_a_day_in_all_rooms(transaction: Transaction) -> None:
    rooms = [an_open_room(transaction, f"local.r{number}") for number in range(MOST_TO_ADDRESS + 1)]
    for number, room in enumerate(rooms[:-1]):
        ask(transaction, room, "bob@far.test", network=f"192.0.2.{number}")
    with pytest.raises(TooManyQuestions):
        ask(transaction, rooms[-1], "Bob@far.test", network="192.0.2.99")
    ask(transaction, rooms[-1], "ann@far.test", network="192.0.2.99")


def test_network_asks_for_so_many_in_an_hour(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    for number in range(MOST_FOR_NETWORK):
        ask(transaction, room, f"victim{number}@far.test")
    with pytest.raises(TooManyQuestions):
        ask(transaction, room, "one-more@far.test")
    ask(transaction, room, "bob@far.test", network="198.51.100.1")
    transaction.execute("UPDATE remote_question SET asked_at = now() - interval '2 hours'")
    ask(transaction, room, "ann@far.test")


def test_all_networks_together_have_so_many_asked(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    transaction.execute(
        "INSERT INTO remote_question (address, network) SELECT 'v' || n || '@far.test', 'n' || n"
        " FROM generate_series(1, %s) AS n",
        (MOST_IN_ALL,),
    )
    with pytest.raises(TooManyQuestions):
        ask(transaction, room, "bob@far.test")


def test_who_is_not_subscribed_is_sent_nothing_about_leaving(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    ask(transaction, room, "bob@far.test", "unsubscribe")
    assert in_queue(transaction) == []


def test_policy_says_whether_addresses_elsewhere_may_subscribe(transaction: Transaction) -> None:
    public, private = an_open_room(transaction), create_room(transaction, "local.board")
    assert private.reading is Readers.MEMBERS
    with pytest.raises(ElsewhereNotTaken):
        ask(transaction, private, "bob@far.test")
    ask(transaction, change_room(transaction, private, {"elsewhere": True}), "bob@far.test")
    with pytest.raises(ElsewhereNotTaken):
        ask(transaction, change_room(transaction, public, {"elsewhere": False}), "ann@far.test")
    assert len(in_queue(transaction)) == 1


def test_room_that_closed_meanwhile_subscribes_nobody(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    ask(transaction, room, "bob@far.test")
    change_room(transaction, room, {"reading": Readers.MEMBERS})
    with pytest.raises(ElsewhereNotTaken):
        confirm_elsewhere(transaction, token(transaction), "example.org", NOW)


def test_subscribers_of_a_room_are_bounded(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    transaction.execute(
        "INSERT INTO remote_subscriber (folder_id, position, address, domain, kind, token)"
        " SELECT %s, 0, 'a' || n || '@far.test', 'far.test', 'each', n::text FROM generate_series(1, %s) AS n",
        (room.folder_id, MOST_SUBSCRIBERS),
    )
    with pytest.raises(TooManyElsewhere):
        remote(transaction, room, "bob@far.test")
