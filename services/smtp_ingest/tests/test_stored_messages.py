"""Messages are kept as they came: the client's octets with our fields on top, whatever they are."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import MESSAGE_OCTETS, Mail
from shared.accounts.account import Role
from shared.accounts.change_account import disable_account, set_role
from shared.testing.eventually import eventually

Serve = Callable[[Policy], int]
LARGER = b"Subject: x\r\n\r\n" + b"x" * 3000 + b"\r\n"  # than what `nearly` has room for
PATHS = ("smith@elsewhere.test", ["alice@example.test"])


def kept_below_trace(octets: bytes) -> bytes:
    """A kept message without Return-Path and Received."""
    lines = octets.split(b"\r\n")
    assert lines[0].startswith(b"Return-Path: <")
    assert lines[1].startswith(b"Received: from ")
    rest = 2
    while lines[rest].startswith(b"\t"):
        rest += 1
    return b"\r\n".join(lines[rest:])


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n",
        b"no header at all\r\n",
        b"Subject: x\r\n\r\n.dot\r\n..dots\r\n...\r\n",
        b"Subject: x\r\n\r\n" + bytes(set(range(256)) - {0, 10, 13}) + b"\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 500_000 + b"\r\n",
        b"X: y\r\n" * 100_000 + b"\r\nbody\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 10_000,
    ],
    ids=["empty", "headless", "dots", "every-octet-but-nul", "long-line", "many-fields", "many-parts"],
)
def test_message_is_kept_byte_for_byte(octets: bytes, mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.sendmail(*PATHS, octets)
    assert [kept_below_trace(each) for each in mail.inbox("alice")] == [octets]


@pytest.mark.parametrize("octets", [b" no field of yours\r\n", b"\tnor this\r\nSubject: x\r\n\r\n"])
def test_a_first_line_that_begins_blank_does_not_continue_our_last_field(
    octets: bytes, mail: Mail, serve: Serve
) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.sendmail(*PATHS, octets)
    assert [kept_below_trace(each) for each in mail.inbox("alice")] == [b"\r\n" + octets]


def test_message_spooled_to_disk_is_kept_byte_for_byte(mail: Mail, serve: Serve) -> None:
    octets = b"Subject: x\r\n\r\n" + b"0123456789abcdef\r\n" * (MESSAGE_OCTETS // 18 - 100)
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.sendmail(*PATHS, octets)
    assert [kept_below_trace(each) for each in mail.inbox("alice")] == [octets]


def test_all_recipients_have_the_same_octets(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.sendmail("smith@elsewhere.test", ["alice@example.test", "bob@example.test"], b"Subject: x\r\n\r\n")
    (alices,), (bobs,) = mail.inbox("alice"), mail.inbox("bob")
    assert alices == bobs
    assert b"for <" not in alices


def test_full_mailbox_is_refused_at_rcpt_even_without_a_size(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.helo()  # so that it announces no size
        refused = client.sendmail("smith@elsewhere.test", ["full@example.test", "bob@example.test"], LARGER)
        assert {name: code for name, (code, _) in refused.items()} == {"full@example.test": 452}
    assert (len(mail.inbox("bob")), len(mail.inbox("full"))) == (1, 0)


def test_one_message_to_several_takes_a_mailbox_over_its_quota(mail: Mail, serve: Serve) -> None:
    both = ["nearly@example.test", "bob@example.test"]
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.helo()
        assert client.sendmail("smith@elsewhere.test", both, LARGER) == {}
        refused = client.sendmail("smith@elsewhere.test", both, LARGER)
        assert {name: code for name, (code, _) in refused.items()} == {"nearly@example.test": 452}
    assert (len(mail.inbox("bob")), len(mail.inbox("nearly"))) == (2, 1)


def test_mailbox_that_turns_out_full_refuses_a_message_to_it_alone(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.helo()
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("smith@elsewhere.test", ["nearly@example.test"], LARGER)
        assert refused.value.smtp_code == 452
    assert mail.inbox("nearly") == []


def test_lmtp_refuses_only_the_mailbox_that_turns_out_full(mail: Mail, serve: Serve) -> None:
    both = ["nearly@example.test", "bob@example.test"]
    with smtplib.LMTP("127.0.0.1", serve(LMTP)) as client:
        client.ehlo("client.test")
        client.docmd("MAIL FROM:<smith@elsewhere.test>")
        for path in both:
            client.docmd(f"RCPT TO:<{path}>")
        client.docmd("DATA")
        client.send(LARGER + b".\r\n")
        assert [client.getreply()[0] for _ in both] == [452, 250]
    assert (len(mail.inbox("bob")), len(mail.inbox("nearly"))) == (1, 0)


def test_submission_adds_date_and_message_id(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("alice@example.test", "correct horse")
        client.sendmail("alice@example.test", ["bob@example.test"], b"Subject: x\r\n\r\n")
    (kept,) = mail.inbox("bob")
    assert b"with ESMTPA id" in kept
    assert kept_below_trace(kept).startswith(b"Date: Mon, 01 Jul 2024 10:00:00 +0000\r\nMessage-ID: <")


def test_detail_names_a_folder(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.sendmail("smith@elsewhere.test", ["alice+archive@example.test"], b"Subject: x\r\n\r\n")
        client.sendmail("smith@elsewhere.test", ["alice+unknown@example.test"], b"Subject: y\r\n\r\n")
    assert len(mail.inbox("alice", "Archive")) == 1
    assert len(mail.inbox("alice")) == 1


def test_half_a_message_is_no_message(mail: Mail, serve: Serve) -> None:
    port = serve(RELAY)
    with socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(
            b"HELO c.test\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: half\r\n\r\nA mess"
        )
        wait = half.recv(65536)
        assert wait.startswith(b"220 ")
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail(*PATHS, b"Subject: whole\r\n\r\n")
    whole = eventually(lambda: mail.inbox("alice"), "the whole message arrives")
    assert [b"whole" in each for each in whole] == [True]


def test_a_message_that_goes_round_is_refused(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.helo()  # so that it announces no size: the mailbox would be refused at RCPT
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(*PATHS, b"Received: from here\r\n" * 101 + b"\r\n")
        assert (refused.value.smtp_code, refused.value.smtp_error[:5]) == (554, b"5.4.6")


def test_lmtp_counts_replies_by_recipients_even_for_one_who_errs_too_often(mail: Mail, serve: Serve) -> None:
    with smtplib.LMTP("127.0.0.1", serve(LMTP), timeout=30) as client:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        for _ in range(25):  # five more than the refusals that the door bears
            assert client.rcpt("alice@example.test")[0] == 250
        assert client.docmd("DATA")[0] == 354
        client.send(b"a bare \n\r\n.\r\n")
        assert [client.getreply()[0] for _ in range(26)] == [550] * 25 + [421]


def test_refusals_are_forgotten_where_a_message_was_taken(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.ehlo()
        for _ in range(3):
            client.mail("smith@elsewhere.test")
            assert [client.rcpt(f"nobody{number}@example.test")[0] for number in range(15)] == [550] * 15
            client.rset()
            client.sendmail(*PATHS, b"Subject: x\r\n\r\n")
        assert client.noop()[0] == 250


def test_disabled_account_sends_nothing_more_not_even_without_a_sender(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("bob", "correct horse")
        assert client.mail("")[0] == 250
        client.rset()
        disable_account(mail.transaction, mail.accounts["bob"])
        mail.transaction.commit()
        assert client.mail("")[0] == 530
        assert client.mail("bob@example.test")[0] == 530


def test_a_guest_sends_nothing_not_even_without_a_sender(mail: Mail, serve: Serve) -> None:
    set_role(mail.transaction, mail.accounts["bob"], Role.GUEST)
    mail.transaction.commit()
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("bob", "correct horse")
        assert client.mail("")[0] == 553
        assert client.mail("bob@example.test")[0] == 553


@pytest.mark.parametrize("command", ["DATA", "BDAT"])
def test_submission_ends_lines_with_cr_lf_where_a_program_sends_lf_alone(
    command: str, mail: Mail, serve: Serve
) -> None:
    octets = b"Subject: x\nDate: y\r\nMessage-ID: <z>\n\n.\n..two\n.dot\r\nlast\n"
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("alice", "correct horse")
        client.mail("alice@example.test")
        client.rcpt("bob@example.test")
        if command == "DATA":
            assert client.docmd("DATA")[0] == 354
            client.send(octets + b"\r\n.\r\n")
        else:
            client.send(b"BDAT %d LAST\r\n" % (len(octets) + 2) + octets + b"\r\n")
        assert client.getreply()[0] == 250
    (kept,) = mail.inbox("bob")
    expected = b"Subject: x\r\nDate: y\r\nMessage-ID: <z>\r\n\r\n.\r\n..two\r\n.dot\r\nlast\r\n\r\n"
    assert kept_below_trace(kept) == expected


@pytest.mark.parametrize("octets", [b"a\rb\r\n", b"a\n\rb\r\n", b"a\r\r\n"])
def test_a_cr_alone_is_refused_by_submission_too(octets: bytes, mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("alice", "correct horse")
        for command in (b"DATA\r\n", b"BDAT %d LAST\r\n" % len(octets)):
            client.mail("alice@example.test")
            client.rcpt("bob@example.test")
            client.send(command)
            if command.startswith(b"DATA"):
                assert client.getreply()[0] == 354
            client.send(octets + (b".\r\n" if command.startswith(b"DATA") else b""))
            assert client.getreply()[0] == 550
