"""One command, from its octets to its tag and value (RFC 3501 §9, command)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.mail_access.imap.grammar.access import (
    parse_delete_acl,
    parse_get_acl,
    parse_list_rights,
    parse_my_rights,
    parse_set_acl,
)
from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.grammar.listing import parse_list, parse_lsub, parse_status
from services.mail_access.imap.grammar.message_commands import (
    parse_append,
    parse_copy,
    parse_fetch,
    parse_search,
    parse_store,
    parse_uid_expunge,
)
from services.mail_access.imap.grammar.sorting import parse_sort, parse_thread
from services.mail_access.imap.values import commands
from services.mail_access.imap.values.commands import Command
from shared.conversation.spool import Spool

MOST_ID_PAIRS = 30  # RFC 2971 §3.3
SPECIAL_USES = {use.lower(): use for use in (r"\Sent", r"\Drafts", r"\Junk", r"\Trash", r"\Archive")}


def parse_tag(cursor: Cursor) -> bytes:
    """The tag and the space behind it. Raises BadSyntax, which is answered without a tag."""
    tag = cursor.tag()
    if not cursor.blanks():
        raise BadSyntax("a command is a tag, a space and a name")
    return tag


def parse_command(text: bytes, literals: Sequence[bytes | Spool] = (), at: int = 0) -> Command:
    """The command whose name begins at `at`, behind the tag.

    In `text` each literal is only its mark, `{size}` CRLF, and its octets are the next of `literals`. Takes time
    in proportion to the length of `text`. Raises BadSyntax, UnsupportedCharset, ImpossibleName.
    """
    cursor = Cursor(text, literals)
    cursor.at = at
    name = cursor.word("a command")
    parsers = _PARSERS
    if name == b"UID":
        cursor.space()
        name = cursor.word("a command")
        parsers = _UID_PARSERS
    parse = parsers.get(name)
    if parse is None:
        raise BadSyntax("unknown command")
    command = parse(cursor)
    cursor.end()
    return command


def _authenticate(cursor: Cursor) -> Command:
    cursor.space()
    mechanism = cursor.word("a mechanism").decode("ascii")
    initial = None
    if cursor.blanks() and not cursor.at_end():  # RFC 4959 §3
        initial = cursor.text[cursor.at :].rstrip(b" ")
        cursor.at = len(cursor.text)
    return commands.Authenticate(mechanism, initial)


def _login(cursor: Cursor) -> Command:
    cursor.space()
    user = cursor.astring("a user name")
    cursor.space()
    return commands.Login(user, cursor.astring("a password"))


def _select(cursor: Cursor, read_only: bool) -> Command:
    cursor.space()
    mailbox = cursor.mailbox()
    condstore = False
    if cursor.follows():  # RFC 7162 §3.1.8
        cursor.open("a list of parameters")
        if cursor.word("a parameter") != b"CONDSTORE":
            raise BadSyntax("unknown parameter")
        cursor.close("the end of the parameters")
        condstore = True
    return commands.Select(mailbox, read_only, condstore)


def _create(cursor: Cursor) -> Command:
    cursor.space()
    mailbox = cursor.mailbox()
    special_use = None
    if cursor.follows():  # RFC 6154 §3
        cursor.open("a list of parameters")
        if cursor.word("a parameter") != b"USE":
            raise BadSyntax("unknown parameter")
        cursor.space()
        cursor.open("a list of uses")
        special_use = _special_use(cursor)
        cursor.close("the end of the uses")
        cursor.close("the end of the parameters")
    return commands.Create(mailbox, special_use)


def _special_use(cursor: Cursor) -> str:
    cursor.expect(b"\\", "a special use")
    use = SPECIAL_USES.get("\\" + cursor.atom("a special use").lower().decode("ascii"))
    if use is None or cursor.follows():
        raise BadSyntax("no mailbox can be created for that use", code=b"USEATTR")
    return use


def _rename(cursor: Cursor) -> Command:
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    return commands.Rename(mailbox, cursor.mailbox())


def _enable(cursor: Cursor) -> Command:
    cursor.space()
    names = [cursor.word("a capability")]
    while cursor.follows():
        names.append(cursor.word("a capability"))
    return commands.Enable(tuple(names))


def _id(cursor: Cursor) -> Command:
    cursor.space()
    if not cursor.take(b"("):
        if cursor.nstring() is not None:
            raise BadSyntax("expected a list or NIL")
        return commands.Id()
    cursor.blanks()
    if cursor.take(b")"):
        return commands.Id()
    pairs = 0
    while not pairs or cursor.follows():
        cursor.string("a field name")
        cursor.space()
        cursor.nstring()
        pairs += 1
        if pairs > MOST_ID_PAIRS:
            raise BadSyntax("too many fields")
    cursor.close("the end of the fields")
    return commands.Id()


def _compress(cursor: Cursor) -> Command:
    cursor.space()
    return commands.Compress(cursor.word("a mechanism"))


def _on_mailbox(make: Callable[[str], Command]) -> Callable[[Cursor], Command]:
    def parse(cursor: Cursor) -> Command:
        cursor.space()
        return make(cursor.mailbox())

    return parse


def _alone(command: Command) -> Callable[[Cursor], Command]:
    return lambda cursor: command


_PARSERS: dict[bytes, Callable[[Cursor], Command]] = {
    b"CAPABILITY": _alone(commands.Capability()),
    b"NOOP": _alone(commands.Noop()),
    b"LOGOUT": _alone(commands.Logout()),
    b"ID": _id,
    b"STARTTLS": _alone(commands.StartTls()),
    b"AUTHENTICATE": _authenticate,
    b"LOGIN": _login,
    b"ENABLE": _enable,
    b"COMPRESS": _compress,
    b"NAMESPACE": _alone(commands.Namespace()),
    b"SELECT": lambda cursor: _select(cursor, read_only=False),
    b"EXAMINE": lambda cursor: _select(cursor, read_only=True),
    b"CREATE": _create,
    b"DELETE": _on_mailbox(commands.Delete),
    b"RENAME": _rename,
    b"SUBSCRIBE": _on_mailbox(lambda name: commands.Subscribe(name, True)),
    b"UNSUBSCRIBE": _on_mailbox(lambda name: commands.Subscribe(name, False)),
    b"LIST": parse_list,
    b"LSUB": parse_lsub,
    b"STATUS": parse_status,
    b"MYRIGHTS": parse_my_rights,
    b"GETACL": parse_get_acl,
    b"LISTRIGHTS": parse_list_rights,
    b"SETACL": parse_set_acl,
    b"DELETEACL": parse_delete_acl,
    b"APPEND": parse_append,
    b"CHECK": _alone(commands.Check()),
    b"CLOSE": _alone(commands.Close()),
    b"UNSELECT": _alone(commands.Unselect()),
    b"EXPUNGE": _alone(commands.Expunge(None)),
    b"SEARCH": lambda cursor: parse_search(cursor, uid=False),
    b"SORT": lambda cursor: parse_sort(cursor, uid=False),
    b"THREAD": lambda cursor: parse_thread(cursor, uid=False),
    b"FETCH": lambda cursor: parse_fetch(cursor, uid=False),
    b"STORE": lambda cursor: parse_store(cursor, uid=False),
    b"COPY": lambda cursor: parse_copy(cursor, uid=False, move=False),
    b"MOVE": lambda cursor: parse_copy(cursor, uid=False, move=True),
    b"IDLE": _alone(commands.Idle()),
}
_UID_PARSERS: dict[bytes, Callable[[Cursor], Command]] = {
    b"EXPUNGE": parse_uid_expunge,
    b"SEARCH": lambda cursor: parse_search(cursor, uid=True),
    b"SORT": lambda cursor: parse_sort(cursor, uid=True),
    b"THREAD": lambda cursor: parse_thread(cursor, uid=True),
    b"FETCH": lambda cursor: parse_fetch(cursor, uid=True),
    b"STORE": lambda cursor: parse_store(cursor, uid=True),
    b"COPY": lambda cursor: parse_copy(cursor, uid=True, move=False),
    b"MOVE": lambda cursor: parse_copy(cursor, uid=True, move=True),
}
