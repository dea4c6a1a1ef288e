"""The types of SOAP: a method's kinds as names of a schema, for `xsi:type` and for the WSDL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.wiki.calls.kinds import is_record, item_of, without_none
from services.wiki.soap.names import SCHEMA_1999

_SIMPLE = {str: "string", bool: "boolean", int: "long", bytes: "base64Binary", datetime: "dateTime"}
_IN_1999 = {"dateTime": "timeInstant"}  # as the drafts of that year had it


def simple_type(kind: Any, schema: str) -> str | None:
    """The schema's own name of a scalar kind, without prefix; None for others."""
    name = _SIMPLE.get(without_none(kind))
    return _IN_1999.get(name, name) if name and schema == SCHEMA_1999 else name


def type_name(kind: Any, schema: str) -> str:
    """`xsd:string`, or `tns:SavedPage`; of a list, what its items are."""
    kind = without_none(kind)
    if (item := item_of(kind)) is not None:
        return type_name(item, schema)
    if is_record(kind):
        return f"tns:{kind.__name__}"
    name = simple_type(kind, schema)
    assert name is not None, kind  # every method of the table has kinds that SOAP has, too: a test looks at each
    return f"xsd:{name}"
