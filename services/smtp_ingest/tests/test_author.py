"""From of a submitted message is the member's own, or it is said who sent it; by setting refused, or left alone."""

from __future__ import annotations

import smtplib

import pytest

from services.smtp_ingest.policy import RELAY, SUBMISSION, FromPolicy
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_stored_messages import Serve, kept_below_trace
from shared.accounts.find_account import find_account
from shared.mail.addresses import add_address

REST = b"Date: x\r\nMessage-ID: <y>\r\n\r\n"
SENDER = b"Sender: bob@example.test\r\n"
OWN = [
    b"From: bob@example.test\r\n",
    b'From: "Bob, the builder"\r\n <BOB@Example.test>\r\n',
    b"From: bobby@example.test\r\n",
    b"From: Bob <bob+lists@example.test> (at home)\r\n",
    b"Subject: no From\r\n",
]
NOT_OWN = [
    b"From: alice@example.test\r\n",
    b"From: bob@example.test, alice@example.test\r\n",
    b"From: bob@example.test\r\nfrom: alice@example.test\r\n",
    b'From: "bob@example.test" <boss@elsewhere.test>\r\n',
    b"From: friends: bob@example.test, alice@example.test;\r\n",
    b"From: nobody at all\r\n",
    b"From: bob@example.test, \r\n\tboss@elsewhere.test\r\n",
    b"From: \r\n",
    b"From: \xff@example.test\r\n",
    b"From: bob@example.test" + b"\r\n ()()()()" * 2500 + b", alice@example.test\r\n",
    b"From: bob@example.test\r\n" * 2,
    b"From: bob@example.test\r\n" * 30,
    b"From: <bob@example.test> <alice@example.test>\r\n",
    b"From: bob@example.test alice@example.test\r\n",
    b"From: <bob@example.test> alice@example.test\r\n",
    b"From: alice@example.test <bob@example.test>\r\n",
    b"From: bob@example.test (<alice@example.test>\r\n",
    b"From: bob@example.test, <alice@example.test\r\n",
    b"From: bobby@example.test, bob@example.test, nobody@example.test\r\n",
]
SEVERAL_OWN = [
    b"From: bob@example.test, Bobby <bobby@example.test>\r\n",
    b"From: us: bobby@example.test, bob+lists@example.test;\r\n",
]


@pytest.fixture
def bob(mail: Mail, serve: Serve) -> smtplib.SMTP:
    """Signed in, with a second address."""
    add_address(mail.transaction, find_account(mail.transaction, "bob"), "bobby@example.test")
    mail.transaction.commit()
    client = smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30)
    client.login("bob", "correct horse")
    return client


def sent(client: smtplib.SMTP, octets: bytes, sender: str = "bob@example.test") -> int:
    try:
        client.sendmail(sender, ["alice@example.test"], octets)
    except smtplib.SMTPDataError as refused:
        return refused.smtp_code
    return 250


@pytest.mark.parametrize("field", OWN)
def test_own_name_is_left_as_it_is(field: bytes, mail: Mail, bob: smtplib.SMTP) -> None:
    assert sent(bob, field + REST) == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == field + REST


@pytest.mark.parametrize("field", NOT_OWN)
def test_another_name_has_a_sender_added(field: bytes, mail: Mail, bob: smtplib.SMTP) -> None:
    assert sent(bob, field + REST) == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == SENDER + field + REST


@pytest.mark.parametrize("from_policy", [FromPolicy.CHECK, FromPolicy.ADD_SENDER])
@pytest.mark.parametrize("field", SEVERAL_OWN)
def test_several_own_addresses_in_from_get_a_sender(field: bytes, mail: Mail, bob: smtplib.SMTP) -> None:
    assert sent(bob, field + REST) == 250
    assert sent(bob, SENDER + field + REST) == 250
    for kept in mail.inbox("alice"):
        assert kept_below_trace(kept) == SENDER + field + REST


@pytest.mark.parametrize("from_", [OWN[0], NOT_OWN[0]])
def test_a_sender_in_anothers_name_is_taken_out(from_: bytes, mail: Mail, bob: smtplib.SMTP) -> None:
    assert sent(bob, b"Sender: alice@example.test\r\n" + from_ + b"SENDER:\r\n boss@elsewhere.test\r\n" + REST) == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == (b"" if from_ == OWN[0] else SENDER) + from_ + REST


def test_a_sender_in_ones_own_name_stays(mail: Mail, bob: smtplib.SMTP) -> None:
    octets = NOT_OWN[0] + b"Sender: Bob <bobby@example.test>\r\n" + REST
    assert sent(bob, octets) == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == octets


def test_without_an_envelope_sender_the_accounts_first_address_is_named(mail: Mail, bob: smtplib.SMTP) -> None:
    assert sent(bob, NOT_OWN[0] + REST, "") == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == SENDER + NOT_OWN[0] + REST


@pytest.mark.parametrize("from_policy", [FromPolicy.CHECK])
def test_another_name_is_refused_where_the_operator_wants_that(mail: Mail, bob: smtplib.SMTP) -> None:
    assert {sent(bob, field + REST) for field in NOT_OWN} == {550}
    assert {sent(bob, field + REST) for field in OWN} == {250}
    assert len(mail.inbox("alice")) == len(OWN)


@pytest.mark.parametrize("from_policy", [FromPolicy.FREE])
def test_any_name_passes_where_the_operator_wants_that(mail: Mail, bob: smtplib.SMTP) -> None:
    assert sent(bob, b"Sender: alice@example.test\r\n" + NOT_OWN[0] + REST) == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == b"Sender: alice@example.test\r\n" + NOT_OWN[0] + REST


def test_mail_from_elsewhere_is_not_judged(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        assert sent(client, NOT_OWN[0] + REST, "boss@elsewhere.test") == 250
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == NOT_OWN[0] + REST
