"""Signing in by Perspective Broker: a challenge that is answered with MD5, or as nobody (`twisted.spread.pb`)."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from services.wiki.pb.exposed import Exposed, RefusedCall
from services.wiki.pb.failure import Error, UnauthorizedLogin
from shared.accounts.account import Account
from shared.accounts.errors import LockedOut, SignInFailed
from shared.accounts.sign_in import SignIn

CHALLENGE_OCTETS = 16
LONGEST_NAME = 320  # characters; what signing in takes, and one more
APP_PASSWORD_WANTED = (
    "not signed in: Perspective Broker takes an app password made for it (--protocol pb), never the account's password"
)
Enter = Callable[[Account], Awaitable[Exposed]]


def challenger(sign_in: SignIn, host: str, door: str, enter: Enter) -> Callable[..., Awaitable[Any]]:
    """The method `login` of a root object: a challenge, and an object that takes the response."""

    async def login(arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        name = _text(arguments[0]) if len(arguments) == 1 and not named else None
        if name is None:
            raise RefusedCall(Error, "login takes a name")
        challenge = secrets.token_bytes(CHALLENGE_OCTETS)
        answered = False

        async def respond(arguments: Sequence[Any], named: Mapping[str, Any]) -> Exposed:
            nonlocal answered
            if answered or len(arguments) not in (1, 2) or named or not isinstance(arguments[0], bytes):
                raise RefusedCall(UnauthorizedLogin, "each challenge takes one response")
            answered = True
            try:
                account = await sign_in.with_pb_response(name, challenge, arguments[0], host, door)
            except LockedOut as locked:
                seconds = max(1, round(locked.retry_after.total_seconds()))
                raise RefusedCall(UnauthorizedLogin, f"too many failures; try again in {seconds} s") from None
            except SignInFailed:
                raise RefusedCall(UnauthorizedLogin, APP_PASSWORD_WANTED) from None
            return await enter(account)

        return challenge, Exposed({"respond": respond})

    return login


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value if isinstance(value, str) and len(value) <= LONGEST_NAME else None
