"""Senders and networks that the operator has allowed (`agora sender allow`): the checks of their mail may fail.

Which rule counts when: docs/decisions/0054.
"""

from __future__ import annotations

from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction
from shared.mail.address import domain_name
from shared.mail.errors import BadAddress
from shared.senders.rule_name import is_network, names_domain
from shared.trust.verdict import PERMERROR


def is_allowed(session: SmtpSession, transaction: MailTransaction) -> bool:
    """Whether a rule outweighs what the checks of the message, which are done, say of it.

    A network's rule always does. A name's does where MAIL FROM is proved, and From, which is not, is in another domain
    than those that the rule names: else anybody could write the allowed address.
    """
    sender, trust = transaction.sender, transaction.trust
    rules = session.parts.senders.rules.allowing(sender, session.peer.host)
    if any(map(is_network, rules)):
        return True
    if not rules or trust.dmarc.result == PERMERROR:
        return False
    try:
        domain = domain_name(sender.domain)
    except BadAddress:
        return False
    return trust.proves_envelope(domain) and not any(names_domain(each, trust.domain) for each in rules)
