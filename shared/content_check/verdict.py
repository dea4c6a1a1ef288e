"""The verdict on a message, read from the JSON of rspamd's `/checkv2`.

https://rspamd.com/doc/developers/protocol.html. The program is the operator's own; what it says is bounded all the
same, as it goes into headers and replies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

MOST_FIELDS = 100
MOST_FIELDS_OCTETS = 64 << 10  # in all
LONGEST_LINE = 998  # octets without CR LF (RFC 5322 §2.1.1)
LONGEST_SENTENCE = 200  # of a reply, whose line has 512 octets (RFC 5321 §4.5.3.1.5)

_NAME = re.compile(r"[!-9;-~]{1,76}")
_FOLD = re.compile(r"[ \t]*\r?\n[ \t]*")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_PRINTED = re.compile(r"[^ -~]")


class ContentAction(Enum):
    """What becomes of the message."""

    TAKE = "take"
    JUNK = "junk"
    DEFER = "defer"
    REFUSE = "refuse"


# "greylist" is the name of a score: a message that is to be sent again later has "soft reject".
_ACTIONS: Mapping[str, ContentAction] = {
    "no action": ContentAction.TAKE,
    "greylist": ContentAction.TAKE,
    "add header": ContentAction.JUNK,
    "rewrite subject": ContentAction.JUNK,
    "quarantine": ContentAction.JUNK,
    "soft reject": ContentAction.DEFER,
    "reject": ContentAction.REFUSE,
    "discard": ContentAction.REFUSE,  # nothing is lost without a word to its sender
}


class BadVerdict(ValueError):
    """The answer cannot be read, or has an action that is not known."""


class FieldRemoval(NamedTuple):
    """Fields to take out: `which` counts from 1, or from the end if negative; 0 means all of that name."""

    name: bytes  # in lower case
    which: int


class ContentVerdict(NamedTuple):
    """`added` are whole header fields, with CR LF; `sentence` is for the reply to what is refused or deferred."""

    action: ContentAction
    added: bytes = b""
    removed: Sequence[FieldRemoval] = ()
    sentence: str = ""


def read_verdict(octets: bytes) -> ContentVerdict:
    """Raises BadVerdict."""
    try:
        answer = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise BadVerdict("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise BadVerdict("the answer is not an object")
    named = answer.get("action")
    action = _ACTIONS.get(named) if isinstance(named, str) else None
    if action is None:
        raise BadVerdict("the answer has no action that is known")
    milter, messages = _object(answer.get("milter")), _object(answer.get("messages"))
    removed, added = list(_removals(milter.get("remove_headers"))), list(_additions(milter.get("add_headers")))
    subject = answer.get("subject")
    if named == "rewrite subject" and isinstance(subject, str):
        removed.append(FieldRemoval(b"subject", 0))
        added.append(_field("Subject", subject))
    if action is ContentAction.JUNK:
        removed.append(FieldRemoval(b"x-spam", 0))
        added.append(b"X-Spam: Yes\r\n")
    text = b"".join(added[:MOST_FIELDS])
    if len(text) > MOST_FIELDS_OCTETS:
        raise BadVerdict("the answer adds too large a header")
    sentence = _NOT_PRINTED.sub("?", str(messages.get("smtp_message") or "").strip())
    return ContentVerdict(action, text, removed[:MOST_FIELDS], sentence[:LONGEST_SENTENCE])


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _additions(headers: Any) -> Iterator[bytes]:
    """A field is a text, an object with `value`, or a list of these."""
    for name, told in _object(headers).items():
        for each in told if isinstance(told, list) else [told]:
            value = _object(each).get("value") if isinstance(each, dict) else each
            if isinstance(value, str | int | float) and _NAME.fullmatch(name):
                yield _field(name, str(value))


def _field(name: str, value: str) -> bytes:
    """Empty where it would be no field: a line too long, or with nothing in it."""
    lines = [_CONTROLS.sub("", line).encode("utf-8", "replace") for line in _FOLD.split(value)]
    whole = name.encode("ascii") + b": " + b"\r\n\t".join(line for line in lines if line.strip())
    return whole + b"\r\n" if all(len(line) <= LONGEST_LINE for line in whole.split(b"\r\n")) else b""


def _removals(headers: Any) -> Iterator[FieldRemoval]:
    for name, told in _object(headers).items():
        for which in told if isinstance(told, list) else [told]:
            if isinstance(which, int) and _NAME.fullmatch(name):
                yield FieldRemoval(name.lower().encode("ascii"), which)
