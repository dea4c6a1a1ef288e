"""Listening sockets: bound once by the first process, then handed to the processes that serve.

Binding comes before the switch to an ordinary user and before workers are started. The endpoint descriptions are
Twisted's; a reactor's stand-in catches the moment at which they would listen.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from shared.doors import HIGHEST_PORT
from shared.runtime.settings import ServiceSettings, WrongSetting, variable_name

BACKLOG = 4096  # the kernel cuts it to net.core.somaxconn; 5,000 clients may arrive at once
PATIENCE_SECONDS = 5.0  # a predecessor that was killed may have workers that hold the port while they leave


class Sockets:
    """The bound sockets of a service, by the name of their door and in the order of its endpoints."""

    def __init__(self, by_door: Mapping[str, Sequence[socket.socket]]) -> None:
        self._by_door = {name: list(sockets) for name, sockets in by_door.items()}

    def of(self, door_name: str) -> Sequence[socket.socket]:
        """The sockets of one door; none if it is off."""
        return self._by_door.get(door_name, [])

    def doors(self) -> Iterator[tuple[str, Sequence[socket.socket]]]:
        """Every door with its sockets."""
        yield from self._by_door.items()

    def file_numbers(self) -> Iterator[int]:
        """What a child must inherit."""
        for sockets in self._by_door.values():
            yield from (each.fileno() for each in sockets)

    def with_door(self, name: str, sockets: Sequence[socket.socket]) -> Sockets:
        """The same sockets, with another set for one door."""
        return Sockets({**self._by_door, name: sockets})

    def to_json(self) -> str:
        """File numbers per door, for a child that inherits them."""
        return json.dumps({name: [each.fileno() for each in sockets] for name, sockets in self._by_door.items()})

    @classmethod
    def from_json(cls, text: str) -> Sockets:
        """What the parent handed over."""
        given: dict[str, list[int]] = json.loads(text)
        return cls({name: [socket.socket(fileno=number) for number in numbers] for name, numbers in given.items()})

    def close(self) -> None:
        """Close all; connections that were not accepted are refused once every process has closed them."""
        for sockets in self._by_door.values():
            for each in sockets:
                each.close()


def bind_all(settings: ServiceSettings) -> Sockets:
    """Bind every endpoint of every door. Raises WrongSetting for one that cannot be bound."""
    bound: dict[str, list[socket.socket]] = {}
    for name in type(settings).door_names():
        bound[name] = []
        for description in settings.endpoints_of(name):
            try:
                bound[name].append(_bind_patiently(description))
            except Exception as error:  # endpoint parsers of plugins raise what they like
                variable = variable_name(f"{name}_endpoints")
                raise WrongSetting(f"{variable}: cannot listen on {description!r} ({error}).") from error
    return Sockets(bound)


def check_endpoint(description: str) -> None:
    """Raises ValueError unless an endpoint can be listened on, so far as that is to be known without listening."""
    if description.startswith("systemd:"):  # only the process that systemd starts has its sockets
        return
    try:
        _result(serverFromString(_Checking(), description).listen(Factory()))
    except Exception as error:  # endpoint parsers of plugins raise what they like
        raise ValueError(str(error)) from error


def adopt(reactor: Any, description: str, bound: socket.socket, factory: Any) -> Any:
    """Accept on a bound socket, with whatever the description wraps around it (haproxy:). Returns the listening port.

    The port has its own copy of `bound`.
    """
    if not description.startswith("haproxy:"):  # nothing is wrapped around it: Twisted need not read its plug-ins
        return _Adopting(reactor, bound).adoptStreamPort(0, 0, factory)
    return _result(serverFromString(_Adopting(reactor, bound), description).listen(factory))


def why_held(description: str, bound: socket.socket) -> str | None:
    """The reason why a listening socket cannot be closed and opened again by us; None if it can."""
    if description.removeprefix("haproxy:").startswith("systemd:"):
        return "systemd owns its socket: stop the .socket unit instead"
    if bound.family == socket.AF_UNIX:
        return "it is a UNIX socket, which cannot be opened again once it was closed"
    return None


def refuse_clients(bound: socket.socket) -> None:
    """Have the kernel refuse clients in every process that holds this socket; the address stays ours.

    Linux takes a socket out of LISTEN by shutdown(2), and leaves it bound. As long as it allowed its address to be
    reused, any other program could take the port.
    """
    if _is_listening(bound):  # another process of ours may have been first
        with contextlib.suppress(OSError):
            bound.shutdown(socket.SHUT_RD)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)


def take_clients(bound: socket.socket) -> None:
    """The opposite; needs no privilege, whatever the port. Raises OSError.

    Of two processes that refuse at the same moment the later shutdown(2) marks the socket, and every connection that
    it accepts would be at its end at once. The mark goes when a socket leaves LISTEN.
    """
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if not _is_listening(bound):
        bound.listen(BACKLOG)
        with contextlib.suppress(OSError):
            bound.shutdown(socket.SHUT_RD)
    bound.listen(BACKLOG)


def _is_listening(bound: socket.socket) -> bool:
    return bool(bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def place_of(bound: socket.socket) -> str:
    """Where a socket listens, for people: `127.0.0.1:2025`, `[::1]:2025` or a path."""
    name = bound.getsockname()
    if bound.family == socket.AF_UNIX:
        return str(name)
    host, port = name[0], name[1]
    return f"[{host}]:{port}" if bound.family == socket.AF_INET6 else f"{host}:{port}"


def bind_loopback() -> socket.socket:
    """A socket on a free port that only this machine reaches."""
    return _bind_tcp("127.0.0.1", 0, BACKLOG)


class _Binding:
    """Stands where an endpoint expects a reactor, and only binds."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None

    def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> None:
        self.socket = _bind_tcp(interface, port, max(backlog, BACKLOG))

    def listenUNIX(
        self, address: str, factory: object, backlog: int = 50, mode: int = 0o666, wantPID: bool = False
    ) -> None:
        self.socket = _bind_unix(address, mode, max(backlog, BACKLOG))

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: object) -> None:
        self.socket = socket.socket(fileno=os.dup(fileDescriptor))


class _Checking:
    """Stands where an endpoint expects a reactor, and only looks at what it would open."""

    def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> None:
        if not 0 <= port <= HIGHEST_PORT:
            raise ValueError(f"{port} is not a port: a number up to {HIGHEST_PORT}")

    def listenUNIX(
        self, address: str, factory: object, backlog: int = 50, mode: int = 0o666, wantPID: bool = False
    ) -> None:
        if not os.path.basename(address) or not os.path.isdir(os.path.dirname(os.path.abspath(address))):
            raise ValueError(f"there is no directory for a socket {address!r}")


class _Adopting:
    """Stands where an endpoint expects a reactor, and puts the factory on a socket that is bound already."""

    def __init__(self, reactor: Any, bound: socket.socket) -> None:
        self._reactor = reactor
        self._bound = bound

    def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> Any:
        return self.adoptStreamPort(0, 0, factory)

    def listenUNIX(
        self, address: str, factory: object, backlog: int = 50, mode: int = 0o666, wantPID: bool = False
    ) -> Any:
        return self.adoptStreamPort(0, 0, factory)

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: object) -> Any:
        return self._reactor.adoptStreamPort(self._bound.fileno(), self._bound.family, factory)


def _bind_patiently(description: str) -> socket.socket:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        binding = _Binding()
        try:
            _result(serverFromString(binding, description).listen(Factory()))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
            continue
        except AttributeError as error:
            raise ValueError("this kind of endpoint cannot be handed to workers") from error
        assert binding.socket is not None
        return binding.socket


def _bind_tcp(interface: str, port: int, backlog: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets take it over
        if family == socket.AF_INET6:  # so that tcp: and tcp6: can share a number, and no peer is ::ffff:127.0.0.1
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if port:
            bound.bind((interface, port))
        else:
            _bind_chosen(bound, interface)
        bound.listen(backlog)
    except BaseException:
        bound.close()
        raise
    return bound


def _bind_chosen(bound: socket.socket, interface: str) -> None:
    """Bind to a port that the kernel chooses, by its number: otherwise it is lost when the socket stops listening."""
    with socket.socket(bound.family, socket.SOCK_STREAM) as chosen:
        chosen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        chosen.bind((interface, 0))
        bound.bind((interface, chosen.getsockname()[1]))


def _bind_unix(path: str, mode: int, backlog: int) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        _remove_stale(path)
        bound.bind(path)
        os.chmod(path, mode)
        bound.listen(backlog)
    except BaseException:
        bound.close()
        raise
    return bound


def _remove_stale(path: str) -> None:
    """Remove a socket on which no process listens any more; on one that is in use bind() then fails."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(path)
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        os.unlink(path)


def _result(deferred: Deferred[Any]) -> Any:
    """The result of a Deferred that has fired already."""
    outcome: list[Any] = []
    keep: Callable[[Any], None] = outcome.append
    deferred.addBoth(keep)
    if isinstance(outcome[0], Failure):
        outcome[0].raiseException()
    return outcome[0]
