"""`python -m shared.outbound.tests.runner_process NUMBER DATABASE REDIS PORT`: a runner in a process of its own."""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

from twisted.internet import reactor as installed

from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.connect import ServerConnector
from shared.outbound.mail_names import MailNames
from shared.outbound.report_text import ReportNames
from shared.outbound.retry import RetryTimes
from shared.outbound.routes import Routes
from shared.outbound.runner import Runner
from shared.outbound.settings import OutboundSettings
from shared.outbound.settle import Settling

CONNECTIONS = 4  # so that one process does not claim all


def main() -> None:
    """Until it is killed."""
    number, database_url, redis_url, port = sys.argv[1:]
    reactor: Any = installed
    settings = OutboundSettings(hostname="mail.example.org", outbound_smart_host=f"127.0.0.1:{port}")
    names = MailNames(reactor)
    Runner(
        Database(reactor, database_url, name=f"runner {number}"),
        Bus(reactor, redis_url),
        Routes(settings, names),
        ServerConnector(reactor, settings.hostname, names),
        Settling(UUID(int=int(number)), ReportNames("mail.example.org", "example.org"), RetryTimes()),
        reactor,
        connections=CONNECTIONS,
    )
    reactor.run()


if __name__ == "__main__":
    main()
