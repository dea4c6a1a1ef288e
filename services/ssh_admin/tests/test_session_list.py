"""`session list` over SSH, where the kernel counts the octets."""

from __future__ import annotations

import json
from typing import Any

import asyncssh

from services.ssh_admin.tests.conftest import PASSWORD
from services.ssh_admin.tests.shell_process import PROMPT, Terminal, at_terminal, service
from shared.runtime.tests.running import EchoProcess

__all__ = ["service"]


def test_the_list_has_the_octets_of_its_own_session(service: EchoProcess) -> None:
    async def listed() -> Any:
        host, port = service.place("ssh")
        options = {"username": "root", "password": PASSWORD, "known_hosts": None, "client_keys": None, "config": None}
        async with asyncssh.connect(host, port, **options) as connection:
            done = await connection.run("session list --json", check=True)
            return json.loads(str(done.stdout))

    async def own_sessions() -> list[Any]:
        return [each for each in await listed() if each["door"] == "ssh" and each["account"] == "root"]

    async def work(terminal: Terminal) -> None:
        while len(own := await own_sessions()) != 2:  # the shell, and the command; the process may answer too late
            pass
        for each in own:
            assert 1_000 < each["octets_in"] < 20_000, each
            assert 1_000 < each["octets_out"] < 20_000, each
        await terminal.line("whoami", PROMPT)

    at_terminal(service, work)
