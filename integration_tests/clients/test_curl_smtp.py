"""curl hands in mail: with STARTTLS, over TLS, to several at once, and is refused where it must be."""

from __future__ import annotations

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import only_stored, stored
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Place, Stack


def url(scheme: str, place: Place) -> str:
    return f"{scheme}://localhost:{place[1]}/client.example"  # the path is what curl says in EHLO


def test_letter_handed_in_after_starttls_arrives_octet_for_octet(curl: Program, stack: Stack, member: Member) -> None:
    sent = letter("by STARTTLS", member.address, member.address)
    file = curl.write("letter.eml", sent)
    curl.succeed(
        "--ssl-reqd", url("smtp", stack.submission), "--mail-from", member.address, "--mail-rcpt", member.address,
        "--upload-file", file,
    )  # fmt: skip
    arrived = only_stored(member).octets
    assert arrived.endswith(b"\r\n" + sent)
    ours = arrived.removesuffix(sent).decode()
    assert ours.startswith(f"Return-Path: <{member.address}>\r\nReceived: from client.example (")
    assert "with ESMTPSA (TLSv1.3 " in ours
    assert f"for <{member.address}>" in ours


def test_letter_over_tls_reaches_each_of_several_recipients(curl: Program, stack: Stack, member: Member) -> None:
    other = stack.new_member()
    sent = letter("to two", member.address, "all@example.org")
    curl.succeed(
        url("smtps", stack.submissions), "--mail-from", member.address, "--mail-rcpt", member.address,
        "--mail-rcpt", other.address, "--upload-file", "-", input=sent,
    )  # fmt: skip
    arrived = only_stored(other).octets
    assert arrived == only_stored(member).octets
    assert arrived.endswith(sent)
    assert b"for <" not in arrived.removesuffix(sent)  # neither learns from us of the other


def test_another_servers_certificate_is_not_accepted_in_place_of_ours(
    curl: Program, stack: Stack, member: Member
) -> None:
    refused = curl.run("--cacert", "/etc/ssl/certs/ca-certificates.crt", url("smtps", stack.submissions))
    assert refused.status == 60, refused.text  # curl's "peer's certificate cannot be authenticated"
    assert stored(member) == []


def test_wrong_password_takes_nothing(curl: Program, stack: Stack, member: Member) -> None:
    refused = curl.run(
        url("smtps", stack.submissions), "--user", f"{member.name}:wrong", "--mail-from", member.address,
        "--mail-rcpt", member.address, "--upload-file", "-", input=letter("never"),
    )  # fmt: skip
    assert refused.status == 67, refused.text  # curl's "not accepted to log in"
    assert stored(member) == []


@pytest.mark.parametrize(
    ("recipient", "reply"), [("nobody-{}", "550"), ("somebody@example.org", "550")], ids=["unknown", "remote"]
)
def test_recipient_elsewhere_is_refused_at_once(
    curl: Program, stack: Stack, member: Member, recipient: str, reply: str
) -> None:
    address = recipient.format(member.address)
    refused = curl.run(
        url("smtps", stack.submissions), "--mail-from", member.address, "--mail-rcpt", address,
        "--upload-file", "-", input=letter("never"),
    )  # fmt: skip
    assert refused.status == 55, refused.text
    assert f"RCPT failed: {reply}" in refused.text
    assert stored(member) == []


def test_sender_must_be_the_members_own_address(curl: Program, stack: Stack, member: Member) -> None:
    other = stack.new_member()
    refused = curl.run(
        url("smtps", stack.submissions), "--mail-from", other.address, "--mail-rcpt", member.address,
        "--upload-file", "-", input=letter("forged"),
    )  # fmt: skip
    assert "MAIL failed: 553" in refused.text
    assert stored(member) == []


def test_letter_of_a_text_file_with_lf_arrives_with_cr_lf(curl: Program, stack: Stack, member: Member) -> None:
    sent = letter("from a text file", member.address, member.address) + b"\r\n.\r\n.dot\r\n..two\r\nend\r\n"
    for more, behind in (((), b"\r\n"), (("--crlf",), b"")):  # curl ends what it takes for no line of its own
        file = curl.write("letter.eml", sent.replace(b"\r\n", b"\n"))
        curl.succeed(
            url("smtps", stack.submissions), "--mail-from", member.address, "--mail-rcpt", member.address,
            "--upload-file", file, *more,
        )  # fmt: skip
        assert stored(member)[-1].octets.endswith(b"\r\n" + sent + behind)
