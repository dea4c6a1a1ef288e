"""Keys as the line editor reads them, and how much of them is held."""

from __future__ import annotations

from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from services.ssh_admin.keys_input import MOST_PASTED, KeysInput

PASTE, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"


def test_octets_become_keys_wherever_they_are_cut() -> None:
    keys = KeysInput()
    for octet in "\u8336\x1b[A\r".encode():
        keys.feed(bytes((octet,)))
    assert [each.key for each in keys.read_keys()] == ["\u8336", Keys.Up, Keys.ControlM]
    assert keys.read_keys() == []


def test_a_paste_is_cut_at_the_length_of_a_line() -> None:
    keys = KeysInput()
    keys.feed(PASTE + b"x" * MOST_PASTED * 3 + PASTE_ENDS)
    assert keys.read_keys() == [KeyPress(Keys.BracketedPaste, "x" * MOST_PASTED)]


def test_a_paste_that_never_ends_is_given_up_and_what_follows_are_keys() -> None:
    keys = KeysInput()
    keys.feed(PASTE)
    for _ in range(MOST_PASTED // 32 + 1):
        keys.feed(b"y" * 32)
    keys.feed(b"z\r")
    assert [each.key for each in keys.read_keys()][-2:] == ["z", Keys.ControlM]


def test_who_reads_is_told_and_the_end_is_told_too() -> None:
    keys, told = KeysInput(), []
    with keys.attach(lambda: told.append(keys.closed)):
        keys.feed(b"a")
        keys.close()
    assert told == [False, True]
