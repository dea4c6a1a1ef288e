"""Several shells at once: each has its own keys; one at which nobody types has no editor, which nobody sees."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from services.ssh_admin.tests.shell_process import PROMPT, Terminal, a_service, at_terminals
from shared.runtime.tests.running import EchoProcess

SESSIONS = "import gc; gc.collect(); sum(type(each).__name__ == 'PromptSession' for each in gc.get_objects())"
KEPT = 2  # that of the terminal which asks, and the last one, which asyncio's handler of a signal may still name
READ = "\x1b[?2004l"  # the line is read; what follows is its output
UP, CTRL_U, CTRL_Y = "\x1b[A", "\x15", "\x19"


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[EchoProcess]:
    with a_service(request, module="services.ssh_admin.tests.soon_idle") as process:
        yield process


def test_an_idle_shell_has_no_editor_and_goes_on_where_it_was(service: EchoProcess) -> None:
    async def work(asking: Terminal, *idle: Terminal) -> None:
        for each in idle:
            await each.line("echo tea", f"{READ}tea\r\n", PROMPT)
        idle[0].press("cut away" + CTRL_U)
        await asking.line("manhole ssh_admin", ">>>")
        for _ in range(100):
            shown = await asking.line(SESSIONS, READ, "\r\n", ">>>")
            if int(shown.rpartition("\r\n")[0].rpartition(READ)[2]) <= KEPT:
                break
            await asyncio.sleep(0.2)
        else:
            raise AssertionError(shown)
        await idle[0].line(CTRL_Y, "No such command: cut.", PROMPT)
        for each in idle[1:]:
            await each.line(UP, "echo tea", f"{READ}tea\r\n", PROMPT)
        idle[0].press("\x1b[200~echo pasted\x1b[201~")
        await idle[0].line("", f"{READ}pasted\r\n", PROMPT)

    at_terminals(service, work, 4)


def test_keys_act_in_their_own_shell_whichever_reads_at_last(service: EchoProcess) -> None:
    async def work(*terminals: Terminal) -> None:
        for number, each in enumerate(terminals):
            each.press(f"echo half of {number}")
            await each.until(f"half of {number}")
        for number, each in reversed(list(enumerate(terminals))):
            await each.line(" and the rest", f"{READ}half of {number} and the rest\r\n", PROMPT)

    at_terminals(service, work, 3)


def test_keys_that_come_before_the_first_prompt_are_not_lost(service: EchoProcess) -> None:
    async def work(terminal: Terminal) -> None:
        terminal.press("echo one\recho two\recho three\r")
        for word in ("one", "two", "three"):
            await terminal.until(f"{READ}{word}\r\n")
        await asyncio.sleep(1.2)  # idle
        terminal.press("echo four\recho five\r")
        for word in ("four", "five"):
            await terminal.until(f"{READ}{word}\r\n")

    at_terminals(service, work, 1)
