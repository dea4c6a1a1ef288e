"""An IMAP client that waits for each answer; it counts what it is told to count and understands little else."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable

RECEIVED_OCTETS = 1 << 20
TIMEOUT_SECONDS = 600.0


class Imap:
    """One connection, signed in if an account is given. Every method raises RuntimeError when told anything but OK."""

    def __init__(self, host: str, port: int, account: str | None = None, password: str = "") -> None:
        self.socket = socket.create_connection((host, port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(RECEIVED_OCTETS)
        self._number = 0
        self.octets = 0  # of the last answer
        while b"\n" not in self._receive():
            pass
        if account is not None:
            self.command(f'LOGIN "{account}" "{password}"')
            self.capabilities = self.command("CAPABILITY").upper().split()

    def _receive(self) -> bytes:
        size = self.socket.recv_into(self._buffer)
        if not size:
            raise EOFError("the server has closed the connection")
        return bytes(memoryview(self._buffer)[:size])

    def command(self, command: str) -> bytes:
        """All that is answered."""
        pieces: list[bytes] = []
        self._ask(command, pieces, None)
        return b"".join(pieces)

    def count(self, command: str, mark: bytes) -> int:
        """How often `mark` is in the answer, which is thrown away as it comes."""
        return self._ask(command, None, mark)

    def _ask(self, command: str, pieces: list[bytes] | None, mark: bytes | None) -> int:
        self._number += 1
        tag = b"b%05d" % self._number
        self.socket.sendall(b"%s %s\r\n" % (tag, command.encode()))
        end = re.compile(rb"(?:^|\r\n)" + tag + rb" (\w+)[^\r\n]*\r\n\Z")
        found, kept, self.octets = 0, b"", 0
        while True:
            received = self._receive()
            self.octets += len(received)
            if pieces is not None:
                pieces.append(received)
            looked_at = kept + received
            if mark is not None:
                found += looked_at.count(mark) - kept.count(mark)
            kept = looked_at[-512:]
            if (told := end.search(kept)) is not None:
                if told[1] != b"OK":
                    raise RuntimeError(f"{command[:80]}: {kept[told.start() :].decode(errors='replace').strip()}")
                return found

    def fill(self, mailbox: str, messages: Iterable[bytes], in_flight: int = 16) -> int:
        """APPEND all of them, `in_flight` at a time where the server takes literals without asking (RFC 7888)."""
        eager = b"LITERAL+" in self.capabilities
        answers = self.socket.makefile("rb")
        waiting = count = 0
        for message in messages:
            count += 1
            plus = b"+" if eager else b""
            self.socket.sendall(b'f%d APPEND "%s" {%d%s}\r\n' % (count, mailbox.encode(), len(message), plus))
            if not eager:
                self._expect(answers.readline(), b"+")
            self.socket.sendall(message + b"\r\n")
            waiting += 1
            while waiting >= (in_flight if eager else 1):
                waiting -= self._appended(answers.readline())
        while waiting:
            waiting -= self._appended(answers.readline())
        return count

    def _appended(self, line: bytes) -> int:
        if line.startswith(b"*"):
            return 0
        self._expect(line, b"f")
        if line.split()[1] != b"OK":
            raise RuntimeError(line.decode(errors="replace"))
        return 1

    def _expect(self, line: bytes, start: bytes) -> None:
        if not line.startswith(start):
            raise RuntimeError(line.decode(errors="replace") or "the server has closed the connection")

    def messages(self, mailbox: str = "INBOX") -> int:
        """How many there are, by STATUS."""
        told = re.search(rb"MESSAGES (\d+)", self.command(f'STATUS "{mailbox}" (MESSAGES)'))
        assert told is not None
        return int(told[1])

    def make_anew(self, mailbox: str) -> None:
        """An empty mailbox of this name."""
        self.remove(mailbox)
        self.command(f'CREATE "{mailbox}"')

    def remove(self, mailbox: str) -> None:
        """Delete the mailbox if it is there."""
        with contextlib.suppress(RuntimeError):
            self.command(f'DELETE "{mailbox}"')

    def idle(self) -> None:
        """Begin IDLE (RFC 2177); the socket tells from now on."""
        self.socket.sendall(b"idle IDLE\r\n")
        told = b""
        while b"+" not in told:
            told += self._receive()

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def __enter__(self) -> Imap:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
