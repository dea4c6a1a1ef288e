"""The parts that IMAP sessions work with; all sessions of a process share them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.mail_access.imap.message_cache import MessageCache
from services.mail_access.imap.shared_changes import SharedChanges
from services.mail_access.settings import MailAccessSettings
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.conversation.intake import Intake
from shared.conversation.limits import Limits
from shared.database.database import Database
from shared.database.gathering import Gathering
from shared.events.bus import Bus
from shared.folders.append import Appended
from shared.folders.append_named import NamedAppend
from shared.folders.folder import FolderId
from shared.give_way import TURN_SECONDS
from shared.runtime.certificates import Certificates


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
class ImapParts:
    """The parts that a session works with."""

    reactor: Any
    settings: MailAccessSettings
    database: Database
    bus: Bus
    sign_in: SignIn
    message_cache: MessageCache
    changes: SharedChanges
    appends: Gathering[NamedAppend, Appended]
    member_limits: Limits
    certificates: Certificates | None  # None: STARTTLS is not offered
    turn_seconds: float = TURN_SECONDS  # how long a command works before others have their turn
    folder_ids: FolderIds = field(default_factory=FolderIds)
    sessions: SignedIn = field(default_factory=lambda: SignedIn(100))
    intake: Intake = field(default_factory=Intake)  # of messages that APPEND brings
