"""What all sessions of a process share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.mail_access.imap.library import Library
from services.mail_access.settings import MailAccessSettings
from shared.accounts.sign_in import SignIn
from shared.conversation.limits import Limits
from shared.database.database import Database
from shared.database.gathering import Gathering
from shared.events.bus import Bus
from shared.folders.folder import FolderId

if TYPE_CHECKING:
    from services.mail_access.imap.appending import NamedAppend
    from services.mail_access.imap.session import ImapSession
    from shared.folders.append import Appended
    from shared.runtime.certificates import Certificates


class Sessions:
    """Who is signed in, by account, so that one account cannot take all places."""

    def __init__(self, most_per_account: int) -> None:
        self._most = most_per_account
        self._of_account: dict[int, set[ImapSession]] = {}

    def admit(self, account_id: int, session: ImapSession) -> bool:
        sessions = self._of_account.setdefault(account_id, set())
        if len(sessions) >= self._most:
            return False
        sessions.add(session)
        return True

    def leave(self, account_id: int, session: ImapSession) -> None:
        sessions = self._of_account.get(account_id)
        if sessions is not None:
            sessions.discard(session)
            if not sessions:
                del self._of_account[account_id]

    def accounts(self) -> list[int]:
        """Whose sessions there are."""
        return list(self._of_account)

    def shut_out(self, account_id: int) -> None:
        """End every session of the account."""
        for session in list(self._of_account.get(account_id, ())):
            session.shut_out()


class FolderIds:
    """Where mailboxes were found lately, as a hint: whoever uses it looks whether it still holds."""

    MOST = 20_000  # about 4 MB

    def __init__(self) -> None:
        self._ids: dict[tuple[int, str], FolderId] = {}

    def get(self, key: tuple[int, str]) -> FolderId | None:
        return self._ids.get(key)

    def put(self, key: tuple[int, str], folder_id: FolderId) -> None:
        if len(self._ids) >= self.MOST:
            self._ids.clear()
        self._ids[key] = folder_id


@dataclass(frozen=True, slots=True)
class Backing:
    """The parts that a session works with."""

    reactor: Any
    settings: MailAccessSettings
    database: Database
    bus: Bus
    sign_in: SignIn
    library: Library
    appends: Gathering[NamedAppend, Appended]
    member_limits: Limits
    certificates: Certificates | None  # None: STARTTLS is not offered
    folder_ids: FolderIds = field(default_factory=FolderIds)
    sessions: Sessions = field(default_factory=lambda: Sessions(100))
