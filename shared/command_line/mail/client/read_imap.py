"""A mailbox at an IMAP server, as an import takes it."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from shared.command_line.mail.client.imap import ImapClient, RemoteFolder, RemoteMessage
from shared.folders.flags import SYSTEM_FLAGS
from shared.mail.transfer.carried import MOST_OCTETS, Carried, CarriedFolder, CarriedMailbox, NotTaken

_FLAGS = {name.lower(): bit for name, bit in SYSTEM_FLAGS.items()}


def read_imap(session: ImapClient) -> CarriedMailbox:
    """All folders that take messages, one after the other; the session is needed until the last is read."""
    folders = [each for each in session.list_folders() if each.selectable]
    subscribed = [each.name for each in session.list_folders(subscribed=True)]
    return CarriedMailbox([_folder(session, each) for each in folders], subscribed)


def _folder(session: ImapClient, folder: RemoteFolder) -> CarriedFolder:
    return CarriedFolder(folder.name, functools.partial(_messages, session, folder))


def _messages(session: ImapClient, folder: RemoteFolder) -> Iterator[tuple[str, Carried] | NotTaken]:
    session.open(folder.raw)
    sizes = session.sizes()
    for uid in [uid for uid, size in sizes.items() if size > MOST_OCTETS]:
        yield NotTaken(f"{folder.name}, UID {uid}", f"it has more than {MOST_OCTETS >> 20} MiB")
    for message in session.fetch({uid: size for uid, size in sizes.items() if size <= MOST_OCTETS}):
        yield f"{folder.name}, UID {message.uid}", _carried(message)


def _carried(message: RemoteMessage) -> Carried:
    flags, keywords = 0, []
    for name in message.flags:
        if name.startswith("\\"):
            flags |= _FLAGS.get(name.lower(), 0)
        else:
            keywords.append(name)
    return Carried(message.octets, message.received_at, flags, keywords)
