"""An app password opens the doors it was made for and no others, until it is taken back."""

from __future__ import annotations

import json
import poplib
from dataclasses import replace
from typing import Any

from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.test_account_changes import signs_in
from shared.testing.eventually import eventually


def make(stack: Stack, member: Member, *options: str) -> Any:
    made = stack.agora("user", "app-password", "add", member.name, "telephone", *options, "--json")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def test_app_password_opens_only_the_doors_it_was_made_for(stack: Stack, member: Member) -> None:
    made = make(stack, member, "--protocol", "imap", "--protocol", "smtp")
    assert signs_in(replace(member, password=made["secret"])) == [True, False, True]
    assert signs_in(member) == [True, True, True]


def test_app_password_taken_back_opens_nothing(stack: Stack, member: Member) -> None:
    made = make(stack, member)
    telephone = replace(member, password=made["secret"])
    assert signs_in(telephone) == [True, True, True]
    assert stack.agora("user", "app-password", "delete", member.name, str(made["id"])).returncode == 0
    assert signs_in(telephone) == [False, False, False]
    assert signs_in(member) == [True, True, True]


def test_apop_works_with_a_password_that_was_made_for_it(stack: Stack, member: Member) -> None:
    made = make(stack, member, "--protocol", "pop3", "--apop")
    host, port = stack.pop3s

    def connected() -> poplib.POP3_SSL:
        return poplib.POP3_SSL(host, port, context=stack.tls_context(), timeout=TIMEOUT_SECONDS)

    eventually(lambda: b"<" in connected().getwelcome(), "APOP is offered")
    session = connected()
    assert session.apop(member.name, made["secret"]).startswith(b"+OK")
    assert session.stat() == (0, 0)
    session.quit()
    # Programs that find a timestamp in the greeting use nothing but APOP.
    assert stack.agora("user", "app-password", "delete", member.name, str(made["id"])).returncode == 0
    eventually(lambda: b"<" not in connected().getwelcome(), "APOP is offered no more")
