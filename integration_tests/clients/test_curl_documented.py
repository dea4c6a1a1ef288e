"""curl, command by command as docs/clients.md has it."""

from __future__ import annotations

import shlex

from integration_tests.clients.documented import documented
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, only_stored
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


def test_commands_do_what_is_documented(curl: Program, stack: Stack, member: Member) -> None:
    kept, sent, other = letter("kept"), letter("sent", member.address), stack.new_member()
    with member.imap() as session:
        append(session, "INBOX", kept)
    here = {
        "--user alice": f"--user {member.name}:{member.password}",
        "alice@localhost": member.address,
        "bob@localhost": other.address,
        "authority.pem": stack.ca_file,
        "letter.eml": curl.write("letter.eml", sent),
        ":2993": f":{stack.imaps[1]}",
        ":2995": f":{stack.pop3s[1]}",
        ":2465": f":{stack.submissions[1]}",
    }
    commands = documented("curl", here).replace("\\\n", " ").splitlines()
    outputs = [curl.succeed(*shlex.split(command)[1:]) for command in commands if command]
    assert outputs == [b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n', kept, kept, b""]
    assert only_stored(other).octets.endswith(sent)
