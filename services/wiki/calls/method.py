"""A method that programs call: its name, help, parameters and result, read from a function's own signature."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, get_type_hints

from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.kinds import fitted, name_of, without_none


class Parameter(NamedTuple):
    """A parameter; `default` is what an optional one is without an argument."""

    name: str
    kind: Any
    optional: bool
    default: Any


class Method(NamedTuple):
    """A method. `run` takes a Caller, then the arguments in the order of the parameters."""

    name: str
    help: str
    parameters: Sequence[Parameter]
    result: Any
    run: Callable[..., Awaitable[Any]]


def method_of(name: str, run: Callable[..., Awaitable[Any]]) -> Method:
    """The method `name`; the function's docstring is its help, its annotations are the kinds."""
    hints = get_type_hints(run)
    _, *rest = inspect.signature(run).parameters.values()
    parameters = [
        Parameter(each.name, without_none(hints[each.name]), each.default is not inspect.Parameter.empty, each.default)
        for each in rest
    ]
    return Method(name, inspect.cleandoc(run.__doc__ or ""), parameters, hints["return"], run)


def table_of(methods: Mapping[str, Callable[..., Awaitable[Any]]]) -> Mapping[str, Method]:
    """The methods by name."""
    return {name: method_of(name, run) for name, run in methods.items()}


def bind(method: Method, arguments: Sequence[Any], named: Mapping[str, Any] = {}) -> list[Any]:
    """The arguments in the order of the parameters, each of its kind.

    None stands for an optional argument that is not given. Raises WrongArguments.
    """
    parameters = method.parameters
    if len(arguments) > len(parameters):
        raise WrongArguments(f"{usage(method)}: {len(arguments)} arguments are too many")
    bound = []
    for at, parameter in enumerate(parameters):
        if at < len(arguments):
            if parameter.name in named:
                raise WrongArguments(f"{usage(method)}: {parameter.name} is given twice")
            value = arguments[at]
        else:
            value = named.get(parameter.name)
        bound.append(_fitted(method, parameter, value))
    if named and (unknown := named.keys() - {each.name for each in parameters}):
        raise WrongArguments(f"{usage(method)}: {len(unknown)} of the names given are unknown")
    return bound


def usage(method: Method) -> str:
    """`setPage(path, data[, base])`."""
    required = [each.name for each in method.parameters if not each.optional]
    optional = "".join(f"[, {each.name}]" for each in method.parameters if each.optional)
    text = ", ".join(required) + optional
    return f"{method.name}({text if required else text.replace(', ', '', 1)})"


def _fitted(method: Method, parameter: Parameter, value: Any) -> Any:
    if value is None:
        if parameter.optional:
            return parameter.default
        raise WrongArguments(f"{usage(method)}: {parameter.name} is missing")
    try:
        return fitted(parameter.kind, value)
    except ValueError:
        raise WrongArguments(f"{usage(method)}: {parameter.name} must be {name_of(parameter.kind)}") from None
