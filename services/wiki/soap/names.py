"""The XML namespaces of SOAP, of both versions, and of the schemas that its messages use."""

from __future__ import annotations

from typing import NamedTuple

OURS = "urn:agora:wiki"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
SCHEMA_2001 = "http://www.w3.org/2001/XMLSchema"
SCHEMA_1999 = "http://www.w3.org/1999/XMLSchema"
INSTANCE = "-instance"  # what follows a schema's name in that of its attributes
SCHEMAS = (SCHEMA_2001, SCHEMA_1999, "http://www.w3.org/2000/10/XMLSchema")
XML = "http://www.w3.org/XML/1998/namespace"


class Version(NamedTuple):
    """A version of SOAP."""

    envelope: str
    encoding: str
    content_type: str
    sender: str  # the fault code where the question is wrong
    receiver: str  # … and where the answer cannot be made
    sender_status: int


SOAP_1_1 = Version(
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://schemas.xmlsoap.org/soap/encoding/",
    "text/xml; charset=utf-8",
    "Client",
    "Server",
    500,  # SOAP 1.1 §6.2: every fault
)
SOAP_1_2 = Version(
    "http://www.w3.org/2003/05/soap-envelope",
    "http://www.w3.org/2003/05/soap-encoding",
    "application/soap+xml; charset=utf-8",
    "Sender",
    "Receiver",
    400,  # SOAP 1.2 part 2 §7.5.2.2
)
VERSIONS = {each.envelope: each for each in (SOAP_1_1, SOAP_1_2)}
