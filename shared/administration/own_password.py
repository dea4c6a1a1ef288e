"""A member's own password: changed by giving the current one."""

from __future__ import annotations

from shared.accounts import set_password
from shared.accounts.errors import BadCredentials
from shared.accounts.names import parse_sign_in_name
from shared.accounts.read_credentials import Known, read_credentials
from shared.accounts.verifiers import Verifiers, password_fits, prepare_typed_password
from shared.database.transaction import Transaction

_LOCK = """
    SELECT password_hash FROM credential JOIN account ON account.id = account_id
    WHERE account_id = %s AND kind = 'password' AND enabled FOR UPDATE OF credential
"""


def credentials_of(tx: Transaction, name: str) -> Known | None:
    """The account that signs in as `name`, with what proves it; None if there is none."""
    meant = parse_sign_in_name(name)
    return None if meant is None else read_credentials(tx, meant)


def is_password_of(known: Known, typed: str) -> bool:
    """Whether the enabled account has this password, as it was typed. Takes 0.2 s of a processor, usually."""
    prepared = prepare_typed_password(typed)
    if known.password is None or prepared is None or not known.account.enabled:
        return False
    return password_fits(known.password.password_hash, prepared)


def change(tx: Transaction, known: Known, verifiers: Verifiers) -> None:
    """App passwords stay. `known` is what the current password was checked against.

    Raises BadCredentials where that holds no more: typing the new password takes as long as the member likes, and if an
    operator resets a stolen password meanwhile, the thief must not set another.
    """
    checked = known.password
    if checked is None or tx.value(_LOCK, (known.account.id,)) != checked.password_hash:
        raise BadCredentials
    set_password.set_password(tx, known.account.id, verifiers)
