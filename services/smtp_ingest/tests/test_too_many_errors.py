"""A client that errs too often is let go, with lines that are too long like with any other error."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from services.smtp_ingest.doors import LIMITS
from services.smtp_ingest.policy import RELAY


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"x" * LIMITS.line_octets, b"500 5.5.2 line too long\r\n"),
        (b"WHAT", b"500 5.5.1 unknown command\r\n"),
        (b"MAIL nonsense", b"501 5.5.4 syntax error in the arguments\r\n"),
    ],
    ids=["long lines", "unknown verbs", "nonsense"],
)
def test_client_that_errs_too_often_is_let_go(line: bytes, reply: bytes, serve: Callable[..., int]) -> None:
    with socket.create_connection(("127.0.0.1", serve(RELAY)), timeout=30) as client, client.makefile("rb") as told:
        assert told.readline().startswith(b"220 ")
        client.sendall((line + b"\r\n") * 20)
        assert told.read() == reply * 20 + b"421 4.7.0 too many errors, goodbye\r\n"
