"""Return-Path, and Authentication-Results in our name: a client's are taken out, everything else stays as it came."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

import pytest

from services.smtp_ingest.accept import HEADER_OCTETS, MOST_SINGLE, header_of
from services.smtp_ingest.forged_fields import forged_fields
from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import HOSTNAME, MESSAGE_OCTETS, Mail
from services.smtp_ingest.tests.test_stored_messages import PATHS, Serve, kept_below_trace
from shared.messages.header_fields import HeaderFields

RETURN_PATH = b"Return-Path: <somebody@else.test>\r\n"
OURS = [
    b"Authentication-Results: mail.example.test; dkim=pass\r\n",
    b"authentication-results :MAIL.example.test.;spf=pass\r\n",
    b"Authentication-Results:\r\n\t(a \\) (comment)) \r\n mail.example.test 1;\r\n\tdkim=pass\r\n",
    b'Authentication-Results: "mail.example\\.test"; none\r\n',
    b"Authentication-Results: mail.example.test(comment); none\r\n",
    b"Authentication-Results: mail.example.test, dkim=pass\r\n",
    b"Authentication-Results: mail.example.test/1; dkim=pass\r\n",
    b"Authentication-Results: \x0cmail.example.test; dkim=pass\r\n",
    b"Authentication-Results: \xc2\xa0mail.example.test\xff; dkim=pass\r\n",
    b"Authentication-Results: (never ends; dkim=pass\r\n",
    b"Authentication-Results: ; dkim=pass\r\n",
    RETURN_PATH,
    b"RETURN-PATH:\r\n <somebody@else.test>\r\n",
]
OTHERS = [
    b"Authentication-Results: mx.elsewhere.test; dkim=pass\r\n",
    b"Authentication-Results: mail.example.test.elsewhere.test; dkim=pass\r\n",
    b"X-Authentication-Results: mail.example.test; dkim=pass\r\n",
    b"ARC-Authentication-Results: i=1; mail.example.test; dkim=pass\r\n",
    b"Subject: Return-Path: x\r\n Return-Path: y\r\n",
    b"Received: from a\r\n\tby b\r\n",
]


@pytest.mark.parametrize("field", OURS)
def test_what_only_we_may_write_is_taken_out(field: bytes) -> None:
    for header in (field + OTHERS[0], OTHERS[5] + field, OTHERS[4] + field + field + OTHERS[0]):
        fields = HeaderFields(header)
        assert fields.without(forged_fields(fields, HOSTNAME, trusts_results=False)) == header.replace(field, b"")


@pytest.mark.parametrize("field", OTHERS)
def test_what_others_wrote_stays(field: bytes) -> None:
    assert not forged_fields(HeaderFields(field), HOSTNAME, trusts_results=False)


@pytest.mark.parametrize("body", [b"x\r\n", b"x" * (MESSAGE_OCTETS - 3000) + b"\r\n"], ids=["memory", "file"])
def test_message_is_kept_without_them(body: bytes, mail: Mail, serve: Serve) -> None:
    header, rest = b"".join(OTHERS), b"Return-Path: <in@the.body>\r\n" + body
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.sendmail(*PATHS, RETURN_PATH + header + b"".join(OURS) + b"\r\n" + rest)
    (kept,) = mail.inbox("alice")
    assert kept_below_trace(kept) == header + b"\r\n" + rest


@pytest.mark.parametrize(("policy", "stays"), [(RELAY, False), (SUBMISSION, False), (LMTP, True)])
def test_a_mail_server_of_ours_may_have_our_name(
    policy: Policy, stays: bool, mail: Mail, serve: Callable[[Policy], int]
) -> None:
    with (smtplib.LMTP if policy.lmtp else smtplib.SMTP)("127.0.0.1", serve(policy)) as client:
        client.ehlo("client.test")
        if policy.submission:
            client.login("alice", "correct horse")
        client.sendmail("alice@example.test", ["alice@example.test"], OURS[0] + RETURN_PATH + b"Subject: x\r\n\r\n")
    (kept,) = mail.inbox("alice")
    assert (OURS[0] in kept) is stays
    assert RETURN_PATH not in kept


@pytest.mark.parametrize(("policy", "stays"), [(RELAY, False), (SUBMISSION, False), (LMTP, True)])
def test_a_room_has_what_a_mailbox_has(policy: Policy, stays: bool, mail: Mail, serve: Callable[[Policy], int]) -> None:
    room = mail.make_room("local.tea")
    octets = b"From: alice@example.test\r\n" + OURS[0] + OTHERS[0] + b"Subject: x\r\n\r\n"
    with (smtplib.LMTP if policy.lmtp else smtplib.SMTP)("127.0.0.1", serve(policy)) as client:
        client.ehlo("client.test")
        if policy.submission:
            client.login("alice", "correct horse")
        for recipient in ("alice@example.test", "local.tea@example.test"):
            client.sendmail("alice@example.test", [recipient], octets)
    [in_mailbox], [in_room] = mail.inbox("alice"), mail.articles(room)
    for kept in (in_mailbox, in_room):
        assert (OURS[0] in kept) is stays
        assert OTHERS[0] in kept


def test_a_header_too_large_to_be_looked_through_is_known() -> None:
    assert header_of(b"X: " + b"y" * (HEADER_OCTETS - 9) + b"\r\n\r\n" + b"z" * HEADER_OCTETS) is not None
    assert header_of(b"X: " + b"y" * HEADER_OCTETS + b"\r\n\r\n") is None
    assert header_of(b"\r\n" + b"y" * HEADER_OCTETS * 2) == b""


def test_a_header_of_forged_fields_without_number_is_refused(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        with pytest.raises(smtplib.SMTPDataError, match="header too large"):
            client.sendmail(*PATHS, b"Return-Path: <>\r\n" * (MOST_SINGLE + 1) + b"\r\nx\r\n")
        client.sendmail(*PATHS, b"Return-Path: <>\r\n" * MOST_SINGLE + b"\r\nx\r\n")


def test_a_name_behind_more_comments_than_anybody_writes_is_not_looked_for() -> None:
    for comments in (b"(x)" * 3000, b"(" + b"x" * 235 + b")"):  # before the name all is cut off, or in it
        field = b"Authentication-Results: " + comments + HOSTNAME.encode() + b"; dkim=pass\r\n"
        assert forged_fields(HeaderFields(field), HOSTNAME, trusts_results=False)
