"""The fields of administrators' forms, as the kinds that operations take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from services.wiki.site.errors import BadForm
from services.wiki.site.forms import Form

E = TypeVar("E", bound=StrEnum)
_NAMES = re.compile(r"[\s,;]+")
MOST_NUMBER = 10**15
MOST_NAMES = 100


def choice_of(form: Form, name: str, kind: type[E]) -> E:
    """One of the values of `kind`. Raises BadForm."""
    try:
        return kind(form.needed(name))
    except ValueError:
        raise BadForm(f"The field {name} is one of {', '.join(kind)}.") from None


def number_of(form: Form, name: str, least: int = 1) -> int | None:
    """A whole number; None where the field is empty. Raises BadForm."""
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= MOST_NUMBER):
        raise BadForm(f"The field {name} is a whole number from {least} on, or empty.")
    return int(text)


def minutes_of(form: Form, name: str) -> timedelta | None:
    """A number of minutes up to 30 days; None where the field is empty. Raises BadForm."""
    minutes = number_of(form, name)
    if minutes is not None and minutes > 30 * 24 * 60:
        raise BadForm(f"The field {name} is 30 days at most.")
    return None if minutes is None else timedelta(minutes=minutes)


def names_of(form: Form, name: str) -> Sequence[str]:
    """Names with blanks or commas between them, each once. Raises BadForm."""
    names = list(dict.fromkeys(each for each in _NAMES.split(form.get(name, "").lower()) if each))
    if len(names) > MOST_NAMES:
        raise BadForm(f"The field {name} has at most {MOST_NAMES} names.")
    return names
