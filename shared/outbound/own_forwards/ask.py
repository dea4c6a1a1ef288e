"""Asking an address elsewhere whether an account's mail may be sent on to it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from shared.accounts.account import Account, Role
from shared.database.transaction import Transaction
from shared.folders.message import NewMessage
from shared.mail.errors import BadAddress, ForwardExists, TargetIsLocal
from shared.mail.forwards import is_local, read_target
from shared.messages.render import render
from shared.outbound.own_forwards.errors import GuestHasNoMail, TooManyOwnForwards
from shared.outbound.own_forwards.letters import ForwardChange, question
from shared.outbound.own_forwards.own_forward import MOST_FORWARDS, OwnForward, lock_forwards, own_forwarding
from shared.outbound.own_forwards.tell import tell_owner
from shared.outbound.questions import count_question, lock_questions
from shared.outbound.queue_own import queue_own

TOKEN_OCTETS = 16
ASKED_AGAIN_AFTER = timedelta(hours=1)
_ASK = """
    INSERT INTO own_forward (account_id, target, target_domain, token)
    VALUES (%(account)s, %(target)s, %(domain)s, %(token)s)
    ON CONFLICT (account_id, lower(target)) DO UPDATE SET token = excluded.token, asked_at = now()
        WHERE own_forward.asked_at < now() - %(again)s
    RETURNING token
"""


def ask_own_forward(tx: Transaction, account: Account, target: str, change: ForwardChange) -> OwnForward:
    """Ask `target`, and tell the account's owner. Until it confirms, nothing is sent on to it.

    Who asks again within an hour has the same question still waiting: no second one is sent. Announces QueueChanged,
    FolderChanged. Raises BadAddress, GuestHasNoMail, TargetIsLocal where mail for the target's domain is kept here,
    ForwardExists where it has confirmed already, TooManyOwnForwards, TooManyQuestions, and QuotaExceeded where the
    mailbox is too full for the news.
    """
    if account.role is Role.GUEST:
        raise GuestHasNoMail(account.name)
    written, address = read_target(target)
    if address.domain.startswith("["):
        raise BadAddress("the domain is a network address")
    if is_local(tx, address.domain):
        raise TargetIsLocal(target)
    lock_questions(tx)
    lock_forwards(tx, account.id)
    before = own_forwarding(tx, account.id)
    there = next((each for each in before.forwards if each.target.lower() == written.lower()), None)
    if there is not None and there.confirmed_at is not None:
        raise ForwardExists
    if there is None and len(before.forwards) >= MOST_FORWARDS:
        raise TooManyOwnForwards(MOST_FORWARDS)
    wanted = {"account": account.id, "target": written, "domain": address.domain, "again": ASKED_AGAIN_AFTER}
    token = tx.value(_ASK, {**wanted, "token": secrets.token_hex(TOKEN_OCTETS)})
    if token is not None:
        count_question(tx, written, f"account {account.id}")
        mail = question(account.name, written, token, change)
        queue_own(tx, NewMessage(mail, change.now, render(mail)), written, address.domain)
        sentence = f"{written} is asked whether your mail may be sent on to it. Nothing is sent before it confirms."
        not_told = tell_owner(tx, account, before, sentence, change)
        if not_told is not None:
            raise not_told
    after = own_forwarding(tx, account.id)
    return next(each for each in after.forwards if each.target.lower() == written.lower())
