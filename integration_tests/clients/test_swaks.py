"""swaks speaks SMTP and LMTP step by step, and shows every answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import fetched, only_stored, stored
from integration_tests.clients.program import Finished, Program
from integration_tests.clients.reach import require_lmtp
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Place, Stack

Swaks = Callable[..., Finished]


@pytest.fixture
def swaks(program: Callable[[str], Program], stack: Stack) -> Swaks:
    found = program("swaks")
    trusted = ("--tls-verify", "--tls-ca-path", str(stack.ca_file))

    def run(place: Place, *options: str, tls: str | None = "--tls", data: bytes | None = None) -> Finished:
        written = ("--data", f"@{found.write('letter.eml', data)}") if data is not None else ()
        secured = (tls, *trusted) if tls else ()
        return found.run("--server", f"localhost:{place[1]}", *secured, *written, *options)

    return run


def signed_in(member: Member, mechanism: str = "PLAIN") -> tuple[str, ...]:
    account = ("--auth-user", member.name, "--auth-password", member.password)
    return ("--auth", mechanism, *account, "--from", member.address)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("tls", ["--tls", "--tls-on-connect"])
def test_member_signs_in_and_a_letter_in_8_bit_arrives(
    swaks: Swaks, stack: Stack, member: Member, mechanism: str, tls: str
) -> None:
    sent = letter("Grüße", member.address, member.address)
    place = stack.submission if tls == "--tls" else stack.submissions
    finished = swaks(place, *signed_in(member, mechanism), "--to", member.address, tls=tls, data=sent)
    assert finished.status == 0, finished.text
    assert "235 2.7.0" in finished.text
    arrived = only_stored(member).octets
    assert arrived.endswith(sent + b"\r\n")  # swaks ends with an empty line of its own
    assert re.search(rb"with ESMTPSA \(TLSv1\.[23] [A-Z0-9_-]+\)", arrived)


def test_pipelined_recipients_are_answered_each_in_its_place(swaks: Swaks, stack: Stack, member: Member) -> None:
    other = stack.new_member()
    to = f"{member.address},nobody-{other.address},{other.name}+Archive@{stack.domain}"
    sent = letter("to those who are here")
    finished = swaks(stack.submission, "--pipeline", *signed_in(member), "--to", to, data=sent)
    assert finished.status == 0, finished.text
    codes = re.findall(r"^<~[* ] (\d{3} \S+)", finished.text.partition("~> MAIL")[2], re.MULTILINE)
    assert codes == ["250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5", "354 go", "250 2.0.0", "221 2.0.0"]
    assert only_stored(member).octets == only_stored(other, "Archive").octets
    assert stored(other) == []


def test_attachments_arrive_as_they_were(swaks: Swaks, stack: Stack, member: Member, home_file: bytes) -> None:
    finished = swaks(
        stack.submission, *signed_in(member), "--to", member.address, "--attach-body", "see attachment",
        "--attach-type", "application/octet-stream", "--attach-name", "all.bin", "--attach", "@all.bin",
    )  # fmt: skip
    assert finished.status == 0, finished.text
    assert only_stored(member).attachments() == {"all.bin": home_file}
    with member.imap("INBOX") as session:
        structure = fetched(session, "1", "BODYSTRUCTURE")[0].lower()
    assert b'"application" "octet-stream" ("name" "all.bin") nil "all.bin" "base64"' in structure
    assert b'("attachment" ("filename" "all.bin"))' in structure


@pytest.fixture
def home_file(program: Callable[[str], Program]) -> bytes:
    """all.bin in the home: every octet, many times over."""
    octets = bytes(range(256)) * 1000
    program("swaks").write("all.bin", octets)
    return octets


def test_wrong_password_is_told_as_that(swaks: Swaks, stack: Stack, member: Member) -> None:
    options = ("--auth", "PLAIN", "--auth-user", member.name, "--auth-password", "wrong", "--from", member.address)
    finished = swaks(stack.submission, *options, "--to", member.address)
    assert finished.status == 28, finished.text  # swaks's "an AUTH step failed"
    assert "535 5.7.8" in finished.text
    assert stored(member) == []


def test_nobody_submits_without_signing_in(swaks: Swaks, stack: Stack, member: Member) -> None:
    finished = swaks(stack.submission, "--from", member.address, "--to", member.address)
    assert finished.status == 23, finished.text  # swaks's "error in MAIL"
    assert "530 5.7.0" in finished.text


@pytest.mark.parametrize("tls", ["--tls", None])
def test_stranger_reaches_a_member_and_nobody_else(swaks: Swaks, stack: Stack, member: Member, tls: str | None) -> None:
    sent = letter("from afar")
    arrives = swaks(stack.smtp, "--from", "stranger@example.org", "--to", member.address, tls=tls, data=sent)
    assert arrives.status == 0, arrives.text
    assert "AUTH" not in arrives.text  # strangers' door takes no passwords
    for address, reply in ((f"nobody-{member.address}", "550 5.1.1"), ("other@example.net", "550 5.7.1")):
        refused = swaks(stack.smtp, "--from", "stranger@example.org", "--to", address, tls=tls)
        assert refused.status == 24, refused.text  # swaks's "no recipients were accepted"
        assert reply in refused.text
    arrived = only_stored(member).octets
    assert arrived.startswith(b"Return-Path: <stranger@example.org>\r\n")
    assert arrived.endswith(sent + b"\r\n")
    assert (b" with ESMTPS (TLSv1." if tls else b" with ESMTP id") in arrived


def test_lmtp_answers_once_for_each_recipient(swaks: Swaks, stack: Stack, member: Member) -> None:
    require_lmtp(stack)
    other = stack.new_member()
    to = f"{member.address},nobody-{other.address},{other.address}"
    sent = letter("handed over")
    options = ("--protocol", "LMTP", "--from", "<>", "--to", to)
    finished = swaks(stack.lmtp, *options, tls=None, data=sent)
    assert finished.status == 0, finished.text
    after_data = finished.text.rpartition(" -> .\n")[2]
    assert re.findall(r"^<-[* ] +(\d{3} \S+)", after_data, re.MULTILINE) == ["250 2.0.0", "250 2.0.0", "221 2.0.0"]
    arrived = only_stored(member).octets
    assert arrived.startswith(b"Return-Path: <>\r\n")
    assert b" with LMTP id" in arrived
    assert arrived.endswith(sent + b"\r\n")
    assert only_stored(other).octets.endswith(sent + b"\r\n")
