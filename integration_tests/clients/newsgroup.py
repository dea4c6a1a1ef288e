"""A room for one test, and what newsreaders find in it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from integration_tests.stack.member import TIMEOUT_SECONDS
from integration_tests.stack.stack import Stack
from shared.testing.eventually import eventually


@dataclass(frozen=True)
class Newsgroup:
    """A room that no other test knows."""

    stack: Stack
    name: str

    def let(self, *, read: str, post: str) -> None:
        """Who may read it, and post to it; that is so at the gateway when this returns."""
        done = self.stack.agora("room", "set", self.name, "--read", read, "--post", post)
        assert done.returncode == 0, done.stderr
        self.wait_until(read)

    def wait_until(self, readers: str) -> None:
        """Return when the gateway knows who may read it."""
        code = b"211 " if readers == "everyone" else b"480 "
        eventually(lambda: self._asked().startswith(code), f"{self.name} is for {readers}")

    def _asked(self) -> bytes:
        with (
            socket.create_connection(self.stack.nntp, TIMEOUT_SECONDS) as connection,
            connection.makefile("rb") as file,
        ):
            connection.sendall(b"GROUP %b\r\nQUIT\r\n" % self.name.encode())
            return file.readlines()[1]

    def post(self, octets: bytes) -> bytes:
        """A stranger's article, with CR LF and nothing doubled; the reply to it."""
        with (
            socket.create_connection(self.stack.nntp, TIMEOUT_SECONDS) as connection,
            connection.makefile("rwb") as file,
        ):
            file.readline()
            file.write(b"POST\r\n")
            file.flush()
            assert file.readline().startswith(b"340 ")
            file.write(octets.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            file.flush()
            return file.readline()

    def articles(self) -> Sequence[bytes]:
        """All of them, byte for byte."""
        with (
            socket.create_connection(self.stack.nntp, TIMEOUT_SECONDS) as connection,
            connection.makefile("rwb") as file,
        ):
            file.readline()
            file.write(b"GROUP %b\r\n" % self.name.encode())
            file.flush()
            _, count, first, last, _ = file.readline().split()
            found = []
            for number in range(int(first), int(last) + 1):
                file.write(b"ARTICLE %d\r\n" % number)
                file.flush()
                if file.readline().startswith(b"220 "):
                    lines = []
                    while (line := file.readline()) != b".\r\n":
                        lines.append(line[1:] if line.startswith(b".") else line)
                    found.append(b"".join(lines))
            assert len(found) == int(count)
            return found

    def article(self, subject: str, **fields: str) -> bytes:
        """One for it, with lines of all kinds."""
        lines = [
            *("From: Ann <ann@example.org>", f"Newsgroups: {self.name}", f"Subject: {subject}"),
            f"Message-ID: <{secrets.token_hex(8)}@example.org>",
            *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
            *("", f"About {subject}.", ".", "..dots", "", "-- ", "Ann"),
        ]
        return "".join(f"{line}\r\n" for line in lines).encode()


def newsgroup_with(stack: Stack, *subjects: str) -> Newsgroup:
    """One that is open to everyone, with an article of each subject."""
    made = new_newsgroup(stack)
    for subject in subjects:
        assert made.post(made.article(subject)).startswith(b"240 ")
    return made


def new_newsgroup(stack: Stack, *, read: str = "everyone", post: str = "everyone") -> Newsgroup:
    """It is there for every reader when this returns."""
    name = f"test.{secrets.token_hex(5)}-x"
    made = stack.agora("room", "add", name, "--read", read, "--post", post)
    assert made.returncode == 0, made.stderr
    group = Newsgroup(stack, name)
    group.wait_until(read)
    return group
