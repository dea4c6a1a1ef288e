"""Changes by `agora user` and `agora address` hold at every door."""

from __future__ import annotations

import imaplib
import json
import os
import re
import secrets
import smtplib
import subprocess

import pytest

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.command_line.state_directory import ROOT


def _agora(stack: Stack, *arguments: str, input: str | None = None) -> str:
    done = stack.agora(*arguments, input=input)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _signs_in(member: Member) -> bool:
    try:
        with member.imap():
            return True
    except imaplib.IMAP4.error:
        return False


def test_an_account_made_by_the_command_signs_in_and_receives_mail(stack: Stack) -> None:
    name = f"made-{secrets.token_hex(4)}"
    _agora(stack, "user", "add", name, "--password-stdin", input="At four?\n")
    member = Member(stack, name, "At four?")
    member.receive(b"Subject: tea\r\n\r\nAt four?\r\n")
    with member.imap("INBOX") as session:
        _, data = session.fetch("1", "(BODY.PEEK[TEXT])")
        assert isinstance(data[0], tuple)
        assert data[0][1] == b"At four?\r\n"


def test_a_new_password_counts_from_the_next_sign_in(stack: Stack, member: Member) -> None:
    assert _signs_in(member)
    _agora(stack, "user", "set-password", member.name, "--password-stdin", input="another drawer\n")
    assert not _signs_in(member)
    assert _signs_in(Member(stack, member.name, "another drawer"))


def test_a_disabled_account_cannot_sign_in_until_it_is_enabled(stack: Stack, member: Member) -> None:
    assert _signs_in(member)
    _agora(stack, "user", "disable", member.name)
    assert not _signs_in(member)
    _agora(stack, "user", "enable", member.name)
    assert _signs_in(member)


def test_an_app_password_is_good_where_it_was_made_for(stack: Stack, member: Member) -> None:
    made = json.loads(
        _agora(stack, "user", "app-password", "add", member.name, "phone", "--protocol", "imap", "--json")
    )
    program = Member(stack, member.name, made["secret"])
    assert _signs_in(program)
    with pytest.raises(smtplib.SMTPAuthenticationError), program.submission():
        pass
    _agora(stack, "user", "app-password", "delete", member.name, str(made["id"]))
    assert not _signs_in(program)


def test_mail_for_an_added_address_arrives_until_it_is_deleted(stack: Stack, member: Member) -> None:
    address = f"tea-{secrets.token_hex(4)}@{stack.domain}"
    _agora(stack, "address", "add", address, member.name)
    with smtplib.SMTP(*stack.smtp, timeout=20) as session:
        session.sendmail("stranger@example.org", [address], b"Subject: x\r\n\r\nx\r\n")
        _agora(stack, "address", "delete", address)
        session.ehlo()
        session.mail("stranger@example.org")
        assert session.rcpt(address)[0] == 550
    with member.imap("INBOX") as session_:
        assert session_.search(None, "ALL")[1] == [b"1"]


def test_a_deleted_account_receives_nothing_and_cannot_sign_in(stack: Stack, member: Member) -> None:
    member.receive(b"Subject: x\r\n\r\nx\r\n")
    _agora(stack, "user", "delete", member.name, "--yes")
    assert not _signs_in(member)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        member.receive(b"Subject: x\r\n\r\nx\r\n")


def test_an_accounts_use_of_space_is_listed(stack: Stack, member: Member) -> None:
    member.receive(b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 1000)
    rows = {row["name"]: row for row in json.loads(_agora(stack, "user", "list", "--json"))}
    assert 12_000 < rows[member.name]["used_octets"] < 13_000


@pytest.mark.local_only
def test_the_tour_passes_every_door(stack: Stack) -> None:
    stations = json.loads(_agora(stack, "tour", "--json"))
    assert {station["door"] for station in stations} == {
        "IMAP",
        "submission",
        "submissions",
        "LMTP",
        "SMTP",
        "POP3",
        "NNTP",
        "SSH",
        "web",
        "HTTP proxy",
    }
    # An article that came by NNTP has the same number and octets in IMAP's Rooms/.
    told = "\n".join(station["what"] for station in stations)
    posted = re.search(r"ARTICLE (\d+) of (tour\.\S+): (\d+) octets", told)
    assert posted, told
    assert f"FETCH in Rooms/{posted[2]}: UID {posted[1]}, {posted[3]} octets, the same as by NNTP" in told
    # A mail to the room's address is its next article.
    assert f"a mail to {posted[2]}@{stack.domain}: 250, it is a post, and on disk" in told
    assert f"the mail is number {int(posted[1]) + 1} of {posted[2]}" in told
    # A robot has answered, with what it found: the first page, as a rule.
    assert f'a mail to search@{stack.domain}, "front page": 250, it will be answered' in told
    assert re.search(r'"(First|No) result for \'front page\'", \d+ octets', told), told
    assert posted[2] not in _agora(stack, "room", "list")
    assert not [row for row in json.loads(_agora(stack, "user", "list", "--json")) if row["name"].startswith("tour-")]


def test_the_tour_of_a_stack_elsewhere_takes_ports_and_an_account(stack: Stack, member: Member) -> None:
    host = stack.imaps[0]
    ports = [f"--port={name}={port}" for name, (_, port) in stack.doors.items()]
    account = ("--user", member.address, "--password-stdin", "--ca", str(stack.ca_file))
    stack_of_nobody = {"AGORA_STATE": "/nowhere", "AGORA_VENV": os.environ.get("AGORA_VENV", "")}
    done = subprocess.run(
        [ROOT / "agora", "tour", "--json", "--host", "localhost" if host == "127.0.0.1" else host, *ports, *account],
        input=f"{member.password}\n",
        env={name: value for name, value in os.environ.items() if not name.startswith("AGORA_")}
        | {name: value for name, value in stack_of_nobody.items() if value},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {station["door"] for station in json.loads(done.stdout)} >= {"IMAP", "submission", "LMTP", "SMTP", "POP3"}


@pytest.mark.parametrize("words", ["imaps", "imaps=", "teapot=993", "imaps=x"])
def test_the_tour_refuses_a_port_that_is_none(stack: Stack, words: str) -> None:
    done = stack.agora(
        "tour", "--host", "localhost", "--user", "alice@localhost", "--password-stdin", "--port", words, input="x\n"
    )
    assert (done.returncode, "write DOOR=PORT" in done.stderr) == (2, True)


@pytest.mark.local_only
def test_check_finds_nothing_wrong_with_a_running_stack(stack: Stack) -> None:
    findings = json.loads(_agora(stack, "check", "--json"))
    assert not [finding for finding in findings if finding["grade"] == "wrong"]
    assert {"PostgreSQL", "Redis", "schema", "certificate"} <= {finding["subject"] for finding in findings}
