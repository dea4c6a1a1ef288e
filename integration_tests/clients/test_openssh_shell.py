"""The interactive shell, through OpenSSH's client on a real terminal."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import struct
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from integration_tests.clients.program import Program
from integration_tests.clients.terminal import Terminal, at_terminal
from integration_tests.clients.test_openssh import Ssh
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

UP, CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_K, CTRL_R, TAB, ENTER = (
    "\x1b[A",
    "\x01",
    "\x03",
    "\x04",
    "\x05",
    "\x0b",
    "\x12",
    "\t",
    "\r",
)


@pytest.fixture
def ssh(program: Callable[[str], Program], stack: Stack) -> Ssh:
    made = stack.new_member("admin")
    assert stack.agora("user", "set-role", made.name, "admin").returncode == 0
    assert stack.agora("user", "set-name", made.name, made.name).returncode == 0
    client = Ssh(program("ssh"), program("ssh-keygen"), made)
    assert stack.agora("user", "ssh-key", "add", made.name, "-", input=client.public).returncode == 0
    return client


@contextmanager
def shell(ssh: Ssh, *, columns: int = 80, lines: int = 24) -> Iterator[Terminal]:
    with at_terminal(ssh.program, *ssh.options(), "-tt") as terminal:
        resize(terminal, columns, lines)
        terminal.wait_for(f"Welcome {ssh.member.name}.")
        terminal.wait_for("Commands: whoami, echo, help, clear, quit, exit, user")
        terminal.wait_for(f"{ssh.member.name}@localhost$")
        yield terminal


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal._end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    os.kill(terminal.process.pid, signal.SIGWINCH)


def run(terminal: Terminal, line: str, answer: str) -> None:
    terminal.press(line + ENTER)
    terminal.wait_for(answer)
    terminal.wait_for("@localhost$")


def leave(terminal: Terminal, how: str = "exit\r") -> None:
    terminal.press(how)
    terminal.wait_for("Goodbye.")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("how", ["quit\r", "exit\r", CTRL_D])
def test_it_greets_obeys_and_says_goodbye(ssh: Ssh, how: str) -> None:
    with shell(ssh) as terminal:
        run(terminal, "whoami", f"{ssh.member.name} (admin) ")
        run(terminal, 'echo a  "b c"', "a b c\r\n")
        run(terminal, "nosuch", "No such command: nosuch. Try help.")
        run(terminal, "room add", "Usage: room add [OPTIONS] NAME")
        run(terminal, "echo 'not closed", "no closing quotation")
        run(terminal, "clear", "\x1b[H\x1b[2J")
        leave(terminal, how)


def test_lines_are_edited_with_emacs_keys_and_wide_characters(ssh: Ssh) -> None:
    with shell(ssh) as terminal:
        run(terminal, f"two{CTRL_A}echo one {CTRL_E} three", "one two three\r\n")
        run(terminal, f"echo kept gone\x17{CTRL_E}", "kept\r\n")  # Ctrl-W
        run(terminal, f"echo gone{CTRL_A}echo 茶会 ünï # {CTRL_K}", "茶会 ünï #\r\n")
        leave(terminal)


def test_history_is_there_in_the_next_session_without_secrets(ssh: Ssh) -> None:
    with shell(ssh) as terminal:
        run(terminal, "echo the first line", "the first line\r\n")
        run(terminal, " echo a secret line", "a secret line\r\n")
        run(terminal, "tea at four o'clock'", "No such command: tea. Try help.")
        leave(terminal)
    with shell(ssh) as terminal:
        run(terminal, f"{UP}{CTRL_E} again", "the first line again\r\n")
        terminal.press(f"{CTRL_R}first")
        terminal.wait_for("reverse-i-search")
        terminal.press(ENTER)
        run(terminal, f"{CTRL_E} found", "found\r\n")
        leave(terminal)


def test_commands_and_names_are_completed(ssh: Ssh, stack: Stack) -> None:
    name = f"zelda-{secrets.token_hex(4)}"
    stack.add_user(name, "tea at four o'clock")
    with shell(ssh) as terminal:
        run(terminal, f"who{TAB}", f"{ssh.member.name} (admin) ")
        terminal.press(f"user set-q{TAB}")
        terminal.wait_for("uota")
        terminal.press(f"{name[:-3]}{TAB}")
        terminal.wait_for(name[-3:])
        run(terminal, "1GiB", f"{name} may keep 1 GiB of mail.")
        leave(terminal)


def test_rules_about_senders_are_made_and_completed(ssh: Ssh) -> None:
    what = f"@nuisance-{secrets.token_hex(4)}.test"
    with shell(ssh) as terminal:
        run(terminal, f"sender block {what}", f"Mail from {what} is blocked; there was no rule about it.")
        terminal.press(f"sender remove {what[:-7]}{TAB}")
        terminal.wait_for(what[-7:])
        run(terminal, "", f"There is no rule about {what} any more; it was blocked.")
        leave(terminal)


def test_ctrl_c_ends_a_command_and_not_the_session(ssh: Ssh) -> None:
    with shell(ssh) as terminal:
        terminal.press(f"passwd {ssh.member.name}\r")
        terminal.wait_for("Current password: ")
        terminal.press(CTRL_C)
        terminal.wait_for("@localhost$")
        terminal.press(f"half a line{CTRL_C}")
        terminal.wait_for("@localhost$")
        run(terminal, "echo still here", "still here\r\n")
        leave(terminal)


def test_passwords_are_asked_for_unseen_and_questions_are_answered(ssh: Ssh, stack: Stack) -> None:
    name = f"bob-{secrets.token_hex(4)}"
    with shell(ssh) as terminal:
        terminal.press(f"user add {name}\r")
        for prompt in ("Password: ", "The same again: "):
            terminal.wait_for(prompt)
            terminal.press("a drawer of keys\r")
        terminal.wait_for(f"{name} can sign in")
        assert b"drawer" not in terminal.drawn
        terminal.wait_for("@localhost$")
        terminal.press(f"user delete {name}\r")
        terminal.wait_for("and all mail it keeps? [y/N]: ")
        terminal.press("y\r")
        terminal.wait_for(f"{name} is deleted.")
        leave(terminal)


def test_long_output_comes_a_page_at_a_time_as_large_as_the_terminal_is_now(ssh: Ssh, stack: Stack) -> None:
    for number in range(12):
        stack.agora("room", "add", f"paged.{ssh.member.name}.r{number:02}")
    with shell(ssh, lines=8) as terminal:
        terminal.press("room list\r")
        terminal.wait_for("-- more: space a page, Enter a line, q the end --")
        terminal.press(" ")
        terminal.wait_for("-- more")
        terminal.press("q")
        terminal.wait_for("@localhost$")
        resize(terminal, 200, 200)
        run(terminal, "room list", f"paged.{ssh.member.name}.r11")
        assert b"-- more" not in terminal.drawn
        leave(terminal)


def test_without_a_terminal_lines_are_commands_and_the_status_is_the_last_ones(ssh: Ssh) -> None:
    done = ssh.program.run(*ssh.options("BatchMode=yes"), "-T", input=b"echo one\n# a comment\nwhoami\nnosuch\n")
    assert done.output == f"one\n{ssh.member.name} (admin) {ssh.member.name}\n".encode()
    assert done.errors.endswith(b"No such command: nosuch. Try help.\n")
    assert done.status == 127


def test_a_member_finds_its_own_commands_alone(program: Callable[[str], Program], member: Member) -> None:
    client = Ssh(program("ssh"), program("ssh-keygen"), member)
    member.stack.agora("user", "ssh-key", "add", member.name, "-", input=client.public)
    assert member.stack.agora("user", "set-name", member.name, member.name).returncode == 0
    with shell(client) as terminal:
        run(terminal, "domain list", "No such command: domain. Try help.")
        run(terminal, f"user ssh-key list {member.name}", "a test")
        leave(terminal)
