"""Consoles in the store: an administrator's shell at one end, a process at the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from shared.control.manhole.channel import ManholeUsed
from shared.control.process import PROCESS_LIFE
from shared.database.transaction import Transaction

CONSOLE_LIFE = timedelta(
    seconds=45
)  # a shell that was not seen for so long is gone; it says every five that it is here


class AskedLine(NamedTuple):
    """A line that waits to be run; its source is sealed."""

    console: UUID
    number: int
    source: bytes


class Consoles(NamedTuple):
    """Those of a process: their nonces, the lines that were cancelled, and the lines without an answer."""

    nonces: Mapping[UUID, str | None]
    cancelled: Mapping[UUID, int]
    lines: Sequence[AskedLine]


class ConsoleState(NamedTuple):
    """One console as its shell sees it. `shown`: what a line has shown, sealed; None while it runs."""

    nonce: str | None
    shown: bytes | None
    is_alive: bool  # the process is seen


# A shell's side


def open_console(tx: Transaction, console: UUID, process: UUID) -> None:
    """Ask the process for a console; forget those whose shells are gone."""
    _quickly(tx)
    tx.execute("DELETE FROM manhole_console WHERE seen_at < now() - %s", (CONSOLE_LIFE,))
    tx.execute("INSERT INTO manhole_console (id, process) VALUES (%s, %s)", (str(console), str(process)))
    tx.announce(ManholeUsed())


def ask_line(tx: Transaction, console: UUID, number: int, source: bytes) -> None:
    """Have the process run a line."""
    _quickly(tx)
    tx.execute(
        "INSERT INTO manhole_line (console, number, source)"
        " SELECT id, %s, %s FROM manhole_console WHERE id = %s FOR KEY SHARE",
        (number, source, str(console)),
    )
    tx.announce(ManholeUsed())


def cancel_line(tx: Transaction, console: UUID, number: int) -> None:
    """Ctrl-C."""
    _quickly(tx)
    tx.execute("UPDATE manhole_console SET cancelled = %s WHERE id = %s", (number, str(console)))
    tx.announce(ManholeUsed())


def stay(tx: Transaction, console: UUID) -> None:
    """The shell is still there; whoever has missed a word of it looks again."""
    _quickly(tx)
    tx.execute("UPDATE manhole_console SET seen_at = now() WHERE id = %s", (str(console),))
    tx.announce(ManholeUsed())


def close_console(tx: Transaction, console: UUID) -> None:
    """The administrator has left."""
    _quickly(tx)
    tx.execute("DELETE FROM manhole_console WHERE id = %s", (str(console),))
    tx.announce(ManholeUsed())


def state_of(tx: Transaction, console: UUID, number: int) -> ConsoleState | None:
    """The console, and its line of this number; None if its process has ended it."""
    row = tx.row(
        "SELECT nonce, shown, EXISTS (SELECT FROM serving_process"
        " WHERE serving_process.id = process AND serving_process.seen_at > now() - %s)"
        " FROM manhole_console LEFT JOIN manhole_line ON console = manhole_console.id AND number = %s"
        " WHERE manhole_console.id = %s",
        (PROCESS_LIFE, number, str(console)),
    )
    return None if row is None else ConsoleState(*row)


# A process's side


def consoles_of(tx: Transaction, process: UUID) -> Consoles:
    """Those whose shells are seen."""
    rows = tx.rows(
        "SELECT manhole_console.id, nonce, cancelled, number, source"
        " FROM manhole_console LEFT JOIN manhole_line ON console = manhole_console.id AND shown IS NULL"
        " WHERE process = %s AND seen_at > now() - %s ORDER BY number",
        (str(process), CONSOLE_LIFE),
    )
    return Consoles(
        {UUID(str(console)): nonce for console, nonce, *_ in rows},
        {UUID(str(console)): cancelled for console, _, cancelled, *_ in rows},
        [AskedLine(UUID(str(console)), number, source) for console, _, _, number, source in rows if number is not None],
    )


def admit_console(tx: Transaction, console: UUID, nonce: str) -> None:
    """The process has opened it."""
    _quickly(tx)
    tx.execute("UPDATE manhole_console SET nonce = %s WHERE id = %s", (nonce, str(console)))
    tx.announce(ManholeUsed())


def answer_line(tx: Transaction, console: UUID, number: int, shown: bytes) -> None:
    """What a line has shown."""
    _quickly(tx)
    tx.execute("UPDATE manhole_line SET shown = %s WHERE console = %s AND number = %s", (shown, str(console), number))
    tx.announce(ManholeUsed())


def end_consoles(tx: Transaction, process: UUID) -> None:
    """The process ends."""
    if tx.execute("DELETE FROM manhole_console WHERE process = %s", (str(process),)):
        tx.announce(ManholeUsed())


def _quickly(tx: Transaction) -> None:
    """What is lost with PostgreSQL is lost with the tables, too."""
    tx.execute_with_next("SET LOCAL synchronous_commit TO off")
