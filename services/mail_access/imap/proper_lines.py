"""The message of an APPEND with proper line ends, as it will be kept."""

from __future__ import annotations

from services.mail_access.imap.replies import reply_to
from services.mail_access.imap.response import Reply, no
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Append
from shared.conversation.errors import SpoolFull
from shared.conversation.spool import Spool
from shared.folders.errors import MessageTooLarge
from shared.give_way import Turns
from shared.messages.line_ends import is_proper, made_proper

CHECKED_AT_ONCE_OCTETS = 256 << 10  # looking at so many line ends takes a millisecond at most


def is_seen_to_be_proper(message: Spool) -> bool:
    """Whether a look at the message shows that it may be kept as it came: nearly all mail. A large one is not looked
    at here."""
    return 0 < len(message) <= CHECKED_AT_ONCE_OCTETS and is_proper(message.octets)


async def with_proper_lines(session: ImapSession, command: Append) -> Spool | Reply:
    """The message, each of its lines ended by CR LF; a Reply if it is refused.

    Closes the message of `command` if it gives back another one.
    """
    came = command.message
    if not len(came):
        return no(b"the message is empty")
    octets = came.octets
    proper = False
    if len(octets) > CHECKED_AT_ONCE_OCTETS:
        try:
            proper = await session.parts.message_cache.aside(lambda: is_proper(octets))
        except BaseException:
            came.close()
            raise
    if proper:
        return came
    made = Spool(session.claim)
    turns = Turns(session.clock)
    try:
        for piece in made_proper(octets):
            made.append(piece)
            if len(made) > session.bounds.message_octets:
                raise MessageTooLarge
            if turns.is_over:
                await turns.give_way()
    except (SpoolFull, MessageTooLarge) as error:
        made.close()
        return reply_to(error)
    except BaseException:
        made.close()
        raise
    finally:
        came.close()
    return made
