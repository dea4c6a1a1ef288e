"""The answer to a POST at /RPC2: always an XML-RPC document, whatever was sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from services.wiki.calls.caller import Caller
from services.wiki.calls.method import Method
from services.wiki.xmlrpc.call import call, fault_of
from services.wiki.xmlrpc.decode import decode_call
from services.wiki.xmlrpc.encode import encode_response
from shared.clock import Clock
from shared.errors import DomainError
from shared.runtime.async_page import WebAnswer

DOOR = "xmlrpc"
XML = b"text/xml; charset=utf-8"


async def answer_rpc(
    methods: Mapping[str, Method], caller_of: Callable[[], Awaitable[Caller]], octets: bytes, clock: Clock
) -> WebAnswer:
    """The answer; its status is 200 for faults, too, as the specification has it.

    `caller_of` finds out who asks; what it raises is a fault like any other.
    """
    try:
        caller = await caller_of()
        asked = await decode_call(octets, clock)
    except DomainError as error:
        return WebAnswer(200, XML, encode_response(fault_of(error)))
    result = await call(methods, caller, asked.method, asked.arguments)
    return WebAnswer(200, XML, encode_response(result))
