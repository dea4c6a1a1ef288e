"""Changes of an account by an administrator hold at once, in every service."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import only_stored
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.idle import idling

REFUSED = (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPAuthenticationError)
DOORS: list[Callable[[Member], object]] = [Member.imap, Member.pop3, Member.submission]


def signs_in(member: Member) -> list[bool]:
    """Whether IMAP, POP3 and submission let the member in."""
    return [_signs_in(member, door) for door in DOORS]


def _signs_in(member: Member, door: Callable[[Member], object]) -> bool:
    try:
        with door(member):  # type: ignore[attr-defined]
            return True
    except REFUSED:
        return False


def test_disabled_account_loses_its_sessions_and_comes_back_whole(stack: Stack, member: Member) -> None:
    member.receive(letter("before"))
    with idling(member) as waiting, member.pop3() as maildrop:
        assert stack.agora("user", "disable", member.name).returncode == 0
        assert waiting.wait_for("BYE").startswith("* BYE")
        assert ends(maildrop)
    assert signs_in(member) == [False, False, False]
    assert stack.agora("user", "enable", member.name).returncode == 0
    assert signs_in(member) == [True, True, True]
    assert only_stored(member).subject == "before"


def ends(maildrop: Any) -> bool:
    """Whether the server says farewell to a POP3 session without being asked; waits for as long as the socket does."""
    return bool(maildrop.file.readline().startswith(b"-ERR")) and maildrop.file.readline() == b""


def test_new_password_is_the_only_one_from_now_on(stack: Stack, member: Member) -> None:
    assert signs_in(member) == [True, True, True]  # so each service remembers the old one
    changed = replace(member, password="another-" + member.password)
    done = stack.agora("user", "set-password", member.name, "--password-stdin", input=changed.password + "\n")
    assert done.returncode == 0, done.stderr
    assert signs_in(changed) == [True, True, True]
    assert signs_in(member) == [False, False, False]


def test_deleted_account_is_gone_from_every_door(stack: Stack, member: Member) -> None:
    member.receive(letter("lost"))
    with idling(member) as waiting:
        assert stack.agora("user", "delete", member.name, "--yes").returncode == 0
        assert waiting.wait_for("BYE").startswith("* BYE")
    assert signs_in(member) == [False, False, False]
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="no such mailbox here"):
        member.receive(letter("too late"))
