"""The commands, one value each; mailbox names are already Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.mail_access.imap.values.fetch import FetchItem
from services.mail_access.imap.values.flags import Flags
from services.mail_access.imap.values.search import SearchKey
from services.mail_access.imap.values.sequence_set import SequenceSet
from services.mail_access.imap.values.sorting import SortCriterion, ThreadAlgorithm
from shared.conversation.spool import Spool
from shared.folders.store_flags import Action


@dataclass(frozen=True, slots=True)
class Command:
    """The base of all commands."""


@dataclass(frozen=True, slots=True)
class Capability(Command):
    pass


@dataclass(frozen=True, slots=True)
class Noop(Command):
    pass


@dataclass(frozen=True, slots=True)
class Logout(Command):
    pass


@dataclass(frozen=True, slots=True)
class Id(Command):
    pass


@dataclass(frozen=True, slots=True)
class StartTls(Command):
    pass


@dataclass(frozen=True, slots=True)
class Authenticate(Command):
    mechanism: str
    initial: bytes | None  # as sent: base64, or b"=" for an empty one (RFC 4959 §3)


@dataclass(frozen=True, slots=True)
class Login(Command):
    user: bytes
    password: bytes


@dataclass(frozen=True, slots=True)
class Enable(Command):
    capabilities: Sequence[bytes]  # upper case


@dataclass(frozen=True, slots=True)
class Compress(Command):
    mechanism: bytes


@dataclass(frozen=True, slots=True)
class Namespace(Command):
    pass


@dataclass(frozen=True, slots=True)
class Select(Command):
    mailbox: str
    read_only: bool
    condstore: bool


@dataclass(frozen=True, slots=True)
class Create(Command):
    mailbox: str
    special_use: str | None


@dataclass(frozen=True, slots=True)
class Delete(Command):
    mailbox: str


@dataclass(frozen=True, slots=True)
class Rename(Command):
    mailbox: str
    new_name: str


@dataclass(frozen=True, slots=True)
class Subscribe(Command):
    mailbox: str
    wanted: bool  # false: UNSUBSCRIBE


@dataclass(frozen=True, slots=True)
class List(Command):
    """LIST and LSUB (RFC 3501 §6.3.8, RFC 5258 §3, RFC 5819 §2, RFC 6154 §3)."""

    reference: str
    patterns: Sequence[str]
    lsub: bool = False
    extended: bool = False
    select: frozenset[bytes] = frozenset()  # SUBSCRIBED, REMOTE, RECURSIVEMATCH, SPECIAL-USE
    returns: frozenset[bytes] = frozenset()  # SUBSCRIBED, CHILDREN, SPECIAL-USE
    status: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Status(Command):
    mailbox: str
    items: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class MyRights(Command):
    mailbox: str


@dataclass(frozen=True, slots=True)
class GetAcl(Command):
    mailbox: str


@dataclass(frozen=True, slots=True)
class ListRights(Command):
    mailbox: str
    identifier: str


@dataclass(frozen=True, slots=True)
class SetAcl(Command):
    """SETACL, and DELETEACL, which leaves no rights (RFC 4314 §3.1, §3.2)."""

    mailbox: str
    identifier: str
    action: Action
    rights: str
    name: bytes


@dataclass(frozen=True, slots=True)
class Append(Command):
    mailbox: str
    flags: Flags
    received_at: datetime | None
    message: Spool


@dataclass(frozen=True, slots=True)
class Check(Command):
    pass


@dataclass(frozen=True, slots=True)
class Close(Command):
    pass


@dataclass(frozen=True, slots=True)
class Unselect(Command):
    pass


@dataclass(frozen=True, slots=True)
class Expunge(Command):
    uids: SequenceSet | None  # None: all of them (not UID EXPUNGE)


@dataclass(frozen=True, slots=True)
class Search(Command):
    uid: bool
    key: SearchKey
    returns: frozenset[bytes] | None  # MIN MAX ALL COUNT SAVE; None: an old SEARCH reply
    mentions_modseq: bool


@dataclass(frozen=True, slots=True)
class Sort(Command):
    uid: bool
    criteria: Sequence[SortCriterion]
    key: SearchKey


@dataclass(frozen=True, slots=True)
class Thread(Command):
    uid: bool
    algorithm: ThreadAlgorithm
    key: SearchKey


@dataclass(frozen=True, slots=True)
class Fetch(Command):
    uid: bool
    numbers: SequenceSet | None  # None: `$`
    items: Sequence[FetchItem]
    changed_since: int | None


@dataclass(frozen=True, slots=True)
class Store(Command):
    uid: bool
    numbers: SequenceSet | None
    action: Action
    silent: bool
    flags: Flags
    unchanged_since: int | None


@dataclass(frozen=True, slots=True)
class Copy(Command):
    """COPY, and MOVE (RFC 6851)."""

    uid: bool
    numbers: SequenceSet | None
    mailbox: str
    move: bool


@dataclass(frozen=True, slots=True)
class Idle(Command):
    pass
