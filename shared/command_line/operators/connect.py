"""`agora connect`: a connection by hand, line by line, and whether ports are open."""

from __future__ import annotations

import re
from typing import Any

import click

from shared.command_line.in_reactor import in_reactor
from shared.command_line.operators.connect_client.endpoint import FAILURES, Encryption, open_endpoint, reason
from shared.command_line.operators.connect_client.port_test import print_ports
from shared.command_line.operators.connect_client.relay import Relay
from shared.command_line.terminal.output import fail
from shared.doors import HIGHEST_PORT

_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


class PortsType(click.ParamType[Any]):
    """`25`, or a range: `1-200`."""

    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> range:
        if isinstance(value, range):
            return value
        match = _PORTS.fullmatch(str(value))
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= HIGHEST_PORT:
            self.fail(f"{value!r} is no port: write 25, or with --test a range such as 1-200", param, context)
        return range(first, last + 1)


@click.command()
@click.argument("host")
@click.argument("ports", metavar="PORT", type=PortsType())
@click.option("--raw", is_flag=True, help="Send octets as they come; otherwise every line ends with CRLF.")
@click.option("--tls", is_flag=True, help="Encrypted from the first octet; the certificate is checked.")
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="The authority's certificate, for --tls.")
@click.option("--insecure", is_flag=True, help="Do not check the certificate.")
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0, 3600),
    default=5,
    show_default=True,
    metavar="SECONDS",
    help="How long the server may be silent after the end of the standard input.",
)
@click.option("--test", "only_test", is_flag=True, help="Connect and say whether that works; PORT may be a range.")
def command(
    host: str,
    ports: range,
    raw: bool,
    tls: bool,
    ca: str | None,
    insecure: bool,
    wait_seconds: float,
    only_test: bool,
) -> None:
    """Connect to PORT of HOST: what is typed goes there line by line, what comes is shown.

    It ends when the server closes the connection, with Ctrl-C, and some seconds after the end of the standard input.

    Exit status: 0, or 1 when the connection fails; with --test, 1 when no port of the range is open.
    """
    encryption = Encryption(tls or insecure or ca is not None, ca, insecure)
    if only_test:
        raise SystemExit(0 if in_reactor(lambda reactor: print_ports(reactor, host, ports, encryption)) else 1)
    if len(ports) > 1:
        raise click.UsageError("A range of ports is for --test.")

    async def converse(reactor: Any) -> None:
        relay = Relay(reactor, host, raw=raw, wait_seconds=wait_seconds)
        await open_endpoint(reactor, host, ports[0], encryption, relay)
        await relay.ended

    try:
        in_reactor(converse)
    except FAILURES as error:
        fail(f"{host}:{ports[0]}: {reason(error)}")
