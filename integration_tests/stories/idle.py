"""An IMAP session that waits: what imaplib does not know before Python 3.14."""

from __future__ import annotations

import contextlib
import imaplib
from collections.abc import Iterator
from dataclasses import dataclass, field

from integration_tests.stack.member import Member


@dataclass
class Idling:
    """What it was told since it began to wait is in `told`."""

    _session: imaplib.IMAP4_SSL
    told: list[str] = field(default_factory=list)

    def wait_for(self, word: str) -> str:
        """The next line with `word` in it; fails when none comes while the socket is patient."""
        while True:
            line = self._session.readline()
            assert line, f"the connection ended; {word} never came: {self.told}"
            self.told.append(line.decode().rstrip("\r\n"))
            if word in self.told[-1]:
                return self.told[-1]

    def stop(self) -> None:
        """Say DONE, and see the command completed."""
        self._session.send(b"DONE\r\n")
        assert self.wait_for("wait1").startswith("wait1 OK")


@contextlib.contextmanager
def idling(member: Member, folder: str = "INBOX") -> Iterator[Idling]:
    """Select `folder` and wait there; the server has agreed when the block begins, and the session ends with it."""
    with member.imap(folder) as session:
        session.send(b"wait1 IDLE\r\n")
        waiting = Idling(session)
        waiting.wait_for("+")
        try:
            yield waiting
        finally:
            session.shutdown()  # what was not answered yet would be taken for the answer to LOGOUT
