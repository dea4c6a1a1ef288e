"""`agora wiki` at the running stack, by each of the protocols; shared/command_line/tests/test_wiki.py has the rest."""

from __future__ import annotations

import secrets

import pytest

from integration_tests.stack.stack import Stack


@pytest.mark.local_only  # the command runs on this machine
@pytest.mark.parametrize("via", ["rest", "xmlrpc", "soap", "pb"])
def test_a_page_is_saved_and_read_by_every_protocol(stack: Stack, via: str) -> None:
    name = f"Page{secrets.token_hex(4)}"
    saved = stack.agora("wiki", "put", name, "--via", via, input="Tea at *four*.\n")
    assert (saved.stdout, saved.returncode) == (f"{name}: revision 1\n", 0), saved.stderr
    assert stack.agora("wiki", "get", name, "--via", via).stdout == "Tea at *four*.\n"
    missing = stack.agora("wiki", "get", f"{name}s", "--via", via)
    assert (missing.stdout, missing.returncode) == ("", 4), missing.stderr
