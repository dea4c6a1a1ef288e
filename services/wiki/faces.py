"""The faces of the wiki for programs: XML-RPC, SOAP and REST, as the site's routes call them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.wiki.calls.caller import Caller
from services.wiki.calls.parts import CallParts
from services.wiki.calls.plain_methods import PLAIN
from services.wiki.rest.answer import RestRequest, answer_rest
from services.wiki.rest.endpoint import JSON
from services.wiki.rest.json_text import write_json
from services.wiki.rest.openapi import openapi
from services.wiki.rest.rate import Rate
from services.wiki.rest.table import ENDPOINTS
from services.wiki.soap.answer import answer_soap
from services.wiki.soap.wsdl import write_wsdl
from services.wiki.xmlrpc.answer import XML, answer_rpc
from services.wiki.xmlrpc.table import all_methods
from shared.runtime.async_page import WebAnswer

API_VERSION = "1.0"
CallerOf = Callable[[], Awaitable[Caller]]  # finds out who asks; raises a DomainError


class Faces:
    """One for each process."""

    def __init__(self, parts: CallParts, most_requests: int) -> None:
        """`most_requests`: of REST, in a minute, by one account or network."""
        self.parts = parts
        self._clock = parts.database.clock
        self._methods = all_methods()
        self._rate = Rate(self._clock, most_requests)
        self._openapi = write_json(openapi(ENDPOINTS, API_VERSION))

    async def rpc(self, caller_of: CallerOf, octets: bytes) -> WebAnswer:
        """The answer to a POST at /RPC2."""
        return await answer_rpc(self._methods, caller_of, octets, self._clock)

    async def soap(self, caller_of: CallerOf, octets: bytes) -> WebAnswer:
        """The answer to a POST at /SOAP."""
        return await answer_soap(PLAIN, caller_of, octets, self._clock)

    def wsdl(self, url: str) -> WebAnswer:
        """The answer to GET /SOAP?wsdl; `url` is that of /SOAP, as the client has it."""
        return WebAnswer(200, XML, write_wsdl(PLAIN, url))

    async def rest(self, caller_of: CallerOf, request: RestRequest) -> WebAnswer:
        """The answer to a request under /api/v1."""
        return await answer_rest(ENDPOINTS, self._rate, caller_of, request)

    def openapi(self) -> WebAnswer:
        """The answer to GET /api/openapi.json."""
        return WebAnswer(200, JSON.encode(), self._openapi)
