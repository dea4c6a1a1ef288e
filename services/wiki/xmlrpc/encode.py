"""The writer of XML-RPC responses.

As `xmlrpc.client.dumps`, which leaves CR to be lost in the reader's line ends, and writes control characters that no
XML can have. Text with these is written as base64 of its UTF-8: clients get octets, and nothing is lost.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from services.wiki.calls.kinds import is_record, members_of
from services.wiki.calls.xml_text import can_carry, carried, escaped

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse>'
_SMALL = range(-(1 << 31), 1 << 31)  # of `int`; what exceeds it is an `i8`, which most clients read


class Fault(NamedTuple):
    """What takes the place of a result."""

    code: int
    sentence: str


def encode_response(result: Any) -> bytes:
    """The document with a method's result, or with a Fault."""
    parts = [_HEAD]
    if isinstance(result, Fault):
        parts.append("<fault>")
        _write({"faultCode": result.code, "faultString": result.sentence}, parts)
        parts.append("</fault>")
    else:
        parts.append("<params><param>")
        _write(result, parts)
        parts.append("</param></params>")
    parts.append("</methodResponse>\n")
    return "".join(parts).encode()


def _write(value: Any, parts: list[str]) -> None:
    match value:
        case str():
            if can_carry(value):
                parts += ("<value><string>", escaped(value), "</string></value>")
            else:
                _write(value.encode("utf-8", "surrogatepass"), parts)
        case bool():
            parts.append(f"<value><boolean>{value:d}</boolean></value>")
        case int():
            kind = "int" if value in _SMALL else "i8"
            parts.append(f"<value><{kind}>{value}</{kind}></value>")
        case float():
            parts.append(f"<value><double>{value!r}</double></value>")
        case None:
            parts.append("<value><nil/></value>")
        case bytes():
            parts += ("<value><base64>", base64.b64encode(value).decode(), "</base64></value>")
        case datetime():
            moment = value.astimezone(UTC).strftime("%Y%m%dT%H:%M:%S")
            parts.append(f"<value><dateTime.iso8601>{moment}</dateTime.iso8601></value>")
        case Mapping():
            _write_struct(value, parts)
        case tuple() if is_record(type(value)):
            _write_struct(members_of(value), parts)
        case Sequence():
            parts.append("<value><array><data>")
            for each in value:
                _write(each, parts)
            parts.append("</data></array></value>")
        case _:
            raise TypeError(type(value).__name__)


def _write_struct(members: Mapping[str, Any], parts: list[str]) -> None:
    parts.append("<value><struct>")
    for name, value in members.items():
        parts += ("<member><name>", escaped(carried(name)), "</name>")
        _write(value, parts)
        parts.append("</member>")
    parts.append("</struct></value>")
