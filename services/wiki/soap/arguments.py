"""The arguments of a SOAP call: elements to values, by what the method's parameters are.

They count by their names where all are names of parameters, in any order; else by their places, whatever they are
called.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.kinds import item_of, without_none
from services.wiki.calls.method import Method, usage
from services.wiki.soap.names import INSTANCE, SCHEMAS
from services.wiki.soap.question import SoapQuestion
from services.wiki.soap.read_xml import Element

MOST_REFERENCES = 8  # one after the other; more are a circle
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,19}\s*")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def arguments_of(question: SoapQuestion, method: Method) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """The positional arguments and the named ones, one of which is empty. Raises WrongArguments."""
    kinds = {each.name: each.kind for each in method.parameters}
    elements = question.arguments
    names = [each.name for each in elements]
    if len(set(names)) == len(names) and kinds.keys() >= set(names):
        return (), {each.name: _value(question, each, kinds[each.name], method) for each in elements}
    if len(elements) > len(kinds):
        raise WrongArguments(f"{usage(method)}: {len(elements)} arguments are too many")
    in_order = zip(elements, kinds.values(), strict=False)
    return [_value(question, each, kind, method) for each, kind in in_order], {}


def _value(question: SoapQuestion, element: Element, kind: Any, method: Method) -> Any:
    for _ in range(MOST_REFERENCES):
        reference = element.attributes.get("href") or element.attribute(question.version.encoding, "ref")
        if not reference:
            break
        if (found := question.by_id.get(reference.removeprefix("#"))) is None:
            raise WrongArguments(f"{usage(method)}: an argument refers to what is not in the request")
        element = found
    else:
        raise WrongArguments(f"{usage(method)}: an argument refers to itself")
    if _is_nil(element):
        return None
    kind = without_none(kind)
    if item_of(kind) is not None:
        return [_value(question, each, item_of(kind), method) for each in element.children]
    if element.children:
        raise WrongArguments(f"{usage(method)}: an argument has elements in it where it should be text")
    return _scalar(element, kind)


def _is_nil(element: Element) -> bool:
    """`xsi:nil="true"`, or `xsi:null="1"` of 1999."""
    return any(element.attribute(schema + INSTANCE, name) in ("1", "true") for schema in SCHEMAS for name in _NILS)


_NILS = ("nil", "null")


def _scalar(element: Element, kind: Any) -> Any:
    """What is not of the kind stays text, and is refused where arguments are bound."""
    text = element.text
    if kind is int and _INTEGER.fullmatch(text):
        return int(text)
    if kind is bool:
        return _BOOLEANS.get(text.strip(), text)
    if kind is datetime:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return text
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind is bytes or _type_of(element) in ("base64", "base64Binary"):
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            return text
    return text


def _type_of(element: Element) -> str:
    for schema in SCHEMAS:
        if (named := element.attribute(schema + INSTANCE, "type")) is not None:
            return named.rpartition(":")[2]
    return ""
