"""A maildrop stays as it was, one session holds it, and QUIT commits."""

from __future__ import annotations

import hashlib
import poplib
import re
from typing import Any
from uuid import uuid4

import pytest

from services.mail_access.pop3.commands.retrieve import WHOLE_OCTETS
from services.mail_access.pop3.tests.conftest import Mail
from services.mail_access.pop3.top import Top
from shared.accounts.change_account import disable_account
from shared.accounts.channel import AccountChanged
from shared.accounts.revocation import Revocation
from shared.folders.expunge import expunge
from shared.folders.flags import SEEN
from shared.mail.maildrop_lease import renew_maildrops, take_maildrop
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor

LETTER = b"Subject: tea\r\n\r\nAt four?\r\n"


def signed_in(mail: Mail, name: str = "alice") -> poplib.POP3:
    client = poplib.POP3("127.0.0.1", mail.port, timeout=30)
    client.user(name)
    client.pass_("correct horse")
    return client


def retrieved(client: poplib.POP3, number: int) -> bytes:
    return b"\r\n".join(client.retr(number)[1]) + b"\r\n"


def test_maildrop_stays_as_it_was_at_sign_in(mail: Mail) -> None:
    mail.put("alice", LETTER)
    client = signed_in(mail)
    mail.put("alice", LETTER)
    assert client.stat() == (1, len(LETTER))
    client.quit()
    client = signed_in(mail)
    assert client.stat() == (2, 2 * len(LETTER))
    client.quit()


def test_one_session_holds_the_maildrop_and_a_dropped_one_lets_go(mail: Mail) -> None:
    first = signed_in(mail)
    with pytest.raises(poplib.error_proto, match="IN-USE"):
        signed_in(mail)
    first.close()
    eventually(lambda: not in_use(mail), "the maildrop is let go")


def in_use(mail: Mail, name: str = "alice") -> bool:
    try:
        signed_in(mail, name).quit()
    except poplib.error_proto as refused:
        return b"IN-USE" in refused.args[0]
    return False


def test_lease_of_a_session_that_is_gone_is_not_renewed(mail: Mail) -> None:
    client = signed_in(mail)
    lost = uuid4()  # what release_maildrop leaves behind when the store is away just then
    take_maildrop(mail.transaction, mail.accounts["bob"], lost, mail.parts.process)
    mail.transaction.execute("UPDATE maildrop_lease SET expires_at = now()")
    renew_maildrops(mail.transaction, mail.parts.process, mail.parts.holders)
    mail.transaction.commit()
    assert in_use(mail, "alice")
    assert not in_use(mail, "bob")
    client.quit()
    assert not mail.parts.holders


def test_a_disabled_account_loses_its_sessions(mail: Mail) -> None:
    client = signed_in(mail)
    watch = Revocation(mail.parts.database, mail.parts.sessions).watch(mail.parts.bus)
    disable_account(mail.transaction, mail.accounts["alice"])
    mail.transaction.commit()
    call_in_reactor(mail.parts.bus.announce, [AccountChanged(mail.accounts["alice"])])
    assert client.file is not None
    assert client.file.readline() == b"-ERR [AUTH] the account is disabled or deleted\r\n"
    assert client.file.readline() == b""
    watch.stop()


def test_quit_removes_what_was_deleted_and_marks_what_was_read(mail: Mail) -> None:
    mail.put("alice", LETTER, LETTER, LETTER)
    client = signed_in(mail)
    client.retr(1)
    client.dele(2)
    client.quit()
    inbox = mail.inbox("alice")
    assert list(inbox.uids) == [1, 3]
    assert [mask & SEEN for mask in inbox.flags] == [SEEN, 0]


def test_a_dropped_connection_changes_nothing(mail: Mail) -> None:
    mail.put("alice", LETTER)
    client = signed_in(mail)
    client.retr(1)
    client.dele(1)
    client.close()
    inbox = mail.inbox("alice")
    assert (list(inbox.uids), list(inbox.flags)) == ([1], [0])


def test_what_another_door_expunged_is_told_and_the_rest_goes_on(mail: Mail) -> None:

    mail.put("alice", LETTER, LETTER)
    client = signed_in(mail)
    expunge(mail.transaction, mail.inbox("alice").folder.id, [1], deleted_only=False)
    mail.transaction.commit()
    assert retrieved(client, 1) == LETTER  # what is retained for undelete can still be read
    assert retrieved(client, 2) == LETTER
    client.dele(1)
    client.quit()
    assert list(mail.inbox("alice").uids) == [2]


def test_unique_ids_stay_and_are_never_reused(mail: Mail) -> None:
    mail.put("alice", LETTER, LETTER)
    client = signed_in(mail)
    first, second = (line.split()[1] for line in client.uidl()[1])
    client.dele(1)
    client.quit()
    mail.put("alice", LETTER)
    client = signed_in(mail)
    again, new = (line.split()[1] for line in client.uidl()[1])
    assert again == second
    assert new not in (first, second)
    client.quit()


def greeting(mail: Mail) -> bytes:
    client = poplib.POP3("127.0.0.1", mail.port, timeout=30)
    client.close()
    return client.getwelcome()


def offer_apop(mail: Mail) -> str:
    """An app password made for APOP, which the door knows of."""
    secret = mail.apop_password("alice")
    call_in_reactor(mail.parts.bus.announce, [AccountChanged(mail.accounts["alice"])])
    eventually(lambda: b"<" in greeting(mail), "APOP is offered")
    return secret


def test_apop_with_a_password_that_was_made_for_it(mail: Mail) -> None:
    secret = offer_apop(mail)
    client = poplib.POP3("127.0.0.1", mail.port, timeout=30)
    client.apop("alice", secret)
    client.quit()
    client = poplib.POP3("127.0.0.1", mail.port, timeout=30)
    with pytest.raises(poplib.error_proto, match="AUTH"):
        client.apop("alice", "correct horse")


def test_the_greeting_has_a_timestamp_only_while_apop_can_be_used(mail: Mail) -> None:
    assert greeting(mail) == b"+OK Agora POP3 ready"
    offer_apop(mail)
    banners = {greeting(mail) for _ in range(3)}
    assert len(banners) == 3
    assert all(re.search(rb"<[^<>@]+@mail\.example\.test>", banner) for banner in banners)
    mail.transaction.execute("DELETE FROM credential WHERE apop_secret IS NOT NULL")
    mail.transaction.commit()
    call_in_reactor(mail.parts.bus.announce, [AccountChanged(mail.accounts["alice"])])
    eventually(lambda: b"<" not in greeting(mail), "APOP is offered no more")


def test_questions_for_messages_that_are_not_there_end_no_session(mail: Mail) -> None:
    mail.put("alice", LETTER)
    client = signed_in(mail)
    for number in range(2, 60):
        with pytest.raises(poplib.error_proto, match="no such message"):
            client.retr(number)
    assert client.stat() == (1, len(LETTER))
    client.quit()


def test_wrong_commands_end_a_session_when_they_come_in_a_row(mail: Mail) -> None:
    client: Any = signed_in(mail)  # poplib's typed methods know no wrong commands
    for _ in range(3):
        for _ in range(mail.parts.errors - 1):
            with pytest.raises(poplib.error_proto, match="unknown command"):
                client._shortcmd("XYZZY")
        client.noop()
    for _ in range(mail.parts.errors - 1):
        with pytest.raises(poplib.error_proto, match="unknown command"):
            client._shortcmd("XYZZY")
    with pytest.raises(poplib.error_proto, match="unknown command"):
        client._shortcmd("XYZZY")
    with pytest.raises(poplib.error_proto, match="too many errors"):
        client._getresp()


def test_a_name_given_before_tls_is_forgotten(mail: Mail) -> None:
    client = poplib.POP3("127.0.0.1", mail.port, timeout=30)
    client.user("alice")
    client.stls()
    with pytest.raises(poplib.error_proto, match="say USER first"):
        client.pass_("correct horse")
    client.user("alice")
    client.pass_("correct horse")
    client.quit()


def test_large_message_goes_out_byte_for_byte_in_steps(mail: Mail) -> None:
    line = b".a line that begins with a dot" + b"x" * 33 + b"\r\n"
    large = b"Subject: large\r\n\r\n" + line * (3 * WHOLE_OCTETS // len(line))
    awkward = large[: WHOLE_OCTETS - 2] + b"\r\n" + b".after the end of a step\r\n" + large[WHOLE_OCTETS:]
    split = large[: WHOLE_OCTETS - 1] + b"\r" + b"\n.split" + large[WHOLE_OCTETS:]
    mail.put("alice", large, awkward, split)
    client = signed_in(mail)
    for number, sent in enumerate((large, awkward, split), 1):
        sent = sent if sent.endswith(b"\r\n") else sent + b"\r\n"
        assert hashlib.sha256(retrieved(client, number)).digest() == hashlib.sha256(sent).digest()
    client.quit()


def test_top_of_a_large_message_is_as_long_as_asked_for(mail: Mail) -> None:
    header = b"Subject: large\r\nX: " + b"x" * WHOLE_OCTETS + b"\r\n"
    lines = [b"%d %s" % (number, b"y" * 70) for number in range(30_000)]  # two steps and more
    mail.put("alice", header + b"\r\n" + b"".join(line + b"\r\n" for line in lines))
    client = signed_in(mail)
    poplib._MAXLINE, limit = 2 * WHOLE_OCTETS, poplib._MAXLINE  # type: ignore[attr-defined]
    try:
        for count in (0, 1, 20_000, 30_000, 99_999_999):
            assert client.top(1, count)[1] == [*header.splitlines(), b"", *lines[:count]]
    finally:
        poplib._MAXLINE = limit  # type: ignore[attr-defined]
    client.quit()


@pytest.mark.parametrize(
    ("message", "count", "top"),
    [
        (b"", 3, []),
        (b"\r\nno header\r\nat all\r\n", 1, [b"", b"no header"]),
        (b"Subject: no body\r\n", 5, [b"Subject: no body"]),
        (b".dot: here\r\n\r\n.and here", 9, [b".dot: here", b"", b".and here"]),
        (b"A: b\r\n\r\n1\r\n2\r\n", 0, [b"A: b", b""]),
    ],
)
def test_top_ends_where_the_message_does(mail: Mail, message: bytes, count: int, top: list[bytes]) -> None:
    mail.put("alice", message)
    client = signed_in(mail)
    assert client.top(1, count)[1] == top
    assert client.retr(1)[1] == message.splitlines()
    client.quit()


@pytest.mark.parametrize("octets", range(WHOLE_OCTETS - 6, WHOLE_OCTETS + 3))
def test_header_may_end_where_a_step_does(octets: int) -> None:
    message = b"A: " + b"b" * (octets - 3) + b"\r\n\r\nfirst\r\nsecond\r\n"
    top, carried, out = Top(1), b"\r\n", b""
    for start in (0, WHOLE_OCTETS):
        piece = carried + message[start : start + WHOLE_OCTETS]
        waiting = piece.rfind(b"\r", len(piece) - 2) if not start else -1
        piece, carried = (piece, b"") if waiting < 0 else (piece[:waiting], piece[waiting:])
        out += b"" if top.reached else top.feed(piece)
    assert out == b"\r\n" + message.removesuffix(b"second\r\n")
