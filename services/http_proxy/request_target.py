"""A request's target: where the request goes, in the spelling that goes on (RFC 9112 §3.2)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from services.http_proxy.errors import BadTarget, BadTargetHost, BadTargetPort, BadTargetUser, UnknownScheme
from shared.bounded_cache import remembers
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host

_REG_NAME = rb"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?\.?|_[A-Za-z0-9._-]{0,253}"
_HOST = rb"\[[0-9A-Fa-f:.]{2,45}\]|" + _REG_NAME
AUTHORITY = re.compile(rb"(" + _HOST + rb")(?::([0-9]{0,5}))?")
_ABSOLUTE = re.compile(rb"[hH][tT][tT][pP]://(?:([^/?#@]*)@)?([^/?#@]+)([/?][^#]*)?(?:#.*)?")
_ORDINARY = re.compile(rb"http://([A-Za-z0-9.:\[\]_-]++)(/[\x21-\x22\x24-\x7e]*+)")
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://")
# RFC 3986 §3.2.1, and what is not ASCII. No backslash: browsers take it for the slash at which the host ends.
_USERINFO = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=:%\x80-\xff-]*")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class Target(NamedTuple):
    """`host` is lower-case without brackets, `authority` lower-case `host:port` as it came, `path` may be empty."""

    host: str
    port: int
    authority: bytes
    path: bytes
    userinfo: bytes | None  # `user:password`, out of its encoding


def connect_target(target: bytes) -> tuple[str, int, bytes]:
    """Host, port and authority of CONNECT, which must name a port. Raises BadTarget."""
    host, port = _host_and_port(target)
    if port is None or not 0 < port <= 65535:
        raise BadTargetPort
    return host, port, target.lower()


def absolute_target(target: bytes) -> Target:
    """The parts of `http://…`. Raises BadTarget, of a kind that says which part is at fault.

    Kinder than RFC 9110 §4.2.4: a user and a password become Authorization. A fragment is cut, octets that are not
    ASCII are percent-encoded, and a host's name in UTF-8 is put into A-labels, as browsers do.
    """
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        scheme = _SCHEME.match(target)
        raise UnknownScheme if scheme is not None and scheme[1].lower() != b"http" else BadTarget
    userinfo, authority, path, authorization = match[1], match[2], match[3] or b"", None
    if userinfo:
        if not _USERINFO.fullmatch(userinfo):
            raise BadTargetUser
        authorization = unquote_to_bytes(userinfo)
        if b":" not in userinfo:
            authorization += b":"
    if not authority.isascii():
        authority = _in_ascii(authority)
    host, port, authority = _origin(authority)
    if not path.isascii():
        path = _NOT_ASCII.sub(lambda octet: b"%%%02X" % ord(octet[0]), path)
    if path.startswith(b"?"):
        path = b"/" + path
    return Target(host, port, authority, path, authorization)


def ordinary_target(target: bytes) -> tuple[tuple[str, int, bytes], bytes] | None:
    """Host, port and authority, and the path, of `http://host/path` as most programs write it; None for all others."""
    match = _ORDINARY.fullmatch(target)
    return None if match is None else (_origin(match[1]), match[2])


@remembers(most=4096)
def _origin(authority: bytes) -> tuple[str, int, bytes]:
    host, port = _host_and_port(authority)
    if port is None:
        port = 80
    elif not 0 < port <= 65535:
        raise BadTargetPort
    return host, port, authority.lower()


def _in_ascii(authority: bytes) -> bytes:
    name, colon, port = authority.partition(b":")
    try:
        return canonical_host(name.decode()).encode() + colon + port
    except (UnicodeDecodeError, HostUnusable):
        raise BadTargetHost from None


@remembers(most=4096)
def _host_and_port(authority: bytes) -> tuple[str, int | None]:
    match = AUTHORITY.fullmatch(authority)
    if match is None:
        raise BadTargetPort if re.fullmatch(rb"(?:" + _HOST + rb"):.*", authority) else BadTargetHost
    return match[1].decode().strip("[]").lower(), int(match[2]) if match[2] else None
