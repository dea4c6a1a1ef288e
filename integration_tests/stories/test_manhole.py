"""An administrator at the SSH shell runs Python in another service's process: on the compose stack, of a container."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from integration_tests.clients.terminal import Terminal
from integration_tests.stack.stack import Stack
from integration_tests.stories.keyed_ssh import PROMPT, keyed_ssh
from integration_tests.stories.web_client import browser

CTRL_D = "\x04"


def run(terminal: Terminal, statement: str, *shown: str) -> None:
    """Have it run to its end: what is typed is shown more than once, and `done` on a line of its own but once."""
    terminal.press(f"{statement}; print('do' 'ne')\r")
    for each in (*shown, "done\r\n"):
        terminal.wait_for(each)


def test_the_title_of_the_site_is_changed_in_its_process(stack: Stack, tmp_path: Path) -> None:
    if stack.environment.get("AGORA_MANHOLE") != "on":
        pytest.skip("AGORA_MANHOLE is off in this stack")
    admin = stack.new_member("admin")
    for words in (("set-role", admin.name, "admin"), ("set-name", admin.name, admin.name)):
        assert stack.agora("user", *words).returncode == 0
    title = f"Tea {secrets.token_hex(4)}"
    with browser(admin) as page, keyed_ssh(stack, admin, tmp_path).shell(tmp_path, patience_seconds=120) as terminal:
        terminal.press("manhole wiki\r")
        terminal.wait_for(">>>")
        run(terminal, "print(dir())", "'bus', 'database', 'doors', 'parts', 'sessions', 'settings', 'site'")
        run(terminal, f"before, site.title = site.title, '{title}'")
        try:
            assert title in page.get("/").text
        finally:
            run(terminal, "site.title = before")
        assert title not in page.get("/").text
        run(terminal, "print(await database.read(lambda tx: tx.value('SELECT 6 * 7')))", "42\r\n")
        terminal.press(CTRL_D)
        terminal.wait_for(PROMPT)
        terminal.press("exit\r")
        terminal.wait_for("Goodbye.")
    audited = json.loads(stack.agora("audit", "list", "--account", admin.name, "--json").stdout)
    statuses = {line["command"]: line["status"] for line in audited}
    assert statuses["manhole wiki"] == 0
    assert statuses["manhole wiki: site.title = before; print('do' 'ne')"] == 0
