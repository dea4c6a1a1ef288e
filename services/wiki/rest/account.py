"""The caller's own account by REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import SignInWanted
from services.wiki.rest.endpoint import Endpoint
from services.wiki.rest.result import RestAsked, Result


class OwnAccount(NamedTuple):
    """An account, as itself sees it; the full name is null while it is not told."""

    name: str
    full_name: str | None
    role: str


async def read(caller: Caller, _asked: RestAsked) -> Result:
    """The account."""
    account = caller.account
    if account is None:
        raise SignInWanted
    return Result(OwnAccount(account.name, getattr(account, "full_name", None), account.role.value))


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/account", "readAccount", "Read your own account.", read, OwnAccount, signed_in=True),
)
