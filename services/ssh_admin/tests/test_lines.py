"""Lines one after the other: each has an editor of its own, which nobody sees."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from services.ssh_admin.tests.shell_process import CTRL_C, PROMPT, Terminal, at_terminal, service
from shared.database.transaction import Transaction
from shared.runtime.tests.running import EchoProcess
from shared.testing.store_outage import StoreOutage

__all__ = ["service"]
READ = "\x1b[?2004l"  # the line is read; what follows is its output
UP, CTRL_R = "\x1b[A", "\x12"
WITHOUT_EDITOR = "import gc; [each._session for each in gc.get_objects() if type(each).__name__ == 'LineEditor']"


@pytest.fixture
def store_outage(database_url: str, server_url: str) -> Iterator[StoreOutage]:
    outage = StoreOutage(database_url, server_url)
    yield outage
    outage.end()


def test_no_shell_has_an_editor_once_its_line_was_read(service: EchoProcess) -> None:
    async def work(terminal: Terminal) -> None:
        await terminal.line("echo tea", f"{READ}tea\r\n", PROMPT)
        await terminal.line("manhole ssh_admin", ">>>")
        await terminal.line(WITHOUT_EDITOR, f"{READ}[None]\r\n", ">>>")

    at_terminal(service, work)


def test_a_slip_is_given_back_to_be_mended_in_its_order(service: EchoProcess) -> None:
    async def work(terminal: Terminal) -> None:
        await terminal.line("echo first", f"{READ}first\r\n", PROMPT)
        await terminal.line("ecko second", "No such command: ecko.", PROMPT)
        await terminal.line("echo third", f"{READ}third\r\n", PROMPT)
        terminal.press(UP + UP)
        await terminal.until("ecko second")
        terminal.press(CTRL_C)
        await terminal.until(PROMPT)
        terminal.press(CTRL_R + "irst\r")
        await terminal.line("", f"{READ}first\r\n", PROMPT)

    at_terminal(service, work)


def test_output_without_an_end_of_line_stays_when_a_key_comes(service: EchoProcess) -> None:
    async def work(terminal: Terminal) -> None:
        await terminal.run_beside("page put TeaRoom", "Tea at four")
        await terminal.line("page show TeaRoom", f"{READ}Tea at four", "\r\n", PROMPT)
        shown = await terminal.line("whoami", "root (admin) Ruth Root\r\n", PROMPT)
        assert "\x1b[1A" not in shown  # nothing is drawn in the line above

    at_terminal(service, work)


def test_lines_are_edited_while_the_store_is_away(
    service: EchoProcess, store_outage: StoreOutage, transaction: Transaction
) -> None:
    transaction.commit()

    async def work(terminal: Terminal) -> None:
        await terminal.line("echo tea", f"{READ}tea\r\n", PROMPT)
        await asyncio.to_thread(store_outage.begin)
        for _ in range(2):
            terminal.press(UP)
            await terminal.until("echo tea")
            await terminal.line("", f"{READ}PostgreSQL does not answer: try again later\r\n", PROMPT)

    at_terminal(service, work)
