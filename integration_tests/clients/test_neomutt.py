"""neomutt reads news: over STARTTLS, signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.clients.program import Program
from integration_tests.clients.terminal import at_terminal
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    return new_newsgroup(stack)


@pytest.fixture
def neomutt(program: Callable[[str], Program], stack: Stack, member: Member, group: Newsgroup) -> Program:
    found = program("neomutt")
    here = {"2119": stack.nntp[1], "alice": member.name, "secret": member.password}
    settings = documented("neomutt", {**here, "/path/to/authority.pem": stack.ca_file})
    found.write(".neomuttrc", settings + 'set folder = "~"\n')
    found.write(".newsrc", f"{group.name}:\n")
    return found


def test_an_article_is_read_and_remembered(neomutt: Program, group: Newsgroup) -> None:
    assert group.post(group.article("Earl Grey")).startswith(b"240 ")
    group.let(read="members", post="members")
    with at_terminal(neomutt, "-G") as terminal:
        terminal.wait_for(group.name)
        terminal.press("\r")
        terminal.wait_for("Earl Grey")
        terminal.press("\r")
        terminal.wait_for("About Earl Grey.")
        terminal.press("qqq")
        assert terminal.wait_for_end() == 0, terminal.drawn
    assert (neomutt.home / ".newsrc").read_text() == f"{group.name}: 1\n"
