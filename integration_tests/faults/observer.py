"""A mail program that stays connected as well as it can, and remembers which number named which message."""

from __future__ import annotations

import imaplib
import threading
from typing import Any

from integration_tests.faults.ledger import MESSAGE_ID
from integration_tests.stack.member import Member

LOOK_SECONDS = 0.1


class Observer(threading.Thread):
    """Looks at one folder many times a second, from another thread, across interruptions."""

    def __init__(self, member: Member, folder: str) -> None:
        super().__init__(name=f"observer of {folder}", daemon=True)
        self.member, self.folder = member, folder
        self.seen: dict[int, bytes] = {}
        self.contradictions: list[str] = []
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.wait(LOOK_SECONDS):
            try:
                with self.member.imap(self.folder) as session:
                    while not self._stop_asked.wait(LOOK_SECONDS):
                        session.noop()
                        self._look(session)
            except (OSError, EOFError, imaplib.IMAP4.error):
                continue

    def _look(self, session: imaplib.IMAP4) -> None:
        following = max(self.seen, default=0) + 1
        items = f"(UID BODY.PEEK[HEADER.FIELDS ({MESSAGE_ID.decode().strip(': ')})])"
        status, answer = session.uid("FETCH", f"{following}:*", items)
        if status != "OK":
            raise session.error(answer)
        for item in answer:
            self._note(item)

    def _note(self, item: Any) -> None:
        if not isinstance(item, tuple):
            return
        words = item[0].split()
        uid, message_id = int(words[words.index(b"(UID") + 1]), item[1].strip().removeprefix(MESSAGE_ID)
        earlier = self.seen.setdefault(uid, message_id)
        if earlier != message_id:
            self.contradictions.append(f"UID {uid} named {earlier!r} and then {message_id!r}")

    def stop(self) -> None:
        self._stop_asked.set()
        self.join(30)
