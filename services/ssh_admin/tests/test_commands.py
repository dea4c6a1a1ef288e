"""Commands over SSH: their output and status, what each role may do, and the audit."""

from __future__ import annotations

import json

import asyncssh
import pytest

from services.ssh_admin.tests.conftest import PASSWORD, SshDoor
from shared.accounts.find_account import find_account
from shared.administration import accounts
from shared.administration.tests.test_trace import came_by_mail, kept
from shared.testing.builders import verifiers_of


def test_words_of_the_shell_answer_as_they_say(door: SshDoor) -> None:
    echo, helped, none, unknown = door.run('echo a  "b c"', "help echo", "help nosuch", "nosuch")
    assert echo.stdout == "a b c\n"
    assert helped.stdout == "Echo a string. Usage: echo my line of text\n"
    assert (none.stderr, none.exit_status) == ("No such command: nosuch. Try help.\n", 127)
    assert (unknown.stderr, unknown.exit_status) == ("No such command: nosuch. Try help.\n", 127)


def test_an_administrator_has_the_nouns_and_verbs_of_the_command_line(door: SshDoor) -> None:
    made, listed, room, wrong, shown = door.run(
        "user app-password add alice phone --protocol imap",
        "user list --json",
        "room add agora.tea --description 'About tea'",
        "room add",
        "room show agora.tea --json",
    )
    assert made.exit_status == 0
    assert [each["name"] for each in json.loads(listed.stdout)] == ["alice", "root"]
    assert room.stdout == "agora.tea is there: read by members, posted to by members.\n"
    assert wrong.exit_status == 2
    assert wrong.stderr.startswith("Usage: room add [OPTIONS] NAME\n")
    assert json.loads(shown.stdout)["description"] == "About tea"


def test_standard_input_and_password_reach_the_command(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> tuple[object, object]:
        made = await connection.run("user add bob --password-stdin", input="a drawer of keys\n")
        key = door.make_key("ed25519").with_suffix(".pub")
        added = await connection.run("user ssh-key add bob -", input=key.read_text())
        return made, added

    made, added = door.connect(work)
    assert (made.exit_status, made.stderr) == (0, "")  # type: ignore[attr-defined]
    assert (added.exit_status, added.stderr) == (0, "")  # type: ignore[attr-defined]
    assert door.run("whoami", username="bob", password="a drawer of keys")[0].stdout == "bob (member) bob\n"


def test_a_member_has_what_is_its_own_and_nothing_else(door: SshDoor) -> None:
    listed, own, others, domains, helped = door.run(
        "help",
        "user app-password list alice",
        "user app-password list root",
        "domain list",
        "help domain",
        username="alice",
    )
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == ["whoami", "echo", "help", "clear", "quit", "exit", "user", "passwd", "page", "session", "trace"]
    assert own.stdout == "alice has no app passwords.\n"
    assert (others.exit_status, others.stderr) == (1, "agora: you may do this for your own account only\n")
    assert (domains.exit_status, domains.stderr) == (127, "No such command: domain. Try help.\n")
    assert helped.exit_status == 127


def test_a_member_changes_its_own_password(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> asyncssh.SSHCompletedProcess:
        return await connection.run("passwd alice --password-stdin", input=f"{PASSWORD}\na drawer of keys\n")

    done = door.connect(work, username="alice")
    assert (done.exit_status, done.stdout) == (0, "alice has a new password.\n")
    assert door.run("whoami", username="alice", password="a drawer of keys")[0].exit_status == 0


def test_a_password_that_is_reset_while_its_owner_types_one_stays_reset(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> tuple[int | None, str]:
        process = await connection.create_process("passwd alice", term_type="xterm")
        await process.stdout.readuntil("Current password: ")
        process.stdin.write(f"{PASSWORD}\r")
        await process.stdout.readuntil("New password: ")
        accounts.set_password(door.transaction, "alice", verifiers_of("kept in a safe"))
        door.transaction.commit()
        process.stdin.write("a drawer of keys\r" * 2)
        done = await process.wait()
        return done.exit_status, str(done.stdout)

    status, said = door.connect(work, username="alice")
    assert status == 1
    assert "this is not the password, or no account of this name may sign in" in said
    assert door.run("whoami", username="alice", password="kept in a safe")[0].exit_status == 0


def test_a_role_that_was_taken_away_counts_from_the_next_command_on(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> tuple[object, object]:
        before = await connection.run("domain list")
        door.transaction.execute("UPDATE account SET role = 'member' WHERE name = 'root'")
        door.transaction.commit()
        return before.exit_status, (await connection.run("domain list")).exit_status

    assert door.connect(work) == (0, 127)


def test_a_file_is_never_one_of_the_server(door: SshDoor) -> None:
    [done] = door.run("user ssh-key add alice /etc/passwd")
    assert done.exit_status == 2
    assert "over SSH a file is always -" in done.stderr


def test_every_command_is_in_the_audit_and_what_is_none_is_not_repeated_there(door: SshDoor) -> None:
    door.run("domain add example.com", "domain add", "echo one two", "my secret passphrase")
    rows = door.transaction.rows("SELECT account, role, peer, command, status FROM command_audit ORDER BY id")
    assert rows == [
        ("root", "admin", "127.0.0.1", "domain add example.com", 0),
        ("root", "admin", "127.0.0.1", "domain add", 2),
        ("root", "admin", "127.0.0.1", "echo one two", 0),
        ("root", "admin", "127.0.0.1", "(no such command)", 127),
    ]
    [listed] = door.run("audit list --json --last 2")
    assert [each["command"] for each in json.loads(listed.stdout)] == [
        "audit list --json --last 2",
        "(no such command)",
    ]


def test_a_member_traces_messages_of_its_own_and_an_administrator_all(door: SshDoor) -> None:
    alice = find_account(door.transaction, "alice")
    number = kept(door.transaction, alice.id, came_by_mail("1\x1b[2J", "abc"))
    line = "trace abc --json"
    own = door.run(line, username="alice")[0]
    assert [step["step"] for step in json.loads(own.stdout)] == ["came", "is in"]
    assert json.loads(own.stdout)[0]["message"] == number
    assert door.run(line)[0].stdout == own.stdout
    refused, none = door.run("trace xyz", "trace abcd", username="alice")
    assert (refused.exit_status, none.exit_status) == (1, 1)
    assert refused.stderr == "agora: xyz is neither a Message-ID, which has an @, nor the id of `taken as ID`\n"
    assert none.stderr.startswith("agora: there is no such message that you may see, or it is too old")


@pytest.mark.parametrize("command", ["room list", "room list --json", "room show agora.bad"])
def test_escapes_in_names_never_reach_the_terminal(door: SshDoor, command: str) -> None:
    door.run("room add agora.bad")
    door.transaction.execute(
        "UPDATE room SET description = %s WHERE name = 'agora.bad'", ("a\x1b]0;owned\x07\x9b31mb\u202ec",)
    )
    door.transaction.commit()

    async def work(connection: asyncssh.SSHClientConnection) -> bytes:
        done = await connection.run(command, term_type="xterm", encoding=None)
        assert isinstance(done.stdout, bytes)
        return done.stdout

    shown = door.connect(work)
    assert b"owned" in shown or b"\\x1b]" in shown
    assert b"\x1b]" not in shown
    assert b"\x07" not in shown
    assert "\x9b" not in shown.decode()
    assert "\u202e" not in shown.decode()
