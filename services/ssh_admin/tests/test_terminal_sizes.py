"""Sizes of a terminal that no terminal has, and many of them one after the other."""

from __future__ import annotations

from services.ssh_admin.tests.shell_process import PROMPT, Terminal, at_terminal, service
from shared.runtime.tests.running import EchoProcess

__all__ = ["service"]

SIZES = [(0, 0), (1, 1), (4_294_967_295, 4_294_967_295), (0, 4_294_967_295), (3, 1), (1_000_000, 2)]
CHANGES = 300


def test_a_shell_goes_on_whatever_size_its_terminal_says_it_has(service: EchoProcess) -> None:
    async def work(terminal: Terminal) -> None:
        for line in ("", "echo half of a line"):  # before there is an editor, and with one
            terminal.press(line)
            for number in range(CHANGES):
                terminal.resize(*SIZES[number % len(SIZES)])
            terminal.resize(200, 50)
            if line:
                await terminal.line(" and the rest", "half of a line and the rest\r\n", PROMPT)
        await terminal.line("whoami", "root (admin) Ruth Root\r\n", PROMPT)

    at_terminal(service, work)
