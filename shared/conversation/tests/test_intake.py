"""Messages under way are bounded for the process and for each address, and everything counted is given back."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from shared.conversation.errors import SpoolFull
from shared.conversation.intake import Intake
from shared.conversation.peer import Peer
from shared.conversation.spool import SPOOL_OCTETS, Spool
from shared.conversation.tests.sessions import Client, Session, door
from shared.testing.turns import in_turns

MIB = 1 << 20
HERE, THERE, LOOPBACK = Peer("192.0.2.1", 1), Peer("192.0.2.2", 1), Peer("127.0.0.1", 1)


def filled(intake: Intake, peer: Peer, octets: int) -> Spool:
    spool = Spool(intake.claim(peer))
    for start in range(0, octets, 64 << 10):
        spool.append(b"x" * min(64 << 10, octets - start))
    return spool


def test_two_hundred_messages_of_a_megabyte_keep_to_the_memory_of_the_intake() -> None:
    intake = Intake(memory_octets=8 * MIB)
    spools = [filled(intake, LOOPBACK, SPOOL_OCTETS - 1) for _ in range(200)]
    assert sum(len(spool._held.octets) for spool in spools) == intake.memory.octets <= 8 * MIB
    assert all(len(spool.octets) == SPOOL_OCTETS - 1 for spool in spools)
    for spool in spools:
        spool.close()
        spool.close()
    assert (intake.memory.octets, intake.files.octets) == (0, 0)


def test_an_empty_message_leaves_no_address_in_the_intake() -> None:
    intake = Intake()
    spool = Spool(intake.claim(HERE))
    spool.append(b"")
    assert spool.octets == b""
    spool.close()
    assert not intake.memory._by_network


def test_one_address_has_a_quarter_of_the_memory_and_the_others_the_rest() -> None:
    intake = Intake(memory_octets=4 * MIB)
    spools = [filled(intake, HERE, MIB // 2) for _ in range(4)]
    assert intake.memory.octets == MIB
    spools.append(filled(intake, THERE, MIB // 2))
    assert intake.memory.octets == MIB + MIB // 2
    for spool in spools:
        spool.close()


def test_one_address_has_a_quarter_of_the_files_and_the_others_the_rest() -> None:
    intake = Intake(memory_octets=0, file_octets=8 * MIB)
    spools = [filled(intake, HERE, MIB) for _ in range(2)]
    with pytest.raises(SpoolFull):
        filled(intake, HERE, 1)
    spools.append(filled(intake, THERE, 2 * MIB))
    spools.append(filled(intake, LOOPBACK, 4 * MIB))
    with pytest.raises(SpoolFull):
        filled(intake, LOOPBACK, 1)
    for spool in spools:
        spool.close()
    assert intake.files.octets == 0


def test_one_address_may_always_have_one_message_of_the_largest_size() -> None:
    filled(Intake(0, 8 * MIB, largest_message_octets=6 * MIB), HERE, 6 * MIB).close()


def test_what_is_put_before_a_message_counts_and_is_given_back() -> None:
    for memory_octets in (8 * MIB, 0):
        intake = Intake(memory_octets, 8 * MIB)
        spool = filled(intake, LOOPBACK, 1000)
        in_turns(lambda turns: spool.replace_start(0, b"top", turns))  # noqa: B023
        assert spool.octets[:4] == b"topx"
        assert intake.memory.octets + intake.files.octets == 1003
        spool.close()
        assert intake.memory.octets + intake.files.octets == 0


@pytest.mark.parametrize("octets", [b"half a message", b"x" * (2 * SPOOL_OCTETS)], ids=["memory", "file"])
def test_a_client_that_leaves_in_the_middle_gives_everything_back(octets: bytes) -> None:
    async def take(session: Session) -> None:
        await session.read_dot_block(10 * MIB)

    intake = Intake()
    client = Client(door(take, Clock(), intake=intake))
    client.send(octets)
    assert intake.memory.octets + intake.files.octets == len(octets)
    client.leave()
    assert (intake.memory.octets, intake.files.octets) == (0, 0)


def test_a_message_above_the_intake_is_swallowed_and_refused() -> None:
    async def take(session: Session) -> None:
        with pytest.raises(SpoolFull):
            await session.read_dot_block(10 * MIB)
        session.write(b"refused, then %r\r\n" % await session.read_line())

    client = Client(door(take, Clock(), intake=Intake(0, 4 * MIB)))
    assert client.send(b"x" * (2 * MIB), b"\r\n.\r\nnext\r\n") == b"refused, then b'next'\r\n"
