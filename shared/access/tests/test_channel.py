"""The octets that news of rules and limits travel as."""

from __future__ import annotations

from shared.access.channel import ACCESS, AccessChanged
from shared.events.channel import EVERYTHING


def test_the_octets_are_those_of_other_releases() -> None:
    assert ACCESS.write([AccessChanged(4), AccessChanged(5)]) == b"5"
    assert list(ACCESS.read(b"5")) == [(EVERYTHING, 5)]
    assert list(ACCESS.read(b"of another release")) == []
