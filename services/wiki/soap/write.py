"""The writer of SOAP's answers: a result, or a fault, in the version, style and schema of the question."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_type_hints

from services.wiki.calls.errors import Unreadable
from services.wiki.calls.kinds import is_record, item_of, without_none
from services.wiki.calls.method import Method
from services.wiki.calls.xml_text import can_carry, carried, escaped, escaped_attribute
from services.wiki.soap.names import INSTANCE, OURS, SCHEMA_1999, SOAP_1_1
from services.wiki.soap.question import SoapQuestion
from services.wiki.soap.types import type_name

RESULT = "Result"


class SoapFault(NamedTuple):
    """What takes the place of a result. `code` is `Client`, `Server`, or one that SOAP names itself.

    `detail` has the number that every protocol here has for the same reason, and, of a conflict, the diff.
    """

    code: str
    sentence: str
    number: int = 0
    diff: str = ""


def write_result(question: SoapQuestion, method: Method, result: Any) -> bytes:
    """The answer to a question. Raises Unreadable for a text that XML cannot carry."""
    parts: list[str] = []
    if not question.encoded:
        space = question.space or OURS
        parts.append(f'<m:{method.name}Response xmlns:m="{escaped_attribute(space)}">')
        _write_literal(method.result, result, parts)
        parts.append(f"</m:{method.name}Response>")
        return _envelope(question, "".join(parts))
    prefix = "m:" if question.space else ""
    declared = f' xmlns:m="{escaped_attribute(question.space)}"' if question.space else ""
    style = ' SOAP-ENC:root="1"' if question.version is SOAP_1_1 else ""
    if question.version is not SOAP_1_1:  # SOAP 1.2 part 1 §5.1.1 forbids it on the envelope
        style = f' SOAP-ENV:encodingStyle="{question.version.encoding}"'
    parts.append(f"<{prefix}{method.name}Response{declared}{style}>")
    _write_encoded(question, RESULT, method.result, result, parts)
    parts.append(f"</{prefix}{method.name}Response>")
    return _envelope(question, "".join(parts))


def write_fault(question: SoapQuestion, fault: SoapFault) -> bytes:
    """A fault, where the question could not be read, too."""
    sentence = escaped(carried(fault.sentence))
    detail = ""
    if fault.number:
        diff = f"<diff>{escaped(carried(fault.diff))}</diff>" if fault.diff else ""
        detail = f'<e:fault xmlns:e="{OURS}"><code>{fault.number}</code>{diff}</e:fault>'
    if question.version is SOAP_1_1:
        detail = f"<detail>{detail}</detail>" if detail else ""
        body = f"<faultcode>SOAP-ENV:{fault.code}</faultcode><faultstring>{sentence}</faultstring>{detail}"
    else:
        detail = f"<SOAP-ENV:Detail>{detail}</SOAP-ENV:Detail>" if detail else ""
        code = {"Client": "Sender", "Server": "Receiver"}.get(fault.code, fault.code)
        body = (
            f"<SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:{code}</SOAP-ENV:Value></SOAP-ENV:Code>"
            f'<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">{sentence}</SOAP-ENV:Text></SOAP-ENV:Reason>{detail}'
        )
    return _envelope(question, f"<SOAP-ENV:Fault>{body}</SOAP-ENV:Fault>")


def _envelope(question: SoapQuestion, body: str) -> bytes:
    version = question.version
    style = f' SOAP-ENV:encodingStyle="{version.encoding}"' if question.encoded and version is SOAP_1_1 else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{version.envelope}" xmlns:SOAP-ENC="{version.encoding}"'
        f' xmlns:xsi="{question.schema}{INSTANCE}" xmlns:xsd="{question.schema}" xmlns:tns="{OURS}"{style}>'
        f"<SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    ).encode()


def _write_encoded(question: SoapQuestion, name: str, kind: Any, value: Any, parts: list[str]) -> None:
    """Section 5's encoding: each value has its type."""
    schema, kind = question.schema, without_none(kind)
    if value is None:
        parts.append(f'<{name} xsi:null="1"/>' if schema == SCHEMA_1999 else f'<{name} xsi:nil="true"/>')
    elif item_of(kind) is not None:
        items = type_name(kind, schema)
        if question.version is SOAP_1_1:
            parts.append(f'<{name} xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="{items}[{len(value)}]">')
        else:
            parts.append(f'<{name} SOAP-ENC:itemType="{items}" SOAP-ENC:arraySize="{len(value)}">')
        for each in value:
            _write_encoded(question, "item", item_of(kind), each, parts)
        parts.append(f"</{name}>")
    elif is_record(kind):
        parts.append(f'<{name} xsi:type="{type_name(kind, schema)}">')
        for field, field_kind in get_type_hints(kind).items():
            _write_encoded(question, field, field_kind, getattr(value, field), parts)
        parts.append(f"</{name}>")
    else:
        parts += (f'<{name} xsi:type="{type_name(kind, schema)}">', _text_of(value), f"</{name}>")


def _write_literal(kind: Any, value: Any, parts: list[str], name: str = RESULT) -> None:
    """As the schema in the WSDL has it: a list is its element, again and again."""
    kind = without_none(kind)
    if value is None:
        parts.append(f'<{name} xsi:nil="true"/>')
    elif (item := item_of(kind)) is not None:
        for each in value:
            _write_literal(item, each, parts, name)
    elif is_record(kind):
        parts.append(f"<{name}>")
        for field, field_kind in get_type_hints(kind).items():
            _write_literal(field_kind, getattr(value, field), parts, field)
        parts.append(f"</{name}>")
    else:
        parts += (f"<{name}>", _text_of(value), f"</{name}>")


def _text_of(value: str | bool | int | bytes | datetime | Sequence[Any]) -> str:
    match value:
        case str():
            if not can_carry(value):
                raise Unreadable(
                    "the answer has control characters, which XML cannot carry; read it by REST or XML-RPC"
                )
            return escaped(value)
        case bool():
            return "true" if value else "false"
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
