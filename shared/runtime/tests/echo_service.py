"""A service of a few lines, for tests: greets with its process and user, then echoes; some lines make it misbehave."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from os import getpid, getuid
from typing import Any

from pydantic import Field
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.logger import Logger

from shared.conversation.admitting_factory import AdmittingFactory
from shared.conversation.limits import Limits
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.runtime.service import run_service
from shared.runtime.setting_kinds import Endpoints
from shared.runtime.settings import ServiceSettings

LOOPBACK: tuple[str, ...] = ("tcp:0:interface=127.0.0.1",)


class EchoSettings(ServiceSettings):
    echo_endpoints: Endpoints = Field(default=LOOPBACK, description="Where echoes are made.")
    tls_endpoints: Endpoints = Field(default=LOOPBACK, description="The same over TLS.")
    fails: bool = Field(default=False, description="Whether the doors cannot be opened.")


def hang(seconds: float) -> None:
    """In steps: Python looks at a signal between them, and one that comes just before a sleep does not end it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.05)


class Echo(Protocol):
    _log = Logger()
    factory: EchoFactory

    def connectionMade(self) -> None:
        self.factory.open.add(self)
        self._write(b"pid %d uid %d\n" % (getpid(), getuid()))

    def dataReceived(self, data: bytes) -> None:
        if data == b"block the reactor\n":
            hang(60.0)
        elif data == b"log\n":
            self._log.info("said {word}", word="hello")
        elif data == b"never finish\n":
            self.factory.unfinished = Deferred()
        self._write(data)

    def connectionLost(self, reason: object = None) -> None:
        self.factory.open.discard(self)

    def _write(self, data: bytes) -> None:
        transport: Any = self.transport
        transport.write(data)


class EchoFactory(Factory[Echo]):
    protocol = Echo

    def __init__(self) -> None:
        self.open: set[Echo] = set()
        self.unfinished: Deferred[None] | None = None

    async def shut_down(self, grace: timedelta) -> None:
        """Say good-bye to all."""
        for each in list(self.open):
            each._write(b"bye\n")
        if self.unfinished is not None:
            await self.unfinished


async def open_doors(parts: Parts[EchoSettings]) -> Sequence[Door]:
    if parts.settings.fails:
        raise RuntimeError("as the setting says")
    factory = EchoFactory()
    over_tls = AdmittingFactory(
        factory,
        name="tls",
        clock=parts.reactor,
        limits=Limits(),
        tls_options=parts.certificates.context_factory,
    )
    return [
        Door("echo", parts.settings.echo_endpoints, factory),
        Door("tls", parts.settings.tls_endpoints, over_tls),
    ]


if __name__ == "__main__":
    run_service("echo", EchoSettings, open_doors)
