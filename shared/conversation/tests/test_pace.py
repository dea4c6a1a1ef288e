"""A message has to keep coming: speed at its beginning buys no hours of silence, and an hour is the most it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from twisted.internet.task import Clock

from shared.conversation.limits import Limits
from shared.conversation.tests.sessions import Client, door

LIMITS = Limits(line_octets=100, idle=timedelta(seconds=60), transfer=timedelta(seconds=120))
COMMANDS = [b"BLOCK\r\n", b"LITERAL 100000000\r\n"]


def seconds_until_closed(client: Client, clock: Clock, octets: int, most: int) -> int:
    """How long a client is borne that sends so many octets each second."""
    for second in range(most):
        if client.is_closed:
            return second
        clock.advance(1)
        client.send(b"x" * octets)
    return most


@pytest.mark.parametrize("command", COMMANDS)
def test_a_client_that_was_fast_may_not_be_slow_for_longer_than_others(command: bytes) -> None:
    clock = Clock()
    client = Client(door(clock=clock, limits=LIMITS))
    client.send(command, *[b"x" * 65_536] * 80)
    assert seconds_until_closed(client, clock, 1, 1000) == pytest.approx(121, abs=2)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_message_takes_longer_than_an_hour(command: bytes) -> None:
    clock = Clock()
    client = Client(door(clock=clock, limits=LIMITS))
    client.send(command)
    assert seconds_until_closed(client, clock, 600, 5000) == pytest.approx(3601, abs=2)
