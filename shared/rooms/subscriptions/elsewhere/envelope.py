"""The envelope of what a subscriber elsewhere is sent: a sender that bounces name it by, and a way out of its own."""

from __future__ import annotations

from shared.outbound.departure import RemoteRecipient
from shared.rooms.subscriptions.elsewhere.claim import RemoteSubscriber
from shared.rooms.subscriptions.list_names import ListNames

UNSUBSCRIBE_PATH = "/unsubscribe"


def addressed(subscriber: RemoteSubscriber, names: ListNames) -> RemoteRecipient:
    """RFC 8058 §3.1: List-Unsubscribe-Post stands with an https address, and a signature covers both fields.

    Delays are reported to nobody: only what is given up counts as a bounce.
    """
    token, domain = subscriber.token, names.mail_domain
    by_mail = f"<mailto:unsubscribe+{token}@{domain}>"
    if names.web_url.startswith("https://"):
        fields = (
            f"List-Unsubscribe: <{names.web_url}{UNSUBSCRIBE_PATH}/{token}>,\r\n\t{by_mail}\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        )
    else:
        fields = f"List-Unsubscribe: {by_mail}\r\n"
    return RemoteRecipient(
        subscriber.address, subscriber.domain, notify="FAILURE", sender=f"bounce+{token}@{domain}", fields=fields
    )
