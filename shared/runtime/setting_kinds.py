"""The kinds of values a setting can have, and how each is written in an environment variable."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import Enum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from shared.ip_network import Network
from shared.public_ports import read_public_ports

OFF = "off"
"""Written for an empty list: an empty variable means the default, because compose files pass unset ones on as empty."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)")
_SECONDS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_OCTETS = re.compile(r"(\d+)\s*(B|KiB|MiB|GiB|)")
_FACTORS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_ENDPOINT_KINDS = ("tcp:", "tcp6:", "unix:", "haproxy:", "systemd:")


def _to_duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("should be a length of time such as 500ms, 8s, 5m, 12h or 3d")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])


def _to_octets(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _OCTETS.fullmatch(value.strip())
    if match is None:
        raise ValueError("should be a number of octets such as 4096, 64KiB, 25MiB or 1GiB")
    return int(match[1]) * _FACTORS[match[2]]


def _to_words(value: object) -> object:
    if not isinstance(value, str):
        return value
    words = value.replace(",", " ").split()
    return () if words == [OFF] else tuple(words)


def _to_endpoints(value: object) -> object:
    endpoints = tuple(value.split()) if isinstance(value, str) else value
    if endpoints == (OFF,):
        return ()
    if not isinstance(endpoints, Iterable):
        return endpoints
    for endpoint in endpoints:
        if not str(endpoint).startswith(_ENDPOINT_KINDS):
            raise ValueError(f"should hold endpoints that begin with one of {' '.join(_ENDPOINT_KINDS)}")
    return endpoints


def _to_networks(value: object) -> object:
    words = _to_words(value)
    if not isinstance(words, tuple):
        return words
    try:
        return tuple(ip_network(word) for word in words)
    except ValueError as error:
        raise ValueError(f"should be addresses or networks such as 10.0.0.0/8 ({error})") from error


def _with_ports(words: tuple[str, ...]) -> tuple[str, ...]:
    read_public_ports(words)
    return words


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("names no file")
    if not os.access(path, os.R_OK):
        raise ValueError("names a file that this process may not read")
    return path


def _to_file_or_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip() == OFF else value


def _can_be_made(path: Path | None) -> Path | None:
    if path is not None and not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise ValueError("names a file in a directory that is not there, or where this process may not make files")
    return path


FileOrOff = Annotated[Path | None, BeforeValidator(_to_file_or_none), AfterValidator(_can_be_made)]
"""A file to write to, which is made if need be; `off` is none."""
Duration = Annotated[timedelta, BeforeValidator(_to_duration)]
Octets = Annotated[int, BeforeValidator(_to_octets)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_to_words)]
PublicPorts = Annotated[Words, AfterValidator(_with_ports)]
"""Words `DOOR=PORT`; `DOOR=off` for a door that is closed."""
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_to_networks)]
ReadableFile = Annotated[Path, AfterValidator(_readable)]
Endpoints = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_to_endpoints)]
"""Twisted server endpoint descriptions, separated by spaces; `off` closes the door."""


def written(value: object, kind: Sequence[object] = ()) -> str:
    """`value` as it is written in an environment variable: text that its kind above reads back as the same value.

    `kind` is the metadata of a field's annotation: only it tells a number of octets from any other.
    """
    if value is None:
        is_off = any(isinstance(each, BeforeValidator) and each.func is _to_file_or_none for each in kind)
        return OFF if is_off else ""
    if isinstance(value, int) and any(isinstance(each, BeforeValidator) and each.func is _to_octets for each in kind):
        return _written_octets(value)
    if isinstance(value, timedelta):
        return _written_duration(value)
    if isinstance(value, tuple):
        return " ".join(str(word) for word in value) or OFF
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)


def _written_octets(value: int) -> str:
    for unit in ("GiB", "MiB", "KiB"):
        if value and value % _FACTORS[unit] == 0:
            return f"{value // _FACTORS[unit]}{unit}"
    return str(value)


def _written_duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    for unit in ("d", "h", "m", "s"):
        count = seconds / _SECONDS[unit]
        if count >= 1 and count.is_integer():
            return f"{int(count)}{unit}"
    return f"{round(seconds * 1000)}ms"
