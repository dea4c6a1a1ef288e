"""Tests that speak to Redis outside the reactor's thread are found."""

from __future__ import annotations

from shared.events.bus import Bus
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor


def test_a_command_from_the_tests_own_thread_is_noted(bus: Bus, redis_strays: list[str]) -> None:
    eventually(lambda: bus.redis.is_connected, "connected")
    call_in_reactor(bus.redis.send, "PING")
    assert redis_strays == []
    bus.redis.send("PING")
    bus.redis.tell("PING", failed=lambda: None)
    noted = redis_strays.copy()
    redis_strays.clear()  # or this test would fail as others do
    assert ["test_a_command_from_the_tests_own_thread" in stack for stack in noted] == [True, True]
