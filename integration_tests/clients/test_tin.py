"""tin lists, reads and saves articles, in the clear and over TLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.newsgroup import Newsgroup, newsgroup_with
from integration_tests.clients.program import Program
from integration_tests.clients.terminal import at_terminal
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

UNREAD = 2  # the exit status of -Z


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    return newsgroup_with(stack, "Earl Grey", "Darjeeling")


def commands(stack: Stack) -> Sequence[Sequence[str]]:
    """The two that the document has: in the clear, and over TLS."""
    here = {"2119": stack.nntp[1], "2563": stack.nntps[1], "127.0.0.1": stack.nntp[0]}
    return [line.split()[1:] for line in documented("tin", here).splitlines() if line]


@pytest.fixture
def tin(program: Callable[[str], Program], group: Newsgroup) -> Program:
    found = program("tin")
    found.write(".newsrc", f"{group.name}:\n")
    return found


@pytest.mark.parametrize("tls", [0, 1], ids=["in the clear", "TLS"])
def test_unread_articles_are_counted(tin: Program, group: Newsgroup, tls: int) -> None:
    finished = tin.run(*commands(group.stack)[tls], "-v", "-Z")
    assert finished.status == UNREAD, finished.text
    assert "2 unread" in finished.text


def test_articles_are_saved(tin: Program, group: Newsgroup) -> None:
    tin.succeed(*commands(group.stack)[0], "-v", "-S")
    folder = tin.home.joinpath("News", *group.name.split("."))
    stored = [octets.replace(b"\r\n", b"\n") for octets in group.articles()]
    assert sorted(file.read_bytes() for file in folder.iterdir()) == sorted(stored)


def test_a_member_reads_at_a_terminal(tin: Program, group: Newsgroup, member: Member) -> None:
    group.let(read="members", post="members")
    tin.write(".newsauth", f"localhost {member.password} {member.name}\n")
    with at_terminal(tin, "-A", *commands(group.stack)[1]) as terminal:
        terminal.wait_for("to continue...")
        terminal.press("\r")
        terminal.wait_for(group.name)
        terminal.press("\r")
        terminal.wait_for("Darjeeling")
        terminal.press("\r")
        terminal.wait_for("About ")
        terminal.press("qqq")
        terminal.wait_for("really want to quit")
        terminal.press("y")
        assert terminal.wait_for_end() == 0, terminal.drawn
