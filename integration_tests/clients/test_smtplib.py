"""Python's smtplib."""

from __future__ import annotations

import smtplib
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import only_stored, stored
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("door", ["submission", "submissions"])
def test_member_signs_in_with_each_mechanism(stack: Stack, member: Member, mechanism: str, door: str) -> None:
    with connect(stack, door) as session:
        session.user, session.password = member.name, member.password
        mechanisms = {"PLAIN": session.auth_plain, "LOGIN": session.auth_login}
        assert session.auth(mechanism, mechanisms[mechanism])[0] == 235
        session.sendmail(member.address, [member.address], sent := letter("signed in"))
    assert only_stored(member).octets.endswith(sent)


def connect(stack: Stack, door: str) -> smtplib.SMTP:
    """Greeted, over TLS."""
    host, port = getattr(stack, door)
    if door == "submissions":
        session: smtplib.SMTP = smtplib.SMTP_SSL(host, port, context=stack.tls_context(), timeout=TIMEOUT_SECONDS)
    else:
        session = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        session.starttls(context=stack.tls_context())
    session.ehlo()
    return session


def test_message_of_the_email_package_arrives_with_all_its_parts(member: Member) -> None:
    message = EmailMessage()
    message["From"] = Address("Jürgen", addr_spec=member.address)
    message["To"] = Address("東京", addr_spec=member.address)
    message["Subject"] = "Grüße aus 東京"
    message.set_content("Schöne Grüße\n.\n")
    message.add_alternative("<p>Schöne Grüße</p>\n", subtype="html")
    message.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="все.bin")
    with member.submission() as session:
        session.send_message(message)
    arrived = only_stored(member)
    assert arrived.attachments() == {"все.bin": bytes(range(256))}
    assert b"\r\nMessage-ID: <" in arrived.octets  # the member's program gave none
    assert b"\r\nDate: " in arrived.octets


def test_utf_8_in_the_header_goes_through_with_smtputf8(member: Member) -> None:
    sent = "Subject: こんにちは\r\nFrom: Jürgen <j@example.org>\r\n\r\nüber\r\n".encode()
    with member.submission() as session:
        session.sendmail(member.address, [member.address], sent, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert only_stored(member).octets.endswith(sent)


def test_several_messages_in_one_session_and_a_reset_between(member: Member) -> None:
    with member.submission() as session:
        for number in range(5):
            session.sendmail(member.address, [member.address], letter(f"number {number}"))
            session.mail(member.address)
            session.rset()
    assert [message.subject for message in stored(member)] == [f"number {number}" for number in range(5)]


def test_recipients_who_are_here_have_it_and_the_others_are_told(stack: Stack, member: Member) -> None:
    nobody, remote = f"nobody-{member.address}", "somebody@example.net"
    with member.submission() as session:
        refused = session.sendmail(member.address, [nobody, member.address, remote], letter("to who is here"))
    assert {address: code for address, (code, _) in refused.items()} == {nobody: 550, remote: 550}
    assert only_stored(member).subject == "to who is here"


def test_too_large_a_message_is_refused_by_its_announced_size(stack: Stack, member: Member) -> None:
    with connect(stack, "submission") as session:
        session.login(member.name, member.password)
        limit = int(session.esmtp_features["size"])
        code, text = session.mail(member.address, [f"SIZE={limit + 1}"])
        assert (code, text[:5]) == (552, b"5.3.4")
        assert session.mail(member.address, [f"SIZE={limit}"])[0] == 250


def test_password_is_not_asked_for_in_the_clear_from_outside(stack: Stack) -> None:
    if stack.kind == "local":
        pytest.skip("every client of this stack is on the same machine")
    with smtplib.SMTP(*stack.submission, timeout=TIMEOUT_SECONDS) as session:
        session.ehlo()
        assert not session.has_extn("auth")
        assert session.docmd("AUTH PLAIN")[0] == 538
