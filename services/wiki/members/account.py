"""The paths of the account page: the name, the password, app passwords, SSH keys, mail, sessions."""

from __future__ import annotations

from services.wiki.members import (
    app_passwords,
    confirm_forward,
    mail_delivery,
    name_and_password,
    own_forwards,
    own_sessions,
    own_ssh_keys,
)
from services.wiki.members.account_page import PATH, account_page
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import visitor_of

_SAID = {
    "name": "The name is saved.",
    "password": "The password is changed. Other sessions are signed out.",
    "revoked": "The app password is revoked.",
    "key": "The SSH key is added.",
    "key-deleted": "The SSH key is deleted.",
    "ended": "The session has ended.",
    "forward": "The address is asked by mail. Nothing is sent on before it confirms.",
    "forward-deleted": "Your mail is not sent on to that address any more.",
    "copy-on": "What is sent on is kept here, too.",
    "copy-off": "What is sent on is not kept here.",
}


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/account` and what its forms do."""
    route(app, parts, PATH, show_account)
    route(app, parts, mail_delivery.PATH, mail_delivery.show_delivery)
    for name, act in (
        ("name", name_and_password.change_name),
        ("password", name_and_password.change_password),
        ("app-password", app_passwords.make_app_password),
        ("app-password/revoke", app_passwords.revoke_app_password),
        ("ssh-key", own_ssh_keys.add_key),
        ("ssh-key/delete", own_ssh_keys.delete_key),
        ("forward", own_forwards.add_forward),
        ("forward/delete", own_forwards.delete_forward),
        ("forward/copy", own_forwards.change_copy),
        ("mail", mail_delivery.change_delivery),
        ("session/end", own_sessions.end_one_session),
    ):
        route(app, parts, f"{PATH}/{name}", act, "POST")
    confirm_forward.add_routes(app, parts)


async def show_account(parts: WikiParts, request: WebRequest) -> Answer:
    """The page. Raises SignInNeeded, StoreUnavailable."""
    visitor = await visitor_of(parts, request)
    return await account_page(parts, visitor, said=_SAID.get(request.query.get("done", ""), ""))
