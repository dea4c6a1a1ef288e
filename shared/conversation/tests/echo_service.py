"""The smallest service of a line protocol: ECHO, at two doors. docs/development.md walks through a real one."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from shared.conversation.ending import Ending
from shared.conversation.errors import LineTooLong
from shared.conversation.limits import Limits
from shared.conversation.verbs import VerbConversation
from shared.errors import DomainError
from shared.runtime.doors import Door
from shared.runtime.parts import Parts
from shared.runtime.service import run_service
from shared.runtime.setting_kinds import Endpoints
from shared.runtime.settings import ServiceSettings

ENDINGS = {Ending.SHUTDOWN: b"- going down\r\n", Ending.TOO_MANY: b"- too many connections\r\n"}
REPLIES: Mapping[type[DomainError], bytes] = {LineTooLong: b"- line too long\r\n"}


class EchoSettings(ServiceSettings):
    echo_endpoints: Endpoints = Field(default=(), description="Where echoes are made.")
    echos_endpoints: Endpoints = Field(default=(), description="The same with TLS from the first octet.")
    echo_connections: int = Field(default=100, ge=1, description="How many clients each door serves at once.")
    echo_connections_per_address: int = Field(default=10, ge=1, description="How many of them from one address.")


class EchoSession(VerbConversation):
    endings, error_replies, too_many_errors = ENDINGS, REPLIES, b"- too many errors\r\n"
    unexpected, unknown_verb = b"- internal error\r\n", b"- unknown\r\n"

    def welcome(self) -> bytes:
        return b"+ hello %b\r\n" % self.peer.host.encode()


async def echo(session: EchoSession, argument: bytes) -> None:
    session.write(b"+ %b\r\n" % argument)


def open_doors(parts: Parts[EchoSettings]) -> Sequence[Door]:
    def door(name: str, *, tls: bool) -> Door:
        def make() -> EchoSession:
            return EchoSession({b"ECHO": echo}, most_errors=3)

        return parts.door(name, make, Limits(line_octets=100), of="echo", tls=tls)

    return [door("echo", tls=False), door("echos", tls=True)]


if __name__ == "__main__":
    run_service("echo", EchoSettings, open_doors)
