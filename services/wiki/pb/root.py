"""The root object of a connection: what strangers may call, and the two ways to sign in.

One root serves both `getRootObject`, whose callers are nobody, and `login`, which gives a perspective.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.wiki.calls.caller import Caller
from services.wiki.calls.method import Method
from services.wiki.calls.parts import CallParts
from services.wiki.calls.plain_methods import DELETING, READING, WRITING
from services.wiki.pb.connection import PbConnection
from services.wiki.pb.exposed import Call, Exposed, RefusedCall
from services.wiki.pb.failure import Error, UnauthorizedLogin
from services.wiki.pb.methods import exposed_methods
from services.wiki.pb.post import POST
from services.wiki.pb.sessions import PbSessions
from services.wiki.pb.sign_in import challenger
from services.wiki.pb.watches import PageWatches
from shared.accounts.account import Account, Role

DOOR = "pb"
SIGN_IN = "sign in: members write here (PBClientFactory.login, with an app password made with --protocol pb)"


class RootObjects:
    """Makes the root object of each connection of a door."""

    def __init__(self, parts: CallParts, sessions: PbSessions, door: str) -> None:
        self._parts = parts
        self._sessions = sessions
        self._door = door

    def root_of(self, connection: PbConnection) -> Exposed:
        """The root object."""
        stranger = Caller(self._parts, None, connection.host, DOOR)
        watches = PageWatches(self._parts, connection)
        methods = self._reading(stranger, watches)
        if self._parts.policy.writing == "everyone":
            methods.update(_of(WRITING, stranger))
        else:
            methods.update(dict.fromkeys(WRITING, _sign_in))

        async def enter(account: Account) -> Exposed:
            if not self._sessions.admit(account, connection):
                raise RefusedCall(UnauthorizedLogin, "the account has as many connections as it may")
            connection.when_lost.append(lambda: self._sessions.leave(account, connection))
            connection.account = account.name
            return self._perspective(account, connection, watches)

        async def login_anonymous(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> Exposed:
            return Exposed(self._reading(stranger, watches))

        methods["login"] = challenger(self._parts.sign_in, connection.host, self._door, enter)
        methods["loginAnonymous"] = login_anonymous
        return Exposed(methods)

    def _perspective(self, account: Account, connection: PbConnection, watches: PageWatches) -> Exposed:
        caller = Caller(self._parts, account, connection.host, DOOR)
        methods = self._reading(caller, watches)
        if account.role is not Role.GUEST:
            methods.update(_of(WRITING, caller))
            methods.update(_of(POST, caller))
        if account.role is Role.ADMIN:
            methods.update(_of(DELETING, caller))
        return Exposed(methods)

    def _reading(self, caller: Caller, watches: PageWatches) -> dict[str, Call]:
        methods = _of(READING, caller)
        reporter = Exposed({"listNeededPages": methods["listNeededPages"]})

        async def get_reporter(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> Exposed:
            return reporter

        return {
            **methods,
            "getReporter": get_reporter,
            "watch": watches.method(caller, begin=True),
            "unwatch": watches.method(caller, begin=False),
        }


def _of(table: Mapping[str, Method], caller: Caller) -> dict[str, Call]:
    return exposed_methods(table, lambda: caller)


async def _sign_in(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> Any:
    raise RefusedCall(Error, SIGN_IN)
