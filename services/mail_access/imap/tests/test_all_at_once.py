"""Several sessions at random, pipelined and all at once: nobody can foretell results, but in the end what each client
was told must be what there is. One of them only listens, in IDLE."""

from __future__ import annotations

import random
import time

import pytest

from services.mail_access.imap.tests.conftest import Doors
from services.mail_access.imap.tests.wire_client import Client, ServerFault
from shared.give_way import TURN_SECONDS

SECONDS = 12
ROUNDS_BETWEEN_LOOKS = 8
FLAGS = [rb"\Seen", rb"\Deleted", rb"\Flagged", b"Work", b"Later"]


def at_random(dice: random.Random, client: Client) -> bytes:
    """A command that is right whatever the others do meanwhile."""
    uids = [known.uid for known in client.messages if known.uid is not None] or [1]
    some = b",".join(b"%d" % uid for uid in sorted(dice.sample(uids, min(len(uids), dice.randint(1, 5)))))
    flags = b" ".join(dice.sample(FLAGS, dice.randint(1, 2)))
    return dice.choice(
        [
            b"APPEND INBOX (%b) {24+}\r\nSubject: x\r\n\r\n%b\r\n" % (flags, dice.randbytes(4).hex().encode()),
            b"UID STORE %b %bFLAGS (%b)" % (some, dice.choice([b"+", b"-", b""]), flags),
            b"UID STORE %b %bFLAGS (%b)" % (some, dice.choice([b"+", b"-", b""]), flags),
            b"UID FETCH %b (UID FLAGS)" % some,
            b"UID FETCH %b (UID BODY[])" % some,
            b"FETCH 1:%d (UID FLAGS)" % max(1, len(client.messages) // 2),
            b"UID COPY %b INBOX" % some,
            b"UID MOVE %b INBOX" % some,
            b"UID SEARCH NOT SEEN",
            b"NOOP",
            dice.choice([b"EXPUNGE", b"UID EXPUNGE " + some, b"NOOP"]),
        ]
    )


def believed(client: Client) -> list[tuple[int | None, frozenset[bytes] | None]]:
    return [(known.uid, known.flags) for known in client.messages]


@pytest.mark.parametrize("turn_seconds", [TURN_SECONDS, 0.0])
def test_every_client_is_told_what_there_is(door: Doors, turn_seconds: float) -> None:
    """Also where every command gives way to others as often as it can."""
    imap_port = door(turn_seconds=turn_seconds)
    dice = random.Random(7)
    clients = [Client(imap_port) for _ in range(5)]
    for client in clients:
        client.do(b'LOGIN alice "correct horse"')
        client.do(b"SELECT INBOX")
    idler, *others = clients
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        tag, octets = idler.tagged(b"IDLE")
        idler.send(octets)
        for _ in range(ROUNDS_BETWEEN_LOOKS):
            play_round(dice, others)
        idler.send(b"DONE\r\n")
        idler.finish(tag, b"IDLE")
        look_at_all(clients)
    for client in clients:
        client.close()


def play_round(dice: random.Random, clients: list[Client]) -> None:
    """Everyone speaks, then everyone is heard."""
    spoken = []
    for client in clients:
        # Only the first may go by number: an EXPUNGE told for another shifts them (RFC 3501 §5.5).
        commands = [at_random(dice, client) for _ in range(dice.randint(1, 4))]
        commands = commands[:1] + [each for each in commands[1:] if not each.startswith(b"FETCH")]
        tagged = [client.tagged(command) for command in commands]
        client.send(b"".join(octets for _, octets in tagged))
        spoken.append((client, commands, tagged))
    for client, commands, tagged in spoken:
        for command, (tag, _) in zip(commands, tagged, strict=True):
            result = client.finish(tag, command)
            if result.condition != b"OK" and not (command.startswith(b"FETCH") and not client.messages):
                raise ServerFault(f"{command!r}: {result}")


def look_at_all(clients: list[Client]) -> None:
    for client in clients:
        client.do(b"NOOP")
        before = believed(client)
        if client.messages:
            client.do(b"FETCH 1:* (UID FLAGS)")  # raises ServerFault if a number is not the UID that it was
        after = believed(client)
        assert len(before) == len(after)
        for (uid, flags), (true_uid, true_flags) in zip(before, after, strict=True):
            assert uid in (None, true_uid)
            assert flags in (None, true_flags)
    assert all(believed(client) == believed(clients[0]) for client in clients)
