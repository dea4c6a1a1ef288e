"""The shell at a terminal: the full name that is asked for once, and the screen."""

from __future__ import annotations

import pytest

from services.ssh_admin.tests.shell_process import CLEAR, CTRL_C, CTRL_D, CTRL_L, PROMPT, Terminal, at_terminal, service
from shared.database.transaction import Transaction
from shared.runtime.tests.running import EchoProcess

__all__ = ["service"]
QUESTION = "What's your full name?"


def test_ctrl_l_clears_the_screen_and_keeps_what_is_typed(service: EchoProcess) -> None:
    async def work(terminal: Terminal) -> None:
        terminal.press("who")
        await terminal.until("who")
        terminal.press(CTRL_L)
        await terminal.until(CLEAR)
        await terminal.line("ami", "root (admin) Ruth Root\r\n", PROMPT)

    at_terminal(service, work)


@pytest.mark.parametrize("key", [CTRL_C, "\r"], ids=["Ctrl-C", "Enter"])
def test_a_line_of_a_megabyte_is_cut_and_the_next_one_is_whole(service: EchoProcess, key: str) -> None:
    async def work(terminal: Terminal) -> None:
        terminal.press("x" * 1_000_000 + key)
        await terminal.line("whoami", "root (admin) Ruth Root\r\n", PROMPT)

    at_terminal(service, work)


def test_the_full_name_is_asked_for_once_before_anything_else(service: EchoProcess, transaction: Transaction) -> None:
    transaction.execute("UPDATE account SET full_name = NULL WHERE name = 'alice'")
    transaction.commit()

    async def answer(terminal: Terminal) -> None:
        await terminal.line("", "This cannot be a full name: it is empty.\r\n", QUESTION)
        await terminal.line("x" * 201, "it has more than 200 characters.\r\n", QUESTION)
        terminal.press("whoami" + CTRL_C)  # what is typed behind it is for the next question
        shown = await terminal.line("Abe Fettig", "Welcome Abe Fettig!\r\n", "Commands: whoami", "alice" + PROMPT)
        assert "Abe" in shown
        await terminal.line("whoami", "alice (member) Abe Fettig\r\n", PROMPT)

    async def leave(terminal: Terminal) -> None:
        terminal.press(CTRL_D)
        await terminal.until("Goodbye.")

    async def greeted(terminal: Terminal) -> None:
        await terminal.line("whoami", "alice (member) Abe Fettig\r\n", PROMPT)

    at_terminal(service, leave, "alice", QUESTION)
    at_terminal(service, answer, "alice", QUESTION)
    at_terminal(service, greeted, "alice", "Welcome Abe Fettig.\r\n")
    rows = transaction.rows("SELECT full_name FROM account WHERE name = 'alice'")
    assert rows == [("Abe Fettig",)]


def test_a_name_that_another_door_was_told_is_not_asked_for(service: EchoProcess) -> None:
    async def greeted(terminal: Terminal) -> None:
        await terminal.until("alice" + PROMPT)

    at_terminal(service, greeted, "alice", "Welcome Alice Baker.\r\n")
