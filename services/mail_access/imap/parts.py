"""The parts that IMAP sessions work with; all sessions of a process share them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.mail_access.imap.message_cache import MessageCache
from services.mail_access.imap.shared_changes import SharedChanges
from services.mail_access.settings import MailAccessSettings
from shared.accounts.sign_in import SignIn
from shared.accounts.signed_in import SignedIn
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.conversation.intake import Intake
from shared.conversation.limits import Limits
from shared.database.database import Database
from shared.events.bus import Bus
from shared.feeds.overdue import OverdueFeeds
from shared.folders.folder import FolderId
from shared.folders.name import MOST_NAME_OCTETS
from shared.give_way import TURN_SECONDS
from shared.mail.intake import MessageIntake
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting
from shared.runtime.certificates import Certificates

FOLDER_IDS_OCTETS = 16 << 20  # 13,000 mailboxes that were selected lately, all with the longest names there are
_FOLDER_ID_OCTETS = ENTRY_OCTETS + MOST_NAME_OCTETS


def folder_id_cache() -> BoundedCache[tuple[int, str], FolderId]:
    """The ids of mailboxes that were found lately, by account and name.

    They are hints: a caller checks whether the mailbox still has that id.
    """
    return BoundedCache(FOLDER_IDS_OCTETS, lambda folder_id: _FOLDER_ID_OCTETS)


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
    message_intake: MessageIntake
    rooms: Directory
    overdue: OverdueFeeds
    posting: Posting
    member_limits: Limits
    certificates: Certificates | None  # None: STARTTLS is not offered
    turn_seconds: float = TURN_SECONDS  # how long a command works before others have their turn
    folder_ids: BoundedCache[tuple[int, str], FolderId] = field(default_factory=folder_id_cache)
    sessions: SignedIn = field(default_factory=lambda: SignedIn(100))
    intake: Intake = field(default_factory=Intake)  # of messages that APPEND brings
