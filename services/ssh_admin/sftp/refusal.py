"""The refusals of SFTP: a status code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from shared.accounts.errors import AccountNotFound
from shared.command_line.replies import reply_to as sentence_for
from shared.errors import DomainError, nearest
from shared.rooms.errors import MayNotRead, RoomNotFound
from shared.wiki.errors import EditConflict, MayNotReadPages, MayNotWrite, PageNotFound

OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE, BAD_MESSAGE = range(6)
OP_UNSUPPORTED = 8
CODES: Mapping[type[DomainError], int] = {
    PageNotFound: NO_SUCH_FILE,
    RoomNotFound: NO_SUCH_FILE,
    MayNotReadPages: PERMISSION_DENIED,
    MayNotRead: PERMISSION_DENIED,
    MayNotWrite: PERMISSION_DENIED,
    AccountNotFound: PERMISSION_DENIED,
}


class SftpRefusal(Exception):
    """A request is refused; the message is the sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class MalformedPacket(SftpRefusal):
    """The packet is not as SFTP has it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(BAD_MESSAGE, sentence)


def no_such_file() -> SftpRefusal:
    """There is nothing of that name."""
    return SftpRefusal(NO_SUCH_FILE, "no such file")


def there_already() -> SftpRefusal:
    """The name is taken."""
    return SftpRefusal(FAILURE, "there is a file of this name already")


def read_only() -> SftpRefusal:
    """It can only be read."""
    return SftpRefusal(PERMISSION_DENIED, "this can only be read")


def refusal_of(error: DomainError) -> SftpRefusal:
    """The refusal that says what `error` says."""
    if isinstance(error, EditConflict):
        return SftpRefusal(
            FAILURE,
            f"{error.current.name} is at revision {error.current.revision}, which has changed the same lines:"
            " nothing is saved",
        )
    return SftpRefusal(nearest(CODES, error, FAILURE), sentence_for(error))
