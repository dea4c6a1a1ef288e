"""Python that runs line by line in the reactor, with `await`, and what it shows."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import io
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred

MOST_SHOWN = 64 << 10  # characters of what one line shows
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_VALUE = "__value_of_the_line__"
_FILE = "<manhole>"


class Console:
    """The names of one administrator's lines. `working` is told before code runs, and when it has ended."""

    def __init__(self, names: Mapping[str, Any], working: Callable[[bool], None]) -> None:
        self._builtins = dict(vars(builtins))
        self._names: dict[str, Any] = {**names, "__builtins__": self._builtins}
        self._working = working
        self._under_way: Deferred[Any] | None = None

    async def run(self, source: str) -> str:
        """What the lines show: what they print, the value of the last one, or a traceback. Raises nothing of theirs."""
        shown = io.StringIO()
        self._builtins["print"] = functools.partial(print, file=shown)
        self._working(True)
        try:
            value = await self._value_of(source)
            if value is not None:
                self._builtins["_"] = value
                shown.write(f"{value!r}\n")
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            shown.write(_told(error))
        finally:
            self._working(False)
            self._under_way = None
        text = shown.getvalue()
        return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n… {len(text) - MOST_SHOWN} characters more\n"

    def cancel(self) -> None:
        """Ctrl-C: what is awaited is cancelled."""
        if self._under_way is not None:
            self._under_way.cancel()

    async def _value_of(self, source: str) -> Any:
        tree = ast.parse(source, _FILE, "exec")
        if tree.body and isinstance(last := tree.body[-1], ast.Expr):
            target = ast.Name(_VALUE, ast.Store())
            tree.body[-1] = ast.fix_missing_locations(ast.copy_location(ast.Assign([target], last.value), last))
        code = compile(tree, _FILE, "exec", flags=FLAGS)
        self._names.pop(_VALUE, None)
        result = eval(code, self._names)  # an administrator's own code is what this is for
        if inspect.iscoroutine(result):
            self._under_way = Deferred.fromCoroutine(result)
            await self._under_way
        return self._names.pop(_VALUE, None)


def _told(error: BaseException) -> str:
    """The traceback, without what is ours."""
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(error))
    frames = traceback.extract_tb(error.__traceback__)
    first = next((at for at, frame in enumerate(frames) if frame.filename == _FILE), len(frames))
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(list(frames)[first:])]
    return "".join([*lines, *traceback.format_exception_only(error)])
