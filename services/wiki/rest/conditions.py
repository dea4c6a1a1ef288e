"""If-Match and If-None-Match (RFC 9110 §13.1), where an entity tag is a revision's number in quotes."""

from __future__ import annotations

import re
from typing import NamedTuple

from services.wiki.calls.errors import WrongArguments

_TAG = re.compile(r'\s*(?:W/)?"([0-9]{1,18})"\s*')


class Conditions(NamedTuple):
    """What a write wants: `only_if` is the revision that must be the newest, `only_new` that there be no page."""

    only_if: int | None
    only_new: bool


def conditions_of(if_match: str | None, if_none_match: str | None) -> Conditions:
    """The conditions of a write. Raises WrongArguments for fields that mean none of these."""
    only_if = None
    if if_match is not None and if_match.strip() != "*":
        match = _TAG.fullmatch(if_match)
        if match is None:
            raise WrongArguments('If-Match must be one revision in quotes, as in ETag: "7"')
        only_if = int(match[1])
    if if_none_match is not None and if_none_match.strip() != "*":
        raise WrongArguments("If-None-Match must be * here")
    return Conditions(only_if, if_none_match is not None)
