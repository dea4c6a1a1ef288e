"""curl and wget at the wiki, command by command as docs/clients.md has it."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import requests

from integration_tests.clients.documented import documented
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

PROMPTLY_SECONDS = 30


def test_commands_do_what_is_documented(stack: Stack, member: Member, tmp_path: Path) -> None:
    host, port = stack.web
    (tmp_path / "tea.md").write_text("# Tea\n\nAt four.\n")
    suffix = member.name.title().replace("-", "")
    here = {
        "alice:PW": f"{member.name}:{member.password}",
        "--user=alice --password=PW": f"--user={member.name} --password={member.password}",
        "127.0.0.1:2080": f"{host}:{port}",
        "TeaTime": f"TeaTime{suffix}",
        "CurlTest": f"CurlTest{suffix}",
        "WgetTest": f"WgetTest{suffix}",
    }
    commands = [line for line in documented("Scripts on the web", here).splitlines() if line]
    outputs = [
        subprocess.run(
            shlex.split(command), capture_output=True, text=True, cwd=tmp_path, check=True, timeout=PROMPTLY_SECONDS
        ).stdout
        for command in commands
    ]
    home, put, saved, by_wget, deleted = outputs
    assert home
    assert (put, saved, deleted) == ("Created.\n", "", "Deleted.\n")
    assert re.search(r'<a class="missing" rel="nofollow" href="/WikiWord"', by_wget) or "WikiWord</a>" in by_wget
    source = requests.get(
        f"http://{host}:{port}/CurlTest{suffix}", headers={"Accept": "text/markdown"}, timeout=PROMPTLY_SECONDS
    )
    assert source.text == "Hello from curl"
    assert (
        requests.get(f"http://{host}:{port}/TeaTime{suffix}", headers={"Accept": "text/plain"}, timeout=20).status_code
        == 404
    )
