"""Domains that come and go while the services run, and the address that has the mail for everybody else."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import stored
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack


@pytest.fixture
def sender(stack: Stack) -> Iterator[smtplib.SMTP]:
    """A server of somebody else's, in the middle of a transaction."""
    with smtplib.SMTP(*stack.smtp, timeout=TIMEOUT_SECONDS) as session:
        session.ehlo()
        session.mail("stranger@example.org")
        yield session


def agora(stack: Stack, *words: str) -> None:
    done = stack.agora(*words)
    assert done.returncode == 0, done.stderr


def test_mail_for_a_new_domain_is_taken_by_a_process_that_has_just_refused_it(
    stack: Stack, member: Member, sender: smtplib.SMTP
) -> None:
    domain = f"{member.name}.example"
    assert sender.rcpt(f"info@{domain}")[0] == 550
    agora(stack, "domain", "add", domain)
    agora(stack, "address", "add", f"info@{domain}", member.name)
    assert sender.rcpt(f"info@{domain}")[0] == 250
    agora(stack, "address", "delete", f"info@{domain}")
    agora(stack, "domain", "delete", domain)


def test_a_domains_star_has_the_mail_for_everybody_who_is_not_there(
    stack: Stack, member: Member, sender: smtplib.SMTP
) -> None:
    domain = f"star-{member.name}.example"
    agora(stack, "domain", "add", domain)
    assert sender.rcpt(f"never-heard-of@{domain}")[0] == 550
    agora(stack, "address", "add", f"*@{domain}", member.name)
    assert sender.rcpt(f"never-heard-of@{domain}")[0] == 250
    assert sender.data(letter("for anybody"))[0] == 250
    assert f"for <never-heard-of@{domain}>".encode() in stored(member)[-1].octets
    agora(stack, "address", "delete", f"*@{domain}")
    sender.mail("stranger@example.org")
    assert sender.rcpt(f"never-heard-of@{domain}")[0] == 550
    agora(stack, "domain", "delete", domain)
