"""Pan, on a screen that nobody sees, asks for the headers of a group. What it shows then takes a hand that clicks."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import pytest

from integration_tests.clients.newsgroup import Newsgroup, newsgroup_with
from integration_tests.clients.program import PATIENCE_SECONDS, Program
from integration_tests.stack.stack import Stack
from shared.testing.eventually import eventually

# As Pan writes it when a server is added.
SERVERS = """<server-set>
  <server id="1">
    <host>{host}</host>
    <port>{port}</port>
    <expiration-days>31</expiration-days>
    <connection-limit>2</connection-limit>
    <newsrc>{home}/.pan2/newsrc-1</newsrc>
    <rank>1</rank>
  </server>
</server-set>
"""


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    return newsgroup_with(stack, "Earl Grey", "Darjeeling")


@pytest.fixture
def pan(program: Callable[[str], Program], group: Newsgroup) -> Program:
    found = program("pan")
    host, port = group.stack.nntp
    found.write(".pan2/servers.xml", SERVERS.format(host=host, port=port, home=found.home))
    found.write(".pan2/newsrc-1", f"{group.name}:\n")
    return found


@pytest.fixture
def screen(program: Callable[[str], Program]) -> Iterator[Mapping[str, str]]:
    """What programs are told of a screen that is in memory only."""
    server = program("Xvfb")
    command = [server.path, "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        command, env=server.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        try:
            assert running.stdout is not None
            yield {"DISPLAY": f":{int(running.stdout.readline())}"}
        finally:
            running.terminate()


def test_the_headers_of_a_group_are_fetched(pan: Program, screen: Mapping[str, str], group: Newsgroup) -> None:
    identifiers = re.findall(rb"^Message-ID: (<[^>]+>)", b"".join(group.articles()), re.MULTILINE)
    known = pan.home / ".pan2/groups" / group.name
    environment, quiet = {**pan.environment, **screen}, subprocess.DEVNULL
    command = [pan.path, f"headers:{group.name}"]
    with subprocess.Popen(command, cwd=pan.home, env=environment, stdout=quiet, stderr=quiet) as running:
        try:
            eventually(
                lambda: known.exists() and all(each in known.read_bytes() for each in identifiers),
                "Pan has the headers",
                timedelta(seconds=PATIENCE_SECONDS),
            )
        finally:
            running.terminate()
    assert all(f"\t{subject}\n" in known.read_text() for subject in ("Earl Grey", "Darjeeling"))
    assert f"\t1:a:{len(identifiers)} \n" in known.read_text()  # the last one's number
