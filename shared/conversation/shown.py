"""A conversation as it is shown to an administrator: `C: ` and `S: ` lines with milliseconds, and no secrets.

Passwords, what is said to prove who somebody is, literals and messages are shown as their sizes. Where it is not known
whether a line holds a secret, it is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

LONGEST_SHOWN = 1000  # octets of a line
LONGEST_LINE = 64 * 1024  # of the server's, that is kept until its end comes; a longer one is shown as its size
_LITERAL = re.compile(rb"\{(\d+)\+?\}$")


class Protocol(NamedTuple):
    """What is secret in a protocol's lines.

    `secret` finds a client's line that begins a proof, and in its group what may be shown of it; `goes_on` is how the
    server asks for more of the proof. `block` begins an answer whose lines up to a dot are a message.
    """

    secret: re.Pattern[bytes]
    goes_on: tuple[bytes, ...]
    block: re.Pattern[bytes] | None = None
    block_verbs: frozenset[bytes] | None = None  # the answer to these alone
    has_literals: bool = False


_I = re.IGNORECASE
SMTP = Protocol(re.compile(rb"(\s*AUTH(?:\s+\S+)?)", _I), (b"334",))
POP3 = Protocol(
    re.compile(rb"(\s*(?:PASS|APOP\s+\S+|APOP|AUTH\s+\S+|AUTH))", _I),
    (b"+ ",),
    re.compile(rb"\+OK"),
    frozenset({b"RETR", b"TOP"}),
)
NNTP = Protocol(
    re.compile(rb"(\s*AUTHINFO(?:\s+(?:USER|PASS|SASL\s+\S+))?)", _I),
    (b"383",),
    re.compile(rb"(?:220|221|222|224|225) "),
)
IMAP = Protocol(re.compile(rb"(\s*\S+\s+(?:LOGIN|AUTHENTICATE(?:\s+\S+)?))", _I), (b"+",), has_literals=True)
PROTOCOLS = {
    "smtp": SMTP, "submission": SMTP, "submissions": SMTP, "lmtp": SMTP, "imap": IMAP, "imaps": IMAP,
    "pop3": POP3, "pop3s": POP3, "nntp": NNTP, "nntps": NNTP,
}  # fmt: skip


class Shown:
    """Follows one conversation; `emit` gets each line.

    What the server has written has to be given before the client's next line, so that answers follow their commands.
    """

    __slots__ = (
        "_began", "_block_octets", "_emit", "_in_line", "_literal", "_now", "_partial", "_protocol", "_secret", "_tag",
        "_verb",
    )  # fmt: skip

    def __init__(
        self, protocol: Protocol, now: Callable[[], float], emit: Callable[[str], None], *, proved: bool
    ) -> None:
        """`now` tells seconds. `proved`: the client has signed in, so that what it says next is no part of a proof."""
        self._protocol = protocol
        self._now = now
        self._emit = emit
        self._began = now()
        self._secret = not proved
        self._tag = b""  # of the IMAP command whose answer ends the proof; empty: any
        self._verb = b""  # of the command that is not answered
        self._partial = b""  # of the server's line
        self._literal = 0  # octets of the server's that are a literal's
        self._block_octets: int | None = None  # of the message that the server is sending
        self._in_line = False  # the server is in the middle of a line of that message

    def line(self, line: bytes) -> None:
        """The client's line, without its end."""
        if self._secret:
            self._say("C", b"(%d octets)" % len(line))
            return
        self._verb = line.partition(b" ")[0].upper()
        found = self._protocol.secret.match(line)
        if found is None:
            self._say("C", line)
            return
        self._secret = True
        self._tag = self._verb if self._protocol.has_literals else b""
        more = len(line) - found.end()
        self._say("C", found[1] + (b" (%d octets)" % more if more > 0 else b""))

    def octets(self, size: int) -> None:
        """Octets of the client's that are no line: a literal, a message."""
        self._say("C", b"(%d octets)" % size)

    def sent(self, octets: bytes) -> None:
        """Octets of the server's, as they come."""
        octets = self._partial + octets if self._partial else octets
        self._partial = b""
        at, end = 0, len(octets)
        while at < end:
            if self._literal:
                taken = min(self._literal, end - at)
                self._literal -= taken
                at += taken
                continue
            behind = octets.find(b"\n", at)
            if behind < 0:
                self._keep(octets[at:])
                return
            self._server_line(octets[at:behind].removesuffix(b"\r"))
            at = behind + 1

    def _keep(self, partial: bytes) -> None:
        """The beginning of a line."""
        if self._block_octets is not None and not partial.endswith(b"\r") and (self._in_line or partial != b"."):
            self._block_octets += len(partial)
            self._in_line = True
        elif len(partial) <= LONGEST_LINE:
            self._partial = partial
        else:
            self._say("S", b"(%d octets of a long line)" % len(partial))

    def _server_line(self, line: bytes) -> None:
        if self._block_octets is not None:
            in_line, self._in_line = self._in_line, False
            if line != b"." or in_line:
                self._block_octets += len(line) + 2
                return
            self._say("S", b"(%d octets)" % self._block_octets)
            self._block_octets = None
            self._say("S", line)
            return
        protocol = self._protocol
        if self._secret and line.startswith(protocol.goes_on):
            asks = next(each for each in protocol.goes_on if line.startswith(each))
            self._say("S", b"%b (%d octets)" % (asks.rstrip(), len(line) - len(asks)))
            return
        self._say("S", line)
        if protocol.has_literals and (found := _LITERAL.search(line[-24:])) is not None:
            self._literal = int(found[1])
            self._say("S", b"(%d octets)" % self._literal)
        if protocol.block is not None and protocol.block.match(line) and self._is_answered_with_block():
            self._block_octets = 0
        self._verb = self._verb if protocol.has_literals else b""
        if self._secret and self._is_end_of_proof(line):
            self._secret, self._tag = False, b""

    def _is_answered_with_block(self) -> bool:
        verbs = self._protocol.block_verbs
        return verbs is None or self._verb in verbs

    def _is_end_of_proof(self, line: bytes) -> bool:
        if not self._protocol.has_literals:
            return True
        return line.upper().startswith(self._tag + b" ") if self._tag else not line.startswith(b"*")

    def _say(self, who: str, line: bytes) -> None:
        cut = line[:LONGEST_SHOWN].decode("ascii", "backslashreplace")
        more = f" (and {len(line) - LONGEST_SHOWN} octets)" if len(line) > LONGEST_SHOWN else ""
        self._emit(f"{(self._now() - self._began) * 1000:10.1f} ms {who}: {cut}{more}")
