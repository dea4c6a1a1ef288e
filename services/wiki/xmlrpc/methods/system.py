"""The methods system.*: what there is, how it is called, and many calls in one (http://xmlrpc-c.sourceforge.net)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import NoSuchMethod, WrongArguments
from services.wiki.calls.kinds import is_record, without_none
from services.wiki.calls.method import Method, table_of
from services.wiki.xmlrpc.encode import Fault
from services.wiki.xmlrpc.limits import MOST_CALLS

MULTICALL = "system.multicall"
_KINDS: Mapping[Any, str] = {
    str: "string",
    bool: "boolean",
    int: "int",
    bytes: "base64",
    datetime: "dateTime.iso8601",
    type(None): "nil",
}
RunCall = Callable[[Caller, str, Sequence[Any]], Awaitable[Any]]  # gives a Fault, and raises nothing


def system_methods(methods: Mapping[str, Method], run: RunCall) -> Mapping[str, Method]:
    """The group, for a table that has it in it: `methods` may be completed afterwards."""

    def find(name: str) -> Method:
        if name not in methods:
            raise NoSuchMethod
        return methods[name]

    async def list_methods(_caller: Caller) -> Sequence[str]:
        """The names of all methods, sorted."""
        return sorted(methods)

    async def method_help(_caller: Caller, name: str) -> str:
        """What a method does."""
        return find(name).help

    async def method_signature(_caller: Caller, name: str) -> Sequence[Sequence[str]]:
        """The signatures of a method: of each, the type of the result, then those of the arguments."""
        return signatures(find(name))

    async def multicall(caller: Caller, calls: Sequence[Any]) -> Sequence[Any]:
        """Make up to 100 calls, each a struct with methodName and params. The answer has for each an array with its
        result, or a struct with faultCode and faultString."""
        if len(calls) > MOST_CALLS:
            raise WrongArguments(f"a multicall has at most {MOST_CALLS} calls")
        return [await _one_of_many(run, caller, call) for call in calls]

    return table_of(
        {
            "system.listMethods": list_methods,
            "system.methodHelp": method_help,
            "system.methodSignature": method_signature,
            MULTICALL: multicall,
        }
    )


async def _one_of_many(run: RunCall, caller: Caller, call: Any) -> Any:
    name, arguments = (call.get("methodName"), call.get("params", [])) if isinstance(call, Mapping) else (None, [])
    if not isinstance(name, str) or not isinstance(arguments, list):
        result: Any = Fault(400, "a call of a multicall is a struct with methodName and params")
    elif name == MULTICALL:
        result = Fault(400, "a multicall cannot call itself")
    else:
        result = await run(caller, name, arguments)
    if isinstance(result, Fault):
        return {"faultCode": result.code, "faultString": result.sentence}
    return [result]


def signatures(method: Method) -> Sequence[Sequence[str]]:
    """One for each number of arguments that the method takes."""
    kinds = [type_of(each.kind) for each in method.parameters]
    required = sum(not each.optional for each in method.parameters)
    return [[type_of(method.result), *kinds[:count]] for count in range(required, len(kinds) + 1)]


def type_of(kind: Any) -> str:
    """The name of a kind in XML-RPC."""
    kind = without_none(kind) if kind is not type(None) else kind
    if kind in _KINDS:
        return _KINDS[kind]
    return "struct" if is_record(kind) or getattr(kind, "__origin__", None) is Mapping else "array"
