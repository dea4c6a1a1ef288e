"""A client that believes everything the server tells it, and remembers: what is compared with the model."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

_LITERAL = re.compile(rb"\{(\d+)\}\Z")
_TOKEN = re.compile(rb'[()]|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n|((?:[^\s()"{\[]|\[[^\]]*\])+)')

Value = bytes | list["Value"] | None


class ServerFault(AssertionError):
    """The server broke the protocol, or told what cannot be."""


def parse(text: bytes) -> list[Value]:
    """The words, strings, NILs and lists of a response."""
    stack: list[list[Value]] = [[]]
    at = 0
    while (found := _TOKEN.search(text, at)) is not None:
        at = found.end()
        quoted, literal, atom = found.groups()
        if literal is not None:
            size = int(literal)
            stack[-1].append(text[at : at + size])
            at += size
        elif quoted is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", quoted))
        elif atom is not None:
            stack[-1].append(None if atom == b"NIL" else atom)
        elif found.group() == b"(":
            stack.append([])
        else:
            done = stack.pop()
            stack[-1].append(done)
    return stack[0]


@dataclass
class Known:
    """A message as the client knows it."""

    uid: int | None = None
    flags: frozenset[bytes] | None = None
    modseq: int = 0


@dataclass
class Result:
    """What came for one command."""

    condition: bytes
    code: bytes
    untagged: list[bytes] = field(default_factory=list)


class Client:
    """A connection and the mailbox behind it as the server has told it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self.messages: list[Known] = []
        self.selected = False
        self.continuation()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def send(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def continuation(self) -> bytes:
        """The next line, literals included."""
        line = self.read_line()
        while (mark := _LITERAL.search(line)) is not None:
            line += b"\r\n" + self._file.read(int(mark.group(1))) + self.read_line()
        return line

    def read_line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ServerFault(f"the server closed after {line!r}")
        return line[:-2]

    def read_to_end(self, tag: bytes) -> bytes:
        """The tagged line of a command that was sent; what comes before is not looked at."""
        line = b""
        while not line.startswith(tag + b" "):
            line = self.read_line()
        return line

    def tagged(self, command: bytes) -> tuple[bytes, bytes]:
        """A tag and the octets to send."""
        self._number += 1
        tag = b"t%d" % self._number
        return tag, tag + b" " + command + b"\r\n"

    def run(self, *commands: bytes) -> list[Result]:
        """Send all commands at once, then read their results, which must come in order."""
        return list(self.run_each(*commands))

    def run_each(self, *commands: bytes) -> Iterator[Result]:
        """The same, result by result."""
        tagged = [self.tagged(command) for command in commands]
        self.send(b"".join(octets for _, octets in tagged))
        for (tag, _), command in zip(tagged, commands, strict=True):
            yield self.finish(tag, command)

    def do(self, command: bytes) -> Result:
        (result,) = self.run(command)
        if result.condition != b"OK":
            raise ServerFault(f"{command!r}: {result}")
        return result

    def finish(self, tag: bytes, command: bytes) -> Result:
        """Read to the tagged response of a command that was sent."""
        untagged: list[bytes] = []
        while True:
            line = self.continuation()
            if line.startswith(b"* "):
                self._believe(line[2:], command)
                untagged.append(line[2:])
            elif line.startswith(tag + b" "):
                condition, _, text = line[len(tag) + 1 :].partition(b" ")
                code = text[1 : text.index(b"]")] if text.startswith(b"[") else b""
                return Result(condition, code, untagged)
            elif not line.startswith(b"+"):
                raise ServerFault(f"{line!r} came for {command!r}")

    def idle(self, until: bytes) -> None:
        """IDLE until an untagged response with `until` in it was told."""
        tag, octets = self.tagged(b"IDLE")
        self.send(octets)
        line = b""
        while until not in line:
            line = self.continuation()
            if line.startswith(b"* "):
                self._believe(line[2:], b"IDLE")
        self.send(b"DONE\r\n")
        self.finish(tag, b"IDLE")

    def _believe(self, response: bytes, command: bytes) -> None:
        number, _, rest = response.partition(b" ")
        if response.startswith(b"BYE") and not command.startswith(b"LOGOUT"):
            raise ServerFault(f"{response!r} during {command!r}")
        if not number.isdigit():
            return
        at = int(number)
        if rest == b"EXISTS":
            if at < len(self.messages):
                raise ServerFault(f"{response!r} with {len(self.messages)} messages")
            self.messages += [Known() for _ in range(at - len(self.messages))]
        elif rest == b"EXPUNGE":
            if command.split(b" ")[0] in (b"FETCH", b"STORE", b"SEARCH"):
                raise ServerFault(f"{response!r} during {command!r}")
            if not 1 <= at <= len(self.messages):
                raise ServerFault(f"{response!r} with {len(self.messages)} messages")
            del self.messages[at - 1]
        elif rest.startswith(b"FETCH "):
            self._learn(at, rest)

    def _learn(self, number: int, rest: bytes) -> None:
        if not 1 <= number <= len(self.messages):
            raise ServerFault(f"{number} {rest!r} with {len(self.messages)} messages")
        known = self.messages[number - 1]
        facts = facts_of(rest)
        if b"UID" in facts:
            uid = as_int(facts[b"UID"])
            if known.uid not in (None, uid):
                raise ServerFault(f"number {number} was UID {known.uid} and is now {uid}")
            known.uid = uid
        flags = facts.get(b"FLAGS")
        if isinstance(flags, list):
            known.flags = frozenset(map(_bytes, flags)) - {rb"\Recent"}
        modseq = facts.get(b"MODSEQ")
        if isinstance(modseq, list):
            known.modseq = as_int(modseq[0])


def _bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value


def as_int(value: Value) -> int:
    return int(_bytes(value))


def facts_of(fetch: bytes) -> dict[bytes, Value]:
    """The data items of `FETCH (…)`, or of `1 FETCH (…)`."""
    items = parse(fetch)[-1]
    assert isinstance(items, list)
    return {_bytes(name): value for name, value in zip(items[::2], items[1::2], strict=True)}
