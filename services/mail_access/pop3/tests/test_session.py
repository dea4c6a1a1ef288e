"""What a maildrop promises: it stays as it was, one session holds it, and QUIT commits."""

from __future__ import annotations

import hashlib
import poplib
import re

import pytest

from services.mail_access.pop3.commands.retrieve import WHOLE_OCTETS, stuffed
from services.mail_access.pop3.tests.conftest import Mail
from shared.folders.expunge import expunge
from shared.folders.flags import SEEN
from shared.testing.eventually import eventually

LETTER = b"Subject: tea\r\n\r\nAt four?\r\n"


def signed_in(mail: Mail, name: str = "alice") -> poplib.POP3:
    client = poplib.POP3("127.0.0.1", mail.port, timeout=10)
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


def in_use(mail: Mail) -> bool:
    try:
        signed_in(mail).quit()
    except poplib.error_proto as refused:
        return b"IN-USE" in refused.args[0]
    return False


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


def test_apop_with_a_password_that_was_made_for_it(mail: Mail) -> None:
    secret = mail.apop_password("alice")
    client = poplib.POP3("127.0.0.1", mail.port, timeout=10)
    client.apop("alice", secret)
    client.quit()
    client = poplib.POP3("127.0.0.1", mail.port, timeout=10)
    with pytest.raises(poplib.error_proto, match="AUTH"):
        client.apop("alice", "correct horse")


def test_banner_is_never_the_same_twice(mail: Mail) -> None:
    banners = {poplib.POP3("127.0.0.1", mail.port, timeout=10).getwelcome() for _ in range(3)}
    assert len(banners) == 3
    assert all(re.search(rb"<[^<>@]+@mail\.example\.test>", banner) for banner in banners)


def test_a_name_given_before_tls_is_forgotten(mail: Mail) -> None:
    client = poplib.POP3("127.0.0.1", mail.port, timeout=10)
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


@pytest.mark.parametrize(
    ("octets", "sent"),
    [
        (b"", b".\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n.\r\n"),
    ],
)
def test_dots_are_doubled_at_the_start_of_lines(octets: bytes, sent: bytes) -> None:
    assert stuffed(octets) == sent
