"""The base subject: what is left of a subject without "Re:", "Fwd:" and list names (RFC 5256 §2.1)."""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_CHARACTERS = 1_000  # of a subject that are looked at; what is cut off here comes again and again from the start

_TRAILER = re.compile(r"(?:\(fwd\)|\s)+\Z", re.IGNORECASE)
_BLOB = re.compile(r"\[[^\[\]]*\]\s*")
_REPLY = re.compile(r"(?:re|fwd?)\s*(?:\[[^\[\]]*\]\s*)?:\s*", re.IGNORECASE)
_FORWARDED = re.compile(r"\[fwd:(.*)\]\Z", re.IGNORECASE | re.DOTALL)


class BaseSubject(NamedTuple):
    """`is_reply`: something says that it answers or forwards a message of that subject."""

    text: str
    is_reply: bool


def base_subject(subject: str) -> BaseSubject:
    """Of a decoded subject. Its case is as it came: compare by folding."""
    text, is_reply = " ".join(subject[:MOST_CHARACTERS].split()), False
    while True:
        shorter = _TRAILER.sub("", text)
        is_reply = is_reply or "(fwd)" in text[len(shorter) :].lower()
        text, has_leader = _without_leaders(shorter)
        is_reply = is_reply or has_leader
        forwarded = _FORWARDED.fullmatch(text)
        if forwarded is None:
            return BaseSubject(text, is_reply)
        text, is_reply = forwarded[1].strip(), True


def _without_leaders(text: str) -> tuple[str, bool]:
    """The text behind its prefixes, and whether one of them was a reply's or a forwarder's."""
    at, is_reply = 0, False
    while True:
        behind = at
        while blob := _BLOB.match(text, behind):
            behind = blob.end()
        reply = _REPLY.match(text, behind)
        if reply is not None:
            at, is_reply = reply.end(), True
            continue
        blob = _BLOB.match(text, at)
        if blob is None or blob.end() == len(text) or text[at:].lower().startswith("[fwd:"):
            return text[at:], is_reply
        at = blob.end()
