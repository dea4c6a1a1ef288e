"""Mail to a room's address is a post by the room's policy; mail to a decision's address decides."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.room_replies import REFUSALS
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.written_text import written_text
from shared.accounts.find_account import find_account
from shared.database.errors import StoreUnavailable
from shared.database.transaction import Transaction
from shared.folders.errors import MessageTooLarge
from shared.rooms import errors as rooms
from shared.rooms.moderation.held import list_held
from shared.rooms.moderators import add_moderator
from shared.rooms.room import Posters
from shared.rooms.tests.build import a_post, an_article, posted
from shared.testing.error_replies import errors_of

Serve = Callable[[Policy], int]
BODY = b"\r\n\r\nAt four?\r\n"
POST = (
    b"From: bob@example.test\r\nSubject: tea\r\nMessage-ID: <1@x.test>\r\nDate: Mon, 01 Jul 2024 09:00:00 +0000" + BODY
)


@contextmanager
def client_of(port: int, user: str = "") -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        if user:
            client.login(user, "correct horse")
        yield client


def refused(client: smtplib.SMTP, to: str | list[str], octets: bytes = POST, sender: str = "bob@example.test") -> str:
    with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)) as caught:
        client.sendmail(sender, to, octets)
    error: Any = caught.value
    if isinstance(error, smtplib.SMTPDataError):
        code, text = error.smtp_code, error.smtp_error
    else:
        ((code, text),) = error.recipients.values()
    return f"{code} {text.decode() if isinstance(text, bytes) else text}"


def test_mail_to_a_room_is_a_post_with_its_fields_on_top(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        client.sendmail("bob@elsewhere.test", ["local.tea@example.test"], POST)
    (kept,) = mail.articles(room)
    assert kept.endswith(POST)
    lines = kept.removesuffix(POST).split(b"\r\n")
    names = [line.partition(b":")[0].decode() for line in lines if line and line[:1] != b"\t"]
    assert names == ["Path", "Newsgroups", "Injection-Info", "List-Id", "List-Post", "Return-Path", "Received"]
    assert b"Newsgroups: local.tea" in lines
    assert b"List-Id: <local.tea.example.test>" in lines


def test_the_reply_has_the_id_that_the_log_has_and_the_message_id(mail: Mail, serve: Serve) -> None:
    mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        client.ehlo()
        client.mail("bob@elsewhere.test")
        client.rcpt("local.tea@example.test")
        code, text = client.data(POST)
    assert code == 250
    assert re.fullmatch(rb"2\.0\.0 taken as [0-9a-f]+: <1@x\.test> is posted", text)


def test_several_rooms_are_one_crosspost_and_mailboxes_get_the_same_message(mail: Mail, serve: Serve) -> None:
    first, second = mail.make_room("local.tea"), mail.make_room("local.wool")
    with client_of(serve(RELAY)) as client:
        client.sendmail(
            "bob@elsewhere.test", ["tea@example.test", "alice@example.test", "local.wool@example.test"], POST
        )
    (kept,) = mail.articles(first)
    assert mail.articles(second) == [kept]
    assert b"\r\nNewsgroups: local.tea,local.wool\r\n" in kept
    assert mail.inbox("alice") == [kept]


def test_what_is_sent_again_after_a_lost_answer_is_taken_and_is_there_once(mail: Mail, serve: Serve) -> None:
    room, other = mail.make_room("local.tea"), mail.make_room("local.wool")
    with client_of(serve(RELAY)) as client:
        for _ in range(2):
            client.sendmail("bob@elsewhere.test", ["local.tea@example.test"], POST)
        assert refused(client, "local.wool@example.test").startswith("550 5.6.0 a post with this Message-ID has come")
    assert len(mail.articles(room)) == 1
    assert mail.articles(other) == []


def test_members_rooms_ask_for_a_sign_in_before_the_message(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.members", posting=Posters.MEMBERS)
    mail.make_room("rss.planet", fed=True)
    with client_of(serve(RELAY)) as client:
        assert refused(client, "local.members@example.test") == (
            "550 5.7.1 only members post to local.members: sign in, and send through the submission port"
        )
        assert refused(client, "rss.planet@example.test") == (
            "550 5.7.1 a feed fills rss.planet; nobody else posts there"
        )
    with client_of(serve(SUBMISSION), "bob") as client:
        client.sendmail("bob@example.test", ["local.members@example.test"], POST)
        assert refused(client, "rss.planet@example.test").startswith("550 5.7.1 a feed fills")
    assert len(mail.articles(room)) == 1


@pytest.mark.parametrize(
    ("field", "reply"),
    [
        (b"List-Id: Tea <local.tea.example.test>\r\n", "554 5.4.6"),
        (b"Auto-Submitted: auto-replied\r\n", "550 5.7.1"),
        (b"Auto-Submitted: auto-generated; x=y\r\n", "550 5.7.1"),
        (b"Precedence: bulk\r\n", "550 5.7.1"),
        (b"Precedence: junk\r\n", "550 5.7.1"),
        (b"Subject: again\r\n", "550 5.6.0 there is more than one Subject"),
        (b"Xref: elsewhere a.b:1\r\n", "550 5.6.0 Xref is for the server to write"),
        (b"Approved: me@example.test\r\n", "550 5.7.1 only moderators put Approved"),
    ],
)
def test_loops_automatic_mail_and_unfit_posts_are_refused(mail: Mail, serve: Serve, field: bytes, reply: str) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        said = refused(client, ["local.tea@example.test", "alice@example.test"], field + POST)
    assert said.startswith(reply)
    assert mail.articles(room) == []
    assert mail.inbox("alice") == []


@pytest.mark.parametrize(
    "field", [b"Auto-Submitted: no\r\n", b"Precedence: list\r\n", b"List-Id: <x.elsewhere.test>\r\n"]
)
def test_another_list_and_what_a_person_wrote_are_posts(mail: Mail, serve: Serve, field: bytes) -> None:
    room = mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        client.sendmail("bob@elsewhere.test", ["local.tea@example.test"], field + POST)
    assert len(mail.articles(room)) == 1


def test_a_bounce_is_no_post(mail: Mail, serve: Serve) -> None:
    mail.make_room("local.tea")
    with client_of(serve(RELAY)) as client:
        assert refused(client, "local.tea@example.test", sender="").startswith("550 5.7.1")


def test_by_lmtp_each_recipient_has_its_own_reply(mail: Mail, serve: Serve) -> None:
    room = mail.make_room("local.tea")
    with smtplib.LMTP("127.0.0.1", serve(LMTP)) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("bob@elsewhere.test")
        for name in ("alice", "local.tea", "full"):
            client.rcpt(f"{name}@example.test")
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(b"Precedence: bulk\r\n" + POST + b".\r\n")
        replies = [client.getreply()[0] for _ in range(2)]
    assert replies == [250, 550]
    assert mail.articles(room) == []
    assert len(mail.inbox("alice")) == 1


@pytest.mark.parametrize("size", [10, 3 << 18])
def test_a_post_as_large_as_a_message_may_be_is_kept(mail: Mail, serve: Serve, size: int) -> None:
    room = mail.make_room("local.tea")
    octets = POST + b"x" * size + b"\r\n"
    with client_of(serve(RELAY)) as client:
        client.sendmail("bob@elsewhere.test", ["local.tea@example.test", "bob@example.test"], octets)
    (kept,) = mail.articles(room)
    assert kept.endswith(octets)
    assert mail.inbox("bob") == [kept]


def test_a_moderator_decides_by_mail(mail: Mail, serve: Serve, transaction: Transaction) -> None:
    room = mail.make_room("local.tea", moderated=True)
    add_moderator(transaction, room, find_account(transaction, "bob"))
    transaction.commit()
    relay, submission = serve(RELAY), serve(SUBMISSION)
    with client_of(relay) as client:
        for number in (1, 2):
            octets = POST.replace(b"<1@", b"<%d@" % number)
            client.sendmail("carol@elsewhere.test", ["local.tea@example.test"], octets)
        client.sendmail("carol@elsewhere.test", ["local.tea@example.test"], POST)  # again: it is held already
    first, second = [line.token for line in list_held(transaction)]
    transaction.commit()
    assert len(mail.inbox("bob")) == 2
    assert mail.articles(room) == []

    with client_of(relay) as client:
        assert refused(client, f"approve+{first}@example.test").startswith("550 5.7.1 sign in to decide")
    with client_of(submission, "nearly") as client:
        assert refused(client, f"approve+{first}@example.test", sender="nearly@example.test").startswith(
            "550 5.7.1 only moderators"
        )
    with client_of(submission, "bob") as client:
        reply = b"From: bob@example.test\r\nSubject: Re: To be approved\r\n\r\nYes.\r\n"
        client.sendmail("bob@example.test", [f"approve+{first}@example.test"], reply)
        client.sendmail("bob@example.test", [f"reject+{second}@example.test"], reply)
        assert refused(client, f"reject+{first}@example.test", reply).startswith("550 5.7.1 somebody has decided")
    (kept,) = mail.articles(room)
    assert kept.startswith(b"Approved: bob@example.test\r\nPath: ")
    assert transaction.value("SELECT reason FROM held WHERE token = %s", (second,)) == "Yes."


def test_the_reason_is_what_the_moderator_wrote() -> None:
    quoted = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nNot h=C3=A9re.\r\n> the post\r\n-- \r\nBob\r\n--b--\r\n"
    )
    assert written_text(quoted) == "Not hére."
    for broken in (
        b"",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff\r\n",
        b"Content-Type: text/html\r\n\r\nx",
    ):
        assert isinstance(written_text(broken), str)


def test_every_error_of_rooms_has_a_reply_and_temporary_ones_a_temporary_one() -> None:
    elsewhere = {
        *(rooms.RoomExists, rooms.BadRoomName, rooms.RoomAddressTaken, rooms.RoomAddressNotFound),
        *(rooms.ModeratorNotFound, rooms.MayNotRead),
    }
    wanted = {error for error in errors_of(rooms) if error not in elsewhere}
    missing = {error for error in wanted if not any(kind in REFUSALS for kind in error.__mro__)}
    assert missing == set()
    for error, (code, *_) in REFUSALS.items():
        assert (code < 500) == error.temporary, error
    assert MessageTooLarge in REFUSALS
    assert StoreUnavailable not in REFUSALS


def test_a_room_for_replies_takes_an_answer_to_what_is_there_and_says_why_it_takes_nothing_else(
    mail: Mail, serve: Serve
) -> None:
    room = mail.make_room("local.changes", replies_only=True)
    posted(mail.transaction, a_post(room, octets=an_article("Page", identifier="<page@example.test>")))
    mail.transaction.commit()
    reply = b"In-Reply-To: <page@example.test>\r\n" + POST
    with client_of(serve(SUBMISSION), "bob") as client:
        said = refused(client, "local.changes@example.test")
        assert said == "550 5.7.1 local.changes takes replies only: answer one of its messages"
        client.sendmail("bob@example.test", ["local.changes@example.test"], reply)
    assert len(mail.articles(room)) == 2
