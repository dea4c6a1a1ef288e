"""Addresses: user+folder leads to a folder, one address to several accounts, postmaster to the admins."""

from __future__ import annotations

import smtplib

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import only_stored, stored
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack


def send(stack: Stack, *addresses: str) -> bytes:
    """A letter from outside, in one transaction."""
    sent = letter(f"to {addresses}")
    with smtplib.SMTP(*stack.smtp, timeout=TIMEOUT_SECONDS) as session:
        assert session.sendmail("stranger@example.org", addresses, sent) == {}
    return sent


def add_address(stack: Stack, address: str, member: Member) -> None:
    done = stack.agora("address", "add", address, member.name)
    assert done.returncode == 0, done.stderr


def test_plus_and_a_folders_name_lead_into_that_folder(stack: Stack, member: Member) -> None:
    with member.imap() as session:
        session.create("Lists/Tea")
    for detail, folder in (("Archive", "Archive"), ("archive", "Archive"), ("Lists/Tea", "Lists/Tea")):
        sent = send(stack, f"{member.name}+{detail}@{stack.domain}")
        assert stored(member, folder)[-1].octets.endswith(sent)
    assert stored(member) == []


def test_plus_and_no_folders_name_lead_to_inbox(stack: Stack, member: Member) -> None:
    sent = send(stack, f"{member.name}+shopping@{stack.domain}")
    assert only_stored(member).octets.endswith(sent)


def test_capital_letters_make_no_difference(stack: Stack, member: Member) -> None:
    send(stack, f"{member.name.upper()}@{stack.domain.upper()}")
    assert len(stored(member)) == 1


def test_one_address_leads_to_two_members_and_each_has_their_own_copy(stack: Stack, member: Member) -> None:
    other = stack.new_member()
    sales = f"sales-{member.name}@{stack.domain}"
    add_address(stack, sales, member)
    add_address(stack, sales, other)
    sent = send(stack, sales, member.address)  # by both of its addresses, still one copy
    assert only_stored(member).octets.endswith(sent)
    with other.imap("INBOX") as session:
        session.store("1", "+FLAGS", "(\\Flagged)")
    assert only_stored(other).flags == {"\\Flagged"}
    assert only_stored(member).flags == set()
    assert stack.agora("address", "delete", sales).returncode == 0
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="no such mailbox here"):
        send(stack, sales)


def test_member_may_send_from_every_address_of_theirs(stack: Stack, member: Member) -> None:
    alias = f"also-{member.name}@{stack.domain}"
    with member.submission() as session:
        with pytest.raises(smtplib.SMTPSenderRefused):
            session.sendmail(alias, [member.address], letter("not yet"))
        add_address(stack, alias, member)
        session.sendmail(alias, [member.address], letter("now"))
    assert only_stored(member).octets.startswith(f"Return-Path: <{alias}>\r\n".encode())


def test_postmaster_and_abuse_are_the_admins_of_the_moment(stack: Stack, member: Member) -> None:
    def set_role(role: str) -> None:
        assert stack.agora("user", "set-role", member.name, role).returncode == 0

    set_role("admin")
    try:
        sent = [send(stack, f"{name}@{stack.domain}") for name in ("postmaster", "abuse")]
    finally:
        set_role("member")
    send(stack, f"postmaster@{stack.domain}")
    assert [message.octets.endswith(letter) for message, letter in zip(stored(member), sent, strict=True)] == [True] * 2
