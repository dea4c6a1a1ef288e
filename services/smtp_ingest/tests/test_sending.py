"""Members send to other servers: what they send is queued in the commit that its 250 promises."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.queued import queued
from services.smtp_ingest.tests.test_stored_messages import Serve

MESSAGE = b"From: bob@example.test\r\nDate: x\r\nMessage-ID: <y>\r\nSubject: tea\r\n\r\nAt four?\r\n"


@pytest.fixture
def bob(mail: Mail, serve: Serve) -> Iterator[smtplib.SMTP]:
    """Signed in."""
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("bob", "correct horse")
        yield client


def test_message_for_elsewhere_is_queued_and_its_octets_are_kept(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.sendmail("bob@example.test", ["jones@Remote.test"], MESSAGE)
    assert queued(mail) == [("bob@example.test", "jones@Remote.test", "remote.test")]
    octets: bytes = mail.transaction.value("SELECT octets FROM body")
    assert octets.startswith(b"Return-Path: <bob@example.test>\r\nReceived: from ")
    assert octets.endswith(MESSAGE)


def test_message_for_here_and_elsewhere_is_one_commit(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.sendmail("bob@example.test", ["alice@example.test", "jones@remote.test", "smith@remote.test"], MESSAGE)
    assert len(mail.inbox("alice")) == 1
    assert [address for _, address, _ in queued(mail)] == ["jones@remote.test", "smith@remote.test"]
    assert mail.transaction.value("SELECT count(*) FROM message") == 1


def test_full_mailbox_keeps_the_message_from_elsewhere_too(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.mail("bob@example.test")
    bob.rcpt("nearly@example.test")
    bob.rcpt("jones@remote.test")
    mail.transaction.execute("UPDATE account SET quota_octets = 1 WHERE name = 'nearly'")
    mail.transaction.commit()
    assert bob.data(MESSAGE)[0] == 250  # over its quota once, as several recipients must not wait for one
    assert len(queued(mail)) == 1


def test_recipient_that_is_named_twice_is_queued_once(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.sendmail("bob@example.test", ["jones@remote.test", "jones@remote.test"], MESSAGE)
    assert len(queued(mail)) == 1


def test_what_has_nowhere_to_go_is_refused_at_once(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.mail("bob@example.test")
    assert bob.rcpt("jones@elsewhere.test") == (550, b"5.7.1 mail to other hosts is not sent from here")
    assert not queued(mail)


@pytest.mark.parametrize("policy", [RELAY, LMTP], ids=["relay", "lmtp"])
def test_nobody_else_sends_from_here(mail: Mail, serve: Serve, policy: Any) -> None:
    client = (smtplib.LMTP if policy.lmtp else smtplib.SMTP)("127.0.0.1", serve(policy), timeout=30)
    client.ehlo()
    client.mail("eve@elsewhere.test")
    assert client.rcpt("jones@remote.test")[0] == 550
    client.close()


def test_message_beyond_the_hours_cap_is_deferred_and_the_account_on_hold(mail: Mail, bob: smtplib.SMTP) -> None:
    for _ in range(3):
        bob.sendmail("bob@example.test", ["jones@remote.test"], MESSAGE)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            bob.sendmail("bob@example.test", ["jones@remote.test"], MESSAGE)
        assert refused.value.smtp_code == 450
        assert str(refused.value).startswith("(450, b'4.7.1 ")
    (notice,) = mail.inbox("alice")
    assert b"Subject: On hold: bob\r\n" in notice
    bob.sendmail("bob@example.test", ["alice@example.test"], MESSAGE)  # mail for here goes on
    assert len(mail.inbox("alice")) == 2


def test_what_servers_must_be_able_to_do_is_noted(mail: Mail, bob: smtplib.SMTP) -> None:
    eight_bit = MESSAGE + "Möhren\r\n".encode()
    bob.sendmail("bob@example.test", ["jones@remote.test"], MESSAGE)
    bob.sendmail("bob@example.test", ["jones@remote.test"], eight_bit, ["BODY=8BITMIME"])
    bob.sendmail("bob@example.test", ["jürgen@remote.test"], eight_bit, ["BODY=8BITMIME", "SMTPUTF8"])
    rows = mail.transaction.rows("SELECT eight_bit, utf8 FROM outbound ORDER BY id")
    assert rows == [(False, False), (True, False), (True, True)]


def test_requests_for_reports_are_queued_with_the_message(mail: Mail, bob: smtplib.SMTP) -> None:
    assert bob.mail("bob@example.test", ["RET=FULL", "ENVID=tea+2B4"])[0] == 250
    options = ["NOTIFY=success,Delay", "ORCPT=rfc822;jones+2Btea@remote.test"]
    assert bob.rcpt("jones@remote.test", options)[0] == 250
    assert bob.data(MESSAGE)[0] == 250
    assert mail.transaction.row("SELECT envelope_id, returns_all FROM outbound") == ("tea+2B4", True)
    asked = mail.transaction.row("SELECT notify, original FROM outbound_recipient")
    assert asked == ("SUCCESS,DELAY", "rfc822;jones+2Btea@remote.test")


def test_delivery_here_is_reported_to_who_asks_for_it(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.mail("bob@example.test", ["ENVID=tea"])
    bob.rcpt("alice@example.test", ["NOTIFY=SUCCESS", "ORCPT=rfc822;al@example.test"])
    bob.rcpt("nearly@example.test")
    assert bob.data(MESSAGE)[0] == 250
    (report,) = mail.inbox("bob")
    for line in (
        b"Action: delivered\r\n",
        b"Original-Envelope-Id: tea\r\n",
        b"Original-Recipient: rfc822; al@example.test\r\nFinal-Recipient: rfc822; alice@example.test\r\n",
        b"Status: 2.1.5\r\n",
    ):
        assert line in report
    assert b"nearly@" not in report.partition(b"message/delivery-status")[2].partition(b"text/rfc822-headers")[0]
    assert not queued(mail)
    assert len(mail.inbox("alice")) == 1


def test_nothing_is_reported_of_a_message_that_was_refused(mail: Mail, bob: smtplib.SMTP) -> None:
    bob.mail("bob@example.test")
    bob.rcpt("nearly@example.test", ["NOTIFY=SUCCESS"])
    assert bob.data(MESSAGE + b"x" * 3000 + b"\r\n")[0] == 452
    assert mail.inbox("bob") == []


@pytest.mark.parametrize(
    ("of_mail", "of_rcpt"),
    [
        ("RET=ALL", ""),
        ("RET", ""),
        ("ENVID=a+2b", ""),
        ("ENVID=" + "x" * 101, ""),
        ("", "NOTIFY=NEVER,SUCCESS"),
        ("", "NOTIFY=SUCCESS,SUCCESS"),
        ("", "NOTIFY=ALWAYS"),
        ("", "NOTIFY"),
        ("", "ORCPT=jones@remote.test"),
        ("", "ORCPT=rfc822;a=b"),
    ],
    ids=lambda parameter: parameter[:12] or "none",
)
def test_malformed_requests_for_reports_are_refused(bob: smtplib.SMTP, of_mail: str, of_rcpt: str) -> None:
    replies = [bob.mail("bob@example.test", [of_mail] if of_mail else [])]
    if of_rcpt:
        replies.append(bob.rcpt("jones@remote.test", [of_rcpt]))
    assert replies[-1] == (501, b"5.5.4 syntax error in the arguments")


def test_reports_are_not_offered_to_other_servers(serve: Serve) -> None:
    client = smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30)
    client.ehlo()
    assert not client.has_extn("dsn")
    assert client.mail("eve@elsewhere.test", ["RET=FULL"])[0] == 555
    client.close()


def test_what_its_sender_wants_of_tls_stays_with_the_message(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.ehlo()
        assert not client.has_extn("requiretls")
        client.starttls(context=ssl._create_unverified_context())
        client.login("bob", "correct horse")
        assert client.has_extn("requiretls")
        waived = b"TLS-Required: No\r\n" + MESSAGE
        for options, message in ((["REQUIRETLS"], waived), ([], waived), ([], b"TLS-Required: Yes\r\n" + MESSAGE)):
            client.sendmail("bob@example.test", ["jones@remote.test"], message, options)
        assert client.docmd("MAIL", "FROM:<bob@example.test> REQUIRETLS=1")[0] == 501
    assert mail.transaction.rows("SELECT tls FROM outbound ORDER BY id") == [("required",), ("waived",), ("",)]


def test_requiretls_is_refused_in_the_clear(bob: smtplib.SMTP) -> None:
    assert bob.docmd("MAIL", "FROM:<bob@example.test> REQUIRETLS") == (555, b"5.5.4 unknown parameter")
