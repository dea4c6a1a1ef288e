"""Fixtures of the stories."""

from __future__ import annotations

import secrets

import pytest

from integration_tests.stack.stack import Stack
from integration_tests.stories.open_room import wait_until
from shared.rooms.name import MOST_NAME_OCTETS


@pytest.fixture
def room(stack: Stack) -> str:
    """A room that only this test knows, open to everyone. Its name is as long as names may be."""
    name = f"local.story-{secrets.token_hex(4)}.".ljust(MOST_NAME_OCTETS, "x")
    added = stack.agora("room", "add", name, "--read", "everyone", "--post", "everyone")
    assert added.returncode == 0, added.stderr
    wait_until(stack, name, "y")
    return name
