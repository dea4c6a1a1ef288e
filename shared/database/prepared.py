"""Statements that a connection plans once: for small ones, planning is most of what they cost."""

from __future__ import annotations

import hashlib
import re

_PARAMETER = re.compile(r"%(?:s|\((\w+)\)s|%)")


class Prepared:
    """One statement with `%s` or `%(name)s` parameters, for Transaction's methods in place of its text.

    `execute_quoted` has quotes around named ones, and a semicolon behind it.
    Its plan must not depend on the values: for lookups by key, not for searches. Where the context does not tell a
    parameter's type, say it: `%s::bigint`.
    """

    __slots__ = ("execute", "execute_quoted", "prepare")

    def __init__(self, sql: str) -> None:
        self.prepare, self.execute = "", ""
        arguments: list[str] = []
        numbers: dict[str, int] = {}

        def number(found: re.Match[str]) -> str:
            text = found[0]
            if text == "%%":
                return "%"
            if text not in numbers or text == "%s":
                arguments.append(text)
                numbers[text] = len(arguments)
            return f"${numbers[text]}"

        name = "agora_" + hashlib.sha256(sql.encode()).hexdigest()[:16]
        self.prepare = f"PREPARE {name} AS {_PARAMETER.sub(number, sql)}"
        self.execute = f"EXECUTE {name}" + (f" ({', '.join(arguments)})" if arguments else "")
        self.execute_quoted = self.execute.replace("%(", "'%(").replace(")s", ")s'").encode() + b";"
