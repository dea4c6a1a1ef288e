"""The answer to a POST at /SOAP: always a SOAP envelope, in the version and style of the question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from twisted.logger import Logger

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import NoSuchMethod
from services.wiki.calls.method import Method, bind
from services.wiki.calls.replies import UNEXPECTED, Reply, reply_to
from services.wiki.soap.arguments import arguments_of
from services.wiki.soap.errors import HeaderNotUnderstood, WrongVersion
from services.wiki.soap.question import SoapQuestion, default_question, question_in, version_of
from services.wiki.soap.read_xml import read_xml
from services.wiki.soap.write import SoapFault, write_fault, write_result
from shared.clock import Clock
from shared.errors import DomainError
from shared.runtime.async_page import WebAnswer

DOOR = "soap"
_log = Logger()
CLIENT, SERVER = "Client", "Server"


async def answer_soap(
    methods: Mapping[str, Method], caller_of: Callable[[], Awaitable[Caller]], octets: bytes, clock: Clock
) -> WebAnswer:
    """The answer; 500 for faults, 400 in SOAP 1.2 where the question is wrong (SOAP 1.1 §6.2, 1.2 part 2 §7.5.2.2).

    `caller_of` finds out who asks; what it raises is a fault like any other.
    """
    question = default_question()
    try:
        root = await read_xml(octets, clock)
        question = default_question(version_of(root))
        question = question_in(root)
        caller = await caller_of()
        method = methods.get(question.method)
        if method is None:
            raise NoSuchMethod
        positional, named = arguments_of(question, method)
        result = await method.run(caller, *bind(method, positional, named))
        return WebAnswer(200, question.version.content_type.encode(), write_result(question, method, result))
    except DomainError as error:
        return _fault(question, fault_of(error))
    except Exception:
        _log.failure("the SOAP method {name} failed", name=question.method)
        return _fault(question, SoapFault(SERVER, UNEXPECTED.sentence, UNEXPECTED.status))


def fault_of(error: DomainError) -> SoapFault:
    """The fault of an error."""
    match error:
        case WrongVersion():
            return SoapFault("VersionMismatch", "the envelope is neither of SOAP 1.1 nor of SOAP 1.2")
        case HeaderNotUnderstood():
            return SoapFault("MustUnderstand", "a header must be understood, and none is here")
    reply: Reply = reply_to(error)
    return SoapFault(SERVER if reply.status >= 500 else CLIENT, reply.sentence, reply.status, reply.diff)


def _fault(question: SoapQuestion, fault: SoapFault) -> WebAnswer:
    version = question.version
    status = version.sender_status if fault.code == CLIENT else 500
    return WebAnswer(status, version.content_type.encode(), write_fault(question, fault))
