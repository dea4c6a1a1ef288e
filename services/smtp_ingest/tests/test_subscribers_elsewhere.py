"""Addresses elsewhere subscribe to rooms by mail, leave them by mail, and their bounces are counted."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator

import pytest

from services.smtp_ingest.policy import RELAY, Policy
from services.smtp_ingest.tests.conftest import Mail
from shared.outbound.questions import MOST_FOR_NETWORK
from shared.rooms.room import Readers, Room
from shared.rooms.subscriptions.elsewhere.subscriber import list_elsewhere
from shared.rooms.subscriptions.elsewhere.tests.build import in_queue, remote
from shared.rooms.subscriptions.elsewhere.tests.test_bounces import REPORT, days_pass

Serve = Callable[[Policy], int]
SUBSCRIBE = "tea+subscribe@example.test"
EMPTY = b"From: jones@remote.test\r\nSubject: anything\r\nTo: x\r\n\r\n"
CONFIRM = re.compile(rb"confirm\+[0-9a-f]{32}@example\.test")


@pytest.fixture
def room(mail: Mail) -> Room:
    return mail.make_room("local.tea")


@pytest.fixture
def client(serve: Serve, room: Room) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as one:
        one.ehlo()
        yield one


def subscribed(mail: Mail, room: Room) -> list[tuple[str, str, int]]:
    found = [(each.address, each.kind.value, each.bounces) for each in list_elsewhere(mail.transaction, room)]
    mail.transaction.commit()
    return found


def questions(mail: Mail) -> list[str]:
    """The addresses that confirm what was asked for."""
    found = [CONFIRM.search(each.octets) for each in in_queue(mail.transaction)]
    mail.transaction.commit()
    return [each[0].decode() for each in found if each is not None]


def says(client: smtplib.SMTP, sender: str, recipient: str, message: bytes = EMPTY) -> str:
    """The reply to RCPT where it refuses, else to the message."""
    client.rset()
    client.mail(sender)
    code, said = client.rcpt(recipient)
    if code == 250:
        code, said = client.data(message)
    return f"{code} {said.decode()}"


def test_address_subscribes_and_leaves_when_it_has_confirmed(mail: Mail, room: Room, client: smtplib.SMTP) -> None:
    assert says(client, "jones@remote.test", SUBSCRIBE).endswith(": a message in your mailbox asks whether it was you")
    assert subscribed(mail, room) == []
    (confirm,) = questions(mail)
    assert says(client, "jones@remote.test", confirm.upper()).startswith("250 ")
    assert subscribed(mail, room) == [("jones@remote.test", "each", 0)]
    assert says(client, "jones@remote.test", confirm) == "550 5.1.1 no such mailbox here"
    assert says(client, "jones@remote.test", "local.tea+unsubscribe@example.test").startswith("250 ")
    assert says(client, "jones@remote.test", questions(mail)[-1]).startswith("250 ")
    assert subscribed(mail, room) == []


def test_answer_that_a_program_wrote_confirms_nothing(mail: Mail, room: Room, client: smtplib.SMTP) -> None:
    says(client, "jones@remote.test", SUBSCRIBE)
    (confirm,) = questions(mail)
    for sender, message in (("jones@remote.test", b"Auto-Submitted: auto-replied\r\n" + EMPTY), ("", EMPTY)):
        assert says(client, sender, confirm, message).startswith("550 5.7.1 rooms take no automatic replies")
    assert subscribed(mail, room) == []


def test_nobody_can_have_many_asked(mail: Mail, room: Room, client: smtplib.SMTP) -> None:
    for number in range(MOST_FOR_NETWORK):
        assert says(client, f"victim{number}@remote.test", SUBSCRIBE).startswith("250 ")
    wanted = "450 4.7.1 too many requests in a short time, try later"
    assert says(client, "one-more@remote.test", SUBSCRIBE) == wanted
    assert len(in_queue(mail.transaction)) == MOST_FOR_NETWORK


def test_what_no_mail_goes_to_and_what_the_room_does_not_take_is_refused(mail: Mail, client: smtplib.SMTP) -> None:
    mail.make_room("local.board", reading=Readers.MEMBERS)
    assert says(client, "jones@elsewhere.test", SUBSCRIBE) == (
        "550 5.7.1 posts are sent to mailboxes of this server only, and jones@elsewhere.test is none"
    )
    assert says(client, "jones@remote.test", "board+subscribe@example.test") == (
        "550 5.7.1 the posts of local.board are sent to nobody at other servers"
    )
    assert not in_queue(mail.transaction)


def test_bounces_to_the_envelopes_sender_end_the_subscription(mail: Mail, room: Room, client: smtplib.SMTP) -> None:
    bounce = f"bounce+{remote(mail.transaction, room, 'jones@remote.test')}@example.test"
    mail.transaction.commit()
    wanted = "550 5.7.1 this return address takes bounces only, which have no sender"
    assert says(client, "eve@remote.test", bounce, REPORT) == wanted
    assert says(client, "", bounce, b"Subject: On holiday\r\n\r\n").endswith(": no report of a failure")
    assert subscribed(mail, room) == [("jones@remote.test", "each", 0)]
    for _ in range(2):
        assert says(client, "", bounce, REPORT).endswith(": the bounce is counted")
    assert subscribed(mail, room) == [("jones@remote.test", "each", 1)]
    days_pass(mail.transaction, 1)
    mail.transaction.commit()
    assert says(client, "", bounce.upper(), REPORT).startswith("250 ")
    assert subscribed(mail, room) == []
    mail.resolver.forget()
    assert says(client, "", bounce, REPORT) == "550 5.1.1 no such mailbox here"


def test_token_of_the_list_unsubscribe_field_is_proof_enough(mail: Mail, room: Room, client: smtplib.SMTP) -> None:
    token = remote(mail.transaction, room, "jones@remote.test")
    mail.transaction.commit()
    assert says(client, "other@remote.test", "unsubscribe+" + "0" * 32 + "@example.test").startswith("550 5.1.1 ")
    unsubscribe = f"unsubscribe+{token}@example.test"
    assert says(client, "other@remote.test", unsubscribe).endswith(": no more posts of local.tea are sent")
    assert subscribed(mail, room) == []
