"""nn shows the unread articles of a group at a terminal, and remembers what was read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.clients.newsgroup import Newsgroup, newsgroup_with
from integration_tests.clients.own_etc import with_own_etc
from integration_tests.clients.program import Program
from integration_tests.clients.terminal import at_terminal
from integration_tests.stack.stack import Stack


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    return newsgroup_with(stack, "Earl Grey", "Darjeeling")


@pytest.fixture
def nn(program: Callable[[str], Program], group: Newsgroup) -> Program:
    """It takes the port of NNTP from /etc/services alone."""
    host, port = group.stack.nntp
    services = re.sub(r"^nntp\s+119/tcp", f"nntp {port}/tcp", Path("/etc/services").read_text(), flags=re.MULTILINE)
    found = program("nn")
    found.write(".nn/init", f"set nntp-server {host}\nset confirm-auto-quit off\n")
    found.write(".newsrc", f"{group.name}:\n")
    return with_own_etc({"nn": found}, {"services": services})["nn"]


def test_unread_articles_are_read_at_a_terminal(nn: Program, group: Newsgroup) -> None:
    with at_terminal(nn, group.name) as terminal:
        terminal.wait_for("Articles: 2 of 2")
        terminal.wait_for("Darjeeling")
        terminal.wait_for("SELECT")
        terminal.press("ab ")
        terminal.wait_for("About Darjeeling.")
        terminal.press(" ")
        terminal.wait_for("About Earl Grey.")
        terminal.press(" ")  # there is no other group
        assert terminal.wait_for_end() == 0, terminal.drawn
    assert re.search(rf"^{re.escape(group.name)}: 1-2$", (nn.home / ".newsrc").read_text(), re.MULTILINE)
