"""Posts by mail are asked for by mail: at once for who has signed in, else when the mailbox's owner says so."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_rooms import client_of, refused
from shared.messages.header_fields import HeaderFields
from shared.rooms.addresses import add_room_address
from shared.rooms.posts.list_mail import is_automatic
from shared.rooms.room import Room
from shared.rooms.subscriptions.list_subscriptions import list_subscriptions

Serve = Callable[[Policy], int]
EMPTY = b"From: bob@example.test\r\nSubject: anything\r\nTo: x\r\n\r\n"
CONFIRM = re.compile(rb"confirm\+[0-9a-f]{32}@example\.test")


def subscribed(mail: Mail, room: Room) -> list[tuple[str, str]]:
    found = [(each.account, each.kind.value) for each in list_subscriptions(mail.transaction, room)]
    mail.transaction.commit()
    return found


def test_who_has_signed_in_subscribes_and_leaves_by_mail(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(SUBMISSION), "bob") as client:
        for verb, kinds in (("subscribe", ["each"]), ("DIGEST", ["digest"]), ("unsubscribe", [])):
            client.sendmail("bob@example.test", [f"local.tea+{verb}@example.test"], EMPTY)
            assert subscribed(mail, room) == [("bob", kind) for kind in kinds]
        assert refused(client, "local.tea+unsubscribe@example.test", EMPTY) == (
            "550 5.7.1 you are not sent the posts of this room"
        )
    told = mail.inbox("bob")
    assert [HeaderFields(each).value(HeaderFields(each).find(b"subject")[0]).strip() for each in told] == [
        b"Subscription: local.tea",
        b"Daily digest: local.tea",
        b"End of subscription: local.tea",
    ]
    assert mail.articles(room) == []


def test_the_account_is_the_one_that_signed_in_whatever_from_says(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["tea+subscribe@example.test"], EMPTY.replace(b"bob@", b"alice@"))
    assert subscribed(mail, room) == [("bob", "each")]


@pytest.mark.parametrize(("policy", "speaks"), [(RELAY, smtplib.SMTP), (LMTP, smtplib.LMTP)])
def test_a_sender_who_is_not_proved_is_asked_once_and_a_reply_confirms(
    mail: Mail, serve: Serve, policy: Policy, speaks: type[smtplib.SMTP]
) -> None:
    room = mail.make_room("local.tea")
    with speaks("127.0.0.1", serve(policy)) as client:
        for _ in range(3):
            client.sendmail("bob@example.test", ["local.tea+subscribe@example.test"], EMPTY)
        assert subscribed(mail, room) == []
        (question,) = mail.inbox("bob")
        assert question.startswith(b"Return-Path: <>\r\nFrom: local.tea <confirm+")
        confirm = CONFIRM.findall(question)[0].decode()
        client.sendmail("carol@elsewhere.test", [confirm], EMPTY)  # whoever reads bob's mail has it forwarded
        assert subscribed(mail, room) == [("bob", "each")]
        assert refused(client, confirm, EMPTY)[:9] == "550 5.1.1"
        client.sendmail("bob@example.test", ["local.tea+unsubscribe@example.test"], EMPTY)
        assert subscribed(mail, room) == [("bob", "each")]
        client.sendmail("bob@example.test", [CONFIRM.findall(mail.inbox("bob")[-1])[0].decode()], EMPTY)
    assert subscribed(mail, room) == []


def test_a_question_is_not_answered_by_programs_and_holds_for_three_days(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        client.sendmail("bob@example.test", ["local.tea+subscribe@example.test"], EMPTY)
        (question,) = mail.inbox("bob")
        assert is_automatic(HeaderFields(question[: question.index(b"\r\n\r\n") + 2]))
        confirm = CONFIRM.findall(question)[0].decode()
        for away in (b"Auto-Submitted: auto-replied\r\n", b"Precedence: bulk\r\n"):
            assert refused(client, confirm, away + EMPTY).startswith("550 5.7.1 rooms take no automatic")
        assert refused(client, confirm, EMPTY, sender="").startswith("550 5.7.1 rooms take no automatic")
        mail.transaction.execute("UPDATE subscription_request SET asked_at = now() - interval '3 days'")
        mail.transaction.commit()
        assert refused(client, confirm, EMPTY)[:9] == "550 5.1.1"
        client.sendmail("bob@example.test", ["local.tea+subscribe@example.test"], EMPTY)  # asked anew
    assert len(mail.inbox("bob")) == 2
    assert subscribed(mail, room) == []


@pytest.mark.parametrize("sender", ["carol@elsewhere.test", "nobody@example.test", "local.tea@example.test"])
def test_posts_go_to_mailboxes_of_this_server_only(mail: Mail, serve: Serve, sender: str) -> None:
    mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        said = refused(client, "local.tea+subscribe@example.test", EMPTY, sender=sender)
    assert said == f"550 5.7.1 posts are sent to mailboxes of this server only, and {sender} is none"


def test_help_is_for_who_has_signed_in(mail: Mail, serve: Serve) -> None:
    mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        assert refused(client, "local.tea+help@example.test", EMPTY).startswith("550 5.7.1 sign in to ask")
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["local.tea+help@example.test"], EMPTY)
    (told,) = mail.inbox("bob")
    for verb in ("subscribe", "digest", "unsubscribe", "help"):
        assert f"local.tea+{verb}@example.test".encode() in told


def test_a_room_of_that_name_goes_before_a_request_and_other_names_of_a_room_take_requests(
    mail: Mail, serve: Serve
) -> None:
    plain, plus, language = (mail.make_room(name) for name in ("local.a", "local.a+subscribe", "comp.lang.c++"))
    add_room_address(mail.transaction, language, "cpp@example.test")
    mail.transaction.commit()
    with client_of(serve(SUBMISSION), "bob") as client:
        for address in ("local.a+subscribe", "comp.lang.c+++subscribe"):
            client.sendmail("bob@example.test", [f"{address}@example.test"], EMPTY)
        assert (subscribed(mail, plain), subscribed(mail, language)) == ([], [("bob", "each")])
        assert len(mail.articles(plus)) == 1
        client.sendmail("bob@example.test", ["cpp+unsubscribe@example.test"], EMPTY)
    assert subscribed(mail, language) == []


def test_a_request_beside_a_post_and_a_mailbox_is_one_transaction(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    everyone = [f"{name}@example.test" for name in ("local.tea+subscribe", "local.tea", "alice")]
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", everyone, EMPTY)
    assert subscribed(mail, room) == [("bob", "each")]
    assert (len(mail.articles(room)), len(mail.inbox("alice"))) == (1, 1)


def test_received_says_nothing_of_where_a_member_is_who_posts_to_a_room(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["local.tea@example.test", "alice@example.test"], EMPTY)
        client.sendmail("bob@example.test", ["alice@example.test"], EMPTY)
    with client_of(serve(RELAY)) as client:
        client.sendmail("carol@elsewhere.test", ["local.tea@example.test"], EMPTY)
    by_member, by_stranger = mail.articles(room)
    assert b"127.0.0.1" not in by_member
    assert re.search(rb"\r\nReceived: by \S+ with ESMTPA id [0-9a-f]+;\r\n\t", by_member)
    assert b"\r\nReceived: from " in by_stranger
    assert b"([127.0.0.1])" in by_stranger
    to_room_too, alone = mail.inbox("alice")
    assert b"127.0.0.1" not in to_room_too
    assert b"Received: from " in alone
