"""What is remembered is bounded, and what is used stays."""

from __future__ import annotations

from services.mail_access.memory import Memory


def test_memory_stays_within_its_bound() -> None:
    memory: Memory[bytes] = Memory(1000, len)
    for number in range(1000):
        memory.put(number, b"x" * 50)
    held = [number for number in range(1000) if memory.get(number) is not None]
    assert len(held) <= 22
    assert 999 in held


def test_what_is_asked_for_again_and_again_is_kept() -> None:
    memory: Memory[bytes] = Memory(1000, len)
    memory.put(0, b"x" * 50)
    for number in range(1, 1000):
        memory.put(number, b"x" * 50)
        assert memory.get(0) is not None


def test_picking_gives_what_is_there_and_missing_the_rest() -> None:
    memory: Memory[bytes] = Memory(1000, len)
    for number in range(15):
        memory.put(number, b"x" * 50)
    picked = memory.pick([3, 99, 14])
    assert set(picked) <= {3, 14}
    assert memory.missing([14, 99, 99]) == [99]
