"""Sessions of a running stack, by every door: members see and end their own, administrators all, and what one says."""

from __future__ import annotations

import imaplib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.keyed_ssh import keyed_ssh


def sessions_of(stack: Stack, member: Member) -> Sequence[Mapping[str, Any]]:
    done = stack.agora("session", "list", "--account", member.name, "--json")
    assert done.returncode == 0, done.stderr
    listed: Sequence[Mapping[str, Any]] = json.loads(done.stdout)
    return listed


def test_sessions_of_every_door_are_listed(stack: Stack, member: Member) -> None:
    with member.imap("INBOX"), member.pop3(), member.submission():
        by_door = {each["door"]: each for each in sessions_of(stack, member)}
    assert set(by_door) == {"imaps", "pop3s", "submission"}
    assert by_door["imaps"]["state"] == "selected"
    assert by_door["pop3s"]["state"] == "transaction"
    for each in by_door.values():
        assert each["peer"]
        assert each["octets_in"] > 10
        assert re.fullmatch(r"[0-9a-f]{8}-\d+", each["id"])


def test_a_member_lists_and_ends_its_own_session_over_ssh(stack: Stack, member: Member, tmp_path: Path) -> None:
    ssh, other = keyed_ssh(stack, member, tmp_path), stack.new_member()
    with member.imap("INBOX") as mine, other.imap("INBOX") as theirs:
        listed = {each["door"]: each for each in json.loads(ssh("session", "list", "--json").stdout)}
        assert set(listed) == {"imaps", "ssh"}, "the one by which it asks, too, and nobody else's"
        [foreign] = sessions_of(stack, other)
        refused = ssh("session", "end", foreign["id"])
        assert (refused.stderr, refused.returncode) == (f"agora: there is no session {foreign['id']}\n", 1)
        ended = ssh("session", "end", listed["imaps"]["id"])
        assert (ended.stdout, ended.returncode) == (f"{listed['imaps']['id']} is ended.\n", 0)
        with pytest.raises(imaplib.IMAP4.abort):
            mine.noop()
        assert theirs.noop()[0] == "OK"


def test_an_administrator_watches_a_session_and_sees_no_password(stack: Stack, tmp_path: Path) -> None:
    admin, member = stack.new_member("admin"), stack.new_member()
    assert stack.agora("user", "set-role", admin.name, "admin").returncode == 0
    ssh = keyed_ssh(stack, admin, tmp_path)
    message = f"Subject: {secrets.token_hex(8)}\r\n\r\ntea".encode()
    with member.imap("INBOX") as session:
        [found] = sessions_of(stack, member)
        watching = ssh.begin("session", "watch", found["id"], "--for", "1m")
        assert watching.stdout is not None
        assert watching.stdout.readline() == f"{found['id']} is shown from here on.\n"
        session.append("INBOX", None, None, message)
        session.fetch("1", "(BODY.PEEK[])")
    said, _ = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert f"C: ({len(message)} octets)" in said
    assert f"S: ({len(message)} octets)" in said
    assert re.search(r"^ +\d+\.\d ms C: \w+ LOGOUT$", said, re.MULTILINE)
    assert message[9:25].decode() not in said
    audited = json.loads(stack.agora("audit", "list", "--account", admin.name, "--json").stdout)
    assert f"session watch {found['id']} --for 1m" in [line["command"] for line in audited]
