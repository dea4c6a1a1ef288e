"""The WSDL 1.1 of the wiki, made from its table of methods: document/literal wrapped, bound to SOAP 1.1 and 1.2.

The elements of arguments have no name space, so that rpc/literal clients write the same octets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

from services.wiki.calls.kinds import is_record, item_of, without_none
from services.wiki.calls.method import Method
from services.wiki.calls.xml_text import escaped, escaped_attribute
from services.wiki.soap.names import OURS, SCHEMA_2001, WSDL
from services.wiki.soap.types import type_name
from services.wiki.soap.write import RESULT

_BINDINGS = {"soap": "http://schemas.xmlsoap.org/wsdl/soap/", "soap12": "http://schemas.xmlsoap.org/wsdl/soap12/"}
_NILLABLE = ' nillable="true"'


def write_wsdl(methods: Mapping[str, Method], url: str) -> bytes:
    """The document; `url` is where it was asked for, without `?wsdl`."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wsdl:definitions name="Wiki" targetNamespace="{OURS}" xmlns:tns="{OURS}" xmlns:xsd="{SCHEMA_2001}"'
        f' xmlns:wsdl="{WSDL}"' + "".join(f' xmlns:{prefix}="{space}"' for prefix, space in _BINDINGS.items()) + ">\n"
    ]
    parts += _types(methods)
    for name in methods:
        for message, element in ((f"{name}Request", name), (f"{name}Reply", f"{name}Response")):
            parts.append(
                f'<wsdl:message name="{message}"><wsdl:part name="parameters" element="tns:{element}"/>'
                "</wsdl:message>\n"
            )
    parts.append('<wsdl:portType name="Wiki">\n')
    for name, method in methods.items():
        parts.append(
            f'<wsdl:operation name="{name}"><wsdl:documentation>{escaped(method.help)}</wsdl:documentation>'
            f'<wsdl:input message="tns:{name}Request"/><wsdl:output message="tns:{name}Reply"/></wsdl:operation>\n'
        )
    parts.append("</wsdl:portType>\n")
    for prefix in _BINDINGS:
        parts += _binding(prefix, methods)
    parts.append('<wsdl:service name="Wiki">\n')
    for prefix in _BINDINGS:
        parts.append(
            f'<wsdl:port name="{prefix}" binding="tns:{prefix}">'
            f'<{prefix}:address location="{escaped_attribute(url)}"/></wsdl:port>\n'
        )
    parts.append("</wsdl:service>\n</wsdl:definitions>\n")
    return "".join(parts).encode()


def _binding(prefix: str, methods: Mapping[str, Method]) -> Iterator[str]:
    yield (
        f'<wsdl:binding name="{prefix}" type="tns:Wiki">'
        f'<{prefix}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n'
    )
    for name in methods:
        body = f'<{prefix}:body use="literal"/>'
        yield (
            f'<wsdl:operation name="{name}"><{prefix}:operation soapAction="{OURS}#{name}" style="document"/>'
            f"<wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output></wsdl:operation>\n"
        )
    yield "</wsdl:binding>\n"


def _types(methods: Mapping[str, Method]) -> Iterator[str]:
    yield f'<wsdl:types><xsd:schema targetNamespace="{OURS}" elementFormDefault="unqualified">\n'
    for record in _records(methods):
        fields = "".join(_element(name, kind) for name, kind in get_type_hints(record).items())
        yield f'<xsd:complexType name="{record.__name__}"><xsd:sequence>{fields}</xsd:sequence></xsd:complexType>\n'
    for name, method in methods.items():
        arguments = "".join(_element(each.name, each.kind, optional=each.optional) for each in method.parameters)
        for element, content in ((name, arguments), (f"{name}Response", _element(RESULT, method.result))):
            yield (
                f'<xsd:element name="{element}"><xsd:complexType><xsd:sequence>{content}</xsd:sequence>'
                "</xsd:complexType></xsd:element>\n"
            )
    yield "</xsd:schema></wsdl:types>\n"


def _element(name: str, kind: Any, *, optional: bool = False) -> str:
    if kind is type(None):
        return f'<xsd:element name="{name}" type="xsd:string"{_NILLABLE}/>'
    bare = without_none(kind)
    many = ' minOccurs="0" maxOccurs="unbounded"' if item_of(bare) is not None else ' minOccurs="0"' if optional else ""
    nillable = _NILLABLE if bare is not kind or optional else ""
    return f'<xsd:element name="{name}" type="{type_name(bare, SCHEMA_2001)}"{many}{nillable}/>'


def _records(methods: Mapping[str, Method]) -> list[type]:
    """The NamedTuples that results are made of, each once."""
    found: dict[type, None] = {}
    waiting = [method.result for method in methods.values()]
    while waiting:
        kind = without_none(waiting.pop())
        if (item := item_of(kind)) is not None:
            waiting.append(item)
        elif is_record(kind) and kind not in found:
            found[kind] = None
            waiting.extend(get_type_hints(kind).values())
    return list(found)
