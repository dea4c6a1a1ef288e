"""Cursors: where a page of a list ends, as an opaque text that the next request hands back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from services.wiki.calls.errors import WrongArguments

LONGEST = 2000  # characters; a page name of 200 takes 1,100 in UTF-8 and base64


def cursor_of(*place: str | int) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> Sequence[Any]:
    """The place that `cursor_of` was given. Raises WrongArguments for what is no such cursor."""
    try:
        if len(cursor) > LONGEST:
            raise ValueError
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(place, list) or [type(each) for each in place] != list(kinds):
            raise ValueError
    except (ValueError, binascii.Error, RecursionError):
        raise WrongArguments("the cursor is not one that was given here") from None
    return place
