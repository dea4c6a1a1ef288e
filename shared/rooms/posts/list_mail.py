"""Mail for rooms: what is put on top of it, and what is no post (RFC 2919, RFC 3834).

A room's mail may go out to lists and come back: mail with the room's own List-Id is in a loop.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.messages.header_fields import HeaderFields

_NO = b"no"  # Auto-Submitted of what a person wrote (RFC 3834 §5)
_BULK = frozenset({b"bulk", b"junk"})


def list_fields(names: Iterable[str], mail_domain: str) -> bytes:
    """List-Id and List-Post of these rooms; a field of each for one (RFC 2919 §3), the first if there are several."""
    for name in names:
        return f"List-Id: <{name}.{mail_domain}>\r\nList-Post: <mailto:{name}@{mail_domain}>\r\n".encode()
    return b""


def is_automatic(fields: HeaderFields) -> bool:
    """Whether no person sent it: an answer or a report of a program, or bulk mail."""
    for field in fields.find(b"auto-submitted"):
        if fields.value(field).partition(b";")[0].strip().lower() != _NO:
            return True
    return any(fields.value(field).strip().lower() in _BULK for field in fields.find(b"precedence"))


def is_loop(fields: HeaderFields, names: Iterable[str], mail_domain: str) -> bool:
    """Whether it has been a post to one of these rooms before."""
    ours = [f"<{name}.{mail_domain}>".lower().encode() for name in names]
    return any(own in fields.value(field).lower() for field in fields.find(b"list-id") for own in ours)
