"""The reasons why a request or a response is not passed on; `replies.py` puts each into a status."""

from __future__ import annotations

from shared.errors import DomainError


class BadMessage(DomainError):
    """It is not an HTTP/1.1 message, or one that two readers may understand differently (RFC 9112 §11.2)."""


class BadHead(BadMessage):
    """The head's syntax is wrong: a bare CR or LF, NUL, a folded line, a space before a colon, a broken first line."""


class BadTarget(BadMessage):
    """The request's target is in none of the forms of RFC 9112 §3.2."""


class UnknownScheme(BadTarget):
    """The target's scheme is not http."""


class BadTargetUser(BadTarget):
    """The user and password in the target are no userinfo (RFC 3986 §3.2.1)."""


class BadTargetHost(BadTarget):
    """The target's host is no name and no address."""


class BadTargetPort(BadTarget):
    """The target's port is no port, or CONNECT has none."""


class BadHost(BadMessage):
    """Host is missing, there twice, or malformed (RFC 9112 §3.2)."""


class AmbiguousLength(BadMessage):
    """How long the body is can be understood in two ways (RFC 9112 §6.3)."""


class BadChunk(BadMessage):
    """The chunked coding is broken, or its extensions and trailers are longer than anybody needs (RFC 9112 §7.1)."""


class UnknownCoding(BadMessage):
    """A transfer coding other than chunked (RFC 9112 §6.1)."""


class UnknownVersion(BadMessage):
    """Not HTTP/1."""


class HeadTooLarge(BadMessage):
    """More octets or more field lines than a head may have."""


class TooSlow(DomainError):
    """The client did not finish its request in time."""

    temporary = True


class PortNotAllowed(DomainError):
    """CONNECT to a port that is not listed."""


class Loop(DomainError):
    """The request came through this proxy before, or leads to a port of its process."""


class OriginTooSlow(DomainError):
    """The origin did not answer in time."""

    temporary = True


class OriginBroke(DomainError):
    """The origin closed the connection before its answer was complete."""

    temporary = True


class BadAnswer(DomainError):
    """What the origin answers is no response that can be passed on."""


class Leaving(DomainError):
    """This process is shutting down."""

    temporary = True


class DoorFull(DomainError):
    """More connections than this door serves, in all or from one address."""

    temporary = True
