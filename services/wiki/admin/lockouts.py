"""Lock-outs: accounts and networks with too many wrong passwords, and letting them try again."""

from __future__ import annotations

from collections.abc import Sequence

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.accounts.redis_tallies import RedisTallies
from shared.accounts.tallies import Tallies, TalliesAway
from shared.administration.lockouts import Lockout, list_lockouts, unlock

PATH = "/admin/lockouts"
MOST_SHOWN = 1_000  # all others are on the command line


async def show_lockouts(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    found: Sequence[Lockout] = ()
    is_away = False
    try:
        tallies = _tallies(parts)
        found = await list_lockouts(tallies, parts.database.clock)
    except TalliesAway:
        is_away = True
    ended = request.query.get("ended", "")
    return render(
        parts, visitor, "admin/lockouts.html", status=503 if is_away else 200, lines=found[:MOST_SHOWN],
        total=len(found), is_away=is_away, ended=ended if ended.isdecimal() and len(ended) < 7 else "", then_path=PATH,
    )  # fmt: skip


async def end_lockouts(parts: WikiParts, request: WebRequest) -> Answer:
    """Forget the failures of `account`, of `network`, or of both together; with neither, of all.

    Raises CrossSite, SignInNeeded, AdminsAlone, NotASignInName.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    account, network = form.get("account") or None, form.get("network") or None
    command = " ".join(("user unlock", *filter(None, (account, network and f"--address {network}"))))
    await administer(parts, visitor, command, lambda _tx: None)
    try:
        ended = await unlock(_tallies(parts), account, network)
    except TalliesAway:
        return see_other(PATH)
    return see_other(f"{PATH}?ended={ended}")


def _tallies(parts: WikiParts) -> Tallies:
    """Raises TalliesAway where this process has no Redis."""
    if parts.bus.redis is None:
        raise TalliesAway
    return RedisTallies(parts.bus.redis, parts.database.clock)
