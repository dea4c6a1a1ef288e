"""`manhole SERVICE` in the shell: for administrators, with each line in the audit before it runs.

The manhole that is entered is the SSH service's own.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from services.ssh_admin.commands import OWN_PASSWORD_WANTED
from services.ssh_admin.manhole_lines import Statement
from services.ssh_admin.replies import FAILED
from services.ssh_admin.tests.shell_process import CTRL_C, CTRL_D, PROMPT, Terminal, at_terminal, service
from shared.accounts.add_app_password import add_app_password
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.runtime.tests.running import EchoProcess

__all__ = ["service"]


def test_lines_run_in_the_process_and_are_audited_before(
    service: EchoProcess, transaction: Transaction, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"

    async def work(terminal: Terminal) -> None:
        await terminal.line(
            "manhole ssh_admin", f"This is ssh_admin at {socket.gethostname()}:", ". Ctrl-D leads", ">>>"
        )
        for name in ("bus", "database", "doors", "parts", "sessions", "settings", "site"):
            assert f"'{name}'" in await terminal.line("dir()", "]\r\n", ">>>")
        await terminal.line("settings.hostname", "'ssh.example.test'\r\n", ">>>")
        await terminal.line("_.upper()", "'SSH.EXAMPLE.TEST'\r\n", ">>>")
        await terminal.line("for n in range(2):", "...")
        await terminal.line("    print('line', n)", "...")
        await terminal.line("", "line 1\r\n", ">>>")
        await terminal.line("1 / 0", "ZeroDivisionError: division by zero\r\n", ">>>")
        rows = "lambda tx: tx.rows(\"SELECT status FROM command_audit WHERE command LIKE '%SELECT status%'\")"
        await terminal.line(f"await database.read({rows})", "[(None,)]\r\n", ">>>")
        await terminal.line("from twisted.internet.defer import Deferred", ">>>")
        await terminal.line(f"open('{begun}', 'w').close() or await Deferred()", "\r\n")
        while not begun.exists():
            await asyncio.sleep(0.02)
        terminal.press(CTRL_C)
        await terminal.until("CancelledError\r\n")
        await terminal.until(">>>")
        terminal.press(CTRL_D)
        await terminal.until(PROMPT)
        await terminal.line("whoami", "root (admin) Ruth Root\r\n", PROMPT)

    at_terminal(service, work)
    rows = transaction.rows("SELECT command, status FROM command_audit ORDER BY id")
    assert rows[:2] == [("manhole ssh_admin", 0), ("manhole ssh_admin: dir()", 0)]
    assert ("manhole ssh_admin: for n in range(2):\n    print('line', n)\n", 0) in rows


def test_an_app_password_opens_no_manhole(service: EchoProcess, transaction: Transaction) -> None:
    _, secret = add_app_password(transaction, find_account(transaction, "root").id, "phone", ["ssh"])
    transaction.commit()

    async def work(terminal: Terminal) -> None:
        refused = OWN_PASSWORD_WANTED.text.replace("\n", "\r\n")
        await terminal.line("manhole ssh_admin", refused, PROMPT)
        await terminal.line("whoami", "root (admin) Ruth Root\r\n", PROMPT)

    at_terminal(service, work, password=secret)
    assert transaction.rows("SELECT status FROM command_audit WHERE command LIKE 'manhole%'") == [(FAILED,)]


@pytest.mark.parametrize("service", ["on", "off"], indirect=True)
def test_members_have_no_such_command_and_nobody_has_one_where_it_is_off(
    service: EchoProcess, request: pytest.FixtureRequest
) -> None:
    async def as_member(terminal: Terminal) -> None:
        await terminal.line("manhole ssh_admin", "No such command: manhole. Try help.\r\n", PROMPT)

    async def as_admin(terminal: Terminal) -> None:
        is_off = request.node.callspec.params["service"] == "off"
        said = "AGORA_MANHOLE is off" if is_off else "no process of wiki has a manhole"
        await terminal.line("manhole wiki", said, PROMPT)
        await terminal.line("manhole ssh_admin@99", said if is_off else "there is no ssh_admin@99", PROMPT)

    at_terminal(service, as_member, "alice")
    at_terminal(service, as_admin)


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["1"], ["1"]),
        (["if x:", "  y", ""], [None, None, "if x:\n  y\n"]),
        (["await f()"], ["await f()"]),
        (["1 +"], ["1 +"]),
        (["f(", ")"], [None, "f(\n)"]),
    ],
)
def test_a_statement_is_whole_where_python_says_so(lines: list[str], whole: list[str | None]) -> None:
    statement = Statement()
    assert [statement.add(line) for line in lines] == whole
