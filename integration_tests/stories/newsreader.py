"""A newsreader in a few lines: Python's own is gone since 3.13."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import BinaryIO

from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack


class Newsreader:
    """A connection that was greeted."""

    def __init__(self, connection: socket.socket, file: BinaryIO) -> None:
        self._connection = connection
        self._file = file
        self.expect("20")

    def expect(self, code: str) -> str:
        """The next line, which begins with this."""
        line = self._file.readline().decode()
        assert line.startswith(code), line
        return line.rstrip("\r\n")

    def say(self, command: str, code: str) -> str:
        """Send a command; the first line of its reply."""
        self._connection.sendall(command.encode() + b"\r\n")
        return self.expect(code)

    def post(self, article: bytes) -> None:
        """Post an article that has no lines that begin with a dot; it is committed when this returns."""
        self.say("POST", "340")
        self._connection.sendall(article + b".\r\n")
        self.expect("240")

    def offer(self, article: bytes) -> str:
        """Try to post an article that has no lines that begin with a dot; the last line that was said about it."""
        self._connection.sendall(b"POST\r\n")
        line = self.expect("")
        if line.startswith("340"):
            self._connection.sendall(article + b".\r\n")
            line = self.expect("")
        return line

    def flag(self, group: str) -> str | None:
        """Whether one may post to a group: y, n or m; None where there is no such group."""
        self.say(f"LIST ACTIVE {group}", "215")
        found = self.block().decode().split()
        return found[-1] if found else None

    def article(self, number: int) -> bytes:
        """The octets of an article of the selected group."""
        self.say(f"ARTICLE {number}", "220")
        return self.block()

    def block(self) -> bytes:
        """The lines that follow, without added dots."""
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            assert line.endswith(b"\r\n"), line
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@contextlib.contextmanager
def newsreader(stack: Stack) -> Iterator[Newsreader]:
    """A stranger, over plain NNTP."""
    with socket.create_connection(stack.nntp, TIMEOUT_SECONDS) as connection, connection.makefile("rb") as file:
        yield Newsreader(connection, file)


@contextlib.contextmanager
def signed_in(member: Member) -> Iterator[Newsreader]:
    """A member, over TLS."""
    place = member.stack.nntps
    with (
        socket.create_connection(place, TIMEOUT_SECONDS) as connection,
        member.stack.tls_context().wrap_socket(connection, server_hostname=place[0]) as secured,
        secured.makefile("rb") as file,
    ):
        news = Newsreader(secured, file)
        news.say(f"AUTHINFO USER {member.name}", "381")
        news.say(f"AUTHINFO PASS {member.password}", "281")
        yield news
