"""Addresses here that lead elsewhere: what comes for them is queued in the commit of its 250, with a return address."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION
from services.smtp_ingest.tests.conftest import DOMAIN, NOW, Mail
from services.smtp_ingest.tests.queued import forwarded
from services.smtp_ingest.tests.test_stored_messages import Serve
from shared.accounts.read_credentials import read_installation_secret
from shared.administration import addresses
from shared.mail.mailbox import parse_mailbox
from shared.mail.srs import first_sender, return_address

MESSAGE = b"From: ann@x.test\r\nDate: x\r\nMessage-ID: <y>\r\nSubject: tea\r\n\r\nAt four?\r\n"
SALES = f"sales@{DOMAIN}"


@pytest.fixture
def secret(mail: Mail) -> bytes:
    return read_installation_secret(mail.transaction)


@pytest.fixture
def client(mail: Mail, serve: Serve) -> Iterator[smtplib.SMTP]:
    """A stranger; sales@ leads to ann at remote.test."""
    addresses.add(mail.transaction, SALES, "jones@remote.test")
    mail.transaction.commit()
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as one:
        one.ehlo()
        yield one


def test_forward_is_queued_with_a_return_address_and_the_octets_are_unchanged(
    mail: Mail, client: smtplib.SMTP, secret: bytes
) -> None:
    client.sendmail("Ann@x.test", [SALES], MESSAGE)
    ((sender, recipient, own, fields),) = forwarded(mail)
    assert (sender, recipient, fields) == ("Ann@x.test", "jones@remote.test", f"Delivered-To: {SALES}\r\n")
    assert own.startswith("SRS0=")
    assert own.endswith(f"=x.test=Ann@{DOMAIN}")
    assert first_sender(own.rpartition("@")[0], secret, NOW).text == "Ann@x.test"
    assert mail.transaction.value("SELECT octets FROM body").endswith(MESSAGE)
    assert mail.transaction.value("SELECT account_id FROM outbound") is None


def test_accounts_beside_have_it_in_the_same_commit(mail: Mail, client: smtplib.SMTP) -> None:
    addresses.add(mail.transaction, SALES, "alice")
    addresses.add(mail.transaction, SALES, "smith@remote.test")
    mail.transaction.commit()
    mail.resolver.forget()
    client.sendmail("ann@x.test", [SALES, f"bob@{DOMAIN}"], MESSAGE)
    assert (len(mail.inbox("alice")), len(mail.inbox("bob"))) == (1, 1)
    assert [each[1] for each in forwarded(mail)] == ["jones@remote.test", "smith@remote.test"]
    assert mail.transaction.value("SELECT count(*) FROM message") == 1
    assert mail.transaction.value("SELECT count(*) FROM outbound") == 1


def test_full_mailbox_keeps_nothing_from_the_address_elsewhere(mail: Mail, client: smtplib.SMTP) -> None:
    addresses.add(mail.transaction, SALES, "full")
    mail.transaction.commit()
    mail.resolver.forget()
    client.sendmail("ann@x.test", [SALES], MESSAGE)
    assert len(forwarded(mail)) == 1


@pytest.mark.parametrize("sender", ["", "alice@example.test"], ids=["null", "ours"])
def test_null_sender_and_those_of_our_domains_stay(mail: Mail, client: smtplib.SMTP, sender: str) -> None:
    client.sendmail(sender, [SALES], MESSAGE)
    ((outer, _, own, _),) = forwarded(mail)
    assert (outer, own) == (sender, None)


def test_members_mail_is_forwarded_and_does_not_count_for_them(mail: Mail, client: smtplib.SMTP, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as bob:
        bob.login("bob", "correct horse")
        for _ in range(5):  # three are allowed within an hour
            bob.sendmail(f"bob@{DOMAIN}", [SALES], MESSAGE.replace(b"ann@x.test", b"bob@example.test"))
    assert [each[:3] for each in forwarded(mail)] == [(f"bob@{DOMAIN}", "jones@remote.test", None)] * 5


def test_requests_for_reports_go_with_the_copy(mail: Mail, client: smtplib.SMTP, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as bob:
        bob.login("bob", "correct horse")
        bob.mail(f"bob@{DOMAIN}")
        bob.rcpt(SALES, ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;sales@x"])
        assert bob.data(MESSAGE)[0] == 250
    row = mail.transaction.row("SELECT notify, original FROM outbound_recipient")
    assert row == ("SUCCESS,FAILURE", "rfc822;sales@x")


def test_forward_is_refused_in_words_where_no_mail_goes(mail: Mail, client: smtplib.SMTP) -> None:
    addresses.add(mail.transaction, f"away@{DOMAIN}", "jones@elsewhere.test")
    addresses.add(mail.transaction, f"both@{DOMAIN}", "jones@elsewhere.test")
    addresses.add(mail.transaction, f"both@{DOMAIN}", "alice")
    mail.transaction.commit()
    client.mail("ann@x.test")
    assert client.rcpt(f"away@{DOMAIN}") == (550, b"5.7.1 mail to other hosts is not sent from here")
    assert client.rcpt(f"both@{DOMAIN}")[0] == 250
    assert client.data(MESSAGE)[0] == 250
    assert len(mail.inbox("alice")) == 1
    assert not forwarded(mail)


def test_message_that_comes_back_is_refused(mail: Mail, client: smtplib.SMTP) -> None:
    client.mail("ann@x.test")
    client.rcpt(SALES)
    code, said = client.data(b"Delivered-To: Sales@Example.test\r\n" + MESSAGE)
    assert (code, said) == (554, b"5.4.6 the message is in a loop: it was forwarded from this address before")
    assert not forwarded(mail)


def test_bounce_to_a_return_address_goes_to_the_first_sender(mail: Mail, client: smtplib.SMTP) -> None:
    client.sendmail("ann@remote.test", [SALES], MESSAGE)
    own = forwarded(mail)[0][2]
    mail.transaction.execute("DELETE FROM outbound")
    mail.transaction.commit()
    client.sendmail("", [own.lower()], b"Subject: Undelivered\r\n\r\nSorry.\r\n")
    ((sender, recipient, again, _),) = forwarded(mail)
    assert (sender, recipient, again) == ("", "ann@remote.test", None)


def test_return_addresses_take_nothing_else(mail: Mail, client: smtplib.SMTP, secret: bytes) -> None:
    def reply(sender: str, recipient: str) -> bytes:
        client.rset()
        client.mail(sender)
        code, said = client.rcpt(recipient)
        assert code == 550
        return said

    ann = parse_mailbox("ann@remote.test")
    made, old = (return_address(ann, DOMAIN, secret, NOW - timedelta(days=days)).text for days in (1, 22))
    assert reply("eve@x.test", made) == b"5.7.1 this return address takes bounces only, which have no sender"
    assert reply("", old) == b"5.7.1 this return address is too old"
    assert reply("", made.replace("ann@", "eve@")) == b"5.7.1 this return address was not made here"
    assert reply("", f"SRS0=AAAAAAAA=AA=remote.test=eve@{DOMAIN}") == b"5.7.1 this return address was not made here"


def test_each_recipient_by_lmtp_has_its_answer(mail: Mail, client: smtplib.SMTP, serve: Serve) -> None:
    with smtplib.LMTP("127.0.0.1", serve(LMTP), timeout=30) as lmtp:
        lmtp.ehlo()
        lmtp.mail("ann@x.test")
        lmtp.rcpt(SALES)
        lmtp.rcpt(f"nearly@{DOMAIN}")
        lmtp.docmd("DATA")
        lmtp.send(MESSAGE + b"x" * 3000 + b"\r\n.\r\n")
        assert [lmtp.getreply()[0] for _ in range(2)] == [250, 452]
    assert len(forwarded(mail)) == 1
