"""A call of an XML-RPC method: the result, or the fault that an error is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.logger import Logger
from twisted.web.xmlrpc import XMLRPC

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import NoSuchMethod
from services.wiki.calls.method import Method, bind
from services.wiki.calls.replies import UNEXPECTED, reply_to
from services.wiki.xmlrpc.encode import Fault
from shared.errors import DomainError

NOT_FOUND: int = XMLRPC.NOT_FOUND  # 8001, the number that Twisted's servers have for it
_log = Logger()


async def call(methods: Mapping[str, Method], caller: Caller, name: str, arguments: Sequence[Any]) -> Any:
    """What the method returns, or a Fault; raises nothing."""
    try:
        method = methods.get(name)
        if method is None:
            raise NoSuchMethod
        return await method.run(caller, *bind(method, arguments))
    except DomainError as error:
        return fault_of(error)
    except Exception:
        _log.failure("the XML-RPC method {name} failed", name=name)
        return Fault(UNEXPECTED.status, UNEXPECTED.sentence)


def fault_of(error: DomainError) -> Fault:
    """The fault of an error: its number is the status that HTTP has for it, its string the sentence and any diff."""
    if isinstance(error, NoSuchMethod):
        return Fault(NOT_FOUND, "there is no such method: system.listMethods names those that there are")
    reply = reply_to(error)
    return Fault(reply.status, f"{reply.sentence}\n\n{reply.diff}" if reply.diff else reply.sentence)
