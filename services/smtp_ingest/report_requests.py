"""Requests for reports of delivery: the parameters of MAIL and RCPT (RFC 3461 §4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

# §4.4: 100 characters of ENVID; §4.2: 500 of ORCPT. xtext is printable ASCII but "+" and "=", which are +2B and +3D.
_XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"
_ENVELOPE_ID = re.compile(rf"{_XTEXT}{{1,100}}")
_ORIGINAL = re.compile(rf"[A-Za-z0-9-]{{1,40}};{_XTEXT}{{1,460}}")
_CASES = frozenset({"SUCCESS", "FAILURE", "DELAY"})
OF_MAIL = frozenset({"RET", "ENVID"})
OF_RCPT = frozenset({"NOTIFY", "ORCPT"})

Parameters = Mapping[str, str | None]


class MessageRequests(NamedTuple):
    """What MAIL asks of reports."""

    returns_all: bool = False  # RET=FULL
    envelope_id: str = ""  # ENVID, in xtext


class RecipientRequests(NamedTuple):
    """What RCPT asks of reports."""

    notify: str = ""  # in upper case; "" is FAILURE,DELAY
    original: str = ""  # ORCPT, its address in xtext


NOTHING_OF_MESSAGE, NOTHING_OF_RECIPIENT = MessageRequests(), RecipientRequests()


def message_requests(parameters: Parameters) -> MessageRequests | None:
    """RET and ENVID, where they are given; None if they have values that they may not have."""
    if OF_MAIL.isdisjoint(parameters):
        return NOTHING_OF_MESSAGE
    returned = (parameters["RET"] or "").upper() if "RET" in parameters else "HDRS"
    envelope_id = parameters.get("ENVID", "")
    if returned not in ("FULL", "HDRS") or envelope_id is None:
        return None
    if "ENVID" in parameters and not _ENVELOPE_ID.fullmatch(envelope_id):
        return None
    return MessageRequests(returned == "FULL", envelope_id)


def recipient_requests(parameters: Parameters) -> RecipientRequests | None:
    """NOTIFY and ORCPT likewise."""
    notify, original = parameters.get("NOTIFY", ""), parameters.get("ORCPT", "")
    if notify is None or original is None:
        return None
    if "NOTIFY" in parameters:
        notify = notify.upper()
        cases = notify.split(",")
        if cases != ["NEVER"] and not (_CASES.issuperset(cases) and len(set(cases)) == len(cases)):
            return None
    if "ORCPT" in parameters and not _ORIGINAL.fullmatch(original):
        return None
    return RecipientRequests(notify, original)
