"""A SOAP message as a question: which version, style and schema it speaks, and which method it calls.

The style of the answer is the style of the question. It is rpc/encoded where an encodingStyle or an xsi:type says so,
or where the method's element has no name space, as SOAPpy writes it; else it is literal, which for document/literal
wrapped and rpc/literal is the same on the wire here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from services.wiki.calls.errors import Unreadable
from services.wiki.soap.errors import HeaderNotUnderstood, WrongVersion
from services.wiki.soap.names import INSTANCE, OURS, SCHEMA_2001, SCHEMAS, SOAP_1_1, VERSIONS, Version
from services.wiki.soap.read_xml import Element


class SoapQuestion(NamedTuple):
    """How a question speaks, so that it is answered alike."""

    version: Version
    encoded: bool
    schema: str
    space: str  # of the method's element; empty for none
    method: str
    arguments: Sequence[Element]
    by_id: Mapping[str, Element]  # what an href leads to


def version_of(root: Element) -> Version:
    """The version of an envelope. Raises WrongVersion, Unreadable."""
    if root.name != "Envelope":
        raise Unreadable("the request is no SOAP envelope")
    if root.space not in VERSIONS:
        raise WrongVersion
    return VERSIONS[root.space]


def question_in(root: Element) -> SoapQuestion:
    """The question in an envelope. Raises WrongVersion, HeaderNotUnderstood, Unreadable."""
    version = version_of(root)
    parts = {each.name: each for each in root.children if each.space == version.envelope}
    _refuse_headers(parts.get("Header"), version)
    body = parts.get("Body")
    if body is None or not body.children:
        raise Unreadable("the SOAP envelope has no body, or the body calls no method")
    method = next((each for each in body.children if not _is_referred_to(each, version)), body.children[0])
    schema, typed = _schema_of(root, method)
    style = any(each.attribute(version.envelope, "encodingStyle") for each in (root, body, method, *method.children))
    encoded = typed or style or (not method.space and version is SOAP_1_1)
    by_id = {each.attributes["id"]: each for each in _all_below(body) if "id" in each.attributes}
    return SoapQuestion(version, encoded, schema, method.space, method.name, method.children, by_id)


def default_question(version: Version = SOAP_1_1) -> SoapQuestion:
    """How a fault is told where the question could not be read."""
    return SoapQuestion(version, False, SCHEMA_2001, OURS, "", (), {})


def _refuse_headers(header: Element | None, version: Version) -> None:
    for each in header.children if header is not None else ():
        if each.attribute(version.envelope, "mustUnderstand") in ("1", "true"):
            raise HeaderNotUnderstood


def _is_referred_to(element: Element, version: Version) -> bool:
    """Axis writes what arguments refer to beside the method, some programs before it (SOAP 1.1 §5.6)."""
    return element.attribute(version.encoding, "root") == "0" or element.name == "multiRef"


def _schema_of(root: Element, method: Element) -> tuple[str, bool]:
    """The schema that the question speaks, and whether an argument has a type of it."""
    for each in (method, *_all_below(method)):
        for schema in SCHEMAS:
            if each.attribute(schema + INSTANCE, "type"):
                return schema, True
    declared = {*root.spaces.values(), *method.spaces.values()}
    for schema in SCHEMAS:
        if schema in declared or schema + INSTANCE in declared:
            return schema, False
    return SCHEMA_2001, False


def _all_below(element: Element) -> Iterator[Element]:
    waiting = [element]
    while waiting:
        for each in waiting.pop().children:
            yield each
            waiting.append(each)
