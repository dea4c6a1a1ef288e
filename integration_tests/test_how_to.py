"""Every command of docs/how_to is run as it stands there, and prints what is written below it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from integration_tests.proxy.site import Page, site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.command_line.state_directory import ROOT

pytestmark = pytest.mark.local_only  # ./agora is run on this machine
FOLDER = ROOT / "docs" / "how_to"
PAGES = sorted(file.stem for file in FOLDER.glob("*.md") if file.stem != "README")
PROMPTLY_SECONDS = 60
DOORS = {
    "2080": "web", "2119": "nntp", "2110": "pop3", "2022": "ssh", "2025": "smtp",
    "2465": "submissions", "2993": "imaps",
}  # fmt: skip
OWN_NAMES = (
    "local.programming", "local.knitting", "CurlTest", "WgetTest", "TeaTime", "SshTest", "beans-of-alice", "wool-1",
    "MarmaladePage", "nuisance", "nightly",
)  # fmt: skip
FEED = b"""<rss version='2.0'><channel><title>Beans of %b</title><item><title>Broad beans</title><guid>1</guid>
<description>Sow in October.</description></item></channel></rss>"""


class Shown(NamedTuple):
    """A command, and what it prints: `...` stands for anything."""

    command: str
    output: str


def shown_in(text: str) -> Iterator[Shown]:
    """The commands of a page, in their order."""
    for block in re.findall(r"(?:^ {4}.*\n)+", text, re.MULTILINE):
        for piece in re.split(r"^ {4}\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = piece.partition("\n")
            yield Shown(command, re.sub(r"^ {4}", "", output, flags=re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_commands_do_what_is_written(stack: Stack, member: Member, tmp_path: Path, page: str) -> None:
    here = {f"{door}": str(stack.doors[name][1]) for door, name in DOORS.items()}
    here |= {name: f"{name}-{secrets.token_hex(3)}" for name in OWN_NAMES}
    here |= {"alice": member.name, "PW": member.password, "beans-of-alice": f"beans-of-{member.name}"}
    (tmp_path / "password.txt").write_text(f"{member.password}\n")
    agora = tmp_path / "agora"
    agora.write_text(f'#!/bin/sh\nexec {ROOT / "agora"} "$@"\n')
    agora.chmod(0o755)
    state = {"AGORA_STATE": str(stack.ca_file.parents[1])}
    environment = {**os.environ, **state, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    feed = Page(FEED % member.name.encode(), "application/rss+xml")
    with site(stack.here, {"/news.xml": feed}) as served:
        here["https://example.org/news.xml"] = served.url("/news.xml")
        names = re.compile("|".join(rf"{re.escape(name)}\b" for name in sorted(here, key=len, reverse=True)))
        text = names.sub(lambda name: here[name[0]], (FOLDER / f"{page}.md").read_text())
        for shown in shown_in(text):
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", shown.command], cwd=tmp_path, env=environment, capture_output=True,
                text=True, timeout=PROMPTLY_SECONDS,
            )  # fmt: skip
            assert done.returncode == 0, (shown.command, done)
            printed = done.stdout.replace("\r\n", "\n")
            assert pattern_of(shown.output).fullmatch(printed.rstrip("\n") + "\n"), (shown, done.stdout)


def pattern_of(output: str) -> re.Pattern[str]:
    """What fits: `...` alone is any lines, or none, elsewhere any text of the line."""
    lines = (line.strip() for line in output.splitlines() or [""])
    return re.compile(
        "".join(
            r"(?:[^\n]*\n)*" if line == "..." else re.escape(line).replace(re.escape("..."), r"[^\n]*") + r" *\n"
            for line in lines
        )
    )
