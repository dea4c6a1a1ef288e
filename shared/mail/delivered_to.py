"""Delivered-To: the address that a message was forwarded from, on top of what is forwarded (RFC 9228).

A message that has the field already, for the same address, is in a loop.
"""

from __future__ import annotations

from shared.messages.header_fields import HeaderFields

NAME = b"delivered-to"
MOST_LOOKED_AT = 200  # fields; a message has been in a hundred hops at most, and each writes one


def delivered_to(address: str) -> str:
    """The field with its line's end."""
    return f"Delivered-To: {address}\r\n"


def was_delivered_to(header: HeaderFields, address: str) -> bool:
    """Whether the message was forwarded from `address` before."""
    wanted = address.lower().encode()
    return any(header.value(field).strip().lower() == wanted for field in header.find(NAME)[:MOST_LOOKED_AT])
