"""Names of newsgroups, as they are typed."""

from __future__ import annotations

import re
from typing import Any

import click

LONGEST_OCTETS = 460  # a command of NNTP has 512 with its end, and NEWNEWS a date besides
# RFC 5536 §3.1.4 allows more than letters; what a wildmat or a command reads otherwise is in no name (RFC 3977 §4).
_NAME = re.compile(r"[^\s,*?!\[\]\\<>\x00-\x20\x7f-\x9f]+")


class GroupType(click.ParamType[Any]):
    """The name of one newsgroup."""

    name = "group"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> str:
        return one_group(self, str(value), param, context)


class GroupsType(click.ParamType[Any]):
    """Names of newsgroups with commas between them, each once."""

    name = "groups"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = (one_group(self, name.strip(), param, context) for name in str(value).split(","))
        return tuple(dict.fromkeys(names))


def one_group(
    kind: click.ParamType[Any], name: str, param: click.Parameter | None, context: click.Context | None
) -> str:
    """`name`, if a newsgroup can be called so."""
    if not _NAME.fullmatch(name) or len(name.encode("utf-8", "surrogateescape")) > LONGEST_OCTETS:
        kind.fail(f"{name!r} is no name of a newsgroup", param, context)
    return name
