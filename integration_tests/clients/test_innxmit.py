"""INN's innxmit relays articles to us by IHAVE, signed in as a peer that has an administrator's account."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from integration_tests.clients.inn import Inn, running_inn
from integration_tests.clients.newsgroup import Newsgroup
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import Newsreader

pytestmark = pytest.mark.local_only
BIN = Path("/usr/lib/news/bin")
GROUP = "local.tea"  # one that every INN of these tests has


def as_news(inn: Inn, *command: str | Path) -> subprocess.CompletedProcess[str]:
    become = ["setpriv", "--reuid", "news", "--regid", "news", "--init-groups"]
    environment = ["env", f"INNCONF={inn.folder}/etc/inn.conf", f"HOME={inn.folder}"]
    return subprocess.run([*become, *environment, *map(str, command)], capture_output=True, text=True, check=False)


def post_there(inn: Inn, identifiers: Sequence[str]) -> None:
    """Articles at the INN."""
    with socket.create_connection(inn.nntp, TIMEOUT_SECONDS) as connection, connection.makefile("rb") as file:
        there = Newsreader(connection, file)
        for identifier in identifiers:
            there.post(
                f"From: Ann <ann@example.org>\r\nNewsgroups: {GROUP}\r\nSubject: relayed\r\n"
                f"Message-ID: {identifier}\r\n\r\nFrom INN.\r\n".encode()
            )


def relay(inn: Inn, stack: Stack) -> subprocess.CompletedProcess[str]:
    """Everything that the INN has."""
    tokens = [
        line.split("\t")[2].strip() for line in (inn.folder / "db/history").read_text().splitlines() if "\t@" in line
    ]
    lines = []
    for token in tokens:
        article = as_news(inn, BIN / "sm", "-q", token).stdout
        identifier = article.partition("\nMessage-ID: ")[2].partition("\n")[0].strip()
        lines.append(f"{token} {identifier}\n")
    batch = inn.folder / "tmp/batch"
    batch.write_text("".join(lines))
    subprocess.run(["chown", "news:news", batch], check=True)
    host, port = stack.nntp
    return as_news(inn, BIN / "innxmit", "-d", "-P", str(port), host, batch)


def test_articles_are_relayed_once(stack: Stack, member: Member) -> None:
    assert stack.agora("user", "set-role", member.name, "admin").returncode == 0
    stack.agora("room", "add", GROUP, "--read", "everyone", "--post", "everyone")  # it may be there already
    group = Newsgroup(stack, GROUP)
    group.wait_until("everyone")
    identifiers = [f"<{secrets.token_hex(8)}@example.org>" for _ in range(3)]
    with running_inn(newnews=False) as inn:
        post_there(inn, identifiers)
        secret = inn.folder / "etc/passwd.nntp"
        secret.write_text(f"{stack.nntp[0]}:{member.name}:{member.password}\n")
        subprocess.run(["chown", "news:news", secret], check=True)
        secret.chmod(0o600)
        done = relay(inn, stack)
        assert [done.stderr.count(f"\n< {code} ") for code in (235, 335, 435, 436, 437)] == [3, 3, 0, 0, 0], done.stderr
        again = relay(inn, stack)
        assert again.stderr.count("\n< 435 ") == 3, again.stderr
    kept = [octets for octets in group.articles() if any(each.encode() in octets for each in identifiers)]
    assert len(kept) == len(identifiers)
    for octets in kept:
        assert b"!.POSTED" in octets.partition(b"\r\n")[0]
        assert b"news.example.org" in octets.partition(b"\r\n")[0]
        assert octets.count(b"\r\nXref: ") == 0
        assert octets.endswith(b"\r\n\r\nFrom INN.\r\n")
