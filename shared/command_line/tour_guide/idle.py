"""An IMAP client that waits for news (RFC 2177 IDLE), which Python's imaplib cannot before 3.14."""

from __future__ import annotations

import imaplib
import re
import threading
import time
from queue import Empty, Queue

from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor

EXISTS = re.compile(rb"\* (\d+) EXISTS\r?\n")


class IdleClient:
    """Signed in to INBOX. A thread waits for untagged EXISTS and notes the moment of each."""

    def __init__(self, doors: Doors, visitor: Visitor) -> None:
        host, port = doors["imaps"]
        self.session = imaplib.IMAP4_SSL(host, port, ssl_context=doors.tls, timeout=TIMEOUT_SECONDS)
        self.session.login(visitor.name, visitor.password)
        _, answer = self.session.select("INBOX")
        self.count = int(answer[0] or b"0")
        self._arrivals: Queue[tuple[int, float]] = Queue()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def tls_version(self) -> str:
        """As OpenSSL calls it: TLSv1.3."""
        return str(self.session.sock.version())  # type: ignore[attr-defined]  # it is an SSLSocket here

    def start(self) -> None:
        """Return when the server waits with us."""
        self.session.send(b"IDLE1 IDLE\r\n")
        answer = self.session.readline()
        if not answer.startswith(b"+"):
            raise RuntimeError(f"IDLE was answered by {answer.decode(errors='replace').strip()}")
        self._thread.start()

    def next_arrival(self) -> tuple[int, float]:
        """How many messages are new since the last call, and when that was heard (perf_counter). Or TimeoutError."""
        try:
            count, heard = self._arrivals.get(timeout=TIMEOUT_SECONDS)
        except Empty:
            raise TimeoutError("IMAP IDLE said nothing") from None
        new, self.count = count - self.count, count
        return new, heard

    def stop(self) -> None:
        """End IDLE; the session can be used for other commands again."""
        self.session.send(b"DONE\r\n")
        self._thread.join(TIMEOUT_SECONDS)

    def fetch_last(self) -> tuple[int, bytes]:
        """The UID of the newest message, and its octets."""
        _, data = self.session.fetch("*", "(UID BODY.PEEK[])")
        header, octets = data[0]  # type: ignore[misc]  # typeshed's union covers every command
        uid = re.search(rb"UID (\d+)", header)  # type: ignore[arg-type]
        if uid is None:
            raise RuntimeError(f"FETCH was answered by {header!r}")
        return int(uid[1]), octets  # type: ignore[return-value]

    def _listen(self) -> None:
        while True:
            line = self.session.readline()
            heard = time.perf_counter()
            if found := EXISTS.fullmatch(line):
                self._arrivals.put((int(found[1]), heard))
            if not line or line.startswith(b"IDLE1 "):
                return
