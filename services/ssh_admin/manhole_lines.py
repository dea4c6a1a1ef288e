"""The lines of Python that make a whole statement, as they are typed."""

from __future__ import annotations

import ast
import codeop

LONGEST_STATEMENT = 65_536  # characters


class Statement:
    """One statement on its way. `prompt` is what the next line is asked with."""

    def __init__(self) -> None:
        self._compile = codeop.CommandCompiler()
        self._compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._lines: list[str] = []

    @property
    def prompt(self) -> str:
        """As Python's own."""
        return "... " if self._lines else ">>> "

    def add(self, line: str) -> str | None:
        """The source, when it is whole; one that is wrong is whole, too. Raises ValueError if it is too long."""
        self._lines.append(line)
        source = "\n".join(self._lines)
        if len(source) > LONGEST_STATEMENT:
            self._lines.clear()
            raise ValueError("the statement is too long")
        try:
            if self._compile(source, "<manhole>", "single") is None:
                return None
        except (SyntaxError, ValueError, OverflowError):
            pass  # the process that runs it says what is wrong
        self._lines.clear()
        return source

    def clear(self) -> None:
        """Ctrl-C: begin anew."""
        self._lines.clear()
