"""An event as one line: for people, as JSON; and a line of either kind read back.

A line for people is the kind and `name=value` for each field that is not empty. A value is quoted as JSON quotes it if
it has a blank, a quote or anything that does not print, so that nobody starts a field or a line of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from shared.activity.events import FIELDS, KINDS, Append, Event, Message, RecipientReply

LONGEST_FIELD = 256  # characters: an address has up to 254 octets, a name in HELO 255
_KINDS = frozenset(KINDS.values())
_PLAIN = re.compile(r"[!#-~][!-~]*")  # printable ASCII without a blank, and not quoted
_FIELD = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')
_HEAD = re.compile(r"(?:<[0-7]>)?(\d{4}-\d\d-\d\dT\S+Z) ([a-z]+) +(\S+) (.*)", re.DOTALL)


def as_text(event: Event) -> str:
    """The kind and the fields; no line feed."""
    if type(event) is Message:
        return _plain_message(event) or text_of(event)
    if type(event) is Append:
        return _plain_append(event) or text_of(event)
    return text_of(event)


def _plain_message(event: Message) -> str | None:
    """The same as `text_of` in a third of the time, for a message none of whose texts needs a quote; else None."""
    id, outcome, door, peer, account, helo, sender, to, recipients, refused, octets, code, status, ms, auth = event
    if code is None or not (id and to):
        return None
    addresses = ",".join([f"{address}:{code}" for address, code in to])
    if not _is_plain(f"{id}{door}{peer}{account}{helo}{sender}{addresses}{status}"):
        return None
    return (
        f"message id={id} outcome={outcome._value_} door={door} peer={peer}"
        f"{account and ' account=' + account}{helo and ' helo=' + helo}{sender and ' from=' + sender} to={addresses}"
        f" recipients={recipients} refused={refused} octets={octets} code={code}"
        f"{status and ' status=' + status} ms={ms}{auth and ' auth=' + auth}"
    )


def _is_plain(texts: str) -> bool:
    """Whether none of the texts, one behind the other, needs a quote or is too long."""
    return (
        len(texts) <= LONGEST_FIELD
        and texts.isascii()
        and texts.isprintable()
        and " " not in texts
        and '"' not in texts
    )


def _plain_append(event: Append) -> str | None:
    """The same for an APPEND that was accepted."""
    outcome, door, peer, account, mailbox, uid, octets, code, status, ms = event
    if uid is None or not (account and mailbox):
        return None
    if not _is_plain(f"{door}{peer}{account}{mailbox}{code}{status}"):
        return None
    return (
        f"append outcome={outcome._value_} door={door} peer={peer} account={account} mailbox={mailbox} uid={uid}"
        f" octets={octets} code={code}{status and ' status=' + status} ms={ms}"
    )


def text_of(event: Event) -> str:
    """The kind and the fields of any event."""
    kind = type(event)
    words = [KINDS[kind]]
    for name, value in zip(FIELDS[kind], event, strict=True):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            words.append(f"{name}={value_text(value)}")
        elif isinstance(value, int):
            words.append(f"{name}={value}")
        elif isinstance(value, float):
            words.append(f"{name}={value:.3f}")
        elif value:
            words.append(f"{name}={_quoted(','.join([f'{cut(each.address)}:{each.code}' for each in value]))}")
    return " ".join(words)


def as_fields(event: Event) -> dict[str, Any]:
    """The same for JSON: `event` is the kind, `to` a list of objects."""
    kind = type(event)
    fields: dict[str, Any] = {"event": KINDS[kind]}
    for name, value in zip(FIELDS[kind], event, strict=True):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            fields[name] = cut(value)
        elif isinstance(value, int):
            fields[name] = value
        elif isinstance(value, float):
            fields[name] = round(value, 3)
        elif value:
            fields[name] = [{"address": cut(each.address), "code": each.code} for each in value]
    return fields


def as_json(fields: Mapping[str, Any]) -> str:
    """One line of JSON; UTF-8 is left as it is unless something in it does not print."""
    line = json.dumps(fields, ensure_ascii=False)
    return line if line.isprintable() else json.dumps(fields)


def cut(text: str) -> str:
    """`text`, or its beginning with `…` behind it."""
    return text if len(text) <= LONGEST_FIELD else text[: LONGEST_FIELD - 1] + "…"


def read_line(line: str) -> dict[str, Any]:
    """The content of a line of the log, whatever its format: `time`, `level`, `service`, and the fields of an event.

    Of other lines `message` is the text; {} for what is no line of the log, as of a traceback.
    """
    if line.startswith("{"):
        return _read_json(line)
    head = _HEAD.match(line)
    if head is None:
        return {}
    time, level, service, text = head.groups()
    said: dict[str, Any] = {"time": time, "level": level, "service": service}
    kind, _, fields = text.partition(" ")
    if kind not in _KINDS or not re.fullmatch(f"(?:{_FIELD.pattern})+", " " + fields):
        return {**said, "message": text}
    said["event"] = kind
    for name, value in _FIELD.findall(" " + fields):
        said[name] = json.loads(value) if value.startswith('"') else value
    if "to" in said:
        said["to"] = [_recipient(each) for each in said["to"].split(",")]
    return said


def _read_json(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _recipient(shown: str) -> dict[str, Any]:
    address, _, code = shown.rpartition(":")
    return RecipientReply(address, int(code) if code.isdigit() else 0)._asdict()


def value_text(value: str) -> str:
    """A value as it is in a line: cut, and quoted where it has to be."""
    if len(value) <= LONGEST_FIELD and _PLAIN.fullmatch(value):
        return value
    return _quoted(cut(value))


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())
