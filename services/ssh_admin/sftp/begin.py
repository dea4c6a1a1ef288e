"""The beginning of a session of the subsystem sftp."""

from __future__ import annotations

from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.sftp.answers import SftpAnswers
from services.ssh_admin.sftp.audited import Audited
from services.ssh_admin.sftp.desk import Desk
from services.ssh_admin.sftp.handles import Handles
from services.ssh_admin.sftp.held import MOST_OF_PROCESS, MOST_OF_SESSION, OctetsHeld
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.room_indexes import RoomIndexes
from services.ssh_admin.sftp.rooms import RoomFiles
from services.ssh_admin.sftp.session import SftpSession
from services.ssh_admin.sftp.tree import Tree
from shared.database.database import Database
from shared.rooms.directory import Directory


class Sftp:
    """What all sessions of a process share."""

    def __init__(self, database: Database, directory: Directory, door: str) -> None:
        self._database = database
        self._directory = directory
        self._door = door
        self._held = OctetsHeld(MOST_OF_PROCESS)
        self._indexes = RoomIndexes(database)

    def begin(self, channel: SessionChannel) -> SftpSession:
        """The session on this channel, of who has signed in."""
        transport = channel.conn.transport
        account = transport.account
        assert account is not None  # no channel is opened before
        desk = Desk(OctetsHeld(MOST_OF_SESSION, self._held))
        pages = PageFiles(
            self._database, account, desk, Audited(self._database, account, self._door, transport.peer_host)
        )
        rooms = RoomFiles(self._database, self._directory, self._indexes, account)
        handles = Handles()
        answers = SftpAnswers(Tree(pages, rooms), handles, account.name)
        return SftpSession(channel, self._database.clock, answers, handles, desk)
