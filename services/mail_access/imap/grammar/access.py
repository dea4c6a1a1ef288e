"""The commands of access control lists (RFC 4314 §3)."""

from __future__ import annotations

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.values.commands import GetAcl, ListRights, MyRights, SetAcl
from shared.folders.store_flags import Action

_OLD = {"c": "kx", "d": "te"}  # RFC 4314 §2.1.1
_LETTERS = frozenset("lrswipkxtea")
_ACTIONS: dict[str, Action] = {"+": "add", "-": "remove"}


def parse_my_rights(cursor: Cursor) -> MyRights:
    cursor.space()
    return MyRights(cursor.mailbox())


def parse_get_acl(cursor: Cursor) -> GetAcl:
    cursor.space()
    return GetAcl(cursor.mailbox())


def parse_list_rights(cursor: Cursor) -> ListRights:
    cursor.space()
    mailbox = cursor.mailbox()
    return ListRights(mailbox, _identifier(cursor))


def parse_delete_acl(cursor: Cursor) -> SetAcl:
    """DELETEACL leaves no right."""
    cursor.space()
    mailbox = cursor.mailbox()
    return SetAcl(mailbox, _identifier(cursor), "replace", "", b"DELETEACL")


def parse_set_acl(cursor: Cursor) -> SetAcl:
    """A letter that is none is BAD (RFC 4314 §3.1)."""
    cursor.space()
    mailbox = cursor.mailbox()
    identifier = _identifier(cursor)
    cursor.space()
    letters = _text(cursor, "rights")
    action = _ACTIONS.get(letters[:1], "replace")
    if action != "replace":
        letters = letters[1:]
    for old, new in _OLD.items():
        letters = letters.replace(old, new)
    if not set(letters) <= _LETTERS:
        raise BadSyntax("unknown right")
    return SetAcl(mailbox, identifier, action, letters, b"SETACL")


def _identifier(cursor: Cursor) -> str:
    cursor.space()
    return _text(cursor, "an identifier")


def _text(cursor: Cursor, what: str) -> str:
    try:
        return cursor.astring(what).decode()
    except UnicodeDecodeError:
        raise BadSyntax(f"expected {what} in UTF-8") from None
