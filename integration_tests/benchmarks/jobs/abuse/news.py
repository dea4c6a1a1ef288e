"""Commands and articles of NNTP that cost the server much more than their octets, or that do not end."""

from __future__ import annotations

import contextlib
import time

from integration_tests.benchmarks.jobs.abuse.attack import RECEIVED_AT_ONCE, Attack, Attacker
from integration_tests.benchmarks.jobs.job import scaled
from integration_tests.benchmarks.jobs.news import GROUP
from integration_tests.stack.wire import Wire
from shared.database.transaction import Transaction
from shared.rooms.create_room import create_room
from shared.rooms.errors import RoomNotFound
from shared.rooms.find_room import find_room
from shared.rooms.room import Posters, Readers

MB = 1_000_000
WILDMAT = b"*a" * 30 + b"*b"
SUBJECT_OCTETS = 900
SUBJECTS, WILDMATS = 200, 20
LONG_LINES = 200
LARGE_ARTICLE_OCTETS = 100 * MB
LARGE_GROUP = "local.large"
NUMBERS = 1_000_000
FILLED_AT_ONCE = 50_000
UNREAD_SECONDS = 3.0  # so long a client reads nothing of its answer

ARTICLE = b"From: a@attacker.example\r\nNewsgroups: %b\r\nSubject: %b\r\n\r\n"


def _many_as(attacker: Attacker) -> None:
    """Subjects that match the beginning of the wildmat in very many ways."""
    article = ARTICLE % (GROUP.encode(), b"a" * SUBJECT_OCTETS) + b"x\r\n.\r\n"
    with attacker.stranger(attacker.server.nntp_port) as wire:
        for _ in range(scaled(SUBJECTS, attacker.scale)):
            _ask(wire, b"POST")
            wire.send(article)
            wire.line()


def _wildmats(attacker: Attacker) -> None:
    with attacker.stranger(attacker.server.nntp_port) as wire:
        last = int(_ask(wire, b"GROUP " + GROUP.encode()).split()[3])
        first = max(1, last - scaled(SUBJECTS, attacker.scale) + 1)
        for _ in range(scaled(WILDMATS, attacker.scale)):
            _ask(wire, b"XPAT Subject %d-%d %b" % (first, last, WILDMAT))
            _ask(wire, b"LIST ACTIVE " + WILDMAT)
            _ask(wire, b"NEWNEWS %b 19900101 000000" % WILDMAT)
            if not attacker.may_go_on:
                break


def _long_lines(attacker: Attacker) -> None:
    """As commands, and in headers."""
    line = b"x" * (MB - 2) + b"\r\n"
    lines = scaled(LONG_LINES, attacker.scale)
    for opening in (b"", b"POST\r\n" + ARTICLE[:-4] % (GROUP.encode(), b"long lines")):
        with contextlib.suppress(OSError, EOFError), attacker.stranger(attacker.server.nntp_port) as wire:
            wire.send(opening)
            for _ in range(lines):
                wire.send(line)
                if not attacker.may_go_on:
                    return


def _large_article(attacker: Attacker) -> None:
    """Much larger than any that is taken; that is known only at its end."""
    piece = (b"x" * 70 + b"\r\n") * (MB // 72)
    with attacker.stranger(attacker.server.nntp_port) as wire:
        _ask(wire, b"POST")
        wire.send(ARTICLE % (GROUP.encode(), b"large"))
        for _ in range(scaled(LARGE_ARTICLE_OCTETS, attacker.scale) // len(piece)):
            wire.send(piece)
            if not attacker.may_go_on:
                return
        wire.send(b".\r\n")
        wire.line()


def _make_large_group(attacker: Attacker) -> None:
    """Past the write path, which would take ten minutes: LISTGROUP reads numbers alone."""
    transact = attacker.server.transact
    assert transact is not None
    count = scaled(NUMBERS, attacker.scale)
    room = transact(_large_room)
    there = transact(_last_number, room)
    while there < count:
        more = min(FILLED_AT_ONCE, count - there)
        transact(_fill, room, there + 1, there + more)
        there += more


def _large_room(tx: Transaction) -> int:
    try:
        return find_room(tx, LARGE_GROUP).folder_id
    except RoomNotFound:
        return create_room(tx, LARGE_GROUP, reading=Readers.EVERYONE, posting=Posters.NOBODY).folder_id


def _last_number(tx: Transaction, room: int) -> int:
    return int(tx.value("SELECT uidnext - 1 FROM folder WHERE id = %s", (room,)))


def _fill(tx: Transaction, room: int, first: int, last: int) -> None:
    values = {"room": room, "first": first, "last": last}
    tx.execute(
        """
        INSERT INTO article (folder_id, uid, message_id, identifier, overview, came_at)
        SELECT %(room)s, uid, -uid, '', '', now() FROM generate_series(%(first)s::integer, %(last)s) AS uid
        """,
        values,
    )
    tx.execute("UPDATE folder SET uidnext = %(last)s + 1, messages = %(last)s WHERE id = %(room)s", values)


def _many_numbers(attacker: Attacker) -> None:
    """One client reads all of them, another one nothing for a while."""
    port, command = attacker.server.nntp_port, b"LISTGROUP " + LARGE_GROUP.encode()
    with attacker.stranger(port, RECEIVED_AT_ONCE) as unread, attacker.stranger(port) as wire:
        unread.send(command + b"\r\n")
        _ask(wire, command)
        time.sleep(min(UNREAD_SECONDS, attacker.seconds_left))


def _ask(wire: Wire, command: bytes) -> bytes:
    """The first line of the answer, once all of it was read."""
    wire.send(command + b"\r\n")
    answer = wire.line()
    if answer[:3] in (b"215", b"221", b"230") or (answer[:3] == b"211" and command.startswith(b"LISTGROUP")):
        wire.until(rb"\.$")
    return answer


BYSTANDERS = ("nntp",)
ATTACKS = (
    Attack(
        "news-wildmats",
        f"wildmats *a*a…*b for {SUBJECTS} subjects of nothing but that",
        _wildmats,
        _many_as,
        BYSTANDERS,
    ),
    Attack(
        "news-long-lines",
        f"{LONG_LINES} lines of 1 MB to NNTP, and as many in a header",
        _long_lines,
        bystanders=BYSTANDERS,
    ),
    Attack("news-large-article", "an article of 100 MB", _large_article, bystanders=BYSTANDERS),
    Attack(
        "news-many-numbers",
        f"LISTGROUP of {NUMBERS:,} articles, read and unread",
        _many_numbers,
        _make_large_group,
        BYSTANDERS,
        needs=lambda server: server.transact is not None,
    ),
)
