"""The doors of a stack that this machine can connect to: a compose stack may keep LMTP to itself."""

from __future__ import annotations

import socket

import pytest

from integration_tests.stack.stack import Stack


def require_lmtp(stack: Stack) -> None:
    """Skip the test where the stack's LMTP door cannot be reached."""
    try:
        socket.create_connection(stack.lmtp, timeout=5).close()
    except OSError as error:
        pytest.skip(f"LMTP cannot be reached from here: {error}")
