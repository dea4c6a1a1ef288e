"""What is typed while a command reads, and the order of a key exchange."""

from __future__ import annotations

import pytest

from services.ssh_admin.cooked_input import LONGEST_LINE, CookedInput
from services.ssh_admin.key_exchange import FREE_EXCHANGES, KeyExchangeOrder, OutOfOrder
from services.ssh_admin.pager import Pager, PagerLeft
from services.ssh_admin.streams import CommandInput, CommandInterrupted

KEXINIT, METHOD, NEWKEYS, IGNORE, SERVICE_REQUEST = 20, 30, 21, 2, 5


class Typed:
    """A terminal's input, and what the person sees."""

    def __init__(self) -> None:
        self.seen = b""
        self.interrupts = 0
        self.input = CommandInput(lambda octets: None, is_terminal=True)
        self.cooked = CookedInput(self.input, self._echo, self._interrupt)

    def _echo(self, data: bytes) -> None:
        self.seen += data

    def _interrupt(self) -> None:
        self.interrupts += 1


@pytest.mark.parametrize(
    ("typed", "line", "seen"),
    [
        (b"tea\r", "tea\n", b"tea\r\n"),
        (b"tea\r\n", "tea\n", b"tea\r\n"),
        (b"te\x7fea\r", "tea\n", b"te\b \bea\r\n"),
        ("\u8336\x7ftea\r".encode(), "tea\n", "\u8336\b \btea\r\n".encode()),
        (b"gone\x15tea\r", "tea\n", b"gone" + b"\b \b" * 4 + b"tea\r\n"),
        (b"\x1b[Atea\x00\r", "[Atea\n", b"[Atea\r\n"),
        (b"\x04", "", b""),
    ],
)
def test_a_line_is_what_was_left_of_it_at_its_end(typed: bytes, line: str, seen: bytes) -> None:
    terminal = Typed()
    terminal.cooked.feed(typed)
    assert terminal.input.readline() == line
    assert terminal.seen == seen


def test_a_hidden_line_is_not_shown() -> None:
    terminal = Typed()
    terminal.cooked.hidden = True
    terminal.cooked.feed(b"secret\x7f\r")
    assert (terminal.input.readline(), terminal.seen) == ("secre\n", b"")


def test_a_line_has_a_longest_length() -> None:
    terminal = Typed()
    terminal.cooked.feed(b"x" * 1_000_000 + b"\r")
    assert terminal.input.readline() == "x" * LONGEST_LINE + "\n"


def test_ctrl_c_interrupts_who_reads() -> None:
    terminal = Typed()
    terminal.cooked.feed(b"half\x03")
    assert (terminal.interrupts, terminal.seen) == (1, b"half^C\r\n")
    terminal.input.interrupt()
    with pytest.raises(CommandInterrupted):
        terminal.input.readline()


def test_the_pager_stops_at_each_screen_and_ends_where_it_is_left() -> None:
    shown: list[str] = []
    pager = Pager(shown.append, lambda: (10, 4))
    pager.key("\r")
    pager.key(" ")
    pager.key("q")
    with pytest.raises(PagerLeft):
        pager.write("".join(f"{number}\n" for number in range(20)))
    lines = [each for each in shown if each.endswith("\n")]
    assert lines == [f"{number}\n" for number in range(7)]  # three, one by Enter, three by space


def test_a_long_line_takes_as_much_of_the_screen_as_it_covers() -> None:
    shown: list[str] = []
    pager = Pager(shown.append, lambda: (10, 4))
    pager.key("\x03")
    with pytest.raises(CommandInterrupted):
        pager.write("\x1b[1m" + "x" * 25 + "\x1b[0m\nnext\n")
    assert "next\n" not in shown


def exchanged(order: KeyExchangeOrder, now: float = 0.0) -> None:
    order.check(KEXINIT, now)
    order.check(METHOD, now)
    order.replied()
    order.check(NEWKEYS, now)
    order.ended()


@pytest.mark.parametrize("messages", [[METHOD], [NEWKEYS], [SERVICE_REQUEST], [KEXINIT, KEXINIT], [KEXINIT, NEWKEYS]])
def test_a_message_at_a_wrong_moment_is_none(messages: list[int]) -> None:
    order = KeyExchangeOrder(0.0)
    *before, last = messages
    for each in before:
        order.check(each, 0.0)
    with pytest.raises(OutOfOrder):
        order.check(last, 0.0)


def test_a_strict_client_sends_nothing_between_and_others_may_ignore() -> None:
    for strict in (False, True):
        order = KeyExchangeOrder(0.0)
        order.check(KEXINIT, 0.0)
        order.strict = strict
        if strict:
            with pytest.raises(OutOfOrder):
                order.check(IGNORE, 0.0)
        else:
            order.check(IGNORE, 0.0)


def test_exchanges_are_counted_and_time_gives_more() -> None:
    order = KeyExchangeOrder(0.0)
    for _ in range(FREE_EXCHANGES):
        exchanged(order)
    order.check(SERVICE_REQUEST, 0.0)
    with pytest.raises(OutOfOrder):
        order.check(KEXINIT, 1.0)
    exchanged(order, 61.0)
