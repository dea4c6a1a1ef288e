"""A client of the tests that reads whole answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from services.news_gateway.nntp.tests.conftest import News


class Reader:
    """A client that reads whole answers."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file: BinaryIO = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"200 ")

    def say(self, *commands: bytes) -> bytes:
        """The first line of the answer to the last one."""
        self.socket.sendall(b"".join(each + b"\r\n" for each in commands))
        return [self.file.readline() for _ in commands][-1]

    def block(self) -> bytes:
        """What follows, without added dots."""
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            assert line
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


@contextmanager
def reading(news: News) -> Iterator[Reader]:
    reader = Reader(news.port)
    try:
        yield reader
    finally:
        reader.file.close()
        reader.socket.close()
