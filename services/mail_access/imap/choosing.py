"""Which messages of the selected mailbox a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.response import Refused, no
from services.mail_access.imap.values.sequence_set import SequenceSet, ranges_of

if TYPE_CHECKING:
    from services.mail_access.imap.selected import Selected
    from services.mail_access.imap.session import ImapSession


def selected_in(session: ImapSession) -> Selected:
    assert session.selected is not None
    return session.selected


def changeable(session: ImapSession) -> Selected:
    """The selected mailbox, if it was not opened by EXAMINE. Raises Refused."""
    selected = selected_in(session)
    if selected.read_only:
        raise Refused(no(b"the mailbox was opened read-only", code=b"READ-ONLY"))
    return selected


def spans_of(session: ImapSession, numbers: SequenceSet | None, uid: bool) -> list[tuple[int, int]]:
    """The positions, as half-open ascending spans; None stands for `$`.

    UIDs that are not there count for nothing; a message number that is not there is the client's mistake, also `*` in
    an empty mailbox (RFC 3501 §9, seq-number). Raises BadSyntax.
    """
    numbering = selected_in(session).numbering
    if numbers is None:
        return numbering.spans_of_uids(ranges_of(session.saved_result))
    if uid:
        return numbering.spans_of_uids(numbers.resolve(numbering.uids[-1] if numbering.uids else 0))
    count = len(numbering)
    if numbers.largest_named > count or (numbers.names_largest and not count):
        raise BadSyntax("there is no message of that number")
    return numbering.spans_of_numbers(numbers.resolve(count))
